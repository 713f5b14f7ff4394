"""`reconcile rollback`: take back what an earlier run changed, out of its record.

It is a plan like any other, shown and confirmed, held against the live state once more before each
write, and carried out by the applier with a record of its own. No manifest is read for it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import wraps
from pathlib import Path
from typing import Any

import click

from reconciler.applier.runs import find_run
from reconciler.cli.advice import tell_held
from reconciler.cli.apply import unstarted
from reconciler.cli.carrying import Errand, carry_out
from reconciler.cli.emit import emit, plan_text, tell_plan, text_report
from reconciler.cli.exits import exit_code
from reconciler.cli.locks import Locking, locking
from reconciler.cli.options import Request, Verb, typed_path
from reconciler.cli.output import EVERYWHERE, parse_outputs
from reconciler.cli.question import NOT_CONFIRMED, confirmed, screen
from reconciler.cli.reading import reading
from reconciler.cli.records import RUNS_FOLDER
from reconciler.cli.revert import WAYS, NoRevert, Revert, Way, revert_of, told
from reconciler.cli.setup import Setup, prepare_target, sandbox_notice
from reconciler.cli.signals import Interrupts, run_interruptible
from reconciler.cli.taking_back import Taken, take_back, where_found, written
from reconciler.cli.world import World
from reconciler.differ.options import Options
from reconciler.model.errors import GuardError, InputError
from reconciler.model.manifest import Address
from reconciler.model.outcome import Cause, Outcome, Result
from reconciler.model.plan import Plan, Unreadable
from reconciler.model.run import AgentRecord, RunRecord, RunState
from reconciler.report.count import counted
from reconciler.report.json import apply_document, dumps, plan_document
from reconciler.report.outcomes import render_outcomes, render_summary
from reconciler.report.plain import plain
from reconciler.report.policy import denial

_BACK = (Result.CHANGED, Result.UNCHANGED)
_EVERY_CHANGE = 100.0


class _RollbackVerb(Verb):
    """A command whose `--git-revert` takes a value behind an equals sign alone."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """See `click.Command.parse_args`."""
        spelt = ["--git-revert=print" if one == "--git-revert" else one for one in args]
        return super().parse_args(ctx, spelt)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be taken back, and how."""

    run: RunRecord
    agents: tuple[AgentRecord, ...]
    yes: bool
    dry_run: bool
    locking: Locking


@dataclass(frozen=True, slots=True)
class Report:
    """What came of it; `outcomes` is empty where it was only shown."""

    taken: Taken
    outcomes: tuple[Outcome, ...] = ()
    seconds: float = 0.0
    refusal: str = ""
    run: str = ""

    @property
    def plan(self) -> Plan:
        """What was to be done."""
        return self.taken.read.plan

    @property
    def held(self) -> tuple[Address, ...]:
        """The agents whose manifests of then are held back from now on."""
        sent = (one for one in self.outcomes if one.writes)
        return tuple(one.address for one in sent)

    @property
    def complete(self) -> bool:
        """Whether every agent is back, whatever could not be restored of it."""
        return bool(self.outcomes) and all(one.result in _BACK for one in self.outcomes)

    def causes(self) -> Iterator[Cause]:
        """Why the run ends as it does; a field that stays is left over, as a blocked agent is."""
        yield from (outcome.cause for outcome in self.outcomes)
        if not self.outcomes:
            yield from (one.cause for one in self.plan.agents if isinstance(one, Unreadable))
        elif self.taken.stays:
            yield Cause.GUARD


def _request(function: Callable[..., int]) -> Callable[..., int]:
    """Collect what every verb takes into one `Request`."""

    @wraps(function)
    def verb(**values: Any) -> int:
        request = Request(
            paths=values.pop("paths") or (Path(),),
            target=values.pop("target"),
            selector=None,
            names=tuple(values.pop("names")),
            outputs=parse_outputs(values.pop("outputs"), EVERYWHERE),
            no_color=values.pop("no_color"),
            verbose=values.pop("verbose"),
            quiet=values.pop("quiet"),
        )
        return function(request=request, **values)

    return verb


@click.command(
    cls=_RollbackVerb,
    epilog="\b\nExamples:\n  reconcile rollback --run 20261120 --dry-run"
    "\n  reconcile rollback --run 20261120T120000000Z-0a1b2c --git-revert=commit",
)
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=typed_path)
@click.option("--run", "run", metavar="ID", required=True, help="The run to take back.")
@click.option(
    "--name", "names", metavar="GLOB...", multiple=True, help="Only agents of such names."
)
@click.option("--target", metavar="NAME", help="Must be the target of that run.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask; without a terminal nobody is asked.")
@click.option(
    "--git-revert",
    type=click.Choice(WAYS),
    metavar="[=print|=commit]",
    help="Say how git takes the manifests back, or make that commit. Nothing is pushed.",
)
@click.option(
    "-o", "--output", "outputs", metavar="FORMAT[=FILE]", multiple=True, help="text or json."
)
@click.option("--no-color", is_flag=True, help="No colour and no live display.")
@click.option("-v", "--verbose", is_flag=True, help="More detail, and each request on stderr.")
@click.option("-q", "--quiet", is_flag=True, help="Results and errors only.")
@_request
@locking
@click.pass_obj
def command(
    world: World,
    request: Request,
    locking: Locking,
    run: str,
    dry_run: bool,
    yes: bool,
    git_revert: Way | None,
) -> int:
    """Write back what the agents were before the run ID changed them, and wait until they are back.

    What can't be restored is named: secrets, which no record holds, what was unset before, and
    agents that the run created. An agent that was changed since is left alone. Of PATH only
    reconcile.yaml is read; without PATH it is looked for from the working folder.
    """
    record = find_run(RUNS_FOLDER, run)
    _check_run(record, request.target)
    agents = _chosen(record, request.names)
    request = replace(request, target=record.target)
    setup = _unguarded(prepare_target(world, request))
    if not agents:
        request.text(world).line(f"run {plain(record.id)} wrote to no agent: nothing to take back")
        return 0
    revert = _revert(record, agents, git_revert, dry_run=dry_run)
    wish = Wish(record, agents, yes, dry_run, locking)
    with sandbox_notice(world, request, setup):
        report = run_interruptible(
            lambda interrupts: _roll_back(world, request, setup, wish, interrupts), world
        )
        _tell(world, request, setup, wish, report)
        if report.held and not request.quiet:
            told_of = f"Written back: {counted(len(report.held), 'agent')}."
            tell_held(world, request.text(world), told_of, record.id, report.held)
    if isinstance(revert, Revert):
        _make_git_agree(world, request, revert, git_revert if report.complete else "print")
    elif revert:
        request.text(world).line(f"git: {plain(revert)}")
    return exit_code(report.causes())


def _check_run(record: RunRecord, target: str | None) -> None:
    """Raises GuardError where this run is not to be taken back here."""
    if target not in (None, record.target):
        raise GuardError(
            f"run {record.id} wrote to the target {record.target}, not to {target}; leave --target "
            "out, or give that one"
        )
    if record.state is RunState.RUNNING:
        raise GuardError(
            f"run {record.id} is still running (process {record.pid} on {record.host}); "
            "stop it, or wait for its end"
        )


def _chosen(record: RunRecord, globs: Sequence[str]) -> tuple[AgentRecord, ...]:
    """The agents that the run wrote and that are meant. Raises InputError for a glob without any."""
    agents = tuple(agent for agent in record.agents if written(agent))
    for glob in globs:
        if not any(fnmatchcase(agent.address.name, glob) for agent in agents):
            names = ", ".join(agent.address.name for agent in agents) or "none"
            raise InputError(
                f"--name {glob}: run {record.id} wrote to no agent of this name (it wrote to {names})"
            )
    return tuple(
        agent
        for agent in agents
        if not globs or any(fnmatchcase(agent.address.name, glob) for glob in globs)
    )


def _unguarded(setup: Setup) -> Setup:
    """Bringing back beats the budgets: the agents are those of the run, not of a wrong folder."""
    limits = replace(setup.target.limits, max_change_percent=_EVERY_CHANGE, max_restarts=None)
    return replace(setup, target=replace(setup.target, limits=limits))


def _revert(
    record: RunRecord, agents: Sequence[AgentRecord], way: Way | None, *, dry_run: bool
) -> Revert | str:
    """How git goes back, checked before anything is written, or why it does not.

    Raises NoRevert where a commit was asked for that can't be made; GitFailed.
    """
    if way is None:
        return ""
    must = way == "commit" and not dry_run
    try:
        revert = revert_of(record, [agent.address for agent in agents])
        if must:
            revert.check()
    except NoRevert as error:
        if must:
            raise
        return str(error)
    return revert


async def _roll_back(
    world: World, request: Request, setup: Setup, wish: Wish, interrupts: Interrupts
) -> Report:
    found = [where_found(world, setup, wish.run, agent) for agent in wish.agents]
    locks = None if wish.dry_run else wish.locking
    async with reading(world, request, setup, found, options=Options(), locking=locks) as read:
        taken = take_back(world, setup, read, wish.run, wish.agents)
        plan = taken.read.plan
        terminal = None if wish.dry_run else screen(world, plan, yes=wish.yes)
        if terminal is not None or not request.quiet:
            tell_plan(world, request, plan, taken.read.accounts)
        if wish.dry_run:
            return Report(taken)
        refusal = denial(plan.policy)
        if not refusal and terminal is not None and not confirmed(world, terminal, interrupts):
            refusal = NOT_CONFIRMED
        started = world.clock.monotonic()
        jobs = {} if refusal else taken.jobs()
        done: dict[int, Outcome] = {}
        if jobs:
            start = {"of": wish.run.id}
            errand = Errand(
                "rollback", jobs, Options(), start=start, events=taken.events, released=True
            )
            done = await carry_out(world, request, setup, taken.read, errand, interrupts)
        outcomes = [done.get(i) or unstarted(one, refusal) for i, one in enumerate(plan.agents)]
        run = wish.locking.run if jobs else ""
    return Report(taken, tuple(outcomes), world.clock.monotonic() - started, refusal, run)


def _tell(world: World, request: Request, setup: Setup, wish: Wish, report: Report) -> None:
    if report.refusal:
        world.err.line(f"error: {report.refusal}")
    terminal = request.text(world)
    if report.outcomes:
        if not request.quiet:
            terminal.line()
        terminal.write(_text(report, color=request.color(terminal), verbose=request.verbose))
    emit(
        world,
        request,
        document=lambda: dumps(_document(wish, report)),
        text=lambda: text_report(
            setup.target,
            plan_text(request, report.plan),
            _text(report, color=False, verbose=request.verbose),
        ),
    )


def _text(report: Report, *, color: bool, verbose: bool) -> str:
    if not report.outcomes:
        return ""
    lines = render_outcomes(report.outcomes, color=color, verbose=verbose)
    stays = "".join(
        f"not restored: {plain(str(address))} {plain(path)}: {why}\n"
        for address, fields in report.taken.stays.items()
        for path, why in fields
    )
    summary = render_summary(report.outcomes, seconds=report.seconds, color=color)
    return ("" if report.refusal else lines + stays) + summary


def _document(wish: Wish, report: Report) -> dict[str, Any]:
    """The document of `apply -o json` (of `plan -o json` where nothing was done), and more."""
    document = (
        apply_document(report.plan, report.outcomes, seconds=report.seconds)
        if report.outcomes
        else plan_document(report.plan)
    )
    if report.outcomes:
        document["run"] = report.run or None
    document["rollbackOf"] = wish.run.id
    document["notRestored"] = [
        {
            "apiVersion": address.api_version,
            "kind": address.kind,
            "name": address.name,
            "path": path,
            "reason": why,
        }
        for address, fields in report.taken.stays.items()
        for path, why in fields
    ]
    return document


def _make_git_agree(world: World, request: Request, revert: Revert, way: Way | None) -> None:
    """Print how git goes back, or make the commit. Raises NoRevert and GitFailed."""
    terminal = request.text(world)
    if way == "commit":
        made = revert.commit()
        terminal.line(
            f"committed {made[:12]}: {counted(len(revert.files), 'file')} as in "
            f"{revert.base[:12]} again; it is not pushed"
        )
        return
    for line in told(revert):
        terminal.line(line)
