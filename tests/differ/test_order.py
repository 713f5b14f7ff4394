"""Who starts first where several wait: whoever is expected to take longest."""

import random

from reconciler.differ.ledger import makespan
from reconciler.differ.order import longest_first


def test_the_longest_starts_first_and_equal_ones_keep_their_order() -> None:
    """Unknown ones could be the longest of all."""
    assert longest_first([30, 90, None, 30, 60, None]) == [2, 5, 1, 4, 0, 3]


def test_without_a_record_the_order_stays() -> None:
    """Nothing is known of anybody."""
    assert longest_first([None] * 5) == [0, 1, 2, 3, 4]


def test_slots_are_through_near_the_shortest_possible_time() -> None:
    """Never more than a third above what no schedule goes below, and mostly far less."""
    ratios = []
    for seed in range(500):
        chance = random.Random(seed)
        lengths = [chance.lognormvariate(4, 0.5) for _ in range(chance.randint(1, 60))]
        slots = chance.randint(1, 9)
        took = makespan([lengths[one] for one in longest_first(lengths)], slots)
        ordered = sorted(lengths, reverse=True)
        pair = sum(ordered[slots - 1 : slots + 1]) if len(lengths) > slots else 0.0
        least = max(sum(lengths) / slots, ordered[0], pair)
        ratios.append(took / least)
        assert took <= (4 / 3) * least + 1e-9, seed
    assert sum(ratios) / len(ratios) < 1.05
