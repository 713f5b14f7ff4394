"""How many agents may be restarting at a time: slots that are taken, given back, or lost.

Whoever is restarting holds a slot, wanted or not: an agent that somebody else restarted counts
from the beginning, and one whose restart outlives its deadline keeps its slot for the rest of the
run. Those who want to start wait in order.
"""

from collections import deque
from dataclasses import dataclass, field

import anyio


@dataclass(eq=False, slots=True)
class _Turn:
    """Somebody who waits; `granted` once the answer is known."""

    event: anyio.Event = field(default_factory=anyio.Event)
    granted: bool = False


class Slots:
    """A counted bound. `limit` is at least 1."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken = 0
        self._lost = 0
        self._waiting: deque[_Turn] = deque()

    async def take(self) -> bool:
        """Wait for a free slot and take it; False when none will ever be free again."""
        turn = _Turn()
        self._waiting.append(turn)
        self._advance()
        try:
            await turn.event.wait()
        except BaseException:
            if turn.granted:
                self.give_back()
            elif turn in self._waiting:
                self._waiting.remove(turn)
            raise
        return turn.granted

    def occupy(self) -> None:
        """Take a slot for what is restarting already, free or not."""
        self._taken += 1

    def give_back(self) -> None:
        """The restart is over."""
        self._taken -= 1
        self._advance()

    def lose(self) -> None:
        """The restart goes on, and nobody waits for its end any more."""
        self._lost += 1
        self._advance()

    def _advance(self) -> None:
        while self._waiting and self._taken < self._limit:
            turn = self._waiting.popleft()
            turn.granted = True
            self._taken += 1
            turn.event.set()
        if self._lost >= self._limit:
            while self._waiting:
                self._waiting.popleft().event.set()
