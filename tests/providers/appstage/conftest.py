"""What the tests of this provider share."""

import pytest

from tests.support.appstage import Cloud, FakeClock


@pytest.fixture
def cloud() -> Cloud:
    """A cloud that holds the vendor's example and nothing else."""
    return Cloud(FakeClock())
