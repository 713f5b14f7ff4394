"""Several calls side by side, with one error instead of a group of them, and none that holds all up."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final, TypeVar

import anyio

from reconciler.model.errors import ReconcileError
from reconciler.ports import Clock

PATIENCE_SECONDS: Final = 15.0
"""So long others wait for the read of one that does not come."""

T = TypeVar("T")


async def together(jobs: Sequence[Callable[[], Awaitable[T]]]) -> list[T]:
    """The results in the order of `jobs`. Raises the first ReconcileError once all have ended."""
    if len(jobs) == 1:
        return [await jobs[0]()]
    results: dict[int, T] = {}
    errors: dict[int, ReconcileError] = {}

    async def run(position: int, job: Callable[[], Awaitable[T]]) -> None:
        try:
            results[position] = await job()
        except ReconcileError as error:
            errors[position] = error

    async with anyio.create_task_group() as group:
        for position, job in enumerate(jobs):
            group.start_soon(partial(run, position, job))
    for position in sorted(errors):
        raise errors[position]
    return [results[position] for position in range(len(jobs))]


async def patiently(clock: Clock, job: Callable[[], Awaitable[T]], late: T) -> T:
    """The result of a read that others wait for too, `late` where it takes too long for them."""
    results = [late]
    with clock.timeout(PATIENCE_SECONDS):
        results.append(await job())
    return results[-1]
