"""Tokens: who gets one, how long it is good, and what is said when it is not."""

import copy
import json
from typing import Any

import pytest

from tests.support.sandbox import AGENT, PASSWORD_LOGIN, TOKENS, World

KEY_LOGIN: dict[str, Any] = {
    "auth": {
        "identity": {
            "methods": ["hw_ak_sk"],
            "hw_ak_sk": {"access": {"key": "sandbox"}, "secret": {"key": "sandbox"}},
        },
        "scope": {"domain": {"name": "sandbox"}},
    }
}


def login(world: World, body: Any, query: str = "") -> Any:
    """The reply to a request for a token."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return world.send("POST", TOKENS + query, content)


def test_a_password_gives_a_token_for_a_day() -> None:
    """201, the token in X-Subject-Token, and when it ends."""
    world = World()
    reply = login(world, PASSWORD_LOGIN)
    token = reply.json()["token"]
    assert reply.status_code == 201
    assert (token["issued_at"], token["expires_at"]) == (
        "2027-01-15T08:00:00.000000Z",
        "2027-01-16T08:00:00.000000Z",
    )
    assert token["project"]["name"] == "cn-north-4"
    assert "catalog" in token
    assert "catalog" not in login(world, PASSWORD_LOGIN, "?nocatalog=true").json()["token"]
    subject = reply.headers["x-subject-token"]
    assert world.tokened("GET", token=subject).status_code == 200


def test_a_key_pair_gives_a_token() -> None:
    """hw_ak_sk works, though no page of the vendor says so."""
    reply = login(World(), KEY_LOGIN)
    assert (reply.status_code, reply.json()["token"]["methods"]) == (201, ["hw_ak_sk"])
    assert reply.json()["token"]["domain"]["name"] == "sandbox"


@pytest.mark.parametrize(
    "member", ["name", "password", "domain"], ids=["wrong user", "wrong password", "wrong domain"]
)
def test_a_wrong_password_gives_none(member: str) -> None:
    """401 in the shape of IAM, whatever part of it is wrong."""
    body = copy.deepcopy(PASSWORD_LOGIN)
    user: dict[str, Any] = body["auth"]["identity"]["password"]["user"]  # type: ignore[index]  # a literal
    user[member] = {"name": "other"} if member == "domain" else "other"
    reply = login(World(), body)
    assert reply.status_code == 401
    assert reply.json()["error"]["code"] == 401
    assert "x-subject-token" not in reply.headers


def test_a_wrong_key_pair_gives_none() -> None:
    """The secret of the pair is checked."""
    body = copy.deepcopy(KEY_LOGIN)
    body["auth"]["identity"]["hw_ak_sk"]["secret"]["key"] = "other"
    assert login(World(), body).status_code == 401


def test_requests_that_iam_cannot_read_are_refused() -> None:
    """Bodies, scopes and methods have to be what the page says."""
    world = World()
    auth: dict[str, Any] = PASSWORD_LOGIN["auth"]
    both = {"project": {"name": "a"}, "domain": {"name": "b"}}
    mfa = {**auth["identity"], "methods": ["password", "totp"]}
    for body, code in (
        (b"{", "IAM.0011"),
        (b"", "IAM.0011"),
        ({"auth": []}, "IAM.0011"),
        ({"auth": {**auth, "scope": both}}, "IAM.0072"),
        ({"auth": {"identity": auth["identity"]}}, "IAM.0072"),
        ({"auth": {**auth, "identity": mfa}}, "IAM.0007"),
    ):
        reply = login(world, body)
        assert (reply.status_code, reply.json()["error_code"]) == (400, code)


def test_identity_providers_are_not_there() -> None:
    """A token for an identity provider's word is refused, clearly."""
    reply = World().send("POST", "/v3.0/OS-AUTH/id-token/tokens", b"{}")
    assert (reply.status_code, reply.json()["error_msg"]) == (
        403,
        "the sandbox has no identity provider",
    )


def test_no_token_and_wrong_tokens_are_refused_by_the_gateway() -> None:
    """401 APIGW.0301 as an object."""
    world = World()
    for headers in ({}, {"X-Auth-Token": "made-up"}):
        reply = world.send("GET", AGENT, None, headers)
        assert (reply.status_code, reply.json()["error_code"]) == (401, "APIGW.0301")


def test_a_token_ends() -> None:
    """token_lifetime_seconds: a day by default; a new token leaves the old one good."""
    world = World()
    first = world.token()
    second = world.later(80_000).token()
    assert world.tokened("GET", token=first).status_code == 200
    assert world.later(6_400).tokened("GET", token=first).status_code == 401
    assert world.tokened("GET", token=second).status_code == 200
    short = world.set(token_lifetime_seconds=60).token()
    assert world.later(60).tokened("GET", token=short).status_code == 401


def test_tokens_can_be_as_long_as_the_vendors() -> None:
    """token_length: up to 32,768 characters are documented."""
    world = World().set(token_length=32_768)
    token = world.token()
    assert len(token) == 32_768
    assert world.tokened("GET", token=token).status_code == 200


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("APIGW.0301", 401),
        ("APIGW.0307", 401),
        ("AIAE.22001002", 200),
        ("AIAE.22001003", 200),
    ],
)
def test_a_good_token_can_be_refused(code: str, status: int) -> None:
    """reject_token_next and reject_token_code: that token is of no more use, a new one is."""
    world = World()
    token = world.token()
    world.set(reject_token_next=1, reject_token_code=code)
    reply = world.tokened("GET", token=token)
    assert (reply.status_code, reply.json()["error_code"]) == (status, code)
    assert world.tokened("GET", token=token).status_code == 401
    assert world.tokened("GET", token=world.token()).status_code == 200
