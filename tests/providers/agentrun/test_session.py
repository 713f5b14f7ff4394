"""Finding, reading and writing runtimes, against a small cloud with a memory."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import anyio
import httpx
import pytest

from reconciler.model.errors import (
    AccessDenied,
    AlreadyExists,
    CloudError,
    GuardError,
    LostReply,
    NotFound,
    Refused,
    ServerFailed,
)
from reconciler.model.live import Absent, Ambiguous, Found, Health, Live, Unread
from reconciler.model.outcome import Cause
from reconciler.model.sealed import Sealed
from reconciler.ports import Session
from reconciler.providers.agentrun.provider import PROVIDER
from reconciler.providers.agentrun.settings import AgentRunSettings
from tests.support.wire import (
    AgentRunCloud,
    Bench,
    desired,
    failure,
    gateway_failure,
    runtime,
    success,
)

T = TypeVar("T")

HOME = "ws-00000000000000aa"
TEAM = "ws-00000000000000bb"


def run(
    cloud: Any, work: Callable[[Session], Awaitable[T]], *, writable: bool = True, **settings: Any
) -> T:
    """Do `work` in a session with this cloud."""
    bench = cloud if isinstance(cloud, Bench) else Bench(cloud, writable=writable)
    chosen: dict[str, Any] = {
        "endpoint": "http://127.0.0.1:1",
        "requestsPerSecond": 1000,
    } | settings

    async def main() -> T:
        async with PROVIDER.connect(AgentRunSettings(**chosen), bench.context()) as session:
            return await work(session)

    return anyio.run(main)


def fetch(cloud: Any, *names: str, **settings: Any) -> list[Found]:
    return run(cloud, lambda s: s.fetch([desired(name) for name in names]), **settings)


def ids(found: list[Found]) -> list[str]:
    return [one.id if isinstance(one, Live) else type(one).__name__ for one in found]


def names(count: int) -> list[str]:
    return [f"agent-{number}" for number in range(1, count + 1)]


def many(count: int) -> list[dict[str, Any]]:
    return [runtime(number) for number in range(1, count + 1)]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_few_agents_are_looked_up_by_their_exact_names(count: int) -> None:
    """Up to three names cost one request each, however many runtimes there are."""
    cloud = AgentRunCloud(many(500))
    found = fetch(cloud, *names(count), workspace=HOME)
    assert ids(found) == [f"ar-{number:016x}" for number in range(1, count + 1)]
    assert len(cloud.requests) == count
    assert dict(cloud.requests[0].url.params) == {
        "agentRuntimeName": "agent-1",
        "searchMode": "exact",
        "workspaceIds": HOME,
        "pageNumber": "1",
        "pageSize": "100",
    }


def test_answers_come_in_the_order_of_the_question() -> None:
    """Whatever the order of the list, each answer stands where its agent was asked for."""
    cloud = AgentRunCloud(many(10))
    asked = list(reversed(names(10)))
    found = fetch(cloud, *asked, workspace=HOME)
    assert [one.tree["agentRuntimeName"] for one in found if isinstance(one, Live)] == asked


def test_absence_is_proved_by_a_lookup_of_the_exact_name() -> None:
    """What the list does not show is looked up by name before it counts as absent."""
    cloud = AgentRunCloud(many(10))
    found = fetch(cloud, *names(10), "new-agent", workspace=HOME)
    assert ids(found)[-1] == "Absent"
    assert [r.url.params.get("agentRuntimeName") for r in cloud.requests] == [None, "new-agent"]


def test_an_agent_that_a_moving_list_hid_is_found_by_its_name() -> None:
    """An agent that no page happened to show is not taken for absent."""
    shown = {"items": many(5), "total": 5}
    hidden = {"items": [runtime(99, "hidden")], "total": 1}

    def cloud(request: httpx.Request) -> httpx.Response:
        return success(hidden if "agentRuntimeName" in request.url.params else shown)

    assert ids(fetch(cloud, *names(4), "hidden", workspace=HOME))[-1] == f"ar-{99:016x}"


def test_a_fuzzy_match_is_no_match() -> None:
    """Even if the cloud ignores `exact`, only the same name counts, case included."""
    cloud = AgentRunCloud([runtime(1, "bot-2"), runtime(2, "Bot"), runtime(3, "bot")], exact=False)
    assert ids(fetch(cloud, "bot", workspace=HOME)) == [f"ar-{3:016x}"]


@pytest.mark.parametrize("more", [0, 10])
def test_two_agents_of_one_name_are_ambiguous(more: int) -> None:
    """Two runtimes of the same name are told with both ids; neither is picked."""
    cloud = AgentRunCloud([*many(more), runtime(90, "twin"), runtime(91, "twin")])
    found = fetch(cloud, *names(more), "twin", workspace=HOME)
    assert found[-1] == Ambiguous((f"ar-{90:016x}", f"ar-{91:016x}"))


def test_an_agent_of_another_workspace_is_not_ours() -> None:
    """The same name in another workspace is neither found nor a second one."""

    def cloud(request: httpx.Request) -> httpx.Response:  # a cloud that ignores workspaceIds
        items = [runtime(1, "bot", workspaceId=TEAM), runtime(2, "bot"), runtime(3, "only-there")]
        items[2]["workspaceId"] = TEAM
        return success({"items": items, "total": 3})

    assert ids(fetch(cloud, "bot", "only-there", workspace=HOME)) == [f"ar-{2:016x}", "Absent"]


def test_an_item_that_names_no_workspace_is_not_left_out() -> None:
    """A list that leaves the workspace out of its items still shows ours."""
    cloud = AgentRunCloud([runtime(1, "bot", workspaceId="")])
    cloud.runtimes[0].pop("workspaceId")
    assert ids(fetch(cloud, "bot", workspace=HOME)) == [f"ar-{1:016x}"]


def test_an_agent_that_is_being_deleted_is_busy() -> None:
    """A runtime in DELETING exists still, and is waited for."""
    (found,) = fetch(AgentRunCloud([runtime(1, "bot", status="DELETING")]), "bot", workspace=HOME)
    assert isinstance(found, Live)
    assert found.health is Health.BUSY


def test_the_age_of_an_agent_counts_from_the_date_of_its_own_reply() -> None:
    """The age of the last update is told by the cloud's clock, not by ours."""
    (found,) = fetch(AgentRunCloud([runtime(1, "bot")]), "bot", workspace=HOME)
    assert isinstance(found, Live)
    assert found.age_seconds == 60


@pytest.mark.parametrize(
    "data",
    [None, {}, {"items": None}, {"items": {}, "total": 0}, {"items": [1], "total": 1}, [], "x"],
)
def test_a_reply_without_a_list_proves_no_absence(data: Any) -> None:
    """A success without a readable list is an error; nothing is taken for absent."""
    with pytest.raises(ServerFailed, match="where a list of AgentRuntimes should stand"):
        fetch(lambda _: success(data), "bot", workspace=HOME)


def test_an_empty_list_may_be_null() -> None:
    """A list that is null while its total is 0 is empty."""
    assert fetch(lambda _: success({"items": None, "total": 0}), "b", workspace=HOME) == [Absent()]


def test_one_unreadable_agent_does_not_hide_the_others() -> None:
    """An agent whose object has another shape is unreadable, the rest is read."""
    cloud = AgentRunCloud([*many(5), runtime(6, "odd", status=7)])
    found = fetch(cloud, *names(5), "odd", workspace=HOME)
    assert found[-1] == Unread("the cloud sent a number as status", Cause.CLOUD)
    assert all(isinstance(one, Live) for one in found[:-1])


def test_one_failing_lookup_does_not_hide_the_others() -> None:
    """When one of several lookups fails, the others are answered."""

    def cloud(request: httpx.Request) -> httpx.Response:
        if request.url.params["agentRuntimeName"] == "bad":
            return failure(400, "ERR_BAD_REQUEST", "no")
        return success({"items": [runtime(1, "good")], "total": 1})

    good, bad = fetch(cloud, "good", "bad", workspace=HOME)
    assert isinstance(good, Live)
    assert isinstance(bad, Unread)
    assert "code ERR_BAD_REQUEST" in bad.reason


@pytest.mark.parametrize("count", [1, 10])
def test_wrong_keys_are_told_once(count: int) -> None:
    """When nothing at all can be read, one error says why."""
    cloud = lambda _: gateway_failure(400, "SignatureDoesNotMatch", "bad key")  # noqa: E731
    with pytest.raises(AccessDenied, match="bad key") as caught:
        fetch(cloud, *names(count), workspace=HOME)
    assert caught.value.cause is Cause.CREDENTIALS


def test_nothing_wanted_costs_nothing() -> None:
    """Without agents no request is sent."""
    cloud = AgentRunCloud()
    assert fetch(cloud) == []
    assert cloud.requests == []


def test_reading_one_agent_asks_for_its_id() -> None:
    """A known agent is read by id, percent-encoded, and always fresh."""
    cloud = AgentRunCloud([runtime(1, "bot")])
    first = run(cloud, lambda s: s.read(desired("bot"), f"ar-{1:016x}"))
    cloud.runtimes[0]["status"] = "UPDATING"
    second = run(cloud, lambda s: s.read(desired("bot"), f"ar-{1:016x}"))
    assert isinstance(first, Live)
    assert isinstance(second, Live)
    assert (first.health, second.health) == (Health.READY, Health.BUSY)
    assert cloud.requests[0].url.raw_path == b"/2025-09-10/agents/runtimes/ar-0000000000000001"
    run(cloud, lambda s: s.read(desired("bot"), "a/../b?c"))
    assert cloud.requests[-1].url.raw_path == b"/2025-09-10/agents/runtimes/a%2F..%2Fb%3Fc"


def test_reading_an_agent_that_is_gone_or_unreadable() -> None:
    """A read by id answers absence and failures as values."""
    cloud = AgentRunCloud()
    assert run(cloud, lambda s: s.read(desired("bot"), "ar-1")) == Absent()
    cloud.faults["GetAgentRuntime"] = [gateway_failure(403, "NoPermission", "not allowed")]
    denied = run(cloud, lambda s: s.read(desired("bot"), "ar-1"))
    assert isinstance(denied, Unread)
    assert denied.cause is Cause.CREDENTIALS
    cloud.faults["GetAgentRuntime"] = [httpx.Response(404, text="<html>")]
    strange = run(cloud, lambda s: s.read(desired("bot"), "ar-1"))
    assert isinstance(strange, Unread)


def test_reading_without_an_id_looks_the_name_up() -> None:
    """An agent whose id is not known is read by its exact name."""
    cloud = AgentRunCloud([runtime(1, "bot")])
    found = run(cloud, lambda s: s.read(desired("bot"), None), workspace=HOME)
    assert ids([found]) == [f"ar-{1:016x}"]
    assert run(cloud, lambda s: s.read(desired("new"), None), workspace=HOME) == Absent()


def test_an_update_puts_the_body_and_its_secrets_to_the_id() -> None:
    """An update is one PUT with exactly the body; sealed values are plain on the wire only."""
    cloud = AgentRunCloud([runtime(1, "bot")])
    body = {"cpu": 4, "environmentVariables": {"KEY": Sealed("s3cret", "env:KEY")}}
    run(cloud, lambda s: s.update(desired("bot"), f"ar-{1:016x}", body))
    (sent,) = cloud.requests
    assert (sent.method, sent.url.path) == ("PUT", f"/2025-09-10/agents/runtimes/ar-{1:016x}")
    assert json.loads(sent.content) == {"cpu": 4, "environmentVariables": {"KEY": "s3cret"}}
    assert cloud.runtimes[0]["cpu"] == 4


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (failure(404, "ERR", "does not exist"), NotFound),
        (failure(400, "ERR", "cpu"), Refused),
        (failure(500, "ERR_INTERNAL_SERVER_ERROR", "oops"), ServerFailed),
        (httpx.Response(200), LostReply),
        (httpx.Response(202, json={"code": "ERR_BAD_REQUEST", "message": "no"}), Refused),
    ],
)
def test_an_update_that_fails_is_sent_once(answer: httpx.Response, error: type[CloudError]) -> None:
    """A refused or doubtful update is an error, and is not repeated by itself."""
    cloud = AgentRunCloud([runtime(1, "bot")], faults={"UpdateAgentRuntime": [answer]})
    with pytest.raises(error):
        run(cloud, lambda s: s.update(desired("bot"), f"ar-{1:016x}", {"cpu": 4}))
    assert len(cloud.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        failure(429, "Throttling", "slow", headers={"x-acs-retry-after": "1500"}),
        httpx.Response(
            400, json={"Code": "Throttling.User"}, headers={"x-acs-retry-after": "1500"}
        ),
    ],
)
def test_a_throttled_update_waits_as_told_and_goes_out_again(answer: httpx.Response) -> None:
    """Throttling in either form is waited out, in the vendor's milliseconds, with a new nonce."""
    cloud = AgentRunCloud([runtime(1, "bot")], faults={"UpdateAgentRuntime": [answer]})
    bench = Bench(cloud, jitter=0.0)
    run(bench, lambda s: s.update(desired("bot"), f"ar-{1:016x}", {"cpu": 4}))
    assert sum(bench.clock.slept) == pytest.approx(1.5)
    assert len({r.headers["x-acs-signature-nonce"] for r in cloud.requests}) == 2
    assert cloud.runtimes[0]["cpu"] == 4


@pytest.mark.parametrize(
    ("workspace", "sent"), [(None, None), ("team", TEAM), (TEAM, TEAM), ("default", HOME)]
)
def test_creating_names_the_agent_and_the_workspace_that_was_asked_for(
    workspace: str | None, sent: str | None
) -> None:
    """A new agent gets its name and, when one is configured, the workspace's id."""
    cloud = AgentRunCloud()
    run(cloud, lambda s: s.create(desired("bot"), {"cpu": 2}), workspace=workspace)
    body = json.loads(cloud.requests[-1].content)
    expected = {"agentRuntimeName": "bot", "cpu": 2}
    assert body == expected | ({"workspaceId": sent} if sent else {})
    assert cloud.requests[-1].method == "POST"


def test_creating_what_exists_is_told_as_such() -> None:
    """A name that is taken is `AlreadyExists`."""
    cloud = AgentRunCloud([runtime(1, "bot")])
    with pytest.raises(AlreadyExists):
        run(cloud, lambda s: s.create(desired("bot"), {"cpu": 2}))


def test_a_reading_session_cannot_write() -> None:
    """Where only reading is allowed, update and create are refused before anything is sent."""
    cloud = AgentRunCloud([runtime(1, "bot")])
    with pytest.raises(GuardError):
        run(cloud, lambda s: s.update(desired("bot"), "ar-1", {"cpu": 4}), writable=False)
    with pytest.raises(GuardError):
        run(cloud, lambda s: s.create(desired("new"), {"cpu": 4}), writable=False)
    assert cloud.requests == []
