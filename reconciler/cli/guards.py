"""The limits of a run, and what a plan costs and whether it stays within them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, assert_never

from reconciler.applier.job import key
from reconciler.applier.recorded import Recollection, recollect
from reconciler.cli.reading import Entry
from reconciler.cli.records import RUNS_FOLDER
from reconciler.cli.setup import Setup
from reconciler.differ.guards import refusals
from reconciler.differ.lanes import Lane, Runner, lane_of, lane_sizes
from reconciler.differ.ledger import Write, expect
from reconciler.differ.waves import Turn, placed
from reconciler.loader.quantities import parse_percent
from reconciler.model.errors import InputError
from reconciler.model.ledger import Ledger
from reconciler.model.live import Live
from reconciler.model.plan import (
    About,
    AgentPlan,
    Blocked,
    Create,
    Delete,
    InSync,
    Plan,
    Unhealthy,
    Unreadable,
    Update,
)
from reconciler.model.target import Limits

_WHOLE: Final = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class TypedLimits:
    """The limits that were typed, None for those that were not."""

    max_change_percent: float | None = None
    max_restarts: int | None = None
    canary: int | None = None

    @staticmethod
    def parse(
        max_change: str | None, max_restarts: str | None, canary: str | None = None
    ) -> "TypedLimits":
        """What these options say. Raises InputError for what is no limit."""
        return TypedLimits(
            None if max_change is None else _percent(max_change),
            None if max_restarts is None else _whole("--max-restarts", max_restarts),
            None if canary is None else _whole("--canary", canary),
        )

    def over(self, setup: Setup) -> Setup:
        """The setup with these limits instead of the target's."""
        limits = setup.target.limits
        if self.max_change_percent is not None:
            limits = replace(limits, max_change_percent=self.max_change_percent)
        if self.max_restarts is not None:
            limits = replace(limits, max_restarts=self.max_restarts)
        if self.canary is not None:
            limits = replace(limits, canary=self.canary)
        return replace(setup, target=replace(setup.target, limits=limits))


def _percent(text: str) -> float:
    try:
        return parse_percent(text)
    except ValueError as error:
        raise InputError(f"--max-change: {error}") from error


def _whole(option: str, text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise InputError(f"{option}: a whole number from 0 is expected")
    return int(text)


def weighed(setup: Setup, plan: Plan, entries: Sequence[Entry]) -> Plan:
    """The plan with the time that it is expected to take, and the limits that it goes beyond.

    `entries` are its agents, in its order.
    """
    limits = setup.target.limits
    turns = [
        Turn(entry.desired.rollout.wave, bool(_operation(agent)))
        for agent, entry in zip(plan.agents, entries, strict=True)
    ]
    plan = replace(plan, agents=placed(plan.agents, turns, limits))
    ledger = _ledger(plan, entries, limits, setup.target.name)
    return replace(plan, ledger=ledger, refusals=refusals(plan, limits))


def _ledger(plan: Plan, entries: Sequence[Entry], limits: Limits, target: str) -> Ledger:
    runners = [_runner(entry) for entry in entries]
    written = [
        (agent, runner, operation)
        for agent, runner in zip(plan.agents, runners, strict=True)
        if (operation := _operation(agent))
    ]
    if not written:
        return Ledger(expected_seconds=0.0)  # nothing is asked of earlier runs
    earlier = recollect(RUNS_FOLDER, target)
    writes = [
        _write(earlier, agent.about, operation, lane_of(runner, limits))
        for agent, runner, operation in written
    ]
    ledger = expect(writes, lane_sizes(runners, limits), limits.wave_pause_seconds)
    return replace(ledger, damaged=tuple(earlier.damaged))


def _runner(entry: Entry) -> Runner:
    account = entry.session.account if entry.session is not None else ""
    return Runner(entry.rules.restarts, account, isinstance(entry.found, Live))


def _operation(agent: AgentPlan) -> str:
    """What records call the write that an agent needs, empty for none."""
    match agent:
        case Create():
            return "create"
        case Update():
            return "update"
        case Delete():
            return "delete"
        case InSync() | Unhealthy() | Blocked() | Unreadable():
            return ""
        case _:
            assert_never(agent)


def _write(earlier: Recollection, about: About, operation: str, lane: Lane) -> Write:
    name = key(about.address)
    own = earlier.writes.get((name, operation), [])
    kind = [] if own else earlier.of_kind(name.removesuffix(about.address.name), operation)
    return Write(about.address, lane, own, kind, about.wave or 0, about.leads)
