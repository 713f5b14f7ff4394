"""A real process, killed with SIGKILL where it touches the world, and started again."""

import secrets
from pathlib import Path

import pytest

from tests.faults.kill.cases import discovered, killed_at
from tests.faults.kill.scene import scene

PART = 12
"""Points of each cloud that are tried here; `make test-long` tries all of them."""


@pytest.mark.slow
@pytest.mark.parametrize("cloud", ["agentrun", "appstage"])
def test_whoever_is_killed_is_taken_up(cloud: str, tmp_path: Path) -> None:
    """Killed anywhere, the next run converges: nothing is lost, and nothing written twice."""
    with scene(cloud, tmp_path) as stage:
        points = discovered(stage)
        assert points > 60
        step = points // PART
        first = 1 + secrets.randbelow(step)
        wrong = [
            text for point in range(first, points + 1, step) for text in killed_at(stage, point)
        ]
    assert not wrong, "\n".join(wrong)
