"""A sandbox that holds what a read of the clouds showed, so that a run can be tried out on it.

Seeds only: what happens then is the emulator's matter. Whoever seeds keeps the twin in memory, for
live values may be secrets.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from reconciler.model.live import Ambiguous, Health, Live
from reconciler.sandbox import agentrun, agentrun_fields, appstage, seeds
from reconciler.sandbox.agents import READY, READY_REASON, Agent, Image, Phase, settled
from reconciler.sandbox.store import Store, Workspace

Json = Any

CLOUDS: Final = (agentrun.CLOUD, appstage.CLOUD)
"""The clouds that can be mirrored."""

_LONG_AGO_SECONDS: Final = 86_400.0
"""How long ago an agent was updated last of which that is not known."""

_DELETING: Final = "DELETING"


def settle_in(store: Store, home: str, name: str, others: Sequence[str]) -> None:
    """Make `home` the default AgentRun workspace, called `name`, beside `others` (all by id).

    From now on reads show of unset fields what the reads showed that the twin is made from.
    """
    more = [Workspace(one, one, False) for one in sorted({*others} - {home, name})]
    store.set_workspaces([Workspace(home, name, True), *more])
    store.set_quirk("zero_values", "none")


def mirror(store: Store, cloud: str, name: str, live: Live, *, now: float, left: float) -> None:
    """Put one agent there as a read showed it; `live.tree` is plain JSON.

    One that is restarting is for `left` more seconds. `now` is seconds since the epoch.
    """
    if cloud == agentrun.CLOUD:
        store.save(_runtime(store, name, live, now, left))
    else:
        store.save(_asset(live, now))


def mirror_doubles(store: Store, name: str, found: Ambiguous, *, now: float) -> None:
    """Put AgentRun runtimes there that share one name; of them nothing else is known."""
    for agent_id in found.ids:
        tree = {"agentRuntimeName": name}
        live = Live(agent_id, tree, Health.READY, READY, READY_REASON)
        store.save(_runtime(store, name, live, now, 0.0))


def _runtime(store: Store, name: str, live: Live, now: float, left: float) -> Agent:
    body = {key: live.tree[key] for key in live.tree if key not in agentrun_fields.COMPUTED}
    body["agentRuntimeName"] = name
    if not isinstance(body.get("workspaceId"), str):
        body["workspaceId"] = next(one.id for one in store.workspaces() if one.is_default)
    stamp = _stamp(live, now)
    began = min(stamp, now)
    phase = settled(began, live.status, live.status_reason)
    if live.health is Health.BUSY:
        phase = Phase(live.status, began, now + left, READY, READY_REASON)
    image = Image(began, stamp, body, phase)
    group = body["workspaceId"]
    agent = Agent(agentrun.CLOUD, live.id, name, group, began, (image,))
    return replace(agent, gone=now + left) if live.status == _DELETING else agent


def _asset(live: Live, now: float) -> Agent:
    properties = live.tree.get("properties") or {}
    name = str(properties.get("name") or live.id)
    stamp = _stamp(live, now)
    began = min(stamp, now)
    image = Image(began, stamp, dict(live.tree), settled(began))
    return Agent(appstage.CLOUD, live.id, name, "", began, (image,))


def _stamp(live: Live, now: float) -> float:
    return now - _LONG_AGO_SECONDS if live.stamp is None else live.stamp


HOME: Final = seeds.WORKSPACE_ID
"""The default workspace where nothing says which one it is."""
