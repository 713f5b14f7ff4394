"""One cell of the matrix: a fault in a phase, on a cloud, under a seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from tests.faults.matrix.faults import FAULTS, Fault
from tests.faults.matrix.rules import PHASES, TIMES, expected
from tests.faults.matrix.stage import CLOUDS, WANTED, Stage, perform, stage
from tests.support.cli import Ran
from tests.support.sandbox import sandbox_transport
from tests.support.wired import Line, Reply, Request, served_by

BY_NAME = {fault.name: fault for fault in FAULTS}
RESTARTS = (3.0, 0.4, 3.0, 7.0, 3.0)
LAGS = (3.0, 2.0, 0.0, 5.0, 3.0)


@dataclass(frozen=True)
class Cell:
    """Where and what."""

    cloud: str
    phase: str
    fault: str
    seed: int

    def __str__(self) -> str:
        return f"{self.cloud} / {self.phase} / {self.fault} / {self.seed}"


def cells() -> Iterator[Cell]:
    """All of them."""
    for cloud, phase, fault, seed in product(CLOUDS, PHASES, BY_NAME, range(len(TIMES))):
        yield Cell(cloud, phase, fault, seed)


def switches(cloud: str, seed: int) -> dict[str, float]:
    """How the cloud is at its best under this seed."""
    if cloud == "agentrun":
        return {"restart_seconds": RESTARTS[seed]}
    return {"read_lag_seconds": LAGS[seed]}


@lru_cache
def undisturbed(cloud: str, seed: int) -> int:
    """How many requests a run takes without any fault."""
    with stage(cloud, **switches(cloud, seed)) as scene:
        ran = perform(scene)
        assert (ran.code, scene.value()) == (0, WANTED), ran
        assert [request.method for request in scene.asked].index("PUT") == PHASES.index("write")
        return len(scene.asked)


def first_hit(cell: Cell) -> int:
    """The number of the first request that is hit."""
    if cell.phase == "last read":
        return undisturbed(cell.cloud, cell.seed) - 1
    if cell.phase == "read while waiting":
        return PHASES.index("write") + 1
    return PHASES.index(cell.phase)


class Disturbance:
    """Puts a fault in the place of some exchanges. The write before a read in doubt is lost too."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._fault: Fault = BY_NAME[cell.fault]
        self._first = first_hit(cell)
        self._end = self._first + TIMES[cell.seed]
        self._attempts = 0

    async def connecting(self) -> None:
        """One more connection is wanted."""
        number, self._attempts = self._attempts, self._attempts + 1
        if self._fault.connect is None or not self._first <= number < self._end:
            return
        came = self._fault.connect()
        if isinstance(came, float):
            await _later(came)
        else:
            raise came

    async def answering(self, scene: Stage, request: Request, line: Line) -> bool:
        """A request came; true when it is answered here."""
        number = request.number
        transport = sandbox_transport(scene.store, scene.clock.wall)

        async def real() -> Reply:
            return await served_by(transport, request)

        if self._cell.phase == "read in doubt" and request.method == "PUT":
            await real()
            line.reset()
            return True
        if self._fault.act is None or not self._first <= number < self._end:
            return False
        await self._fault.act(self._cell.cloud, line, real)
        return True


async def _later(seconds: float) -> None:
    import asyncio

    await asyncio.sleep(seconds)  # noqa: TID251 - the net's own time


def play(cell: Cell) -> tuple[Ran, list[str]]:
    """Run a cell and say what is wrong with it."""
    disturbance = Disturbance(cell)
    with stage(cell.cloud, **switches(cell.cloud, cell.seed)) as scene:
        ran = perform(scene, disturb=disturbance.answering, connecting=disturbance.connecting)
        return ran, list(_wrong(cell, scene, ran))


def _wrong(cell: Cell, scene: Stage, ran: Ran) -> Iterator[str]:
    rule = expected(cell.cloud, cell.phase, BY_NAME[cell.fault], TIMES[cell.seed])
    if ran.code != rule.code:
        yield f"exit code {ran.code}, expected {rule.code}"
    applied = scene.value() == WANTED
    if rule.applied is not None and applied is not rule.applied:
        yield f"applied: {applied}, expected {rule.applied}"
    if ran.code == 0 and not applied:
        yield "it says that all is done, and it is not"
    if scene.writes() > 1:
        yield f"{scene.writes()} writes took effect"
    if cell.cloud == "agentrun" and scene.restarts() != scene.writes():
        yield f"{scene.restarts()} restarts by {scene.writes()} writes"
    if "internal error" in ran.err + ran.out:
        yield "an internal error"
