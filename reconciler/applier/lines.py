"""The lines of a record on the disk, read within bounds; what is no record is said to be none."""

import fcntl
import json
import os
import socket
import stat
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from reconciler.model.errors import InputError
from reconciler.model.tree import Tree

FORMAT_VERSION: Final = "1"
"""Of a record. Events and members may be added, none is renamed."""

_LINE_BYTES: Final = 32 * 1024 * 1024
"""A line that is longer is none of ours."""

OPEN: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
"""A pipe would be waited for for ever, and a link may lead anywhere."""


@dataclass(frozen=True, slots=True)
class Lines:
    """A record's first line, and every later event with its line number.

    `held`: the process that writes it is alive. `unread` counts lines in its middle that are no
    events, `torn` says that its last one was cut short.
    """

    start: Tree
    events: tuple[tuple[int, dict[str, Any]], ...]
    held: bool
    unread: int = 0
    torn: bool = False


def read_lines(
    path: Path, target: str | None = None, members: Collection[str] | None = None
) -> Lines | None:
    """A whole record; None for one of another target than the one that is asked for.

    With `members` only those of each event are kept: a record can hold long texts of thousands of
    agents. Raises InputError, which says what is wrong with it, for what is no record of this
    version.
    """
    try:
        with os.fdopen(os.open(path, OPEN), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise InputError("it is not a file")
            start = _start(stream.readline(_LINE_BYTES))
            if target is not None and start.get("target") != target:
                return None
            held = _held(stream.fileno(), start)
            return _lines(stream, start, members, held=held)
    except OSError as error:
        raise InputError(error.strerror or "it cannot be read") from error


def _start(first: bytes) -> Tree:
    try:
        start = json.loads(first)
    except (ValueError, RecursionError):
        start = None
    if not isinstance(start, dict) or start.get("event") != "run-started":
        raise InputError("it is empty" if not first else "it does not begin like a record")
    if start.get("formatVersion") != FORMAT_VERSION:
        raise InputError("it is of another version of this program")
    return start


def _lines(stream: BinaryIO, start: Tree, members: Collection[str] | None, *, held: bool) -> Lines:
    events: list[tuple[int, dict[str, Any]]] = []
    unread, torn = 0, False
    for number, line in enumerate(iter(lambda: stream.readline(_LINE_BYTES), b""), start=2):
        torn = not line.endswith(b"\n")
        event = _event(line)
        if event is not None and not torn:
            kept = event.items() if members is None else ((m, event.get(m)) for m in members)
            events.append((number, dict(kept)))
        elif not torn:
            unread += 1
    return Lines(start, tuple(events), held, unread, torn)


def _event(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def _held(descriptor: int, start: Tree) -> bool:
    """Whether the process that writes this record lives: it holds a lock that dies with it."""
    if start.get("locked") is False:
        return _alive(start)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return _alive(start)
    return False  # closing the file lets go of the lock again


def _alive(start: Tree) -> bool:
    """Where a folder takes no locks: whether this machine has a process of that number."""
    pid = start.get("pid")
    if not isinstance(pid, int) or pid <= 0 or start.get("host") != socket.gethostname():
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True
