"""Runs read back from their records: how they stand, what they did, and what is no record."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reconciler.applier import lines as lines_module
from reconciler.applier import record as record_module
from reconciler.applier.record import FileJournal, history_of, looked_after
from reconciler.applier.runs import address_of, find_run, read_run
from reconciler.model.errors import InputError
from reconciler.model.manifest import Address
from reconciler.model.outcome import Cause, Outcome, Result
from reconciler.model.run import RunState
from tests.support.applying import MemoryJournal

ROOT = Path(__file__).parents[2]
KEY = "example/v1/Runtime/bot"
BOT = Address("example/v1", "Runtime", "bot")
START = {"at": 1.0, "event": "run-started", "formatVersion": "1", "target": "prod"}
INTENT = {"at": 2.0, "event": "write-intended", "key": KEY, "operation": "update", "manifest": "m"}
ENDED = {"at": 9.0, "event": "run-ended", "interrupted": False, "results": {"changed": 1}}


def record(folder: Path, *events: dict[str, Any], run: str = "1", tail: str = "") -> Path:
    """A record of these lines; its process is gone."""
    path = folder / f"{run}.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in (START, *events)) + tail)
    return path


def state(path: Path) -> RunState:
    """How a run stands."""
    run = read_run(path)
    assert run is not None
    return run.state


def test_a_run_that_ended_is_told_from_one_that_was_interrupted_or_killed(tmp_path: Path) -> None:
    """Its last line says how it ended; without one its process is gone."""
    assert state(record(tmp_path, INTENT, ENDED)) is RunState.ENDED
    assert state(record(tmp_path, INTENT, {**ENDED, "interrupted": True})) is RunState.INTERRUPTED
    assert state(record(tmp_path, INTENT)) is RunState.KILLED
    assert state(record(tmp_path, INTENT, tail='{"event":"run-en')) is RunState.KILLED


def test_a_live_run_is_running_until_it_ends(tmp_path: Path) -> None:
    """The process holds a lock on its own record; letting go without an end is what a kill is."""
    journal = FileJournal(tmp_path, target="prod", run="1", now=lambda: 1.0)
    journal.write({"event": "run-planned", "agents": 1})
    assert state(journal.path) is RunState.RUNNING
    journal.close()
    assert state(journal.path) is RunState.KILLED


KILLED = """
import sys, time
from pathlib import Path
from reconciler.applier.record import FileJournal
journal = FileJournal(Path(sys.argv[1]), target="prod", run="1", now=time.time)
journal.write({"event": "write-intended", "key": "example/v1/Runtime/bot"})
print("ready", flush=True)
sys.stdin.read()
"""


def test_a_killed_process_is_known_by_its_lock(tmp_path: Path) -> None:
    """Running while it lives, killed once `kill -9` took it, with its write without an end."""
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        path = tmp_path / "1.jsonl"
        assert state(path) is RunState.RUNNING
        process.send_signal(signal.SIGKILL)
        process.wait()
    found = read_run(path)
    assert found is not None
    assert (found.state, found.unfinished) == (RunState.KILLED, (BOT,))


def test_where_a_folder_takes_no_locks_the_process_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line says so, and then the number of the process on this machine counts."""

    def refused(_descriptor: int, _how: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refused)
    own = {"host": socket.gethostname(), "pid": os.getpid()}
    journal = FileJournal(tmp_path, target="prod", run="1", now=lambda: 1.0, start=own)
    journal.write({"event": "run-planned", "agents": 1})
    assert json.loads(journal.path.read_text().splitlines()[0])["locked"] is False
    assert state(journal.path) is RunState.RUNNING
    other = {**own, "host": "elsewhere"}
    there = FileJournal(tmp_path, target="prod", run="2", now=lambda: 1.0, start=other)
    there.write({"event": "run-planned", "agents": 1})
    assert state(there.path) is RunState.KILLED


def test_what_an_agent_was_meant_to_become_and_became_is_read_back(tmp_path: Path) -> None:
    """Intent, answer and end of each write, with the time it took; the last line cut short."""
    intent = {**INTENT, "id": "ar-1", "before": {"/cpu": 2}, "after": {"/cpu": 4}, "unset": ["/x"]}
    answered = {"at": 3.0, "event": "write-answered", "key": KEY, "answer": "success"}
    ended = {"at": 8.0, "event": "write-ended", "key": KEY, "result": "failed", "reason": "r"}
    back = {**INTENT, "event": "rollback-intended", "at": 8.5}
    path = record(tmp_path, intent, answered, {**ended, "seconds": 6.0, "restarts": 1}, back)
    run = read_run(path)
    assert run is not None
    (agent,) = run.agents
    first, second = agent.writes
    assert (agent.address, first.line, first.back, second.back) == (BOT, 2, False, True)
    assert (first.before, first.after, first.unset) == ({"/cpu": 2}, {"/cpu": 4}, ("/x",))
    assert (first.answer, first.result, first.seconds, first.restarts) == (
        "success",
        "failed",
        6.0,
        1,
    )
    assert second.result == ""
    assert run.unfinished == (BOT,)


ODD = [
    {"event": "write-intended", "key": 7},
    {"event": "write-intended", "key": "a/b"},
    {"event": "write-ended", "key": KEY, "result": ["changed"]},
    {"event": "write-intended", "key": KEY, "before": [], "paths": "x", "at": "soon", "id": 3},
    {"event": ["run-ended"]},
    {"event": "run-planned", "agents": "many"},
    {"event": "run-ended", "results": {"changed": "all"}},
    {},
]


@pytest.mark.parametrize("line", ODD, ids=repr)
def test_a_line_of_an_odd_shape_stops_nobody(tmp_path: Path, line: dict[str, Any]) -> None:
    """What is no such event is left out; the rest is told."""
    run = read_run(record(tmp_path, line, INTENT))
    assert run is not None
    assert run.agents[-1].address == BOT
    assert KEY in history_of(tmp_path, "prod").unfinished


def test_what_is_not_json_is_counted_and_passed_over(tmp_path: Path) -> None:
    """A disk that was full once leaves such a line in the middle."""
    path = record(tmp_path, INTENT)
    path.write_text(path.read_text() + '{"at": 5, "event"\n[1]\n' + json.dumps(ENDED) + "\n{")
    run = read_run(path)
    assert run is not None
    assert (run.unread, run.torn, run.state) == (2, True, RunState.ENDED)


NOT_RECORDS = {
    "": "it is empty",
    "{": "does not begin like a record",
    "[]\n": "does not begin like a record",
    '{"event": "run-planned"}\n': "does not begin like a record",
    '{"event": "run-started", "formatVersion": "2"}\n': "another version",
    "[" * 100_000: "does not begin like a record",
}


@pytest.mark.parametrize("text", NOT_RECORDS, ids=range(len(NOT_RECORDS)))
def test_what_is_no_record_says_why(tmp_path: Path, text: str) -> None:
    """A foreign or damaged file is told by its reason, and no history comes from it."""
    path = tmp_path / "1.jsonl"
    path.write_text(text)
    with pytest.raises(InputError, match=NOT_RECORDS[text]):
        read_run(path)
    assert dict(history_of(tmp_path, "prod").unfinished) == {}


def test_a_pipe_a_folder_and_a_link_are_no_records(tmp_path: Path) -> None:
    """Nothing is waited for, and no link is followed out of the folder."""
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "link.jsonl").symlink_to(record(tmp_path, INTENT))
    for name in ("pipe", "folder", "link", "absent"):
        with pytest.raises(InputError):
            read_run(tmp_path / f"{name}.jsonl")


def test_a_run_is_found_by_the_beginning_of_its_id(tmp_path: Path) -> None:
    """One that is not unique is told with those that fit; a whole id always is."""
    for run in ("2026-a", "2026-ab", "2027-c"):
        record(tmp_path, INTENT, run=run)
    assert find_run(tmp_path, "2027").id == "2027-c"
    assert find_run(tmp_path, "2026-a").id == "2026-a"
    with pytest.raises(InputError, match="2 runs begin with '2026'"):
        find_run(tmp_path, "2026")
    for unknown in ("2028", ""):
        with pytest.raises(InputError, match="there is no run"):
            find_run(tmp_path, unknown)
    (tmp_path / "2029.jsonl").write_text("?")
    with pytest.raises(InputError, match=r"2029\.jsonl is no record of a run"):
        find_run(tmp_path, "2029")


def test_a_name_with_slashes_is_one_name() -> None:
    """Only the first three slashes of a key separate."""
    assert address_of("a.b/v1/Agent/x/y") == Address("a.b/v1", "Agent", "x/y")
    assert address_of("a.b/v1/Agent") is None


def test_a_write_that_was_taken_back_is_quarantined_until_it_is_released(tmp_path: Path) -> None:
    """By the digest of its manifest; another run's release lets go of nothing."""
    start = {**START, "commit": {"rev": "abc", "dirty": False}}
    back = {**INTENT, "event": "rollback-intended", "manifest": "other"}
    path = record(tmp_path, INTENT, back, ENDED)
    path.write_text(path.read_text().replace(json.dumps(START), json.dumps(start)))
    held = history_of(tmp_path, "prod").quarantine[KEY]
    assert {digest: (one.run, one.commit) for digest, one in held.items()} == {"m": ("1", "abc")}
    record(tmp_path, {"at": 1, "event": "released", "of": "0"}, run="2")
    assert KEY in history_of(tmp_path, "prod").quarantine
    record(tmp_path, {"at": 1, "event": "released", "of": "1"}, run="3")
    assert dict(history_of(tmp_path, "prod").quarantine) == {}


def test_what_a_later_rollback_took_back_is_quarantined_too(tmp_path: Path) -> None:
    """The record of the rollback names the run, the digest and the commit."""
    line = {"at": 1, "event": "quarantined", "key": KEY, "of": "1", "manifest": "m", "commit": "c"}
    record(tmp_path, line, run="2")
    (held,) = history_of(tmp_path, "prod").quarantine[KEY].values()
    assert (held.run, held.commit) == ("1", "c")


LOOKED = [
    (Result.UNCHANGED, Cause.NONE, 0, True),
    (Result.BLOCKED, Cause.GUARD, 0, True),
    (Result.FAILED, Cause.AGENT_FAILED, 0, True),
    (Result.FAILED, Cause.CLOUD, 0, False),
    (Result.SKIPPED, Cause.GUARD, 0, False),
    (Result.INTERRUPTED, Cause.INTERRUPTED, 0, False),
    (Result.TIMED_OUT, Cause.TIME, 0, False),
    (Result.CHANGED, Cause.NONE, 1, False),
]


@pytest.mark.parametrize(("result", "cause", "writes", "settled"), LOOKED)
def test_an_open_write_is_settled_by_a_read_that_shows_how_it_ended(
    tmp_path: Path, result: Result, cause: Cause, writes: int, settled: bool
) -> None:
    """A run that found the agent quiet says so; what this run sent has an end of its own."""
    record(tmp_path, INTENT)
    history = history_of(tmp_path, "prod")
    journal = MemoryJournal()
    looked_after(journal, history, KEY, Outcome(BOT, "ar-1", result, cause, writes=writes))
    looked_after(journal, history, "another/v1/K/n", Outcome(BOT, "ar-1", Result.UNCHANGED))
    assert [line["event"] for line in journal.lines] == ["looked-after"] * settled
    record(tmp_path, *journal.lines, run="2")
    assert (KEY in history_of(tmp_path, "prod").unfinished) is not settled


def test_what_was_taken_back_long_ago_is_held_back_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old records are read for that alone, once the newest take more than is read."""
    monkeypatch.setattr(record_module, "_BYTES_READ", 100)
    record(tmp_path, INTENT, {**INTENT, "event": "rollback-intended"}, run="1")
    record(tmp_path, {**INTENT, "key": "example/v1/Runtime/old"}, run="2")
    record(tmp_path, {**INTENT, "key": "example/v1/Runtime/new"}, ENDED, run="3")
    history = history_of(tmp_path, "prod")
    assert history.quarantine.keys() == {KEY}
    assert "example/v1/Runtime/new" in history.unfinished
    assert "example/v1/Runtime/old" not in history.unfinished


def test_a_line_of_many_megabytes_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is none of ours, and what follows it counts."""
    monkeypatch.setattr(lines_module, "_LINE_BYTES", 200)
    path = record(tmp_path, {"event": "x", "long": "y" * 500}, INTENT)
    run = read_run(path)
    assert run is not None
    assert (run.unread > 0, run.unfinished) == (True, (BOT,))


def test_without_locks_a_process_that_is_gone_is_gone(tmp_path: Path) -> None:
    """Its number is looked for on this machine, and nobody has it any more."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    gone = {"host": socket.gethostname(), "pid": process.pid, "locked": False}
    path = tmp_path / "1.jsonl"
    path.write_text(json.dumps({**START, **gone}) + "\n")
    assert state(path) is RunState.KILLED
    for odd in (0, -1, "1", None, 10**30):
        path.write_text(json.dumps({**START, **gone, "pid": odd}) + "\n")
        assert state(path) is RunState.KILLED
