"""What earlier runs took, read from records that may be anything."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from reconciler.applier import recorded
from reconciler.applier.record import FileJournal
from reconciler.applier.recorded import recollect

PREFIX = "example/v1/Runtime/"
START = {"at": 1.0, "event": "run-started", "formatVersion": "1", "target": "prod"}


def intended(name: str, at: float, operation: str = "update") -> dict[str, Any]:
    """A line of a record."""
    key = PREFIX + name
    return {"at": at, "event": "write-intended", "key": key, "operation": operation}


def ended(name: str, at: float, result: str = "changed") -> dict[str, Any]:
    """A line of a record."""
    return {"at": at, "event": "write-ended", "key": PREFIX + name, "result": result}


def record(folder: Path, run: str, *events: object, target: str = "prod", tail: str = "") -> Path:
    """A record of these lines."""
    lines = [{**START, "target": target}, *events]
    path = folder / f"{run}.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + tail)
    return path


def seconds(folder: Path, name: str = "bot", operation: str = "update") -> list[float]:
    """What this agent's writes took, newest first."""
    found = recollect(folder, "prod").writes.get((PREFIX + name, operation), [])
    return [one.seconds for one in found]


def test_a_write_took_from_its_sending_to_its_end(tmp_path: Path) -> None:
    """Each run gives one figure for each agent; creating and updating are told apart."""
    record(tmp_path, "1", intended("bot", 10.0), ended("bot", 31.5))
    record(
        tmp_path,
        "2",
        intended("bot", 10.0),
        intended("new", 11.0, "create"),
        ended("bot", 30.0),
        ended("new", 15.0, "created"),
    )
    assert seconds(tmp_path) == [20.0, 21.5]
    assert seconds(tmp_path, "new") == []
    assert seconds(tmp_path, "new", "create") == [4.0]
    found = recollect(tmp_path, "prod")
    assert [one.run for one in found.of_kind(PREFIX, "update")] == ["2", "1"]
    assert found.of_kind("other/v1/Agent/", "update") == []
    assert found.damaged == []


def test_the_journal_writes_what_is_read_here(tmp_path: Path) -> None:
    """The two halves agree on the form of a line."""
    now = iter([1.0, 2.0, 32.0])
    journal = FileJournal(tmp_path, target="prod", run="1", now=lambda: next(now))
    journal.write(intended("bot", 2.0))
    journal.write(ended("bot", 32.0))
    journal.close()
    assert seconds(tmp_path) == [30.0]


@pytest.mark.parametrize(
    "events",
    [
        [intended("bot", 10)],
        [ended("bot", 10)],
        *([intended("bot", 10), ended("bot", 20, result)] for result in ("failed", "interrupted")),
        *([intended("bot", 10), ended("bot", 20, result)] for result in ("not-kept", "timed-out")),
        [intended("bot", 10), intended("bot", 40), ended("bot", 60)],
        [intended("bot", 10), ended("bot", 5)],
        [intended("bot", 10), ended("bot", 10.0**9)],
        [intended("bot", 10), {**ended("bot", 20), "at": True}],
        [intended("bot", 10), {**ended("bot", 20), "at": float("nan")}],
        [intended("bot", 10), {**ended("bot", 20), "at": 10**400}],
        [intended("bot", 10), {**ended("bot", 20), "result": ["changed"]}],
        [{**intended("bot", 10), "key": 7}, {**ended("bot", 20), "key": 7}],
    ],
)
def test_only_a_plain_success_is_a_measure(tmp_path: Path, events: list[Any]) -> None:
    """A failure, a write sent twice, an end nobody saw and a clock that was set say nothing."""
    record(tmp_path, "1", *events)
    assert seconds(tmp_path) == []


def test_a_write_that_was_refused_while_busy_is_measured_from_the_next(tmp_path: Path) -> None:
    """What was not accepted restarted nothing."""
    refused = [intended("bot", 10), ended("bot", 11, "refused")]
    record(tmp_path, "1", *refused, intended("bot", 40), ended("bot", 60))
    assert seconds(tmp_path) == [20.0]


def test_a_line_that_a_kill_cut_short_damages_nothing(tmp_path: Path) -> None:
    """It is the last one of a record and belongs to a write without an end."""
    record(tmp_path, "1", intended("bot", 10), ended("bot", 20), tail='{"event":"wri')
    assert seconds(tmp_path) == [10.0]
    assert recollect(tmp_path, "prod").damaged == []


def test_what_is_damaged_is_passed_over_and_named(tmp_path: Path) -> None:
    """None of these stops anything, is waited for, or hides a record that is sound."""
    good = [intended("bot", 10), ended("bot", 20)]
    record(tmp_path, "a", *good)
    record(tmp_path, "b", *good, tail="not json\n")
    record(tmp_path, "c", *good, tail="[]\n")
    record(tmp_path, "d", *good, tail="[" * 100_000 + "\n")
    (tmp_path / "e.jsonl").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "f.jsonl").write_text("")
    (tmp_path / "g.jsonl").write_text(json.dumps({**START, "formatVersion": "2"}) + "\n")
    (tmp_path / "h.jsonl").mkdir()
    (tmp_path / "i.jsonl").symlink_to("a.jsonl")
    os.mkfifo(tmp_path / "j.jsonl")
    found = recollect(tmp_path, "prod")
    assert sorted(name for name, _ in found.damaged) == [f"{one}.jsonl" for one in "bcdefghij"]
    assert all(reason for _, reason in found.damaged)
    assert seconds(tmp_path) == [10.0]


def test_other_targets_and_other_files_are_not_asked(tmp_path: Path) -> None:
    """What another account took says nothing of this one."""
    record(tmp_path, "1", intended("bot", 10), ended("bot", 20), target="test")
    (tmp_path / "notes.txt").write_text("not a record")
    found = recollect(tmp_path, "prod")
    assert (found.writes, found.damaged) == ({}, [])
    assert recollect(tmp_path / "nowhere", "prod").writes == {}


def test_the_newest_records_count_and_the_rest_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are, and however long, as much is read as there is room for."""
    for number in range(9):
        record(tmp_path, f"{number}", intended("bot", 10), ended("bot", 10 + number))
        record(tmp_path, f"{number}x", target="test")
    monkeypatch.setattr(recorded, "_RECORDS", 4)
    assert seconds(tmp_path) == [8, 7, 6, 5]
    monkeypatch.setattr(recorded, "_FILES", 5)
    assert seconds(tmp_path) == [8, 7]
    size = (tmp_path / "8.jsonl").stat().st_size
    monkeypatch.setattr(recorded, "_BYTES", size + size // 2)
    assert seconds(tmp_path) == [8]
    assert recollect(tmp_path, "prod").damaged == []


def test_an_agent_without_a_write_goes_by_those_of_its_kind(tmp_path: Path) -> None:
    """Of the same operation only; one that has any goes by its own alone."""
    record(tmp_path, "1", intended("bot", 10), ended("bot", 30))
    record(tmp_path, "2", intended("new", 10, "create"), ended("new", 15, "created"))
    found = recollect(tmp_path, "prod")
    assert [one.seconds for one in found.of(PREFIX + "bot", "update")] == [20]
    assert [one.seconds for one in found.of(PREFIX + "other", "update")] == [20]
    assert [one.seconds for one in found.of(PREFIX + "other", "create")] == [5]
    assert [one.seconds for one in found.of(PREFIX + "bot", "create")] == [5]
    assert found.of("example/v1/Agent/bot", "update") == []
