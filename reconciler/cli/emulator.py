"""The sandbox inside the program: both clouds behind a transport, without a port."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

from reconciler.model.errors import InputError
from reconciler.sandbox.app import create_app
from reconciler.sandbox.errors import SandboxError
from reconciler.sandbox.store import Store

FILE: Final = Path(".reconcile/sandbox.db")
"""Where the emulated clouds keep their state, below the working folder."""


class EmulatedTransport(httpx.AsyncBaseTransport):
    """Calls the emulated clouds directly."""

    def __init__(self, store: Store, now: Callable[[], float]) -> None:
        self._inner = httpx.ASGITransport(app=create_app(store, now=now))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See `httpx.AsyncBaseTransport`. Raises InputError when the file cannot be used."""
        with sandbox_errors():
            return await self._inner.handle_async_request(request)


@contextmanager
def sandbox_errors() -> Iterator[None]:
    """What the sandbox cannot do, told as an error of the user's."""
    try:
        yield
    except SandboxError as error:
        raise InputError(f"sandbox: {error}") from error


@contextmanager
def opened(path: Path = FILE) -> Iterator[Store]:
    """The sandbox's file, made and seeded at its first use. Raises InputError if unusable."""
    with sandbox_errors(), Store(path) as store:
        yield store
