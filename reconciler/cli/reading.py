"""The shared way from manifests to a plan: connect, fetch both clouds at once, decide."""

import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from anyio import create_task_group

from reconciler.cli.livesecrets import sealed_again
from reconciler.cli.locks import Held, Locking, locked
from reconciler.cli.options import Request
from reconciler.cli.records import RUNS_FOLDER
from reconciler.cli.seal import Redactor
from reconciler.cli.sealing import SealingSession, learn_live
from reconciler.cli.setup import Setup
from reconciler.cli.world import World
from reconciler.differ.decide import Decision, decide
from reconciler.differ.options import Options
from reconciler.loader.ignore import with_rules
from reconciler.loader.secrets import resolve
from reconciler.loader.target import allowed_hosts
from reconciler.model.errors import CloudError, CredentialsMissing
from reconciler.model.live import Found, Unread
from reconciler.model.manifest import Desired
from reconciler.model.plan import Blocked, Create, Plan, Update
from reconciler.model.rules import Rules
from reconciler.ports import Context, Provider, Session
from reconciler.report.plain import plain


@dataclass(frozen=True, slots=True)
class Entry:
    """One agent: what it shall be, what was found, and what would be done.

    `session` is None where its cloud could not be reached at all.
    """

    desired: Desired
    rules: Rules
    session: Session | None
    found: Found
    decision: Decision


@dataclass(frozen=True, slots=True)
class Reading:
    """All agents as they were read, with the sessions still open. `accounts` is for people.

    `held` are the locks of a verb that writes.
    """

    plan: Plan
    entries: tuple[Entry, ...]
    accounts: tuple[str, ...]
    held: Held | None = None


@dataclass(slots=True)
class _Group:
    """The agents of one provider, by their position in the run, and what is known of them."""

    provider: Provider
    settings: object
    environ: Mapping[str, str]
    positions: list[int]
    session: Session | None = None
    failure: Unread | None = None


def resolve_secrets(world: World, setup: Setup, *, strict: bool) -> tuple[Desired, ...]:
    """The manifests with their secrets and ignore rules. With `strict` a missing one raises InputError."""
    desired = resolve(setup.loaded.manifests, environ=world.environ, strict=strict)
    return with_rules(desired, setup.loaded.ignore)


@asynccontextmanager
async def reading(
    world: World,
    request: Request,
    setup: Setup,
    desired: Sequence[Desired],
    *,
    options: Options,
    locking: Locking | None = None,
) -> AsyncIterator[Reading]:
    """Read every agent and decide on each; the sessions stay open inside the block.

    A cloud that cannot be read at all makes its agents Unreadable, and the others go on. Only with
    `locking` may anything be written; the locks are taken before the first read and held to the
    end of the block. Raises what `locked` raises.
    """
    redactor = Redactor()
    if options.fingerprinter is not None:
        redactor.learn_all(options.fingerprinter.key)
    for wanted in desired:
        redactor.learn_all(wanted.spec)
    groups = _group(world, setup, desired)
    found: dict[int, Found] = {}
    async with AsyncExitStack() as stack:
        transport = _transport(stack, world, setup)
        writable = locking is not None
        for group in groups:
            context = _context(world, request, group, redactor, transport, writable=writable)
            await _connect(stack, group, context)
        held = None
        if locking is not None:
            territories = await _territories(groups, desired)
            holding = locked(world, setup, territories, locking, quiet=request.quiet)
            held = await stack.enter_async_context(holding)
        rules = _rules(setup, groups, desired)
        sessions = _sessions(groups, rules, redactor)
        async with create_task_group() as tasks:
            for group in groups:
                tasks.start_soon(_fetch, group, desired, found)
        _seal_again(redactor, rules, desired, found)
        shown = replace(options, unmanaged=request.verbose or request.outputs.documents)
        entries = held_back(setup, _decide(sessions, rules, desired, found, shown), shown)
        plan = Plan(setup.target.name, tuple(entry.decision.plan for entry in entries))
        plan = weighed(setup, judged(world, setup, plan, entries), entries)
        yield Reading(plan, entries, tuple(_accounts(groups)), held)


def _group(world: World, setup: Setup, desired: Sequence[Desired]) -> list[_Group]:
    groups: dict[str, _Group] = {}
    for position, wanted in enumerate(desired):
        provider, _ = setup.catalogue.owner(wanted.address)
        if provider.name not in groups:
            settings, environ = setup.target.settings.get(provider.name), world.environ
            if setup.target.sandbox:
                settings, environ = provider.sandbox_settings("http://127.0.0.1")
            groups[provider.name] = _Group(provider, settings, environ, [])
        groups[provider.name].positions.append(position)
    return list(groups.values())


def _transport(stack: AsyncExitStack, world: World, setup: Setup) -> object | None:
    """The emulated clouds for the sandbox, None for real sockets."""
    if not setup.target.sandbox:
        return None
    from reconciler.cli.emulator import EmulatedTransport, opened

    return EmulatedTransport(stack.enter_context(opened()), world.clock.wall)


async def places_to_lock(
    world: World, request: Request, setup: Setup, desired: Sequence[Desired]
) -> list[str]:
    """Where an apply of these agents would write, for its locks; nothing is written.

    Raises CloudError or CredentialsMissing where a cloud can't say so.
    """
    found: list[str] = []
    async with AsyncExitStack() as stack:
        transport = _transport(stack, world, setup)
        for group in _group(world, setup, desired):
            context = _context(world, request, group, Redactor(), transport, writable=False)
            connecting = group.provider.connect(group.settings, context)
            session = await stack.enter_async_context(connecting)
            found += await session.territory([desired[at] for at in group.positions])
    return found


def _context(
    world: World,
    request: Request,
    group: _Group,
    redactor: Redactor,
    transport: object | None,
    *,
    writable: bool,
) -> Context:
    """What a session is given."""
    return Context(
        environ=group.environ,
        clock=world.clock,
        writable=writable,
        seal=redactor.seal,
        learn_secret=redactor.learn,
        log=_logger(world, request),
        jitter=random.SystemRandom().random,
        transport=transport,
        allowed_hosts=allowed_hosts(world.environ),
        warn=lambda line: None if request.quiet else world.err.line(f"warning: {plain(line)}"),
    )


async def _connect(stack: AsyncExitStack, group: _Group, context: Context) -> None:
    try:
        group.session = await stack.enter_async_context(
            group.provider.connect(group.settings, context)
        )
    except (CloudError, CredentialsMissing) as error:
        group.failure = Unread(str(error), error.cause)


async def _territories(groups: Sequence[_Group], desired: Sequence[Desired]) -> list[str]:
    """Where the agents of all clouds may be written; a cloud that does not say is not read either."""
    found: list[str] = []
    for group in groups:
        if group.session is not None:
            try:
                wanted = [desired[position] for position in group.positions]
                found += await group.session.territory(wanted)
            except (CloudError, CredentialsMissing) as error:
                group.failure = Unread(str(error), error.cause)
    return found


async def _fetch(group: _Group, desired: Sequence[Desired], found: dict[int, Found]) -> None:
    """Put what was found under each agent's position."""
    if group.session is not None and group.failure is None:
        try:
            live = await group.session.fetch([desired[position] for position in group.positions])
            found.update(zip(group.positions, live, strict=True))
        except (CloudError, CredentialsMissing) as error:
            group.failure = Unread(str(error), error.cause)
    if group.failure is not None:
        found.update(dict.fromkeys(group.positions, group.failure))


def _rules(setup: Setup, groups: Sequence[_Group], desired: Sequence[Desired]) -> Sequence[Rules]:
    """The rules of each agent, one value for all of a kind."""
    settings = {position: group.settings for group in groups for position in group.positions}
    known: dict[tuple[str, str], Rules] = {}
    for position, wanted in enumerate(desired):
        key = (wanted.address.api_version, wanted.address.kind)
        if key not in known:
            provider, kind = setup.catalogue.owner(wanted.address)
            known[key] = provider.rules(kind, settings[position])
    return [known[wanted.address.api_version, wanted.address.kind] for wanted in desired]


def _sessions(
    groups: Sequence[_Group], rules: Sequence[Rules], redactor: Redactor
) -> Mapping[int, Session | None]:
    """The session of each agent, sealing what its reads show; None where there is none.

    Agents of one kind share theirs, so that those that are waited for can be polled together.
    """
    shared: dict[tuple[int, int], Session] = {}
    sessions: dict[int, Session | None] = {}
    for group in groups:
        for position in group.positions:
            rule = rules[position]
            if group.session is not None:
                sealing = SealingSession(group.session, rule, redactor)
                sessions[position] = shared.setdefault((id(group), id(rule)), sealing)
            else:
                sessions[position] = None
    return sessions


def _seal_again(
    redactor: Redactor,
    rules: Sequence[Rules],
    desired: Sequence[Desired],
    found: dict[int, Found],
) -> None:
    """Seal in all messages what only the whole fetch shows to be secret."""
    for position, live in found.items():
        learn_live(redactor, rules[position], desired[position], live)
    for position, live in found.items():
        found[position] = sealed_again(live, redactor.seal)


def _decide(
    sessions: Mapping[int, Session | None],
    rules: Sequence[Rules],
    desired: Sequence[Desired],
    found: Mapping[int, Found],
    options: Options,
) -> tuple[Entry, ...]:
    entries = []
    for position, wanted in enumerate(desired):
        live, rule = found[position], rules[position]
        decision = decide(wanted, live, rule, options)
        entries.append(Entry(wanted, rule, sessions[position], live, decision))
    return tuple(entries)


def held_back(setup: Setup, entries: tuple[Entry, ...], options: Options) -> tuple[Entry, ...]:
    """The entries, those blocked that apply would not write for what the records say.

    They were taken back, or sent before and not kept. Without a change no record is asked.
    """
    if not any(isinstance(entry.decision.plan, Create | Update) for entry in entries):
        return entries
    from reconciler.applier.quarantine import quarantined
    from reconciler.applier.record import history_of
    from reconciler.applier.verdict import not_kept_before

    history = history_of(RUNS_FOLDER, setup.target.name)
    held = []
    for entry in entries if history.quarantine or history.not_kept else ():
        plan, body = entry.decision.plan, entry.decision.body
        if isinstance(plan, Create | Update):
            known = not_kept_before(plan, body or {}, history, options.fingerprinter)
            reason = quarantined(entry.desired, entry.rules, plan, history)
            if reason := reason or (known.reason if known else ""):
                blocked = Blocked(plan.about, reason, plan.changes)
                entry = replace(entry, decision=Decision(blocked))
        held.append(entry)
    return tuple(held) or entries


def weighed(setup: Setup, plan: Plan, entries: Sequence[Entry]) -> Plan:
    """The plan with what it costs, and the limits that it goes beyond."""
    from reconciler.cli.guards import weighed as weigh

    return weigh(setup, plan, entries)


def judged(world: World, setup: Setup, plan: Plan, entries: Sequence[Entry]) -> Plan:
    """The plan with what the target's policy says of it now."""
    if not setup.target.policy.rules and not setup.target.policy.break_glass:
        return plan
    from reconciler.cli.policies import Case, judge_plan

    cases = [Case(one.decision.plan, one.desired, one.found, one.rules) for one in entries]
    return replace(plan, policy=judge_plan(world, setup, plan, cases))


def _accounts(groups: Sequence[_Group]) -> Sequence[str]:
    return [
        f"  {group.provider.title}: {plain(group.session.account)}"
        for group in groups
        if group.session is not None
    ]


def _logger(world: World, request: Request) -> Callable[[str], None]:
    """With `-v` each request is a line on standard error."""

    def log(line: str) -> None:
        if request.verbose:
            world.err.line(plain(line))

    return log
