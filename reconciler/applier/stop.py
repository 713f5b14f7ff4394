"""One way to ask a running apply to stop: waits end, writes under way are finished."""

from collections.abc import Iterator
from contextlib import contextmanager

import anyio


class Stop:
    """A request to stop that every wait of a run obeys.

    `set` cancels all open scopes at once; a write inside is shielded by its caller, so that its
    reply is read and recorded before the cancellation is felt.
    """

    def __init__(self) -> None:
        self._requested = False
        self._scopes: set[anyio.CancelScope] = set()

    @property
    def requested(self) -> bool:
        """Whether the run was asked to stop."""
        return self._requested

    def set(self) -> None:
        """Ask for the stop. May be called again without effect."""
        self._requested = True
        for scope in tuple(self._scopes):
            scope.cancel()

    @contextmanager
    def scope(self) -> Iterator[anyio.CancelScope]:
        """A block that ends when the stop is asked for; `cancelled_caught` tells afterwards."""
        with anyio.CancelScope() as scope:
            self._scopes.add(scope)
            if self._requested:
                scope.cancel()
            try:
                yield scope
            finally:
                self._scopes.discard(scope)
