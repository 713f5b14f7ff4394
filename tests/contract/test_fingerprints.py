"""What a fingerprint key changes for each cloud: nothing, but for secrets that no read shows."""

from typing import Any

import pytest

from reconciler.differ.decide import decide
from reconciler.differ.fingerprint import secret_tags
from reconciler.differ.options import Options
from reconciler.model.fingerprint import Fingerprinter
from reconciler.model.live import Live
from reconciler.model.outcome import Result
from reconciler.model.plan import Blocked, InSync, Update
from reconciler.model.rules import OWN_TAG_PREFIX
from reconciler.model.sealed import Sealed
from reconciler.sandbox import control, seeds
from tests.contract.test_laws import CHANGES, every_provider
from tests.support.clouds import Cloud, cloud
from tests.support.virtual import run

KEY = Options(fingerprinter=Fingerprinter(Sealed("a key for the contract tests")))
READABLE: dict[str, dict[str, Any]] = {
    "agentrun": {"environmentVariables": {"TOKEN": Sealed("CANARY")}},
    "appstage": {"region": "cn-north-5", "tags": [], "properties": {"prologue": Sealed("CANARY")}},
}
PASSWORD: dict[str, Any] = {
    "containerConfiguration": {
        "registryConfig": {"authConfig": {"userName": "bob", "password": Sealed("CANARY")}}
    }
}


def _live_tags(world: Cloud) -> list[str]:
    now = world.clock.wall()
    agent_id = seeds.AGENT_ID if world.provider.name == "appstage" else seeds.RUNTIME_ID
    tags = control.value_of(world.store, agent_id, f"/{world.rules.tags}", now)
    return tags or []


@every_provider
def test_without_such_secrets_a_key_changes_nothing(name: str) -> None:
    """The plans and the bodies are the same to the letter."""

    async def scene() -> None:
        async with cloud(name) as world:
            target = world.seed(CHANGES[name])
            (found,) = await world.session.fetch([target])
            assert isinstance(found, Live)
            plain = decide(target, found, world.rules, Options())
            assert decide(target, found, world.rules, KEY) == plain
            await world.apply(target, options=KEY)
            assert secret_tags(_live_tags(world)) == []

    run(scene)


@every_provider
def test_secrets_that_reads_show_need_no_tag(name: str) -> None:
    """They are compared as they are: one write, then silence, and no tag of ours anywhere."""

    async def scene() -> None:
        async with cloud(name) as world:
            target = world.seed(READABLE[name])
            (outcome,) = await world.apply(target, options=KEY)
            assert (outcome.result, outcome.writes) == (Result.CHANGED, 1), outcome
            assert isinstance(await world.plan(target, KEY), InSync)
            assert not [tag for tag in _live_tags(world) if tag.startswith(OWN_TAG_PREFIX)]

    run(scene)


@pytest.mark.parametrize("tagged", [True, False])
def test_the_tag_of_agentrun_can_be_switched_off(tagged: bool) -> None:
    """agentrun.fingerprintTag: false keeps no fingerprint, and nothing can be compared."""

    async def scene() -> None:
        async with cloud("agentrun", settings={"fingerprintTag": tagged}) as world:
            target = world.seed(PASSWORD)
            (outcome,) = await world.apply(target, options=KEY)
            assert outcome.result is Result.CHANGED, outcome
            assert len(secret_tags(_live_tags(world))) == tagged
            plan = await world.plan(target, KEY)
            assert isinstance(plan, InSync)
            assert bool(plan.about.unobservable) is not tagged

    run(scene)


@every_provider
def test_a_live_secret_that_would_go_along_unsupplied_blocks(name: str) -> None:
    """With a key as without one: what is read as a mask is never sent back, the change is refused."""
    masked: dict[str, tuple[str, Any, dict[str, Any]]] = {
        "agentrun": (
            "/containerConfiguration/registryConfig",
            {"authConfig": {"userName": "bob", "password": "CANARY"}},
            {"containerConfiguration": {"image": "registry.example.com/team/agent:v9"}},
        ),
        "appstage": ("/properties/api_key", "CANARY", CHANGES["appstage"]),
    }
    pointer, value, spec = masked[name]

    async def scene() -> None:
        async with cloud(name) as world:
            now = world.clock.wall()
            world.quirks(api_key_read="masked")
            agent_id = seeds.AGENT_ID if name == "appstage" else seeds.RUNTIME_ID
            control.set_value(world.store, agent_id, pointer, value, now)
            await world.clock.sleep(60)
            plan = await world.plan(world.seed(spec), KEY)
            assert isinstance(plan, Blocked), plan
            assert "mask" in plan.reason or "add `spec.container" in plan.reason
            (outcome,) = await world.apply(world.seed(spec), options=KEY)
            assert outcome.result is Result.BLOCKED
            assert world.counts()[0] == 0

    run(scene)


@pytest.mark.parametrize("mask", ["prefix", "full", "absent"])
def test_no_mask_is_ever_a_difference_or_sent_back(mask: str) -> None:
    """However a password reads back: a rotation is one write with the new one, and then silence."""

    async def scene() -> None:
        async with cloud("agentrun") as world:
            world.quirks(mask=mask)
            await world.apply(world.seed(PASSWORD), options=KEY)
            writes = world.counts()[0]
            assert isinstance(await world.plan(world.seed(PASSWORD), KEY), InSync)
            auth = {"userName": "bob", "password": Sealed("CANARY-2")}
            target = world.seed(
                {"containerConfiguration": {"registryConfig": {"authConfig": auth}}}
            )
            plan = await world.plan(target, KEY)
            assert isinstance(plan, Update)
            assert len(plan.changes) == 1
            assert "CANARY" not in repr(plan)
            (outcome,) = await world.apply(target, options=KEY)
            assert (outcome.result, outcome.notes) == (Result.CHANGED, ()), outcome
            assert world.counts()[0] == writes + 1
            assert isinstance(await world.plan(target, KEY), InSync)

    run(scene)
