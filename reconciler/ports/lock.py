"""Locks: one run at a time where the same agents could be written. No code here acts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Owner:
    """Who holds a lock, or wants it. `since` is in seconds since the epoch, by that machine.

    `command` is the verb and its target, without what else was typed.
    """

    user: str
    host: str
    pid: int
    run: str
    command: str
    since: float


@dataclass(frozen=True, slots=True)
class Holder:
    """Who keeps a lock from being taken.

    `owner` is None where the holder did not leave its name (yet). `alive` says what shows that it
    still holds it.
    """

    name: str
    owner: Owner | None
    alive: str


@dataclass(frozen=True, slots=True)
class Applied:
    """The commit that was applied last, when (seconds since the epoch) and by which run."""

    commit: str
    run: str
    at: float


class Locks(Protocol):
    """A set of locks that one run takes together and gives back together.

    A lock must die with the process that holds it. Nothing here waits for a lock: `take` answers
    at once, and who wants to wait asks again.
    """

    @property
    def kind(self) -> str:
        """`file` or `postgresql`, for the record."""
        ...

    @property
    def reach(self) -> str:
        """Whom these locks keep out, in words."""
        ...

    def take(self, names: Sequence[str], owner: Owner) -> Holder | None:
        """Take all of them, or none: then who holds one of them.

        Raises GuardError or InputError where locks cannot be had at all.
        """
        ...

    def lost(self) -> str:
        """Why what was taken is not held any more, empty while it is. Asked before each write."""
        ...

    def holders(self, names: Sequence[str]) -> list[Holder]:
        """Who holds them now; what is free is left out. Raises what `take` raises."""
        ...

    def evict(self, names: Sequence[str]) -> str:
        """Take them away from whoever holds them; why that cannot be done, empty when it was."""
        ...

    def release(self) -> None:
        """Give everything back. Harmless to repeat."""
        ...

    def applied(self, scope: str) -> Applied | None:
        """The commit that was kept last for `scope`; None for none, or where none are kept."""
        ...

    def keep(self, scope: str, applied: Applied) -> None:
        """Keep the commit for `scope`, where commits are kept."""
        ...
