"""What `validate`, `plan` and `apply` take alike, as one value."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from reconciler.cli.fingerprint import fingerprinter
from reconciler.cli.output import EVERYWHERE, Format, Outputs, parse_outputs
from reconciler.cli.terminal import Terminal
from reconciler.cli.world import World
from reconciler.differ.options import Options
from reconciler.loader.find import SUFFIXES


@dataclass(frozen=True, slots=True)
class Request:
    """The shared options of one command, checked."""

    paths: tuple[Path, ...]
    target: str | None
    selector: str | None
    names: tuple[str, ...]
    outputs: Outputs
    no_color: bool
    verbose: bool
    quiet: bool

    def text(self, world: World) -> Terminal:
        """Where text for people goes."""
        return world.out if self.outputs.text_to_stdout else world.err

    def color(self, terminal: Terminal) -> bool:
        """Whether text on `terminal` may be coloured."""
        return terminal.color and not self.no_color


def typed_path(text: str) -> Path:
    """A path as it is typed. Raises BadParameter for an empty one: a variable may not be set."""
    if not text:
        raise click.BadParameter("a path is empty; the working folder is written as a dot")
    return Path(text)


_SHARED = (
    click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=typed_path),
    click.option("--target", metavar="NAME", help="A target of reconcile.yaml, or sandbox."),
    click.option(
        "-l",
        "--selector",
        "selectors",
        metavar="SELECTOR",
        multiple=True,
        help="Only agents with these labels.",
    ),
    click.option(
        "--name", "names", metavar="NAME...", multiple=True, help="Only the agents of these names."
    ),
    click.option("--no-color", is_flag=True, help="No colour and no live display."),
    click.option("-v", "--verbose", is_flag=True, help="More detail, and each request on stderr."),
    click.option("-q", "--quiet", is_flag=True, help="Results and errors only."),
)


def _output(formats: Sequence[Format]) -> Callable[..., Any]:
    """The option `-o` of a verb that writes these."""
    listed = " or ".join(filter(None, (", ".join(formats[:-1]), formats[-1])))
    return click.option(
        "-o",
        "--output",
        "outputs",
        metavar="FORMAT[=FILE]",
        multiple=True,
        help=f"{listed}; may be given several times.",
    )


_DECISIONS = (
    click.option("--show-live-values", is_flag=True, help="Show live values that may be secret."),
    click.option("--resend-secrets", is_flag=True, help="Send secrets that cannot be compared."),
    click.option("--retry-failed", is_flag=True, help="Send the same state to failed agents."),
    click.option(
        "--write-unverifiable", is_flag=True, help="Write where the cloud shows nothing to compare."
    ),
)


class Verb(click.Command):
    """A command whose `--name` takes every argument up to the next option that is no path."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """See `click.Command.parse_args`."""
        spread, taken = spread_names(args)
        try:
            return super().parse_args(ctx, spread)
        except click.MissingParameter as error:
            if not taken or ctx.resilient_parsing:
                raise
            names = ", ".join(taken)
            text = f"no PATH is left: no file or folder is called {names}, so --name took it"
            raise click.UsageError(text, ctx) from error


class NamingVerb(Verb):
    """A command whose arguments are names of agents and paths; what is no path is a name.

    Without a path it is the folder `manifests`, and where there is none the working folder.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """See `click.Command.parse_args`."""
        named, paths = self._named(args)
        return super().parse_args(ctx, named if paths or "--help" in args else [*named, _home()])

    def _named(self, arguments: Sequence[str]) -> tuple[list[str], bool]:
        """The arguments with `--name` before each that is a name; whether there is a path."""
        taking = {
            option
            for param in self.params
            if isinstance(param, click.Option) and not param.is_flag
            for option in param.opts
        } - {"--name"}
        named: list[str] = []
        paths = False
        rest = iter(arguments)
        for argument in rest:
            if argument in taking:
                named += [argument, *([value] if (value := next(rest, None)) is not None else [])]
            elif argument == "--name" or (argument.startswith("-") and argument != "--"):
                named += [argument]
            elif argument == "--":
                continue
            elif _is_path(argument):
                named, paths = [*named, argument], True
            else:
                named += [argument] if named[-1:] == ["--name"] else ["--name", argument]
        return named, paths


def _home() -> str:
    return "manifests" if Path("manifests").is_dir() else "."


def spread_names(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """`--name A B` as `--name A --name B`, and what was taken for a name in this way.

    An argument that looks like a path (a separator, or the ending of a manifest), or that is one,
    stays an argument.
    """
    spread: list[str] = []
    taken: list[str] = []
    rest = iter(arguments)
    naming = False
    for argument in rest:
        if argument == "--":
            return [*spread, argument, *rest], taken
        if argument.startswith("-"):
            spread.append(argument)
            naming = argument == "--name"
            if naming:
                spread += [name for name in [next(rest, None)] if name is not None]
        elif naming and not _is_path(argument):
            spread += ["--name", argument]
            taken.append(argument)
        else:
            spread.append(argument)
    return spread, taken


def _is_path(argument: str) -> bool:
    if "/" in argument or Path(argument).suffix in SUFFIXES:
        return True
    try:
        return Path(argument).exists()
    except OSError:  # longer than any file's name
        return False


def shared(
    function: Callable[..., int], formats: Sequence[Format] = EVERYWHERE
) -> Callable[..., int]:
    """Give a verb the shared options; it gets them as one `Request` in `request`.

    `formats` are what it takes after `-o`.
    """

    @wraps(function)
    def verb(**values: Any) -> int:
        request = Request(
            paths=tuple(values.pop("paths")),
            target=values.pop("target"),
            selector=",".join(selectors) if (selectors := values.pop("selectors")) else None,
            names=tuple(values.pop("names")),
            outputs=parse_outputs(values.pop("outputs"), formats),
            no_color=values.pop("no_color"),
            verbose=values.pop("verbose"),
            quiet=values.pop("quiet"),
        )
        return function(request=request, **values)

    return _decorated(verb, (*_SHARED, _output(formats)))


def deciding(function: Callable[..., int]) -> Callable[..., int]:
    """Give a verb the switches of the comparison; it gets them as `Options` in `options`."""

    @wraps(function)
    def verb(**values: Any) -> int:
        options = Options(
            resend_secrets=values.pop("resend_secrets"),
            retry_failed=values.pop("retry_failed"),
            write_unverifiable=values.pop("write_unverifiable"),
            show_live_values=values.pop("show_live_values"),
            fingerprinter=fingerprinter(click.get_current_context().find_object(World)),
        )
        return function(options=options, **values)

    return _decorated(verb, _DECISIONS)


def _decorated(
    verb: Callable[..., int], options: tuple[Callable[..., Any], ...]
) -> Callable[..., int]:
    for option in reversed(options):
        verb = option(verb)
    return verb
