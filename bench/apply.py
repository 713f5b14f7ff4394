"""How long `reconcile apply` takes for u updates, against the time that nobody can go below.

    python bench/apply.py [SLOTSxUPDATES ...] [--middle SECONDS] [--full]

The cloud is a stub in a process of its own, spoken to over HTTP on the loopback address; a restart
takes 60 s as a rule, drawn from a distribution. So that nobody waits for hours, both clocks, the
stub's and that of the applier, run a number of times as fast as the machine's; how often is printed.
Our own computing is not any faster, so it weighs that much more here than it does in life.

The bound is max(2u/Q, sum T / slots, max T) + plan: Q requests a second, two for each update (the
read before the write, and the write). `own`: each agent has a mean of its own, drawn from the
distribution, and each of its restarts is within 5 % of it or so, so that the longest can start
first. `any`: each restart is drawn by itself and the record says nothing of the next; no order
chosen beforehand comes near sum T / slots then. `in order` is what slots could do that take the
agents in the same order, with Q, if the end of each restart were known at once. Beside `reconcile apply`, the same updates by
two loops that have the same slots and the same Q, that read, write and then poll each agent by
itself and believe the first READY: every 5 s, and after 3 s, then 1.5 times as long each time up to
10 s, as the vendor's tool does (agentrun-cli 0.1.3, which does one agent after the other).
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from heapq import heappop, heappush
from io import StringIO
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias
from urllib.request import urlopen

import anyio
import httpx

from reconciler.cli import main as reconcile
from reconciler.ports import Timeout
from reconciler.wire.limiter import Limiter

HERE = Path(__file__).parent
EPOCH = 1_790_000_000.0
Q = 10.0
BURST = 100
RECORDS = 12
CELLS = ("5x10", "5x100", "20x100", "100x100", "100x1000")
FULL = (*CELLS, "20x10", "20x1000", "5x1000")
Draws: TypeAlias = list[Callable[[], float]]
CREDENTIALS = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "secret"}
SHAPES: dict[str, Callable[[random.Random], float]] = {
    "constant": lambda _chance: 1.0,
    "lognormal 0.2": lambda chance: chance.lognormvariate(0, 0.2),
    "lognormal 0.5": lambda chance: chance.lognormvariate(0, 0.5),
    "bimodal": lambda chance: chance.uniform(0.9, 1) * (2.2 if chance.random() < 1 / 3 else 1),
}


class FastClock:
    """The machine's clock, `factor` times as fast. See `Clock`."""

    def __init__(self, factor: float) -> None:
        self.factor = factor
        self.origin = time.monotonic()

    def monotonic(self) -> float:
        return (time.monotonic() - self.origin) * self.factor

    def wall(self) -> float:
        return EPOCH + self.monotonic()

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(max(0.0, seconds) / self.factor)  # noqa: TID251 - this is a clock

    @contextmanager
    def _timeout(self, seconds: float) -> Iterator[Timeout]:
        with anyio.move_on_after(max(0.0, seconds) / self.factor) as scope:  # noqa: TID251
            yield _Limit(scope)

    def timeout(self, seconds: float) -> AbstractContextManager[Timeout]:
        return self._timeout(seconds)


@dataclass
class _Limit:
    scope: anyio.CancelScope

    @property
    def expired(self) -> bool:
        return self.scope.cancelled_caught


@dataclass
class Took:
    """What one way of doing it took, in seconds of the stub's clock, and what it asked for."""

    seconds: float
    requests: dict[str, int]


@contextmanager
def stub(clock: FastClock, lengths: list[float]) -> Iterator[str]:
    """The cloud, at this address."""
    with subprocess.Popen(
        [sys.executable, str(HERE / "restarting.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        task = {"factor": clock.factor, "origin": clock.origin, "lengths": lengths}
        process.stdin.write(json.dumps(task) + "\n")
        process.stdin.flush()
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


def requests(base: str) -> dict[str, int]:
    with urlopen(f"{base}/numbers") as reply:
        counts: dict[str, int] = json.load(reply)["counts"]
    return counts


def declare(folder: Path, base: str, updates: int, slots: int) -> None:
    """The manifests, and the target that the stub is."""
    (folder / "reconcile.yaml").write_text(
        "defaultTarget: bench\ntargets:\n  bench:\n"
        f"    agentrun: {{region: cn-hangzhou, endpoint: '{base}', workspace: ws-0123456789abcdef,"
        f" requestsPerSecond: {Q:g}}}\n"
        f"    limits: {{maxUnavailable: {slots}, maxChange: 100%}}\n"
    )
    (folder / "agents.yaml").write_text(
        "---\n".join(
            "apiVersion: agentrun.aliyun.com/v1\nkind: AgentRuntime\n"
            f"metadata: {{name: agent-{number:05}}}\nspec: {{description: new}}\n"
            for number in range(updates)
        )
    )


def remember(folder: Path, lengths: list[list[float]], chance: random.Random) -> None:
    """Records of earlier runs, as the applier writes them: seen busy up to a tenth before."""
    runs = folder / ".reconcile" / "runs"
    runs.mkdir(parents=True)
    for number, agents in enumerate(lengths):
        start = {"event": "run-started", "formatVersion": "1", "target": "bench", "at": 0}
        lines = [start]
        for agent, seconds in enumerate(agents):
            about = {"key": f"agentrun.aliyun.com/v1/AgentRuntime/agent-{agent:05}"}
            ready = seconds * (1 + chance.uniform(0, 0.1))
            end = {"readySeconds": ready, "busySeconds": ready / 1.1, "result": "changed"}
            lines.append({"event": "write-intended", "at": 0, "operation": "update", **about})
            lines.append({"event": "write-ended", "at": ready + 1, **about, **end})
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (runs / f"20200101T00{number:04}000Z-000000.jsonl").write_text(text)


def ours(clock: FastClock, base: str, folder: Path) -> tuple[float, Took]:
    """Seconds of `reconcile plan`, and what `reconcile apply` took after it."""
    took = []
    for verb in (["plan"], ["apply", "--yes"]):
        out, err = StringIO(), StringIO()
        before, asked = clock.monotonic(), requests(base)
        code = reconcile(
            [*verb, ".", "-q"],
            environ={**CREDENTIALS, "HOME": str(folder)},
            stdin=StringIO(),
            stdout=out,
            stderr=err,
            clock=clock,
        )
        assert code == 0, (code, out.getvalue()[-2000:], err.getvalue()[-2000:])
        counts = {name: number - asked.get(name, 0) for name, number in requests(base).items()}
        took.append(Took(clock.monotonic() - before, counts))
    return took[0].seconds, took[1]


def naive(clock: FastClock, base: str, updates: int, slots: int, gaps: tuple[float, ...]) -> Took:
    """Read, write, poll until the first READY; the last of `gaps` goes on."""

    async def run() -> None:
        limiter = Limiter(clock, requests_per_second=Q)
        free = anyio.Semaphore(slots)
        async with httpx.AsyncClient(base_url=base, trust_env=False) as client:

            async def call(method: str, number: int, **more: Any) -> Any:
                path = f"/2025-09-10/agents/runtimes/ar-{number:016x}"
                async with limiter.slot():
                    return (await client.request(method, path, **more)).json()["data"]

            async def one(number: int) -> None:
                async with free:
                    await call("GET", number)
                    body = {"cpu": 2, "memory": 2048, "port": 8080, "description": "new"}
                    await call("PUT", number, json=body)
                    for gap in (*gaps, *(gaps[-1] for _ in range(10_000))):
                        await clock.sleep(gap)
                        if (await call("GET", number))["status"] == "READY":
                            return

            async with anyio.create_task_group() as group:
                for number in range(updates):
                    group.start_soon(one, number)

    before = clock.monotonic()
    anyio.run(run)
    return Took(clock.monotonic() - before, requests(base))


def in_order(lengths: list[float], slots: int) -> float:
    """When greedy slots are through that know each end at once, and have Q requests a second."""
    ends: list[float] = []
    for number, seconds in enumerate(lengths):
        free = heappop(ends) if len(ends) == slots else 0.0
        heappush(ends, max(free, (2 * (number + 1) - BURST) / Q) + seconds)
    return max(ends)


def factor_for(bound: float, updates: int) -> float:
    """How many times as fast: no more requests a second than this machine answers in between."""
    return max(1.0, min(10.0, bound / 12, 100 * bound / (6 * updates)))


def draws(shape: str, middle: float, chance: random.Random, updates: int, alike: bool) -> Draws:
    """For each agent how long its next restart takes: around a mean of its own, or around none."""

    def one() -> Callable[[], float]:
        usual = SHAPES[shape](chance)
        if alike:
            return lambda: max(2.0, middle * usual * chance.lognormvariate(0, 0.05))
        return lambda: max(2.0, middle * SHAPES[shape](chance))

    return [one() for _ in range(updates)]


def cell(slots: int, updates: int, shape: str, middle: float, seed: int, alike: bool) -> None:
    chance = random.Random(seed)
    agents = draws(shape, middle, chance, updates, alike)
    lengths = [draw() for draw in agents]
    longest = max(lengths)
    least = max(2 * updates / Q, sum(lengths) / slots, longest)
    factor = factor_for(least, updates)
    records = [[draw() for draw in agents] for _ in range(RECORDS)]
    home = Path.cwd()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.chdir(folder)
        try:
            clock = FastClock(factor)
            with stub(clock, lengths) as base:
                declare(folder, base, updates, slots)
                remember(folder, records, chance)
                plan, applied = ours(clock, base, folder)
        finally:
            os.chdir(home)
    clock = FastClock(factor)
    with stub(clock, lengths) as base:
        fixed = naive(clock, base, updates, slots, (5.0,))
    clock = FastClock(factor)
    with stub(clock, lengths) as base:
        vendor = naive(clock, base, updates, slots, (3.0, 4.5, 6.75, 10.0))
    bound = least + plan
    usual = [median(one[agent] for one in records) for agent in range(updates)]
    first = sorted(range(updates), key=lambda agent: -usual[agent])
    order = in_order([lengths[agent] for agent in first], slots) + plan
    polls = sum(applied.requests.values()) - 2 * updates
    print(
        f"{slots:>5} {updates:>7}  {shape:<13} {'own' if alike else 'any':<4} {factor:>5.0f}x {bound:>8.0f} s  "
        f"{applied.seconds / bound:>6.3f}  {applied.seconds / order:>6.3f}  "
        f"{(fixed.seconds + plan) / bound:>6.3f}  {(vendor.seconds + plan) / bound:>6.3f}   "
        f"{polls / updates:>5.2f}  {sum(fixed.requests.values()) / updates - 2:>5.2f}  "
        f"{sum(vendor.requests.values()) / updates - 2:>5.2f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("cells", nargs="*", default=None, metavar="SLOTSxUPDATES")
    parser.add_argument("--middle", type=float, default=60.0, help="seconds of most restarts")
    parser.add_argument("--shape", choices=SHAPES, action="append")
    parser.add_argument("--full", action="store_true", help="all cells and shapes: an hour")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print(f"{RECORDS} earlier restarts of each agent on record; Q = {Q:g}/s after a burst of 100")
    print(
        "                                               |  time as a ratio             | requests per"
    )
    print(
        "                                               |  to the bound by             | update but two"
    )
    print(
        "slots updates  restarts      of   faster    bound    ours  in order   5 s  vendor    "
        "ours    5 s  vendor"
    )
    for text in asked.cells or (FULL if asked.full else CELLS):
        slots, updates = map(int, text.split("x"))
        shapes = asked.shape or (list(SHAPES) if asked.full else ["constant", "lognormal 0.2"])
        for shape in shapes:
            for alike in (True, False):
                cell(slots, updates, shape, asked.middle, asked.seed, alike)


if __name__ == "__main__":
    main()
