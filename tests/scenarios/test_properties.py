"""Laws over random states, on the real sessions and the sandbox: what apply reaches and leaves."""

import copy
import json
from functools import partial
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.differ.compare import compare
from reconciler.differ.decide import decide
from reconciler.model.live import Live
from reconciler.model.outcome import Result
from reconciler.model.plan import InSync
from reconciler.sandbox import control, seeds
from tests.support.clouds import Cloud, cloud
from tests.support.states import (
    ALWAYS,
    PROPERTY_FIELDS,
    property_specs,
    runtime_specs,
    runtime_states,
)
from tests.support.virtual import run

MAPS = ("environmentVariables",)
_quick = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)

quirks = st.fixed_dictionaries(
    {
        "nested_update": st.sampled_from(["replace", "merge"]),
        "zero_values": st.sampled_from(["documented", "all", "none"]),
        "stamp_resolution": st.sampled_from(["seconds", "fractions"]),
        "read_lag_seconds": st.sampled_from([0.0, 4.0]),
        "stale_status_seconds": st.sampled_from([0.0, 5.0]),
        "server_defaults": st.booleans(),
        "version_moves": st.booleans(),
        "busy_put": st.sampled_from(["accept", "refuse-400", "refuse-409"]),
        "page_overlap": st.sampled_from([0, 1]),
        "put_status": st.sampled_from(["200", "202"]),
    }
)


def kept(before: Any, after: Any, declared: Any, path: str = "") -> list[str]:
    """Where something that is not declared is no longer as it was."""
    lost = []
    for name, value in before.items():
        where = f"{path}/{name}"
        if name not in declared:
            if after.get(name) != value and not (value in BLANK and after.get(name) in BLANK):
                lost.append(where)
        elif isinstance(value, dict) and isinstance(declared[name], dict) and name not in MAPS:
            lost += kept(value, after.get(name) or {}, declared[name], where)
    return lost


BLANK: tuple[Any, ...] = (None, "", 0, False, {}, [])
MOVING = ("status", "statusReason", "lastUpdatedAt", "agentRuntimeVersion")


def shown(found: Any) -> dict[str, Any]:
    """A read without what moves by itself."""
    assert isinstance(found, Live), found
    return {name: value for name, value in found.tree.items() if name not in MOVING}


async def runtime(world: Cloud, state: dict[str, Any]) -> None:
    """Put a runtime `bot` in this state there, long ago."""
    body = {"agentRuntimeName": "bot", "artifactType": "Container", **copy.deepcopy(state)}
    control.add_runtime(world.store, body, world.clock.wall() - 86_400)


@_quick
@given(live=runtime_states(), spec=runtime_specs(), switches=quirks)
def test_apply_reaches_the_desired_state_and_leaves_the_rest(
    live: dict[str, Any], spec: dict[str, Any], switches: dict[str, Any]
) -> None:
    """For any two states and any of the cloud's habits: reached, the rest untouched, one write."""
    if switches["nested_update"] == "merge":  # such a cloud has no way to take a variable out
        spec = {name: value for name, value in spec.items() if name not in MAPS}

    async def scene() -> None:
        async with cloud("agentrun") as world:
            world.quirks(**switches)
            await runtime(world, live)
            target = world.desired("bot", spec)
            before = shown(await world.session.read(target, None))
            planned = await world.plan(target)
            (outcome,) = await world.apply(target)
            expected = Result.UNCHANGED if isinstance(planned, InSync) else Result.CHANGED
            assert outcome.result is expected, outcome
            assert outcome.writes == int(expected is Result.CHANGED)
            await world.clock.sleep(30)
            again = await world.plan(target)
            assert isinstance(again, InSync), again
            after = shown(await world.session.read(target, None))
            assert kept(before, after, spec) == []
            (second,) = await world.apply(target)
            assert (second.result, second.writes) == (Result.UNCHANGED, 0)

    run(scene)


@_quick
@given(live=runtime_states(), spec=runtime_specs(), nested=st.sampled_from(["replace", "merge"]))
def test_nothing_in_the_body_can_be_left_out(
    live: dict[str, Any], spec: dict[str, Any], nested: str
) -> None:
    """Leaving any key but cpu, memory and port out of the body misses the desired state."""

    async def body_of() -> dict[str, Any] | None:
        async with cloud("agentrun") as world:
            await runtime(world, live)
            target = world.desired("bot", spec)
            found = await world.session.read(target, None)
            return decide(target, found, world.rules).body

    async def without(name: str, body: dict[str, Any]) -> bool:
        async with cloud("agentrun") as world:
            world.quirks(nested_update=nested)
            await runtime(world, live)
            target = world.desired("bot", spec)
            found = await world.session.read(target, None)
            assert isinstance(found, Live)
            short = {k: v for k, v in body.items() if k != name}
            await world.session.update(target, found.id, short)
            await world.clock.sleep(60)
            after = await world.session.read(target, found.id)
            assert isinstance(after, Live)
            return bool(compare(spec, after.tree, world.rules).differences)

    body = run(body_of)
    for name in set(body or ()) - set(ALWAYS):
        assert run(partial(without, name, body or {})), name


@_quick
@given(
    first=st.fixed_dictionaries(PROPERTY_FIELDS),
    second=property_specs(),
    put=st.sampled_from(["replace", "merge"]),
    read=st.sampled_from(["top-level", "data"]),
)
def test_properties_are_reached_and_the_others_left(
    first: dict[str, Any], second: dict[str, Any], put: str, read: str
) -> None:
    """AppStage: declared members reach their value, every other property stays to the letter."""

    async def scene() -> None:
        async with cloud("appstage") as world:
            world.quirks(properties_update=put, appstage_read=read)
            documents = {
                name: json.dumps(value) if name.endswith(("_setting", "_settings")) else value
                for name, value in first.items()
            }
            asset = copy.deepcopy(seeds.AGENT)
            asset["properties"] |= {**documents, "name": "另一个"}
            control.add_agent(world.store, "b" * 32, asset, world.clock.wall() - 86_400)
            target = world.desired("bot", {"agentId": "b" * 32, "properties": second})
            before = shown(await world.session.read(target, None))["properties"]
            planned = await world.plan(target)
            (outcome,) = await world.apply(target)
            expected = Result.UNCHANGED if isinstance(planned, InSync) else Result.CHANGED
            assert outcome.result is expected, outcome
            after = shown(await world.session.read(target, None))["properties"]
            assert {k: v for k, v in after.items() if k not in second} == {
                k: v for k, v in before.items() if k not in second
            }
            for name, value in second.items():
                if name.endswith(("_setting", "_settings")):
                    old, new = json.loads(before[name]), json.loads(after[name])
                    assert new == {**old, **value}
            assert isinstance(await world.plan(target), InSync)

    run(scene)
