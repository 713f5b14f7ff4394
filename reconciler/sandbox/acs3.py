"""Alibaba Cloud's request signature ACS3-HMAC-SHA256, checked from the bytes that came in.

Written from the vendor's page on version 3 signatures. It knows one key pair and one security
token, all of them the word `sandbox`, and judges nothing but the signature.
"""

import hashlib
import hmac
from calendar import timegm
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, quote

from reconciler.sandbox.message import Received

ACCESS_KEY_ID: Final = "sandbox"
ACCESS_KEY_SECRET: Final = "sandbox"  # noqa: S105  # the documented test credential
SECURITY_TOKEN: Final = "sandbox"  # noqa: S105  # the documented test credential

ALGORITHM: Final = "ACS3-HMAC-SHA256"
VERSION: Final = "2025-09-10"
CLOCK_SKEW_SECONDS: Final = 15 * 60


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a signature is not accepted, in the words of the gateway."""

    code: str
    message: str


def verify(request: Received, action: str, now: float) -> Fault | str:
    """Check one request; the nonce to remember when it is sound.

    `action` is the operation that the path stands for. `now` is seconds since the epoch. Whether
    the nonce is new is for the caller to say: that takes a memory.
    """
    headers = request.headers
    parts = _authorization(headers.get("authorization", ""))
    if parts is None:
        return Fault("IncompleteSignature", f"the Authorization header is no {ALGORITHM} signature")
    key_id, signed, signature = parts
    if key_id != ACCESS_KEY_ID:
        return Fault("InvalidAccessKeyId.NotFound", "Specified access key is not found.")
    return (
        _check_headers(headers, signed, action, now)
        or _check_signature(request, signed, signature)
        or _check_token(headers)
        or headers["x-acs-signature-nonce"]
    )


def canonical_request(request: Received, signed: list[str]) -> str:
    """The text that is hashed and signed, rebuilt from what was received."""
    pairs = sorted(parse_qsl(request.query_string, keep_blank_values=True))
    query = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs)
    lines = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in signed)
    body_hash = request.headers.get("x-acs-content-sha256", "")
    return "\n".join(
        (request.method, request.raw_path or "/", query, lines, ";".join(signed), body_hash)
    )


def sign(canonical: str, secret: str) -> str:
    """The hexadecimal signature of a canonical request."""
    text = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _authorization(value: str) -> tuple[str, list[str], str] | None:
    """Key id, names of the signed headers, signature."""
    algorithm, _, rest = value.partition(" ")
    if algorithm != ALGORITHM:
        return None
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if not all(parts.get(name) for name in ("Credential", "SignedHeaders", "Signature")):
        return None
    return parts["Credential"], parts["SignedHeaders"].split(";"), parts["Signature"]


def _check_headers(
    headers: Mapping[str, str], signed: list[str], action: str, now: float
) -> Fault | None:
    needed = ("host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce")
    for name in (*needed, "x-acs-content-sha256"):
        if not headers.get(name):
            return Fault("IncompleteSignature", f"the header {name} is missing")
    unsigned = [
        name
        for name in headers
        if (name == "host" or name.startswith("x-acs-")) and name not in signed
    ]
    if unsigned:
        return Fault("SignatureDoesNotMatch", f"headers not signed: {', '.join(sorted(unsigned))}")
    if signed != sorted(signed):
        return Fault("SignatureDoesNotMatch", "SignedHeaders is not sorted")
    sent = _seconds(headers["x-acs-date"])
    if sent is None or abs(now - sent) > CLOCK_SKEW_SECONDS:
        return Fault("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
    if headers["x-acs-version"] != VERSION:
        return Fault("InvalidVersion", "Specified parameter Version is not valid.")
    if headers["x-acs-action"] != action:
        return Fault("InvalidAction.NotFound", f"this path is {action}")
    return None


def _check_signature(request: Received, signed: list[str], signature: str) -> Fault | None:
    body_hash = hashlib.sha256(request.body).hexdigest()
    if not hmac.compare_digest(body_hash, request.headers["x-acs-content-sha256"]):
        return Fault("SignatureDoesNotMatch", "x-acs-content-sha256 is not the hash of the body")
    expected = sign(canonical_request(request, signed), ACCESS_KEY_SECRET)
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        return Fault(
            "SignatureDoesNotMatch",
            "Specified signature is not matched with our calculation.",
        )
    return None


def _check_token(headers: Mapping[str, str]) -> Fault | None:
    token = headers.get("x-acs-security-token")
    if token is not None and not hmac.compare_digest(token.encode(), SECURITY_TOKEN.encode()):
        return Fault("InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed.")
    return None


def _seconds(text: str) -> float | None:
    try:
        return float(
            timegm(datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").timetuple())
        )  # the format ends in Z
    except ValueError:
        return None
