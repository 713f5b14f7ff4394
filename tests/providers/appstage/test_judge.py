"""What replies of AppStage, its gateway and IAM mean."""

from typing import Any

import httpx
import pytest

from reconciler.model.errors import (
    AccessDenied,
    CloudError,
    Locked,
    NotFound,
    Refused,
    ServerFailed,
    Throttled,
)
from reconciler.providers.appstage.calls import CREATE_TOKEN, UPDATE_AGENT
from reconciler.providers.appstage.judge import TokenRefused, judge, refuses_token
from reconciler.wire.call import Call, Reply
from tests.support.appstage import EXAMPLE

PUT = Call(UPDATE_AGENT, "PUT", "/open/user/agent/a")
TOKEN = Call(CREATE_TOKEN, "POST", "/v3/auth/tokens")


def make(status: int, data: Any, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, httpx.Headers(headers), data, None)


def error(code: Any, text: str = "words") -> dict[str, Any]:
    return {"error_code": code, "error_msg": text}


MEANINGS: list[tuple[int, str, type[CloudError]]] = [
    (400, "AIAE.00001400", Refused),
    (400, "AIAE.20000400", Refused),
    (400, "AIAE.20002042", Locked),
    (400, "AIAE.20002037", Refused),
    (400, "AIAE.20002053", Refused),
    (400, "AIAE.20002054", Refused),
    (400, "AIAE.20002023", NotFound),
    (500, "AIAE.00001500", ServerFailed),
    (200, "AIAE.22001001", Refused),
    (200, "AIAE.22001002", TokenRefused),
    (200, "AIAE.22001003", TokenRefused),
    (200, "AIAE.22001004", Refused),
    (200, "AIAE.22001005", ServerFailed),
    (200, "AIAE.22001006", Refused),
    (200, "AIAE.22001008", AccessDenied),
    (200, "AIAE.22009001", ServerFailed),
    (400, "AIAE.31001106", Refused),
    (400, "AIAE.31001601", Refused),
    (401, "APIGW.0301", TokenRefused),
    (401, "APIG.0301", TokenRefused),
    (401, "APIC.0307", TokenRefused),
    (401, "APIGW.0307", TokenRefused),
    (429, "APIGW.0308", Throttled),
    (400, "APIG.0308", Throttled),
    (403, "APIGW.0302", AccessDenied),
    (404, "APIGW.0101", Refused),
    (413, "APIGW.0201", Refused),
    (502, "APIGW.0202", ServerFailed),
    (504, "APIGW.0201", ServerFailed),
    (500, "AIAE.20002023", ServerFailed),
    (418, "AIAE.99999999", Refused),
]


@pytest.mark.parametrize("wrap", [lambda e: e, lambda e: [e]], ids=["object", "array"])
@pytest.mark.parametrize(("status", "code", "meaning"), MEANINGS)
def test_every_documented_code_has_its_meaning(
    status: int, code: str, meaning: type[CloudError], wrap: Any
) -> None:
    """A code means the same as an object and in an array, whatever the HTTP status around it."""
    found = judge(PUT, make(status, wrap(error(code))))
    assert type(found) is meaning
    assert found.code == code
    assert "words" in str(found)
    assert code in str(found)


@pytest.mark.parametrize(
    "data",
    [
        EXAMPLE["response"],
        {"data": True, "error_code": None, "error_msg": None},
        {"data": {}, "error_code": "", "error_msg": ""},
        {"data": {}, "error_code": 0, "error_msg": "success"},
        {"data": {}, "error_code": "0", "error_msg": "ok"},
        {"data": {}, "error_code": 0.0},
        [{"error_code": 0}],
        None,
        [],
        {"properties": {"error": {"code": 1}}},
    ],
)
def test_a_200_without_a_code_is_a_success(data: Any) -> None:
    """An error_code of null, nothing or zero is no error."""
    assert judge(PUT, make(200, data)) is None


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("AIAE.1", "AIAE.1"),
        (5, "5"),
        (-1, "-1"),
        (20002023, "20002023"),
        ("00", "00"),
        (False, "false"),
        ([], "[]"),
    ],
)
def test_a_200_with_any_code_is_an_error(code: Any, text: str) -> None:
    """Whatever carries another error_code is not taken for success, and is told as a text."""
    found = judge(PUT, make(200, error(code)))
    assert type(found) is Refused
    assert found.code == text


@pytest.mark.parametrize("code", [0, "0", "", None])
def test_a_failure_without_a_code_keeps_its_words(code: Any) -> None:
    """A refusal whose error_code says nothing is still a refusal, in the cloud's words."""
    found = judge(PUT, make(400, error(code, "too many words")))
    assert type(found) is Refused
    assert (found.message, found.code) == ("too many words", "")


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (400, Refused),
        (401, TokenRefused),
        (403, AccessDenied),
        (404, Refused),
        (429, Throttled),
        (500, ServerFailed),
        (503, ServerFailed),
    ],
)
@pytest.mark.parametrize("data", [None, [], "text", {"x": 1}, {"error_code": None}, 7])
def test_without_a_code_the_status_decides(
    status: int, meaning: type[CloudError], data: Any
) -> None:
    """A failure without a body that says why is still a failure with words."""
    found = judge(PUT, make(status, data))
    assert type(found) is meaning
    assert found.message


def test_published_agents_say_what_to_do() -> None:
    """The refusal of a published agent names the way out."""
    found = judge(PUT, make(400, [error("AIAE.20002042", "Agent已经发布过,不能修改")]))
    assert "Agent已经发布过,不能修改" in str(found)
    assert "unpublish it in the console" in str(found)


def test_several_errors_are_all_told_and_the_first_decides() -> None:
    """No entry of an array is lost, and the first says what it is."""
    found = judge(PUT, make(400, [error("AIAE.20002042"), error("AIAE.20002037")]))
    assert type(found) is Locked
    assert found.code == "AIAE.20002042, AIAE.20002037"


@pytest.mark.parametrize(
    "more", ["AIAE.20002023", "AIAE.00001500", "AIAE.22009001", "AIAE.22001008", "APIGW.0308"]
)
def test_a_published_agent_is_locked_whatever_else_the_array_names(more: str) -> None:
    """Arrays render alternatives: the first entry says that the agent takes no updates."""
    found = judge(PUT, make(400, [error("AIAE.20002042"), error(more)]))
    assert type(found) is Locked
    assert "unpublish it in the console" in str(found)


def test_a_lock_that_is_not_the_first_entry_does_not_decide() -> None:
    """A published agent further down the array may be no more than a possibility."""
    found = judge(PUT, make(400, [error("AIAE.20002037"), error("AIAE.20002042")]))
    assert type(found) is Refused


def test_the_pages_own_array_of_seven_is_a_plain_no() -> None:
    """Seven contradicting codes prove neither absence nor a lock."""
    found = judge(PUT, make(400, EXAMPLE["response_400"]))
    assert type(found) is Refused
    assert all(entry["error_code"] in str(found) for entry in EXAMPLE["response_400"])


@pytest.mark.parametrize(
    ("codes", "meaning"),
    [
        (["AIAE.20002023", "AIAE.20002023"], NotFound),
        (["AIAE.20002023", "AIAE.20002037"], Refused),
        (["APIGW.0308", "AIAE.20002037"], Refused),
        (["AIAE.20002037", "AIAE.22009001"], ServerFailed),
        (["AIAE.20002037", "AIAE.22001008"], AccessDenied),
    ],
)
def test_mixed_errors_prove_nothing_that_one_of_them_denies(
    codes: list[str], meaning: type[CloudError]
) -> None:
    """Absence and "nothing happened" need all entries; an open outcome needs one."""
    found = judge(PUT, make(400, [error(code) for code in codes]))
    assert isinstance(found, meaning)


def test_the_server_error_of_the_page_may_have_happened() -> None:
    """After the documented 500 a write is in doubt."""
    found = judge(PUT, make(500, EXAMPLE["response_500"]))
    assert found is not None
    assert found.may_have_happened


@pytest.mark.parametrize(
    ("status", "data"),
    [
        (
            401,
            {"error": {"code": 401, "message": "authentication failed", "title": "Unauthorized"}},
        ),
        (400, {"error": {"code": 400, "title": "Bad Request"}}),
        (400, error("1101", "user name")),
        (400, error("1103", "password check failed")),
        (403, error("IAM.0003", "policy")),
        (404, {"error": {"code": 404, "message": "no such domain"}}),
    ],
)
def test_a_final_no_of_iam_is_about_the_credentials(status: int, data: Any) -> None:
    """Both envelopes of IAM lead to the exit code of credentials."""
    found = judge(TOKEN, make(status, data))
    assert type(found) is AccessDenied
    assert found.status == status


@pytest.mark.parametrize(("status", "meaning"), [(429, Throttled), (503, ServerFailed)])
def test_iam_that_is_busy_is_no_wrong_password(status: int, meaning: type[CloudError]) -> None:
    """Throttling and failures of IAM may be tried again."""
    assert type(judge(TOKEN, make(status, {"error": {"code": status}}))) is meaning


def test_request_ids_come_from_the_body_or_the_header() -> None:
    """What support asks for is kept from wherever the gateway puts it."""
    in_body = judge(PUT, make(404, error("APIGW.0101") | {"request_id": "r-1"}))
    in_header = judge(PUT, make(500, None, {"X-Request-Id": "r-2"}))
    odd = judge(PUT, make(404, error("APIGW.0101") | {"request_id": 7}))
    assert [e.request_id for e in (in_body, in_header, odd) if e] == ["r-1", "r-2", ""]


@pytest.mark.parametrize(
    ("status", "data", "expected"),
    [
        (401, None, True),
        (401, error("APIGW.0301"), True),
        (403, error("APIGW.0307"), True),
        (401, error("APIGW.0305"), True),
        (200, error("AIAE.22001002"), True),
        (200, [error("AIAE.22001003")], True),
        (401, error("AIAE.22001008"), False),
        (403, None, False),
        (200, EXAMPLE["response"], False),
        (429, error("APIGW.0308"), False),
        (400, [error("APIGW.0301"), error("AIAE.20002042")], False),
    ],
)
def test_only_what_is_about_the_token_asks_for_another(
    status: int, data: Any, expected: bool
) -> None:
    """A new token is asked for where the old one was refused, and nowhere else."""
    assert refuses_token(make(status, data)) is expected


def test_a_second_refusal_points_at_the_region() -> None:
    """ ".0307" for a fresh token is how the gateway words another region's token."""
    found = judge(PUT, make(401, error("APIGW.0307", "The token must be updated.")))
    assert "another region" in str(found)


def test_a_given_token_is_told_by_its_variable() -> None:
    """A token that cannot be renewed is named with what may be wrong with it."""
    found = judge(PUT, make(401, error("APIGW.0301")), given_token=True)
    assert "HUAWEICLOUD_AUTH_TOKEN has expired" in str(found)
    assert "region" in str(found)


def test_a_missing_permission_is_not_blamed_on_the_token() -> None:
    """403 says nothing about expiry."""
    found = judge(PUT, make(403, None), given_token=True)
    assert "HUAWEICLOUD_AUTH_TOKEN" not in str(found)
