"""Whatever a scenario does: each line of its records is as the published schema says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.records import complaints, made


@pytest.fixture(autouse=True)
def records_hold_to_their_schema(tmp_path: Path) -> Iterator[None]:
    """Look at every record that the test left below its folder."""
    yield
    for run, lines in made(tmp_path).items():
        for number, line in enumerate(lines, start=1):
            assert complaints(line) == [], f"{run}:{number}"
