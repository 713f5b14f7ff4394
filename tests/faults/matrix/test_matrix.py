"""Faults by phases by clouds over real HTTP: each cell ends as the table of rules says."""

import random
import secrets
import time

import pytest

from tests.faults.matrix.cell import Cell, cells, play
from tests.faults.matrix.faults import FAULTS
from tests.faults.matrix.rules import DONE, PHASES, TIMES, expected
from tests.faults.matrix.stage import CLOUDS

PARTS = 12
"""CI plays one part of the matrix a day, another each day; `make test-long` plays all."""

FEW = 12


def test_the_matrix_is_as_large_as_was_promised() -> None:
    """At least 24 faults in 8 phases on 2 clouds under 5 seeds, each with one rule."""
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 24
    assert (len(PHASES), len(CLOUDS), len(TIMES)) == (8, 2, 5)
    assert len(list(cells())) == len(FAULTS) * 8 * 2 * 5
    rules = [
        expected(cloud, phase, fault, times)
        for cloud in CLOUDS
        for phase in PHASES
        for fault in FAULTS
        for times in TIMES
    ]
    assert {rule.code for rule in rules} == {0, 3, 4, 6}
    assert sum(rule == DONE for rule in rules) > len(rules) / 2


def test_some_cells_end_as_the_rules_say() -> None:
    """A few cells, others each time; the failing one names itself."""
    seed = secrets.randbelow(10**9)
    wrong = _wrong(random.Random(seed).sample(list(cells()), FEW))
    assert not wrong, (seed, wrong)


def test_a_broken_rule_is_noticed() -> None:
    """The check can fail: a cell that ends otherwise than its rule says is told."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.faults.matrix.cell.expected", lambda *_: DONE)
        (text, *_) = _wrong([Cell("agentrun", "write", "400", 0)])
    assert "exit code 4, expected 0" in text


@pytest.mark.slow
def test_a_part_of_the_matrix() -> None:
    """The part of today; `python -m tests.faults.matrix --part N/12` plays it again."""
    part = int(time.time() // 86_400) % PARTS
    wrong = _wrong(list(cells())[part::PARTS])
    assert not wrong, (f"part {part + 1}/{PARTS}", wrong)


def _wrong(chosen: list[Cell]) -> list[str]:
    return [f"{cell}: {text}" for cell in chosen for text in play(cell)[1]]
