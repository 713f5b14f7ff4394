"""Many seeds on several processes, counted, with the failing ones made small and told.

The progress file has one line of JSON for each block of seeds that is done.
"""

import json
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.simulation.draw import draw
from tests.simulation.oracle import judge
from tests.simulation.schedule import dumps
from tests.simulation.shrink import laws_broken, shrunk
from tests.simulation.world import play

BLOCK: Final = 250
"""Seeds that are played in one piece."""

_MOST_TOLD: Final = 5


@dataclass
class Tally:
    """What came of some seeds. `failed` are seeds that broke a law, `limits` counts documented limits
    that were met."""

    runs: int = 0
    agents: int = 0
    within: int = 0
    failed: list[int] = field(default_factory=list)
    laws: Counter[str] = field(default_factory=Counter)
    limits: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    results: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Take in another one."""
        self.runs += other.runs
        self.agents += other.agents
        self.within += other.within
        self.failed += other.failed
        for mine, theirs in (
            (self.laws, other.laws),
            (self.limits, other.limits),
            (self.codes, other.codes),
            (self.results, other.results),
        ):
            mine.update(theirs)


def block(first: int, count: int) -> Tally:
    """Play `count` seeds."""
    tally = Tally()
    for seed in range(first, first + count):
        one(seed, tally)
    return tally


def one(seed: int, tally: Tally) -> None:
    """Play a seed and add what came of it."""
    schedule = draw(seed)
    tally.runs += 1
    tally.agents += len(schedule.agents)
    tally.within += schedule.within_bounds
    try:
        trace = play(schedule)
        broken = judge(trace)
    except Exception as error:  # noqa: BLE001 - the seed is what matters, whatever went wrong
        tally.failed.append(seed)
        tally.laws[type(error).__name__] += 1
        return
    grave = {v.law for v in broken if v.always or schedule.within_bounds}
    tally.laws.update(grave)
    tally.limits.update({v.law for v in broken} - grave)
    if grave:
        tally.failed.append(seed)
    for ran in trace.runs:
        tally.codes["died" if ran.code is None else str(ran.code)] += 1
        tally.results.update(str(outcome.result) for outcome in ran.outcomes)


def campaign(runs: int, first: int | None, jobs: int, progress: Path | None) -> int:
    """Play that many seeds and tell what came of them; 1 when a law was broken."""
    tally, done, start = _resumed(progress, first)
    print(f"{runs} seeds from {start}, {len(done) * BLOCK} of them done before", flush=True)
    begun, told = time.monotonic(), time.monotonic()
    todo = [at for at in range(start, start + runs, BLOCK) if at not in done]
    with ProcessPoolExecutor(jobs) as pool:
        counts = [min(BLOCK, start + runs - at) for at in todo]
        for at, part in zip(todo, pool.map(block, todo, counts), strict=True):
            tally.add(part)
            _keep(progress, at, part)
            if time.monotonic() - told > 20:
                told = time.monotonic()
                print(f"{tally.runs} played, {len(tally.failed)} failed", flush=True)
    seconds = time.monotonic() - begun
    for line in report(tally):
        print(line)
    print(f"{seconds:.0f} s, {1000 * seconds / max(1, len(todo) * BLOCK):.1f} ms for each seed")
    return 1 if tally.failed else 0


def report(tally: Tally) -> Iterator[str]:
    """What to print of a tally; the first failing seeds are made small."""
    beyond = tally.runs - tally.within
    yield f"{tally.runs} runs of {tally.agents} agents, {beyond} beyond the documented bounds"
    yield f"exit codes: {_counted(tally.codes)}"
    yield f"results: {_counted(tally.results)}"
    yield f"documented limits met: {_counted(tally.limits) or 'none'}"
    yield f"laws broken: {_counted(tally.laws) or 'none'}"
    for seed in tally.failed[:_MOST_TOLD]:
        small = shrunk(draw(seed))
        yield f"seed {seed} breaks {', '.join(sorted(laws_broken(small)))}; made smaller:"
        yield dumps(small).rstrip()
        yield f"replay with: python -m tests.simulation --seed {seed} -v"
    if len(tally.failed) > _MOST_TOLD:
        yield f"and {len(tally.failed) - _MOST_TOLD} more: {tally.failed[_MOST_TOLD:50]}"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counts.items()))


def _keep(progress: Path | None, at: int, part: Tally) -> None:
    if progress is not None:
        with progress.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"first": at, **part.__dict__}) + "\n")


def _resumed(progress: Path | None, first: int | None) -> tuple[Tally, set[int], int]:
    """What is done already, and the first seed of the campaign."""
    tally, done = Tally(), set[int]()
    if progress is not None and progress.exists():
        for line in progress.read_text(encoding="utf-8").splitlines():
            data = json.loads(line)
            done.add(data.pop("first"))
            counters: dict[str, Any] = {name: Counter(data.pop(name)) for name in _COUNTERS}
            tally.add(Tally(**data, **counters))
    if done:
        return tally, done, min(done)
    return tally, done, secrets.randbelow(10**9) if first is None else first


_COUNTERS: Final = ("laws", "limits", "codes", "results")
