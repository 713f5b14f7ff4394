"""Looks at agents that are waited for: those of one cloud that fall due together share a poll.

Nothing is kept: every look is a read that was asked for after the look had begun. Whoever falls
due first takes along all who may look by then, and hands each what came of it; there is no task
that would have to be stopped.
"""

from dataclasses import dataclass, field
from typing import Final

import anyio

from reconciler.model.live import Found
from reconciler.model.manifest import Desired
from reconciler.ports import Clock, Session
from reconciler.wire.limiter import in_no_hurry

MOST_AT_ONCE: Final = 2
"""Polls of one session under way at a time: who falls due meanwhile shares the next one, so a cloud
that is slow to answer is asked for more at a time, not more often."""

REST_SECONDS: Final = 1.0
"""After a poll the next one waits for as long as that one took, but no longer than this: where the
account's allowance is short, more looks then share each of fewer requests."""

_MOMENT: Final = 1e-9
"""Seconds; less than this before it is due, a look is due."""


@dataclass(frozen=True, slots=True)
class When:
    """When a look is wanted (monotonic seconds), and from when on it may be taken along."""

    due: float
    earliest: float

    def before(self, deadline: float) -> "When":
        """The same, but no later than at `deadline`."""
        return When(min(self.due, deadline), min(self.earliest, deadline))


@dataclass(frozen=True, slots=True)
class Look:
    """What one read showed: it was asked for at `asked`, and known at `answered`."""

    found: Found
    asked: float
    answered: float


@dataclass(eq=False, slots=True)
class _Ticket:
    """Somebody who waits for a look; `taken` while a poll for it is under way."""

    desired: Desired
    agent_id: str | None
    when: When
    woken: anyio.Event = field(default_factory=anyio.Event)
    taken: bool = False
    look: Look | None = None

    def wake(self) -> None:
        """Let it see what has changed."""
        event, self.woken = self.woken, anyio.Event()
        event.set()


class Poller:
    """All looks of a run through one session. `polls` counts how often it was asked."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self._tickets: dict[_Ticket, None] = {}
        self._under_way = 0
        self._rested_at = float("-inf")
        self.polls = 0

    async def look(self, desired: Desired, agent_id: str | None, when: When) -> Look:
        """A fresh read of this agent when it is due, or a little earlier together with others.

        May be cancelled; those who shared its poll then ask again.
        """
        ticket = _Ticket(desired, agent_id, when)
        self._tickets[ticket] = None
        try:
            while ticket.look is None:
                await self._turn(ticket)
        finally:
            self._tickets.pop(ticket, None)
            if not ticket.taken:
                self._pass_on()  # it may have been the one whose turn it was
        return ticket.look

    async def _turn(self, ticket: _Ticket) -> None:
        """Wait for what comes first: the time, a look that somebody else brought, or a turn."""
        now = self._clock.monotonic()
        left = max(ticket.when.due, self._rested_at) - now
        if ticket.taken or (left <= _MOMENT and self._under_way >= MOST_AT_ONCE):
            await ticket.woken.wait()
        elif left > _MOMENT:
            with self._clock.timeout(left):
                await ticket.woken.wait()
        else:
            ready = [one for one in self._tickets if not one.taken and one.when.earliest <= now]
            others = [one for one in ready if one is not ticket]
            await self._poll([ticket, *others])

    async def _poll(self, batch: list[_Ticket]) -> None:
        for ticket in batch:
            ticket.taken = True
        self._under_way += 1
        self.polls += 1
        asked = self._clock.monotonic()
        try:
            wanted = [(ticket.desired, ticket.agent_id) for ticket in batch]
            with in_no_hurry():
                found = await self._session.poll(wanted)
            answered = self._clock.monotonic()
            self._rested_at = answered + min(answered - asked, REST_SECONDS)
            for ticket, one in zip(batch, found, strict=True):
                ticket.look = Look(one, asked, answered)
        finally:
            self._under_way -= 1
            for ticket in batch:
                ticket.taken = ticket.look is not None
                ticket.wake()
            self._pass_on()

    def _pass_on(self) -> None:
        """Wake the first who is due and waits for a turn, where there is one to be had."""
        now = self._clock.monotonic()
        due = (t for t in self._tickets if not t.taken and t.when.due - now <= _MOMENT)
        first = next(due, None)
        if first is not None and self._under_way < MOST_AT_ONCE:
            first.wake()
