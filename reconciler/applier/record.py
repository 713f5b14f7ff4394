"""The record of a run: one line of JSON for each step, on the disk before the step is taken.

No secret is ever in it: what it is given comes out of the plan, which is public. The files are
append-only; a line that a killed run left half written is passed over when it is read again. While
a run lives it holds a lock on its own record, which dies with its process.
"""

import errno
import fcntl
import json
import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from reconciler.applier.lines import FORMAT_VERSION, OPEN, read_lines
from reconciler.applier.replay import MEMBERS, Replay
from reconciler.model.errors import InputError
from reconciler.model.outcome import Cause, Outcome, Result
from reconciler.model.tree import Json, Tree
from reconciler.ports import History, Journal

__all__ = ["FORMAT_VERSION", "FileJournal", "looked_after"]

_RUNS_READ: Final = 2000
"""How many of the newest records are asked what earlier runs left behind."""

_BYTES_READ: Final = 32 * 1024 * 1024
"""So much of the newest is read whole; of older ones those that took something back, or released."""

_MARKS: Final = (b'"rollback-intended"', b'"quarantined"', b'"released"')


class FileJournal:
    """See `Journal`. Writes `<folder>/<run>.jsonl`, created with the first line.

    `start` are further members of the first line: the command, its process, the commit.
    """

    def __init__(
        self,
        folder: Path,
        *,
        target: str,
        run: str,
        now: Callable[[], float],
        start: Mapping[str, Json] | None = None,
    ) -> None:
        self._folder = folder
        self._target = target
        self._run = run
        self._now = now
        self._start = dict(start or {})
        self._descriptor: int | None = None
        self._torn = False
        self._history: History | None = None

    @property
    def run(self) -> str:
        """See `Journal.run`."""
        return self._run

    @property
    def path(self) -> Path:
        """The file of this run; it exists once something was written."""
        return self._folder / f"{self._run}.jsonl"

    def write(self, event: Tree) -> None:
        """See `Journal.write`. Raises InputError when the record cannot be kept."""
        try:
            if self._descriptor is None:
                self._descriptor = self._open()
                self._line(self._descriptor, event)
                _sync_folder(self._folder)
            else:
                self._line(self._descriptor, event)
        except OSError as error:
            raise InputError(
                f"the record of this run cannot be kept in {self._folder}: "
                f"{error.strerror or 'unknown error'}; nothing more is written without it"
            ) from error

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def history(self) -> History:
        """See `Journal.history`. Read once: what this run writes itself is no part of it."""
        if self._history is None:
            self._history = history_of(self._folder, self._target, but=self._run)
        return self._history

    def _line(self, descriptor: int, event: Tree) -> None:
        line = {"at": round(self._now(), 3), **event}
        data = _encoded(line)
        if self._torn:  # the disk was full once: what is half written stays a line of its own
            data = b"\n" + data
        self._torn = True
        _write_all(descriptor, data)
        self._torn = False
        os.fsync(descriptor)

    def _open(self) -> int:
        _make_folder(self._folder)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        descriptor = os.open(self.path, flags, 0o600)
        start = {
            "at": round(self._now(), 3),
            "event": "run-started",
            "formatVersion": FORMAT_VERSION,
            "target": self._target,
            **self._start,
            "locked": _locked(descriptor),
        }
        _write_all(descriptor, _encoded(start))
        return descriptor


def history_of(folder: Path, target: str, *, but: str = "") -> History:
    """What the newest records of this target come to. What is no record is passed over."""
    replay = Replay()
    for file in _worth_reading(folder):
        if file.stem == but:
            continue
        try:
            lines = read_lines(file, target, MEMBERS)
        except InputError:
            continue
        if lines is not None:
            replay.take(file.stem, lines)
    return replay.history()


def _worth_reading(folder: Path) -> list[Path]:
    """The newest records, the oldest of them first."""
    chosen, left = [], _BYTES_READ
    try:
        files = sorted(folder.glob("*.jsonl"), reverse=True)[:_RUNS_READ]
    except OSError:
        files = []
    for file in files:
        try:
            status = file.lstat()
            regular = stat.S_ISREG(status.st_mode)
            if regular and (left > 0 or _marked(file)):
                chosen.append(file)
        except OSError:
            continue
        left -= status.st_size
    return chosen[::-1]


def _marked(file: Path) -> bool:
    """Whether a record took something back, or released it; told without making sense of it."""
    with os.fdopen(os.open(file, OPEN), "rb") as stream:
        return any(any(mark in line for mark in _MARKS) for line in stream)


def looked_after(journal: Journal, history: History, key: str, outcome: Outcome) -> None:
    """Put on record that a write which an earlier run left open is settled, where nothing was sent.

    A write of this run's own says so by its end.
    """
    left = history.unfinished.get(key)
    ended = outcome.result in _READ or outcome.cause is Cause.AGENT_FAILED
    if left is not None and not outcome.writes and ended:
        journal.write(
            {"event": "looked-after", "key": key, "of": left.run, "result": str(outcome.result)}
        )


_READ: Final = (Result.UNCHANGED, Result.BLOCKED)
"""Results that rest on a read of the agent and on nothing else."""


def _encoded(line: Tree) -> bytes:
    data = json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"
    return data.encode("utf-8", "backslashreplace")


def _locked(descriptor: int) -> bool:
    """Take the lock that tells a living run from a killed one; not every folder has any."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError:
        return False
    return True


def _write_all(descriptor: int, data: bytes) -> None:
    """Write every byte: a full disk may take only some of them, and says so at the next call."""
    while data:
        data = data[os.write(descriptor, data) :]


def _make_folder(folder: Path) -> None:
    """Make the folder and those above it, each of them safe from the machine's death."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """Put the entries of a folder on the disk: a file without one is lost with the machine."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some filesystems keep no folder to be flushed
            raise
    finally:
        os.close(descriptor)
