"""What is told of agents in sync, of which reports show nothing else."""

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from reconciler.model.plan import AgentPlan, InSync
from reconciler.report.count import counted

_MAX_ASIDES: Final = 3
"""How many different asides are told."""


class Note(NamedTuple):
    """What is told (`text`, not yet harmless) of one agent, the `name`, or of `number` of them.

    Without a text it is about that many notes that are not told.
    """

    text: str
    name: str = ""
    number: int = 1

    @property
    def subject(self) -> str:
        """Whom it is about, where that is no single agent."""
        if not self.text:
            return f"{counted(self.number, 'more note')} on agents in sync (-v lists them)"
        return f"{counted(self.number, 'agent')} in sync"


def quiet_notes(agents: Iterable[AgentPlan]) -> list[Note]:
    """Notes by agent, then what is told of several once, with how many those are."""
    quiet = [agent.about for agent in agents if isinstance(agent, InSync)]
    notes = [Note(note, str(about.address)) for about in quiet for note in about.notes]
    counts = Counter(aside for about in quiet for aside in about.asides).most_common()
    notes += [Note(aside, number=number) for aside, number in counts[:_MAX_ASIDES]]
    if len(counts) > _MAX_ASIDES:
        notes.append(Note("", number=len(counts) - _MAX_ASIDES))
    return notes
