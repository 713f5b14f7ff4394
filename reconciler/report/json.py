"""The documents that programs read. Fields may be added to them, none is renamed.

Their JSON Schema stands in `schema.py`. An absent side of a change has no key; sealed and hidden
values were replaced when the plan was made.
"""

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any, Final, assert_never

from reconciler.model.binding import PLAN_FORMAT
from reconciler.model.errors import Problem
from reconciler.model.ignore import Ignored
from reconciler.model.ledger import Ledger
from reconciler.model.outcome import Outcome, Rollback
from reconciler.model.plan import (
    NOTHING,
    AgentPlan,
    Blocked,
    Change,
    Create,
    Delete,
    InSync,
    Plan,
    Unhealthy,
    Unreadable,
    Update,
)
from reconciler.model.tree import Tree
from reconciler.report.count import count_plan
from reconciler.report.ignoring import ignore_yaml
from reconciler.report.ledger import (
    expected_document,
    expected_of,
    refusals_document,
    restart_reason,
)
from reconciler.report.plain import plain
from reconciler.report.policy import policy_document

FORMAT_VERSION: Final = PLAN_FORMAT


def plan_document(plan: Plan) -> dict[str, Any]:
    """The document of `plan -o json`."""
    numbers = count_plan(plan)
    return {
        "formatVersion": FORMAT_VERSION,
        "target": plan.target,
        "summary": {
            "inSync": numbers.in_sync,
            "create": numbers.create,
            "update": numbers.update,
            "delete": numbers.delete,
            "unhealthy": numbers.unhealthy,
            "blocked": numbers.blocked,
            "unreadable": numbers.unreadable,
            "restarts": numbers.restarts,
            "requests": numbers.requests,
            **expected_document(plan),
        },
        "agents": [_agent(agent, plan.ledger) for agent in plan.agents],
        "policy": policy_document(plan.policy),
        "refusals": refusals_document(plan),
    }


def apply_document(plan: Plan, outcomes: Sequence[Outcome], *, seconds: float) -> dict[str, Any]:
    """The document of `apply -o json`: that of the plan, and what came of it."""
    return {
        **plan_document(plan),
        "seconds": round(seconds, 3),
        "outcomes": [_outcome(outcome) for outcome in outcomes],
    }


def problems_document(problems: Iterable[Problem], *, agents: int, files: int) -> dict[str, Any]:
    """The document of `validate -o json`; `agents` and `files` count what could be loaded."""
    return {
        "formatVersion": FORMAT_VERSION,
        "agents": agents,
        "files": files,
        "problems": [_problem(problem) for problem in problems],
    }


def dumps(document: Any) -> str:
    """JSON text for people and programs: indented, with nothing that a terminal acts on.

    JSON has no NaN and no infinity: such a number is written as its name, a string.
    """
    try:
        text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    except ValueError:
        text = json.dumps(_finite(document), ensure_ascii=False, indent=2, allow_nan=False)
    return plain(text, lines=True) + "\n"


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return json.dumps(value)
    if isinstance(value, dict):
        return {name: _finite(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(member) for member in value]
    return value


def _agent(agent: AgentPlan, ledger: Ledger | None) -> dict[str, Any]:
    about = agent.about
    action, reason, restarts, changes, patch, body = _parts(agent)
    return {
        "apiVersion": about.address.api_version,
        "kind": about.address.kind,
        "name": about.address.name,
        "id": about.id,
        "place": str(about.place),
        "status": about.status,
        "action": action,
        "reason": reason,
        "restarts": restarts,
        "restartReason": restart_reason(agent),
        "expectedSeconds": expected_of(about.address, ledger),
        "wave": about.wave or 0,
        **({"canary": True} if about.leads else {}),
        "changes": [_change(change) for change in changes],
        "patch": list(patch),
        "body": body,
        "unchanged": about.unchanged,
        "unobservable": [{"path": path, "reason": why} for path, why in about.unobservable],
        "proved": list(about.proved),
        "notManaged": list(about.not_managed),
        "ignored": [_ignored(one) for one in about.ignored],
        "notes": [*about.notes, *about.asides],
    }


_Parts = tuple[str, str, bool, tuple[Change, ...], tuple[Tree, ...], Tree]


def _parts(agent: AgentPlan) -> _Parts:
    """Action, reason, restarts, changes, patch and body of one entry."""
    match agent:
        case InSync():
            return "in-sync", "", False, (), (), {}
        case Create():
            return "create", "", False, agent.changes, agent.patch, agent.body
        case Update():
            return "update", "", agent.restarts, agent.changes, agent.patch, agent.body
        case Delete():
            return "delete", "", False, (), (), {}
        case Unhealthy():
            reason = ": ".join(part for part in (agent.status, agent.reason) if part)
            return "unhealthy", reason, False, (), (), {}
        case Blocked():
            return "blocked", agent.reason, False, agent.changes, (), {}
        case Unreadable():
            return "unreadable", agent.reason, False, (), (), {}
        case _:
            assert_never(agent)


def _change(change: Change) -> dict[str, Any]:
    sides = {"from": change.before, "to": change.after}
    return {
        "path": change.path,
        **{name: value for name, value in sides.items() if value is not NOTHING},
        "place": str(change.place),
        "note": change.note,
        **({} if change.limit is None else {"limit": change.limit}),
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "apiVersion": outcome.address.api_version,
        "kind": outcome.address.kind,
        "name": outcome.address.name,
        "id": outcome.id,
        "result": outcome.result.value,
        "seconds": round(outcome.seconds, 3),
        "restarts": outcome.restarts,
        "writes": outcome.writes,
        "reason": outcome.reason,
        "notes": list(outcome.notes),
        "notKept": list(outcome.not_kept),
        "ignoreRules": ignore_yaml(outcome),
        "rollback": None if outcome.rollback is None else _rollback(outcome.rollback),
    }


def _rollback(rollback: Rollback) -> dict[str, Any]:
    return {
        "result": rollback.result.value,
        "reason": rollback.reason,
        "complete": rollback.complete,
        "fields": [
            {"path": field.path, "restored": field.restored, "reason": field.reason}
            for field in rollback.fields
        ],
    }


def _ignored(ignored: Ignored) -> dict[str, Any]:
    rule = ignored.rule
    return {"path": ignored.path, "rule": rule.path, "place": rule.place, "reason": rule.reason}


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.place.file,
        "line": problem.place.line,
        "column": problem.place.column,
        "length": problem.length,
        "severity": "warning" if problem.warning else "error",
        "code": problem.code,
        "text": problem.text,
        "help": problem.help,
    }
