"""AgentRun as its pages tell it: create, list, read, update, delete."""

from datetime import datetime
from typing import Any

import pytest

from reconciler.sandbox import control, seeds
from tests.support.sandbox import RUNTIME, RUNTIMES, World

NEW: dict[str, Any] = {
    "agentRuntimeName": "night-shift",
    "artifactType": "Container",
    "containerConfiguration": {"image": "registry.example.com/ns/agent:v1"},
    "cpu": 1,
    "memory": 1024,
    "port": 9000,
    "networkConfiguration": {"networkMode": "PUBLIC"},
}


def create(world: World, **changes: Any) -> dict[str, Any]:
    """A new runtime, as the reply shows it."""
    reply = world.signed("POST", RUNTIMES, {**NEW, **changes})
    assert reply.status_code == 200, reply.text
    return dict(reply.json()["data"])


def refusal(world: World, method: str, path: str, body: Any = None) -> tuple[int, str, str]:
    """Status, code and message of a refusal in the product's envelope."""
    reply = world.signed(method, path, body)
    assert reply.json().keys() == {"code", "message", "requestId"}
    return reply.status_code, reply.json()["code"], reply.json()["message"]


def moment(text: str) -> datetime:
    """A time as the vendor's end-to-end tests parse it."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")


def test_a_new_sandbox_holds_the_seed_runtime() -> None:
    """The first read shows a READY runtime with zero values for what is not set."""
    live = World().runtime()
    assert live["agentRuntimeName"] == "customer-service"
    assert (live["status"], live["statusReason"]) == ("READY", "Runtime is ready for use")
    assert (live["diskSize"], live["edition"], live["resourceGroupId"]) == (0, "", "")
    assert live["lastUpdatedAt"] == "2025-01-10T11:45:00.000000Z"
    assert live["environmentVariables"] == {"LOG_LEVEL": "info"}
    assert live["agentRuntimeArn"].startswith("acs:agentrun:cn-hangzhou:1234567890123456:runtimes/")


def test_every_reply_has_the_date_of_the_sandboxs_clock_and_a_request_id() -> None:
    """Ages can be told by the reply alone."""
    reply = World().later(0.9).signed("GET", RUNTIME)
    assert reply.headers["date"] == "Fri, 15 Jan 2027 08:00:00 GMT"
    assert len(reply.json()["requestId"]) == 36
    assert reply.json()["code"] == "SUCCESS"


def test_create_goes_from_creating_to_ready() -> None:
    """A new runtime is CREATING until its restart time is over."""
    world = World()
    made = create(world)
    assert made["status"] == "CREATING"
    assert world.later(1.9).runtime(made["agentRuntimeId"])["status"] == "CREATING"
    assert world.later(0.2).runtime(made["agentRuntimeId"])["status"] == "READY"


def test_create_fills_in_what_the_server_decides() -> None:
    """The default workspace and one session per instance, where nothing is said."""
    made = create(World())
    assert made["workspaceId"] == seeds.WORKSPACE_ID
    assert made["sessionConcurrencyLimitPerInstance"] == 1
    assert made["agentRuntimeVersion"] == "1"
    assert "environmentVariables" not in made


def test_create_says_all_that_is_missing() -> None:
    """The recorded message of the real service, word for word."""
    short = {name: value for name, value in NEW.items() if name not in ("cpu", "memory", "port")}
    assert refusal(World(), "POST", RUNTIMES, short) == (
        400,
        "ERR_BAD_REQUEST",
        "CPU is required; Memory is required; Port is required",
    )
    bare = {name: value for name, value in NEW.items() if name != "containerConfiguration"}
    assert refusal(World(), "POST", RUNTIMES, bare)[2] == "ContainerConfiguration is required"


def test_a_name_can_be_had_once_in_a_workspace() -> None:
    """A second one is 409; in another workspace it is free, and free again after deletion."""
    world = World()
    made = create(world)
    status, _, said = refusal(world, "POST", RUNTIMES, NEW)
    assert (status, said) == (409, "agent runtime night-shift already exists")
    other = control.add_workspace(world.store, "staging")
    assert create(world, workspaceId=other.id)["workspaceId"] == other.id
    world.signed("DELETE", f"{RUNTIMES}/{made['agentRuntimeId']}")
    assert create(world.later(3))["agentRuntimeId"] != made["agentRuntimeId"]


def test_two_runtimes_of_one_name_are_a_switch() -> None:
    """No page says what is done about duplicates that are there already."""
    world = World().set(duplicate_names=True)
    assert create(world)["agentRuntimeId"] != create(world)["agentRuntimeId"]


def test_an_unknown_workspace_is_refused() -> None:
    """A runtime cannot be made where there is nothing."""
    answer = refusal(World(), "POST", RUNTIMES, {**NEW, "workspaceId": "ws-none"})
    assert answer[0] == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sessionConcurrencyLimitPerInstance", 0),
        ("sessionConcurrencyLimitPerInstance", 201),
        ("headerFieldName", "x" * 129),
        ("healthCheckConfiguration", {"httpGetUrl": "/" * 2049}),
        ("healthCheckConfiguration", {"initialDelaySeconds": 121}),
        ("healthCheckConfiguration", {"periodSeconds": 0}),
        ("healthCheckConfiguration", {"timeoutSeconds": 4}),
        ("healthCheckConfiguration", {"failureThreshold": 121}),
        ("healthCheckConfiguration", {"successThreshold": 0}),
        ("ossMountConfig", {"mountPoints": [{"bucketName": "ab"}]}),
        ("ossMountConfig", {"mountPoints": [{"bucketPath": "/" * 129}]}),
        ("ossMountConfig", {"mountPoints": [{"endpoint": "e" * 129}]}),
        ("ossMountConfig", {"mountPoints": [{"mountDir": "/"}]}),
        ("artifactType", "Image"),
        ("cpu", "2"),
        ("memory", 2048.5),
        ("port", True),
        ("systemTags", "a"),
        ("environmentVariables", {"A": 1}),
        ("containerConfiguration", "image"),
    ],
)
def test_values_out_of_range_or_of_another_type_are_refused(field: str, value: Any) -> None:
    """The limits of the vendor's Java client hold, on create and on update."""
    world = World()
    assert refusal(world, "POST", RUNTIMES, {**NEW, field: value})[1] == "ERR_VALIDATION_FAILED"
    assert refusal(world, "PUT", RUNTIME, {"cpu": 2, field: value})[1] == "ERR_VALIDATION_FAILED"
    assert world.restarts() == 0


def test_the_ends_of_the_ranges_are_accepted() -> None:
    """A limit itself is within the range."""
    health = {"httpGetUrl": "/" * 2048, "initialDelaySeconds": 120, "timeoutSeconds": 3}
    made = create(World(), sessionConcurrencyLimitPerInstance=200, healthCheckConfiguration=health)
    assert made["healthCheckConfiguration"] == health


def test_update_keeps_what_it_does_not_carry() -> None:
    """Top-level fields are merged; an object that is sent is replaced whole."""
    world = World()
    world.update(containerConfiguration={"image": "registry.example.com/support/agent:v3"})
    live = world.runtime()
    assert live["containerConfiguration"] == {"image": "registry.example.com/support/agent:v3"}
    assert live["environmentVariables"] == {"LOG_LEVEL": "info"}
    assert live["networkConfiguration"] == {"networkMode": "PUBLIC"}


def test_update_restarts_and_moves_the_stamp() -> None:
    """UPDATING at once, READY when the restart is over, lastUpdatedAt moved, createdAt not."""
    world = World()
    before = world.runtime()
    reply = world.update(description="new words").json()["data"]
    assert (reply["status"], reply["description"]) == ("UPDATING", "new words")
    assert world.later(1.9).runtime()["status"] == "UPDATING"
    after = world.later(0.2).runtime()
    assert after["status"] == "READY"
    assert moment(after["lastUpdatedAt"]) > moment(before["lastUpdatedAt"])
    assert after["createdAt"] == before["createdAt"]
    assert after["agentRuntimeVersion"] == "1"
    assert world.restarts() == 1


def test_two_updates_in_one_instant_have_two_stamps() -> None:
    """lastUpdatedAt moves with every update, whatever the clock does."""
    world = World()
    stamps = [world.update(description=word).json()["data"]["lastUpdatedAt"] for word in "ab"]
    assert stamps[0] < stamps[1]


def test_an_update_without_a_difference_restarts_all_the_same() -> None:
    """The page knows no exception, so a needless PUT costs a restart."""
    world = World()
    world.update()
    assert world.restarts() == 1


def test_update_needs_cpu() -> None:
    """The one field that the client marks as required; null is not enough."""
    for body in ({"memory": 4096}, {"cpu": None}):
        assert refusal(World(), "PUT", RUNTIME, body)[2] == "CPU is required"


def test_a_missing_or_broken_body_is_refused() -> None:
    """Neither a create nor an update does anything without a JSON object."""
    world = World()
    for method, path in (("POST", RUNTIMES), ("PUT", RUNTIME)):
        assert refusal(world, method, path)[2] == "request body is required"
        assert refusal(world, method, path, [1])[0] == 400


def test_the_kind_of_artifact_never_changes() -> None:
    """Sending another artifactType is taken and ignored, also where both configurations are set."""
    world = World()
    world.update(artifactType="Code", codeConfiguration={"language": "python3.12"})
    live = world.runtime()
    assert live["artifactType"] == "Container"
    assert live["codeConfiguration"] == {"language": "python3.12"}
    assert live["containerConfiguration"] == seeds.RUNTIME["containerConfiguration"]


def test_cookie_is_an_alias() -> None:
    """COOKIE reads back as GENERATED_COOKIE."""
    world = World()
    world.update(sessionAffinityType="COOKIE")
    assert world.runtime()["sessionAffinityType"] == "GENERATED_COOKIE"
    assert create(world, sessionAffinityType="COOKIE")["sessionAffinityType"] == "GENERATED_COOKIE"


def test_what_cannot_be_read_is_not_shown() -> None:
    """Passwords are masked; the ARMS key, the action flag and uploaded code are not shown."""
    world = World()
    registry = {"authConfig": {"userName": "bot", "password": "abcdefgh"}}
    world.update(
        containerConfiguration={"image": "i", "registryConfig": registry},
        codeConfiguration={"zipFile": "UEsDBAo=", "language": "python3.12"},
        armsConfiguration={"armsLicenseKey": "k", "enableArms": True},
        forceEvictInstances=True,
    )
    live = world.runtime()
    auth = live["containerConfiguration"]["registryConfig"]["authConfig"]
    assert auth == {"userName": "bot", "password": "abc***"}
    assert live["codeConfiguration"] == {"language": "python3.12"}
    assert not {"armsConfiguration", "forceEvictInstances"} & live.keys()
    assert world.items()[0]["containerConfiguration"]["registryConfig"]["authConfig"] == auth
    pointer = "/containerConfiguration/registryConfig/authConfig/password"
    assert control.value_of(world.store, "customer-service", pointer, world.now) == "abcdefgh"


def test_a_mask_that_is_sent_back_destroys_the_password() -> None:
    """As on the real service nothing tells a mask from a password; the log notes it."""
    world = World()
    registry = {"authConfig": {"userName": "bot", "password": "abc***"}}
    world.update(containerConfiguration={"image": "i", "registryConfig": registry})
    assert "a masked password was written" in world.log()[-1].note


def test_delete_is_asynchronous() -> None:
    """DELETING first, then 404; a second delete is 404 too."""
    world = World()
    reply = world.signed("DELETE", RUNTIME).json()["data"]
    assert reply["agentRuntimeId"] == seeds.RUNTIME_ID
    assert world.runtime()["status"] == "DELETING"
    assert world.update().status_code == 400
    world.later(2)
    assert refusal(world, "GET", RUNTIME)[0] == 404
    assert refusal(world, "DELETE", RUNTIME)[0] == 404
    assert world.items() == []


def test_what_does_not_exist_is_404() -> None:
    """Reads and writes of an unknown id are told so in the product's envelope."""
    for method in ("GET", "PUT", "DELETE"):
        status, _, said = refusal(World(), method, f"{RUNTIMES}/ar-none", {"cpu": 1})
        assert (status, said) == (404, "agent runtime ar-none does not exist")


def test_names_are_filtered_fuzzily_unless_exact() -> None:
    """A filter by name finds every name that contains it, unless searchMode=exact."""
    world = World()
    for name in ("bot", "bot-2", "robot"):
        create(world, agentRuntimeName=name)
    names = [item["agentRuntimeName"] for item in world.items(agentRuntimeName="bot")]
    assert names == ["bot", "bot-2", "robot"]
    assert len(world.items(agentRuntimeName="bot", searchMode="fuzzy")) == 3
    exact = world.items(agentRuntimeName="bot", searchMode="exact")
    assert [item["agentRuntimeName"] for item in exact] == ["bot"]


def test_other_filters() -> None:
    """Workspace, status and tags narrow a list, each of them a comma-separated list."""
    world = World()
    space = control.add_workspace(world.store, "staging").id
    create(world, workspaceId=space, systemTags=["a", "b"])
    assert len(world.items(workspaceId=space)) == 1
    assert len(world.items(workspaceIds=f"{space},{seeds.WORKSPACE_ID}")) == 2
    assert [item["status"] for item in world.items(status="CREATING,DELETING")] == ["CREATING"]
    assert len(world.items(status="READY,CREATING")) == 2
    assert len(world.items(systemTags="a,b")) == 1
    assert world.items(systemTags="a,c") == []


def test_lists_come_in_pages() -> None:
    """Ten to a page by default, and the total is told."""
    world = World()
    for number in range(11):
        create(world, agentRuntimeName=f"bot-{number:02}")
    first = world.signed("GET", RUNTIMES).json()["data"]
    assert (len(first["items"]), first["pageNumber"], first["pageSize"], first["total"]) == (
        10,
        1,
        10,
        12,
    )
    assert [item["agentRuntimeName"] for item in world.items(pageNumber=2)] == ["bot-09", "bot-10"]
    assert world.items(pageNumber=3) == []
    assert len(world.items(pageSize=100)) == 12
    for query in ({"pageNumber": 0}, {"pageSize": "x"}, {"pageSize": 101}):
        reply = world.signed("GET", RUNTIMES, query=query)
        assert (reply.status_code, reply.json()["code"]) == (400, "ERR_VALIDATION_FAILED")


def test_items_of_a_list_are_whole_runtimes() -> None:
    """A list shows as much of a runtime as a read of it."""
    world = World()
    assert world.items() == [world.runtime()]


def test_workspaces_are_listed() -> None:
    """The default one is there from the start, and more can be added."""
    world = World()
    control.add_workspace(world.store, "staging")
    data = world.signed("GET", "/2025-09-10/workspaces").json()["data"]
    assert [(item["name"], item["isDefault"]) for item in data["workspaces"]] == [
        ("default", True),
        ("staging", False),
    ]
    assert data["total"] == 2
    named = world.signed("GET", "/2025-09-10/workspaces", query={"name": "stag"}).json()["data"]
    assert [item["name"] for item in named["workspaces"]] == ["staging"]


def test_versions_and_endpoints_are_read_only() -> None:
    """What stands is told; what would change it is refused in the vendor's envelope."""
    world = World()
    versions = world.signed("GET", f"{RUNTIME}/versions").json()["data"]
    assert [item["agentRuntimeVersion"] for item in versions["items"]] == ["LATEST"]
    assert world.signed("GET", f"{RUNTIME}/endpoints").json()["data"]["total"] == 0
    for method, path in (
        ("POST", f"{RUNTIME}/versions"),
        ("POST", f"{RUNTIME}/endpoints"),
        ("PUT", "/2025-09-10/agents/endpoints/are-1"),
        ("GET", "/2025-09-10/agents/endpoints/are-1"),
        ("DELETE", "/2025-09-10/agents/endpoints/are-1"),
    ):
        assert "does not emulate" in refusal(world, method, path)[2]
    for part in ("versions", "endpoints"):
        assert refusal(world, "GET", f"{RUNTIMES}/ar-none/{part}")[0] == 404


def test_a_version_that_is_not_there_cannot_be_read() -> None:
    """LATEST and the current version are what there is."""
    world = World()
    for version, status in (("LATEST", 200), ("1", 200), ("7", 404)):
        reply = world.signed("GET", RUNTIME, query={"agentRuntimeVersion": version})
        assert reply.status_code == status


def test_unknown_paths_are_refused_by_the_gateway() -> None:
    """Each gateway has its own words for a call that it does not know."""
    world = World()
    assert world.signed("PATCH", RUNTIME).json()["Code"] == "InvalidAction.NotFound"
    assert world.send("GET", "/nowhere").json()["error_code"] == "APIGW.0101"
