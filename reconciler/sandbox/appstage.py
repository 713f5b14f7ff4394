"""Huawei Cloud AppStage: reading, updating and deleting an agent by its id.

There is no status and no restart here, and no call that creates an agent. What a read shows beside
the documented metadata, and what an update does to what it leaves out, are switches.
"""

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from reconciler.sandbox import agentrun_update as shared
from reconciler.sandbox import appstage_limits, seeds
from reconciler.sandbox.agents import Agent, Image, next_stamp, settled
from reconciler.sandbox.context import Context
from reconciler.sandbox.message import NOT_JSON, Answer, Received
from reconciler.sandbox.rewriting import completed, rewritten

Json = Any
CLOUD: Final = "appstage"

STAMP_STEP_SECONDS: Final = 0.001
"""update_time is in milliseconds."""

Params = Mapping[str, str]


def failure(status: int, code: str, message: str, *, array: bool = False) -> Answer:
    """An error in the vendor's shape: an object, or a list of one."""
    content = {"error_code": code, "error_msg": message}
    return Answer(status, [content] if array else content)


def get(context: Context, _: Received, params: Params) -> Answer:
    """The agent: metadata, and the asset where the switches put it."""
    agent = context.store.agent(CLOUD, params["id"])
    image = context.seen(agent) if agent else None
    if agent is None or image is None:
        return _absent(array=False)
    context.agent = agent.name
    quirks = context.quirks
    properties = image.body.get("properties") or {}
    content = {
        "name": properties.get("name"),
        "asset_id": agent.id,
        "asset_type_display_name": "智能体",
        "asset_type_name": "agent",
        "description": properties.get("description"),
        "created_by": "sandbox",
        "create_time": round(agent.created * 1000),
        "updated_by": "sandbox",
        "update_time": round(image.stamp * 1000),
    }
    asset = _asset(context, image)
    if quirks.appstage_read == "absent":
        del asset["properties"]
    if not quirks.appstage_read_region_tags:
        asset = {name: value for name, value in asset.items() if name == "properties"}
    content |= {"data": asset} if quirks.appstage_read == "data" else asset
    return Answer(
        200,
        {name: value for name, value in content.items() if name not in quirks.dropped_fields},
    )


def put(context: Context, request: Received, params: Params) -> Answer:
    """The update: what the body leaves out is gone, unless the switches say that it stays."""
    array = context.quirks.appstage_error_shape == "array"
    agent = context.find(CLOUD, params["id"])
    if agent is None:
        return _absent(array=array)
    context.agent = agent.name
    body = request.json
    if body is None:
        return failure(400, "AIAE.00001400", "Request body is missing", array=array)
    if body is NOT_JSON or not isinstance(body, dict):
        return failure(400, appstage_limits.BAD_PARAMETER, "body is no object", array=array)
    if {agent.id, agent.name} & set(context.quirks.published):
        return failure(400, "AIAE.20002042", "Agent已经发布过,不能修改", array=array)
    complaint = next(iter(_complaints(context, agent, body)), None)
    if complaint:
        return failure(400, complaint.code, complaint.message, array=array)
    old = agent.now.body
    new = shared.keep_back(context, agent, old, _merged(context, old, body))
    written = revise(context, agent, new)
    context.store.save(written)
    shown = agent if context.quirks.appstage_put_reply == "old" else written
    return Answer(200, _asset(context, shown.now))


def delete(context: Context, _: Received, params: Params) -> Answer:
    """Delete at once; the answer says so in `data`."""
    agent = context.find(CLOUD, params["id"])
    if agent is None:
        return _absent(array=False)
    context.agent = agent.name
    context.store.forget_gone(context.now)
    context.store.save(replace(agent, gone=context.now, writes=agent.writes + 1))
    return Answer(200, {"data": True, "error_code": None, "error_msg": None})


def add(context: Context, agent_id: str, body: Mapping[str, Json]) -> Agent:
    """An agent that is simply there; for filling a sandbox, as this cloud has no such call."""
    held = copy.deepcopy(dict(body))
    name = str((held.get("properties") or {}).get("name", ""))
    image = Image(context.now, context.now, held, settled(context.now))
    return Agent(CLOUD, agent_id, name, "", context.now, (image,))


def revise(context: Context, agent: Agent, body: dict[str, Json]) -> Agent:
    """The agent with a new body and a new time of last update."""
    stamp = next_stamp(agent, context.now, STAMP_STEP_SECONDS)
    image = Image(context.now, stamp, body, settled(context.now), agent.now.version + 1)
    name = (body.get("properties") or {}).get("name")
    return agent.written(image, writes=1, name=name if isinstance(name, str) else "")


def _merged(context: Context, old: Mapping[str, Json], body: Mapping[str, Json]) -> dict[str, Json]:
    keeps = context.quirks.properties_update == "merge"
    given = {name: body[name] for name in ("region", "tags", "properties") if name in body}
    merged = {**(old if keeps else {"region": None, "tags": [], "properties": {}}), **given}
    before = old.get("properties") or {}
    properties = {**(before if keeps else {}), **(given.get("properties") or {})}
    for name, value in properties.items():
        if shared.empty_effect(context.quirks, value) == "ignored" and before.get(name):
            properties[name] = before[name]
    return copy.deepcopy({**merged, "properties": properties})


def _complaints(
    context: Context, agent: Agent, body: Mapping[str, Json]
) -> list[appstage_limits.Complaint]:
    found = list(appstage_limits.complaints(body))
    if found:
        return found
    properties = body.get("properties") or {}
    before = agent.now.body.get("properties") or {}
    for name, value in properties.items():
        if shared.empty_effect(context.quirks, value) == "refused" and before.get(name):
            text = f"{name} must not be empty"
            return [appstage_limits.Complaint(appstage_limits.BAD_PARAMETER, text)]
    others = context.store.count(
        CLOUD,
        "name = ? AND id <> ? AND (gone IS NULL OR gone > ?)",
        properties.get("name"),
        agent.id,
        context.now,
    )
    if others:
        return [appstage_limits.Complaint(appstage_limits.BAD_PARAMETER, "the name is taken")]
    return []


def _asset(context: Context, image: Image) -> dict[str, Json]:
    """Region, tags and properties as a reply shows them; shares values with the image."""
    quirks = context.quirks
    properties = dict(image.body.get("properties") or {})
    if quirks.server_defaults:
        properties = completed(seeds.PROPERTIES, properties)
    if properties.get("api_key") and quirks.api_key_read != "clear":
        if quirks.api_key_read == "masked":
            properties["api_key"] = f"{str(properties['api_key'])[:3]}***"
        else:
            del properties["api_key"]
    dropped = set(quirks.dropped_fields)
    shown = {name: value for name, value in properties.items() if name not in dropped}
    asset = rewritten({**image.body, "properties": shown}, quirks)
    return {name: value for name, value in asset.items() if name not in dropped}


def _absent(*, array: bool) -> Answer:
    return failure(400, "AIAE.20002023", "Agent不存在", array=array)
