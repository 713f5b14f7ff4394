"""Scenes in which a failed update is taken back."""

import copy
from typing import Any

from reconciler.model.errors import (
    AccessDenied,
    InputError,
)
from reconciler.model.live import Found, Unread
from reconciler.model.manifest import OnFailure
from reconciler.model.outcome import Cause
from reconciler.model.sealed import Sealed
from reconciler.model.target import Limits
from tests.support.applying import BASE, wanted
from tests.support.staging import (
    BAD,
    NEW,
    REFUSED,
    answering,
    going_back,
    meanwhile,
    reading,
    scene,
    stage,
    told,
)


@scene
async def a_creation_that_fails_with_a_way_back() -> list[str]:
    memory, applying = stage()
    del memory.agents["bot"]
    return await going_back({**BASE, **BAD, "artifactType": "Code"}, applying, memory)


@scene
async def a_failure_that_is_taken_back() -> list[str]:
    memory, applying = stage()
    return await going_back({**BAD, "cpu": 4}, applying, memory)


@scene
async def a_failure_that_is_taken_back_outside_the_budget_of_restarts() -> list[str]:
    memory, applying = stage()
    applying.limits = Limits(max_restarts=1)
    return await going_back(BAD, applying, memory)


@scene
async def a_timeout_that_is_taken_back() -> list[str]:
    memory, applying = stage()
    return await going_back({"description": "slow"}, applying, memory, 60)


@scene
async def a_way_back_of_some_fields() -> list[str]:
    memory, applying = stage()
    return await going_back({**BAD, "diskSize": 512, "affinity": "HEADER"}, applying, memory)


@scene
async def a_way_back_that_may_empty_nothing() -> list[str]:
    memory, applying = stage(never_empty=True)
    return await going_back({**BAD, "affinity": "HEADER"}, applying, memory)


@scene
async def a_way_back_that_is_refused() -> list[str]:
    memory, applying = stage()
    answering(memory, None, REFUSED)
    return await going_back(BAD, applying, memory)


@scene
async def a_way_back_without_permission() -> list[str]:
    memory, applying = stage()
    answering(memory, None, AccessDenied("Update", "not allowed", status=403))
    return await going_back({**BAD, "affinity": "A"}, applying, memory)


@scene
async def a_way_back_that_waits_for_the_restart() -> list[str]:
    memory, applying = stage(refuse_while_busy=True, restart_seconds=90)
    keep = memory._apply

    def apply(name: str, body: dict[str, Any], now: float) -> None:
        keep(name, body, now)
        memory.faults.restart_seconds = 5

    memory._apply = apply  # type: ignore[method-assign]
    return await going_back(NEW, applying, memory, 60)


@scene
async def a_way_back_that_the_restart_outlives() -> list[str]:
    memory, applying = stage(refuse_while_busy=True)
    return await going_back({"description": "slow"}, applying, memory, 60)


@scene
async def a_way_back_whose_reply_is_lost_after_the_effect() -> list[str]:
    memory, applying = stage()
    return await meanwhile(
        4,
        lambda: setattr(memory.faults, "lose_after", 1),
        going_back(BAD, applying, memory),
        memory,
    )


@scene
async def a_way_back_whose_reply_is_lost_before_the_effect() -> list[str]:
    memory, applying = stage()
    return await meanwhile(
        4,
        lambda: setattr(memory.faults, "lose_before", 1),
        going_back(BAD, applying, memory),
        memory,
    )


@scene
async def a_way_back_that_is_lost_twice() -> list[str]:
    memory, applying = stage()
    return await meanwhile(
        4,
        lambda: setattr(memory.faults, "lose_before", 9),
        going_back(BAD, applying, memory),
        memory,
    )


@scene
async def a_lost_way_back_and_no_read_to_learn_by() -> list[str]:
    memory, applying = stage()

    def unread(found: Found) -> Found:
        return Unread("HTTP 500", Cause.CLOUD) if len(memory.writes) > 1 else found

    reading(memory, unread)
    return await meanwhile(
        4,
        lambda: setattr(memory.faults, "lose_before", 1),
        going_back(BAD, applying, memory),
        memory,
    )


@scene
async def a_way_back_that_fails_too() -> list[str]:
    memory, applying = stage(fail_restart=True)
    return await going_back(BAD, applying, memory)


@scene
async def a_way_back_that_never_ends() -> list[str]:
    memory, applying = stage(sticks_with=frozenset({"old"}))
    return await going_back(BAD, applying, memory, 60)


@scene
async def a_way_back_that_is_not_kept() -> list[str]:
    memory, applying = stage()
    keep = memory._apply

    def apply(name: str, body: dict[str, Any], now: float) -> None:
        memory.faults.not_kept = frozenset({"cpu", "memory"} if memory.writes[1:] else ())
        keep(name, body, now)

    memory._apply = apply  # type: ignore[method-assign]
    return await going_back({**BAD, "cpu": 4, "memory": 4096}, applying, memory)


@scene
async def a_way_back_of_what_no_read_shows() -> list[str]:
    memory, applying = stage(hides=frozenset({"protocol"}))
    memory.add("bot", {**BASE, "protocol": {"type": "HTTP"}})
    return await going_back({**BAD, "protocol": {"type": "MCP"}}, applying, memory)


@scene
async def a_way_back_on_which_a_field_goes_away() -> list[str]:
    memory, applying = stage()
    memory.add("bot", {**BASE, "affinity": "A"})
    memory.add("b", dict(BASE))
    keep = memory._apply

    def apply(name: str, body: dict[str, Any], now: float) -> None:
        memory.faults.replaces = len(memory.writes) == 2
        keep(name, body, now)

    memory._apply = apply  # type: ignore[method-assign]
    applying.limits = Limits(max_unavailable=1, max_failures=9)
    back = wanted("bot", BAD, on_failure=OnFailure.ROLLBACK)
    return told(memory, applying, await applying.carry([back, wanted("b", {"cpu": 4})]))


@scene
async def a_way_back_that_somebody_else_made() -> list[str]:
    memory, applying = stage()

    def restored() -> None:
        memory._apply("bot", {"description": "old"}, memory.clock.monotonic())

    work = going_back({"description": "slow"}, applying, memory, 60)
    return await meanwhile(59, restored, work, memory)


@scene
async def a_way_back_of_an_agent_that_is_gone() -> list[str]:
    memory, applying = stage()
    work = going_back({"description": "slow"}, applying, memory, 60)

    def gone() -> None:
        memory.agents.clear()

    return await meanwhile(59.9, gone, work, memory)


@scene
async def a_way_back_while_reads_still_show_what_was_before() -> list[str]:
    memory, applying = stage(stale_values_seconds=9999)
    return await going_back({"description": "slow"}, applying, memory, 60)


@scene
async def a_lost_way_back_that_no_read_can_settle() -> list[str]:
    memory, applying = stage(fail_restart=True, hides=frozenset({"protocol"}))
    memory.add("bot", {**BASE, "protocol": {"type": "HTTP"}})
    work = going_back({"protocol": {"type": "MCP"}}, applying, memory)
    return await meanwhile(4, lambda: setattr(memory.faults, "lose_before", 1), work, memory)


@scene
async def a_way_back_that_needs_a_secret_of_nobody() -> list[str]:
    memory, applying = stage()
    before = {"image": "i", "auth": {"userName": "u"}}
    memory.add("bot", {**BASE, "container": before})
    auth = {"userName": "u", "password": Sealed("pw", "env:PW")}
    spec = {"cpu": 4, "description": "slow", "container": {"image": "j", "auth": auth}}

    def edit() -> None:
        agent = memory.agents["bot"]
        agent.tree["container"] = {"image": "j", "auth": {"userName": "u", "password": "x***"}}
        agent.tree["container"]["token"] = "abc***"
        agent.history.append((memory.clock.monotonic(), copy.deepcopy(agent.tree)))

    return await meanwhile(59, edit, going_back(spec, applying, memory, 60), memory)


@scene
async def a_way_back_without_the_lock() -> list[str]:
    memory, applying = stage()
    applying.lock_lost = lambda: "the server is gone" if memory.writes else ""
    return await going_back(BAD, applying, memory)


@scene
async def a_stop_on_the_way_back() -> list[str]:
    memory, applying = stage(restart_seconds=20)
    return await meanwhile(30, applying.stop.set, going_back(BAD, applying, memory), memory)


@scene
async def a_stop_while_the_way_back_has_no_answer() -> list[str]:
    memory, applying = stage()
    original = memory._write

    async def slowly(name: str, body: dict[str, Any], *, new: bool = False) -> None:
        if memory.writes:
            applying.stop.set()
        await memory.clock.sleep(10)
        await original(name, body, new=new)

    memory._write = slowly  # type: ignore[method-assign]
    return await going_back(BAD, applying, memory)


@scene
async def a_stop_before_the_way_back() -> list[str]:
    memory, applying = stage()
    keep = applying.journal.write

    def stopping(event: dict[str, Any]) -> None:
        keep(event)
        if event["event"] == "write-ended":
            applying.stop.set()

    applying.journal.write = stopping  # type: ignore[method-assign]
    return await going_back(BAD, applying, memory)


@scene
async def a_mistake_of_ours_on_the_way_back() -> list[str]:
    memory, applying = stage()
    keep = applying.journal.write

    def full(event: dict[str, Any]) -> None:
        if event["event"] == "rollback-answered":
            raise InputError("the record of this run cannot be kept")
        keep(event)

    applying.journal.write = full  # type: ignore[method-assign]
    return await going_back(BAD, applying, memory)
