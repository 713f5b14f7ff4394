"""Looking at many runtimes that are waited for, for as few requests as they can be had for.

There is no way to ask for some runtimes by id, but a page of a list shows a hundred whole ones, and
a list can be asked for by status: one page then shows all that are still busy, however many
runtimes there are besides. What a list does not show is read by itself.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from reconciler.model.errors import AccessDenied, CloudError, Refused
from reconciler.model.live import Found, Health, Live, Unread
from reconciler.providers.agentrun.codec import HEALTH

BUSY_STATUSES: Final = ",".join(sorted(word for word, one in HEALTH.items() if one is Health.BUSY))
"""What the filter by status takes: a list with commas."""

Sweep: TypeAlias = Callable[[str], Awaitable[Mapping[str, Found]]]
"""Every runtime of a list by its id; the argument is the filter by status, empty for none."""

Reads: TypeAlias = Callable[[Sequence[str]], Awaitable[Mapping[str, Found]]]
"""Each of these runtimes by its id, read one by one."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where looks come from. `pages` is how many requests the whole list takes, at least 1.

    `busy` are the ids that were busy when last seen: where to look first, never an answer.
    """

    sweep: Sweep
    reads: Reads
    pages: int
    busy: Collection[str]


async def look_at(wanted: Collection[str], sources: Sources) -> dict[str, Found]:
    """A fresh look at each of these ids. Raises AccessDenied and Refused where lists are no use."""
    found: dict[str, Found] = {}
    left = list(dict.fromkeys(wanted))
    busy = sum(one in sources.busy for one in left)
    # The page of those who are busy is one request more; it must be able to save two.
    for status, pays in (
        (BUSY_STATUSES, busy > 2 and sources.pages > 1),
        ("", True),
    ):
        if pays and len(left) > (1 if status else sources.pages):
            found |= await _swept(left, sources.sweep, status)
            left = [one for one in left if one not in found]
    if left:
        found |= await sources.reads(left)
    return found


async def _swept(wanted: Collection[str], sweep: Sweep, status: str) -> dict[str, Found]:
    """What a list shows of them: nothing where it cannot be had at all, not even by another try."""
    try:
        shown = await sweep(status)
    except (AccessDenied, Refused):
        raise
    except CloudError as error:
        return dict.fromkeys(wanted, Unread(str(error), error.cause))
    return {one: shown[one] for one in wanted if one in shown}


def busy_after(found: Found) -> bool:
    """Whether a runtime that was seen like this is likely to be busy at the next look."""
    return isinstance(found, Live) and found.health is Health.BUSY
