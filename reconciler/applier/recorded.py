"""How long earlier writes took, out of the records of runs: read within bounds, never an error.

A record that cannot be made sense of is left out as a whole and named; it is only an estimate that
rests on it.
"""

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import nlargest
from math import isfinite
from pathlib import Path
from typing import Any, Final

from reconciler.applier.record import FORMAT_VERSION
from reconciler.model.ledger import Recorded

_FILES: Final = 500
"""How many of the newest files are looked at, whichever target they are of."""

_RECORDS: Final = 100
"""How many of the newest records of the target count."""

_BYTES: Final = 16 * 1024 * 1024
"""How much is read of all of them together; the newest come first."""

_LONGEST_SECONDS: Final = 7 * 24 * 3600.0
_DONE: Final = ("changed", "created")


@dataclass(slots=True)
class Recollection:
    """What earlier runs against one target took: by the agent's key in records, and operation.

    `damaged` are the names of records that were passed over, each with the reason.
    """

    writes: dict[tuple[str, str], list[Recorded]] = field(default_factory=dict)
    damaged: list[tuple[str, str]] = field(default_factory=list)

    def of(self, key: str, operation: str) -> list[Recorded]:
        """The agent's own writes, the newest first; those of its kind where it has none."""
        own = self.writes.get((key, operation), [])
        return own or self.of_kind(f"{key.rpartition('/')[0]}/", operation)

    def of_kind(self, prefix: str, operation: str) -> list[Recorded]:
        """The writes of all agents whose key begins so."""
        return [
            one
            for (key, done), writes in self.writes.items()
            if done == operation and key.startswith(prefix)
            for one in writes
        ]


def recollect(folder: Path, target: str) -> Recollection:
    """What the newest records of this target say, newest first."""
    found, records, left = Recollection(), 0, _BYTES
    for name in _newest(folder):
        if records == _RECORDS or left <= 0:
            break
        try:
            data = _read(folder / name, target, left)
            events = [] if data is None else list(_events(data))
        except OSError as error:
            found.damaged.append((name, error.strerror or "it cannot be read"))
        except (ValueError, RecursionError):
            found.damaged.append((name, "it is not a record of this version"))
        else:
            if data is not None:
                records, left = records + 1, left - len(data)
                _fold(found, name.removesuffix(".jsonl"), events)
    return found


def _newest(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return nlargest(_FILES, (one.name for one in entries if one.name.endswith(".jsonl")))
    except OSError:
        return []


def _read(path: Path, target: str, most: int) -> bytes | None:
    """The bytes of a record, None for one of another target. Raises OSError and ValueError."""
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW  # a pipe would be waited for for ever
    with os.fdopen(os.open(path, flags), "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise ValueError("not a file")
        first = stream.readline(most)
        start = json.loads(first)
        if not isinstance(start, dict) or start.get("event") != "run-started":
            raise ValueError("not a record")
        if start.get("target") != target:
            return None
        if start.get("formatVersion") != FORMAT_VERSION:
            raise ValueError("another version")
        return first + stream.read(max(0, most - len(first)))


def _events(data: bytes) -> Iterator[dict[str, Any]]:
    """The lines of a record; its last one may be cut short. Raises ValueError for another."""
    lines = data.split(b"\n")
    del lines[-1]
    for line in lines:
        event = json.loads(line)
        if not isinstance(event, dict):
            raise ValueError("not a record")  # noqa: TRY004 - one kind
        yield event


def _fold(found: Recollection, run: str, events: list[dict[str, Any]]) -> None:
    """Add the writes of one run that were sent once and followed until the agent was back."""
    begun: dict[str, tuple[float, str]] = {}
    twice: set[str] = set()
    for event in events:
        key, at = event.get("key"), _time(event.get("at"))
        if not isinstance(key, str) or at is None:
            continue
        if event.get("event") == "write-intended":
            if key in begun:
                twice.add(key)
            begun[key] = at, str(event.get("operation"))
        elif event.get("event") == "write-ended" and key in begun:
            since, operation = begun.pop(key)
            fair = key not in twice and event.get("result") in _DONE
            if fair and 0 <= at - since <= _LONGEST_SECONDS:
                busy, ready = (_length(event.get(name)) for name in ("busySeconds", "readySeconds"))
                entry = Recorded(run, at - since, busy, ready)
                found.writes.setdefault((key, operation), []).append(entry)


def _length(value: object) -> float | None:
    """A length of time that makes sense, else None."""
    seconds = _time(value)
    return seconds if seconds is not None and 0 <= seconds <= _LONGEST_SECONDS else None


def _time(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return None
    return seconds if isfinite(seconds) else None
