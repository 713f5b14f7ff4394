"""From the record of a run and a fresh read of its agents to the plan that takes it back."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from reconciler.applier.job import Job, key
from reconciler.cli.livesecrets import live_secrets
from reconciler.cli.reading import Entry, Reading, judged, weighed
from reconciler.cli.records import RUNS_FOLDER
from reconciler.cli.setup import Setup
from reconciler.cli.world import World
from reconciler.differ.binding import bind
from reconciler.differ.canonical import normal
from reconciler.differ.decide import Decision, decide
from reconciler.differ.options import Options
from reconciler.differ.recall import bare, merged, recall
from reconciler.model.binding import Bound, Reviewed
from reconciler.model.errors import InputError
from reconciler.model.fingerprint import Fingerprinter
from reconciler.model.live import Absent, Live
from reconciler.model.manifest import Address, Desired, Place
from reconciler.model.plan import NOTHING, AgentPlan, Blocked, Change, Update
from reconciler.model.run import AgentRecord, RunRecord, Write
from reconciler.model.sealed import Sealed
from reconciler.model.tree import PUBLIC_SEALED, Json, Tree

_NO_EFFECT: Final = "refused"
_AGAIN: Final = (
    "change its manifest and apply, or set these fields back by hand; nothing of it is taken back"
)


@dataclass(frozen=True, slots=True)
class Taken:
    """The plan that takes a run back, with the sessions still open.

    `stays` are fields that cannot go back, by their agent, each with the reason.
    """

    read: Reading
    stays: Mapping[Address, tuple[tuple[str, str], ...]]
    events: tuple[Tree, ...]

    def jobs(self) -> dict[int, Job]:
        """What is to be carried out, by its position in the plan."""
        binder = _Binder()
        return {
            index: binder.job(entry)
            for index, entry in enumerate(self.read.entries)
            if isinstance(entry.decision.plan, Update)
        }


def written(agent: AgentRecord) -> tuple[Write, ...]:
    """The writes that can have taken effect, without those that went back already."""
    return tuple(
        write
        for write in agent.writes
        if not write.back and _NO_EFFECT not in (write.answer, write.result)
    )


def where_found(world: World, setup: Setup, run: RunRecord, agent: AgentRecord) -> Desired:
    """The agent with nothing declared but where it is found; its place is the line of the record.

    See `bare` for what of it may be secret.

    Raises InputError for a kind that this version does not know, or a target without its cloud.
    """
    address, write = agent.address, written(agent)[-1]
    try:
        provider, kind = setup.catalogue.owner(address)
    except StopIteration:
        raise InputError(f"{address}: no cloud of this version has such agents") from None
    if not setup.target.sandbox and provider.name not in setup.target.settings:
        text = f'target "{setup.target.name}" has no section "{provider.name}" any more'
        raise InputError(f"{text}, and run {run.id} wrote to {address} there")
    spec: Tree = {name: write.where[name] for name in kind.locators if name in write.where}
    place = Place(f"{RUNS_FOLDER}/{run.id}.jsonl", write.line, 1)
    return bare(Desired(address, place, spec, {}), merged(written(agent)), world.environ)


def take_back(
    world: World, setup: Setup, read: Reading, run: RunRecord, agents: Sequence[AgentRecord]
) -> Taken:
    """The plan that takes these agents back, by the read that there is of each, in their order."""
    entries: list[Entry] = []
    stays: dict[Address, tuple[tuple[str, str], ...]] = {}
    events: list[Tree] = []
    for entry, agent in zip(read.entries, agents, strict=True):
        back, left = _back(entry, run, written(agent))
        entries.append(back)
        if left:
            stays[agent.address] = left
        manifest = written(agent)[-1].manifest
        if isinstance(back.decision.plan, Update) and manifest:
            commit = "" if run.checkout is None else run.checkout.commit
            name = key(agent.address)
            event = {"key": name, "of": run.id, "manifest": manifest, "commit": commit}
            events.append({"event": "quarantined", **event})
    plan = replace(read.plan, agents=tuple(entry.decision.plan for entry in entries))
    plan = weighed(setup, judged(world, setup, plan, entries), entries)
    return Taken(replace(read, plan=plan, entries=tuple(entries)), stays, tuple(events))


def _back(
    entry: Entry, run: RunRecord, writes: Sequence[Write]
) -> tuple[Entry, tuple[tuple[str, str], ...]]:
    """What is to be done with one agent, and the fields of it that stay as they are."""
    found = entry.found
    if writes[0].operation == "create":
        return _blocked(entry, f"run {run.id} created it, so there is nothing to go back to"), ()
    if isinstance(found, Absent):
        return _blocked(entry, "it no longer exists"), ()
    if not isinstance(found, Live):
        return entry, ()
    if found.id != writes[-1].id:
        reason = f"run {run.id} wrote to {writes[-1].id}, and this is another agent ({found.id})"
        return _blocked(entry, reason), ()
    if found.partial:
        reason = "a read does not show all that would have to be written back"
        return _blocked(entry, reason), ()
    back = recall(entry.desired, writes, found, entry.rules)
    if back.moved:
        moved = "; ".join(back.moved)
        return _blocked(entry, f"no longer as run {run.id} left it: {moved}; {_AGAIN}"), ()
    if back.blocked:
        return _blocked(entry, "; ".join(back.blocked)), back.stays
    decision = decide(back.desired, found, entry.rules, Options(unmanaged=False))
    agent = decision.plan
    notes = tuple(f"{path} stays as it is: {why}" for path, why in back.stays)
    agent = replace(agent, about=agent.about._replace(notes=(*agent.about.notes, *notes)))
    secret = frozenset(live_secrets(entry.rules.root, entry.desired.spec, found.tree))
    decision = decision._replace(plan=_sealed(agent, secret))
    return replace(entry, desired=back.desired, decision=decision), back.stays


def _sealed(agent: AgentPlan, secrets: frozenset[str]) -> AgentPlan:
    """The entry without what is live where the manifest of then declared secrets.

    An API that takes everything has them sent along, and no manifest says here that they are any.
    """
    if not isinstance(agent, Update) or not secrets:
        return agent
    changes = tuple(
        replace(
            change, before=_hidden(change.before, secrets), after=_hidden(change.after, secrets)
        )
        for change in agent.changes
    )
    patch, body = _hidden(list(agent.patch), secrets), _hidden(agent.body, secrets)
    return replace(agent, changes=changes, patch=tuple(patch), body=body)


def _hidden(value: Json, secrets: frozenset[str]) -> Json:
    if isinstance(value, dict):
        return {name: _hidden(member, secrets) for name, member in value.items()}
    if isinstance(value, list):
        return [_hidden(member, secrets) for member in value]
    if isinstance(value, str) and any(secret in value for secret in secrets if secret):
        return PUBLIC_SEALED
    return value


def _blocked(entry: Entry, reason: str) -> Entry:
    return replace(entry, decision=Decision(Blocked(entry.decision.plan.about, reason)))


class _Binder:
    """Binds a plan in memory as a saved one is: what moves before its write is not overwritten.

    The key is of this process alone, so that hidden values can be held against what was read.
    """

    def __init__(self) -> None:
        self._keys = (Fingerprinter(Sealed(secrets.token_hex(32), "this process")),)

    def job(self, entry: Entry) -> Job:
        """The job of an agent that is to be updated."""
        plan = entry.decision.plan
        assert isinstance(plan, Update)  # noqa: S101 - asked for updates alone
        assert entry.session is not None  # noqa: S101 - it was read through one
        binding = bind(entry.desired, entry.rules, entry.decision.touched, self._keys)
        changes = {change.path: _sides(change) for change in plan.changes}
        reviewed = Reviewed("update", "", plan.about.id, changes, binding)
        bound = Bound(reviewed, self._keys)
        return Job(entry.desired, entry.rules, entry.session, entry.found, plan, bound)


def _sides(change: Change) -> Tree:
    sides = {"from": change.before, "to": change.after}
    return {name: normal(value) for name, value in sides.items() if value is not NOTHING}
