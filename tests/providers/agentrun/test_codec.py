"""What replies mean."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from reconciler.model.errors import (
    AccessDenied,
    AlreadyExists,
    CloudError,
    LostReply,
    NotFound,
    Refused,
    ServerFailed,
    Throttled,
)
from reconciler.model.live import Health, Live, Unread
from reconciler.providers.agentrun.codec import health_of, judge, to_live
from reconciler.wire.call import Call, Reply
from tests.support.wire import NOON, runtime

EXAMPLE = json.loads((Path(__file__).parent / "update_reply.json").read_text("utf-8"))

GET = Call("GetAgentRuntime", "GET", "/x")
PUT = Call("UpdateAgentRuntime", "PUT", "/x")
POST = Call("CreateAgentRuntime", "POST", "/x")


def plain(text: str) -> str:
    return text


def reply(status: int, data: Any, **headers: str) -> Reply:
    return Reply(status, httpx.Headers(headers), data, None)


def live(item: Any, date: float | None = None) -> Live:
    found = to_live(item, date, plain)
    assert isinstance(found, Live)
    return found


@pytest.mark.parametrize(
    ("status", "health"),
    [
        ("READY", Health.READY),
        ("CREATING", Health.BUSY),
        ("UPDATING", Health.BUSY),
        ("DELETING", Health.BUSY),
        ("FAILED", Health.FAILED),
        ("CREATE_FAILED", Health.FAILED),
        ("UPDATE_FAILED", Health.FAILED),
        ("DELETE_FAILED", Health.FAILED),
        ("SCALE_FAILED", Health.FAILED),
        ("ACTIVE", Health.UNKNOWN),
        ("ready", Health.UNKNOWN),
        ("", Health.UNKNOWN),
    ],
)
def test_only_ready_is_ready(status: str, health: Health) -> None:
    """Each status word means what the page says; a word that it does not name is unknown."""
    assert health_of(status) is health


def test_the_reply_on_the_vendors_page_is_a_ready_runtime() -> None:
    """The example of the API page is read with its id, status and stamp."""
    found = live(EXAMPLE["data"], None)
    assert found.id == "ar-1234567890abcdef"
    assert (found.health, found.status) == (Health.READY, "READY")
    assert found.status_reason == "Runtime is ready for use"
    assert found.stamp == 1_736_509_500.0
    assert found.tree == EXAMPLE["data"]


@pytest.mark.parametrize(
    ("text", "stamp", "age"),
    [
        ("2025-09-10T11:59:30Z", NOON - 30, 30.0),
        ("2025-09-10T11:59:30.250Z", NOON - 29.75, 29.75),
        ("2025-09-10T11:59:30.250000+00:00", NOON - 29.75, 29.75),
        ("2025-09-10T19:59:30.250000+0800", NOON - 29.75, 29.75),
        ("2025-09-10T11:59:30.123456789Z", NOON - 29.876544, 29.876544),
        ("2025-09-10T12:00:00.900Z", NOON + 0.9, 0.0),
        ("2025-09-10T11:59:30", NOON - 30, None),
        ("yesterday", None, None),
        ("0001-01-01T00:00:00Z", None, None),
        ("1970-01-01T00:00:00", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_stamps_with_and_without_fractions(
    text: str | None, stamp: float | None, age: float | None
) -> None:
    """Both forms of lastUpdatedAt are read, and its age counts from the same reply's Date."""
    found = live(runtime(1, lastUpdatedAt=text), NOON)
    assert found.stamp == (None if stamp is None else pytest.approx(stamp, abs=1e-5))
    assert found.age_seconds == (None if age is None else pytest.approx(age, abs=1e-5))
    assert found.stamp_text == (text or "")


def test_without_a_date_no_age_is_claimed() -> None:
    """A reply without a Date tells no age."""
    assert live(runtime(1)).age_seconds is None


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (None, "the cloud sent null where an AgentRuntime should stand"),
        ([], "the cloud sent a list where an AgentRuntime should stand"),
        (runtime(1, status=5), "the cloud sent a number as status"),
        (runtime(1, agentRuntimeId=7), "the cloud sent a number as agentRuntimeId"),
        (runtime(1, statusReason={}), "the cloud sent a mapping as statusReason"),
        (runtime(1, lastUpdatedAt=1), "the cloud sent a number as lastUpdatedAt"),
        (runtime(1, agentRuntimeId=""), "the cloud sent an AgentRuntime without agentRuntimeId"),
        ({"status": "READY"}, "the cloud sent an AgentRuntime without agentRuntimeId"),
    ],
)
def test_what_has_another_shape_is_not_read(item: Any, reason: str) -> None:
    """A reply of an unexpected shape is a failed read that names the field, not a crash."""
    found = to_live(item, NOON, plain)
    assert isinstance(found, Unread)
    assert found.reason == reason


def test_zero_values_nulls_and_unknown_members_are_read() -> None:
    """Nulls where texts could stand, and members that nobody knows, do no harm."""
    found = live(runtime(1, status=None, statusReason=None, newThing={"a": 1}))
    assert (found.health, found.status) == (Health.UNKNOWN, "")
    assert found.tree["newThing"] == {"a": 1}


def test_secrets_in_a_status_reason_are_sealed() -> None:
    """A status reason that repeats a secret shows none of it."""
    item = runtime(1, status="FAILED", statusReason="bad key hunter2")
    found = to_live(item, NOON, lambda text: text.replace("hunter2", "(sealed)"))
    assert isinstance(found, Live)
    assert found.status_reason == "bad key (sealed)"


@pytest.mark.parametrize("status", [200, 201, 202])
def test_any_2xx_with_the_word_success_is_one(status: int) -> None:
    """Creating may answer 201 and updating 202: all are successes."""
    assert judge(PUT, reply(status, {"code": "SUCCESS", "data": {}})) is None


def product(code: str, message: str = "m") -> dict[str, str]:
    return {"code": code, "message": message, "requestId": "R1"}


def gateway(code: str, message: str = "m") -> dict[str, str]:
    return {"Code": code, "Message": message, "RequestId": "R1"}


@pytest.mark.parametrize(
    ("call", "status", "data", "kind"),
    [
        (GET, 429, product("ERR_TOO_MANY"), Throttled),
        (GET, 429, None, Throttled),
        (PUT, 400, gateway("Throttling"), Throttled),
        (PUT, 400, gateway("Throttling.User"), Throttled),
        (PUT, 503, gateway("Throttling.Api"), Throttled),
        (PUT, 200, product("Throttling.User"), Throttled),
        (GET, 401, product("ERR"), AccessDenied),
        (GET, 403, None, AccessDenied),
        (GET, 404, gateway("InvalidAccessKeyId.NotFound"), AccessDenied),
        (GET, 400, gateway("InvalidAccessKeyId.NotFound"), AccessDenied),
        (GET, 400, gateway("SignatureDoesNotMatch"), AccessDenied),
        (GET, 400, gateway("InvalidTimeStamp.Expired"), AccessDenied),
        (GET, 400, gateway("Forbidden.RAM"), AccessDenied),
        (GET, 400, gateway("NoPermission"), AccessDenied),
        (PUT, 400, gateway("SignatureNonceUsed"), LostReply),
        (GET, 404, product("ERR_BAD_REQUEST"), NotFound),
        (PUT, 404, product("ERR_BAD_REQUEST"), NotFound),
        (GET, 400, product("ERR_BAD_REQUEST", "agent runtime Does Not Exist"), NotFound),
        (GET, 404, None, Refused),
        (GET, 404, {"detail": "Not Found"}, Refused),
        (PUT, 400, product("ERR_BAD_REQUEST", "vpc vpc-1 does not exist"), Refused),
        (POST, 409, product("ERR"), AlreadyExists),
        (POST, 400, product("ERR", "runtime x already exists"), AlreadyExists),
        (POST, 500, product("ERR", "runtime x Already exists"), AlreadyExists),
        (PUT, 409, product("ERR", "runtime is updating"), Refused),
        (PUT, 400, product("ERR_VALIDATION_FAILED"), Refused),
        (PUT, 200, product("ERR_VALIDATION_FAILED"), Refused),
        (PUT, 500, product("ERR_INTERNAL_SERVER_ERROR"), ServerFailed),
        (PUT, 200, product("ERR_INTERNAL_SERVER_ERROR"), ServerFailed),
        (PUT, 502, None, ServerFailed),
        (PUT, 200, None, LostReply),
        (PUT, 200, [], LostReply),
        (PUT, 200, {"code": 5}, LostReply),
        (GET, 200, {}, ServerFailed),
    ],
)
def test_both_envelopes_mean_the_same_errors(
    call: Call, status: int, data: Any, kind: type[CloudError]
) -> None:
    """Whatever envelope, status or code: each failure is told as what it is."""
    error = judge(call, reply(status, data))
    assert type(error) is kind


def test_a_4xx_that_asks_for_a_pause_is_throttling() -> None:
    """The vendor's own client holds a 4xx with x-acs-retry-after for throttling; so do we."""
    error = judge(PUT, reply(400, product("ERR"), **{"x-acs-retry-after": "100"}))
    assert isinstance(error, Throttled)
    late = judge(PUT, reply(500, product("ERR"), **{"x-acs-retry-after": "100"}))
    assert isinstance(late, ServerFailed)


@pytest.mark.parametrize("envelope", [product, gateway])
def test_an_error_tells_the_vendors_code_message_and_request_id(envelope: Any) -> None:
    """Both envelopes give the same error: message, status, code and request id."""
    error = judge(PUT, reply(400, envelope("ERR_X", "cpu must be positive")))
    assert str(error) == (
        "UpdateAgentRuntime: cpu must be positive (HTTP 400, code ERR_X, request id R1)"
    )


def test_a_wrong_clock_is_named() -> None:
    """An expired time stamp asks about this machine's clock."""
    error = judge(GET, reply(400, gateway("InvalidTimeStamp.Expired", "expired")))
    assert "clock" in str(error)
