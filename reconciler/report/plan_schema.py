"""The published JSON Schema of the plan document and of the apply document."""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.model.outcome import Result
from reconciler.report.schema_fields import DIALECT

_TEXT: Final = {"type": "string"}
_FLAG: Final = {"type": "boolean"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_ACTIONS: Final = ("in-sync", "create", "update", "delete", "unhealthy", "blocked", "unreadable")
_COUNTS: Final = (
    *("inSync", "create", "update", "delete", "unhealthy", "blocked", "unreadable"),
    *("restarts", "requests"),
)


def _object(required: Mapping[str, Any], optional: Mapping[str, Any] | None = None) -> Any:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
    }


def _list(item: Any) -> Any:
    return {"type": "array", "items": item}


_CHANGE: Final = _object(
    {"path": {"type": "string", "format": "json-pointer"}, "place": _TEXT},
    {"from": {}, "to": {}, "note": _TEXT},
)
_OPERATION: Final = _object(
    {"op": {"enum": ["add", "remove", "replace", "move", "copy", "test"]}, "path": _TEXT},
    {"value": {}, "from": _TEXT},
)
_AGENT: Final = _object(
    {
        "apiVersion": _TEXT,
        "kind": _TEXT,
        "name": _TEXT,
        "id": {"type": ["string", "null"]},
        "action": {"enum": list(_ACTIONS)},
        "reason": _TEXT,
        "restarts": _FLAG,
        "changes": _list(_CHANGE),
        "patch": _list(_OPERATION),
        "body": {"type": "object", "description": "What is sent; empty where nothing is."},
    },
    {
        "place": _TEXT,
        "status": _TEXT,
        "unobservable": _list(_object({"path": _TEXT, "reason": _TEXT})),
        "notManaged": _list(_TEXT),
        "notes": _list(_TEXT),
    },
)
_OUTCOME: Final = _object(
    {
        "kind": _TEXT,
        "name": _TEXT,
        "result": {"enum": [result.value for result in Result]},
        "seconds": {"type": "number", "minimum": 0},
        "restarts": _COUNT,
        "reason": _TEXT,
    },
    {
        "apiVersion": _TEXT,
        "id": {"type": ["string", "null"]},
        "writes": _COUNT,
        "notes": _list(_TEXT),
    },
)

PLAN_SCHEMA: Final[Mapping[str, Any]] = {
    "$schema": DIALECT,
    "title": "The document of `plan -o json`; `apply -o json` adds outcomes",
    "description": "Fields may be added, none is renamed. An absent side of a change has no key.",
    **_object(
        {
            "formatVersion": {"const": "1"},
            "target": _TEXT,
            "summary": _object(dict.fromkeys(_COUNTS, _COUNT)),
            "agents": _list(_AGENT),
        },
        {"outcomes": _list(_OUTCOME), "seconds": {"type": "number", "minimum": 0}},
    ),
}
"""The schema of the plan document and of the apply document."""
