"""What this cloud's replies mean: objects to `Live`, envelopes to errors. Pure.

Two envelopes are spoken: the product's (`code`, `message`, `requestId`) and the gateway's (`Code`,
`Message`, `RequestId`). Shapes are never trusted: what has another type than the page says is a
read that failed, with the field named.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

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
from reconciler.model.outcome import Cause
from reconciler.model.tree import Json, Tree, kind_of
from reconciler.ports import Access
from reconciler.providers.agentrun.operations import (
    CALLS,
    CREATE,
    GET,
    RETRY_AFTER_MILLISECONDS,
)
from reconciler.wire.call import Call, Reply

HEALTH: Final[Mapping[str, Health]] = {
    "READY": Health.READY,
    "CREATING": Health.BUSY,
    "UPDATING": Health.BUSY,
    "DELETING": Health.BUSY,
    "FAILED": Health.FAILED,
    "CREATE_FAILED": Health.FAILED,
    "UPDATE_FAILED": Health.FAILED,
    "DELETE_FAILED": Health.FAILED,
}

_TEXTS: Final = ("agentRuntimeId", "agentRuntimeName", "status", "statusReason", "lastUpdatedAt")

_AUTH_CODES: Final = (
    "InvalidAccessKeyId",
    "InvalidAccessKeySecret",
    "InvalidSecurityToken",
    "InvalidTimeStamp",
    "IncompleteSignature",
    "MissingAccessKeyId",
    "MissingSecurityToken",
    "SignatureDoesNotMatch",
    "Forbidden",
    "NoPermission",
)
"""How the codes of the gateway begin that mean: these credentials will not do."""

_ABSENT: Final = ("does not exist", "not found")
_PRESENT: Final = "already exists"


def health_of(status: str) -> Health:
    """What a status word means; a word that no page names is `UNKNOWN`, never ready."""
    if status in HEALTH:
        return HEALTH[status]
    return Health.FAILED if status.endswith("_FAILED") else Health.UNKNOWN


def to_live(
    item: Json, date: float | None, seal: Callable[[str], str], hints: tuple[str, ...] = ()
) -> Live | Unread:
    """One runtime as a read showed it. `date` is the reply's own, in seconds since the epoch."""
    if not isinstance(item, dict):
        return _strange(f"{kind_of(item)} where an AgentRuntime should stand")
    for name in _TEXTS:
        if not isinstance(item.get(name, ""), str | None):
            return _strange(f"{kind_of(item[name])} as {name}")
    if not item.get("agentRuntimeId"):
        return _strange("an AgentRuntime without agentRuntimeId")
    status = item.get("status") or ""
    stamp_text = item.get("lastUpdatedAt") or ""
    stamp, age, more = _stamp(stamp_text, date, seal)
    return Live(
        id=item["agentRuntimeId"],
        tree=item,
        health=health_of(status),
        status=seal(status),
        status_reason=seal(item.get("statusReason") or ""),
        stamp=stamp,
        stamp_text=seal(stamp_text),
        age_seconds=age,
        hints=hints + more,
    )


def _strange(what: str) -> Unread:
    return Unread(f"the cloud sent {what}", Cause.CLOUD)


def _stamp(
    text: str, date: float | None, seal: Callable[[str], str]
) -> tuple[float | None, float | None, tuple[str, ...]]:
    """Seconds since the epoch, age by the reply's own date, and what there is to say of it."""
    if not text:
        return None, None, ()
    try:
        moment = datetime.fromisoformat(text)
        stamp = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None, None, (f"lastUpdatedAt cannot be read as a time: {seal(text)}",)
    if stamp <= 0:
        return None, None, ()  # the zero time of the server's language: never updated
    if moment.tzinfo is None:
        # No page says which zone that would be: it orders stamps, it tells no age.
        return stamp, None, ("lastUpdatedAt names no time zone, so its age is not known",)
    return stamp, None if date is None else max(0.0, date - stamp), ()


def judge(call: Call, reply: Reply) -> CloudError | None:
    """See `reconciler.wire.call.Judge`."""
    body: Tree = reply.data if isinstance(reply.data, dict) else {}
    code = _text_of(body, "code", "Code")
    if 200 <= reply.status < 300:
        if code == "SUCCESS":
            return None
        if not code:
            writes = CALLS[call.operation] is Access.WRITE
            kind: type[CloudError] = LostReply if writes else ServerFailed
            return kind(call.operation, "the reply has no envelope", status=reply.status)
    message = _text_of(body, "message", "Message")
    return _class_of(call, reply, code, message.lower())(
        call.operation,
        (message or "no reason was given") + _advice(code),
        status=reply.status,
        code=code,
        request_id=_text_of(body, "requestId", "RequestId"),
    )


def _text_of(body: Tree, *names: str) -> str:
    return next((body[name] for name in names if isinstance(body.get(name), str)), "")


def _advice(code: str) -> str:
    expired = code.startswith("InvalidTimeStamp")
    if not expired:
        return ""
    return "; is this machine's clock right? A signature is good within 15 minutes of the cloud's"


def _class_of(call: Call, reply: Reply, code: str, text: str) -> type[CloudError]:
    """Which error an envelope means. The first that fits: gateway words before statuses."""
    status = reply.status
    told_to_wait = 400 <= status < 500 and RETRY_AFTER_MILLISECONDS in reply.headers
    rules: tuple[tuple[bool, type[CloudError]], ...] = (
        (code.startswith("Throttling") or status == 429 or told_to_wait, Throttled),
        (call.operation == CREATE and (status == 409 or _PRESENT in text), AlreadyExists),
        (status >= 500 or code == "ERR_INTERNAL_SERVER_ERROR", ServerFailed),
        # Ours is fresh at every try: this one was repeated on its way, and its first copy may
        # have been carried out.
        (code == "SignatureNonceUsed", LostReply),
        (status in (401, 403) or code.startswith(_AUTH_CODES), AccessDenied),
        # A 404 without any envelope is somebody else's: nothing is proved by it.
        (status == 404 and isinstance(reply.data, dict) and bool(code or text), NotFound),
        (call.operation == GET and any(word in text for word in _ABSENT), NotFound),
    )
    return next((kind for fits, kind in rules if fits), Refused)


def read_item(reply: Reply) -> Json:
    """The `data` of a reply that was judged a success."""
    return reply.data.get("data") if isinstance(reply.data, dict) else None
