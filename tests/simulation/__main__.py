"""Simulations from a command line: many fresh ones, one by its number, or one from a file.

    python -m tests.simulation --runs 20000 --jobs 2
    python -m tests.simulation --seed 4711 -v
    python -m tests.simulation --file tests/simulation/regressions/late.json -v
    python -m tests.simulation --runs 1000000 --jobs 2 --progress FILE

With a progress file an interrupted campaign goes on where it stopped. Exit code 1: a law was broken.
"""

import argparse
import sys
from pathlib import Path

from tests.simulation.campaign import campaign
from tests.simulation.draw import draw
from tests.simulation.oracle import failures, judge
from tests.simulation.schedule import Schedule, dumps, loads
from tests.simulation.shrink import laws_broken, shrunk
from tests.simulation.story import size, told
from tests.simulation.world import play


def main() -> int:
    """Parse, play, tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="how many seeds")
    parser.add_argument("--first", type=int, default=None, help="the first seed (else a fresh one)")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes")
    parser.add_argument("--progress", type=Path, default=None, help="where to go on from")
    parser.add_argument("--seed", type=int, default=None, help="one run, by its number")
    parser.add_argument("--file", type=Path, default=None, help="one run, from a file")
    parser.add_argument("--shrink", action="store_true", help="make a failing run smaller")
    parser.add_argument("-v", "--verbose", action="store_true", help="tell the whole story")
    given = parser.parse_args()
    if given.file is not None:
        return _one(loads(given.file.read_text(encoding="utf-8")), given)
    if given.seed is not None:
        return _one(draw(given.seed), given)
    return campaign(given.runs, given.first, given.jobs, given.progress)


def _one(schedule: Schedule, given: argparse.Namespace) -> int:
    broken = laws_broken(schedule)
    if broken and given.shrink:
        schedule = shrunk(schedule)
        print(dumps(schedule), end="")
    trace = play(schedule)
    if given.verbose:
        print(told(trace), end="")
    for one in judge(trace):
        print(f"{one.law}: {one.text}{'' if one in failures(trace) else ' (a documented limit)'}")
    print(f"seed {schedule.seed}: {size(schedule)}: {'broken' if broken else 'kept'}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
