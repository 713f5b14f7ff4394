"""`reconcile plan`: what differs and what would be done. Never writes."""

from collections.abc import Iterator, Sequence
from functools import partial

import click

from reconciler.cli.emit import (
    emit,
    plan_text,
    rehearsal_text,
    tell_plan,
    tell_rehearsal,
    tell_result,
    text_report,
)
from reconciler.cli.exits import exit_code
from reconciler.cli.formats import plan_makers
from reconciler.cli.options import Request, Verb, deciding, shared
from reconciler.cli.output import PLANS
from reconciler.cli.reading import Reading, reading, resolve_secrets
from reconciler.cli.saved import plan_key, saved_plan
from reconciler.cli.setup import Setup, prepare, sandbox_notice
from reconciler.cli.signals import run_interruptible
from reconciler.cli.world import World
from reconciler.differ.options import Options
from reconciler.model.manifest import Desired
from reconciler.model.outcome import Cause
from reconciler.model.plan import Plan, Unreadable
from reconciler.model.rehearsal import Rehearsal
from reconciler.report.count import count_plan


@click.command(
    cls=Verb,
    epilog="\b\nExamples:\n  reconcile plan manifests/ -o json=plan.json"
    "\n  reconcile plan manifests/ -o markdown=plan.md -o sarif=plan.sarif -o github"
    "\n  reconcile plan manifests/ --rehearse -o markdown=plan.md",
)
@partial(shared, formats=PLANS)
@deciding
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 where something differs.")
@click.option("--summary", is_flag=True, help="One line for each agent.")
@click.option("--rehearse", is_flag=True, help="Play the apply on a copy in memory, failures too.")
@click.pass_obj
def command(
    world: World,
    request: Request,
    options: Options,
    detailed_exitcode: bool,
    summary: bool,
    rehearse: bool,
) -> int:
    """Show what differs between the manifests and the live agents."""
    if request.outputs.wants_json:
        plan_key(world)  # one that could be guessed is told before anything is read
    setup = prepare(world, request)
    desired = resolve_secrets(world, setup, strict=False)
    with sandbox_notice(world, request, setup):
        read = run_interruptible(
            lambda _: _read(world, request, setup, desired, options, summary), world
        )
        plan = read.plan
        rehearsal = _rehearsed(world, request, setup, read, options) if rehearse else None
        emit(
            world,
            request,
            document=lambda: saved_plan(world, request, setup, options, read, rehearsal),
            text=lambda: text_report(
                setup.target,
                plan_text(request, plan, summary=summary),
                *rehearsal_text(rehearsal),
            ),
            others=plan_makers(plan, rehearsal),
        )
    return exit_code(plan_causes(plan, detailed=detailed_exitcode))


async def _read(
    world: World,
    request: Request,
    setup: Setup,
    desired: Sequence[Desired],
    options: Options,
    summary: bool,
) -> Reading:
    async with reading(world, request, setup, desired, options=options) as read:
        if request.quiet and not summary:
            tell_result(world, request, read.plan)
        else:
            tell_plan(world, request, read.plan, read.accounts, summary=summary)
        return read


def _rehearsed(
    world: World, request: Request, setup: Setup, read: Reading, options: Options
) -> Rehearsal:
    """Play what was read, and tell what came of it."""
    from reconciler.cli.rehearse import rehearsed

    rehearsal = rehearsed(world, setup, read, options)
    tell_rehearsal(world, request, rehearsal)
    return rehearsal


def plan_causes(plan: Plan, *, detailed: bool) -> Iterator[Cause]:
    """Why a run that only planned ends as it does."""
    for agent in plan.agents:
        if isinstance(agent, Unreadable):
            yield agent.cause
    if detailed and count_plan(plan).differences:
        yield Cause.DIFFERENCE
