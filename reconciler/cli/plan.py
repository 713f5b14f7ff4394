"""`reconcile plan`: what differs and what would be done. Never writes."""

from collections.abc import Iterator, Sequence

import click

from reconciler.cli.emit import emit, plan_text, tell_plan, tell_result, text_report
from reconciler.cli.exits import exit_code
from reconciler.cli.options import Request, Verb, deciding, shared
from reconciler.cli.reading import reading, resolve_secrets
from reconciler.cli.setup import Setup, prepare, sandbox_notice
from reconciler.cli.signals import run_interruptible
from reconciler.cli.world import World
from reconciler.differ.options import Options
from reconciler.model.manifest import Desired
from reconciler.model.outcome import Cause
from reconciler.model.plan import Plan, Unreadable
from reconciler.report.count import count_plan
from reconciler.report.json import dumps, plan_document


@click.command(cls=Verb, epilog="\b\nExample:\n  reconcile plan manifests/ -o json=plan.json")
@shared
@deciding
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 where something differs.")
@click.pass_obj
def command(world: World, request: Request, options: Options, detailed_exitcode: bool) -> int:
    """Show what differs between the manifests and the live agents."""
    setup = prepare(world, request)
    desired = resolve_secrets(world, setup, strict=False)
    with sandbox_notice(world, request, setup):
        plan = run_interruptible(lambda _: _read(world, request, setup, desired, options), world)
        emit(
            world,
            request,
            document=lambda: dumps(plan_document(plan)),
            text=lambda: text_report(setup.target, plan_text(request, plan)),
        )
    return exit_code(plan_causes(plan, detailed=detailed_exitcode))


async def _read(
    world: World, request: Request, setup: Setup, desired: Sequence[Desired], options: Options
) -> Plan:
    async with reading(world, request, setup, desired, writable=False, options=options) as read:
        if request.quiet:
            tell_result(world, request, read.plan)
        else:
            tell_plan(world, request, read.plan, read.accounts)
        return read.plan


def plan_causes(plan: Plan, *, detailed: bool) -> Iterator[Cause]:
    """Why a run that only planned ends as it does."""
    for agent in plan.agents:
        if isinstance(agent, Unreadable):
            yield agent.cause
    if detailed and count_plan(plan).differences:
        yield Cause.DIFFERENCE
