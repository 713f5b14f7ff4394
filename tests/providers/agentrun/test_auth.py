"""Signatures, proven by vectors that others made."""

import hashlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from reconciler.model.sealed import Sealed
from reconciler.providers.agentrun.auth import Acs3, Credentials, canonical_query, sign
from tests.support.vectors import VECTORS


def credentials(vector: dict[str, Any]) -> Credentials:
    token = vector["headers"].get("x-acs-security-token")
    return Credentials(
        VECTORS["access_key_id"],
        Sealed(VECTORS["access_key_secret"]),
        Sealed(token) if token else None,
    )


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda v: v["name"])
def test_the_pure_signature_is_that_of_the_vendors_client(vector: dict[str, Any]) -> None:
    """Given the same headers, canonical request and authorization are the vendor's, to the byte."""
    query = "&".join(str(httpx.QueryParams({k: v})) for k, v in vector["query"].items())
    signed = sign(vector["method"], vector["path"], query, vector["headers"], credentials(vector))
    assert signed.canonical_request == vector["canonical_request"]
    assert signed.authorization == vector["authorization"]


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda v: v["name"])
def test_a_request_leaves_with_the_headers_of_the_vendors_client(vector: dict[str, Any]) -> None:
    """A request signed on its way out has the vendor's headers, signature included."""
    headers = vector["headers"]
    plain = {
        name: headers[name] for name in ("accept", "user-agent", "content-type") if name in headers
    }
    request = httpx.Request(
        vector["method"],
        f"https://{headers['host']}{vector['path']}",
        params=vector["query"] or None,
        headers=plain | {"accept-encoding": "identity"},
        content=vector["body"].encode() or None,
        extensions={"operation": headers["x-acs-action"]},
    )
    auth = Acs3(credentials(vector), _at(VECTORS["date"]), lambda: VECTORS["nonce"])
    next(auth.sync_auth_flow(request))
    assert request.headers["authorization"] == vector["authorization"]
    sent = {name: value for name, value in request.headers.items() if name in headers}
    assert sent == headers


def _at(date: str) -> Callable[[], float]:
    from datetime import datetime

    moment = datetime.fromisoformat(date).timestamp()
    return lambda: moment


@pytest.mark.parametrize(
    ("date", "nonce", "signature"),
    [
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
    ],
)
def test_the_published_examples_sign_as_published(date: str, nonce: str, signature: str) -> None:
    """The two examples on the vendor's pages give the signatures printed there."""
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": date,
        "x-acs-signature-nonce": nonce,
        "x-acs-version": "2014-05-26",
    }
    query = "RegionId=cn-shanghai&ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"
    keys = Credentials("YourAccessKeyId", Sealed("YourAccessKeySecret"))
    assert sign("POST", "/", query, headers, keys).authorization.endswith(f"Signature={signature}")


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("", ""),
        ("b=2&a=1", "a=1&b=2"),
        ("a=x+y&b=x%20y", "a=x%20y&b=x%20y"),
        ("a=%7e~%2f*", "a=~~%2F%2A"),
        ("a", "a="),
        ("a=b=c", "a=b%3Dc"),
    ],
)
def test_a_query_is_signed_the_same_however_it_is_encoded(raw: str, canonical: str) -> None:
    """Plus or %20, lower or upper case, any order: one canonical query."""
    assert canonical_query(raw) == canonical


def test_each_request_has_its_own_nonce_and_date_and_no_secret_in_sight() -> None:
    """Two requests never share a nonce; the secret is in no header and no repr."""
    nonces = iter(("n1", "n2"))
    times = iter((0.0, 1.0))
    keys = Credentials("AK", Sealed("canary-secret"), Sealed("canary-token"))
    auth = Acs3(keys, lambda: next(times), lambda: next(nonces))
    seen = []
    for _ in range(2):
        request = httpx.Request("GET", "http://127.0.0.1:1/", extensions={"operation": "Get"})
        next(auth.sync_auth_flow(request))
        seen.append((request.headers["x-acs-signature-nonce"], request.headers["x-acs-date"]))
        assert "canary-secret" not in str(request.headers.multi_items())
        assert request.headers["x-acs-credentials-provider"] == "static_sts"
    assert seen == [("n1", "1970-01-01T00:00:00Z"), ("n2", "1970-01-01T00:00:01Z")]
    assert "canary" not in repr(keys)
