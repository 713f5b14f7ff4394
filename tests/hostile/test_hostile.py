"""Input that was made to hurt: one clear error each, soon, in bounds, and nothing is written."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from shutil import rmtree

import pytest

from tests.hostile.bounded import Bounded, Ended, active, faults, run_fresh, snapshot
from tests.hostile.recipe import RECIPES, Recipe
from tests.hostile.recipes import FAMILIES

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the bounds are those of Linux"
)


@pytest.fixture(scope="module")
def bounded() -> Iterator[Bounded]:
    server = Bounded()
    yield server
    server.close()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An empty folder to work in. Neither what is locked in it nor what is large outlives the test."""
    inside = tmp_path / "work"
    inside.mkdir()
    yield inside
    for path, names, _ in os.walk(inside):
        for name in names:
            with suppress(OSError):  # deeper than the longest path
                if not (Path(path) / name).is_symlink():
                    (Path(path) / name).chmod(0o700)
    rmtree(inside, ignore_errors=True)


def _cases() -> list[object]:
    return [
        pytest.param(one, id=ascii(one.name)[1:-1], marks=[pytest.mark.slow] if one.slow else [])
        for one in RECIPES.values()
    ]


def _judge(one: Recipe, folder: Path, run: Callable[[], Ended]) -> list[str]:
    one.make(folder)
    before = snapshot(folder)
    ended = run()
    found = faults(one, ended)
    if snapshot(folder) != before:
        found.append("something was written")
    return [*found, f"{ended}"[:2000]] if found else []


def test_there_are_more_than_three_hundred() -> None:
    """Each family has recipes, and together there are more than the goal asks for."""
    families = {name.partition(":")[0] for name in RECIPES}
    assert families == {family.__name__.rpartition(".")[2] for family in FAMILIES}
    assert len(RECIPES) >= 300


@pytest.mark.parametrize("one", _cases())
def test_hostile_input_ends_in_one_clear_error(
    one: Recipe, folder: Path, tmp_path: Path, bounded: Bounded
) -> None:
    """The error has its code and place, nothing acts on the terminal, nothing is written."""
    assert _judge(one, folder, lambda: bounded.run(one, folder, tmp_path, one.arguments)) == []


_REFUSED = [
    one for one in RECIPES.values() if one.codes and not one.slow and one.arguments[0] == "validate"
]
_SAMPLE = range(0, len(_REFUSED), 11)


@pytest.mark.parametrize("verb", ["plan", "render"])
@pytest.mark.parametrize("number", _SAMPLE)
def test_other_verbs_refuse_it_too(
    verb: str, number: int, folder: Path, tmp_path: Path, bounded: Bounded
) -> None:
    """`plan` and `render` stop at the same errors, before they ask or write anything."""
    one = _REFUSED[number]
    target = () if "--target" in one.arguments else ("--target", "sandbox")
    arguments = (verb, *one.arguments[1:], *target)
    assert _judge(one, folder, lambda: bounded.run(one, folder, tmp_path, arguments)) == []


@pytest.mark.parametrize("number", _SAMPLE)
def test_fmt_survives_it(number: int, folder: Path, tmp_path: Path, bounded: Bounded) -> None:
    """`fmt`, which looks at the form only, ends with a code of its own and writes nothing."""
    one = _REFUSED[number]
    one.make(folder)
    before = snapshot(folder)
    ended = bounded.run(one, folder, tmp_path, ("fmt", one.arguments[1], "--check"))
    assert ended.code in {0, 1, 2, 7}, ended
    assert "internal error" not in ended.err
    assert active(ended.out + ended.err) == []
    assert snapshot(folder) == before


_PROMPTS = [one for name, one in RECIPES.items() if name.endswith(" in a prompt")]


@pytest.mark.parametrize("verb", ["plan", "render"])
@pytest.mark.parametrize("one", _PROMPTS, ids=lambda one: one.name)
def test_prompts_are_shown_escaped(
    verb: str, one: Recipe, folder: Path, tmp_path: Path, bounded: Bounded
) -> None:
    """A prompt may hold any character; whatever shows it shows nothing that acts."""
    one.make(folder)
    ended = bounded.run(one, folder, tmp_path, (verb, "m", "--target", "sandbox"))
    assert ended.code == 0, ended
    assert active(ended.out + ended.err) == []


_FRESH = [  # root may do everything, and the system takes no longer arguments
    one
    for one in _REFUSED
    if "may not be" not in one.name and max(map(len, one.arguments)) < 100_000
]


@pytest.mark.parametrize("number", range(0, len(_FRESH), 40))
def test_a_process_of_its_own_says_the_same(number: int, folder: Path) -> None:
    """What the forked children were told is what a user is told."""
    one = _FRESH[number]
    assert _judge(one, folder, lambda: run_fresh(one, folder)) == []
