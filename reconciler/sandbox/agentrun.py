"""Alibaba Cloud AgentRun: the calls on runtimes, and what can be read beside them.

Endpoints and versions are read-only here; every other call on them is refused in the vendor's
envelope. What no page establishes is decided by a switch.
"""

import hashlib
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from reconciler.sandbox import agentrun_fields as fields
from reconciler.sandbox import agentrun_update as update
from reconciler.sandbox import seeds
from reconciler.sandbox.agents import READY, Agent, Image, Phase
from reconciler.sandbox.context import Context
from reconciler.sandbox.message import NOT_JSON, Answer, Received

Json = Any
CLOUD: Final = "agentrun"
DEFAULT_PAGE_SIZE: Final = 10
_PAGE_NUMBER: Final = re.compile("[1-9][0-9]{0,8}")

Params = Mapping[str, str]


def success(data: Json, status: int = 200) -> Answer:
    """The product's envelope of a success."""
    return Answer(status, {"code": "SUCCESS", "requestId": _request_id(), "data": data})


def failure(status: int, code: str, message: str) -> Answer:
    """The product's envelope of a failure (camelCase)."""
    return Answer(status, {"code": code, "message": message, "requestId": _request_id()})


def gateway(status: int, code: str, message: str, **headers: str) -> Answer:
    """The gateway's envelope (PascalCase)."""
    content = {"Code": code, "Message": message, "RequestId": _request_id()}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, content, named)


def create(context: Context, request: Received, _: Params) -> Answer:
    """CreateAgentRuntime."""
    body = request.json
    if not isinstance(body, dict):
        return _no_body(body)
    context.agent = str(body.get("agentRuntimeName") or "")
    lacking = fields.missing(body)
    if lacking:
        return failure(400, "ERR_BAD_REQUEST", "; ".join(lacking))
    wrong = fields.invalid(body)
    if wrong:
        return failure(400, "ERR_VALIDATION_FAILED", "; ".join(wrong))
    held = {name: value for name, value in fields.accept(body).items() if value is not None}
    held.setdefault("workspaceId", _default_workspace(context))
    held.setdefault("sessionConcurrencyLimitPerInstance", 1)
    if held["workspaceId"] not in {workspace.id for workspace in context.store.workspaces()}:
        return failure(404, "ERR_NOT_FOUND", f"workspace {held['workspaceId']} does not exist")
    if _name_taken(context, held) and not context.quirks.duplicate_names:
        return failure(409, "ERR_ALREADY_EXISTS", f"agent runtime {context.agent} already exists")
    agent = _new_agent(context, held)
    context.store.save(agent)
    return success(_show(context, agent, agent.now))


def list_runtimes(context: Context, request: Received, _: Params) -> Answer:
    """ListAgentRuntimes: filters are joined by and; without searchMode=exact names are fuzzy."""
    page = _page(request.query, context)
    if isinstance(page, Answer):
        return page
    number, size = page
    condition, values = _conditions(request.query)
    offset = (number - 1) * (size - min(context.quirks.page_overlap, size - 1))
    if context.quirks.list_lag_seconds or {"status", "systemTags"} & request.query.keys():
        chosen = _filtered(context, request.query, condition, values)
        total, shown = len(chosen), chosen[offset : offset + size]
    else:
        condition += " AND (gone IS NULL OR gone > ?)"
        values = [*values, context.now]
        total = context.store.count(CLOUD, condition, *values)
        agents = context.store.agents(
            CLOUD, condition, *values, page=f"LIMIT {size} OFFSET {offset}"
        )
        shown = [_show(context, agent, agent.now) for agent in agents]
    answer = {"items": shown, "pageNumber": number, "pageSize": size}
    return success(answer if context.quirks.total_missing else {**answer, "total": total})


def get(context: Context, request: Received, params: Params) -> Answer:
    """GetAgentRuntime; `agentRuntimeVersion` may be LATEST or the version that there is."""
    agent = context.store.agent(CLOUD, params["id"])
    image = context.seen(agent) if agent else None
    if agent is None or image is None:
        return _absent(params["id"])
    context.agent = agent.name
    wanted = request.query.get("agentRuntimeVersion", "LATEST")
    if wanted not in ("LATEST", str(image.version)):
        return failure(404, "ERR_NOT_FOUND", f"version {wanted} does not exist")
    return success(_show(context, agent, image))


def put(context: Context, request: Received, params: Params) -> Answer:
    """UpdateAgentRuntime: shallow merge, then a restart."""
    agent = context.find(CLOUD, params["id"])
    if agent is None:
        return _absent(params["id"])
    context.agent = agent.name
    body = request.json
    if not isinstance(body, dict):
        return _no_body(body)
    refusal = _refusal(context, agent, body)
    if refusal:
        return refusal
    written = update.write(context, agent, body)
    context.store.save(written)
    reply = _show(context, written, written.now, reply_to_put=True)
    return success(reply, int(context.quirks.put_status))


def delete(context: Context, _: Received, params: Params) -> Answer:
    """DeleteAgentRuntime: DELETING for as long as a restart takes, then gone."""
    agent = context.find(CLOUD, params["id"])
    if agent is None:
        return _absent(params["id"])
    context.agent = agent.name
    context.store.forget_gone(context.now)
    if agent.gone is None:
        status = agent.now.phase.status(context.now)
        phase = Phase("DELETING", context.now, None, "", "", *status)
        image = Image(
            context.now,
            update.stamp(agent, context.now),
            agent.now.body,
            phase,
            agent.now.version,
        )
        gone = context.now + context.quirks.restart_seconds
        context.store.save(replace(agent.written(image, writes=1), gone=gone))
    return success({"agentRuntimeId": agent.id, "agentRuntimeName": "", "status": ""})


def list_versions(context: Context, request: Received, params: Params) -> Answer:
    """ListAgentRuntimeVersions: nothing can be published here, so there is LATEST alone."""
    agent = context.find(CLOUD, params["id"])
    if agent is None:
        return _absent(params["id"])
    context.agent = agent.name
    shown = _show(context, agent, agent.now)
    names = ("agentRuntimeArn", "agentRuntimeId", "agentRuntimeName", "lastUpdatedAt")
    item = {name: shown[name] for name in names if name in shown}
    return _listing(context, request, [{**item, "agentRuntimeVersion": "LATEST"}])


def list_endpoints(context: Context, request: Received, params: Params) -> Answer:
    """ListAgentRuntimeEndpoints: none can be made here, so there are none."""
    agent = context.find(CLOUD, params["id"])
    if agent is None:
        return _absent(params["id"])
    context.agent = agent.name
    return _listing(context, request, [])


def list_workspaces(context: Context, request: Received, _: Params) -> Answer:
    """ListWorkspaces; the filter by name is taken as fuzzy, like that of runtimes."""
    if context.quirks.workspaces_forbidden:
        return gateway(403, "NoPermission", "You are not authorized to do this action.")
    wanted = request.query.get("name", "")
    items = [
        {
            "workspaceId": workspace.id,
            "name": workspace.name,
            "isDefault": workspace.is_default,
            "description": "",
            "createdAt": _time(seeds.RUNTIME_CREATED, context.quirks.stamp_resolution),
        }
        for workspace in context.store.workspaces()
        if wanted in workspace.name
    ]
    return _listing(context, request, items, "workspaces")


def refuse(_: Context, __: Received, params: Params) -> Answer:
    """Calls that exist at the vendor and are not emulated."""
    return failure(400, "ERR_BAD_REQUEST", f"the sandbox does not emulate {params['operation']}")


def add(context: Context, body: Mapping[str, Json]) -> Agent:
    """A runtime that is simply there, settled since now; for filling a sandbox."""
    held = {"workspaceId": _default_workspace(context), **fields.accept(body)}
    agent = _new_agent(context, {"sessionConcurrencyLimitPerInstance": 1, **held})
    done = replace(agent.now.phase, word=READY, ends=context.now, then=READY)
    return replace(agent, images=(replace(agent.now, phase=done),))


def _new_agent(context: Context, held: dict[str, Json]) -> Agent:
    number = context.store.count_up("agents")
    digest = hashlib.sha256(f"{held['agentRuntimeName']}/{number}".encode()).hexdigest()
    agent_id, name = f"ar-{digest[:16]}", held["agentRuntimeName"]
    phase = context.restart(agent_id, name, None)
    image = Image(context.now, context.now, held, phase)
    return Agent(
        CLOUD, agent_id, name, held["workspaceId"], context.now, (image,), restarts=0, writes=1
    )


def _refusal(context: Context, agent: Agent, body: dict[str, Json]) -> Answer | None:
    if body.get("cpu") is None:
        return failure(400, "ERR_BAD_REQUEST", "CPU is required")
    wrong = fields.invalid(body) + update.refused_empties(context.quirks, agent, body)
    if wrong:
        return failure(400, "ERR_VALIDATION_FAILED", "; ".join(wrong))
    if context.quirks.rename == "refused" and body.get("agentRuntimeName") not in (
        None,
        agent.name,
    ):
        return failure(400, "ERR_BAD_REQUEST", "agentRuntimeName cannot be changed")
    if agent.gone is not None:
        return failure(400, "ERR_BAD_REQUEST", "the agent runtime is being deleted")
    policy = context.quirks.busy_put
    if policy != "accept" and agent.now.phase.busy(context.now):
        return failure(
            int(policy.removeprefix("refuse-")),
            "ERR_BAD_REQUEST" if policy == "refuse-400" else "ERR_CONFLICT",
            "runtime must be in READY status to update",
        )
    return None


def _show(
    context: Context, agent: Agent, image: Image, *, reply_to_put: bool = False
) -> dict[str, Json]:
    """The wire object of one image, as a reply shows it now."""
    quirks, phase = context.quirks, image.phase
    stale = 0.0 if reply_to_put else quirks.stale_status_seconds
    status, reason = phase.status(context.now, stale)
    if reply_to_put and quirks.stale_status_in_put_reply and phase.before:
        status, reason = phase.before, phase.before_reason
    stamp = image.stamp
    if quirks.stamp_moves_at_restart_end and not phase.busy(context.now):
        stamp = max(stamp, phase.ends or stamp)
    identity = uuid.uuid5(uuid.NAMESPACE_OID, agent.id)
    version = image.version if quirks.version_moves else 1
    tree = {
        "agentRuntimeId": agent.id,
        "agentRuntimeArn": f"acs:agentrun:{seeds.REGION}:{seeds.ACCOUNT}:runtimes/{identity}",
        "agentRuntimeVersion": version if quirks.version_type == "number" else str(version),
        "status": status,
        "statusReason": reason,
        "createdAt": _time(agent.created, quirks.stamp_resolution),
        "lastUpdatedAt": _time(stamp, quirks.stamp_resolution),
        **fields.shown(image.body, quirks),
    }
    return {name: value for name, value in tree.items() if name not in quirks.dropped_fields}


def _conditions(query: Mapping[str, str]) -> tuple[str, list[Any]]:
    """The filters that SQL can do; matching of names is by code point."""
    condition, values = "1", list[Any]()
    name = query.get("agentRuntimeName")
    if name and query.get("searchMode") == "exact":
        condition, values = "name = ?", [name]
    elif name:
        condition, values = "instr(name, ?) > 0", [name]
    for key in ("workspaceId", "workspaceIds"):
        groups = [part for part in query.get(key, "").split(",") if part]
        if groups:
            condition += f" AND grp IN ({', '.join('?' * len(groups))})"
            values += groups
    return condition, values


def _filtered(
    context: Context, query: Mapping[str, str], condition: str, values: Sequence[Any]
) -> list[dict[str, Json]]:
    """The list where SQL cannot tell: lagging images, statuses, tags."""
    statuses = {part for part in query.get("status", "").split(",") if part}
    tags = {part for part in query.get("systemTags", "").split(",") if part}
    chosen = []
    for agent in context.store.agents(CLOUD, condition, *values):
        image = context.seen(agent, listing=True)
        if image is None:
            continue
        item = _show(context, agent, image)
        if statuses and item.get("status") not in statuses:
            continue
        if tags <= set(image.body.get("systemTags") or ()):
            chosen.append(item)
    return chosen


def _page(query: Mapping[str, str], context: Context) -> tuple[int, int] | Answer:
    number = query.get("pageNumber") or "1"
    size = query.get("pageSize") or str(DEFAULT_PAGE_SIZE)
    if not (_PAGE_NUMBER.fullmatch(number) and _PAGE_NUMBER.fullmatch(size)):
        return failure(
            400, "ERR_VALIDATION_FAILED", "pageNumber and pageSize must be positive numbers"
        )
    limit = context.quirks.page_size_limit
    if int(size) > limit and context.quirks.page_over_limit == "refuse":
        return failure(400, "ERR_VALIDATION_FAILED", f"pageSize must be at most {limit}")
    return int(number), min(int(size), limit)


def _listing(
    context: Context, request: Received, items: list[Json], member: str = "items"
) -> Answer:
    page = _page(request.query, context)
    if isinstance(page, Answer):
        return page
    number, size = page
    answer = {
        member: items[(number - 1) * size : number * size],
        "pageNumber": number,
        "pageSize": size,
    }
    return success(answer if context.quirks.total_missing else {**answer, "total": len(items)})


def _name_taken(context: Context, held: Mapping[str, Json]) -> bool:
    return bool(
        context.store.count(
            CLOUD,
            "name = ? AND grp = ? AND (gone IS NULL OR gone > ?)",
            held["agentRuntimeName"],
            held["workspaceId"],
            context.now,
        )
    )


def _default_workspace(context: Context) -> str:
    return next(space.id for space in context.store.workspaces() if space.is_default)


def _absent(agent_id: str) -> Answer:
    return failure(404, "ERR_NOT_FOUND", f"agent runtime {agent_id} does not exist")


def _no_body(body: Json) -> Answer:
    said = "request body is not JSON" if body is NOT_JSON else "request body is required"
    return failure(400, "ERR_BAD_REQUEST", said)


def _time(seconds: float, resolution: str) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    form = "%Y-%m-%dT%H:%M:%SZ" if resolution == "seconds" else "%Y-%m-%dT%H:%M:%S.%fZ"
    return moment.strftime(form)


def _request_id() -> str:
    return str(uuid.uuid4()).upper()
