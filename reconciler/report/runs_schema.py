"""The published JSON Schema of the document of `runs -o json` and of `runs show -o json`."""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.model.run import RunState
from reconciler.report.schema_fields import DIALECT

_TEXT: Final = {"type": "string"}
_MAYBE: Final = {"type": ["string", "null"]}
_COUNT: Final = {"type": "integer", "minimum": 0}
_MOMENT: Final = {"type": ["string", "null"], "format": "date-time"}
_TEXTS: Final = {"type": "array", "items": _TEXT}
_SECONDS: Final = {"type": ["number", "null"], "minimum": 0}
_ADDRESS: Final = {"apiVersion": _TEXT, "kind": _TEXT, "name": _TEXT}


def _object(members: Mapping[str, Any], optional: Mapping[str, Any] | None = None) -> Any:
    return {
        "type": "object",
        "properties": {**members, **(optional or {})},
        "required": list(members),
    }


_WRITE: Final = _object(
    {
        **_ADDRESS,
        "id": _MAYBE,
        "operation": _TEXT,
        "rollback": {"type": "boolean", "description": "It brought the agent back."},
        "intendedAt": _MOMENT,
        "paths": _TEXTS,
        "before": {"type": "object", "description": "Former values by pointer."},
        "after": {"type": "object", "description": "New values by pointer."},
        "unset": {**_TEXTS, "description": "Fields that had no value before."},
        "hidden": {**_TEXTS, "description": "Fields whose former value is not kept."},
        "sealed": {**_TEXTS, "description": "Fields whose new value is not kept."},
        "answer": _MAYBE,
        "detail": _TEXT,
        "endedAt": _MOMENT,
        "result": {**_MAYBE, "description": "null where no end is on record."},
        "reason": _TEXT,
        "seconds": _SECONDS,
        "busySeconds": _SECONDS,
        "restarts": {"type": ["integer", "null"], "minimum": 0},
    }
)
_RUN: Final = _object(
    {
        "id": _TEXT,
        "target": _TEXT,
        "command": _TEXT,
        "state": {"enum": [state.value for state in RunState]},
        "startedAt": _MOMENT,
        "endedAt": _MOMENT,
        "host": _TEXT,
        "pid": {"type": ["integer", "null"]},
        "of": {**_MAYBE, "description": "The run that it takes back or releases."},
        "commit": {
            "oneOf": [{"type": "null"}, _object({"rev": _TEXT, "dirty": {"type": "boolean"}})]
        },
        "agents": {"type": ["integer", "null"], "minimum": 0},
        "results": {"type": "object", "additionalProperties": _COUNT},
        "unfinished": {
            "type": "array",
            "items": _object(_ADDRESS),
            "description": "Agents with a write without an end.",
        },
        "quarantined": {
            "type": "array",
            "items": _object(_ADDRESS),
            "description": "Agents whose manifests of then are not applied until released.",
        },
    },
    {"writes": {"type": "array", "items": _WRITE, "description": "In `runs show` alone."}},
)

RUNS_SCHEMA: Final[Mapping[str, Any]] = {
    "$schema": DIALECT,
    "title": "The document of `runs -o json` and `runs show ID -o json`",
    "description": "Fields may be added, none is renamed.",
    **_object(
        {
            "formatVersion": {"const": "1"},
            "runs": {"type": "array", "items": _RUN},
            "older": {**_COUNT, "description": "How many older runs there are."},
            "notRecords": {
                "type": "array",
                "items": _object({"file": _TEXT, "reason": _TEXT}),
                "description": "Files in the folder that are no records.",
            },
        }
    ),
}
"""The schema of both documents."""
