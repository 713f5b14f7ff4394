"""What a reply of AppStage, of its gateway or of IAM means. Pure: no I/O, no retry.

Errors come as an object, as an array of objects, inside HTTP 200, and in IAM's own envelope. What
carries a code is read by its code first, then by its HTTP status; nothing that carries a code is
ever taken for success. Null, nothing and zero are no codes. What a cloud says is passed on whole:
the wire seals it and then cuts it. Sources: updateAgent, ErrorCode and api-sign-errorcode of the
vendor.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from reconciler.model.errors import (
    AccessDenied,
    CloudError,
    Locked,
    NotFound,
    Refused,
    ServerFailed,
    Throttled,
)
from reconciler.model.tree import Json
from reconciler.providers.appstage.calls import CREATE_TOKEN
from reconciler.wire.call import Call, Reply

Meaning: TypeAlias = type[CloudError]


class TokenRefused(AccessDenied):
    """The token itself was not accepted, by whichever agent was asked for."""


_BY_CODE: Final[dict[str, Meaning]] = {
    "AIAE.20002042": Locked,
    "AIAE.20002023": NotFound,
    "AIAE.00001500": ServerFailed,
    "AIAE.22001005": ServerFailed,
    "AIAE.22009001": ServerFailed,
    "AIAE.22001002": AccessDenied,
    "AIAE.22001003": AccessDenied,
    "AIAE.22001008": AccessDenied,
}

# The gateway uses one number under several prefixes (APIGW., APIG., APIC.).
_BY_SUFFIX: Final[dict[str, Meaning]] = {
    ".0301": AccessDenied,
    ".0307": AccessDenied,
    ".0308": Throttled,
}

_BY_STATUS: Final[dict[int, Meaning]] = {401: AccessDenied, 403: AccessDenied, 429: Throttled}

_TOKEN_CODES: Final = frozenset({"AIAE.22001002", "AIAE.22001003"})
_TOKEN_SUFFIXES: Final = (".0301", ".0307")


@dataclass(frozen=True, slots=True)
class Said:
    """One error as the cloud worded it. An empty `code`: the reply names none."""

    code: str
    text: str


def _said(entry: Json, *, failed: bool) -> Iterator[Said]:
    if not isinstance(entry, dict):
        return
    if code := _code(entry.get("error_code")):
        yield Said(code, _text(entry.get("error_msg")))
    elif failed and isinstance(entry.get("error"), dict):  # IAM's envelope
        inner = entry["error"]
        words = _text(inner.get("message")) or _text(inner.get("title"))
        yield Said(_code(inner.get("code")), words)
    elif failed and entry.get("error_msg"):
        yield Said("", _text(entry["error_msg"]))


def _code(value: Json) -> str:
    """A code as text, empty where there is none. Zero is how many services write "no error"."""
    if value is None or (value == 0 and value is not False):
        return ""
    text = value.strip() if isinstance(value, str) else json.dumps(value)
    return "" if text == "0" else text


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def said(reply: Reply) -> tuple[Said, ...]:
    """Every error that a reply names, in the reply's order; empty for a success."""
    entries = reply.data if isinstance(reply.data, list) else [reply.data]
    failed = not 200 <= reply.status < 300
    return tuple(error for entry in entries for error in _said(entry, failed=failed))


def refuses_token(reply: Reply) -> bool:
    """Whether this reply says that the token is not, or no longer, good.

    HTTP 401 does, and so do the codes `….0301`, `….0307`, `AIAE.22001002` and `AIAE.22001003`,
    inside HTTP 200 as well, where nothing in the reply says anything else.
    """
    errors = said(reply)
    if not errors:
        return reply.status == 401
    return all(
        error.code in _TOKEN_CODES
        or error.code.endswith(_TOKEN_SUFFIXES)
        or (reply.status == 401 and error.code not in _BY_CODE)
        for error in errors
    )


def _meaning(error: Said, status: int) -> Meaning:
    known = _BY_CODE.get(error.code) or next(
        (meaning for suffix, meaning in _BY_SUFFIX.items() if error.code.endswith(suffix)), None
    )
    if status >= 500 and known not in (AccessDenied, Throttled):
        return ServerFailed
    return known or _BY_STATUS.get(status, Refused)


def _together(meanings: list[Meaning]) -> Meaning:
    """What several errors in one reply mean.

    The vendor's page shows an array of seven codes that contradict each other, maybe a list of
    possibilities. The first decides where it says that the agent takes no updates. Absence and
    "nothing happened" are believed only where all entries agree; a code that leaves the outcome
    open wins, then one about access; otherwise the first decides as well.
    """
    first = meanings[0]
    if first is Locked or len(set(meanings)) == 1:
        return first
    for grave in (ServerFailed, AccessDenied):
        if grave in meanings:
            return grave
    return Refused if first in (NotFound, Throttled) else first


def _advice(meaning: Meaning, errors: tuple[Said, ...], *, given_token: bool) -> str:
    codes = {error.code for error in errors}
    if meaning is Locked:
        return (
            "a published agent takes no updates; unpublish it in the console, "
            "or copy it there and manage the copy"
        )
    if meaning is not TokenRefused:
        return ""
    if given_token:
        return (
            "HUAWEICLOUD_AUTH_TOKEN has expired, or was issued in another region than the agent's"
        )
    if any(code.endswith(".0307") for code in codes):
        return (
            "a fresh token was refused too: it may belong to another region; "
            "see appstage.iam.region and appstage.iam.endpoint"
        )
    return ""


def judge(call: Call, reply: Reply, *, given_token: bool = False) -> CloudError | None:
    """The error that a reply is, or None for a success. See `wire.call.Judge`.

    `given_token`: the token came from the environment, so there was no second try with a new one.
    A final no of IAM is always about the credentials or what they may do.
    """
    errors = said(reply)
    if 200 <= reply.status < 300 and not errors:
        return None
    meaning = _together([_meaning(error, reply.status) for error in errors or (Said("", ""),)])
    if call.operation == CREATE_TOKEN:
        meaning = AccessDenied if meaning in (Refused, NotFound, Locked) else meaning
    elif meaning is AccessDenied and refuses_token(reply):
        meaning = TokenRefused
    words = "; ".join(_one(error, alone=len(errors) == 1) for error in errors)
    advice = _advice(meaning, errors, given_token=given_token)
    return meaning(
        call.operation,
        "; ".join(part for part in (words or _NO_WORDS[meaning], advice) if part),
        status=reply.status,
        code=", ".join(error.code for error in errors if error.code),
        request_id=_request_id(reply),
    )


_NO_WORDS: Final[dict[Meaning, str]] = {
    AccessDenied: "the credentials were not accepted, or lack the permission",
    TokenRefused: "the token was not accepted",
    Throttled: "too many requests",
    ServerFailed: "the cloud failed",
    Refused: "the cloud refused the request",
    Locked: "locked",
    NotFound: "there is no such agent",
}


def _one(error: Said, *, alone: bool) -> str:
    if alone or not error.code:
        return error.text
    return f"{error.code} {error.text}".rstrip()


def _request_id(reply: Reply) -> str:
    body = reply.data if isinstance(reply.data, dict) else {}
    found = body.get("request_id") or reply.headers.get("x-request-id") or ""
    return _text(found)
