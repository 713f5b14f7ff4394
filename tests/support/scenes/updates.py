"""Scenes of one agent that is written to, and what the cloud makes of it."""

from dataclasses import replace
from typing import Any

from reconciler.differ.options import Options
from reconciler.model.errors import (
    AccessDenied,
    NotFound,
    Refused,
)
from reconciler.model.live import Found, Live, Unread
from reconciler.model.manifest import Desired
from reconciler.model.outcome import Cause
from reconciler.model.sealed import Sealed
from reconciler.model.target import Limits
from reconciler.ports import History
from tests.support.applying import BASE, MemoryJournal, cloud
from tests.support.shapes import PROMPT
from tests.support.staging import (
    BAD,
    KEY,
    NEW,
    PROMPT_SPEC,
    REFUSED,
    answering,
    meanwhile,
    plain,
    reading,
    scene,
    stage,
    told,
)


@scene
async def an_update() -> list[str]:
    memory, applying = cloud()
    return await plain({**NEW, "cpu": 4}, applying, memory)


@scene
async def an_agent_in_sync() -> list[str]:
    memory, applying = cloud()
    return await plain({"cpu": 2}, applying, memory)


@scene
async def a_creation() -> list[str]:
    memory, applying = cloud()
    del memory.agents["bot"]
    spec = {"cpu": 1, "artifactType": "Container", "container": {"image": "i"}}
    return await plain(spec, applying, memory)


@scene
async def an_agent_that_cannot_be_read() -> list[str]:
    memory, applying = cloud()
    reading(memory, lambda _: Unread("not allowed", Cause.CREDENTIALS))
    return await plain(NEW, applying, memory)


@scene
async def an_equal_agent_that_failed() -> list[str]:
    memory, applying = cloud()
    memory.add("bot", dict(BASE), failed=True)
    return await plain({"cpu": 2}, applying, memory)


@scene
async def an_equal_agent_that_failed_without_a_reason() -> list[str]:
    memory, applying = cloud()
    memory.add("bot", dict(BASE), failed=True)

    def silent(found: Found) -> Found:
        assert isinstance(found, Live)
        return replace(found, status_reason="")

    reading(memory, silent)
    return await plain({"cpu": 2}, applying, memory)


@scene
async def the_same_state_again() -> list[str]:
    memory, applying = cloud()
    memory.add("bot", dict(BASE), failed=True)
    applying.options = Options(retry_failed=True)
    return await plain({"cpu": 2}, applying, memory)


@scene
async def a_restart_that_fails() -> list[str]:
    memory, applying = stage()
    return await plain(BAD, applying, memory)


@scene
async def a_restart_that_never_ends() -> list[str]:
    memory, applying = stage()
    return await plain({"description": "slow"}, applying, memory)


@scene
async def a_write_that_never_shows() -> list[str]:
    memory, applying = cloud(stale_read_seconds=9999)
    return await plain({**NEW, "cpu": 4}, applying, memory)


@scene
async def reads_that_fail_after_a_write() -> list[str]:
    memory, applying = cloud()
    reading(memory, lambda found: Unread("HTTP 500", Cause.CLOUD) if memory.writes else found)
    return await plain(NEW, applying, memory)


@scene
async def reads_that_fail_after_one_that_showed_a_restart() -> list[str]:
    memory, applying = cloud(stuck=True)

    def late(found: Found) -> Found:
        over = memory.clock.monotonic() > 300
        return Unread("HTTP 500", Cause.CLOUD) if over else found

    reading(memory, late)
    return await plain(NEW, applying, memory)


@scene
async def an_agent_that_goes_away_after_a_write() -> list[str]:
    memory, applying = cloud(restart_seconds=30)
    work = plain(NEW, applying, memory)
    return await meanwhile(3, memory.agents.clear, work, memory)


@scene
async def one_value_that_is_not_kept() -> list[str]:
    memory, applying = cloud(not_kept=frozenset({"description"}))
    return await plain({**NEW, "cpu": 4}, applying, memory)


@scene
async def two_values_that_are_not_kept() -> list[str]:
    memory, applying = cloud(not_kept=frozenset({"description", "cpu"}))
    return await plain({**NEW, "cpu": 4}, applying, memory)


@scene
async def a_value_that_an_earlier_run_saw_not_kept() -> list[str]:
    memory, applying = cloud(not_kept=frozenset({"description"}))
    await applying.apply({"bot": NEW})
    line = next(one for one in applying.journal.lines if one["event"] == "write-ended")
    history = History(not_kept={KEY: {line["digest"]: ("/description",)}})
    again = replace(applying.again(), journal=MemoryJournal(earlier=history))
    return await plain(NEW, again, memory)


@scene
async def changes_that_earlier_runs_saw_not_kept() -> list[str]:
    memory, applying = cloud(not_kept=frozenset({"description", "cpu"}))
    await applying.apply({"bot": {**NEW, "cpu": 4, "memory": 4096}})
    line = next(one for one in applying.journal.lines if one["event"] == "write-ended")
    known = {digest: (path,) for path, digest in line["changes"].items()}
    again = replace(applying.again(), journal=MemoryJournal(earlier=History(not_kept={KEY: known})))
    return await plain({**NEW, "cpu": 4}, again, memory)


@scene
async def a_secret_that_an_earlier_run_saw_not_kept() -> list[str]:
    memory, applying = cloud(not_kept=frozenset({"environmentVariables"}))
    spec = {"environmentVariables": {"KEY": Sealed("s", "env:KEY")}}
    await applying.apply({"bot": spec})
    line = next(one for one in applying.journal.lines if one["event"] == "write-ended")
    known = {line["digest"]: ("/environmentVariables/KEY",)}
    again = replace(applying.again(), journal=MemoryJournal(earlier=History(not_kept={KEY: known})))
    return await plain(spec, again, memory)


@scene
async def secrets_in_a_list() -> list[str]:
    memory, applying = cloud()
    memory.add("bot", {"region": "r", "tags": [], "properties": {"name": "old"}})
    applying.rules, applying.options = PROMPT, Options(write_unverifiable=True)
    tools = [{"type": "web", "api_key": Sealed("s", "env:KEY")}, {"type": "x"}]
    spec = {"agentId": "bot", "properties": {"tools": tools, "name": "new"}}
    return await plain(spec, applying, memory)


@scene
async def a_cloud_that_replaces() -> list[str]:
    memory, applying = cloud(replaces=True)
    memory.add("b", dict(BASE))
    applying.limits = Limits(max_unavailable=1)
    states: dict[str, dict[str, Any]] = {name: {"isolated": True} for name in ("bot", "b")}
    return told(memory, applying, await applying.apply(states))


@scene
async def a_field_that_no_read_shows_afterwards() -> list[str]:
    memory, applying = cloud(hides=frozenset({"protocol"}))
    memory.add("bot", {**BASE, "protocol": {"type": "HTTP"}})
    return await plain({**NEW, "protocol": {"type": "MCP"}}, applying, memory)


@scene
async def somebody_elses_change_during_a_restart() -> list[str]:
    memory, applying = cloud(restart_seconds=30)

    def edit() -> None:
        memory.agents["bot"].tree |= {"port": 9090}
        memory.agents["bot"].history.append((3.0, dict(memory.agents["bot"].tree)))

    return await meanwhile(3, edit, plain(NEW, applying, memory), memory)


@scene
async def a_refusal() -> list[str]:
    memory, applying = cloud(refusal=REFUSED)
    return await plain(NEW, applying, memory)


@scene
async def a_refusal_of_what_was_sent() -> list[str]:
    memory, applying = cloud()
    answering(memory, Refused("Update", "too long", status=400, code="ERR_VALIDATION_FAILED"))
    return await plain(NEW, applying, memory)


@scene
async def a_missing_permission() -> list[str]:
    memory, applying = cloud(refusal=AccessDenied("Update", "no", status=403))
    return await plain(NEW, applying, memory)


@scene
async def an_agent_that_is_gone_when_it_is_written() -> list[str]:
    memory, applying = cloud(refusal=NotFound("Update", "does not exist", status=404))
    return await plain(NEW, applying, memory)


@scene
async def a_refusal_while_somebody_elses_restart_shows() -> list[str]:
    memory, applying = cloud(restart_seconds=9)
    original = memory._write

    async def busy(name: str, body: dict[str, Any], *, new: bool = False) -> None:
        memory._write = original  # type: ignore[method-assign]
        memory._apply("bot", {"isolated": True}, memory.clock.monotonic())
        raise Refused("Update", "must be READY", status=400, code="ERR_BAD_REQUEST")

    memory._write = busy  # type: ignore[method-assign]
    return await plain(NEW, applying, memory)


@scene
async def two_refusals_while_a_restart_shows() -> list[str]:
    memory, applying = cloud(restart_seconds=9)

    async def busy(name: str, body: dict[str, Any], *, new: bool = False) -> None:
        memory._apply("bot", {"isolated": True}, memory.clock.monotonic())
        raise Refused("Update", "must be READY", status=400, code="ERR_BAD_REQUEST")

    memory._write = busy  # type: ignore[method-assign]
    return await plain(NEW, applying, memory)


@scene
async def somebody_else_created_it_meanwhile() -> list[str]:
    memory, applying = cloud()
    del memory.agents["bot"]
    spec = {"cpu": 1, "artifactType": "Container", "container": {"image": "i"}}
    original = memory.create

    async def beaten(desired: Desired, body: dict[str, Any]) -> None:
        memory.add("bot", {**BASE, **spec, "container": {"image": "theirs"}})
        await original(desired, body)

    memory.create = beaten  # type: ignore[method-assign]
    return await plain(spec, applying, memory)


@scene
async def a_kind_whose_values_tell() -> list[str]:
    memory, applying = cloud(stale_read_seconds=4)
    memory.add("bot", {"region": "r", "tags": [], "properties": {"name": "old"}})
    applying.rules, applying.options = PROMPT, Options(write_unverifiable=True)
    return await plain(PROMPT_SPEC, applying, memory)


@scene
async def a_kind_whose_reads_leave_the_values_out() -> list[str]:
    memory, applying = cloud()
    memory.add("bot", {"region": "r", "tags": [], "properties": {"name": "old"}})
    applying.rules, applying.options = PROMPT, Options(write_unverifiable=True)

    def partly(found: Found) -> Found:
        if not isinstance(found, Live):
            return found
        left = {name: value for name, value in found.tree.items() if name != "properties"}
        return replace(found, tree=left, partial=True) if memory.writes else found

    reading(memory, partly)
    return await plain(PROMPT_SPEC, applying, memory)
