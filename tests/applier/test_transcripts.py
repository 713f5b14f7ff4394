"""Every word that is told, put on record and sent; see `tests.support.transcripts`."""

import pytest

from tests.support.staging import SCENES
from tests.support.transcripts import played, recorded


def test_there_is_a_transcript_of_every_scene() -> None:
    """None is left over from a scene that is gone."""
    assert list(recorded()) == list(SCENES)


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_goes_as_it_is_written_down(name: str) -> None:
    """To change a word is a decision: the difference shows in the file of transcripts."""
    assert played(name) == recorded()[name]
