"""One request in, one answer out: which call it is, whether it may, what happens, and the log.

Everything is one transaction, so several processes can share a sandbox. Nothing here waits: late
effects are deadlines that the next request to come finds due.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from reconciler.sandbox import acs3, agentrun, agentrun_update, appstage, faults, iam, masking
from reconciler.sandbox.context import Context
from reconciler.sandbox.message import Answer, Received
from reconciler.sandbox.store import Late, LogLine, Store

Json = Any
Handler = Callable[[Context, Received, Mapping[str, str]], Answer]


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of one cloud. `pattern` matches the decoded path; its groups are parameters."""

    name: str
    cloud: str
    access: faults.Access
    method: str
    pattern: re.Pattern[str]
    handler: Handler


def _runtimes(
    name: str, access: faults.Access, method: str, path: str, handler: Handler
) -> Operation:
    pattern = re.compile(f"/2025-09-10/{path}")
    return Operation(name, agentrun.CLOUD, access, method, pattern, handler)


def _agents(name: str, access: faults.Access, method: str, handler: Handler) -> Operation:
    pattern = re.compile(r"/open/user/agent/(?P<id>[A-Za-z0-9]{1,64})")
    return Operation(name, appstage.CLOUD, access, method, pattern, handler)


_ONE: Final = "agents/runtimes/(?P<id>[^/]+)"
_POINT: Final = "agents/endpoints/(?P<id>[^/]+)"

OPERATIONS: Final = (
    _runtimes("ListAgentRuntimes", "read", "GET", "agents/runtimes", agentrun.list_runtimes),
    _runtimes("CreateAgentRuntime", "write", "POST", "agents/runtimes", agentrun.create),
    _runtimes("GetAgentRuntime", "read", "GET", _ONE, agentrun.get),
    _runtimes("UpdateAgentRuntime", "write", "PUT", _ONE, agentrun.put),
    _runtimes("DeleteAgentRuntime", "write", "DELETE", _ONE, agentrun.delete),
    _runtimes("ListWorkspaces", "read", "GET", "workspaces", agentrun.list_workspaces),
    _runtimes(
        "ListAgentRuntimeVersions", "read", "GET", f"{_ONE}/versions", agentrun.list_versions
    ),
    _runtimes(
        "ListAgentRuntimeEndpoints", "read", "GET", f"{_ONE}/endpoints", agentrun.list_endpoints
    ),
    _runtimes("PublishRuntimeVersion", "write", "POST", f"{_ONE}/versions", agentrun.refuse),
    _runtimes("CreateAgentRuntimeEndpoint", "write", "POST", f"{_ONE}/endpoints", agentrun.refuse),
    _runtimes("GetAgentRuntimeEndpoint", "read", "GET", _POINT, agentrun.refuse),
    _runtimes("UpdateAgentRuntimeEndpoint", "write", "PUT", _POINT, agentrun.refuse),
    _runtimes("DeleteAgentRuntimeEndpoint", "write", "DELETE", _POINT, agentrun.refuse),
    _agents("GetAgent", "read", "GET", appstage.get),
    _agents("UpdateAgent", "write", "PUT", appstage.put),
    _agents("DeleteAgent", "write", "DELETE", appstage.delete),
    Operation(
        "CreateToken",
        "iam",
        "authenticate",
        "POST",
        re.compile("/v3/auth/tokens"),
        iam.create_token,
    ),
    Operation(
        "CreateTokenWithIdToken",
        "iam",
        "authenticate",
        "POST",
        re.compile("/v3.0/OS-AUTH/id-token/tokens"),
        iam.refuse_id_token,
    ),
)
"""Every call that is answered; the paths of the clouds are distinct, so one port serves all."""


def handle(store: Store, request: Received, now: float) -> Answer | None:
    """Answer one request at a moment (seconds since the epoch); None: no reply is sent."""
    with store.transaction():
        apply_due(store, now)
        context = Context(store, now, store.quirks())
        found = _match(request)
        if found is None:
            answer: Answer | None = _no_such_call(request)
            operation = None
        else:
            operation, params = found
            answer = _gate(context, operation, request) or _carry_out(
                context, operation, request, params
            )
            answer = None if answer is _LOST else answer
        _log(context, operation, request, answer)
        return answer


def apply_due(store: Store, now: float) -> None:
    """Let every late effect happen that is due, at its own moment."""
    while (late := store.take_due(now)) is not None:
        context = Context(store, late.due, store.quirks())
        if "revert" in late.document:
            _revert(context, late)
        else:
            _catch_up(context, late)


LATE: Final = "LATE"
"""The method in the log where an effect came late: there was no request at that moment."""

_LOST: Final = Answer(0)
"""Stands for a connection that is closed without a reply."""


def _match(request: Received) -> tuple[Operation, Mapping[str, str]] | None:
    for operation in OPERATIONS:
        match = operation.pattern.fullmatch(request.path)
        if match and operation.method == request.method:
            return operation, {**match.groupdict(), "operation": operation.name}
    return None


def _gate(context: Context, operation: Operation, request: Received) -> Answer | None:
    """The refusal of a request whose credentials are not good."""
    match operation.cloud:
        case agentrun.CLOUD:
            verdict = acs3.verify(request, operation.name, context.now)
            if isinstance(verdict, acs3.Fault):
                return _refused_key(context, verdict)
            if not context.store.use_nonce(verdict, context.now):
                return agentrun.gateway(
                    400, "SignatureNonceUsed", "Specified signature nonce was used already."
                )
            return None
        case appstage.CLOUD:
            return iam.authenticate(context, request)
        case _:
            return None


def _refused_key(context: Context, fault: acs3.Fault) -> Answer:
    unknown = fault.code == "InvalidAccessKeyId.NotFound"
    status = int(context.quirks.unknown_key_status) if unknown else 400
    return agentrun.gateway(status, fault.code, fault.message)


def _carry_out(
    context: Context, operation: Operation, request: Received, params: Mapping[str, str]
) -> Answer:
    fault = faults.choose(context, operation.cloud, operation.access, request.raw_path)
    if fault is None:
        return operation.handler(context, request, params)
    context.agent = context.store.name_of(operation.cloud, params.get("id", ""))
    context.notes.append(fault.kind.replace("_", " "))
    if operation.access == "write":
        context.notes.append(f"effect {fault.effect}" if fault.effect != "before" else "no effect")
        if fault.effect == "after":
            operation.handler(context, request, params)
        elif fault.effect == "late":
            _put_off(context, operation, request)
    return _LOST if fault.answer is None else fault.answer


def _put_off(context: Context, operation: Operation, request: Received) -> None:
    document = {
        "operation": operation.name,
        "path": request.raw_path,
        "query": request.query_string,
        "body": request.body.decode("utf-8", "surrogateescape"),
    }
    context.store.put_off(context.now + context.quirks.late_seconds, document)


def _catch_up(context: Context, late: Late) -> None:
    stored = late.document
    body = stored["body"].encode("utf-8", "surrogateescape")
    operation = next(item for item in OPERATIONS if item.name == stored["operation"])
    request = Received(operation.method, stored["path"], stored["query"], {}, body)
    found = _match(request)
    if found:
        answer = operation.handler(context, request, found[1])
        context.notes.append("late effect" if answer.succeeded else "late effect refused")
        _log(context, operation, request, None, method=LATE)


def _revert(context: Context, late: Late) -> None:
    agent = context.find(late.document["cloud"], late.document["id"])
    if agent is not None:
        context.store.save(agentrun_update.revert(context, agent, late.document["revert"]))


def _no_such_call(request: Received) -> Answer:
    if request.path.startswith("/2025-09-10/"):
        return agentrun.gateway(404, "InvalidAction.NotFound", "Specified api is not found.")
    return appstage.failure(404, "APIGW.0101", "The API does not exist or has not been published")


def _log(
    context: Context,
    operation: Operation | None,
    request: Received,
    answer: Answer | None,
    *,
    method: str = "",
) -> None:
    query = masking.mask_query(request.query_string)
    context.store.log(
        LogLine(
            at=context.now,
            cloud=operation.cloud if operation else "",
            operation=operation.name if operation else "",
            agent=context.agent,
            method=method or request.method,
            target=request.raw_path + (f"?{query}" if query else ""),
            status=answer.status if answer else None,
            note=", ".join(context.notes),
            body=masking.mask_body(request.body),
        )
    )
