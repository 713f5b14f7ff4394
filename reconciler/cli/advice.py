"""What to do after an apply that took agents back: git still wants what failed."""

from collections.abc import Sequence

from reconciler.applier.runs import read_run
from reconciler.cli.git import GitFailed
from reconciler.cli.records import RUNS_FOLDER
from reconciler.cli.revert import NoRevert, revert_of, told
from reconciler.cli.terminal import Terminal
from reconciler.cli.world import World
from reconciler.model.errors import InputError
from reconciler.model.manifest import Address
from reconciler.model.outcome import Cause, Outcome
from reconciler.model.run import RunRecord
from reconciler.report.count import counted
from reconciler.report.plain import plain


def tell_advice(world: World, terminal: Terminal, run: str, outcomes: Sequence[Outcome]) -> None:
    """Say where the record of a failure is, and of what went back how git agrees again."""
    if not any(one.writes and one.cause is not Cause.NONE for one in outcomes):
        return
    try:
        record = read_run(RUNS_FOLDER / f"{run}.jsonl") if run else None
    except InputError:
        record = None
    if record is None:
        return
    back = "" if not _left(record, outcomes) else f"; reconcile rollback --run {run} takes it back"
    world.err.line(f"what was sent and answered: reconcile runs show {run}{back}")
    held = [one.address for one in record.agents if any(write.back for write in one.writes)]
    if held:
        _tell_of_quarantine(world, terminal, record, held)


def _left(record: RunRecord, outcomes: Sequence[Outcome]) -> bool:
    """Whether the run changed anything that has not been taken back by itself."""
    whole = {one.address for one in outcomes if one.rollback is not None and one.rollback.complete}
    return any(
        write.paths and not write.back and write.operation != "create"
        for agent in record.agents
        if agent.address not in whole
        for write in agent.writes
    )


def tell_held(
    world: World, terminal: Terminal, before: str, run: str, held: Sequence[Address]
) -> None:
    """Say, after `before`, that what `run` wanted of these agents is held back, and until when."""
    terminal.line(
        f"{before} The same manifests are not applied to {'it' if len(held) == 1 else 'them'} "
        f"again until `reconcile runs release {plain(run)}`."
    )
    if world.environ.get("CI"):
        terminal.line(
            "Only .reconcile/runs knows of this: a pipeline that does not keep that folder applies "
            "the same commit again."
        )


def _tell_of_quarantine(
    world: World, terminal: Terminal, record: RunRecord, held: Sequence[Address]
) -> None:
    terminal.line()
    tell_held(world, terminal, f"{counted(len(held), 'agent')} had to go back.", record.id, held)
    try:
        lines = told(revert_of(record, held))
        lines.append(f"or: reconcile rollback --run {record.id} --git-revert=commit")
    except NoRevert as error:
        lines = [f"git: {plain(str(error))}"]
    except (GitFailed, InputError):
        return
    for line in lines:
        terminal.line(line)
