"""The record of a run: one line of JSON for each step, on the disk before the step is taken.

No secret is ever in it: what it is given comes out of the plan, which is public. The files are
append-only; a line that a killed run left half written is passed over when it is read again.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from reconciler.model.errors import InputError
from reconciler.model.tree import Tree
from reconciler.ports import History, Unfinished

FORMAT_VERSION: Final = "1"
_RUNS_READ: Final = 500
"""How many of the newest records are asked what earlier runs left behind."""

_ENDED: Final = frozenset({"changed", "created", "failed", "not-kept", "blocked"})
"""Results after which a write needs no further looking after."""


class FileJournal:
    """See `Journal`. Writes `<folder>/<run>.jsonl`, created with the first line."""

    def __init__(self, folder: Path, *, target: str, run: str, now: Callable[[], float]) -> None:
        self._folder = folder
        self._target = target
        self._run = run
        self._now = now
        self._descriptor: int | None = None

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
            line = {"at": round(self._now(), 3), **event}
            data = json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"
            _write_all(self._descriptor, data.encode("utf-8", "backslashreplace"))
            os.fsync(self._descriptor)
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
        """See `Journal.history`."""
        replay = _Replay()
        for run, event in self._events():
            replay.take(run, event)
        return History(replay.unfinished, replay.seen_back, replay.not_kept)

    def _open(self) -> int:
        self._folder.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        descriptor = os.open(self.path, flags, 0o600)
        start = {
            "at": round(self._now(), 3),
            "event": "run-started",
            "formatVersion": FORMAT_VERSION,
            "target": self._target,
        }
        _write_all(descriptor, (json.dumps(start, ensure_ascii=False) + "\n").encode())
        return descriptor

    def _events(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """(run, event) of this target's newest records, oldest first."""
        try:
            files = sorted(self._folder.glob("*.jsonl"))[-_RUNS_READ:]
        except OSError:
            return
        for file in files:
            if file.stem == self._run:
                continue
            events = list(_lines(file))
            if events and events[0].get("target") == self._target:
                yield from ((file.stem, event) for event in events)


def _write_all(descriptor: int, data: bytes) -> None:
    """Write every byte: a full disk may take only some of them, and says so at the next call."""
    while data:
        data = data[os.write(descriptor, data) :]


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for line in text.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            yield event


class _Replay:
    """Earlier events, oldest first, folded into what is still true after the last."""

    def __init__(self) -> None:
        self.unfinished: dict[str, Unfinished] = {}
        self.seen_back: dict[str, float] = {}
        self.not_kept: dict[str, dict[str, tuple[str, ...]]] = {}

    def take(self, run: str, event: dict[str, Any]) -> None:
        key = event.get("key")
        if not isinstance(key, str):
            return
        match event.get("event"):
            case "write-intended":
                self.unfinished[key] = Unfinished(
                    run, _number(event.get("at")) or 0.0, _number(event.get("stamp"))
                )
                self.seen_back.pop(key, None)
            case "write-answered" if key in self.unfinished:
                before = self.unfinished[key]
                answered = _number(event.get("at")) or before.written_at
                self.unfinished[key] = Unfinished(run, answered, before.stamp)
            case "write-ended" if str(event.get("result")) in _ENDED:
                self._ended(key, event)

    def _ended(self, key: str, event: dict[str, Any]) -> None:
        self.unfinished.pop(key, None)
        stamp = _number(event.get("stamp"))
        if stamp is not None:
            self.seen_back[key] = stamp
        if event.get("result") == "not-kept":
            paths, changes = event.get("paths"), event.get("changes")
            shown = tuple(str(p) for p in paths) if isinstance(paths, list) else ()
            known = self.not_kept.setdefault(key, {})
            if event.get("digest"):
                known[str(event["digest"])] = shown
            if isinstance(changes, dict):
                known |= {str(digest): (path,) for path, digest in changes.items()}
        elif event.get("result") in ("changed", "created"):
            self.not_kept.pop(key, None)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
