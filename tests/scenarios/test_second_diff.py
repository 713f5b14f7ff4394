"""No perpetual diff: whatever a cloud makes of what it kept, the plan after an apply is empty."""

import copy
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.differ.pattern import literal, parse_pattern
from reconciler.model.ignore import Ignore
from reconciler.model.outcome import Result
from reconciler.model.plan import InSync
from reconciler.sandbox import control, seeds
from tests.support.clouds import Cloud, cloud
from tests.support.states import PROPERTY_FIELDS, property_specs, runtime_specs, runtime_states
from tests.support.virtual import run

_quick = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)

habits = st.fixed_dictionaries(
    {
        "server_defaults": st.booleans(),
        "reorders": st.booleans(),
        "reserialises": st.booleans(),
        "zero_values": st.sampled_from(["documented", "all", "none"]),
        "version_type": st.sampled_from(["string", "number"]),
        "mask": st.sampled_from(["prefix", "full", "absent"]),
    }
)
"""What a cloud may make of the very values that it keeps."""


async def runtime(world: Cloud, state: dict[str, Any]) -> None:
    """Put a runtime `bot` in this state there, long ago."""
    body = {"agentRuntimeName": "bot", "artifactType": "Container", **copy.deepcopy(state)}
    control.add_runtime(world.store, body, world.clock.wall() - 86_400)


async def agent(world: Cloud, properties: dict[str, Any]) -> None:
    """Put an AppStage agent with these properties there, long ago."""
    documents = {
        name: json.dumps(value) if name.endswith(("_setting", "_settings")) else value
        for name, value in properties.items()
    }
    asset = copy.deepcopy(seeds.AGENT)
    asset["properties"] |= {**documents, "name": "另一个"}
    control.add_agent(world.store, "b" * 32, asset, world.clock.wall() - 86_400)


@_quick
@given(before=runtime_states(), spec=runtime_specs(), switches=habits)
def test_a_runtime_shows_no_second_diff(
    before: dict[str, Any], spec: dict[str, Any], switches: dict[str, Any]
) -> None:
    """AgentRun: apply, then plan: in sync, and a second apply writes nothing."""

    async def scene() -> None:
        async with cloud("agentrun") as world:
            world.quirks(**switches)
            await runtime(world, before)
            target = world.desired("bot", spec)
            (outcome,) = await world.apply(target)
            assert outcome.result in (Result.CHANGED, Result.UNCHANGED), outcome
            again = await world.plan(target)
            assert isinstance(again, InSync), again
            (second,) = await world.apply(target)
            assert (second.result, second.writes) == (Result.UNCHANGED, 0)

    run(scene)


@_quick
@given(before=st.fixed_dictionaries(PROPERTY_FIELDS), spec=property_specs(), switches=habits)
def test_an_agent_shows_no_second_diff(
    before: dict[str, Any], spec: dict[str, Any], switches: dict[str, Any]
) -> None:
    """AppStage: the same, with its documents written otherwise by every read."""

    async def scene() -> None:
        async with cloud("appstage") as world:
            world.quirks(**switches)
            await agent(world, before)
            target = world.desired("bot", {"agentId": "b" * 32, "tags": [], "properties": spec})
            (outcome,) = await world.apply(target)
            assert outcome.result in (Result.CHANGED, Result.UNCHANGED), outcome
            again = await world.plan(target)
            assert isinstance(again, InSync), again
            (second,) = await world.apply(target)
            assert (second.result, second.writes) == (Result.UNCHANGED, 0)

    run(scene)


@_quick
@given(before=runtime_states(), spec=runtime_specs(), switches=habits, data=st.data())
def test_what_is_not_kept_is_quiet_once_it_is_ignored(
    before: dict[str, Any], spec: dict[str, Any], switches: dict[str, Any], data: st.DataObject
) -> None:
    """For any fields that a cloud does not keep: they are named, and rules for them end it."""
    names = sorted(name for name in spec if name not in ("cpu", "memory", "port"))
    dropped = data.draw(st.sets(st.sampled_from(names), max_size=3)) if names else set()

    async def scene() -> None:
        async with cloud("agentrun") as world:
            world.quirks(**switches, not_kept=tuple(f"/{name}" for name in dropped))
            await runtime(world, before)
            target = world.desired("bot", spec)
            (outcome,) = await world.apply(target)
            assert (outcome.result is Result.NOT_KEPT) is bool(outcome.not_kept), outcome
            assert {path.split("/")[1] for path in outcome.not_kept} <= dropped
            rules = tuple(
                Ignore(path, parse_pattern(literal(path)), "not kept", "reconcile.yaml:2:3")
                for path in outcome.not_kept
            )
            quiet = world.desired("bot", spec, ignore=rules)
            again = await world.plan(quiet)
            assert isinstance(again, InSync), again
            (second,) = await world.apply(quiet)
            assert (second.result, second.writes) == (Result.UNCHANGED, 0)

    run(scene)
