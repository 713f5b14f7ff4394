"""What a command finds outside itself, as one value: streams, environment, clock, providers."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

from reconciler.cli.terminal import Terminal
from reconciler.ports import Clock, Provider


@dataclass(frozen=True, slots=True)
class World:
    """Everything that a verb may touch. Tests bring their own.

    `loop_options` are anyio's `backend_options`: a test's clock needs its own event loop.
    """

    environ: Mapping[str, str]
    stdin: TextIO | None
    out: Terminal
    err: Terminal
    clock: Clock
    providers: Callable[[], tuple[Provider, ...]]
    loop_options: Mapping[str, Any]


def make_world(
    *,
    environ: Mapping[str, str] | None,
    stdin: TextIO | None,
    stdout: TextIO | None,
    stderr: TextIO | None,
    clock: Clock | None,
    providers: Callable[[], tuple[Provider, ...]] | None,
    loop_options: Mapping[str, Any] | None,
) -> World:
    """The given parts, and the process's own where nothing is given.

    A process can be started without a standard error stream (`2>&-`): errors then go nowhere.
    """
    if clock is None:
        from reconciler.cli.clock import SystemClock

        clock = SystemClock()
    variables = os.environ if environ is None else environ
    return World(
        environ=variables,
        stdin=stdin or sys.stdin,
        out=Terminal(stdout or sys.stdout, variables, name="standard output"),
        err=Terminal(stderr or _own_stderr(), variables),
        clock=clock,
        providers=providers or _discover,
        loop_options=loop_options or {},
    )


def _own_stderr() -> TextIO:
    if sys.stderr is None:
        # Opened for the whole process: it holds the descriptor that the next file would get.
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - see above
    return sys.stderr


def _discover() -> tuple[Provider, ...]:
    from reconciler.providers import discover

    return discover()
