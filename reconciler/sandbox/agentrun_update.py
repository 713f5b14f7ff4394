"""What an AgentRun update makes of a runtime: merge, restart, and values that are not kept."""

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from reconciler.sandbox import agentrun_fields as fields
from reconciler.sandbox import pointers
from reconciler.sandbox.agents import Agent, Image, next_stamp
from reconciler.sandbox.context import Context
from reconciler.sandbox.quirks import Quirks

Json = Any

STAMP_STEP_SECONDS: Final = 1e-6
"""The finest step of lastUpdatedAt."""

_IDENTITY: Final = ("agentRuntimeName", "artifactType", "workspaceId", "resourceGroupId")
"""What stays even on a cloud that replaces."""

_EMPTIES: Final = (
    ("null_effect", lambda value: value is None, "null"),
    ("empty_string_effect", lambda value: value == "", '""'),
    ("empty_object_effect", lambda value: value == {}, "{}"),
    ("empty_list_effect", lambda value: value == [], "[]"),
)


def write(context: Context, agent: Agent, body: Mapping[str, Json]) -> Agent:
    """The runtime after an update that was found to be sound."""
    quirks, old = context.quirks, agent.now.body
    if str(pointers.find(dict(body), fields.PASSWORD)).endswith("***"):
        context.notes.append("a masked password was written")
    held = merge(quirks, old, body)
    late = keep_back(context, agent, old, held)
    return revise(context, agent, late, restart=_restarts(quirks, old, held))


def revise(context: Context, agent: Agent, body: dict[str, Json], *, restart: bool) -> Agent:
    """The runtime with a new body: the stamp moves, and it restarts where asked."""
    phase = agent.now.phase
    if restart:
        phase = context.restart(agent.id, agent.name, phase)
        context.notes.append("restart")
    image = Image(context.now, stamp(agent, context.now), body, phase, agent.now.version + 1)
    return agent.written(
        image,
        restarts=int(restart),
        writes=1,
        name=body["agentRuntimeName"],
        group=body["workspaceId"],
    )


def stamp(agent: Agent, now: float) -> float:
    """The new time of last update."""
    return next_stamp(agent, now, STAMP_STEP_SECONDS)


def merge(quirks: Quirks, old: Mapping[str, Json], body: Mapping[str, Json]) -> dict[str, Json]:
    """What is held after the body came over what was held before."""
    given = {
        name: value for name, value in fields.accept(body).items() if name not in fields.CREATE_ONLY
    }
    if quirks.rename != "honoured":
        given.pop("agentRuntimeName", None)
    if quirks.workspace_move != "honoured":
        given.pop("workspaceId", None)
    held = dict(old)
    if quirks.toplevel_update == "replace":
        held = {name: old[name] for name in _IDENTITY if name in old}
        held["sessionConcurrencyLimitPerInstance"] = 1
    for name, value in given.items():
        if empty_effect(quirks, value) == "ignored":
            if name in old:
                held[name] = old[name]
        elif value is None:
            held.pop(name, None)
        else:
            held[name] = _nested(quirks, old.get(name), value)
    return held


def empty_effect(quirks: Quirks, value: Json) -> str:
    """What the switches say of this value, "" where it is not an empty one."""
    for switch, matches, _ in _EMPTIES:
        if matches(value):
            return str(getattr(quirks, switch))
    return ""


def refused_empties(quirks: Quirks, agent: Agent, body: Mapping[str, Json]) -> list[str]:
    """Explicit empty values that would clear something, where the switches refuse that."""
    said = []
    for name, value in body.items():
        effect = empty_effect(quirks, value)
        if effect == "refused" and agent.now.body.get(name):
            word = next(word for _, matches, word in _EMPTIES if matches(value))
            said.append(f"{name} must not be {word}")
    return said


def keep_back(
    context: Context, agent: Agent, old: dict[str, Json], new: dict[str, Json]
) -> dict[str, Json]:
    """The new body without the values that are not kept, or with their end put off."""
    changed = {
        pointer: pointers.find(old, pointer)
        for pointer in context.quirks.not_kept
        if pointers.find(old, pointer) != pointers.find(new, pointer)
    }
    if not changed:
        return new
    delay = context.quirks.not_kept_after_seconds
    if delay:
        values = {
            pointer: [] if value is pointers.MISSING else [value]
            for pointer, value in changed.items()
        }
        document = {"revert": values, "cloud": agent.cloud, "id": agent.id}
        context.store.put_off(context.now + delay, document)
        return new
    return restored(new, changed)


def restored(body: dict[str, Json], values: Mapping[str, Json]) -> dict[str, Json]:
    """The body with values put back, those that were missing taken out."""
    tree: Json = copy.deepcopy(body)
    for pointer, value in values.items():
        tree = pointers.replace(tree, pointer, value)
    return dict(tree)


def revert(context: Context, agent: Agent, values: Mapping[str, list[Json]]) -> Agent:
    """The agent after values fell back: silently, so the stamp stays."""
    wanted = {pointer: value[0] if value else pointers.MISSING for pointer, value in values.items()}
    image = replace(agent.now, at=context.now, body=restored(agent.now.body, wanted))
    return agent.written(image)


def _restarts(quirks: Quirks, old: Mapping[str, Json], new: Mapping[str, Json]) -> bool:
    changed = {name for name in {*old, *new} if old.get(name) != new.get(name)}
    return quirks.description_restarts or changed != {"description"}


def _nested(quirks: Quirks, old: Json, new: Json) -> Json:
    if quirks.nested_update == "replace" or not isinstance(old, dict) or not isinstance(new, dict):
        return new
    if not new:
        return new
    return {**old, **{name: _nested(quirks, old.get(name), value) for name, value in new.items()}}
