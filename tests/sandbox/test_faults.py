"""What goes wrong on the way, at each position of each switch, on both clouds."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from reconciler.sandbox import control, seeds
from reconciler.sandbox.app import ReplyLost
from tests.support.sandbox import RUNTIME, World

Send = Callable[[World], httpx.Response]
Read = Callable[[World], Any]


def write_agentrun(world: World) -> httpx.Response:
    """A write on AgentRun."""
    return world.update(description="new")


def read_agentrun(world: World) -> Any:
    """What AgentRun truly holds where the write goes."""
    return control.value_of(world.store, seeds.RUNTIME_ID, "/description", world.now)


def write_appstage(world: World) -> httpx.Response:
    """A write on AppStage."""
    return world.tokened("PUT", body=world.properties(description="new"))


def read_appstage(world: World) -> Any:
    """What AppStage truly holds where the write goes."""
    return control.value_of(world.store, seeds.AGENT_ID, "/properties/description", world.now)


CLOUDS = pytest.mark.parametrize(
    ("write", "read"),
    [(write_agentrun, read_agentrun), (write_appstage, read_appstage)],
    ids=["agentrun", "appstage"],
)
EFFECTS = pytest.mark.parametrize("effect", ["before", "after", "late"])
KINDS = pytest.mark.parametrize("kind", ["lost", "error", "hidden_error", "not_json"])


@CLOUDS
@EFFECTS
@KINDS
def test_a_faulty_write_has_the_effect_that_the_switch_says(
    write: Send, read: Read, effect: str, kind: str
) -> None:
    """write_effect and late_seconds: none, at once, or so many seconds later."""
    world = World().set(write_effect=effect, late_seconds=7)
    old = read(world)
    world.set(**{f"{kind}_writes_next": 1})
    try:
        reply = write(world)
    except ReplyLost:
        assert kind == "lost"
    else:
        assert kind != "lost"
        good = reply.status_code == 200 and "json" in reply.headers["content-type"]
        assert not good or "SUCCESS" not in reply.text
    assert read(world) == ("new" if effect == "after" else old)
    assert read(world.later(6.9)) == ("new" if effect == "after" else old)
    assert read(world.later(0.1)) == (old if effect == "before" else "new")
    assert write(world).status_code == 200


def test_a_late_effect_restarts_when_it_comes() -> None:
    """The restart of a late write begins when the effect does, whenever somebody looks."""
    world = World().set(lost_writes_next=1, write_effect="late", late_seconds=5)
    with pytest.raises(ReplyLost):
        world.update(description="new")
    assert world.later(4.9).runtime()["status"] == "READY"
    assert world.later(1).runtime()["status"] == "UPDATING"
    assert world.runtime()["lastUpdatedAt"].endswith("08:00:05.000000Z")
    assert world.later(1.2).runtime()["status"] == "READY"
    assert (world.restarts(), [line.method for line in world.log()].count("PUT")) == (1, 1)
    assert [line.note for line in world.log() if line.method == "LATE"] == ["restart, late effect"]


def test_a_late_effect_on_what_is_gone_is_nothing() -> None:
    """An effect that comes late finds things as they are then."""
    world = World().set(lost_writes_next=1, write_effect="late", late_seconds=5)
    with pytest.raises(ReplyLost):
        world.update(description="new")
    world.signed("DELETE", RUNTIME)
    assert world.later(6).signed("GET", RUNTIME).status_code == 404
    assert "late effect refused" in world.log()[-2].note


def test_a_late_creation_and_a_late_deletion() -> None:
    """Effects of every write can come late."""
    world = World().set(lost_writes_next=2, write_effect="late", late_seconds=5)
    body = {**seeds.RUNTIME, "agentRuntimeName": "other"}
    for method, path, content in (
        ("POST", RUNTIME.rpartition("/")[0], body),
        ("DELETE", RUNTIME, None),
    ):
        with pytest.raises(ReplyLost):
            world.signed(method, path, content)
    assert len(world.items()) == 1
    assert [item["status"] for item in world.later(5).items()] == ["DELETING", "CREATING"]


@KINDS
def test_faulty_reads(kind: str) -> None:
    """lost_reads_next, error_reads_next, hidden_error_reads_next, not_json_reads_next."""
    world = World().set(**{f"{kind}_reads_next": 1})
    try:
        reply = world.signed("GET", RUNTIME)
    except ReplyLost:
        assert kind == "lost"
    else:
        assert "SUCCESS" not in reply.text
    assert world.signed("GET", RUNTIME).status_code == 200
    assert world.update().status_code == 200


def test_a_lost_reply_looks_like_a_closed_connection() -> None:
    """In process it is the transport's own error, so that clients need not know of the sandbox."""
    world = World().set(lost_reads_next=1)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        world.signed("GET", RUNTIME)
    assert (world.log()[-1].status, world.log()[-1].agent) == (None, "customer-service")


def test_server_errors_in_the_words_of_each_cloud() -> None:
    """error_status: 500 and what a gateway says for what is behind it."""
    for status in ("500", "502", "503", "504"):
        world = World().set(error_status=status, error_reads_next=1, fault_cloud="agentrun")
        reply = world.signed("GET", RUNTIME)
        assert reply.status_code == int(status)
        assert reply.json()["code"] == "ERR_INTERNAL_SERVER_ERROR"
        world.set(error_reads_next=1, fault_cloud="appstage")
        reply = world.tokened("GET")
        code = "AIAE.00001500" if status == "500" else "APIGW.0201"
        assert (reply.status_code, reply.json()["error_code"]) == (int(status), code)


def test_errors_hidden_in_a_200() -> None:
    """hidden_error_code: AppStage documents ten codes with HTTP 200."""
    for code in ("AIAE.22001005", "AIAE.22009001"):
        world = World().set(hidden_error_code=code, hidden_error_writes_next=1)
        reply = write_appstage(world)
        assert (reply.status_code, reply.json()["error_code"]) == (200, code)
    world = World().set(hidden_error_reads_next=1)
    reply = world.signed("GET", RUNTIME)
    assert (reply.status_code, reply.json()["code"]) == (200, "ERR_INTERNAL_SERVER_ERROR")


def test_redirects() -> None:
    """redirect_reads_next, redirect_writes_next, redirect_to: a 302 without any effect."""
    world = World().set(redirect_to="http://192.0.2.1", write_effect="after")
    world.set(redirect_reads_next=1, redirect_writes_next=1)
    for reply in (world.signed("GET", RUNTIME), world.update(description="new")):
        assert reply.status_code == 302
        assert reply.headers["location"] == f"http://192.0.2.1{RUNTIME}"
    assert world.restarts() == 0


def test_throttling_on_agentrun_comes_as_429_or_as_400() -> None:
    """throttle_style: most products say 400 with a code that begins Throttling."""
    for style in ("429", "400"):
        world = World().set(throttle_next=1, throttle_style=style)
        reply = world.update()
        assert (reply.status_code, reply.json()["Code"]) == (int(style), "Throttling.User")
        assert world.restarts() == 0
        assert world.update().status_code == 200


def test_throttling_on_appstage() -> None:
    """429 APIGW.0308 from the gateway."""
    world = World().set(throttle_next=1)
    reply = world.tokened("GET")
    assert (reply.status_code, reply.json()["error_code"]) == (429, "APIGW.0308")


def test_what_throttling_says_about_coming_back() -> None:
    """throttle_header and throttle_wait_ms: milliseconds in one header, seconds in the other."""
    for header, value in (("none", None), ("x-acs-retry-after", "1500"), ("retry-after", "2")):
        world = World().set(throttle_next=1, throttle_header=header, throttle_wait_ms=1500)
        reply = world.signed("GET", RUNTIME)
        told = {name: reply.headers.get(name) for name in ("x-acs-retry-after", "retry-after")}
        assert told == {**dict.fromkeys(told), **({header: value} if value else {})}


def test_throttling_now_and_then() -> None:
    """throttle_every: every third request, say."""
    world = World().set(throttle_every=3)
    codes = [world.signed("GET", RUNTIME).status_code for _ in range(6)]
    assert codes == [200, 200, 429, 200, 200, 429]


def test_what_throttling_is_for() -> None:
    """throttle_on: reads, writes, or all of them."""
    for group, codes in (("reads", (429, 200)), ("writes", (200, 429)), ("all", (429, 429))):
        world = World().set(throttle_on=group, throttle_next=2)
        assert (world.signed("GET", RUNTIME).status_code, world.update().status_code) == codes


def test_faults_can_be_for_one_cloud() -> None:
    """fault_cloud: the others go on; tokens are touched only where it says iam."""
    for cloud, codes in (
        ("", (500, 500)),
        ("agentrun", (500, 200)),
        ("appstage", (200, 500)),
    ):
        world = World()
        token = world.token()
        world.set(fault_cloud=cloud, error_reads_next=9)
        got = (
            world.signed("GET", RUNTIME).status_code,
            world.tokened("GET", token=token).status_code,
        )
        assert got == codes
        assert world.token()
    world = World().set(fault_cloud="iam", throttle_next=1)
    assert world.send("POST", "/v3/auth/tokens", b"{}").status_code == 429
    assert world.token()


def test_wrong_credentials_are_refused_before_any_fault() -> None:
    """A fault is for requests that would have been answered."""
    world = World().set(error_reads_next=1)
    assert world.signed("GET", RUNTIME, changes={"secret": "x"}).status_code == 400
    assert world.signed("GET", RUNTIME).status_code == 500
