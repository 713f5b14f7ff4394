"""Mutation testing of differ and applier: small mistakes are put in, and a test has to notice each.

    python -m tests.mutation                          every mutant: many hours
    python -m tests.mutation --sample 900 --seed 7    so many of them, drawn file by file

mutmut makes and runs them (`make mutate` installs it), in a copy of this tree: it rewrites what it
tests. `mutmut show NAME` in that folder, which is told first, shows a survivor, and the same call
with `--folder` goes on there. Exit code 1: fewer than nine in ten were noticed.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tests.mutation.score import GOAL, ROOMS, Mutants, drawn, parse, scores

ROOT: Final = Path(__file__).parents[2]
_MUTMUT: Final = str(Path(sys.executable).with_name("mutmut"))
_PARTS: Final = (
    *("reconciler", "tests", "manifests", "docs"),
    *("pyproject.toml", "README.md", "CHANGELOG.md"),
)
_FIRST: Final = "reconciler.differ.limits.x_limit_of__mutmut_1"
"""A mutant to begin with: none can be chosen before mutmut has made them all."""


def main() -> int:
    """Copy, mutate, test, count."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--sample", type=int, default=0, help="how many mutants (0: all)")
    parser.add_argument("--seed", type=int, default=None, help="of the sample (else a fresh one)")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes")
    parser.add_argument("--folder", type=Path, default=None, help="where to go on")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="mutation-"))
    print(f"in {folder}", flush=True)
    if not (folder / "reconciler").exists():
        _copy(folder)
    names: list[str] = []
    if given.sample:
        seed = random.SystemRandom().randrange(10**6) if given.seed is None else given.seed
        _mutmut(folder, "run", "--max-children", str(given.jobs), _FIRST)
        names = drawn(_results(folder), given.sample, seed)
        print(f"{len(names)} mutants drawn with seed {seed}", flush=True)
    _mutmut(folder, "run", "--max-children", str(given.jobs), *names)
    return _told(_results(folder), names)


def _copy(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for part in _PARTS:
        if (ROOT / part).is_dir():
            skip = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, folder / part, ignore=skip)
        else:
            shutil.copy(ROOT / part, folder / part)


def _mutmut(folder: Path, *arguments: str) -> None:
    with (folder / "mutmut.log").open("ab") as log:
        command = [_MUTMUT, *arguments]
        done = subprocess.run(command, check=False, cwd=folder, stdout=log, stderr=log)
    if done.returncode:
        sys.exit(f"mutmut ended with {done.returncode}; see {folder / 'mutmut.log'}")


def _results(folder: Path) -> Mutants:
    command = [_MUTMUT, "results", "--all", "true"]
    done = subprocess.run(command, check=True, cwd=folder, capture_output=True, text=True)
    return parse(done.stdout)


def _told(mutants: Mutants, names: Iterable[str]) -> int:
    """Print the score of each room and every survivor."""
    chosen = frozenset(names) or mutants.keys()
    mutants = {name: status for name, status in mutants.items() if name in chosen}
    for name, status in mutants.items():
        if not status.noticed:
            print(f"{status}: {name}")
    found = scores(mutants)
    for room in ROOMS:
        print(f"{room}: {found[room]}")
    return int(any(found[room].share < GOAL for room in ROOMS))


if __name__ == "__main__":
    sys.exit(main())
