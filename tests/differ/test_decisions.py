"""Every word of a decision; see `tests.support.decisions`."""

import pytest

from tests.support.decisions import SCENES, played, recorded


def test_there_is_a_decision_of_every_case() -> None:
    """None is left over from a case that is gone."""
    assert list(recorded()) == list(SCENES)


@pytest.mark.parametrize("name", SCENES)
def test_a_case_is_decided_as_it_is_written_down(name: str) -> None:
    """To change a word is a decision: the difference shows in the file."""
    assert played(name) == recorded()[name]
