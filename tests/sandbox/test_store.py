"""The file: whose it is, who may read it, what stands in it, and many processes at once."""

import json
import multiprocessing
import sqlite3
import stat
from pathlib import Path

import pytest

from reconciler.sandbox import control, seeds, store
from reconciler.sandbox.database import pack, unpack
from reconciler.sandbox.errors import SandboxError
from reconciler.sandbox.store import LogLine, Store
from tests.support.sandbox import World

CANARY = "canary-7f3a91c2e8"


def test_a_new_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    """Its folder is made, and nobody else can read any of its files."""
    path = tmp_path / "deep" / "er" / "sandbox.db"
    with Store(path) as made:
        made.set_quirk("restart_seconds", 1)
        files = sorted(path.parent.iterdir())
        assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600] * len(files)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_was_done_is_there_in_the_next_process(tmp_path: Path) -> None:
    """Agents, switches, restarts and the log outlive the program."""
    path = tmp_path / "sandbox.db"
    world = World(path).set(restart_seconds=60)
    world.update(description="kept")
    world.store.close()
    again = World(path)
    assert again.runtime()["description"] == "kept"
    assert again.runtime()["status"] == "UPDATING"
    assert again.later(60).runtime()["status"] == "READY"
    assert (again.restarts(), len([1 for line in again.log() if line.method == "PUT"])) == (1, 1)
    again.store.close()


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"\x00" * 5000])
def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, content: bytes) -> None:
    """The answer is one clear error, and the file is as it was."""
    path = tmp_path / "sandbox.db"
    path.write_bytes(content)
    with pytest.raises(SandboxError, match="is not a sandbox file"):
        Store(path)
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    """Nothing is written into somebody else's tables."""
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(SandboxError, match="belongs to another program"):
        Store(path)


def test_a_file_of_another_version_is_left_alone(tmp_path: Path) -> None:
    """A newer or older schema is named, not guessed at."""
    path = tmp_path / "sandbox.db"
    Store(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(SandboxError, match="schema 99"):
        Store(path)


def test_a_damaged_file_is_one_clear_error(tmp_path: Path) -> None:
    """Pages that are no longer what they were, or documents that cannot be unpacked."""
    path = tmp_path / "sandbox.db"
    Store(path).close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + bytes(len(whole) - 4096))
    with (
        pytest.raises(SandboxError, match=r"is not a sandbox file|cannot be used"),
        Store(path) as bad,
    ):
        bad.log_lines()
    path.write_bytes(whole)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE agents SET document = x'00'")
    connection.close()
    with Store(path) as bad, pytest.raises(SandboxError, match="damaged"):
        control.restart_counts(bad)


def test_a_place_where_no_file_can_be(tmp_path: Path) -> None:
    """A folder, or a folder below a file, is refused with one error."""
    (tmp_path / "file").write_text("x")
    for path in (tmp_path, tmp_path / "file" / "sandbox.db"):
        with pytest.raises(SandboxError, match="cannot be opened"):
            Store(path)


def test_live_secrets_are_not_plain_text_in_the_file(tmp_path: Path) -> None:
    """Neither documents, late effects nor the log can be searched for a secret."""
    path = tmp_path / "sandbox.db"
    world = World(path)
    world.update(environmentVariables={"KEY": CANARY, "字" * 200: "文" * 300})
    world.tokened("PUT", body=world.properties(api_key=CANARY))
    world.set(hidden_error_writes_next=1, write_effect="late")
    world.update(environmentVariables={"KEY": f"{CANARY}x"})
    control.set_value(world.store, seeds.RUNTIME_NAME, "/executionRoleArn", CANARY, world.now)
    shown = "\n".join(f"{line.target} {line.body}" for line in world.log())
    assert CANARY not in shown
    for file in tmp_path.iterdir():
        assert CANARY.encode() not in file.read_bytes(), file.name
    world.store.close()
    assert CANARY.encode() not in path.read_bytes()


@pytest.mark.parametrize("size", [10, 1_000, 200_000])
def test_packed_documents_never_hold_stored_bytes(size: int) -> None:
    """Even what cannot be compressed does not stand in the file as it is."""
    noise = "".join(chr(33 + (i * i * 7919 + i * 104729) % 90) for i in range(size))
    packed = pack({"secret": CANARY, "noise": noise})
    assert CANARY.encode() not in packed
    assert unpack(packed) == {"secret": CANARY, "noise": noise}


def test_tokens_are_kept_as_digests(tmp_path: Path) -> None:
    """A copy of the file lets nobody in."""
    path = tmp_path / "sandbox.db"
    world = World(path)
    token = world.token()
    world.store.close()
    assert token.encode() not in path.read_bytes()


def test_the_log_keeps_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is bounded, the oldest requests go first."""
    monkeypatch.setattr(store, "LOG_ROWS", 1_500)
    with Store(None) as full:
        for number in range(3_000):
            full.log(LogLine(number, "", "", "", "GET", "/", 200, "", ""))
        assert [line.at for line in full.log_lines()] == list(range(1_500, 3_000))


def test_reset_forgets_everything() -> None:
    """Agents, switches, tokens and the log; the seeds are back."""
    world = World().set(restart_seconds=9)
    world.update(description="x")
    token = world.token()
    control.add_workspace(world.store, "staging")
    control.reset(world.store)
    assert world.log() == []
    assert world.runtime()["description"] == seeds.RUNTIME["description"]
    assert world.tokened("GET", token=token).status_code == 401
    assert world.store.quirks().restart_seconds == 2
    control.reset(world.store, seeded=False)
    assert world.items() == []


def test_an_exception_inside_a_transaction_undoes_it() -> None:
    """A request that fails half way leaves nothing behind."""
    with Store(None) as fresh:
        with pytest.raises(ZeroDivisionError), fresh.transaction():
            fresh.set_quirk("restart_seconds", 9)
            raise ZeroDivisionError
        assert fresh.quirks().restart_seconds == 2


def test_agents_that_are_long_gone_are_forgotten() -> None:
    """A sandbox that creates and deletes for ever does not grow for ever."""
    world = World()
    world.signed("DELETE", f"/2025-09-10/agents/runtimes/{seeds.RUNTIME_ID}")
    assert seeds.RUNTIME_NAME in control.restart_counts(world.store)
    made = control.add_runtime(world.store, seeds.RUNTIME, world.now)
    world.later(4_000).signed("DELETE", f"/2025-09-10/agents/runtimes/{made}")
    assert world.store.agent("agentrun", seeds.RUNTIME_ID) is None


def _many_updates(path: str, count: int) -> None:
    world = World(Path(path))
    for _ in range(count):
        reply = world.update()
        assert reply.status_code == 200, reply.text
    world.store.close()


def test_several_processes_use_one_file_at_once(tmp_path: Path) -> None:
    """No update is lost, not even when all of them make the file together."""
    path = tmp_path / "sandbox.db"
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_many_updates, args=(str(path), 25)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    world = World(path)
    assert (world.restarts(), len(world.log())) == (75, 75)
    world.store.close()


def test_old_images_are_forgotten() -> None:
    """An agent that is updated for years does not carry its whole past along."""
    world = World()
    for _ in range(20):
        world.later(400).update()
    agent = world.store.agent("agentrun", seeds.RUNTIME_ID)
    assert agent is not None
    assert len(agent.images) <= 3
    assert json.dumps(agent.now.body)
