"""A twin of what a plan read: the emulated clouds in memory, and sessions that reach nothing else.

Its credentials are the emulator's own and its transport has no socket. Live values are in its
memory as they are in ours, and it has no file.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from reconciler.cli.emulator import EmulatedTransport
from reconciler.cli.reading import Entry
from reconciler.cli.seal import Redactor
from reconciler.cli.sealing import SealingSession
from reconciler.cli.setup import Setup
from reconciler.model.errors import InputError
from reconciler.model.live import Ambiguous, Found, Health, Live
from reconciler.model.manifest import Address, Desired
from reconciler.model.rehearsal import Expected
from reconciler.model.sealed import Sealed
from reconciler.model.tree import Tree
from reconciler.ports import Clock, Context, Provider, Session
from reconciler.sandbox import twin as mirrored
from reconciler.sandbox.store import Store
from reconciler.wire.encode import encode

REASON: Final = "made to fail by the rehearsal"
"""The statusReason of the restart that is made to fail."""

_URL: Final = "http://127.0.0.1"
_STAND_IN: Final = "stands-in-for-a-secret"
_LEAST_LEFT_SECONDS: Final = 1.0
_NOT_EMULATED: Final = "the sandbox does not emulate its cloud"
_MIXED: Final = "reads show the properties of other agents of its cloud, and not of this one"


@dataclass(frozen=True, slots=True)
class Actor:
    """One agent that can be played: where it stands in the plan and what its cloud is called.

    `tree` is what the read showed as plain JSON, empty where there was no agent.
    `length` is how long its restart is taken to be.
    """

    entry: Entry
    provider: Provider
    tree: Tree
    length: Expected

    @property
    def address(self) -> Address:
        """Which agent it is."""
        return self.entry.desired.address

    @property
    def names(self) -> tuple[str, ...]:
        """How the twin calls it: its id, before there is one its name."""
        found = self.entry.found
        return found.ids if isinstance(found, Ambiguous) else (_name(self.entry),)

    def left(self) -> float:
        """How much longer it restarts by somebody else's write."""
        found = self.entry.found
        if not isinstance(found, Live) or found.health is not Health.BUSY:
            return 0.0
        return max(_LEAST_LEFT_SECONDS, self.length.seconds - (found.age_seconds or 0.0))


def cast(
    setup: Setup, entries: Sequence[Entry], lengths: Mapping[Address, Expected]
) -> tuple[list[Actor], list[tuple[Address, str]]]:
    """The agents that a twin can hold, and the others, each with the reason."""
    actors: list[Actor] = []
    left_out: list[tuple[Address, str]] = []
    for entry in entries:
        address = entry.desired.address
        provider, _ = setup.catalogue.owner(address)
        reason, tree = "", Tree()
        if provider.name not in mirrored.CLOUDS:
            reason = _NOT_EMULATED
        elif isinstance(entry.found, Live):
            try:
                tree = json.loads(encode(entry.found.tree))
            except InputError as error:
                reason = f"what was read of it cannot be kept: {error}"
        if reason:
            left_out.append((address, reason))
        else:
            actors.append(Actor(entry, provider, tree, lengths[address]))
    return _alike(actors, left_out), left_out


def _alike(actors: list[Actor], left_out: list[tuple[Address, str]]) -> list[Actor]:
    """Those whose reads show the same sort of thing; a cloud either shows properties or does not."""
    whole = {a.provider.name for a in actors if isinstance(a.entry.found, Live) and not _partial(a)}
    kept = []
    for actor in actors:
        if _partial(actor) and actor.provider.name in whole:
            left_out.append((actor.address, _MIXED))
        else:
            kept.append(actor)
    return kept


def _partial(actor: Actor) -> bool:
    return isinstance(actor.entry.found, Live) and actor.entry.found.partial


class Twin:
    """The twin while it is open. `breaks` is the agent whose next restart is made to fail."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.breaks: Address | None = None
        self.sessions: dict[Address, Session] = {}

    def take_break(self, address: Address) -> bool:
        """Whether this write is the one whose restart fails; it is so once."""
        hit = self.breaks == address
        if hit:
            self.breaks = None
        return hit


@asynccontextmanager
async def opened_twin(
    clock: Clock, setup: Setup, actors: Sequence[Actor], *, since: float
) -> AsyncIterator[Twin]:
    """A twin that holds what was read of these agents `since` seconds ago."""
    redactor = Redactor()
    for actor in actors:
        redactor.learn_all(actor.entry.desired.spec)
    async with AsyncExitStack() as stack:
        twin = Twin(stack.enter_context(Store(None, seeded=False)))
        _furnish(twin.store, setup, actors, clock.wall(), since)
        transport = EmulatedTransport(twin.store, clock.wall)
        inner: dict[str, Session] = {}
        shared: dict[tuple[str, int], Session] = {}
        for actor in actors:
            name, rules = actor.provider.name, actor.entry.rules
            if name not in inner:
                settings, environ = _settings(actor.provider, setup.target.settings.get(name))
                context = _context(clock, environ, redactor, transport)
                connecting = actor.provider.connect(settings, context)
                inner[name] = await stack.enter_async_context(connecting)
            if (name, id(rules)) not in shared:
                sealing = SealingSession(inner[name], rules, redactor)
                shared[name, id(rules)] = TwinSession(sealing, twin)
            twin.sessions[actor.address] = shared[name, id(rules)]
        yield twin


def _context(
    clock: Clock, environ: Mapping[str, str], redactor: Redactor, transport: EmulatedTransport
) -> Context:
    return Context(
        environ=environ,
        clock=clock,
        writable=True,
        seal=redactor.seal,
        learn_secret=redactor.learn,
        log=lambda _line: None,
        jitter=lambda: 0.5,
        transport=transport,
    )


def _settings(provider: Provider, own: Any) -> tuple[Any, Mapping[str, str]]:
    """How fast and where the target works, but for where its requests go and who signs them."""
    settings, environ = provider.sandbox_settings(_URL)
    fields = type(settings).model_fields
    if isinstance(own, type(settings)):
        kept = {name: getattr(own, name) for name in fields.keys() - settings.model_fields_set}
        settings = settings.model_copy(update=kept)
    return settings, environ


def _furnish(store: Store, setup: Setup, actors: Sequence[Actor], now: float, since: float) -> None:
    with store.transaction():
        _workspaces(store, setup, actors)
        for actor in actors:
            found, name = actor.entry.found, actor.address.name
            if isinstance(found, Live):
                left = actor.left() - since
                live = replace(found, tree=actor.tree)
                mirrored.mirror(store, actor.provider.name, name, live, now=now, left=left)
            elif isinstance(found, Ambiguous):
                mirrored.mirror_doubles(store, name, found, now=now)
        lengths = [f"{name}={a.length.seconds:.3f}" for a in actors for name in a.names]
        store.set_quirk("restart_seconds_of", lengths)
        store.set_quirk("restart_failure_reason", REASON)
        if any(map(_partial, actors)):
            store.set_quirk("appstage_read", "absent")
        if any(actor.entry.rules.nested_merge for actor in actors):
            store.set_quirk("nested_update", "merge")


def _workspaces(store: Store, setup: Setup, actors: Sequence[Actor]) -> None:
    """The workspace where the target works is where agents were found that name none."""
    seen: list[str] = []
    declared: list[str] = []
    wanted = None
    for actor in actors:
        settings = setup.target.settings.get(actor.provider.name)
        wanted = wanted or getattr(settings, "workspace", None)
        own, shown = actor.entry.desired.spec.get("workspaceId"), actor.tree.get("workspaceId")
        if isinstance(own, str):
            declared.append(own)
        elif isinstance(shown, str) and shown:
            seen.append(shown)
    home = (seen or [wanted or mirrored.HOME])[0]
    mirrored.settle_in(store, home, wanted or "default", [*seen, *declared])


def _name(entry: Entry) -> str:
    return entry.found.id if isinstance(entry.found, Live) else entry.desired.address.name


class TwinSession:
    """See `Session`. A secret that has no value here is sent as a word that stands in for it."""

    def __init__(self, inner: Session, twin: Twin) -> None:
        self._inner = inner
        self._twin = twin

    @property
    def account(self) -> str:
        """See `Session.account`."""
        return self._inner.account

    @property
    def scope(self) -> Mapping[str, str]:
        """See `Session.scope`."""
        return self._inner.scope

    async def territory(self, wanted: Sequence[Desired]) -> frozenset[str]:
        """See `Session.territory`."""
        return await self._inner.territory(wanted)

    async def fetch(self, wanted: Sequence[Desired]) -> list[Found]:
        """See `Session.fetch`."""
        return await self._inner.fetch(wanted)

    async def read(self, desired: Desired, agent_id: str | None) -> Found:
        """See `Session.read`."""
        return await self._inner.read(desired, agent_id)

    async def poll(self, wanted: Sequence[tuple[Desired, str | None]]) -> list[Found]:
        """See `Session.poll`."""
        return await self._inner.poll(wanted)

    async def update(self, desired: Desired, agent_id: str, body: Tree) -> None:
        """See `Session.update`."""
        breaks = self._twin.take_break(desired.address)
        if breaks:
            self._twin.store.set_quirk("restart_fails", [agent_id])
        try:
            await self._inner.update(desired, agent_id, _stood_in(body))
        finally:
            if breaks:
                self._twin.store.set_quirk("restart_fails", [])

    async def create(self, desired: Desired, body: Tree) -> None:
        """See `Session.create`."""
        breaks = self._twin.take_break(desired.address)
        if breaks:
            self._twin.store.set_quirk("restart_fails", [desired.address.name])
        try:
            await self._inner.create(desired, _stood_in(body))
        finally:
            if breaks:
                self._twin.store.set_quirk("restart_fails", [])


def _stood_in(value: Any) -> Any:
    """The body with a value for each secret that has none here."""
    if isinstance(value, dict):
        return {name: _stood_in(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_stood_in(element) for element in value]
    if isinstance(value, Sealed) and not value.resolved:
        return Sealed(_STAND_IN, value.reference)
    return value
