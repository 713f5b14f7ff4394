"""How a scene is set and played on the small cloud with a memory, and what is told of it."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import anyio

from reconciler.model.errors import (
    CloudError,
    LostReply,
    Refused,
)
from reconciler.model.live import Found
from reconciler.model.manifest import Desired, OnFailure
from reconciler.model.outcome import Outcome
from tests.support.applying import Applying, cloud, wanted
from tests.support.memory import MemoryCloud

KEY: Final = "example/v1/Runtime/bot"
NEW: Final = {"description": "new"}
BAD: Final = {"description": "bad"}
PROMPT_SPEC: Final = {"agentId": "bot", "properties": {"name": "new", "instructions": "i"}}

Scene = Callable[[], Awaitable[list[str]]]
SCENES: Final[dict[str, Scene]] = {}


def scene(act: Scene) -> Scene:
    """Put a scene on the list under its name; its first line says what happens."""
    SCENES[act.__name__.replace("_", " ")] = act
    return act


def told(memory: MemoryCloud, applying: Applying, outcomes: list[Outcome]) -> list[str]:
    """The transcript of a run that is over."""
    lines = []
    for seen in applying.watcher.seen:
        lasting = seen.phase in ("restarting", "settling", "done")
        text = re.sub(r"after \d+ s", "after … s", seen.text) if lasting else seen.text
        lines.append(f"told     {seen.address.name} {seen.phase}: {text}")
    lines += [f"record   {_text(_plain(line))}" for line in applying.journal.lines]
    lines += [f"sent     {name} {_text(body)}" for _, name, body in memory.writes]
    for one in outcomes:
        text = f"{one.address.name} {one.id} {one.result}, cause {one.cause.name}"
        counts = f"{one.restarts} restarts, {one.writes} writes"
        lines.append(f"outcome  {text}, {counts}: {one.reason}")
        lines += [f"note     {note}" for note in one.notes]
        lines += [f"not kept {path}" for path in one.not_kept]
        if one.rollback is not None:
            lines.append(f"back     {one.rollback.result}: {one.rollback.reason}")
            lines += [f"field    {f.path} {f.restored} {f.reason}" for f in one.rollback.fields]
    return lines


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _plain(line: Mapping[str, Any]) -> dict[str, Any]:
    """A line of a record without its times; of a digest only that it is there."""
    timed = ("seconds", "busySeconds", "readySeconds", "stamp")
    plain = {name: "…" if name in timed and value else value for name, value in line.items()}
    return json.loads(re.sub(r"\b[0-9a-f]{64}\b", "…", _text(plain)))  # type: ignore[no-any-return]


async def plain(spec: dict[str, Any], applying: Applying, memory: MemoryCloud) -> list[str]:
    """One agent of this spec, carried out."""
    return told(memory, applying, await applying.apply({"bot": spec}))


async def going_back(
    spec: dict[str, Any], applying: Applying, memory: MemoryCloud, seconds: float | None = None
) -> list[str]:
    """The same with `onFailure: rollback`."""
    desired = wanted("bot", spec, seconds, on_failure=OnFailure.ROLLBACK)
    return told(memory, applying, await applying.carry([desired]))


async def meanwhile(
    after_seconds: float, act: Callable[[], None], work: Awaitable[list[str]], memory: MemoryCloud
) -> list[str]:
    """A run during which something else happens."""
    done: list[str] = []

    async def carry() -> None:
        done.extend(await work)

    async with anyio.create_task_group() as group:
        group.start_soon(carry)
        await memory.clock.sleep(after_seconds)
        act()
    return done


def stage(**faults: Any) -> tuple[MemoryCloud, Applying]:
    """An agent that fails with the description `bad` and hangs with `slow`."""
    usual = {"fails_with": frozenset({"bad"}), "sticks_with": frozenset({"slow"})}
    return cloud(**(usual | faults))


def answering(memory: MemoryCloud, *errors: CloudError | None) -> None:
    """Answer the next writes so before anything happens; None lets one through."""
    left, original = list(errors), memory._write

    async def write(name: str, body: dict[str, Any], *, new: bool = False) -> None:
        error = left.pop(0) if left else None
        if error is not None:
            raise error
        await original(name, body, new=new)

    memory._write = write  # type: ignore[method-assign]


def reading(memory: MemoryCloud, change: Callable[[Found], Found]) -> None:
    """Let every read show something else."""
    original = memory.read

    async def read(desired: Desired, agent_id: str | None) -> Found:
        return change(await original(desired, agent_id))

    memory.read = read  # type: ignore[method-assign]


REFUSED: Final = Refused("Update", "no such zone", status=400, code="ERR_X", request_id="r-1")
LOST: Final = LostReply("Update", "connection reset")
