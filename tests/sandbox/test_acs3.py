"""The signature check, against the vendor's own vectors and every way to get it wrong."""

import hashlib
from typing import Any
from urllib.parse import urlencode

import pytest

from reconciler.sandbox import acs3
from reconciler.sandbox.message import Received
from tests.support.sandbox import NOON, RUNTIME, RUNTIMES, World, sign
from tests.support.vectors import VECTORS

PUBLISHED = [
    # help.aliyun.com, "V3 request structure and signature"
    (
        "2023-10-26T10:22:32Z",
        "3156853299f313e23d1673dc12e1703d",
        "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
    ),
    # help.aliyun.com/zh/model-studio/roa-style-request-body-signature-mechanism
    (
        "2023-10-26T09:01:01Z",
        "d410180a5abf7fe235dd9b74aca91fc0",
        "e521358f7776c97df52e6b2891a8bc73026794a071b50c3323388c4e0df64804",
    ),
]


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["name"])
def test_vectors_of_the_official_client(vector: dict[str, Any]) -> None:
    """The canonical request and the signature are those of the vendor's own client."""
    signed = vector["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    body = vector["body"].encode()
    request = Received(
        vector["method"], vector["path"], urlencode(vector["query"]), vector["headers"], body
    )
    canonical = acs3.canonical_request(request, signed)
    assert canonical == vector["canonical_request"]
    signature = acs3.sign(canonical, VECTORS["access_key_secret"])
    assert vector["authorization"].endswith(f"Signature={signature}")
    assert hashlib.sha256(body).hexdigest() == vector["headers"]["x-acs-content-sha256"]


@pytest.mark.parametrize(("date", "nonce", "signature"), PUBLISHED)
def test_published_vectors(date: str, nonce: str, signature: str) -> None:
    """The signatures printed in the vendor's documentation come out."""
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": date,
        "x-acs-signature-nonce": nonce,
        "x-acs-version": "2014-05-26",
    }
    image = "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"
    query = f"ImageId={image}&RegionId=cn-shanghai"
    canonical = acs3.canonical_request(Received("POST", "/", query, headers), sorted(headers))
    assert acs3.sign(canonical, "YourAccessKeySecret") == signature


def test_a_good_signature_passes_with_any_spelling_of_the_query() -> None:
    """Blanks may come as + or %20, and a slash plain or encoded: both are canonicalised."""
    world = World()
    for query in ("agentRuntimeName=a%20b%2Fc", "agentRuntimeName=a+b/c"):
        headers = sign("GET", RUNTIMES, query, b"", world.now, {})
        assert world.send("GET", f"{RUNTIMES}?{query}", None, headers).status_code == 200


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"key": "LTAI5tSomebodyElse"}, 404, "InvalidAccessKeyId.NotFound"),
        ({"secret": "wrong"}, 400, "SignatureDoesNotMatch"),
        ({"unsigned": "x-acs-date"}, 400, "SignatureDoesNotMatch"),
        ({"unsigned": "host"}, 400, "SignatureDoesNotMatch"),
        ({"x_acs_content_sha256": "0" * 64}, 400, "SignatureDoesNotMatch"),
        ({"x_acs_date": "2027-01-15T07:44:59Z"}, 400, "InvalidTimeStamp.Expired"),
        ({"x_acs_date": "2027-01-15T08:15:01Z"}, 400, "InvalidTimeStamp.Expired"),
        ({"x_acs_date": "yesterday"}, 400, "InvalidTimeStamp.Expired"),
        ({"x_acs_version": "2024-01-01"}, 400, "InvalidVersion"),
        ({"x_acs_action": "DeleteAgentRuntime"}, 400, "InvalidAction.NotFound"),
        ({"x_acs_signature_nonce": ""}, 400, "IncompleteSignature"),
        ({"x_acs_security_token": "stolen"}, 400, "InvalidSecurityToken.Malformed"),
    ],
)
def test_what_is_wrong_is_refused_in_the_gateways_envelope(
    changes: dict[str, str], status: int, code: str
) -> None:
    """Every fault of a signature has its own code, in the PascalCase envelope."""
    reply = World().signed("GET", RUNTIME, changes=changes)
    assert (reply.status_code, reply.json()["Code"]) == (status, code)
    assert reply.json().keys() == {"Code", "Message", "RequestId"}


def test_a_date_within_fifteen_minutes_is_accepted() -> None:
    """The clock of a client may be off by a quarter of an hour either way."""
    world = World()
    assert NOON == 1_800_000_000  # 2027-01-15T08:00:00Z
    for date in ("2027-01-15T07:45:00Z", "2027-01-15T08:15:00Z"):
        assert world.signed("GET", RUNTIME, changes={"x_acs_date": date}).status_code == 200


def test_the_documented_security_token_is_accepted() -> None:
    """Temporary credentials work when the token is the documented one, and signed."""
    changes = {"x_acs_security_token": "sandbox", "x_acs_accesskey_id": "sandbox"}
    assert World().signed("GET", RUNTIME, changes=changes).status_code == 200


def test_a_request_without_a_signature_is_refused() -> None:
    """Nothing is answered without credentials."""
    world = World()
    for header in ({}, {"authorization": "Bearer x"}, {"authorization": "ACS3-HMAC-SHA256 a=b"}):
        reply = world.send("GET", RUNTIME, None, header)
        assert (reply.status_code, reply.json()["Code"]) == (400, "IncompleteSignature")


def test_a_replayed_request_is_refused() -> None:
    """The same signed request is not taken twice."""
    world = World()
    headers = sign("GET", RUNTIME, "", b"", world.now, {})
    assert world.send("GET", RUNTIME, None, headers).status_code == 200
    replay = world.send("GET", RUNTIME, None, headers)
    assert (replay.status_code, replay.json()["Code"]) == (400, "SignatureNonceUsed")


def test_a_changed_body_is_refused() -> None:
    """The body is part of what is signed."""
    world = World()
    headers = sign("PUT", RUNTIME, "", b'{"cpu":2}', world.now, {})
    reply = world.send("PUT", RUNTIME, b'{"cpu":4}', headers)
    assert reply.json()["Code"] == "SignatureDoesNotMatch"
    assert world.restarts() == 0


def test_a_throttled_request_has_used_its_nonce() -> None:
    """Who tries again must sign again, also after throttling."""
    world = World().set(throttle_next=1)
    headers = sign("GET", RUNTIME, "", b"", world.now, {})
    assert world.send("GET", RUNTIME, None, headers).status_code == 429
    assert world.send("GET", RUNTIME, None, headers).json()["Code"] == "SignatureNonceUsed"


def test_the_status_of_an_unknown_key_is_a_switch() -> None:
    """The pages give both 404 and 400 for an unknown access key."""
    for status in ("404", "400"):
        world = World().set(unknown_key_status=status)
        assert world.signed("GET", RUNTIME, changes={"key": "nobody"}).status_code == int(status)
