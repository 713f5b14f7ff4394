"""Killing at failpoints, and what has to be true after the program was started again."""

from collections.abc import Iterator
from typing import Any

from tests.faults.kill.scene import WANTED, Scene


def discovered(scene: Scene) -> int:
    """How many failpoints a run has that nobody disturbs."""
    scene.reset()
    code = scene.apply()
    assert code == 0, scene.output()
    return scene.points()


def killed_at(scene: Scene, point: int) -> Iterator[str]:
    """Kill a run at this point and start it again; what is wrong then."""
    scene.reset()
    before = scene.state()
    killed = scene.apply(point)
    code = scene.apply()
    after = scene.state()
    story = f"{scene.cloud} point {point}: killed {killed}, then {code}: {after}"
    if killed not in (-9, 0):
        yield f"{story}: the first run ended by itself"
    if code != 0:
        yield f"{story}\n{scene.output()}"
    restarts = scene.cloud == "agentrun"
    for old, new in zip(before, after, strict=True):
        yield from (f"{story}: {text}" for text in _wrong(old, new, restarts=restarts))


def _wrong(
    old: tuple[str, Any, int, int], new: tuple[str, Any, int, int], *, restarts: bool
) -> Iterator[str]:
    name, value, writes, count = new
    if value != WANTED:
        yield f"{name} has {value!r}"
    # The intent of every write is on the disk before it is sent, so nothing is ever sent twice.
    if writes - old[2] != 1:
        yield f"{name} was written to {writes - old[2]} times"
    if restarts and count - old[3] != 1:
        yield f"{name} was restarted {count - old[3]} times"
