"""Scenes in which the reply to a write is lost."""

from reconciler.differ.options import Options
from reconciler.model.live import Unread
from reconciler.model.outcome import Cause
from tests.support.applying import BASE, cloud
from tests.support.staging import NEW, plain, reading, scene


@scene
async def the_same_state_again_without_a_reply() -> list[str]:
    memory, applying = cloud(lose_after=1, fail_restart=True)
    memory.add("bot", dict(BASE), failed=True)
    applying.options = Options(retry_failed=True)
    return await plain({"cpu": 2}, applying, memory)


@scene
async def the_same_state_again_without_a_reply_and_stuck() -> list[str]:
    memory, applying = cloud(lose_after=1, stuck=True)
    memory.add("bot", dict(BASE), failed=True)
    applying.options = Options(retry_failed=True)
    return await plain({"cpu": 2}, applying, memory)


@scene
async def a_lost_reply_after_the_effect() -> list[str]:
    memory, applying = cloud(lose_after=1)
    return await plain(NEW, applying, memory)


@scene
async def a_lost_reply_before_the_effect() -> list[str]:
    memory, applying = cloud(lose_before=1)
    return await plain(NEW, applying, memory)


@scene
async def two_lost_replies() -> list[str]:
    memory, applying = cloud(lose_before=5)
    return await plain(NEW, applying, memory)


@scene
async def a_lost_creation_that_is_sent_again() -> list[str]:
    memory, applying = cloud(lose_before=1)
    del memory.agents["bot"]
    return await plain({**BASE, "artifactType": "Code"}, applying, memory)


@scene
async def a_late_effect_before_the_second_write() -> list[str]:
    memory, applying = cloud(lose_before=1, late_effect_seconds=15.15, restart_seconds=9)
    return await plain(NEW, applying, memory)


@scene
async def a_late_effect_after_the_second_write() -> list[str]:
    memory, applying = cloud(lose_before=1, late_effect_seconds=20, restart_seconds=9)
    return await plain(NEW, applying, memory)


@scene
async def a_lost_reply_and_no_read_to_learn_by() -> list[str]:
    memory, applying = cloud(lose_before=1)
    reading(memory, lambda found: Unread("HTTP 500", Cause.CLOUD) if memory.writes else found)
    return await plain(NEW, applying, memory)


@scene
async def a_lost_reply_and_a_run_that_may_write_no_more() -> list[str]:
    memory, applying = cloud(lose_before=1)
    applying.permit = lambda *_: "frozen" if memory.writes else ""
    return await plain(NEW, applying, memory)


@scene
async def a_lost_reply_that_no_read_can_settle() -> list[str]:
    memory, applying = cloud(lose_before=1, hides=frozenset({"protocol"}))
    memory.add("bot", {**BASE, "protocol": {"type": "HTTP"}})
    return await plain({"protocol": {"type": "MCP"}}, applying, memory)
