"""The way into the simulated cloud: a `Session` with latency, faults and the real limiter."""

import copy
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import anyio

from reconciler.model.errors import (
    AccessDenied,
    AlreadyExists,
    CloudError,
    LostReply,
    NotFound,
    Refused,
    ServerFailed,
    Throttled,
    Unreachable,
)
from reconciler.model.live import Found, Live, Unread
from reconciler.model.manifest import Desired
from reconciler.model.outcome import Cause
from reconciler.wire.limiter import Limiter
from tests.simulation.cloud import Cloud, Read, Write
from tests.simulation.fields import Tree, holds
from tests.simulation.machine import Machine
from tests.simulation.schedule import Fault
from tests.support.memory import revealed

MAX_CONCURRENT: Final = 10
TIMEOUT_SECONDS: Final = 30.0

_LOSSES: Final[dict[str, type[CloudError]]] = {
    "reset": LostReply,
    "timeout": LostReply,
    "late": LostReply,
    "server": ServerFailed,
}
_NOES: Final[dict[str, CloudError]] = {
    "throttled": Throttled("Update", "throttled until the retries were spent", status=429),
    "unreachable": Unreachable("Update", "connection refused"),
    "refused": Refused("Update", "no such image", status=400, code="ERR_VALIDATION_FAILED"),
    "denied": AccessDenied("Update", "no permission", status=403),
}


class SimSession:
    """See `Session`; for the agents of one kind."""

    def __init__(self, cloud: Cloud, machine: Machine, kind: str) -> None:
        self._cloud = cloud
        self._machine = machine
        self._kind = kind
        schedule = cloud.schedule
        self._limiter = Limiter(machine.clock, schedule.rate, schedule.burst, MAX_CONCURRENT)
        self._index = {f"a{n}": n for n in range(len(schedule.agents))}
        self._faults = {(f.agent, f.op, f.nth): f for f in schedule.faults}

    @property
    def account(self) -> str:
        return f"simulated {self._kind}"

    @property
    def scope(self) -> Mapping[str, str]:
        return {"cloud": self._kind}

    async def territory(self, wanted: Sequence[Desired]) -> frozenset[str]:
        return frozenset({self._kind})

    async def fetch(self, wanted: Sequence[Desired]) -> list[Found]:
        return await self.poll([(one, None) for one in wanted])

    async def poll(self, wanted: Sequence[tuple[Desired, str | None]]) -> list[Found]:
        """One request for all of them, as a list page."""
        asked = self._machine.clock.monotonic()
        faults = [self._next(self._of(one), "read") for one, _ in wanted]
        async with self._request():
            await self._latency(max((_slow(fault) for fault in faults), default=0.0))
            pairs = zip(wanted, faults, strict=True)
            return [self._show(self._of(one), asked, fault) for (one, _), fault in pairs]

    async def read(self, desired: Desired, agent_id: str | None) -> Found:
        (found,) = await self.poll([(desired, agent_id)])
        return found

    async def update(self, desired: Desired, agent_id: str, body: Tree) -> None:
        await self._write(self._of(desired), body, create=False)

    async def create(self, desired: Desired, body: Tree) -> None:
        await self._write(self._of(desired), body, create=True)

    def _of(self, desired: Desired) -> int:
        return self._index[desired.address.name]

    def _next(self, agent: int, op: str) -> Fault | None:
        nth = self._machine.nth(agent, op)
        self._cloud.anchored(agent, op, nth)
        return None if self._cloud.calm else self._faults.get((agent, op, nth))

    @asynccontextmanager
    async def _request(self) -> AsyncIterator[None]:
        self._machine.step()
        async with self._limiter.slot():
            number, sent = len(self._cloud.requests), self._machine.clock.monotonic()
            self._machine.step()
            self._cloud.requests.append((self._machine.run, self._kind, sent, sent))
            yield
            moment = self._machine.clock.monotonic()
            self._cloud.requests[number] = (self._machine.run, self._kind, sent, moment)

    async def _latency(self, more: float = 0.0) -> None:
        await self._machine.clock.sleep(self._cloud.schedule.latency / 2 + more)

    def _show(self, agent: int, asked: float, fault: Fault | None) -> Found:
        cloud, now = self._cloud, self._machine.clock.monotonic()
        cloud.advance()
        found: Found
        entry: int | None
        if fault is not None and fault.kind == "unread":
            found, entry = Unread("HTTP 500", Cause.CLOUD), None
        else:
            found, entry = cloud.image(agent)
        live = found if isinstance(found, Live) else None
        health = live.health.name if live else ""
        equal = live is not None and holds(cloud.schedule.agents[agent], live.tree)
        cloud.reads.append(Read(self._machine.run, agent, asked, now, entry, health, equal))
        return found

    async def _write(self, agent: int, body: Tree, *, create: bool) -> None:
        asked = self._machine.clock.monotonic()
        async with self._request():
            with anyio.CancelScope(shield=True):
                await self._exchange(agent, body, asked, create=create)

    async def _exchange(self, agent: int, body: Tree, asked: float, *, create: bool) -> None:
        cloud, clock = self._cloud, self._machine.clock
        shown = next((read for read in reversed(cloud.reads) if read.agent == agent), None)
        fault = self._next(agent, "write")
        write = Write(
            number=len(cloud.writes),
            run=self._machine.run,
            agent=agent,
            create=create,
            asked=asked,
            sent=clock.monotonic(),
            body=copy.deepcopy(revealed(body)),
            shown=None if shown is None else shown.entry,
            seen_equal=shown is not None and shown.equal,
            seen_failed=shown is not None and shown.health == "FAILED",
            recorded=self._machine.recorded(agent),
            fault=fault.kind if fault else "",
        )
        cloud.writes.append(write)
        try:
            await self._carry(write, fault)
        except CloudError as error:
            write.answer = "lost" if error.may_have_happened else "no"
            raise
        finally:
            write.answered = clock.monotonic()
        write.answer = "success"

    async def _carry(self, write: Write, fault: Fault | None) -> None:
        """Take the write to the cloud and its answer back."""
        cloud, now = self._cloud, self._machine.clock.monotonic()
        kind = fault.kind if fault else ""
        arrival = now + cloud.schedule.latency / 2
        if kind == "slow" and fault:
            arrival += fault.seconds
        refusal = _NOES.get(kind)
        if refusal is None and not kind.endswith("before"):
            late = fault.seconds if kind == "late" and fault else 0.0
            if not kind:
                await self._latency()
                cloud.advance()
                self._check(write)
            cloud.at(max(arrival, self._machine.clock.monotonic()) + late, cloud.effect(write))
        await self._machine.clock.sleep(max(0.0, arrival - self._machine.clock.monotonic()))
        cloud.advance()
        if kind.startswith("timeout"):
            await self._machine.clock.sleep(TIMEOUT_SECONDS)
        await self._latency(fault.seconds if kind == "throttled" and fault else 0.0)
        if refusal is not None:
            raise _again(refusal)
        loss = _LOSSES.get(kind.split("-")[0])
        if loss is not None:
            raise loss("Update", f"{kind} (simulated)")

    def _check(self, write: Write) -> None:
        """What the cloud refuses by itself."""
        history = self._cloud.histories[write.agent]
        agent = self._cloud.schedule.agents[write.agent]
        if write.create and history.entries:
            raise AlreadyExists("Create", "already exists", status=409)
        if not write.create and not history.entries:
            raise NotFound("Update", "does not exist", status=404)
        if agent.refuses_busy and not write.create and history.busy(self._cloud.now()):
            raise Refused("Update", "must be READY", status=409, code="ERR_BAD_REQUEST")


def _slow(fault: Fault | None) -> float:
    if fault is None:
        return 0.0
    return fault.seconds if fault.kind in ("slow", "throttled") else 0.0


def _again(error: CloudError) -> CloudError:
    more: dict[str, Any] = {"status": error.status, "code": error.code}
    return type(error)(error.operation, error.message, **more)
