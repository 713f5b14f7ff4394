"""`reconcile apply`: make live agents what the manifests say, and wait until they are back."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import assert_never

import click
from anyio import create_task_group

from reconciler.applier.job import Job, Run
from reconciler.applier.record import FileJournal
from reconciler.applier.run import run
from reconciler.applier.stop import Stop
from reconciler.cli.emit import emit, plan_text, tell_plan, text_report
from reconciler.cli.exits import exit_code
from reconciler.cli.options import Request, Verb, deciding, shared
from reconciler.cli.progress import PlainLines, Silent, Watcher
from reconciler.cli.question import NOT_CONFIRMED, confirmed, screen
from reconciler.cli.reading import Entry, Reading, reading, resolve_secrets
from reconciler.cli.records import RUNS_FOLDER
from reconciler.cli.setup import Setup, prepare, refuse_silent_sandbox, sandbox_notice
from reconciler.cli.signals import Interrupts, run_interruptible
from reconciler.cli.world import World
from reconciler.differ.guards import check_change_limit
from reconciler.differ.options import Options
from reconciler.loader.quantities import parse_percent
from reconciler.model.errors import InputError
from reconciler.model.manifest import Desired
from reconciler.model.outcome import Cause, Outcome, Result
from reconciler.model.plan import (
    AgentPlan,
    Blocked,
    Create,
    Delete,
    InSync,
    Plan,
    Unhealthy,
    Unreadable,
    Update,
)
from reconciler.model.target import Limits
from reconciler.report.json import apply_document, dumps
from reconciler.report.outcomes import render_outcomes, render_summary


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked of this apply."""

    options: Options
    yes: bool
    max_change_percent: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run. `refusal` is why nothing was started, empty where it was.

    `seconds` are those of carrying the plan out.
    """

    plan: Plan
    outcomes: tuple[Outcome, ...]
    seconds: float
    refusal: str = ""


@click.command(cls=Verb, epilog="\b\nExample:\n  reconcile apply manifests/ --target sandbox")
@shared
@deciding
@click.option("--max-change", metavar="PERCENT", help="Change at most this share of the agents.")
@click.option("--yes", is_flag=True, help="Do not ask; without a terminal nobody is asked.")
@click.pass_obj
def command(
    world: World, request: Request, options: Options, max_change: str | None, yes: bool
) -> int:
    """Make the live agents what the manifests say and wait until they are back."""
    wish = Wish(options, yes, _percent(max_change))
    setup = prepare(world, request)
    refuse_silent_sandbox(world, setup)
    desired = resolve_secrets(world, setup, strict=True)
    with sandbox_notice(world, request, setup):
        report = run_interruptible(
            lambda interrupts: _apply(world, request, setup, desired, wish, interrupts), world
        )
        _tell(world, request, setup, report)
    return exit_code(outcome.cause for outcome in report.outcomes)


def _percent(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return parse_percent(text)
    except ValueError as error:
        raise InputError(f"--max-change: {error}") from error


async def _apply(
    world: World,
    request: Request,
    setup: Setup,
    desired: Sequence[Desired],
    wish: Wish,
    interrupts: Interrupts,
) -> Report:
    async with reading(world, request, setup, desired, writable=True, options=wish.options) as read:
        refusal = _guarded(read.plan, setup.target.limits, wish)
        terminal = None if refusal else screen(world, read.plan, yes=wish.yes)
        if terminal is not None or not request.quiet:
            tell_plan(world, request, read.plan, read.accounts)
        if terminal is not None and not confirmed(world, terminal, interrupts):
            refusal = NOT_CONFIRMED
        started = world.clock.monotonic()  # a question may have waited for hours
        if refusal:
            outcomes = [unstarted(agent, refusal) for agent in read.plan.agents]
        else:
            outcomes = await _carry_out(world, request, setup, read, wish, interrupts)
    seconds = world.clock.monotonic() - started
    return Report(read.plan, tuple(outcomes), seconds, refusal)


def _guarded(plan: Plan, limits: Limits, wish: Wish) -> str:
    """Why this plan is refused as a whole, empty where it is not."""
    percent = wish.max_change_percent
    reason = check_change_limit(plan, limits.max_change_percent if percent is None else percent)
    return f"{reason}; --max-change 100% allows it" if reason else ""


async def _carry_out(
    world: World,
    request: Request,
    setup: Setup,
    read: Reading,
    wish: Wish,
    interrupts: Interrupts,
) -> list[Outcome]:
    watcher = _watcher(world, request)
    stop = Stop()
    interrupts.stop_with(stop, watcher.restore)
    journal = FileJournal(
        RUNS_FOLDER, target=setup.target.name, run=_run_id(world), now=world.clock.wall
    )
    state = Run(
        clock=world.clock,
        journal=journal,
        observer=watcher,
        wait=setup.target.wait,
        limits=setup.target.limits,
        options=wish.options,
        stop=stop,
    )
    jobs = {index: job for index, entry in enumerate(read.entries) if (job := _job(entry))}
    try:
        async with create_task_group() as group:
            group.start_soon(watcher.run)
            done = dict(zip(jobs, await run(list(jobs.values()), state), strict=True))
            group.cancel_scope.cancel()
    finally:
        journal.close()
    return [done.get(index) or unstarted(agent, "") for index, agent in enumerate(read.plan.agents)]


def _job(entry: Entry) -> Job | None:
    """None for an agent whose cloud could not be reached."""
    if entry.session is None:
        return None
    return Job(entry.desired, entry.rules, entry.session, entry.found, entry.decision.plan)


def _watcher(world: World, request: Request) -> Watcher:
    if request.quiet:
        return Silent()
    if request.color(world.err):
        from reconciler.cli.live import LiveRows

        return LiveRows(world.err, world.clock)
    return PlainLines(world.err, world.clock)


def _run_id(world: World) -> str:
    """A name that sorts by time and is not given twice."""
    moment = datetime.fromtimestamp(world.clock.wall(), UTC)
    return f"{moment:%Y%m%dT%H%M%S}{moment.microsecond // 1000:03}Z-{secrets.token_hex(3)}"


def unstarted(agent: AgentPlan, refusal: str) -> Outcome:
    """The outcome of an agent that was not taken up: its own reason, else why nothing was."""
    outcome = Outcome(agent.about.address, agent.about.id, Result.UNCHANGED)
    match agent:
        case InSync():
            return outcome
        case Create() | Update() | Delete():
            return replace(outcome, result=Result.SKIPPED, cause=Cause.GUARD, reason=refusal)
        case Blocked():
            return replace(outcome, result=Result.BLOCKED, cause=Cause.GUARD, reason=agent.reason)
        case Unhealthy():
            reason = ": ".join(part for part in (agent.status, agent.reason) if part)
            return replace(outcome, result=Result.FAILED, cause=Cause.AGENT_FAILED, reason=reason)
        case Unreadable():
            return replace(outcome, result=Result.FAILED, cause=agent.cause, reason=agent.reason)
        case _:
            assert_never(agent)


def _tell(world: World, request: Request, setup: Setup, report: Report) -> None:
    """Write what came of it, and the documents that were asked for."""
    if report.refusal:
        world.err.line(f"error: {report.refusal}")
    terminal = request.text(world)
    if not request.quiet:
        terminal.line()
    terminal.write(_text(report, color=request.color(terminal), verbose=request.verbose))
    emit(
        world,
        request,
        document=lambda: dumps(
            apply_document(report.plan, report.outcomes, seconds=report.seconds)
        ),
        text=lambda: text_report(
            setup.target,
            plan_text(request, report.plan),
            _text(report, color=False, verbose=request.verbose),
        ),
    )


def _text(report: Report, *, color: bool, verbose: bool) -> str:
    outcomes = (
        "" if report.refusal else render_outcomes(report.outcomes, color=color, verbose=verbose)
    )
    return outcomes + render_summary(report.outcomes, seconds=report.seconds, color=color)
