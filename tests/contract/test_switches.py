"""What no page establishes is a switch of the sandbox, and the laws hold at all its positions.

Each row is one position, what apply makes of it, and how many restarts it costs. Whatever the
position: nothing that is not declared changes without being told, and a second run that finds the
state it wants writes nothing.
"""

from typing import Any

import pytest

from reconciler.model.live import Live
from reconciler.model.outcome import Result
from reconciler.model.plan import Blocked, InSync
from reconciler.model.target import Wait
from reconciler.sandbox import control, seeds
from tests.support.clouds import cloud
from tests.support.virtual import run

SPEC: dict[str, Any] = {
    "description": "new words",
    "containerConfiguration": {"image": "registry.example.com/support/agent:v9"},
    "environmentVariables": {"LOG_LEVEL": "debug", "NEW": "1"},
}
ASSET: dict[str, Any] = {
    "region": "cn-north-5",
    "tags": [],
    "properties": {"prologue": "new words", "model_setting": {"temperature": 0.9}},
}

CHANGED, NOT_KEPT, FAILED = Result.CHANGED, Result.NOT_KEPT, Result.FAILED
TIMED_OUT, BLOCKED = Result.TIMED_OUT, Result.BLOCKED

AGENTRUN: list[tuple[dict[str, Any], Result]] = [
    ({}, CHANGED),
    ({"restart_seconds": 0.0}, CHANGED),
    ({"restart_seconds": 0.4}, CHANGED),
    ({"restart_seconds": 200.0}, CHANGED),
    ({"restart_seconds": 700.0}, TIMED_OUT),
    ({"restart_stuck_next": 1}, TIMED_OUT),
    ({"restart_fails_next": 1}, FAILED),
    ({"restart_fails_next": 1, "restart_failure": "FAILED"}, FAILED),
    ({"restart_fails_next": 1, "restart_seconds": 0.0}, FAILED),
    ({"busy_word": "MIGRATING"}, CHANGED),
    ({"description_restarts": False}, CHANGED),
    ({"busy_put": "refuse-400"}, CHANGED),
    ({"busy_put": "refuse-409"}, CHANGED),
    ({"stale_status_in_put_reply": True}, CHANGED),
    ({"stale_status_seconds": 14.0}, CHANGED),
    ({"stale_status_seconds": 14.0, "restart_seconds": 60.0}, CHANGED),
    ({"read_lag_seconds": 14.0}, CHANGED),
    ({"read_lag_seconds": 14.0, "restart_seconds": 0.0}, CHANGED),
    ({"list_lag_seconds": 30.0}, CHANGED),
    ({"stamp_resolution": "seconds"}, CHANGED),
    ({"stamp_moves_at_restart_end": True}, CHANGED),
    ({"version_moves": True}, CHANGED),
    ({"version_type": "number"}, CHANGED),
    ({"dropped_fields": ("protocolConfiguration",)}, CHANGED),
    ({"zero_values": "all"}, CHANGED),
    ({"zero_values": "none"}, CHANGED),
    ({"server_defaults": True}, CHANGED),
    ({"toplevel_update": "replace"}, NOT_KEPT),
    ({"nested_update": "merge"}, CHANGED),
    ({"put_status": "202"}, CHANGED),
    ({"not_kept": ("/description",)}, NOT_KEPT),
    ({"not_kept": ("/containerConfiguration/image",)}, NOT_KEPT),
    ({"page_size_limit": 50}, CHANGED),
    ({"page_size_limit": 50, "page_over_limit": "cap"}, CHANGED),
    ({"total_missing": True}, CHANGED),
    ({"workspaces_forbidden": True}, CHANGED),
]

APPSTAGE: list[tuple[dict[str, Any], Result]] = [
    ({}, CHANGED),
    ({"appstage_read": "data"}, CHANGED),
    ({"appstage_read": "absent"}, BLOCKED),
    ({"appstage_read_region_tags": False}, CHANGED),
    ({"appstage_put_reply": "old"}, CHANGED),
    ({"properties_update": "merge"}, CHANGED),
    ({"read_lag_seconds": 14.0}, CHANGED),
    ({"published": (seeds.AGENT_ID,)}, BLOCKED),
    ({"published": (seeds.AGENT_ID,), "appstage_error_shape": "object"}, BLOCKED),
    ({"not_kept": ("/properties/prologue",)}, NOT_KEPT),
    ({"hidden_error_writes_next": 1, "write_effect": "before"}, CHANGED),
    ({"hidden_error_writes_next": 1, "write_effect": "after"}, CHANGED),
    ({"reject_token_next": 1}, CHANGED),
    ({"reject_token_next": 1, "reject_token_code": "APIGW.0307"}, CHANGED),
    ({"reject_token_next": 1, "reject_token_code": "AIAE.22001002"}, CHANGED),
    ({"reject_token_next": 1, "reject_token_code": "AIAE.22001003"}, CHANGED),
    ({"token_lifetime_seconds": 3000.0}, CHANGED),
]

ROWS = [("agentrun", SPEC, *row) for row in AGENTRUN] + [
    ("appstage", ASSET, *row) for row in APPSTAGE
]


@pytest.mark.parametrize(
    ("name", "spec", "switches", "expected"),
    ROWS,
    ids=[
        f"{name}-{'+'.join(f'{k}={v}' for k, v in s.items()) or 'plain'}" for name, _, s, _ in ROWS
    ],
)
def test_the_laws_hold_at_every_position(
    name: str, spec: dict[str, Any], switches: dict[str, Any], expected: Result
) -> None:
    """One write at the most, the restart waited for, the outcome honest, the second run quiet."""

    async def scene() -> None:
        async with cloud(name) as world:
            world.quirks(**switches)
            target = world.seed(spec)
            (outcome,) = await world.apply(target)
            assert outcome.result is expected, outcome
            writes, restarts = world.counts()
            assert writes <= 1
            assert restarts == (1 if name == "agentrun" else 0)
            if expected is CHANGED:
                before = await world.session.read(target, None)
                assert isinstance(before, Live)
                assert before.status in ("READY", "")
                (second,) = await world.apply(target)
                assert (second.result, second.writes) == (Result.UNCHANGED, 0), second
                await world.clock.sleep(30)  # a list may be behind for a while
                assert isinstance(await world.plan(target), InSync)
                assert world.counts() == (writes, restarts)

    run(scene)


@pytest.mark.parametrize("effect", ["clears", "ignored", "refused"])
def test_clearing_is_checked_by_reading(effect: str) -> None:
    """What an empty value does is not established: it is sent, read back, and told as it is."""
    expected = {"clears": CHANGED, "ignored": NOT_KEPT, "refused": FAILED}[effect]

    async def scene() -> None:
        async with cloud("agentrun") as world:
            world.quirks(empty_string_effect=effect, empty_object_effect=effect)
            target = world.seed({"description": None, "environmentVariables": None})
            (outcome,) = await world.apply(target)
            assert outcome.result is expected, outcome

    run(scene)


def test_an_error_in_a_200_that_is_no_doubt_is_final() -> None:
    """AppStage's other error codes inside HTTP 200 are errors like any other."""

    async def scene() -> None:
        async with cloud("appstage") as world:
            world.quirks(hidden_error_writes_next=1, hidden_error_code="AIAE.22001004")
            (outcome,) = await world.apply(world.seed(ASSET))
            assert outcome.result is FAILED
            assert "AIAE.22001004" in outcome.reason
            assert world.counts() == (0, 0)

    run(scene)


@pytest.mark.parametrize(
    "switches",
    [
        {"page_overlap": 3},
        {"page_size_limit": 50},
        {"page_size_limit": 50, "page_over_limit": "cap"},
        {"total_missing": True},
        {"list_lag_seconds": 20.0},
    ],
)
def test_a_list_is_read_whole_whatever_its_pages_look_like(switches: dict[str, Any]) -> None:
    """Overlapping, capped and unnumbered pages: every runtime is found once."""

    async def scene() -> None:
        async with cloud("agentrun") as world:
            now = world.clock.wall() - 86_400
            for number in range(230):
                body = {"agentRuntimeName": f"n{number}", "cpu": 1, "memory": 512, "port": 80}
                control.add_runtime(world.store, body, now)
            world.quirks(**switches)
            targets = [world.desired(f"n{number}", {"cpu": 1}) for number in range(230)]
            found = await world.session.fetch(targets)
            assert len({one.id for one in found if isinstance(one, Live)}) == 230

    run(scene)


def test_two_runtimes_of_one_name_are_ambiguous() -> None:
    """Blocked, with both ids, and never written."""

    async def scene() -> None:
        async with cloud("agentrun") as world:
            world.quirks(duplicate_names=True)
            body = {"agentRuntimeName": seeds.RUNTIME_NAME, "cpu": 1}
            other = control.add_runtime(world.store, body, world.clock.wall())
            plan = await world.plan(world.seed(SPEC))
            assert isinstance(plan, Blocked)
            assert other in plan.reason
            assert seeds.RUNTIME_ID in plan.reason

    run(scene)


def test_a_read_without_properties_is_written_only_on_the_users_word() -> None:
    """complete and --write-unverifiable write once, and the outcome says what was not checked."""
    from reconciler.differ.options import Options

    async def scene() -> None:
        async with cloud("appstage") as world:
            world.quirks(appstage_read="absent")
            whole = {**seeds.AGENT, "properties": {**seeds.PROPERTIES, "prologue": "new"}}
            target = world.desired("seed", {"agentId": seeds.AGENT_ID, **whole}, complete=True)
            (blocked,) = await world.apply(target)
            assert blocked.result is BLOCKED
            options = Options(write_unverifiable=True)
            (outcome,) = await world.apply(target, options=options, wait=Wait())
            assert outcome.result is CHANGED, outcome
            assert any("could not be checked" in note for note in outcome.notes)
            assert 30 <= outcome.seconds < 33
            now = world.clock.wall()
            assert (
                control.value_of(world.store, seeds.AGENT_ID, "/properties/prologue", now) == "new"
            )

    run(scene)
