"""`reconcile apply`: make live agents what the manifests say, and wait until they are back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import assert_never

import click

from reconciler.applier.job import Job
from reconciler.cli.advice import tell_advice
from reconciler.cli.carrying import Errand, carry_out
from reconciler.cli.emit import emit, plan_text, tell_plan, text_report
from reconciler.cli.exits import exit_code
from reconciler.cli.formats import run_makers
from reconciler.cli.guards import TypedLimits
from reconciler.cli.locks import Locking, locking
from reconciler.cli.options import Request, Verb, deciding, shared
from reconciler.cli.output import RUNS
from reconciler.cli.question import NOT_CONFIRMED, confirmed, screen
from reconciler.cli.reading import Entry, Reading, judged, reading, resolve_secrets
from reconciler.cli.saved import SAVED_STALE, Review, check_review, hold_reading, review_of
from reconciler.cli.setup import Setup, prepare, refuse_silent_sandbox, sandbox_notice
from reconciler.cli.signals import Interrupts, run_interruptible
from reconciler.cli.world import World
from reconciler.differ.options import Options
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
from reconciler.report.json import apply_document, dumps
from reconciler.report.ledger import refusal_of
from reconciler.report.outcomes import render_outcomes, render_summary
from reconciler.report.policy import denial


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked of this apply. `review` is the saved plan to carry out, if any.

    With `no_wait` what is written last is not waited for; limits and waves are kept all the same.
    """

    options: Options
    yes: bool
    locking: Locking
    review: Review | None = None
    no_wait: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run. `refusal` is why nothing was started, empty where it was.

    `seconds` are those of carrying the plan out. `stale`: it was a saved plan that is refused.
    `run` is the id of the run, empty where none began.
    """

    plan: Plan
    outcomes: tuple[Outcome, ...]
    seconds: float
    refusal: str = ""
    stale: bool = False
    run: str = ""

    def causes(self) -> Iterator[Cause]:
        """Why the run ends as it does."""
        yield from (outcome.cause for outcome in self.outcomes)
        if self.stale:
            yield Cause.GUARD


@click.command(cls=Verb, epilog="\b\nExample:\n  reconcile apply manifests/ --target sandbox")
@partial(shared, formats=RUNS)
@deciding
@partial(locking, commits=True)
@click.option("--max-change", metavar="PERCENT", help="Change at most this share of the agents.")
@click.option("--max-restarts", metavar="N", help="Restart at most this many agents.")
@click.option("--canary", metavar="N", help="Write the first N of each wave before the others.")
@click.option("--yes", is_flag=True, help="Do not ask; without a terminal nobody is asked.")
@click.option("--no-wait", is_flag=True, help="Do not wait for the last agents written to.")
@click.option(
    "--plan",
    "plan_file",
    metavar="FILE",
    type=Path,
    help="Carry out this plan of `plan -o json=FILE` and nothing else, without a question.",
)
@click.pass_obj
def command(
    world: World,
    request: Request,
    options: Options,
    locking: Locking,
    max_change: str | None,
    max_restarts: str | None,
    canary: str | None,
    yes: bool,
    no_wait: bool,
    plan_file: Path | None,
) -> int:
    """Make the live agents what the manifests say and wait until they are back."""
    review = None if plan_file is None else review_of(world, plan_file, options)
    wish = Wish(options, yes or review is not None, locking, review, no_wait)
    typed = TypedLimits.parse(max_change, max_restarts, canary)
    setup = typed.over(prepare(world, request))
    refuse_silent_sandbox(world, setup)
    desired = resolve_secrets(world, setup, strict=True)
    if review is not None:
        check_review(world, request, setup, options, desired, review)
    with sandbox_notice(world, request, setup):
        report = run_interruptible(
            lambda interrupts: applied(world, request, setup, desired, wish, interrupts), world
        )
        tell_report(world, request, setup, report)
    return exit_code(report.causes())


async def applied(
    world: World,
    request: Request,
    setup: Setup,
    desired: Sequence[Desired],
    wish: Wish,
    interrupts: Interrupts,
) -> Report:
    """Read, decide, ask where somebody can be asked, and carry it out."""
    async with reading(
        world, request, setup, desired, options=wish.options, locking=wish.locking
    ) as read:
        stale = ""
        if wish.review is not None:
            read, stale = hold_reading(world, setup, read, wish.options, wish.review)
        refusal = stale or _guarded(read.plan)
        terminal = None if refusal else screen(world, read.plan, yes=wish.yes)
        if terminal is not None or not request.quiet:
            tell_plan(world, request, read.plan, read.accounts)
        if terminal is not None and not confirmed(world, terminal, interrupts):
            refusal = NOT_CONFIRMED
        elif terminal is not None:  # a freeze window may have begun while nobody answered
            refusal = denial(judged(world, setup, read.plan, read.entries).policy)
        started = world.clock.monotonic()  # a question may have waited for hours
        run = ""
        if refusal:
            reason = SAVED_STALE if stale else refusal
            outcomes = [unstarted(agent, reason) for agent in read.plan.agents]
        else:
            run = wish.locking.run
            outcomes = await _carry_out(world, request, setup, read, wish, interrupts)
    seconds = world.clock.monotonic() - started
    return Report(read.plan, tuple(outcomes), seconds, refusal, bool(stale), run)


def _guarded(plan: Plan) -> str:
    """Why this plan is refused as a whole, empty where it is not."""
    return "; ".join(filter(None, (refusal_of(plan), denial(plan.policy))))


async def _carry_out(
    world: World,
    request: Request,
    setup: Setup,
    read: Reading,
    wish: Wish,
    interrupts: Interrupts,
) -> list[Outcome]:
    jobs = {index: job for index, entry in enumerate(read.entries) if (job := _job(entry, wish))}
    reviewed = wish.review.saved.digest if wish.review is not None else ""
    errand = Errand(wish.locking.verb, jobs, wish.options, reviewed, no_wait=wish.no_wait)
    done = await carry_out(world, request, setup, read, errand, interrupts)
    return [done.get(index) or unstarted(agent, "") for index, agent in enumerate(read.plan.agents)]


def _job(entry: Entry, wish: Wish) -> Job | None:
    """None for an agent whose cloud could not be reached."""
    if entry.session is None:
        return None
    bound = wish.review.bound(entry) if wish.review is not None else None
    return Job(entry.desired, entry.rules, entry.session, entry.found, entry.decision.plan, bound)


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


def tell_report(world: World, request: Request, setup: Setup, report: Report) -> None:
    """Write what came of it, and the documents that were asked for."""
    if report.refusal:
        world.err.line(f"error: {report.refusal}")
    terminal = request.text(world)
    if not request.quiet:
        terminal.line()
    terminal.write(_text(report, color=request.color(terminal), verbose=request.verbose))
    if not request.quiet:
        tell_advice(world, terminal, report.run, report.outcomes)
    emit(
        world,
        request,
        document=lambda: dumps(
            {
                **apply_document(report.plan, report.outcomes, seconds=report.seconds),
                "run": report.run or None,
            }
        ),
        text=lambda: text_report(
            setup.target,
            plan_text(request, report.plan),
            _text(report, color=False, verbose=request.verbose),
        ),
        others=run_makers(report.plan, report.outcomes, seconds=report.seconds),
    )


def _text(report: Report, *, color: bool, verbose: bool) -> str:
    outcomes = (
        "" if report.refusal else render_outcomes(report.outcomes, color=color, verbose=verbose)
    )
    return outcomes + render_summary(report.outcomes, seconds=report.seconds, color=color)
