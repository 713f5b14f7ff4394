"""Every switch of AgentRun, at each of its positions."""

from typing import Any

import pytest

from reconciler.sandbox import control, seeds
from reconciler.sandbox.errors import SandboxError
from tests.support.sandbox import RUNTIME, RUNTIMES, World

POINTER = "/containerConfiguration/image"
IMAGE = "registry.example.com/support/agent:v3"


def status(world: World) -> str:
    """The status that a read shows now."""
    return str(world.runtime()["status"])


def test_the_length_of_a_restart() -> None:
    """restart_seconds: a restart may take no time at all, or very long."""
    world = World().set(restart_seconds=0)
    world.update()
    assert status(world) == "READY"
    world.set(restart_seconds=3600)
    world.update()
    assert status(world.later(3599)) == "UPDATING"
    assert status(world.later(1)) == "READY"


def test_the_word_of_a_failed_restart() -> None:
    """restart_failure: plain FAILED is documented as well as UPDATE_FAILED; a reason is given."""
    for word in ("UPDATE_FAILED", "FAILED"):
        world = World().set(restart_failure=word, restart_failure_reason="no quota")
        world.set(restart_fails=seeds.RUNTIME_NAME)
        world.update()
        assert status(world) == "UPDATING"
        live = world.later(2).runtime()
        assert (live["status"], live["statusReason"]) == (word, "no quota")


def test_the_next_restarts_fail() -> None:
    """restart_fails_next: so many fail, the one after them does not."""
    world = World().set(restart_fails_next=1)
    world.update()
    assert status(world.later(2)) == "UPDATE_FAILED"
    world.update()
    assert status(world.later(2)) == "READY"


def test_a_creation_can_fail() -> None:
    """The word for it is CREATE_FAILED, or plain FAILED."""
    for word, shown in (("UPDATE_FAILED", "CREATE_FAILED"), ("FAILED", "FAILED")):
        world = World().set(restart_failure=word, restart_fails_next=1)
        body = {**seeds.RUNTIME, "agentRuntimeName": "other"}
        made = world.signed("POST", RUNTIMES, body).json()["data"]["agentRuntimeId"]
        assert world.later(2).runtime(made)["status"] == shown


def test_restarts_of_some_agents_take_another_time() -> None:
    """restart_seconds_of: by name or id; all others take what all take."""
    for name, seconds in ((seeds.RUNTIME_NAME, 40.5), (seeds.RUNTIME_ID, 40.5), ("other", 2.0)):
        world = World().set(restart_seconds_of=[f"{name}=40.5", "more=than=1"])
        world.update()
        assert status(world.later(seconds - 0.1)) == "UPDATING"
        assert status(world.later(0.2)) == "READY"
    with pytest.raises(SandboxError, match="names with seconds, as in a=5"):
        World().set(restart_seconds_of="a=5,b=soon")


def test_a_restart_that_never_ends() -> None:
    """restart_stuck and restart_stuck_next: UPDATING for ever."""
    for switch in ({"restart_stuck": seeds.RUNTIME_ID}, {"restart_stuck_next": 1}):
        world = World().set(**switch)
        world.update()
        assert status(world.later(1e6)) == "UPDATING"


def test_a_failure_that_heals() -> None:
    """failed_heals_seconds: READY again after a while, or never by itself."""
    for seconds, shown in ((0, "UPDATE_FAILED"), (30, "READY")):
        world = World().set(failed_heals_seconds=seconds, restart_fails_next=1)
        world.update()
        assert status(world.later(31.9)) == "UPDATE_FAILED"
        assert status(world.later(0.2)) == shown


def test_a_status_word_that_nobody_documents() -> None:
    """busy_word: a cloud may get new words."""
    world = World().set(busy_word="ROLLING")
    world.update()
    assert status(world) == "ROLLING"


def test_whether_a_new_description_restarts() -> None:
    """description_restarts: no page says that it does not."""
    for restarts in (True, False):
        world = World().set(description_restarts=restarts)
        world.update(description="other")
        assert status(world) == ("UPDATING" if restarts else "READY")
        assert world.restarts() == int(restarts)
        assert world.runtime()["lastUpdatedAt"] > "2025-01-10T11:45:00.000000Z"
        world.update(description="third", cpu=4)
        assert status(world) == "UPDATING"


def test_an_update_while_busy() -> None:
    """busy_put: taken (and restarted anew), or refused with 400 or 409."""
    for policy, code in (("accept", 200), ("refuse-400", 400), ("refuse-409", 409)):
        world = World().set(busy_put=policy)
        world.update()
        assert world.later(1).update(description="other").status_code == code
        assert status(world.later(1.5)) == ("UPDATING" if code == 200 else "READY")
        assert world.restarts() == (2 if code == 200 else 1)


def test_a_stale_status_in_the_reply_of_the_put() -> None:
    """stale_status_in_put_reply: the documented example shows READY there."""
    for stale, shown in ((True, "READY"), (False, "UPDATING")):
        world = World().set(stale_status_in_put_reply=stale)
        assert world.update(description="x").json()["data"]["status"] == shown
        assert status(world) == "UPDATING"


def test_a_stale_status_in_reads() -> None:
    """stale_status_seconds: new values, new stamp, old status, for a while."""
    world = World().set(stale_status_seconds=1)
    world.update(description="x")
    live = world.runtime()
    assert (live["status"], live["description"]) == ("READY", "x")
    assert live["lastUpdatedAt"] > "2025-01-10T11:45:00.000000Z"
    assert world.items()[0]["status"] == "READY"
    assert status(world.later(1)) == "UPDATING"


def test_a_stale_failure_in_reads() -> None:
    """The old status that shows on may be the failure of the update before."""
    world = World().set(stale_status_seconds=1, restart_fails_next=1)
    world.update()
    world.later(5).update()
    live = world.runtime()
    assert (live["status"], live["statusReason"]) == ("UPDATE_FAILED", "image could not be pulled")
    assert status(world.later(1.5)) == "UPDATING"
    assert status(world.later(1)) == "READY"


def test_reads_that_lag() -> None:
    """read_lag_seconds: a GET shows the whole old image, stamp included; a list does not."""
    world = World().set(read_lag_seconds=5)
    before = world.runtime()
    world.update(description="x")
    assert world.later(4.9).runtime() == before
    assert world.items()[0]["description"] == "x"
    assert world.later(0.1).runtime()["description"] == "x"


def test_lists_that_lag() -> None:
    """list_lag_seconds: the same for lists, in which a new runtime is missing for a while."""
    world = World().set(list_lag_seconds=5)
    body = {**seeds.RUNTIME, "agentRuntimeName": "other"}
    world.signed("POST", RUNTIMES, body)
    world.update(description="x")
    (only,) = world.later(4.9).items()
    assert only["description"] == seeds.RUNTIME["description"]
    assert world.runtime()["description"] == "x"
    assert [item["description"] for item in world.later(0.1).items()] == [
        "x",
        seeds.RUNTIME["description"],
    ]


def test_the_resolution_of_stamps() -> None:
    """stamp_resolution: with whole seconds two updates can have one stamp."""
    for resolution, stamps in (("fractions", 2), ("seconds", 1)):
        world = World().set(stamp_resolution=resolution)
        replies = [world.later(0.1).update(description=word).json() for word in "ab"]
        assert len({reply["data"]["lastUpdatedAt"] for reply in replies}) == stamps


def test_whether_the_end_of_a_restart_moves_the_stamp() -> None:
    """stamp_moves_at_restart_end: lastUpdatedAt can move without anybody's write."""
    for moves in (True, False):
        world = World().set(stamp_moves_at_restart_end=moves)
        during = world.update().json()["data"]["lastUpdatedAt"]
        after = world.later(3).runtime()["lastUpdatedAt"]
        assert (after > during) is moves


def test_whether_the_version_moves() -> None:
    """version_moves and version_type: by PUT or not, as text or as a number."""
    for moves, kind, shown in (
        (False, "string", "1"),
        (True, "string", "2"),
        (True, "number", 2),
    ):
        world = World().set(version_moves=moves, version_type=kind)
        world.update()
        assert world.runtime()["agentRuntimeVersion"] == shown


def test_fields_that_no_reply_shows() -> None:
    """dropped_fields: seen with protocolConfiguration after an update."""
    world = World().set(dropped_fields="protocolConfiguration,cpu")
    reply = world.update(protocolConfiguration={"type": "HTTP"}).json()["data"]
    for shown in (reply, world.runtime(), world.items()[0]):
        assert not {"protocolConfiguration", "cpu"} & shown.keys()
    world.set(dropped_fields="")
    assert world.runtime()["protocolConfiguration"] == {"type": "HTTP"}


def test_how_a_password_reads_back() -> None:
    """mask: only one sample is known, so the rule is open."""
    expected: dict[str, dict[str, str]] = {
        "prefix": {"password": "abc***"},
        "full": {"password": "***"},
        "absent": {},
    }
    for rule, shown in expected.items():
        world = World().set(mask=rule)
        registry = {"authConfig": {"password": "abcdef"}}
        world.update(containerConfiguration={"image": "i", "registryConfig": registry})
        live = world.runtime()["containerConfiguration"]["registryConfig"]
        assert live["authConfig"] == shown


def test_whether_uploaded_code_is_shown() -> None:
    """zip_file_echoed: the documented example shows a value, nothing else does."""
    for echoed in (True, False):
        world = World().set(zip_file_echoed=echoed)
        world.update(codeConfiguration={"zipFile": "UEs=", "language": "java11"})
        assert ("zipFile" in world.runtime()["codeConfiguration"]) is echoed


def test_what_a_read_shows_for_unset_fields() -> None:
    """zero_values: the documented ones, all of them, or none; a value that is set stays."""
    world = World().set(zero_values="documented")
    assert (world.runtime()["diskSize"], "nasConfig" in world.runtime()) == (0, False)
    live = world.set(zero_values="all").runtime()
    assert (live["nasConfig"], live["systemTags"], live["disableOndemand"]) == ({}, [], False)
    assert (live["executionRoleArn"], live["cpu"]) == ("", 2)
    assert "armsConfiguration" not in live
    assert "diskSize" not in world.set(zero_values="none").runtime()


def test_defaults_that_the_server_invents() -> None:
    """server_defaults: unset fields read as values; set ones are left alone."""
    for invents in (True, False):
        live = World().set(server_defaults=invents).runtime()
        assert (live.get("protocolConfiguration") == {"type": "HTTP"}) is invents
        assert live["healthCheckConfiguration"]["httpGetUrl"] == "/ready"


def test_top_level_fields_that_are_left_out() -> None:
    """toplevel_update: kept, or gone with the identity and the server's default left."""
    for style in ("merge", "replace"):
        world = World().set(toplevel_update=style)
        world.update(description="x")
        live = world.runtime()
        assert ("environmentVariables" in live) is (style == "merge")
        assert (live["agentRuntimeName"], live["artifactType"]) == ("customer-service", "Container")
        assert live["sessionConcurrencyLimitPerInstance"] == 1


def test_members_that_are_left_out_of_an_object() -> None:
    """nested_update: gone with the object that is replaced, or kept where objects merge."""
    for style in ("replace", "merge"):
        world = World().set(nested_update=style)
        world.update(containerConfiguration={"image": IMAGE})
        live = world.runtime()["containerConfiguration"]
        assert live["image"] == IMAGE
        assert ("command" in live) is (style == "merge")


@pytest.mark.parametrize(
    ("switch", "field", "empty"),
    [
        ("null_effect", "description", None),
        ("empty_string_effect", "description", ""),
        ("empty_object_effect", "environmentVariables", {}),
        ("empty_list_effect", "systemTags", []),
    ],
)
def test_explicit_empty_values(switch: str, field: str, empty: Any) -> None:
    """null_effect, empty_string_effect, empty_object_effect, empty_list_effect: three ways each."""
    for effect in ("clears", "ignored", "refused"):
        world = World()
        world.update(systemTags=["a"])
        before = world.runtime()[field]
        world.set(**{switch: effect})
        reply = world.update(**{field: empty})
        assert reply.status_code == (400 if effect == "refused" else 200)
        assert world.runtime().get(field) == (empty if effect == "clears" else before)


def test_an_ignored_null_is_no_omission() -> None:
    """On a cloud that replaces, a field whose null is ignored keeps its value all the same."""
    world = World().set(toplevel_update="replace", null_effect="ignored")
    world.update(description=None)
    assert world.runtime()["description"] == seeds.RUNTIME["description"]


def test_an_empty_value_for_what_is_not_set_is_no_matter() -> None:
    """Nothing would be cleared, so nothing is refused or ignored."""
    world = World().set(empty_list_effect="refused", null_effect="refused")
    assert world.update(systemTags=[], nasConfig=None).status_code == 200


def test_a_new_name_in_an_update() -> None:
    """rename: possible by the schema, its effect established by nobody."""
    for effect, code, name in (
        ("ignored", 200, "customer-service"),
        ("honoured", 200, "other"),
        ("refused", 400, "customer-service"),
    ):
        world = World().set(rename=effect)
        assert world.update(agentRuntimeName="other").status_code == code
        assert world.runtime()["agentRuntimeName"] == name
        assert len(world.items(agentRuntimeName=name, searchMode="exact")) == 1


def test_another_workspace_in_an_update() -> None:
    """workspace_move: the vendor's own tools disagree about it."""
    for effect in ("ignored", "honoured"):
        world = World().set(workspace_move=effect)
        space = control.add_workspace(world.store, "staging").id
        world.update(workspaceId=space)
        assert len(world.items(workspaceId=space)) == int(effect == "honoured")


def test_values_that_are_not_kept_at_once() -> None:
    """not_kept: the PUT succeeds and restarts, and the old value stands."""
    world = World().set(not_kept=POINTER)
    world.update(containerConfiguration={"image": IMAGE, "port": 1}, description="x")
    live = world.runtime()
    assert live["containerConfiguration"] == {
        "image": seeds.RUNTIME["containerConfiguration"]["image"],
        "port": 1,
    }
    assert (live["description"], world.restarts()) == ("x", 1)


def test_values_that_are_not_kept_for_long() -> None:
    """not_kept_after_seconds: the new value shows for a while, then falls back without a trace."""
    world = World().set(not_kept=f"{POINTER},/diskSize", not_kept_after_seconds=10)
    world.update(containerConfiguration={"image": IMAGE}, diskSize=512)
    stamp = world.later(9.9).runtime()["lastUpdatedAt"]
    assert world.runtime()["containerConfiguration"]["image"] == IMAGE
    live = world.later(0.1).runtime()
    assert live["containerConfiguration"]["image"] == "registry.example.com/support/agent:v2"
    assert (live["diskSize"], live["lastUpdatedAt"], live["status"]) == (0, stamp, "READY")


def test_the_http_status_of_an_update() -> None:
    """put_status: official code takes 200 and 202 for success."""
    for code in ("200", "202"):
        assert World().set(put_status=code).update().status_code == int(code)


def test_the_largest_page() -> None:
    """page_size_limit and page_over_limit: a larger page is refused or cut."""
    world = World().set(page_size_limit=5, page_over_limit="refuse")
    assert world.signed("GET", RUNTIMES, query={"pageSize": 6}).status_code == 400
    world.set(page_over_limit="cap")
    data = world.signed("GET", RUNTIMES, query={"pageSize": 6}).json()["data"]
    assert data["pageSize"] == 5


def test_pages_that_overlap() -> None:
    """page_overlap: items come twice, and the last ones only beyond the pages that total tells."""
    world = World(seeded=False).set(page_overlap=1)
    for number in range(4):
        control.add_runtime(world.store, {**seeds.RUNTIME, "agentRuntimeName": f"r{number}"}, 1.0)
    pages = [
        [item["agentRuntimeName"] for item in world.items(pageNumber=number, pageSize=2)]
        for number in (1, 2, 3)
    ]
    assert pages == [["r0", "r1"], ["r1", "r2"], ["r2", "r3"]]
    assert len(world.set(page_overlap=9).items(pageNumber=2, pageSize=1)) == 1


def test_a_list_that_does_not_say_the_total() -> None:
    """total_missing: a page can come without it."""
    for missing in (True, False):
        data = World().set(total_missing=missing).signed("GET", RUNTIMES).json()["data"]
        assert ("total" in data) is not missing


def test_workspaces_that_may_not_be_listed() -> None:
    """workspaces_forbidden: the permission is one of its own."""
    for forbidden, code in ((True, 403), (False, 200)):
        world = World().set(workspaces_forbidden=forbidden)
        assert world.signed("GET", "/2025-09-10/workspaces").status_code == code
        assert world.signed("GET", RUNTIME).status_code == 200
