"""`reconcile wait`: until the agents are back from whatever restarts them. Never writes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import click
from anyio import create_task_group

from reconciler.applier.eta import standby_outlook
from reconciler.applier.job import Earlier, Job, Run
from reconciler.applier.record import FileJournal
from reconciler.applier.standby import Waited, stand_by
from reconciler.applier.stop import Stop
from reconciler.cli.carrying import watcher_of
from reconciler.cli.earlier import earlier_of
from reconciler.cli.exits import exit_code
from reconciler.cli.options import Request, Verb, shared
from reconciler.cli.output import EVERYWHERE
from reconciler.cli.progress import Watcher
from reconciler.cli.reading import Entry, reading, resolve_secrets
from reconciler.cli.records import RUNS_FOLDER
from reconciler.cli.setup import Setup, prepare, sandbox_notice
from reconciler.cli.signals import run_interruptible
from reconciler.cli.status import statuses_of, tell_statuses
from reconciler.cli.world import World
from reconciler.differ.options import Options
from reconciler.loader.quantities import parse_duration
from reconciler.model.errors import InputError
from reconciler.model.live import Absent, Health, Live
from reconciler.model.manifest import Desired
from reconciler.model.outcome import Cause
from reconciler.model.status import Status


@click.command(
    cls=Verb,
    epilog="\b\nExample:\n  reconcile wait manifests/ --name customer-service --timeout 5m",
)
@partial(shared, formats=EVERYWHERE)
@click.option(
    "--timeout",
    metavar="TIME",
    help="Wait at most so long (15s, 10m); else as long as the target and each agent say.",
)
@click.pass_obj
def command(world: World, request: Request, timeout: str | None) -> int:
    """Wait until the agents are back: 0 when all are, 5 when one failed, 6 when time ran out."""
    seconds = None if timeout is None else _seconds(timeout)
    setup = prepare(world, request)
    desired = resolve_secrets(world, setup, strict=False)
    if seconds is not None:
        wait = replace(setup.target.wait, timeout_seconds=seconds)
        setup = replace(setup, target=replace(setup.target, wait=wait))
        desired = tuple(_without_timeout(one) for one in desired)
    with sandbox_notice(world, request, setup):
        entries, waited = run_interruptible(lambda _: _wait(world, request, setup, desired), world)
        found = [replace(one, found=last.found) for one, last in zip(entries, waited, strict=True)]
        statuses = [
            _told(status, last)
            for status, last in zip(statuses_of(setup, found), waited, strict=True)
        ]
        tell_statuses(world, request, setup, statuses)
    return exit_code(_causes(statuses, waited))


def _seconds(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise InputError(f"--timeout: {error}") from error


def _without_timeout(desired: Desired) -> Desired:
    """What is typed goes for all of them."""
    return replace(desired, rollout=replace(desired.rollout, timeout_seconds=None))


async def _wait(
    world: World, request: Request, setup: Setup, desired: Sequence[Desired]
) -> tuple[Sequence[Entry], Sequence[Waited]]:
    options = Options(unmanaged=False)
    async with reading(world, request, setup, desired, options=options) as read:
        for account in () if request.quiet else read.accounts:
            request.text(world).line(account)
        jobs = {
            position: Job(one.desired, one.rules, one.session, one.found, one.decision.plan)
            for position, one in enumerate(read.entries)
            if one.session is not None
        }
        earlier = earlier_of(setup.target.name)
        ahead = standby_outlook(list(jobs.values()), earlier, world.clock.monotonic())
        watcher = watcher_of(world, request, ahead)
        run = _run(world, setup, options, watcher, earlier)
        async with create_task_group() as group:
            group.start_soon(watcher.run)
            done = dict(zip(jobs, await stand_by(list(jobs.values()), run), strict=True))
            group.cancel_scope.cancel()
    return read.entries, [
        done.get(position) or Waited(one.found) for position, one in enumerate(read.entries)
    ]


def _told(status: Status, waited: Waited) -> Status:
    """What was confirmed by waiting is no longer said to be in doubt."""
    ready = isinstance(waited.found, Live) and waited.found.health is Health.READY
    return replace(status, reason="") if ready and not waited.late else status


def _causes(statuses: Sequence[Status], waited: Sequence[Waited]) -> Iterator[Cause]:
    for status, last in zip(statuses, waited, strict=True):
        yield status.cause
        if last.late or isinstance(last.found, Absent):
            yield Cause.TIME


def _run(world: World, setup: Setup, options: Options, watcher: Watcher, earlier: Earlier) -> Run:
    """What waiting needs of a run; its record is only read, and never begun."""
    name = setup.target.name
    journal = FileJournal(RUNS_FOLDER, target=name, run="", now=world.clock.wall)
    return Run(
        clock=world.clock,
        journal=journal,
        observer=watcher,
        wait=setup.target.wait,
        limits=setup.target.limits,
        options=options,
        stop=Stop(),
        history=journal.history(),
        earlier=earlier,
    )
