"""The sandbox from outside the clouds: what its commands and tests do to it.

Whoever calls these plays the console, the clock-maker or the auditor; none of it is an API of a
vendor. Everything raises SandboxError with what is possible instead.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from reconciler.sandbox import agentrun, agentrun_fields, agentrun_update, appstage, pointers
from reconciler.sandbox.agents import Agent, Image, settled
from reconciler.sandbox.context import Context
from reconciler.sandbox.emulator import apply_due
from reconciler.sandbox.errors import SandboxError
from reconciler.sandbox.quirks import QuirkRow, rows
from reconciler.sandbox.store import LogLine, Store, Workspace

Json = Any

_CLOUDS: Final = (agentrun.CLOUD, appstage.CLOUD)
_STATUS: Final = {"/status": 0, "/statusReason": 1}
_NAMED: Final = 20
"""How many agents an error names."""
_ASSET: Final = ("region", "tags", "properties")


def reset(store: Store, *, seeded: bool = True) -> None:
    """Forget everything: agents, switches, tokens and the log; then seed anew."""
    store.reset(seeded=seeded)


def set_value(store: Store, name: str, pointer: str, value: Json, now: float) -> None:
    """Change one value of an agent the way somebody at the console does.

    `name` is an agent's name or id, `pointer` a JSON Pointer into its wire object, which goes on
    through JSON in strings. The time of last update moves, and an AgentRun runtime restarts, but
    for `/status` and `/statusReason`, which are simply so from now on. On AgentRun null removes.
    """
    with store.transaction():
        apply_due(store, now)
        agent = _one(store, name, now)
        context = Context(store, now, store.quirks())
        if agent.cloud == appstage.CLOUD:
            changed = _change_asset(context, agent, pointer, value)
        elif pointer in _STATUS:
            changed = _change_status(context, agent, pointer, value)
        else:
            changed = _change_runtime(context, agent, pointer, value)
        store.save(replace(changed, writes=agent.writes))


def value_of(store: Store, name: str, pointer: str, now: float) -> Json:
    """What an agent truly holds at a pointer, unmasked; None where there is nothing."""
    with store.transaction():
        apply_due(store, now)
        found = pointers.find(_one(store, name, now).now.body, pointer)
    return None if found is pointers.MISSING else found


def log_lines(store: Store) -> list[LogLine]:
    """Every request, the oldest first, its body masked."""
    return store.log_lines()


def restart_counts(store: Store) -> Mapping[str, int]:
    """How many times each agent was restarted; ids are added where a name is there twice."""
    return _counts(store, "restarts")


def write_counts(store: Store) -> Mapping[str, int]:
    """How many writes of each agent took effect, a creation included, the console's not."""
    return _counts(store, "writes")


def set_quirk(store: Store, name: str, value: object) -> None:
    """Set one switch, from a value of its type or from text as typed on a command line."""
    store.set_quirk(name, value)


def quirk_table(store: Store) -> list[QuirkRow]:
    """Every switch with its position, default, choices and meaning."""
    return rows(store.quirks())


def add_workspace(store: Store, name: str) -> Workspace:
    """One more AgentRun workspace."""
    with store.transaction():
        if name in {workspace.name for workspace in store.workspaces()}:
            raise SandboxError(f"there is a workspace {name!r} already")
        return store.add_workspace(name)


def add_runtime(store: Store, body: Mapping[str, Json], now: float) -> str:
    """One more AgentRun runtime, READY at once, without a check; returns its id."""
    with store.transaction():
        agent = agentrun.add(Context(store, now, store.quirks()), body)
        store.save(agent)
    return agent.id


def add_agent(store: Store, agent_id: str, body: Mapping[str, Json], now: float) -> None:
    """One more AppStage agent (`body` has region, tags and properties), without a check."""
    with store.transaction():
        if store.agent(appstage.CLOUD, agent_id) is not None:
            raise SandboxError(f"there is an agent {agent_id} already")
        store.save(appstage.add(Context(store, now, store.quirks()), agent_id, body))


def _one(store: Store, name: str, now: float) -> Agent:
    found = _existing(store, now, "? IN (id, name)", name)
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(agent.id for agent in found)
        raise SandboxError(f"several agents are called {name!r}; name one by its id: {ids}")
    present = _existing(store, now, "1")
    known = ", ".join(f"{agent.name} ({agent.id})" for agent in present[:_NAMED]) or "none"
    if len(present) > _NAMED:
        known += f" and {len(present) - _NAMED} more"
    raise SandboxError(f"no agent {name!r}; there are: {known}")


def _existing(store: Store, now: float, condition: str, *values: str) -> list[Agent]:
    return [
        agent
        for cloud in _CLOUDS
        for agent in store.agents(cloud, condition, *values)
        if agent.exists(now)
    ]


def _change_runtime(context: Context, agent: Agent, pointer: str, value: Json) -> Agent:
    top = pointers.split(pointer)[0]
    if top in agentrun_fields.COMPUTED or top == "workspaceId":
        raise SandboxError(f"/{top} is the server's own; set one of the runtime's fields")
    body = pointers.replace(agent.now.body, pointer, pointers.MISSING if value is None else value)
    if pointer == "/agentRuntimeName" and not isinstance(value, str):
        raise SandboxError("/agentRuntimeName takes a string")
    return agentrun_update.revise(context, agent, body, restart=True)


def _change_status(context: Context, agent: Agent, pointer: str, value: Json) -> Agent:
    if not isinstance(value, str):
        raise SandboxError(f"{pointer} takes a string")
    words = list(agent.now.phase.status(context.now))
    words[_STATUS[pointer]] = value
    phase = settled(context.now, *words)
    image = Image(context.now, agent.now.stamp, agent.now.body, phase, agent.now.version)
    return agent.written(image)


def _change_asset(context: Context, agent: Agent, pointer: str, value: Json) -> Agent:
    if pointers.split(pointer)[0] not in _ASSET:
        raise SandboxError(
            f"{pointer} is not part of the asset; pointers begin with "
            + ", ".join(f"/{name}" for name in _ASSET)
        )
    return appstage.revise(context, agent, pointers.replace(agent.now.body, pointer, value))


def _counts(store: Store, member: str) -> Mapping[str, int]:
    agents = [agent for cloud in _CLOUDS for agent in store.agents(cloud)]
    names = [agent.name for agent in agents]
    return {
        agent.name if names.count(agent.name) == 1 else f"{agent.name} ({agent.id})": getattr(
            agent, member
        )
        for agent in agents
    }
