"""The console user, the auditor and the switchboard."""

import json

import pytest

from reconciler.sandbox import control, seeds
from reconciler.sandbox.errors import SandboxError
from tests.support.sandbox import RUNTIME, World


def set_runtime(world: World, pointer: str, value: object) -> None:
    """Somebody changes the seed runtime at the console."""
    control.set_value(world.store, seeds.RUNTIME_NAME, pointer, value, world.now)


def set_agent(world: World, pointer: str, value: object) -> None:
    """Somebody changes the seed agent at the console."""
    control.set_value(world.store, seeds.AGENT_NAME, pointer, value, world.now)


def test_a_change_at_the_console_restarts_the_runtime() -> None:
    """The value is there, the stamp moved, the runtime restarts; no client wrote anything."""
    world = World()
    set_runtime(world, "/environmentVariables/LOG_LEVEL", "debug")
    live = world.runtime()
    assert live["environmentVariables"] == {"LOG_LEVEL": "debug"}
    assert (live["status"], live["lastUpdatedAt"]) == ("UPDATING", "2027-01-15T08:00:00.000000Z")
    assert (world.restarts(), control.write_counts(world.store)[seeds.RUNTIME_NAME]) == (1, 0)


def test_objects_on_the_way_are_made_and_values_are_removed() -> None:
    """A pointer may lead where nothing is yet; null removes."""
    world = World()
    set_runtime(world, "/logConfiguration/project", "p")
    assert world.runtime()["logConfiguration"] == {"project": "p"}
    set_runtime(world, "/logConfiguration", None)
    assert "logConfiguration" not in world.runtime()
    set_runtime(world, "/systemTags", ["a"])
    set_runtime(world, "/systemTags/-", "b")
    set_runtime(world, "/systemTags/0", None)
    assert world.runtime()["systemTags"] == ["b"]
    set_runtime(world, "/newer~1than/all", 1)
    assert world.runtime()["newer/than"] == {"all": 1}


def test_a_rename_at_the_console() -> None:
    """The runtime is found by its new name, and by its id as ever."""
    world = World()
    set_runtime(world, "/agentRuntimeName", "renamed")
    assert len(world.items(agentRuntimeName="renamed", searchMode="exact")) == 1
    control.set_value(world.store, seeds.RUNTIME_ID, "/cpu", 4, world.now)
    assert world.runtime()["cpu"] == 4


def test_a_status_can_be_set_without_a_restart() -> None:
    """/status and /statusReason are simply so, until the next update."""
    world = World()
    stamp = world.runtime()["lastUpdatedAt"]
    set_runtime(world, "/status", "FAILED")
    set_runtime(world, "/statusReason", "out of memory")
    live = world.runtime()
    assert (live["status"], live["statusReason"]) == ("FAILED", "out of memory")
    assert (live["lastUpdatedAt"], world.restarts()) == (stamp, 0)
    world.update()
    assert world.later(2).runtime()["status"] == "READY"


def test_a_change_of_an_asset_goes_through_json_strings() -> None:
    """The document in the string is changed in place; update_time moves; null stays null."""
    world = World()
    before = world.asset()["update_time"]
    set_agent(world, "/properties/model_setting/temperature", 0.9)
    set_agent(world, "/properties/logo", None)
    set_agent(world, "/tags", ["a"])
    live = world.asset()
    assert json.loads(live["properties"]["model_setting"])["temperature"] == 0.9
    assert '"top_p":0.3' in live["properties"]["model_setting"]
    assert (live["properties"]["logo"], live["tags"]) == (None, ["a"])
    assert live["update_time"] > before


@pytest.mark.parametrize(
    ("name", "pointer", "said"),
    [
        ("nobody", "/cpu", "there are: customer-service"),
        (seeds.RUNTIME_NAME, "cpu", "is not a JSON Pointer"),
        (seeds.RUNTIME_NAME, "/agentRuntimeId", "server's own"),
        (seeds.RUNTIME_NAME, "/cpu/cores", "there is a plain value before /cores"),
        (seeds.RUNTIME_NAME, "/containerConfiguration/command/7", "has no position 7"),
        (seeds.RUNTIME_NAME, "/agentRuntimeName", "takes a string"),
        (seeds.RUNTIME_NAME, "/status", "takes a string"),
        (seeds.AGENT_NAME, "/name", "begin with /region, /tags, /properties"),
    ],
)
def test_what_cannot_be_set_is_told_with_what_can(name: str, pointer: str, said: str) -> None:
    """One error, which names what is possible; nothing has changed."""
    world = World()
    before = world.runtime()
    with pytest.raises(SandboxError) as caught:
        control.set_value(world.store, name, pointer, 5, world.now)
    assert said in str(caught.value)
    assert world.runtime() == before


def test_a_name_that_is_there_twice_needs_an_id() -> None:
    """The error names the ids, and counts are kept apart."""
    world = World()
    other = control.add_runtime(world.store, seeds.RUNTIME, world.now)
    with pytest.raises(SandboxError, match=other):
        set_runtime(world, "/cpu", 4)
    assert control.restart_counts(world.store).keys() == {
        f"{seeds.RUNTIME_NAME} ({seeds.RUNTIME_ID})",
        f"{seeds.RUNTIME_NAME} ({other})",
        seeds.AGENT_NAME,
    }


def test_what_is_there_cannot_be_added_again() -> None:
    """Workspaces and AppStage agents are refused the second time."""
    world = World()
    with pytest.raises(SandboxError, match="already"):
        control.add_workspace(world.store, "default")
    with pytest.raises(SandboxError, match="already"):
        control.add_agent(world.store, seeds.AGENT_ID, {}, world.now)


def test_an_added_runtime_is_ready_at_once() -> None:
    """Filling a sandbox takes no restart."""
    world = World(seeded=False)
    made = control.add_runtime(world.store, seeds.RUNTIME, world.now)
    assert world.runtime(made)["status"] == "READY"
    assert control.restart_counts(world.store) == {seeds.RUNTIME_NAME: 0}


def test_the_log_tells_every_request() -> None:
    """Time, cloud, call, agent, method, path with query, status, note and masked body."""
    world = World()
    world.items(pageSize=5)
    world.later(1).update(environmentVariables={"KEY": "secret"})
    listing, update = world.log()
    assert (listing.method, listing.status, listing.operation) == ("GET", 200, "ListAgentRuntimes")
    assert listing.target == "/2025-09-10/agents/runtimes?pageSize=5"
    assert (update.at, update.cloud, update.agent) == (world.now, "agentrun", "customer-service")
    assert (update.target, update.note) == (RUNTIME, "restart")
    assert json.loads(update.body)["environmentVariables"] == {"KEY": "(masked)"}


def test_a_value_that_is_not_there_is_none() -> None:
    """Auditing a pointer to nothing is no error."""
    world = World()
    assert control.value_of(world.store, seeds.RUNTIME_NAME, "/nasConfig/userId", world.now) is None
