"""Who starts before whom, where several are waiting and only so many may be under way."""

from collections.abc import Sequence
from math import inf


def longest_first(expected: Sequence[float | None]) -> list[int]:
    """The positions in the order in which they start; `expected` are seconds, None for unknown.

    What takes longest goes first, so that nothing long is left to be waited for alone in the end:
    the slots are then through after 4/3 of the shortest possible time at most (Graham, 1969), and
    not after twice as long. Unknown ones could be the longest. Equal ones keep their order.
    """
    return sorted(
        range(len(expected)),
        key=lambda position: -(inf if (one := expected[position]) is None else one),
    )
