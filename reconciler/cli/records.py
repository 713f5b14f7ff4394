"""Where the records of runs lie, and forgetting those of the sandbox."""

import json
from pathlib import Path
from typing import Final

from reconciler.model.errors import InputError

RUNS_FOLDER: Final = Path(".reconcile/runs")
"""Below the working folder, one file for each run."""


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
