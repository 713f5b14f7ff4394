"""`reconcile runs`: what earlier runs did, out of their records. Asks no cloud."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import click

from reconciler.applier.record import history_of
from reconciler.applier.runs import address_of, find_run, read_run, run_files
from reconciler.cli.output import Outputs, parse_outputs, write_file
from reconciler.cli.records import RUNS_FOLDER, recording, run_id
from reconciler.cli.world import World
from reconciler.model.errors import InputError
from reconciler.model.manifest import Address
from reconciler.model.run import RunRecord
from reconciler.report.count import counted
from reconciler.report.json import dumps
from reconciler.report.plain import plain
from reconciler.report.runs import Held, render_run, render_runs, run_document, runs_document

_LAST: Final = 20


@dataclass(frozen=True, slots=True)
class _Listed:
    """The newest runs, how many older ones there are, and the files that are no records."""

    runs: list[RunRecord]
    older: int
    not_records: list[tuple[str, str]]


_output = click.option(
    "-o",
    "--output",
    "outputs",
    metavar="FORMAT[=FILE]",
    multiple=True,
    help="text or json; may be given several times.",
)
_no_color = click.option("--no-color", is_flag=True, help="No colour.")


@click.group(
    invoke_without_command=True,
    epilog="\b\nExamples:\n  reconcile runs\n  reconcile runs show 20261120\n"
    "  reconcile runs release 20261120T120000000Z-0a1b2c",
)
@click.option("--target", metavar="NAME", help="Only runs against this target.")
@click.option(
    "--last", type=click.IntRange(1), default=_LAST, show_default=True, metavar="N", help="So many."
)
@_output
@_no_color
@click.pass_context
def command(
    context: click.Context, target: str | None, last: int, outputs: tuple[str, ...], no_color: bool
) -> int:
    """List the runs of this working folder, the newest first; they lie in .reconcile/runs.

    A run is running, ended, interrupted, or killed: then its process is gone and it never wrote
    its end. A pipeline that does not keep .reconcile/runs knows of no earlier run.
    """
    if context.invoked_subcommand is not None:
        return 0
    world: World = context.obj
    wanted = parse_outputs(outputs)
    found = _listed(target, last)
    held = _quarantined(found.runs)
    for file, reason in found.not_records:
        world.err.line(f"note: {plain(file)} is no record of a run, and passed over: {reason}")
    color = world.out.color and not no_color

    def text(*, color: bool) -> str:
        if not found.runs:
            return f"no runs in {RUNS_FOLDER}\n"
        more = f"{counted(found.older, 'older run')}: --last N shows more\n" if found.older else ""
        return render_runs(found.runs, held, color=color) + more

    document = runs_document(found.runs, held, older=found.older, not_records=found.not_records)
    _write(world, wanted, text(color=color), text(color=False), document)
    return 0


@command.command("show", epilog="\b\nExample:\n  reconcile runs show 20261120")
@click.argument("prefix", metavar="ID")
@_output
@_no_color
@click.pass_obj
def show_command(world: World, prefix: str, outputs: tuple[str, ...], no_color: bool) -> int:
    """Show what one run intended, what was answered, and how each agent ended.

    ID is the id of a run, or the beginning of one that no other run shares.
    """
    wanted = parse_outputs(outputs)
    run = find_run(RUNS_FOLDER, prefix)
    held = _quarantined([run]).get(run.id, ())
    color = world.out.color and not no_color
    shown = render_run(run, held, color=color)
    _write(world, wanted, shown, render_run(run, held, color=False), run_document(run, held))
    return 0


@command.command(
    "release", epilog="\b\nExample:\n  reconcile runs release 20261120T120000000Z-0a1b2c"
)
@click.argument("prefix", metavar="ID")
@click.pass_obj
def release_command(world: World, prefix: str) -> int:
    """Let the manifests that run ID took back be applied again.

    They were quarantined because an agent failed with them. What was released stands in a record
    of its own.
    """
    run = find_run(RUNS_FOLDER, prefix)
    held = sorted(_quarantined([run]).get(run.id, ()))
    if not held:
        back = run.of and run.command == "rollback"
        other = f"; it took run {run.of} back, so release that one" if back else ""
        raise InputError(f"nothing is quarantined by run {run.id}{other}")
    start = {"command": "release", "of": run.id}
    with recording(world, run.target, run_id(world), (), start) as journal:
        journal.write({"event": "released", "of": run.id})
        journal.write({"event": "run-ended", "interrupted": False, "results": {}})
    names = ", ".join(plain(str(address)) for address in held)
    world.out.line(f"released from run {plain(run.id)}: {names}; they can be applied again")
    return 0


def _listed(target: str | None, last: int) -> _Listed:
    listed = _Listed([], 0, [])
    older = 0
    for path in run_files(RUNS_FOLDER):
        if target is None and len(listed.runs) == last:
            older += 1  # by its name alone: there can be thousands of them
            continue
        try:
            run = read_run(path, target)
        except InputError as error:
            listed.not_records.append((path.name, str(error)))
            continue
        if run is not None and len(listed.runs) < last:
            listed.runs.append(run)
        elif run is not None:
            older += 1
    return _Listed(listed.runs, older, listed.not_records)


def _quarantined(runs: Sequence[RunRecord]) -> Mapping[str, Held]:
    """By the id of a run: the agents whose manifests it holds back still."""
    held: dict[str, set[Address]] = {}
    for target in {run.target for run in runs}:
        for run, address in _held(target):
            held.setdefault(run, set()).add(address)
    return held


def _held(target: str) -> Iterator[tuple[str, Address]]:
    for key, digests in history_of(RUNS_FOLDER, target).quarantine.items():
        address = address_of(key)
        for quarantine in digests.values():
            if address is not None:
                yield quarantine.run, address


def _write(
    world: World, wanted: Outputs, shown: str, text: str, document: Mapping[str, Any]
) -> None:
    world.out.write(dumps(document) if wanted.json_to_stdout else shown)
    for form, path in wanted.files:
        write_file(path, dumps(document) if form == "json" else text)
