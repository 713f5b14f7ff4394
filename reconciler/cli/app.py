"""The verbs, and the one place where an exception becomes an exit code."""

import importlib
import re
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO
from typing import Any, Final, NamedTuple

import click

from reconciler.cli.exits import MEANINGS, USAGE
from reconciler.cli.failures import tell_failure
from reconciler.cli.world import World

sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
"""httpx looks for its own command line and, where rich is installed, loads all of that with it."""


class Verb(NamedTuple):
    """Where a verb lives and what it does; its module is imported when it is called."""

    module: str
    summary: str


VERBS: Final = {
    "validate": Verb("validate", "Check manifests and configuration; no cloud is asked."),
    "plan": Verb("plan", "Show what differs and what apply would do; nothing is written."),
    "apply": Verb("apply", "Make live agents what the manifests say and wait until they are back."),
    "status": Verb("status", "Show how the agents are: health, version, which are restarting."),
    "wait": Verb("wait", "Wait until the agents are back from whatever restarts them."),
    "restart": Verb("restart", "Send agents the state that they have once more, and wait."),
    "unlock": Verb("unlock", "Show who holds the lock of these agents, and free one that hangs."),
    "runs": Verb("runs", "List what earlier runs did, show one, release what one took back."),
    "rollback": Verb("rollback", "Take back what an earlier run changed, and wait."),
    "policy": Verb("policy", "Run the examples that stand beside the policy rules."),
    "render": Verb("render", "Print the manifests with overlays, patches and variables applied."),
    "explain": Verb("explain", "Explain the code of a problem, or a field of a manifest."),
    "fmt": Verb("fmt", "Put manifests into one order and spacing; comments stay."),
    "migrate": Verb("migrate", "Rewrite the YAML of a vendor's tool as ours; comments stay."),
    "schema": Verb("schema", "Print the JSON Schema of a kind of manifest or of the plan."),
    "sandbox": Verb("sandbox", "Both clouds emulated: serve them, look at them, play the console."),
    "version": Verb("version", "Print the version."),
}

_EPILOG: Final = "\b\nExit codes:\n" + "\n".join(f"{code:>5}  {text}" for code, text in MEANINGS)


class Verbs(click.Group):
    """A group that knows its verbs by name and summary, and loads the one that is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """See `click.Group.list_commands`."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """See `click.Group.get_command`."""
        verb = VERBS.get(cmd_name)
        if verb is None:
            from reconciler.loader.words import nearest

            near = nearest(cmd_name, VERBS)
            hint = f' Did you mean "{near}"?' if near else ""
            ctx.fail(f'there is no command "{cmd_name}".{hint}')
        command = importlib.import_module(f"reconciler.cli.{verb.module}").command
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """See `click.Group.format_commands`; the summaries need no import."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, verb.summary) for name, verb in VERBS.items()])


def _print_version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        from reconciler import __version__

        click.echo(f"reconcile {__version__}")
        context.exit()


_version_option = click.Option(
    ["--version"],
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version.",
)

group: Final = Verbs(
    name="reconcile",
    params=[_version_option],
    epilog=_EPILOG,
    help="Keep agents in the cloud as files in a repository say.\n\n"
    "\b\nExample:\n  reconcile plan manifests/ --target sandbox",
)


def run(arguments: Sequence[str], world: World) -> int:
    """Run one command line. Never raises."""
    try:
        if not arguments:
            world.err.line(group.get_help(click.Context(group, info_name="reconcile")))
            return USAGE
        return _call(list(arguments), world)
    except BaseException as error:  # noqa: BLE001 - the one wall; what it is decides the exit code
        return tell_failure(error, world.err, verbose=_asks_for_more(arguments))


def _call(arguments: list[str], world: World) -> int:
    with redirect_stdout(StringIO()) as printed:  # where click prints help; verbs write to `world`
        code = _invoke(arguments, world)
    if printed.getvalue():
        world.out.write(printed.getvalue())
    return code


def _invoke(arguments: list[str], world: World) -> int:
    """What `group.main` does, but for an interruption: that one is told in one place."""
    try:
        with group.make_context("reconcile", arguments, obj=world) as context:
            code: Any = group.invoke(context)
    except click.exceptions.Exit as done:
        return done.exit_code
    return int(code or 0)


def _asks_for_more(arguments: Sequence[str]) -> bool:
    """Whether `-v` was given, alone or among short flags; asked where parsing may have failed."""
    return any(
        argument == "--verbose" or re.fullmatch(r"-[a-z]*v[a-z]*", argument)
        for argument in arguments
    )
