"""The published JSON Schemas (2020-12): of the plan document, and of whole manifests."""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.model.outcome import Result
from reconciler.model.rules import Field, Shape, Trait

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

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

SECRET_REFERENCE: Final = {
    "type": "object",
    "description": "A secret is referred to, never written down.",
    "properties": {"secret": {"type": "string", "pattern": "^(env|file):."}},
    "required": ["secret"],
    "additionalProperties": False,
}


def manifest_schema(
    *, api_version: str, kind: str, spec: Mapping[str, Any], root: Field
) -> dict[str, Any]:
    """The schema of a whole manifest document.

    `spec` is the JSON Schema of its `spec`, `root` the rules of the same fields: they say where
    only a secret reference may stand and where a JSON document may be written as a string.
    """
    definitions = spec.get("$defs", {})
    return {
        "$schema": DIALECT,
        "title": f"{kind} ({api_version})",
        "type": "object",
        "properties": {
            "apiVersion": {"const": api_version},
            "kind": {"const": kind},
            "metadata": _metadata(),
            "spec": _widen(spec, root, definitions, ()),
            "rollout": {
                "type": "object",
                "properties": {
                    "wave": {"const": 0},
                    "timeout": {"type": "string", "description": "A duration such as 10m."},
                    "onFailure": {"const": "stop"},
                },
                "additionalProperties": False,
            },
        },
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "additionalProperties": False,
        "$defs": {"SecretReference": SECRET_REFERENCE},
    }


def _metadata() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 1},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "allowUnknown": {"type": "array", "items": {"type": "string"}},
            "complete": {"type": "boolean"},
        },
        "required": ["name"],
        "additionalProperties": False,
    }


_REFERENCE: Final = {"$ref": "#/$defs/SecretReference"}
_COMBINED: Final = ("anyOf", "oneOf", "allOf")


def _widen(
    schema: Any, rule: Field | None, definitions: Mapping[str, Any], seen: tuple[str, ...]
) -> Any:
    """`schema` with its references resolved and secret references allowed where strings are."""
    if not isinstance(schema, Mapping):
        return schema
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        if name in seen or name not in definitions:
            return {"type": "object"}
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        return _widen({**definitions[name], **beside}, rule, definitions, (*seen, name))
    widened = {key: value for key, value in schema.items() if key != "$defs"}
    for word in _COMBINED:
        if word in widened:
            widened[word] = [_widen(part, rule, definitions, seen) for part in widened[word]]
    if "properties" in widened:
        members = rule.members if rule else {}
        widened["properties"] = {
            name: _widen(part, members.get(name), definitions, seen)
            for name, part in widened["properties"].items()
        }
    item = rule.item if rule else None
    for word in ("items", "additionalProperties"):
        if isinstance(widened.get(word), Mapping):
            widened[word] = _widen(widened[word], item, definitions, seen)
    return _with_reference(widened, rule)


def _with_reference(schema: dict[str, Any], rule: Field | None) -> Any:
    """The alternatives to what the model says: a reference for a string, a string for JSON."""
    kinds = schema.get("type")
    if kinds == "string" or "string" in (kinds or ()):
        if rule is not None and rule.has(Trait.SECRET):
            return _REFERENCE
        return {"anyOf": [schema, _REFERENCE]}
    if rule is not None and rule.shape is Shape.DOCUMENT and kinds == "object":
        return {"anyOf": [schema, {"type": "string", "contentMediaType": "application/json"}]}
    return schema
