"""Carrying out what was decided: the record, the watcher and the signals of every verb that writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from anyio import create_task_group

from reconciler.applier.eta import Outlook, outlook_of
from reconciler.applier.job import Job, Run
from reconciler.applier.run import run
from reconciler.applier.stop import Stop
from reconciler.cli.earlier import earlier_of
from reconciler.cli.leftovers import tell_leftovers
from reconciler.cli.options import Request
from reconciler.cli.progress import PlainLines, Silent, Watcher
from reconciler.cli.reading import Reading
from reconciler.cli.records import recording, run_id
from reconciler.cli.setup import Setup
from reconciler.cli.signals import Interrupts
from reconciler.cli.world import World
from reconciler.differ.options import Options
from reconciler.model.outcome import Outcome
from reconciler.model.tree import Json, Tree


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be carried out: `jobs` by their position among the agents of the reading.

    `command` is the verb. `reviewed` is the digest of a saved plan. `start` are further members of
    the record's first line, `events` the lines that come before anything is sent.
    With `no_wait` the last of them are not waited for. `released`: what is quarantined may be
    written all the same.
    """

    command: str
    jobs: Mapping[int, Job]
    options: Options
    reviewed: str = ""
    start: Mapping[str, Json] = field(default_factory=dict)
    events: Sequence[Tree] = ()
    no_wait: bool = False
    released: bool = False


async def carry_out(
    world: World,
    request: Request,
    setup: Setup,
    read: Reading,
    errand: Errand,
    interrupts: Interrupts,
) -> dict[int, Outcome]:
    """The outcomes by the same positions as the jobs."""
    name = setup.target.name
    earlier = earlier_of(name)
    outlook = outlook_of(list(errand.jobs.values()), setup.target.limits, earlier)
    watcher = watcher_of(world, request, outlook)
    stop = Stop()
    interrupts.stop_with(stop, watcher.restore)
    known = read.held.run if read.held is not None else run_id(world)
    start = {"command": errand.command, **errand.start}
    with recording(world, name, known, request.paths, start) as journal:
        state = Run(
            clock=world.clock,
            journal=journal,
            observer=watcher,
            wait=setup.target.wait,
            limits=setup.target.limits,
            options=errand.options,
            stop=stop,
            reviewed=errand.reviewed,
            earlier=earlier,
            no_wait=errand.no_wait,
            released=errand.released,
        )
        if setup.target.policy.rules:
            from reconciler.cli.policies import permission

            state.permit = permission(world, setup, read.plan)
        if read.held is not None:
            state.lock_lost = read.held.lost
            journal.write(read.held.event())
            read.held.keep()
        tell_leftovers(world, request, name, journal.history())
        for event in errand.events:
            journal.write(event)
        async with create_task_group() as group:
            group.start_soon(watcher.run)
            done = dict(zip(errand.jobs, await run(list(errand.jobs.values()), state), strict=True))
            group.cancel_scope.cancel()
    return done


def watcher_of(world: World, request: Request, outlook: Outlook | None = None) -> Watcher:
    """Who shows what is going on: nobody, live rows on a terminal, or plain lines.

    `outlook` tells how much longer it takes.
    """
    if request.quiet:
        return Silent()
    if request.color(world.err):
        from reconciler.cli.live import LiveRows

        return LiveRows(world.err, world.clock, outlook)
    return PlainLines(world.err, world.clock, outlook)
