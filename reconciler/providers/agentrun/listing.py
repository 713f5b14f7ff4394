"""Walking lists whose pages may overlap, be shorter than asked for, or tell no total.

It knows neither paths nor fields: the caller fetches a page and names the id. What comes out has
each id once, in the order of its first sight.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias, TypeVar

import anyio

from reconciler.model.errors import CloudError
from reconciler.model.tree import Json, Tree

PAGE_SIZES: Final = (100, 50, 10)
"""Page sizes to ask for, the best first. The largest that the cloud takes is on no page; the
vendor's own code uses 100 and 50, and 10 is the documented example."""

MAX_PAGES: Final = 10_000  # a list that never ends is a fault of the cloud, not a reason to hang

BATCH_PAGES: Final = 10
"""How many pages are asked for before looking at what they brought: a total may be wrong, and then
at most so many requests go out for nothing."""

MAX_STALE_PAGES: Final = 2  # pages may overlap, so one that brings nothing new is no end yet

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """One item and the date of the reply that showed it, in seconds since the epoch."""

    item: Tree
    date: float | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `total` is None where the reply tells none, `size` what it holds at most."""

    rows: tuple[Row, ...]
    total: int | None
    size: int


FetchPage: TypeAlias = Callable[[int], Awaitable[Page]]
"""Fetches the page of this number, from 1."""


def count_of(value: Json) -> int | None:
    """A count as a reply tells it; None for what is none."""
    return value if type(value) is int and value >= 0 else None


def size_of(value: Json, rows: int, asked: int = PAGE_SIZES[0]) -> int:
    """What a full page holds: the reply's own word `value`, but no less than its `rows`."""
    return max(rows, min(count_of(value) or asked, asked))


async def gather(jobs: Sequence[Callable[[], Awaitable[T]]]) -> list[T | CloudError]:
    """The results in the order of `jobs`, which run side by side; a CloudError is a result."""
    results: dict[int, T | CloudError] = {}

    async def run(position: int, job: Callable[[], Awaitable[T]]) -> None:
        try:
            results[position] = await job()
        except CloudError as error:
            results[position] = error

    if len(jobs) == 1:
        await run(0, jobs[0])
    else:
        async with anyio.create_task_group() as group:
            for position, job in enumerate(jobs):
                group.start_soon(run, position, job)
    return [results[position] for position in range(len(jobs))]


async def collect(fetch_page: FetchPage, id_name: str) -> list[Row]:
    """Every item of a list, each id once. Raises the CloudError of the first page that fails.

    With a total, the pages after the first are fetched side by side, a batch at a time, and the
    walk is made once more where all of them show fewer: items move between pages while a list
    changes. It ends, and is not made again, at an empty page before the last and at the second page
    that brings nothing new: then the total is wrong. Without a total it ends at the first page that
    is short or brings nothing new.
    """
    seen: dict[str, Row] = {}
    if await _walk(fetch_page, id_name, seen):
        again: dict[str, Row] = {}  # of its own: what the first walk saw is new to the second
        await _walk(fetch_page, id_name, again)
        seen |= again
    return list(seen.values())


async def _walk(fetch_page: FetchPage, id_name: str, seen: dict[str, Row]) -> bool:
    """Walk once; whether every page that the total promises was there, yet too few items on them."""
    first = await fetch_page(1)
    _add(first, id_name, seen)
    if first.total is None:
        await _walk_on(fetch_page, id_name, seen, first)
        return False
    stride = _stride(first)
    last = min(-(-first.total // stride), MAX_PAGES) if stride else 1
    stale, ended = 0, False
    for numbers in _batches(first, last):
        pages = await gather([partial(fetch_page, number) for number in numbers])
        for number, page in zip(numbers, pages, strict=True):
            if isinstance(page, CloudError):
                raise page
            stale += not _add(page, id_name, seen)
            ended = ended or stale >= MAX_STALE_PAGES or (not page.rows and number < last)
        if ended:
            return False
    return len(seen) < first.total


def _batches(first: Page, last: int) -> Iterator[range]:
    """The numbers of the pages after the first, as they are fetched side by side."""
    # A first page that is short of its total makes the total doubtful: one page tells more.
    start, width = 2, BATCH_PAGES if len(first.rows) >= first.size else 1
    while start <= last:
        yield range(start, min(start + width, last + 1))
        start, width = start + width, BATCH_PAGES


async def _walk_on(fetch_page: FetchPage, id_name: str, seen: dict[str, Row], page: Page) -> None:
    """Page after page, for a cloud that tells no total."""
    for number in range(2, MAX_PAGES + 1):
        if len(page.rows) < page.size:
            return
        page = await fetch_page(number)
        if not _add(page, id_name, seen):
            return


def _stride(first: Page) -> int:
    """How many items a full page holds: a cloud may hold back some of those asked for."""
    more = first.total is not None and first.total > len(first.rows)
    return len(first.rows) if more and len(first.rows) < first.size else first.size


def _add(page: Page, id_name: str, seen: dict[str, Row]) -> bool:
    """Take in the rows of a page; whether any of them was new."""
    before = len(seen)
    for row in page.rows:
        identity = row.item.get(id_name)
        if isinstance(identity, str) and identity:
            seen[identity] = row
    return len(seen) > before
