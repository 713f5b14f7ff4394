"""The roof: argv in, exit code out. The only room that knows every other, and stays thin.

`--version` is answered before anything else is imported: start-up is part of the design.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TextIO

    from reconciler.ports import Clock, Provider


def main(
    argv: "Sequence[str] | None" = None,
    *,
    environ: "Mapping[str, str] | None" = None,
    stdin: "TextIO | None" = None,
    stdout: "TextIO | None" = None,
    stderr: "TextIO | None" = None,
    clock: "Clock | None" = None,
    providers: "Callable[[], tuple[Provider, ...]] | None" = None,
    loop_options: "Mapping[str, Any] | None" = None,
) -> int:
    """Run one command and return its exit code; never raises and never exits.

    What is left out is the process's own: `sys.argv`, its environment and streams, the system's
    clock, every provider that is installed. `loop_options` are anyio's `backend_options`.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    screen = stdout or sys.stdout
    if screen is None:  # started with `>&-`
        if sys.stderr is not None:
            sys.stderr.write("error: standard output is closed\n")
        return 1
    if arguments in (["--version"], ["version"]) and _version_told(screen):
        return 0
    from reconciler.cli.terminable import terminable

    try:
        with terminable():
            from reconciler.cli.app import run
            from reconciler.cli.world import make_world

            return run(
                arguments,
                make_world(
                    environ=environ,
                    stdin=stdin,
                    stdout=stdout,
                    stderr=stderr,
                    clock=clock,
                    providers=providers,
                    loop_options=loop_options,
                ),
            )
    except KeyboardInterrupt:  # before the wall in `run` stood, or behind it
        return 130


def _version_told(screen: "TextIO") -> bool:
    """Whether it could be written; if not, the long way finds out why and says so."""
    from reconciler import __version__

    try:
        screen.write(f"reconcile {__version__}\n")
        screen.flush()
    except OSError:
        return False
    return True
