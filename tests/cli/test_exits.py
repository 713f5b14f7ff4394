"""Exit codes: one table, and one order for several."""

import itertools

import pytest

from reconciler.cli.exits import CODES, MEANINGS, exit_code
from reconciler.model.outcome import Cause


def test_every_cause_has_the_documented_code() -> None:
    """The table holds every cause, with the codes of the manual."""
    assert {cause: CODES[cause] for cause in Cause} == {
        Cause.NONE: 0,
        Cause.MANIFEST: 1,
        Cause.DIFFERENCE: 2,
        Cause.CREDENTIALS: 3,
        Cause.CLOUD: 4,
        Cause.AGENT_FAILED: 5,
        Cause.TIME: 6,
        Cause.GUARD: 7,
        Cause.INTERRUPTED: 130,
    }
    assert sorted(CODES.values()) == [code for code, _ in MEANINGS]


def test_nothing_is_success() -> None:
    """A run without any cause ends with 0."""
    assert exit_code([]) == 0
    assert exit_code([Cause.NONE, Cause.NONE]) == 0


@pytest.mark.parametrize(
    ("first", "second"), list(itertools.combinations([130, 1, 3, 5, 6, 4, 7, 2, 0], 2))
)
def test_of_several_the_first_in_the_documented_order_wins(first: int, second: int) -> None:
    """130, 1, 3, 5, 6, 4, 7, 2: whatever comes earlier is the code of the run."""
    causes = {code: cause for cause, code in CODES.items()}
    assert exit_code([causes[first], causes[second]]) == first
    assert exit_code([causes[second], causes[first]]) == first
