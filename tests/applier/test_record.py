"""The record of a run on the disk, and what the next run makes of it."""

import json
import os
from pathlib import Path

import pytest

from reconciler.applier.record import FileJournal
from reconciler.model.errors import InputError

KEY = "example/v1/Runtime/bot"


def journal(folder: Path, run: str, target: str = "prod", at: float = 100.0) -> FileJournal:
    """A record of this run."""
    return FileJournal(folder, target=target, run=run, now=lambda: at)


def intend(record: FileJournal, stamp: float = 7.0) -> None:
    """Put a write on record."""
    record.write({"event": "write-intended", "key": KEY, "stamp": stamp})


def test_nothing_is_left_on_the_disk_by_a_run_that_writes_nothing(tmp_path: Path) -> None:
    """Reading the history makes no file."""
    folder = tmp_path / "runs"
    assert dict(journal(folder, "1").history().unfinished) == {}
    assert not folder.exists()


def test_a_write_without_an_end_is_unfinished(tmp_path: Path) -> None:
    """A killed run's write is known to the next run of the same target, and to no other."""
    record = journal(tmp_path, "1")
    intend(record)
    record.close()
    left = journal(tmp_path, "2").history().unfinished[KEY]
    assert (left.run, left.written_at, left.stamp) == ("1", 100.0, 7.0)
    assert dict(journal(tmp_path, "2", target="test").history().unfinished) == {}


@pytest.mark.parametrize("result", ["interrupted", "timed-out", "unknown"])
def test_an_end_that_nobody_saw_is_no_end(tmp_path: Path, result: str) -> None:
    """Interrupted, out of time or unknown: the next run looks after it."""
    record = journal(tmp_path, "1")
    intend(record)
    record.write({"event": "write-ended", "key": KEY, "result": result})
    assert KEY in journal(tmp_path, "2").history().unfinished


def test_an_end_that_was_seen_is_remembered_with_its_stamp(tmp_path: Path) -> None:
    """Changed: finished, and the stamp says which write was followed to its end."""
    record = journal(tmp_path, "1")
    intend(record)
    record.write({"event": "write-ended", "key": KEY, "result": "changed", "stamp": 9.5})
    history = journal(tmp_path, "2").history()
    assert (dict(history.unfinished), dict(history.seen_back)) == ({}, {KEY: 9.5})


def test_what_was_not_kept_is_remembered_until_it_is(tmp_path: Path) -> None:
    """The digests of writes and changes that were not kept stay until a write is."""
    first = journal(tmp_path, "1")
    intend(first)
    first.write(
        {"event": "write-ended", "key": KEY, "result": "not-kept", "digest": "d", "paths": ["/x"]}
    )
    first.write(
        {
            "event": "write-ended",
            "key": KEY,
            "result": "not-kept",
            "digest": "e",
            "paths": ["/x", "/y"],
            "changes": {"/y": "f"},
        }
    )
    known = {"d": ("/x",), "e": ("/x", "/y"), "f": ("/y",)}
    assert journal(tmp_path, "2").history().not_kept[KEY] == known
    second = journal(tmp_path, "2")
    intend(second)
    second.write({"event": "write-ended", "key": KEY, "result": "changed"})
    assert dict(journal(tmp_path, "3").history().not_kept) == {}


def test_a_line_that_a_kill_cut_short_is_passed_over(tmp_path: Path) -> None:
    """The rest of the record still counts."""
    record = journal(tmp_path, "1")
    intend(record)
    record.close()
    with record.path.open("a") as file:
        file.write('{"event":"write-en')
    assert KEY in journal(tmp_path, "2").history().unfinished


def test_every_line_is_json_with_its_time(tmp_path: Path) -> None:
    """The first line names format and target; all lines have the time."""
    record = journal(tmp_path, "1")
    intend(record)
    lines = [json.loads(line) for line in record.path.read_text().splitlines()]
    assert lines[0] == {
        "at": 100.0,
        "event": "run-started",
        "formatVersion": "1",
        "target": "prod",
    }
    assert [line["at"] for line in lines] == [100.0, 100.0]
    assert record.path.stat().st_mode & 0o777 == 0o600


def test_a_record_that_cannot_be_kept_is_an_error(tmp_path: Path) -> None:
    """Nothing is written to a cloud without a record, so this is said before."""
    (tmp_path / "runs").write_text("a file where the folder should be")
    with pytest.raises(InputError, match="cannot be kept"):
        intend(journal(tmp_path / "runs", "1"))


def test_a_line_of_an_odd_shape_is_passed_over(tmp_path: Path) -> None:
    """What somebody else wrote into the folder stops no run."""
    record = journal(tmp_path, "1")
    intend(record)
    record.write({"event": "write-ended", "key": KEY, "result": ["changed"]})
    assert KEY in journal(tmp_path, "2").history().unfinished


def test_a_runs_own_lines_are_no_history(tmp_path: Path) -> None:
    """What this run itself intends is not taken for what an earlier one left behind."""
    record = journal(tmp_path, "1")
    intend(record)
    assert dict(record.history().unfinished) == {}
    assert KEY in journal(tmp_path, "2").history().unfinished


def test_each_line_is_on_the_disk_before_the_step_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every call flushes its own line: a machine that dies forgets no write that went out."""
    flushed: list[int] = []
    record = journal(tmp_path, "1")

    def flush(descriptor: int) -> None:
        assert os.fstat(descriptor).st_ino == record.path.stat().st_ino
        flushed.append(len(record.path.read_text().splitlines()))

    monkeypatch.setattr(os, "fsync", flush)
    intend(record)
    record.write({"event": "write-answered", "key": KEY})
    record.write({"event": "write-ended", "key": KEY, "result": "changed"})
    record.close()
    assert flushed == [2, 3, 4]
