"""The lock of an apply, as somebody at a terminal or in a pipeline meets it."""

import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.cli import SECRETS, Ran, run_cli, write_manifests
from tests.support.locking import held_elsewhere

KEYS = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "key",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "secret",
    "HUAWEICLOUD_AUTH_TOKEN": "token",
}
WORKSPACE = "ws-00000000000000aa"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with two agents."""
    monkeypatch.chdir(tmp_path)
    write_manifests(tmp_path)
    return tmp_path


def sandbox_lock(folder: Path) -> str:
    """What the lock of the sandbox's runtime is called."""
    store = (folder / ".reconcile/sandbox.db").resolve()
    return f"{socket.gethostname()}:{store} agentrun 127.0.0.1:80 ws-0123456789abcdef"


def sandbox(*arguments: str, environ: Mapping[str, str] | None = None) -> Ran:
    """One command on the sandbox."""
    return run_cli(*arguments, "--target", "sandbox", environ=environ or SECRETS)


def test_an_apply_waits_for_the_lock_and_then_says_who_holds_it(here: Path) -> None:
    """Another apply holds the lock: nothing is written, a line every ten seconds says who has it,
    and after --lock-timeout the run ends with exit 7 and the way out."""
    with held_elsewhere(here / ".reconcile/locks", sandbox_lock(here)):
        ran = sandbox("apply", "manifests", "--lock-timeout", "25s")
    assert ran.code == 7
    waiting = [line for line in ran.err.splitlines() if line.startswith("waiting for the lock of")]
    assert len(waiting) == 3
    assert "held by bo@far, process 7" in waiting[0]
    assert "run run-2" in ran.err.splitlines()[-1]
    assert "is not free after 25 s" in ran.err
    assert "--lock-timeout" in ran.err
    assert "reconcile unlock" in ran.err
    assert not (here / ".reconcile/runs").exists()
    assert "PUT" not in sandbox("sandbox", "log").out


def test_a_timeout_of_zero_fails_at_once(here: Path) -> None:
    """With `--lock-timeout 0` nobody is waited for, and nothing is said of waiting."""
    with held_elsewhere(here / ".reconcile/locks", sandbox_lock(here)):
        ran = sandbox("apply", "manifests", "--lock-timeout", "0")
    assert ran.code == 7
    assert "waiting" not in ran.err
    assert "is not free: it is held by bo@far" in ran.err


def test_reading_needs_no_lock(here: Path) -> None:
    """A plan is shown while somebody applies."""
    with held_elsewhere(here / ".reconcile/locks", sandbox_lock(here)):
        assert sandbox("plan", "manifests").code == 0


def test_the_lock_is_given_back_and_on_record(here: Path) -> None:
    """After an apply the next one finds the lock free; the record names what was locked."""
    assert sandbox("apply", "manifests").code == 0
    assert sandbox("apply", "manifests", "--lock-timeout", "0").code == 0
    (record, _) = sorted((here / ".reconcile/runs").glob("*.jsonl"))
    assert sandbox_lock(here) in record.read_text()
    assert '"event":"lock-taken","kind":"file"' in record.read_text()


def test_another_target_name_for_the_same_account_is_the_same_lock(here: Path) -> None:
    """Two checkouts that call one account by other names, or spell its endpoint otherwise, keep
    each other out; another workspace is another lock."""
    spelt = {
        "one": f"{{region: cn-hangzhou, workspace: {WORKSPACE}}}",
        "two": f"{{endpoint: 'https://AGENTRUN.cn-hangzhou.aliyuncs.com:443/', workspace: {WORKSPACE}}}",
        "far": "{region: cn-hangzhou, workspace: ws-00000000000000bb}",
    }
    targets = "".join(
        f"  {name}: {{agentrun: {at}, appstage: {{}}}}\n" for name, at in spelt.items()
    )
    write_manifests(here, config=f"defaultTarget: one\ntargets:\n{targets}")
    state = here / "state"
    environ = {**SECRETS, **KEYS, "XDG_STATE_HOME": str(state)}
    held = f"agentrun agentrun.cn-hangzhou.aliyuncs.com:443 {WORKSPACE}"
    with held_elsewhere(state / "reconcile/locks", held):
        for target, code in (("one", 7), ("two", 7), ("far", 0)):
            ran = run_cli("unlock", "manifests", "--target", target, environ=environ)
            assert ran.code == code, ran.err
            assert (f"held: {held}, by bo@far" in ran.out) == (code == 7)


def test_unlock_says_that_a_lock_on_a_file_needs_none(here: Path) -> None:
    """A free lock is free; one that is held ends with its process, with or without --force."""
    free = sandbox("unlock", "manifests")
    assert free.code == 0
    assert "There is nothing to unlock" in free.out
    with held_elsewhere(here / ".reconcile/locks", sandbox_lock(here)):
        for arguments in ((), ("--force",)):
            ran = sandbox("unlock", "manifests", *arguments)
            assert ran.code == 7
            assert "held: " in ran.out
            assert "end the process" in ran.err
    assert sandbox("unlock", "manifests").code == 0


def test_a_run_whose_lock_is_removed_writes_nothing_more(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock's file is removed while the run goes on: its next write does not go out."""
    from reconciler.applier.locks.files import FileLocks

    monkeypatch.setattr(FileLocks, "lost", lambda _self: "its file was removed")
    ran = sandbox("apply", "manifests")
    assert ran.code == 7
    assert "not started: the lock of this run is lost: its file was removed" in ran.out
    assert "PUT" not in sandbox("sandbox", "log").out


@pytest.mark.parametrize("text", ["5", "soon", "-1s", "", "1s2m", "200h"])
def test_a_timeout_has_a_unit(text: str) -> None:
    """What is no duration is told, and nothing is done."""
    ran = sandbox("apply", "manifests", "--lock-timeout", text)
    assert ran.code == 1
    assert "--lock-timeout: " in ran.err


def test_postgresql_without_its_extra_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that asks for PostgreSQL where the extra is not installed says what to install."""
    import sys

    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "reconciler.applier.locks.postgres", raising=False)
    dsn = "postgresql://u:canary-dsn@db/x"
    ran = sandbox("apply", "manifests", environ={**SECRETS, "RECONCILE_LOCK_DSN": dsn})
    assert ran.code == 1
    assert "pip install 'reconcile-agents[postgres]'" in ran.err
    assert "canary-dsn" not in ran.out + ran.err
