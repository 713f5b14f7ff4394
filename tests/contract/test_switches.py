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
    ({"rename": "honoured"}, CHANGED),
    ({"workspace_move": "honoured"}, CHANGED),
    ({"null_effect": "clears"}, CHANGED),
    ({"empty_list_effect": "refused"}, CHANGED),
    ({"restart_fails": (seeds.RUNTIME_NAME,), "failed_heals_seconds": 9.0}, FAILED),
    ({"restart_fails_next": 1, "restart_failure_reason": "no quota"}, FAILED),
    ({"restart_stuck": (seeds.RUNTIME_NAME,)}, TIMED_OUT),
    ({"mask": "absent"}, CHANGED),
    ({"zip_file_echoed": True}, CHANGED),
    ({"throttle_every": 3, "throttle_header": "x-acs-retry-after"}, CHANGED),
    ({"lost_reads_next": 3}, CHANGED),
    ({"error_reads_next": 3}, CHANGED),
    ({"not_json_reads_next": 3}, CHANGED),
    ({"not_json_writes_next": 1, "write_effect": "after"}, CHANGED),
    ({"not_json_writes_next": 1, "write_effect": "before"}, CHANGED),
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
    ({"token_length": 32_000}, CHANGED),
    ({"api_key_read": "masked"}, CHANGED),
    ({"api_key_read": "absent"}, CHANGED),
    ({"throttle_every": 3, "throttle_style": "400"}, CHANGED),
    ({"hidden_error_reads_next": 3}, CHANGED),
    ({"lost_reads_next": 3}, CHANGED),
    ({"not_json_reads_next": 3}, CHANGED),
    ({"not_json_writes_next": 1, "write_effect": "after"}, CHANGED),
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


@pytest.mark.parametrize(
    ("shown", "expected"), [("clear", CHANGED), ("masked", BLOCKED), ("absent", CHANGED)]
)
def test_a_live_api_key_is_passed_back_only_as_it_was_read(shown: str, expected: Result) -> None:
    """Readable: back as it is. A mask: blocked. Not shown: what the read has goes back."""

    async def scene() -> None:
        async with cloud("appstage") as world:
            now = world.clock.wall()
            control.set_value(world.store, seeds.AGENT_ID, "/properties/api_key", "sk-CANARY", now)
            world.quirks(api_key_read=shown)
            target = world.seed(ASSET)
            (outcome,) = await world.apply(target)
            assert outcome.result is expected, outcome
            assert "CANARY" not in repr(outcome)
            held = control.value_of(world.store, seeds.AGENT_ID, "/properties/api_key", now + 60)
            if shown != "absent":
                assert held == "sk-CANARY"

    run(scene)


def test_a_value_that_reverts_later_is_drift_on_the_next_run() -> None:
    """Kept through the settle window and lost afterwards: the next plan shows it."""
    from reconciler.model.plan import Update

    async def scene() -> None:
        async with cloud("agentrun") as world:
            world.quirks(not_kept=("/description",), not_kept_after_seconds=120.0)
            target = world.seed(SPEC)
            (outcome,) = await world.apply(target)
            assert outcome.result is CHANGED, outcome
            await world.clock.sleep(200)
            plan = await world.plan(target)
            assert isinstance(plan, Update)
            assert [change.path for change in plan.changes] == ["/description"]

    run(scene)


def test_a_redirected_read_is_unreadable() -> None:
    """A redirect is never followed, and never taken for an answer."""
    from reconciler.model.plan import Unreadable

    async def scene() -> None:
        async with cloud("appstage") as world:
            world.quirks(redirect_reads_next=1)
            assert isinstance(await world.plan(world.seed(ASSET)), Unreadable)
            assert isinstance(await world.plan(world.seed({})), InSync)

    run(scene)


@pytest.mark.parametrize("mask", ["prefix", "full", "absent"])
def test_a_registry_password_survives_however_it_reads_back(mask: str) -> None:
    """The manifest lacks it: blocked, at every position. With it, it goes along."""
    from reconciler.model.sealed import Sealed

    async def scene() -> None:
        async with cloud("agentrun") as world:
            now = world.clock.wall() - 86_400
            held = {
                "image": "i:v1",
                "registryConfig": {"authConfig": {"userName": "bob", "password": "secret-1"}},
            }
            body = {
                "agentRuntimeName": "bot",
                "artifactType": "Container",
                "cpu": 1,
                "memory": 512,
                "port": 80,
                "containerConfiguration": held,
            }
            control.add_runtime(world.store, body, now)
            world.quirks(mask=mask)
            without = world.desired("bot", {"containerConfiguration": {"image": "i:v2"}})
            assert isinstance(await world.plan(without), Blocked)
            auth = {"authConfig": {"password": Sealed("secret-2")}}
            spec = {"containerConfiguration": {"image": "i:v2", "registryConfig": auth}}
            (outcome,) = await world.apply(world.desired("bot", spec))
            assert outcome.result is CHANGED, outcome
            where = "/containerConfiguration/registryConfig/authConfig"
            now = world.clock.wall()
            assert control.value_of(world.store, "bot", f"{where}/password", now) == "secret-2"
            assert control.value_of(world.store, "bot", f"{where}/userName", now) == "bob"

    run(scene)


def test_a_wrong_key_is_told_as_such() -> None:
    """Not as a workspace that may not be listed."""
    from reconciler.model.errors import AccessDenied
    from tests.support.clouds import PROVIDERS

    async def scene() -> str:
        _, environ = PROVIDERS["agentrun"].sandbox_settings("http://127.0.0.1")
        wrong = {**environ, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "not-the-secret"}
        async with cloud("agentrun", environ=wrong) as world:
            with pytest.raises(AccessDenied) as caught:
                await world.session.fetch([world.seed({})])
            return caught.value.operation

    assert run(scene) == "ListWorkspaces"
