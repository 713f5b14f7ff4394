"""A rehearsal for programs: the member `rehearsal` of the plan document, and its schema."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from reconciler.model.manifest import Address
from reconciler.model.outcome import Result, Rollback
from reconciler.model.rehearsal import Doing, Expected, Known, Mishap, Part, Rehearsal
from reconciler.report.rehearsal import UNKNOWABLE

_TEXT: Final = {"type": "string"}
_FLAG: Final = {"type": "boolean"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_SECONDS: Final = {"type": "number", "minimum": 0}
_EXIT: Final = {"type": "integer", "minimum": 0, "maximum": 255}


def rehearsal_document(rehearsal: Rehearsal) -> dict[str, Any]:
    """The member `rehearsal` of `plan -o json`."""
    return {
        "seconds": round(rehearsal.seconds, 3),
        "writes": rehearsal.writes,
        "restarts": rehearsal.restarts,
        "exitCode": rehearsal.exit_code,
        "agents": [_part(part) for part in rehearsal.parts],
        "failures": [_mishap(mishap) for mishap in rehearsal.mishaps],
        "withoutFailure": [{"wave": wave, "reason": why} for wave, why in rehearsal.unbroken],
        "leftOut": [{**_address(one), "reason": why} for one, why in rehearsal.left_out],
        "notes": list(rehearsal.remarks),
        "cannotKnow": list(UNKNOWABLE),
    }


def _part(part: Part) -> dict[str, Any]:
    outcome = part.outcome
    return {
        **_address(part.address),
        "wave": part.wave,
        "canary": part.canary,
        "result": outcome.result.value,
        "reason": outcome.reason,
        "notes": list(outcome.notes),
        "writes": outcome.writes,
        "restarts": outcome.restarts,
        "restart": None if part.restart is None else _expected(part.restart),
        "spans": [
            {"doing": one.doing.value, "begin": round(one.begin, 3), "end": round(one.end, 3)}
            for one in part.spans
        ],
        "rollback": None if outcome.rollback is None else _rollback(outcome.rollback),
    }


def _expected(expected: Expected) -> dict[str, Any]:
    return {
        "seconds": round(expected.seconds, 3),
        "from": expected.known.value,
        "writes": expected.writes,
    }


def _rollback(rollback: Rollback) -> dict[str, Any]:
    return {
        "result": rollback.result.value,
        "reason": rollback.reason,
        "complete": rollback.complete,
        "fields": [
            {"path": one.path, "restored": one.restored, "reason": one.reason}
            for one in rollback.fields
        ],
    }


def _mishap(mishap: Mishap) -> dict[str, Any]:
    return {
        "wave": mishap.wave,
        "agent": _address(mishap.address),
        "canary": mishap.canary,
        "begin": round(mishap.begin, 3),
        "seconds": round(mishap.seconds, 3),
        "restarts": mishap.restarts,
        "exitCode": mishap.exit_code,
        "halted": mishap.halted,
        "stopped": [_address(one) for one in mishap.stopped],
        "agents": [_part(part) for part in mishap.parts],
    }


def _address(address: Address) -> dict[str, str]:
    return {"apiVersion": address.api_version, "kind": address.kind, "name": address.name}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(properties), "required": list(properties)}


def _list(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


def _said(text: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {**schema, "description": text}


def _words(values: Sequence[str]) -> dict[str, Any]:
    return {"enum": [str(value) for value in values]}


def _or_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {**schema, "type": ["object", "null"]}


_NAMED: Final = {"apiVersion": _TEXT, "kind": _TEXT, "name": _TEXT}
_AGENTS: Final = _list(
    _object(
        {
            **_NAMED,
            "wave": {"type": "integer"},
            "canary": _FLAG,
            "result": _words(list(Result)),
            "reason": _TEXT,
            "notes": _list(_TEXT),
            "writes": _COUNT,
            "restarts": _COUNT,
            "restart": _said(
                "How long its restart is taken to be, and what that rests on; null where nothing "
                "of it restarts.",
                _or_null(
                    _object({"seconds": _SECONDS, "from": _words(list(Known)), "writes": _COUNT})
                ),
            ),
            "spans": _said(
                "What is going on with it when, in seconds from the beginning of the run.",
                _list(_object({"doing": _words(list(Doing)), "begin": _SECONDS, "end": _SECONDS})),
            ),
            "rollback": _said(
                "What came of writing back what it was; null where nobody tried.",
                _or_null(
                    _object(
                        {
                            "result": _words(list(Result)),
                            "reason": _TEXT,
                            "complete": _FLAG,
                            "fields": _list(
                                _object({"path": _TEXT, "restored": _FLAG, "reason": _TEXT})
                            ),
                        }
                    )
                ),
            ),
        }
    )
)
_FAILURE: Final = _object(
    {
        "wave": {"type": "integer"},
        "agent": _said("Whose restart was made to end FAILED.", _object(_NAMED)),
        "canary": _FLAG,
        "begin": _said("When the wave began.", _SECONDS),
        "seconds": _said("When the wave was over.", _SECONDS),
        "restarts": _said("In this wave.", _COUNT),
        "exitCode": _said("That of the whole run.", _EXIT),
        "halted": _said("Why nothing more was started; empty where the run went on.", _TEXT),
        "stopped": _said("Agents that were then not written to.", _list(_object(_NAMED))),
        "agents": _said("Those of this wave.", _AGENTS),
    }
)
REHEARSAL_SCHEMA: Final[Mapping[str, Any]] = _said(
    "With --rehearse: the apply of this plan, played on a copy in memory.",
    _object(
        {
            "seconds": _said("How long the whole run is expected to take.", _SECONDS),
            "writes": _COUNT,
            "restarts": _COUNT,
            "exitCode": _said("What apply is expected to end with.", _EXIT),
            "agents": _AGENTS,
            "failures": _said("Each wave once more, with a failure in it.", _list(_FAILURE)),
            "withoutFailure": _list(_object({"wave": {"type": "integer"}, "reason": _TEXT})),
            "leftOut": _list(_object({**_NAMED, "reason": _TEXT})),
            "notes": _list(_TEXT),
            "cannotKnow": _list(_TEXT),
        }
    ),
)
"""The schema of the member `rehearsal` of the plan document."""
