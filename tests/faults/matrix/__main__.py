"""The fault matrix from a command line; exit code 1 when a cell is not as the rules have it.

python -m tests.faults.matrix                      all cells
python -m tests.faults.matrix --part 3/10 --jobs 2 a tenth of them
python -m tests.faults.matrix --cell "agentrun / write / reset after / 0"
"""

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from tests.faults.matrix.cell import Cell, cells, play


def wrong(cell: Cell) -> list[str]:
    """What is wrong with a cell, each with its name."""
    try:
        return [f"{cell}: {text}" for text in play(cell)[1]]
    except Exception as error:  # noqa: BLE001 - the cell is what matters
        return [f"{cell}: {type(error).__name__}: {error}"]


def main() -> int:
    """Play and tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.matrix", description=__doc__)
    parser.add_argument("--part", default="1/1", help="N/M: each M-th cell, from the N-th")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes")
    parser.add_argument("--cell", default="", help="one cell, with all that it wrote")
    given = parser.parse_args()
    if given.cell:
        return _one(*(part.strip() for part in given.cell.split("/")))
    first, _, step = given.part.partition("/")
    return _many(list(cells())[int(first) - 1 :: int(step)], given.jobs)


def _one(cloud: str, phase: str, fault: str, seed: str) -> int:
    ran, texts = play(Cell(cloud, phase, fault, int(seed)))
    print(ran.out, ran.err, *texts, sep="\n")
    return 1 if texts else 0


def _many(chosen: Sequence[Cell], jobs: int) -> int:
    begun, failed = time.monotonic(), 0
    with ProcessPoolExecutor(jobs) as pool:
        for texts in pool.map(wrong, chosen, chunksize=20):
            failed += bool(texts)
            for text in texts:
                print(text, flush=True)
    print(f"{len(chosen)} cells in {time.monotonic() - begun:.0f} s, {failed} violations")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
