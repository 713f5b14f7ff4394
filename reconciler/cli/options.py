"""What `validate`, `plan` and `apply` take alike, as one value."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from reconciler.cli.output import Outputs, parse_outputs
from reconciler.cli.terminal import Terminal
from reconciler.cli.world import World
from reconciler.differ.options import Options


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
        return world.err if self.outputs.json_to_stdout else world.out

    def color(self, terminal: Terminal) -> bool:
        """Whether text on `terminal` may be coloured."""
        return terminal.color and not self.no_color


_SHARED = (
    click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=Path),
    click.option("--target", metavar="NAME", help="A target of reconcile.yaml, or sandbox."),
    click.option("-l", "--selector", metavar="SELECTOR", help="Only agents with these labels."),
    click.option("--name", "names", metavar="NAME", multiple=True, help="Only this agent."),
    click.option(
        "-o",
        "--output",
        "outputs",
        metavar="FORMAT[=FILE]",
        multiple=True,
        help="text or json; may be given several times.",
    ),
    click.option("--no-color", is_flag=True, help="No colour and no live display."),
    click.option("-v", "--verbose", is_flag=True, help="More, and each request on stderr."),
    click.option("-q", "--quiet", is_flag=True, help="Results and errors only."),
)

_DECISIONS = (
    click.option("--show-live-values", is_flag=True, help="Show live values that may be secret."),
    click.option("--resend-secrets", is_flag=True, help="Send secrets that cannot be compared."),
    click.option("--retry-failed", is_flag=True, help="Send the same state to failed agents."),
    click.option(
        "--write-unverifiable", is_flag=True, help="Write where the cloud shows nothing to compare."
    ),
)


def shared(function: Callable[..., int]) -> Callable[..., int]:
    """Give a verb the shared options; it gets them as one `Request` in `request`."""

    @wraps(function)
    def verb(**values: Any) -> int:
        request = Request(
            paths=tuple(values.pop("paths")),
            target=values.pop("target"),
            selector=values.pop("selector"),
            names=tuple(values.pop("names")),
            outputs=parse_outputs(values.pop("outputs")),
            no_color=values.pop("no_color"),
            verbose=values.pop("verbose"),
            quiet=values.pop("quiet"),
        )
        return function(request=request, **values)

    return _decorated(verb, _SHARED)


def deciding(function: Callable[..., int]) -> Callable[..., int]:
    """Give a verb the switches of the comparison; it gets them as `Options` in `options`."""

    @wraps(function)
    def verb(**values: Any) -> int:
        options = Options(
            resend_secrets=values.pop("resend_secrets"),
            retry_failed=values.pop("retry_failed"),
            write_unverifiable=values.pop("write_unverifiable"),
            show_live_values=values.pop("show_live_values"),
        )
        return function(options=options, **values)

    return _decorated(verb, _DECISIONS)


def _decorated(
    verb: Callable[..., int], options: tuple[Callable[..., Any], ...]
) -> Callable[..., int]:
    for option in reversed(options):
        verb = option(verb)
    return verb
