"""What each entry of a plan comes to, in the words and the order that reports share."""

from collections.abc import Sequence
from typing import Final, NamedTuple, assert_never

from reconciler.model.plan import (
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
from reconciler.report.count import counted, in_sync_word
from reconciler.report.text import changes_of, render_entries

RESTARTS: Final = "restarts the runtime"
WIDTH: Final = 100
"""How wide the text of one agent is inside a report."""


class Standing(NamedTuple):
    """What is said of one agent.

    `word` is its state in a word or two, `reason` what a cloud or we say of it (not yet harmless,
    empty where there is nothing to say). `rank` sorts by what matters: 0 is read first.
    """

    word: str
    rank: int
    reason: str = ""
    restarts: bool = False
    changes: tuple[Change, ...] = ()

    @property
    def cost(self) -> str:
        """How much differs, and whether the runtime restarts: `2 fields, restarts …`."""
        fields = counted(len(self.changes), "field") if self.changes else ""
        return ", ".join(filter(None, (fields, RESTARTS if self.restarts else "")))


def standing(agent: AgentPlan) -> Standing:
    """What an entry comes to. Restarts come first, then what nobody can bring about."""
    changes = changes_of(agent)
    match agent:
        case Update():
            rank = 0 if agent.restarts else 5
            return Standing("update", rank, restarts=agent.restarts, changes=changes)
        case Blocked():
            return Standing("blocked", 1, agent.reason, changes=changes)
        case Unreadable():
            return Standing("unreadable", 2, agent.reason)
        case Unhealthy():
            reason = ": ".join(part for part in (agent.status, agent.reason) if part)
            return Standing("unhealthy", 3, reason)
        case Delete():
            return Standing("delete", 4)
        case Create():
            return Standing("create", 6, changes=changes)
        case InSync():
            return Standing(in_sync_word(agent), 7)
        case _:
            assert_never(agent)


def ranked(plan: Plan) -> Sequence[AgentPlan]:
    """The agents that are not in sync, those that matter most first, else as in the plan."""
    agents = (agent for agent in plan.agents if not isinstance(agent, InSync))
    return sorted(agents, key=lambda agent: standing(agent).rank)


def place_text(agent: AgentPlan) -> str:
    """`manifests/agents.yaml:12`, not yet harmless."""
    return f"{agent.about.place.file}:{agent.about.place.line}"


def entry_text(agent: AgentPlan) -> str:
    """One agent as text for people, harmless, without a line feed at its end."""
    return render_entries((agent,), color=False, width=WIDTH).rstrip("\n")
