"""The shared way from manifests to a plan: connect, fetch both clouds at once, decide."""

import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from anyio import create_task_group

from reconciler.cli.livesecrets import sealed_again
from reconciler.cli.options import Request
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
from reconciler.model.plan import Plan
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
    """All agents as they were read, with the sessions still open. `accounts` is for people."""

    plan: Plan
    entries: tuple[Entry, ...]
    accounts: tuple[str, ...]


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
    writable: bool,
    options: Options,
) -> AsyncIterator[Reading]:
    """Read every agent and decide on each; the sessions stay open inside the block.

    A cloud that cannot be read at all makes its agents Unreadable, and the others go on.
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
        for group in groups:
            context = Context(
                environ=group.environ,
                clock=world.clock,
                writable=writable,
                seal=redactor.seal,
                learn_secret=redactor.learn,
                log=_logger(world, request),
                jitter=random.SystemRandom().random,
                transport=transport,
                allowed_hosts=allowed_hosts(world.environ),
            )
            await _connect(stack, group, context)
        rules = _rules(setup, groups, desired)
        sessions = _sessions(groups, rules, redactor)
        async with create_task_group() as tasks:
            for group in groups:
                tasks.start_soon(_fetch, group, desired, found)
        _seal_again(redactor, rules, desired, found)
        shown = replace(options, unmanaged=request.verbose or request.outputs.documents)
        entries = _decide(sessions, rules, desired, found, shown)
        plan = Plan(setup.target.name, tuple(entry.decision.plan for entry in entries))
        plan = weighed(setup, judged(world, setup, plan, entries), entries)
        yield Reading(plan, entries, tuple(_accounts(groups)))


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


async def _connect(stack: AsyncExitStack, group: _Group, context: Context) -> None:
    try:
        group.session = await stack.enter_async_context(
            group.provider.connect(group.settings, context)
        )
    except (CloudError, CredentialsMissing) as error:
        group.failure = Unread(str(error), error.cause)


async def _fetch(group: _Group, desired: Sequence[Desired], found: dict[int, Found]) -> None:
    """Put what was found under each agent's position."""
    if group.session is not None:
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
    """The session of each agent, sealing what its reads show; None where there is none."""
    return {
        position: None
        if group.session is None
        else SealingSession(group.session, rules[position], redactor)
        for group in groups
        for position in group.positions
    }


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
