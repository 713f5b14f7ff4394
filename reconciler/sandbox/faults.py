"""What goes wrong between a client and the emulated clouds: throttling, lost replies, 5xx, and so on.

A fault is chosen by the switches after the credentials were found good and before anything is
done. `write_effect` says whether the write that it hits takes effect all the same.
"""

from dataclasses import dataclass
from typing import Final, Literal

from reconciler.sandbox import agentrun, appstage
from reconciler.sandbox.context import Context
from reconciler.sandbox.message import Answer

Access = Literal["read", "write", "authenticate"]

_KINDS: Final = ("lost", "error", "hidden_error", "not_json", "redirect")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `answer` None means that the connection is closed without a reply."""

    kind: str
    answer: Answer | None
    effect: str


def choose(context: Context, cloud: str, access: Access, path: str) -> Fault | None:
    """The fault that hits this request, if any; switches that count down are counted down."""
    quirks = context.quirks
    if quirks.fault_cloud not in ("", cloud) or (cloud == "iam" and quirks.fault_cloud != "iam"):
        return None
    group = "writes" if access == "write" else "reads"
    if _throttled(context, group):
        return Fault("throttled", _throttle(context, cloud), "before")
    for kind in _KINDS:
        if context.take(f"{kind}_{group}_next"):
            answer = None if kind == "lost" else _answer(context, kind, cloud, path)
            effect = quirks.write_effect if group == "writes" and kind != "redirect" else "before"
            return Fault(kind, answer, effect)
    return None


def _throttled(context: Context, group: str) -> bool:
    quirks = context.quirks
    if quirks.throttle_on not in ("all", group):
        return False
    if quirks.throttle_every and context.store.count_up("requests") % quirks.throttle_every == 0:
        return True
    return context.take("throttle_next")


def _throttle(context: Context, cloud: str) -> Answer:
    quirks = context.quirks
    wait = quirks.throttle_wait_ms
    headers = {
        "none": {},
        "x-acs-retry-after": {"x-acs-retry-after": str(wait)},
        "retry-after": {"retry-after": str(-(-wait // 1000))},
    }[quirks.throttle_header]
    if cloud == "agentrun":
        said = agentrun.gateway(
            int(quirks.throttle_style), "Throttling.User", "Request was denied due to throttling."
        )
    else:
        said = appstage.failure(429, "APIGW.0308", "The throttling threshold has been reached")
    return Answer(said.status, said.content, headers)


def _answer(context: Context, kind: str, cloud: str, path: str) -> Answer:
    quirks = context.quirks
    match kind:
        case "redirect":
            return Answer(302, b"", {"location": quirks.redirect_to + path})
        case "not_json":
            page = b"<html><body><h1>Service busy</h1></body></html>"
            return Answer(200, page, {"content-type": "text/html; charset=utf-8"})
        case "hidden_error":
            if cloud == "agentrun":
                return agentrun.failure(200, "ERR_INTERNAL_SERVER_ERROR", "internal error")
            return appstage.failure(200, quirks.hidden_error_code, "remote call failed")
        case _:
            return _server_error(int(quirks.error_status), cloud)


def _server_error(status: int, cloud: str) -> Answer:
    if cloud == "agentrun":
        return agentrun.failure(status, "ERR_INTERNAL_SERVER_ERROR", "internal server error")
    if status == 500:
        return appstage.failure(status, "AIAE.00001500", "Internal Server Error.")
    return appstage.failure(status, "APIGW.0201", "Backend unavailable")
