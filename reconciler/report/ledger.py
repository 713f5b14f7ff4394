"""What a plan costs and which guard refuses it, for people and for programs."""

from math import ceil
from typing import Any, Final

from reconciler.model.ledger import Ledger
from reconciler.model.manifest import Address
from reconciler.model.plan import AgentPlan, Create, Plan, Update
from reconciler.report.count import counted
from reconciler.report.ink import Ink, Style
from reconciler.report.plain import capped, plain
from reconciler.report.wrap import Piece, hanging, painted

RESTARTS: Final = "this restarts the runtime"
_NEW: Final = "it is new"


def restart_words(update: Update) -> str:
    """Whether an update restarts its agent, and why; empty where there is nothing to say."""
    why = f" ({plain(update.restart_reason)})" if update.restart_reason else ""
    if update.restarts:
        return f"{RESTARTS}{why}"
    return f"nothing restarts{why}" if why else ""


def restart_reason(agent: AgentPlan) -> str:
    """Why an agent restarts or does not; empty for one to which nothing is written."""
    match agent:
        case Update():
            return agent.restart_reason
        case Create():
            return _NEW
        case _:
            return ""


def expectation(ledger: Ledger) -> str:
    """`about 40 s expected (from 3 recorded runs)`."""
    if ledger.expected_seconds is None:
        return "expected seconds unknown"
    source = counted(ledger.runs, "recorded run")
    return f"about {duration(ledger.expected_seconds)} expected (from {source})"


def duration(seconds: float) -> str:
    """`40 s`, `3 min 20 s`, `2 h 5 min`: rounded up, two units at most."""
    minutes, rest = divmod(ceil(seconds), 60)
    hours, left = divmod(minutes, 60)
    if hours:
        return f"{hours} h {left} min" if left else f"{hours} h"
    if minutes:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{rest} s"


def render_limits(
    plan: Plan, *, color: bool, verbose: bool = False, width: int | None = None
) -> str:
    """That apply refuses this plan and how to go on, and an empty line; nothing where it does not.

    With `verbose` also the records of earlier runs that no expectation can rest on. Reasons are
    wrapped where there is a `width`.
    """
    ink = Ink(color)
    lines = [
        painted(row, ink)
        for one in plan.refusals
        for row in hanging(
            [Piece("!", Style.WARNING), Piece(f" {plain(capped(one.text))}")], width, 4
        )
    ]
    if lines:
        lines.insert(0, ink.paint(Style.STRONG, "Limits: apply refuses this plan"))
    damaged = plan.ledger.damaged if verbose and plan.ledger else ()
    lines += [
        ink.paint(Style.DIM, f"note: the record {plain(capped(name))} was passed over: {why}")
        for name, why in damaged
    ]
    return "".join(f"{line}\n" for line in lines) + ("\n" if lines else "")


def refusal_of(plan: Plan) -> str:
    """All of why the guards refuse a plan, in one line; empty where they do not."""
    return "; ".join(one.text for one in plan.refusals)


def expected_document(plan: Plan) -> dict[str, Any]:
    """What the summary of the plan document says of time; nothing where nobody asked."""
    if plan.ledger is None:
        return {}
    seconds = plan.ledger.expected_seconds
    return {
        "expectedSeconds": None if seconds is None else round(seconds, 1),
        "recordedRuns": plan.ledger.runs,
    }


def expected_of(address: Address, ledger: Ledger | None) -> float | None:
    """How many seconds the write of this agent is expected to take, None where that is unknown."""
    timing = ledger.timings.get(address) if ledger is not None else None
    return None if timing is None else round(timing.seconds, 1)


def refusals_document(plan: Plan) -> list[dict[str, str]]:
    """The member `refusals` of the plan document."""
    return [{"guard": one.guard, "reason": one.reason, "allow": one.allow} for one in plan.refusals]
