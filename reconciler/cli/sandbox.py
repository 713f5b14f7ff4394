"""`reconcile sandbox`: serve the emulated clouds, look at them, play the console."""

import json
from datetime import UTC, datetime
from typing import Any

import click

from reconciler.cli.emulator import FILE, opened, sandbox_errors
from reconciler.cli.output import parse_outputs, write_file
from reconciler.cli.records import forget_runs
from reconciler.cli.world import World
from reconciler.loader.config import SANDBOX
from reconciler.loader.words import did_you_mean
from reconciler.model.errors import InputError
from reconciler.report.count import counted
from reconciler.report.json import FORMAT_VERSION, dumps
from reconciler.report.plain import plain
from reconciler.sandbox import control
from reconciler.sandbox.serve import DEFAULT_PORT, banner, serve
from reconciler.sandbox.store import LogLine, Store


@click.group(epilog="\b\nExample:\n  reconcile sandbox log")
def command() -> None:
    """Both clouds emulated inside the program, kept in .reconcile/sandbox.db."""


@command.command("serve", epilog="\b\nExample:\n  reconcile sandbox serve --port 18473")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=DEFAULT_PORT, show_default=True, metavar="N"
)
@click.pass_obj
def serve_command(world: World, port: int) -> int:
    """Serve the sandbox on a port of this machine until interrupted."""
    for line in banner(port):
        world.out.line(line)
    with sandbox_errors():
        serve(FILE, port=port)
    return 0


@command.command(
    "log",
    short_help="Print every request, and the restarts of each agent.",
    epilog="\b\nExample:\n  reconcile sandbox log -o json=log.json",
)
@click.option("-o", "--output", "outputs", metavar="FORMAT[=FILE]", multiple=True)
@click.pass_obj
def log_command(world: World, outputs: tuple[str, ...]) -> int:
    """Print every request with its body (secrets masked) and the restarts of each agent."""
    wanted = parse_outputs(outputs)
    with opened() as store:
        lines = control.log_lines(store)
        text = "".join(f"{line}\n" for line in [*map(_line, lines), *_counts(store)])
        document = dumps(_document(store, lines)) if wanted.wants_json else ""
    world.out.write(document if wanted.json_to_stdout else text)
    for form, path in wanted.files:
        write_file(path, document if form == "json" else text)
    return 0


@command.command(
    "set", epilog="\b\nExample:\n  reconcile sandbox set customer-service /memory=4096"
)
@click.argument("name")
@click.argument("assignment", metavar="/JSON/POINTER=VALUE")
@click.pass_obj
def set_command(world: World, name: str, assignment: str) -> int:
    """Change one value of an agent, as somebody at the console would.

    VALUE is JSON, or else a string.
    """
    pointer, equals, value = assignment.partition("=")
    if not equals or not pointer.startswith("/"):
        raise InputError(f"write /json/pointer=value, not {plain(assignment)}")
    with opened() as store:
        control.set_value(store, name, pointer, _json_or_text(value), world.clock.wall())
    world.out.line(f"{plain(name)}: {plain(pointer)} is set")
    return 0


@command.command("reset", epilog="\b\nExample:\n  reconcile sandbox reset")
@click.pass_obj
def reset_command(world: World) -> int:
    """Forget everything, the log, the switches and the records of runs too, and seed anew."""
    with opened() as store:
        control.reset(store)
    forget_runs(SANDBOX)
    world.out.line("the sandbox is as at its first use")
    return 0


@command.command("quirk", epilog="\b\nExample:\n  reconcile sandbox quirk restart_seconds=0.5")
@click.argument("assignment", metavar="NAME=VALUE")
@click.pass_obj
def quirk_command(world: World, assignment: str) -> int:
    """Set one switch of the emulated clouds; `quirks` lists them."""
    name, equals, value = assignment.partition("=")
    if not equals:
        raise InputError(f"write NAME=VALUE, not {plain(assignment)}")
    with opened() as store:
        known = [row.name for row in control.quirk_table(store)]
        if name not in known:
            near = did_you_mean(name, known)
            hint = f"{near} " if near else ""
            raise InputError(
                f'there is no switch "{plain(name)}"; {hint}`reconcile sandbox quirks` lists them'
            )
        control.set_quirk(store, name, value)
    world.out.line(f"{plain(name)} is {plain(value)}")
    return 0


@command.command("quirks", epilog="\b\nExample:\n  reconcile sandbox quirks")
@click.pass_obj
def quirks_command(world: World) -> int:
    """List every switch with its position and meaning."""
    with opened() as store:
        for row in control.quirk_table(store):
            world.out.line(f"{row.name}={_shown(row.value)}")
            choices = f" ({', '.join(row.choices)})" if row.choices else ""
            world.out.line(f"    {row.doc}{choices}; at first {_shown(row.default)}")
    return 0


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _shown(value: object) -> str:
    return plain(json.dumps(value, ensure_ascii=False))


def _line(line: LogLine) -> str:
    moment = datetime.fromtimestamp(line.at, UTC)
    status = "no reply" if line.status is None else str(line.status)
    note = f"  ({line.note})" if line.note else ""
    agent = f"  {line.agent}" if line.agent else ""
    body = f"\n    {plain(line.body)}" if line.body else ""
    head = f"{moment:%Y-%m-%d %H:%M:%S}  {line.method} {line.target} -> {status}{agent}{note}"
    return plain(head) + body


def _counts(store: Store) -> list[str]:
    writes = control.write_counts(store)
    return [
        f"{plain(name)}: {counted(writes.get(name, 0), 'write')}, {counted(number, 'restart')}"
        for name, number in control.restart_counts(store).items()
    ]


def _document(store: Store, lines: list[LogLine]) -> dict[str, Any]:
    return {
        "formatVersion": FORMAT_VERSION,
        "requests": [
            {
                "at": line.at,
                "cloud": line.cloud,
                "operation": line.operation,
                "agent": line.agent,
                "method": line.method,
                "target": line.target,
                "status": line.status,
                "note": line.note,
                "body": line.body,
            }
            for line in lines
        ],
        "restarts": dict(control.restart_counts(store)),
        "writes": dict(control.write_counts(store)),
    }
