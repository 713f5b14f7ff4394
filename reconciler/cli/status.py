"""`reconcile status`: how the agents are, whatever they shall be. Never writes."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import click

from reconciler.applier.eta import left_seconds
from reconciler.applier.job import Earlier, key
from reconciler.applier.record import history_of
from reconciler.applier.runs import read_run
from reconciler.cli.earlier import earlier_of
from reconciler.cli.emit import emit, text_report
from reconciler.cli.exits import exit_code
from reconciler.cli.options import Request, Verb, shared
from reconciler.cli.output import EVERYWHERE
from reconciler.cli.reading import Entry, Reading, reading, resolve_secrets
from reconciler.cli.records import RUNS_FOLDER
from reconciler.cli.setup import Setup, prepare, sandbox_notice
from reconciler.cli.signals import run_interruptible
from reconciler.cli.world import World
from reconciler.differ.options import Options
from reconciler.model.errors import InputError
from reconciler.model.ledger import Recorded
from reconciler.model.live import Absent, Ambiguous, Found, Health, Live, Unread
from reconciler.model.manifest import Desired
from reconciler.model.outcome import Cause
from reconciler.model.run import RunState
from reconciler.model.status import Open, State, Status
from reconciler.ports import History, Unfinished
from reconciler.report.json import dumps
from reconciler.report.status import moment_text, render_status, status_document

_STATES = {
    Health.READY: State.READY,
    Health.BUSY: State.RESTARTING,
    Health.FAILED: State.FAILED,
    Health.UNKNOWN: State.UNKNOWN,
    Health.NONE: State.NO_STATUS,
}


@click.command(
    cls=Verb, epilog="\b\nExample:\n  reconcile status manifests/ -l team=support -o json"
)
@partial(shared, formats=EVERYWHERE)
@click.pass_obj
def command(world: World, request: Request) -> int:
    """Show how the agents are: health, version, since when, and which are restarting."""
    setup = prepare(world, request)
    desired = resolve_secrets(world, setup, strict=False)
    with sandbox_notice(world, request, setup):
        read = run_interruptible(lambda _: _read(world, request, setup, desired), world)
        statuses = statuses_of(setup, read.entries)
        tell_statuses(world, request, setup, statuses)
    return exit_code(status.cause for status in statuses)


async def _read(
    world: World, request: Request, setup: Setup, desired: Sequence[Desired]
) -> Reading:
    async with reading(world, request, setup, desired, options=Options(unmanaged=False)) as read:
        for account in () if request.quiet else read.accounts:
            request.text(world).line(account)
        return read


def statuses_of(setup: Setup, entries: Sequence[Entry]) -> list[Status]:
    """How each of these agents is, by its read and by the records of earlier runs."""
    history = history_of(RUNS_FOLDER, setup.target.name)
    earlier = earlier_of(setup.target.name)
    return [_status(setup, entry, entry.found, history, earlier) for entry in entries]


def _status(setup: Setup, entry: Entry, found: Found, history: History, earlier: Earlier) -> Status:
    address = entry.desired.address
    unfinished = _open(setup, history.unfinished.get(key(address)))
    match found:
        case Live():
            return replace(
                _of_live(setup, entry, found, history),
                left_seconds=_left(earlier(address, "update"), found),
                open=unfinished,
            )
        case Absent():
            return Status(address, State.ABSENT, reason="it does not exist", open=unfinished)
        case Ambiguous(ids):
            reason = f"{len(ids)} agents have this name: {', '.join(ids)}"
            return Status(address, State.AMBIGUOUS, reason=reason, cause=Cause.GUARD)
        case Unread(reason, cause):
            return Status(address, State.UNREADABLE, reason=reason, open=unfinished, cause=cause)


def _open(setup: Setup, left: Unfinished | None) -> Open | None:
    """What a run left open of an agent, and whether it is still at work."""
    if left is None:
        return None
    try:
        record = read_run(RUNS_FOLDER / f"{left.run}.jsonl", setup.target.name)
    except InputError:  # gone meanwhile; what it left is known all the same
        record = None
    running = record is not None and record.state is RunState.RUNNING
    return Open(left.run, left.written_at, running)


def _of_live(setup: Setup, entry: Entry, live: Live, history: History) -> Status:
    address, state = entry.desired.address, _STATES[live.health]
    version = setup.catalogue.owner(address)[1].version
    shown = live.tree.get(version) if version else None
    age = None if live.age_seconds is None else round(live.age_seconds, 3)
    reason = "" if state is State.READY else live.status_reason
    young = age is not None and age < setup.target.wait.settle_seconds
    if state is State.READY and young and history.seen_back.get(key(address)) != live.stamp:
        reason = "updated just now: a restart may have begun and not show yet"
    return Status(
        address,
        state,
        live.id,
        live.status,
        reason,
        version="" if shown is None else str(shown),
        since="" if live.stamp is None else moment_text(live.stamp),
        age_seconds=age,
        cause=Cause.AGENT_FAILED if state is State.FAILED else Cause.NONE,
    )


def _left(earlier: Sequence[Recorded], live: Live) -> float | None:
    """How much longer a restart that shows is expected to take."""
    if live.health is not Health.BUSY or live.age_seconds is None:
        return None
    left = left_seconds(earlier, live.age_seconds)
    return None if left is None else round(left, 3)


def tell_statuses(world: World, request: Request, setup: Setup, statuses: Sequence[Status]) -> None:
    """Write them for people, and the documents that were asked for."""
    now = world.clock.wall()
    terminal = request.text(world)
    if not request.quiet:
        terminal.line()
    terminal.write(render_status(statuses, now=now, color=request.color(terminal)))
    emit(
        world,
        request,
        document=lambda: dumps(status_document(setup.target.name, statuses)),
        text=lambda: text_report(setup.target, render_status(statuses, now=now, color=False)),
    )
