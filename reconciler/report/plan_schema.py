"""The published JSON Schema of the plan document and of the apply document."""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.model.binding import BINDING_VERSION
from reconciler.model.outcome import Result
from reconciler.model.policy import Level
from reconciler.report.rehearsal_document import REHEARSAL_SCHEMA
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


_EXPECTED: Final = {
    "type": ["number", "null"],
    "minimum": 0,
    "description": "Median of what earlier runs recorded; null where none did.",
}
_CHANGE: Final = _object(
    {"path": {"type": "string", "format": "json-pointer"}, "place": _TEXT},
    {
        "from": {},
        "to": {},
        "note": _TEXT,
        "limit": {
            "type": "integer",
            "minimum": 0,
            "description": "How many characters the text may have; absent where no page says.",
        },
    },
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
        "proved": {
            **_list(_TEXT),
            "description": "Declared and shown by no read, and as declared by their fingerprint.",
        },
        "notManaged": _list(_TEXT),
        "unchanged": {
            **_COUNT,
            "description": "How many declared fields are equal beside some that differ; else 0.",
        },
        "restartReason": {
            "type": "string",
            "description": "Why it restarts or does not; empty where nothing is written.",
        },
        "expectedSeconds": _EXPECTED,
        "wave": {**_COUNT, "description": "Lower ones are through before it begins."},
        "canary": {"const": True, "description": "Written before the others of its wave."},
        "ignored": _list(
            _object({"path": _TEXT, "rule": _TEXT, "place": _TEXT, "reason": _TEXT}),
        ),
        "notes": _list(_TEXT),
    },
)
_FINDING: Final = _object(
    {
        "rule": _TEXT,
        "level": {"enum": [level.value for level in Level]},
        "agent": {
            "oneOf": [
                {"type": "null"},
                _object({"apiVersion": _TEXT, "kind": _TEXT, "name": _TEXT}),
            ],
            "description": "null where the rule is about the plan as a whole.",
        },
        "text": _TEXT,
        "place": _TEXT,
        "allowedBy": {"type": "string", "description": "The break-glass, empty for none."},
        "evaluated": {
            "type": "boolean",
            "description": "false where the rule gave no answer: it counts as broken.",
        },
    }
)
_POLICY: Final = _object(
    {"denied": _COUNT, "findings": _list(_FINDING), "notices": _list(_TEXT)},
)
_DIGEST: Final = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
_KEYED: Final = "hmac-sha256:[0-9a-f]{8}:[0-9a-f]{64}"
_FACTS: Final = _list(
    _object(
        {"path": _TEXT, "digest": {"type": "string", "pattern": f"^(sha256:.*|{_KEYED})?$"}},
        {"notBound": {"type": "string", "description": "Why there is no digest."}},
    )
)
_MAP: Final = {"type": "object", "additionalProperties": _TEXT}
_BOUND_AGENT: Final = _object(
    {
        "apiVersion": _TEXT,
        "kind": _TEXT,
        "name": _TEXT,
        "manifest": {**_DIGEST, "description": "Of the effective manifest, secrets as references."},
        "fields": {**_MAP, "description": "A short digest of each part of it."},
        "secrets": {**_FACTS, "description": "Its secrets, each under a key (an HMAC)."},
        "live": {**_FACTS, "description": "The live value of each field that would change."},
    }
)
_BINDING: Final = {
    **_object(
        {
            "version": {"const": BINDING_VERSION},
            "accounts": {
                "type": "object",
                "additionalProperties": _MAP,
                "description": "By the title of each cloud: region, workspace, project.",
            },
            "options": {"type": "object", "description": "What decides beside the manifests."},
            "ignore": _DIGEST,
            "policy": _DIGEST,
            "fingerprintKey": {
                "type": "string",
                "description": "The id of the key that secrets were compared with, or empty.",
            },
            "agents": _list(_BOUND_AGENT),
            "digest": {**_DIGEST, "description": "Of the document without digest and signature."},
        },
        {"signature": {"type": "string", "pattern": f"^{_KEYED}$"}},
    ),
    "description": "What `apply --plan` holds against today; in what `plan -o json` writes.",
}
_ROLLBACK: Final = {
    **_object(
        {
            "result": {"enum": [result.value for result in Result]},
            "reason": _TEXT,
            "complete": {
                "type": "boolean",
                "description": "The agent is back, and all that was changed is as before.",
            },
            "fields": _list(_object({"path": _TEXT, "restored": _FLAG, "reason": _TEXT})),
        }
    ),
    "type": ["object", "null"],
    "description": "What came of writing back what it was before; null where nobody tried.",
}
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
        "notKept": _list(_TEXT),
        "ignoreRules": {
            "type": "string",
            "description": "The YAML to paste into reconcile.yaml to ignore what was not kept.",
        },
        "rollback": _ROLLBACK,
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
            "summary": _object(
                dict.fromkeys(_COUNTS, _COUNT),
                {"expectedSeconds": _EXPECTED, "recordedRuns": _COUNT},
            ),
            "agents": _list(_AGENT),
        },
        {
            "policy": _POLICY,
            "binding": _BINDING,
            "refusals": _list(
                _object(
                    {
                        "guard": {
                            "type": "string",
                            "description": "max-change or max-restarts; others may be added.",
                        },
                        "reason": _TEXT,
                        "allow": {"type": "string", "description": "What to type to go on."},
                    }
                )
            ),
            "rehearsal": REHEARSAL_SCHEMA,
            "outcomes": _list(_OUTCOME),
            "seconds": {"type": "number", "minimum": 0},
            "run": {
                "type": ["string", "null"],
                "description": "The id of the run's record; null where nothing was started.",
            },
            "rollbackOf": {"type": "string", "description": "In `rollback`: the run taken back."},
            "notRestored": {
                **_list(
                    _object(
                        {
                            "apiVersion": _TEXT,
                            "kind": _TEXT,
                            "name": _TEXT,
                            "path": _TEXT,
                            "reason": _TEXT,
                        }
                    )
                ),
                "description": "In `rollback`: fields that cannot go back.",
            },
        },
    ),
}
"""The schema of the plan document and of the apply document."""
