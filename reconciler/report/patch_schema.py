"""The published JSON Schema of a JSONPatch document (RFC 6902), which does what no overlay can."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from reconciler.report.schema_fields import DIALECT, VARIABLE, said

_OP: Final = said(
    "What is done: add, remove, replace, move, copy or test.",
    "要执行的操作：add、remove、replace、move、copy 或 test。",
)
_POINTER: Final = {"type": "string", "pattern": r"^(/([^~/]|~0|~1)*)*$"}
_PATH: Final = {
    **said(
        "JSON Pointer into the whole manifest, such as /spec/cpu.",
        "指向整份清单的 JSON Pointer，例如 /spec/cpu。",
    ),
    "anyOf": [_POINTER, VARIABLE],
}
_FROM: Final = {
    **said(
        "JSON Pointer to the value that is moved or copied.",
        "要移动或复制的值的 JSON Pointer。",
    ),
    "anyOf": [_POINTER, VARIABLE],
}
_VALUE: Final = said(
    "The value to add, to put in place, or to compare with.",
    "要添加、替换成或用于比较的值。",
)


def _operation(names: Sequence[str], **members: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"op": {**_OP, "enum": list(names)}, **members},
        "required": ["op", *members],
        "additionalProperties": False,
    }


def patch_schema(kinds: Sequence[str]) -> dict[str, Any]:
    """The schema of a JSONPatch document for manifests of these kinds."""
    return {
        "$schema": DIALECT,
        "title": "JSONPatch",
        "type": "object",
        "properties": {
            "kind": {
                **said("What the document is.", "文档的种类。"),
                "const": "JSONPatch",
            },
            "target": _target(kinds),
            "ops": {
                **said(
                    "The operations, in order: all of them are done, or none.",
                    "依次执行的操作：要么全部执行，要么都不执行。",
                ),
                "type": "array",
                "items": {
                    "anyOf": [
                        _operation(("add", "replace", "test"), path=_PATH, value=_VALUE),
                        _operation(("remove",), path=_PATH),
                        _operation(("move", "copy"), path=_PATH, **{"from": _FROM}),
                    ]
                },
            },
        },
        "required": ["kind", "target", "ops"],
        "additionalProperties": False,
    }


def _target(kinds: Sequence[str]) -> dict[str, Any]:
    return {
        **said("Which manifest is patched.", "要修补哪份清单。"),
        "type": "object",
        "properties": {
            "kind": {
                **said("Kind of that manifest.", "该清单的种类。"),
                "anyOf": [{"type": "string", "enum": list(kinds)}, VARIABLE],
            },
            "name": {
                **said("metadata.name of that manifest.", "该清单的 metadata.name。"),
                "type": "string",
            },
            "apiVersion": {
                **said(
                    "apiVersion of that manifest, where two of this kind and name differ in it.",
                    "该清单的 apiVersion，用于区分种类和名称都相同的清单。",
                ),
                "type": "string",
            },
        },
        "required": ["kind", "name"],
        "additionalProperties": False,
    }
