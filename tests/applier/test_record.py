"""The record of a run on the disk, and what the next run makes of it."""

import json
import os
from pathlib import Path

import pytest

from reconciler.applier.record import FileJournal, looked_after
from reconciler.model.errors import InputError
from reconciler.model.manifest import Address
from reconciler.model.outcome import Outcome, Result

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
    assert (left.run, left.written_at, left.stamp, left.answered) == ("1", 100.0, 7.0, False)
    assert dict(journal(tmp_path, "2", target="test").history().unfinished) == {}
    later = journal(tmp_path, "3")
    intend(later)
    later.write({"event": "write-answered", "key": KEY, "answer": "unknown"})
    assert journal(tmp_path, "4").history().unfinished[KEY].answered


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
        "locked": True,
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
    flushed: list[int | str] = []
    record = journal(tmp_path / "new" / "runs", "1")
    folders = {"runs": tmp_path / "new" / "runs", "new": tmp_path / "new", "tmp": tmp_path}

    def flush(descriptor: int) -> None:
        number = os.fstat(descriptor).st_ino
        if record.path.exists() and number == record.path.stat().st_ino:
            flushed.append(len(record.path.read_text().splitlines()))
        else:
            there = {name: path.stat().st_ino for name, path in folders.items() if path.exists()}
            (name,) = (name for name, inode in there.items() if inode == number)
            flushed.append(name)

    monkeypatch.setattr(os, "fsync", flush)
    intend(record)
    record.write({"event": "write-answered", "key": KEY})
    record.write({"event": "write-ended", "key": KEY, "result": "changed"})
    record.close()
    assert flushed == ["tmp", "new", 2, "runs", 3, 4]


def test_after_a_full_disk_the_next_line_stands_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a line is all that was lost: what is written once there is room again can be read."""
    record = journal(tmp_path, "1")
    intend(record)
    write = os.write

    def full(descriptor: int, data: bytes) -> int:
        write(descriptor, data[:10])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(InputError, match="No space left on device"):
            record.write({"event": "write-answered", "key": KEY})
    record.write({"event": "write-ended", "key": KEY, "result": "changed", "stamp": 9.5})
    assert dict(journal(tmp_path, "2").history().seen_back) == {KEY: 9.5}


def test_a_line_is_compact_and_its_time_has_milliseconds(tmp_path: Path) -> None:
    """As small as JSON can be, text as it is: a record of thousands of agents is read in one go."""
    record = journal(tmp_path, "1", at=100.123456)
    record.write({"event": "released", "of": "é"})
    last = record.path.read_text("utf-8").splitlines()[-1]
    assert last == '{"at":100.123,"event":"released","of":"é"}'


def test_an_answer_is_when_the_restart_began(tmp_path: Path) -> None:
    """What a killed run left is waited for from its answer on; the stamp is that of the read before."""
    record = journal(tmp_path, "1")
    intend(record)
    record.write({"event": "write-answered", "key": KEY, "at": 130.0})
    left = journal(tmp_path, "2").history().unfinished[KEY]
    assert (left.run, left.written_at, left.stamp) == ("1", 130.0, 7.0)


def test_records_around_a_runs_own_count(tmp_path: Path) -> None:
    """Its own is left out, whichever place it has among the others."""
    for run, stamp in (("1", 1.0), ("2", 2.0), ("3", 3.0)):
        intend(journal(tmp_path, run), stamp)
    assert journal(tmp_path, "2").history().unfinished[KEY].run == "3"
    assert journal(tmp_path, "3").history().unfinished[KEY].run == "2"


def test_what_is_settled_names_the_run_that_left_it(tmp_path: Path) -> None:
    """The line says whose write it was and how the agent was found."""
    intend(journal(tmp_path, "1"))
    later = journal(tmp_path, "2")
    address = Address("example/v1", "Runtime", "bot")
    looked_after(later, later.history(), KEY, Outcome(address, "ar-1", Result.UNCHANGED))
    line = json.loads(later.path.read_text().splitlines()[-1])
    assert line == {
        "at": 100.0,
        "event": "looked-after",
        "key": KEY,
        "of": "1",
        "result": "unchanged",
    }


def test_text_that_is_no_unicode_is_kept_as_it_can_be(tmp_path: Path) -> None:
    """Half of a surrogate pair, as a cloud's error may hold it, stops no run."""
    record = journal(tmp_path, "1")
    record.write({"event": "write-answered", "key": KEY, "detail": "half \ud83d"})
    assert "half \\ud83d" in record.path.read_text("utf-8")


def test_a_record_that_cannot_be_looked_at_hides_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Removed between listing and reading: older ones count all the same."""
    intend(journal(tmp_path, "1"))
    intend(journal(tmp_path, "2"))
    lstat = Path.lstat

    def gone(path: Path) -> os.stat_result:
        if path.stem == "2":
            raise FileNotFoundError(path)
        return lstat(path)

    monkeypatch.setattr(Path, "lstat", gone)
    assert journal(tmp_path, "3").history().unfinished[KEY].run == "1"
