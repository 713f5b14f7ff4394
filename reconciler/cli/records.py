"""Where the records of runs lie, beginning one, and forgetting those of the sandbox."""

import json
import os
import secrets
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from reconciler.applier.record import FileJournal
from reconciler.cli.git import checkout_of
from reconciler.cli.world import World
from reconciler.model.errors import InputError
from reconciler.model.tree import Json, Tree

RUNS_FOLDER: Final = Path(".reconcile/runs")
"""Below the working folder, one file for each run."""


def run_id(world: World) -> str:
    """A name that sorts by time and is not given twice."""
    moment = datetime.fromtimestamp(world.clock.wall(), UTC)
    return f"{moment:%Y%m%dT%H%M%S}{moment.microsecond // 1000:03}Z-{secrets.token_hex(3)}"


@contextmanager
def recording(
    world: World, target: str, run: str, paths: Sequence[Path], start: Mapping[str, Json]
) -> Iterator[FileJournal]:
    """The record of a run that begins now; its file is made with the first line.

    `paths` are what was named, `start` are members of its first line.
    """
    first: Tree = {**start, "host": socket.gethostname(), "pid": os.getpid()}
    checkout = checkout_of(paths)
    if checkout is not None:
        first["commit"] = {"rev": checkout.commit, "dirty": checkout.dirty}
    now = world.clock.wall
    journal = FileJournal(RUNS_FOLDER, target=target, run=run, now=now, start=first)
    try:
        yield journal
    finally:
        journal.close()


def forget_runs(target: str) -> int:
    """Remove the records of this target's runs; how many there were.

    A file whose first line does not name the target is left alone. Raises InputError when a record
    cannot be removed.
    """
    removed = 0
    for file in sorted(RUNS_FOLDER.glob("*.jsonl")):
        if _target_of(file) != target:
            continue
        try:
            file.unlink()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise InputError(f"cannot remove {file}: {reason}") from error
        removed += 1
    return removed


def _target_of(file: Path) -> object:
    """What the first line says; None for what is no record, or cannot be read."""
    try:
        with file.open(encoding="utf-8") as stream:
            start = json.loads(stream.readline())
    except (OSError, ValueError):
        return None
    return start.get("target") if isinstance(start, dict) else None
