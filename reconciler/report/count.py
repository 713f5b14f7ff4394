"""The numbers of a plan and of its outcomes, once for every format."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from reconciler.model.outcome import Outcome, Result
from reconciler.model.plan import (
    Blocked,
    Create,
    Delete,
    InSync,
    Plan,
    Unhealthy,
    Unreadable,
    Update,
)


@dataclass(frozen=True, slots=True)
class PlanCount:
    """How many agents are in each state, and what carrying the plan out costs."""

    in_sync: int
    create: int
    update: int
    delete: int
    unhealthy: int
    blocked: int
    unreadable: int
    restarts: int

    @property
    def requests(self) -> int:
        """How many requests would change something."""
        return self.create + self.update + self.delete

    @property
    def differences(self) -> int:
        """How many agents are not as they should be, as far as could be read."""
        return self.requests + self.unhealthy + self.blocked


def count_plan(plan: Plan) -> PlanCount:
    """The numbers of a plan."""
    kinds = Counter(type(agent) for agent in plan.agents)
    return PlanCount(
        in_sync=kinds[InSync],
        create=kinds[Create],
        update=kinds[Update],
        delete=kinds[Delete],
        unhealthy=kinds[Unhealthy],
        blocked=kinds[Blocked],
        unreadable=kinds[Unreadable],
        restarts=sum(isinstance(agent, Update) and agent.restarts for agent in plan.agents),
    )


def count_outcomes(outcomes: Iterable[Outcome]) -> Counter[Result]:
    """How many agents ended in each result."""
    return Counter(outcome.result for outcome in outcomes)


def counted(number: int, noun: str, several: str = "") -> str:
    """`1 restart`, `2 restarts`; `several` is the plural where an s does not make it."""
    return f"{number} {noun if number == 1 else several or noun + 's'}"


def in_sync_word(agent: InSync) -> str:
    """What an agent that nothing is done about is called: a reviewed plan may leave drift alone."""
    return "left alone" if agent.about.left_alone else "in sync"
