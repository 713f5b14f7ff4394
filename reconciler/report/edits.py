"""Where two sequences differ: the smallest edit, found in time that stays near linear.

The search is Myers' (An O(ND) Difference Algorithm and Its Variations, 1986) with a bound on the
number of edits, since what differs in more places than that is read whole anyway. Elements that
only one side has are set aside first: they never match, and a text that was written anew costs
nothing.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias

MAX_EDITS: Final = 48
"""Edits among elements that both sides have, above which the differing middle is one edit."""

_Chain: TypeAlias = "tuple[_Chain, int, int, int] | None"
"""Runs of equal elements, the last one first: what came before, both positions, and the length."""


class Edit(NamedTuple):
    """`old[low:high]` is replaced by `new[first:last]`; either may be empty."""

    low: int
    high: int
    first: int
    last: int


def edits(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Edit]:
    """The edits that make `new` out of `old`, in order, with equal elements between them."""
    start, end = common_ends(old, new)
    matches = _matches(old, new, start, end)
    return list(_gaps([*matches, (len(old) - end, len(new) - end, end)], start))


def common_ends(old: Sequence[Hashable], new: Sequence[Hashable]) -> tuple[int, int]:
    """How many elements are the same at the beginning, and of the rest how many at the end."""
    most = min(len(old), len(new))
    start = _most(most, lambda size: old[:size] == new[:size])
    left, right = len(old), len(new)
    end = _most(most - start, lambda size: old[left - size :] == new[right - size :])
    return start, end


def _most(most: int, same: Callable[[int], bool]) -> int:
    """The largest size up to `most` for which it is the same, by halving: slices compare fast."""
    low = 0
    while low < most:
        middle = (low + most + 1) // 2
        if same(middle):
            low = middle
        else:
            most = middle - 1
    return low


def _gaps(runs: Sequence[tuple[int, int, int]], start: int) -> Iterator[Edit]:
    low = first = start
    for old_at, new_at, length in runs:
        if low < old_at or first < new_at:
            yield Edit(low, old_at, first, new_at)
        low, first = old_at + length, new_at + length


def _matches(
    old: Sequence[Hashable], new: Sequence[Hashable], start: int, end: int
) -> list[tuple[int, int, int]]:
    """Equal elements between `start` and `end`, each as (position, position, 1)."""
    olds, news = range(start, len(old) - end), range(start, len(new) - end)
    left, right = (Counter(side[start : len(side) - end]) for side in (old, new))
    shared = left.keys() & right.keys()
    surplus = sum(abs(left[one] - right[one]) for one in shared)
    if not shared or surplus > MAX_EDITS:  # what one side has more often is an edit each
        return []
    mine = [at for at in olds if old[at] in shared]
    theirs = [at for at in news if new[at] in shared]
    chain = _longest([old[at] for at in mine], [new[at] for at in theirs])
    found = []
    while chain is not None:
        chain, x, y, length = chain
        found += [(mine[x + i], theirs[y + i], 1) for i in reversed(range(length))]
    return found[::-1]


def _longest(old: Sequence[Hashable], new: Sequence[Hashable]) -> _Chain:
    """The longest common subsequence, or None where that takes more than `MAX_EDITS` edits.

    `reach[d]` is how far into `old` the edits so far come on diagonal d (the position in `old` less
    the one in `new`), and `chains[d]` the equal elements on the way there.
    """
    size, other = len(old), len(new)
    reach, chains = {1: 0}, dict[int, _Chain]({1: None})
    for distance in range(min(size + other, MAX_EDITS) + 1):
        for diagonal in range(-distance, distance + 1, 2):
            left, right = reach.get(diagonal - 1, -1), reach.get(diagonal + 1, -1)
            x = max(left + 1, right)
            chain = chains[diagonal + 1 if right > left else diagonal - 1]
            begin, y = x, x - diagonal
            while x < size and y < other and old[x] == new[y]:
                x += 1
                y += 1
            if x > begin:
                chain = (chain, begin, begin - diagonal, x - begin)
            if x >= size and y >= other:
                return chain
            reach[diagonal], chains[diagonal] = x, chain
    return None
