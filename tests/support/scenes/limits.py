"""Scenes of runs that are held up, held back, stopped or broken off."""

import re
from typing import Any

from reconciler.differ.options import Options
from reconciler.model.errors import (
    InputError,
    Locked,
)
from reconciler.model.live import Found
from reconciler.model.target import Limits
from reconciler.ports import History, Unfinished
from tests.support.applying import BASE, MemoryJournal, cloud, wanted
from tests.support.shapes import PROMPT
from tests.support.staging import (
    BAD,
    KEY,
    NEW,
    PROMPT_SPEC,
    meanwhile,
    plain,
    reading,
    scene,
    stage,
    told,
)
from tests.support.virtual import EPOCH


@scene
async def a_blocked_agent() -> list[str]:
    memory, applying = cloud()
    memory.add("bot", {**BASE, "artifactType": "Code"})
    return await plain({"artifactType": "Container"}, applying, memory)


@scene
async def a_locked_agent() -> list[str]:
    memory, applying = cloud(refusal=Locked("Update", "published", status=400, code="X"))
    return await plain(NEW, applying, memory)


@scene
async def a_stop_before_anything_was_written() -> list[str]:
    memory, applying = cloud(restart_seconds=60)
    memory._apply("bot", {"isolated": True}, memory.clock.monotonic())
    return await meanwhile(3, applying.stop.set, plain(NEW, applying, memory), memory)


@scene
async def a_stop_after_the_write() -> list[str]:
    memory, applying = cloud(restart_seconds=60)
    return await meanwhile(3, applying.stop.set, plain(NEW, applying, memory), memory)


@scene
async def a_stop_while_the_write_has_no_answer() -> list[str]:
    memory, applying = cloud()
    original = memory._write

    async def slowly(name: str, body: dict[str, Any], *, new: bool = False) -> None:
        await memory.clock.sleep(10)
        await original(name, body, new=new)

    memory._write = slowly  # type: ignore[method-assign]
    return await meanwhile(3, applying.stop.set, plain(NEW, applying, memory), memory)


@scene
async def a_stop_after_a_write_of_a_kind_without_a_restart() -> list[str]:
    memory, applying = cloud(stale_read_seconds=60)
    memory.add("bot", {"region": "r", "tags": [], "properties": {"name": "old"}})
    applying.rules, applying.options = PROMPT, Options(write_unverifiable=True)
    return await meanwhile(3, applying.stop.set, plain(PROMPT_SPEC, applying, memory), memory)


@scene
async def without_waiting() -> list[str]:
    memory, applying = cloud()
    applying.no_wait = True
    return await plain(NEW, applying, memory)


@scene
async def without_waiting_for_a_kind_without_a_restart() -> list[str]:
    memory, applying = cloud(stale_read_seconds=60)
    memory.add("bot", {"region": "r", "tags": [], "properties": {"name": "old"}})
    applying.rules, applying.options = PROMPT, Options(write_unverifiable=True)
    applying.no_wait = True
    return await plain(PROMPT_SPEC, applying, memory)


@scene
async def an_agent_that_is_busy_for_too_long() -> list[str]:
    memory, applying = cloud(stuck=True)
    memory._apply("bot", {"isolated": True}, memory.clock.monotonic())
    desired = wanted("bot", NEW, 45.5)
    return told(memory, applying, await applying.carry([desired]))


@scene
async def an_agent_that_was_updated_just_now() -> list[str]:
    memory, applying = cloud(restart_seconds=0.5)
    memory._apply("bot", {"isolated": True}, memory.clock.monotonic())
    await memory.clock.sleep(4)
    return await plain(NEW, applying, memory)


@scene
async def a_write_that_a_killed_run_left() -> list[str]:
    memory, applying = cloud()
    left = Unfinished("earlier", EPOCH - 2, memory.clock.monotonic() - 86_400)
    applying.journal = MemoryJournal(earlier=History(unfinished={KEY: left}))
    return await plain({"cpu": 2}, applying, memory)


@scene
async def more_failures_than_allowed() -> list[str]:
    memory, applying = stage()
    for name in ("b", "c"):
        memory.add(name, dict(BASE))
    applying.limits = Limits(max_unavailable=1, max_failures=0)
    states: dict[str, dict[str, Any]] = {"bot": BAD, "b": NEW, "c": {"cpu": 2}}
    return told(memory, applying, await applying.apply(states))


@scene
async def a_canary_that_fails_and_a_later_wave() -> list[str]:
    memory, applying = stage()
    for name in ("b", "c"):
        memory.add(name, dict(BASE))
    applying.limits = Limits(canary=1)
    targets = [wanted("bot", BAD), wanted("b", NEW), wanted("c", NEW, wave=2)]
    return told(memory, applying, await applying.carry(targets))


@scene
async def two_waves_with_a_pause() -> list[str]:
    memory, applying = cloud()
    for name in ("b", "c", "d"):
        memory.add(name, dict(BASE))
    applying.limits = Limits(wave_pause_seconds=30)
    targets = [wanted(name, NEW, wave=wave) for name, wave in (("bot", 0), ("b", 4), ("c", 4))]
    return told(memory, applying, await applying.carry([*targets, wanted("d", NEW, wave=9)]))


@scene
async def agents_that_run_out_of_time_and_leave_no_slot() -> list[str]:
    memory, applying = stage()
    memory.add("b", dict(BASE))
    applying.limits = Limits(max_unavailable=1, max_failures=5)
    states = {"bot": {"description": "slow"}, "b": NEW}
    return told(memory, applying, await applying.apply(states))


@scene
async def more_restarts_than_allowed() -> list[str]:
    memory, applying = cloud()
    memory.add("b", dict(BASE))
    applying.limits = Limits(max_unavailable=1, max_restarts=1)
    return told(memory, applying, await applying.apply({"bot": NEW, "b": NEW}))


@scene
async def a_lock_that_is_lost_before_the_write() -> list[str]:
    memory, applying = cloud()
    applying.lock_lost = lambda: "the server is gone"
    return await plain(NEW, applying, memory)


@scene
async def a_record_that_cannot_be_kept_any_more() -> list[str]:
    memory, applying = cloud()
    memory.add("b", dict(BASE))
    applying.limits = Limits(max_unavailable=1)
    keep = applying.journal.write

    def full(event: dict[str, Any]) -> None:
        if event["event"] == "write-answered":
            raise InputError("the record of this run cannot be kept")
        keep(event)

    applying.journal.write = full  # type: ignore[method-assign]
    return told(memory, applying, await applying.apply({"bot": NEW, "b": NEW}))


@scene
async def a_mistake_of_ours() -> list[str]:
    memory, applying = cloud()
    memory.add("b", dict(BASE))
    applying.limits = Limits(max_unavailable=1)

    def mistaken(found: Found) -> Found:
        if memory.reads > 2:
            del memory.faults
        return found

    reading(memory, mistaken)
    lines = told(memory, applying, await applying.apply({"bot": NEW, "b": NEW}))
    return [re.sub(r":\d+; this is", ":…; this is", line) for line in lines]
