"""`reconcile restart`: send agents the state that they have once more, and wait until they are back.

Nothing of the manifests is sent: what differs stays for `apply`, where it is shown and reviewed.
"""

from dataclasses import replace
from functools import partial

import click

from reconciler.cli.apply import Wish, applied, tell_report
from reconciler.cli.exits import exit_code
from reconciler.cli.guards import TypedLimits
from reconciler.cli.locks import Locking, locking
from reconciler.cli.options import NamingVerb, Request, shared
from reconciler.cli.output import RUNS
from reconciler.cli.reading import resolve_secrets
from reconciler.cli.setup import Setup, prepare, refuse_silent_sandbox, sandbox_notice
from reconciler.cli.signals import run_interruptible
from reconciler.cli.world import World
from reconciler.differ.options import Options
from reconciler.model.manifest import Desired, OnFailure

_EVERY_CHANGE = 100.0


@click.command(
    cls=NamingVerb,
    epilog="\b\nExamples:\n  reconcile restart customer-service manifests/ --target sandbox"
    "\n  reconcile restart -l team=support manifests/",
)
@partial(shared, formats=RUNS)
@locking
@click.option("--max-restarts", metavar="N", help="Restart at most this many agents.")
@click.option("--yes", is_flag=True, help="Do not ask; without a terminal nobody is asked.")
@click.pass_obj
def command(
    world: World, request: Request, locking: Locking, max_restarts: str | None, yes: bool
) -> int:
    """Send the agents NAME the state that they have once more, and wait until they are back."""
    if not request.names and request.selector is None:
        raise click.UsageError("which agents? Give their names, or labels with -l.")
    wish = Wish(Options(restart=True), yes, locking)
    setup = TypedLimits.parse(None, max_restarts).over(_unguarded(prepare(world, request)))
    refuse_silent_sandbox(world, setup)
    desired = [as_it_is(one, setup) for one in resolve_secrets(world, setup, strict=False)]
    with sandbox_notice(world, request, setup):
        report = run_interruptible(
            lambda interrupts: applied(world, request, setup, desired, wish, interrupts), world
        )
        tell_report(world, request, setup, report)
    return exit_code(report.causes())


def as_it_is(desired: Desired, setup: Setup) -> Desired:
    """The agent with nothing declared but where it is found: whatever it has is what it shall have.

    Writing back what was there before would only restart it again, so a failure is only told.
    """
    _, kind = setup.catalogue.owner(desired.address)
    where = {name: desired.spec[name] for name in kind.locators if name in desired.spec}
    rollout = replace(desired.rollout, on_failure=OnFailure.STOP)
    return replace(desired, spec=where, ignore=(), rollout=rollout)


def _unguarded(setup: Setup) -> Setup:
    """No value changes, and the agents were named: the guard against a wrong folder has no say."""
    limits = replace(setup.target.limits, max_change_percent=_EVERY_CHANGE)
    return replace(setup, target=replace(setup.target, limits=limits))
