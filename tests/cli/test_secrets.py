"""Secrets of commands and of sops through the whole program: who runs them, what shows, what ends."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.loader.test_secret_commands import SOPS, program
from tests.support.cli import MANIFESTS, Ran, run_cli, write_manifests

ROOT = Path(__file__).parents[2]
CANARY = "hunter2canaryQ7x"
ALLOWED = {"RECONCILE_ALLOW_EXEC": "1"}


def _write(folder: Path, *references: str) -> None:
    """The usual two agents, the first of them with these references in its environment."""
    members = "".join(f", K{n}: {{secret: {text!r}}}" for n, text in enumerate(references))
    text = MANIFESTS.replace(', API_KEY: {secret: "env:SUPPORT_API_KEY"}', members)
    write_manifests(folder, text)


def _run(verb: str, *options: str, environ: Mapping[str, str] = ALLOWED) -> Ran:
    return run_cli(verb, "manifests", "--target", "sandbox", *options, environ=environ)


def _texts_below(folder: Path) -> bytes:
    """All that a run left on the disk, names included."""
    return b"".join(
        str(path).encode() + (path.read_bytes() if path.is_file() else b"")
        for path in sorted(folder.rglob("*"))
    )


def _writes() -> list[str]:
    log = run_cli("sandbox", "log").out.splitlines()
    return [line for line in log if " PUT " in line]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_command_gives_its_secret_to_the_cloud_and_to_nobody_else(tmp_path: Path) -> None:
    """The agent gets the value, a second run finds it in place, and no output has any of it."""
    _write(tmp_path, "exec:./give argument-of-the-command")
    program(
        tmp_path / "manifests", "give", f"print({CANARY!r}); print({CANARY!r}, file=sys.stderr)"
    )
    first = _run("apply", "--yes", "-v", "-o", "json=first.json")
    writes = _writes()
    again = _run("apply", "--yes", "-v", "-o", "text=again.txt", "-o", "json")
    assert _writes() == writes
    plan = _run("plan", "-v", "--show-live-values", "-o", "json")
    assert (first.code, again.code, plan.code) == (0, 0, 0)
    assert len(writes) == 2
    shown = first.out + first.err + again.out + again.err + plan.out + plan.err
    (tmp_path / "manifests" / "give").unlink()
    (tmp_path / ".reconcile" / "sandbox.db").unlink()
    for text in (CANARY, "argument-of-the-command"):
        assert text not in shown
        left = _texts_below(tmp_path).replace(
            (tmp_path / "manifests" / "agents.yaml").read_bytes(), b""
        )
        assert text.encode() not in left


def test_apply_without_leave_stops_before_its_first_write(tmp_path: Path) -> None:
    """Every reference is told with its place and the variable to set; no agent is touched."""
    _write(tmp_path, "exec:touch ran", "exec:touch ran too")
    ran = _run("apply", "--yes", environ={})
    assert ran.code == 1
    assert ran.err.count("error[exec-not-allowed]") == 2
    assert "manifests/agents.yaml:9:47" in ran.err
    assert "export RECONCILE_ALLOW_EXEC=1" in ran.err
    assert not (tmp_path / "manifests" / "ran").exists()
    assert _writes() == []


def test_a_plan_without_leave_says_what_cannot_be_compared(tmp_path: Path) -> None:
    """It goes on with all the rest, runs nothing, and shows the program alone."""
    _write(tmp_path, "exec:touch ran", "sops:gone.yaml#/a")
    ran = _run("plan", "-v", environ={"PATH": os.environ["PATH"]})
    assert ran.code == 0
    assert "exec:touch …" in ran.out
    assert "touch ran" not in ran.out + ran.err
    assert not (tmp_path / "manifests" / "ran").exists()


def test_every_secret_that_cannot_be_had_is_told_at_once(tmp_path: Path) -> None:
    """Failures of all schemes in one run, before the first write."""
    _write(tmp_path, "exec:./gone", "env:GONE", "file:gone", "sops:gone#/a")
    ran = _run("apply", "--yes")
    assert ran.code == 1
    assert ran.err.count("error[secret-unresolved]") == 4
    assert _writes() == []


def test_sops_gives_its_secret_without_leave(tmp_path: Path) -> None:
    """A decrypted value reaches the agent and shows nowhere; the encrypted file is no manifest."""
    _write(tmp_path, "sops:s.json#/db/password")
    document = {"db": {"password": CANARY}, "sops": {"mac": "x", "version": "3.11.0"}}
    (tmp_path / "manifests" / "s.json").write_text(json.dumps(document))
    (tmp_path / "bin").mkdir()
    program(tmp_path / "bin", "sops", SOPS)
    environ = {"PATH": str(tmp_path / "bin"), "LOG": str(tmp_path / "bin" / "log")}
    ran = _run("apply", "--yes", "-v", environ=environ)
    assert ran.code == 0
    assert len(_writes()) == 2
    assert CANARY not in ran.out + ran.err


@pytest.mark.parametrize("verb", ["validate", "render", "fmt"])
def test_what_asks_no_cloud_resolves_nothing(tmp_path: Path, verb: str) -> None:
    """Neither a pipe that nobody writes to, nor a command, nor sops is touched, even with leave."""
    _write(tmp_path, "exec:touch ran", "file:pipe", "sops:pipe#/a", "env:GONE")
    os.mkfifo(tmp_path / "manifests" / "pipe")
    options = [] if verb == "fmt" else ["--target", "sandbox"]
    ran = run_cli(verb, "manifests", *options, environ=ALLOWED)
    assert ran.code == 0
    assert not (tmp_path / "manifests" / "ran").exists()


HANGING = """
pipe = os.open('pipe', os.O_WRONLY)
os.write(pipe, b'started')
time.sleep(60)
os.write(pipe, b'awake')
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("verb", ["plan", "apply"])
def test_an_interruption_leaves_no_command_running(
    tmp_path: Path, verb: str, number: signal.Signals
) -> None:
    """While a command is waited for, a signal ends it and the run, with 130."""
    _write(tmp_path, "exec:./give")
    folder = tmp_path / "manifests"
    program(folder, "give", HANGING)
    os.mkfifo(folder / "pipe")
    reader = os.open(folder / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from reconciler.cli import main; sys.exit(main())"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, verb, "manifests", "--target", "sandbox"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **ALLOWED, "PYTHONPATH": str(ROOT)},
    )
    assert select.select([reader], [], [], 60)[0]
    assert os.read(reader, 100) == b"started"
    process.send_signal(number)
    _, err = process.communicate(timeout=20)  # less than the time limit of the command
    assert (process.returncode, err.decode().splitlines()[-1]) == (130, "interrupted")
    os.set_blocking(reader, True)
    assert os.read(reader, 100) == b""  # the command is gone: it never wakes
    os.close(reader)
