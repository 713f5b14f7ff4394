"""What earlier runs of the target left open, told before anything is written."""

from typing import Final

from reconciler.applier.runs import read_run
from reconciler.cli.options import Request
from reconciler.cli.records import RUNS_FOLDER
from reconciler.cli.world import World
from reconciler.model.errors import InputError
from reconciler.model.run import RunState
from reconciler.ports import History
from reconciler.report.count import counted
from reconciler.report.plain import plain

_NAMED: Final = 5
_HOW: Final = {
    RunState.KILLED: "was killed and left",
    RunState.INTERRUPTED: "was interrupted and left",
    RunState.ENDED: "ended and left",
    RunState.RUNNING: "is still running, with",
}


def tell_leftovers(world: World, request: Request, target: str, history: History) -> None:
    """Name each run that left agents with a write without an end, and what is done about it."""
    runs: dict[str, list[str]] = {}
    for key, left in history.unfinished.items():
        runs.setdefault(left.run, []).append(key.split("/", 2)[-1])
    for run, names in runs.items() if not request.quiet else ():
        try:
            record = read_run(RUNS_FOLDER / f"{run}.jsonl", target)
        except InputError:
            continue
        how = _HOW[RunState.ENDED if record is None else record.state]
        named = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
        world.err.line(
            f"run {plain(run)} {how} {counted(len(names), 'agent')} with a write without an end "
            f"({plain(named)}); each is read and waited for before anything is written to it"
        )
