"""The twin of a rehearsal: what it shows is what the read showed that it was made from."""

import copy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.cli.reading import Entry
from reconciler.cli.setup import Catalogue, Setup
from reconciler.cli.twin import Twin, TwinSession, cast, opened_twin
from reconciler.differ.decide import decide
from reconciler.differ.options import Options
from reconciler.loader.load import Loaded
from reconciler.model.live import Absent, Ambiguous, Found, Live
from reconciler.model.manifest import Desired
from reconciler.model.rehearsal import Expected, Known
from reconciler.model.sealed import Sealed
from reconciler.model.target import Target
from reconciler.sandbox import agentrun_fields, control, seeds
from tests.support.clouds import PROVIDERS, Cloud, cloud
from tests.support.states import property_specs, runtime_specs, runtime_states
from tests.support.virtual import run

_quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
HABITS = st.fixed_dictionaries(
    {
        "zero_values": st.sampled_from(["documented", "all", "none"]),
        "server_defaults": st.booleans(),
        "reserialises": st.booleans(),
        "mask": st.sampled_from(["prefix", "full", "absent"]),
        "version_type": st.sampled_from(["string", "number"]),
        "appstage_read": st.sampled_from(["top-level", "data", "absent"]),
        "appstage_read_region_tags": st.booleans(),
        "api_key_read": st.sampled_from(["clear", "masked", "absent"]),
    }
)
NOT_COMPARED = agentrun_fields.COMPUTED - {"status", "statusReason", "lastUpdatedAt"}
PASSWORD = {"authConfig": {"userName": "u", "password": "p-4711"}}


def setup() -> Setup:
    return Setup(Catalogue(tuple(PROVIDERS.values())), Target("there"), Loaded((), ()))


def entry(world: Cloud, desired: Desired, found: Found) -> Entry:
    decision = decide(desired, found, world.rules, Options())
    return Entry(desired, world.rules, world.session, found, decision)


async def mirrored(
    world: Cloud, *pairs: tuple[Desired, Found], length: float = 60.0
) -> list[Found]:
    """What a twin of these finds shows of the same agents."""
    entries = [entry(world, desired, found) for desired, found in pairs]
    lengths = {desired.address: Expected(length, Known.ASSUMED) for desired, _ in pairs}
    actors, left_out = cast(setup(), entries, lengths)
    assert left_out == []
    async with opened_twin(world.clock, setup(), actors, since=0.0) as twin:
        return [await twin.sessions[desired.address].read(desired, None) for desired, _ in pairs]


def told(found: Found, desired: Desired, world: Cloud) -> Any:
    """What a read comes to: the plan and the body; and the tree, but for what decides nothing."""
    decision = decide(desired, found, world.rules, Options())
    if not isinstance(found, Live):
        return found, decision
    tree = {name: value for name, value in found.tree.items() if name not in NOT_COMPARED}
    hidden = tree.get("containerConfiguration", {}).get("registryConfig", {}).get("authConfig", {})
    hidden.pop("password", None)
    about = decision.plan.about._replace(notes=())
    return tree, found.health, found.stamp, found.partial, replace(decision.plan, about=about)


@_quick
@given(live=runtime_states(), spec=runtime_specs(), habits=HABITS)
def test_a_runtime_is_seen_as_it_was_read(
    live: dict[str, Any], spec: dict[str, Any], habits: dict[str, Any]
) -> None:
    """Whatever a runtime holds and however its cloud shows it: the same tree, the same plan."""

    async def scene() -> None:
        async with cloud("agentrun") as world:
            world.quirks(**habits)
            body = {"agentRuntimeName": "bot", "artifactType": "Container", **copy.deepcopy(live)}
            container = body.setdefault("containerConfiguration", {})
            container["registryConfig"] = copy.deepcopy(PASSWORD)
            control.add_runtime(world.store, body, world.clock.wall() - 86_400)
            desired = world.desired("bot", spec)
            read = await world.session.read(desired, None)
            (twin,) = await mirrored(world, (desired, read))
            assert told(twin, desired, world) == told(read, desired, world)

    run(scene)


@_quick
@given(spec=property_specs(), habits=HABITS, key=st.sampled_from([None, "key-4711", "k"]))
def test_an_agent_is_seen_as_it_was_read(
    spec: dict[str, Any], habits: dict[str, Any], key: str | None
) -> None:
    """Properties at the top, below `data` or not at all; region and tags or neither; a live key."""

    async def scene() -> None:
        async with cloud("appstage") as world:
            if key is not None:
                control.set_value(
                    world.store,
                    seeds.AGENT_ID,
                    "/properties/api_key",
                    key,
                    world.clock.wall() - 100,
                )
            world.quirks(**habits)
            desired = world.seed(spec)
            read = await world.session.read(desired, None)
            (twin,) = await mirrored(world, (desired, read))
            assert told(twin, desired, world) == told(read, desired, world)

    run(scene)


def test_who_is_absent_or_double_stays_so() -> None:
    """The same answers for what is not there and for two of one name."""

    async def scene() -> None:
        async with cloud("agentrun") as world:
            double, absent = world.desired("double", {"cpu": 2}), world.desired("absent", {})
            ids = ("ar-00000000000000aa", "ar-00000000000000bb")
            assert await mirrored(world, (double, Ambiguous(ids)), (absent, Absent())) == [
                Ambiguous(ids),
                Absent(),
            ]

    run(scene)


@pytest.mark.parametrize(("status", "then"), [("UPDATING", "READY"), ("DELETING", None)])
def test_a_restart_under_way_ends_when_it_is_expected_to(status: str, then: str | None) -> None:
    """Half of 60 s are over: READY, or gone, in another 30."""

    async def scene() -> None:
        async with cloud("agentrun") as world:
            desired = world.seed({})
            world.quirks(restart_stuck=[seeds.RUNTIME_NAME])
            control.set_value(world.store, seeds.RUNTIME_NAME, "/cpu", 4, world.clock.wall())
            await world.clock.sleep(30)
            read = await world.session.read(desired, None)
            assert isinstance(read, Live)
            found = replace(read, status=status)
            one = entry(world, desired, found)
            lengths = {desired.address: Expected(60.0, Known.OWN)}
            actors, _ = cast(setup(), [one], lengths)
            async with opened_twin(world.clock, setup(), actors, since=0.0) as twin:
                session, seen = twin.sessions[desired.address], []
                for seconds in (28.0, 4.0):
                    await world.clock.sleep(seconds)
                    again = await session.read(desired, read.id)
                    seen.append(again.status if isinstance(again, Live) else None)
                assert seen == [status, then]

    run(scene)


def test_the_twin_of_another_target_keeps_its_pace_and_its_workspace() -> None:
    """A create goes to the workspace of the target, by its name; the rate is the target's own."""

    async def scene() -> None:
        async with cloud("agentrun") as world:
            desired = world.desired("new", {"cpu": 2})
            own = PROVIDERS["agentrun"].settings(workspace="team", requestsPerSecond=3)
            there = replace(setup(), target=Target("there", {"agentrun": own}))
            one = entry(world, desired, Absent())
            lengths = {desired.address: Expected(60.0, Known.ASSUMED)}
            actors, _ = cast(there, [one], lengths)
            async with opened_twin(world.clock, there, actors, since=0.0) as twin:
                session = twin.sessions[desired.address]
                assert isinstance(await session.read(desired, None), Absent)
                assert session.scope["workspace"].startswith("team")
                assert twin.store.workspaces()[0].name == "team"
                assert session.account.startswith("cn-hangzhou at http://127.0.0.1")

    run(scene)


def test_a_cloud_that_merges_objects_has_a_twin_that_does() -> None:
    """`nested: merge` of the target rules the twin as well."""

    async def scene() -> None:
        async with cloud("agentrun") as world:
            desired = world.seed({})
            one = entry(world, desired, Absent())
            lengths = {desired.address: Expected(60.0, Known.ASSUMED)}
            for merges, habit in ((True, "merge"), (False, "replace")):
                ruled = replace(one, rules=replace(world.rules, nested_merge=merges))
                actors, _ = cast(setup(), [ruled], lengths)
                async with opened_twin(world.clock, setup(), actors, since=0.0) as twin:
                    assert twin.store.quirks().nested_update == habit

    run(scene)


def test_one_write_is_broken_and_a_missing_secret_has_a_stand_in() -> None:
    """The named agent's next restart fails, no other and not again; nothing unresolved is encoded."""

    twins: list[Twin] = []

    class Session:
        def __init__(self) -> None:
            self.bodies: list[Any] = []

        async def update(self, desired: Desired, agent_id: str, body: Any) -> None:
            self.bodies.append((agent_id, twins[0].store.quirks().restart_fails, body))

        async def create(self, desired: Desired, body: Any) -> None:
            self.bodies.append(("", twins[0].store.quirks().restart_fails, body))

    async def scene() -> None:
        async with cloud("agentrun") as world:
            twins.append(twin := Twin(world.store))
            inner = Session()
            session = TwinSession(inner, twin)  # type: ignore[arg-type]  # two calls are enough
            first, second = world.desired("a", {}), world.desired("b", {})
            twin.breaks = second.address
            body = {"env": [Sealed(None, "env:X"), Sealed("v", "env:Y"), 1]}
            await session.update(first, "id-a", body)
            await session.update(second, "id-b", {})
            await session.update(second, "id-b", {})
            twin.breaks = first.address
            await session.create(first, {})
            assert [one[:2] for one in inner.bodies] == [
                ("id-a", ()),
                ("id-b", ("id-b",)),
                ("id-b", ()),
                ("", ("a",)),
            ]
            missing, there, one = inner.bodies[0][2]["env"]
            assert (missing.resolved, there.reveal(), one) == (True, "v", 1)

    run(scene)


def test_what_cannot_be_kept_is_left_out() -> None:
    """Text that no UTF-8 holds, and one agent without properties beside another with them."""

    async def scene() -> None:
        async with cloud("appstage") as world:
            desired = world.seed({})
            read = await world.session.read(desired, None)
            assert isinstance(read, Live)
            hidden = world.desired("hidden", {"agentId": "f" * 32})
            broken = world.desired("broken", {"agentId": "e" * 32})
            found = [
                entry(world, desired, read),
                entry(world, hidden, replace(read, partial=True, tree={"properties": {}})),
                entry(world, broken, replace(read, tree={"properties": {"name": "\ud800"}})),
            ]
            lengths = {one.desired.address: Expected(60.0, Known.ASSUMED) for one in found}
            actors, left_out = cast(setup(), found, lengths)
            assert [actor.address for actor in actors] == [desired.address]
            reasons = {address.name: reason for address, reason in left_out}
            assert "not valid Unicode" in reasons["broken"]
            assert "properties of other agents" in reasons["hidden"]

    run(scene)
