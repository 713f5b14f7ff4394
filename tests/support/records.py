"""The records of runs that a test made, held against their published schema."""

import json
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator

from reconciler.report.record_schema import EVENTS, RECORD_SCHEMA

RUNS: Final = Path(".reconcile/runs")
_BY_EVENT: Final = {
    event: Draft202012Validator(schema)
    for event, schema in zip(EVENTS, RECORD_SCHEMA["oneOf"], strict=True)
}


def records(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The lines of every record below a working folder, by the id of the run."""
    return {
        path.stem: [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for path in sorted((folder / RUNS).glob("*.jsonl"))
    }


def made(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Those that the program made: a test's own may be damaged on purpose, and name no process."""
    paths = sorted((folder / RUNS).glob("*.jsonl"))
    own = [path for path in paths if path.is_file() and b'"pid":' in path.read_bytes()[:2000]]
    return {
        path.stem: [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for path in own
    }


def events(folder: Path, event: str) -> list[dict[str, Any]]:
    """Every line of this event, in all records, the oldest first."""
    return [line for lines in records(folder).values() for line in lines if line["event"] == event]


def complaints(line: dict[str, Any]) -> list[str]:
    """What the schema has against a line; a member that it does not name is told as well."""
    validator = _BY_EVENT.get(line.get("event", ""))
    if validator is None:
        return [f"there is no event {line.get('event')!r}"]
    named = validator.schema["properties"]  # type: ignore[index]
    unnamed = [f"{name} is not in the schema" for name in line if name not in named]
    return unnamed + [error.message for error in validator.iter_errors(line)]
