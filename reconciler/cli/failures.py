"""How a run that cannot go on says so: one message and one exit code for every exception.

An exception of ours was written for the user. Any other may hold a secret in its message, so only
its type and its place are shown.
"""

import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click

from reconciler.cli.exits import CODES, INTERNAL, USAGE
from reconciler.cli.terminal import Terminal
from reconciler.model.errors import CloudError, InputError, Problem, ReconcileError
from reconciler.model.outcome import Cause
from reconciler.report.count import counted
from reconciler.report.plain import capped, plain

_PACKAGE: Final = Path(__file__).parent.parent


def tell_failure(error: BaseException, err: Terminal, *, verbose: bool) -> int:
    """Write what `error` means to the user and return the exit code."""
    cause = _first(error)
    match cause:
        case KeyboardInterrupt() | click.Abort():
            if err.is_terminal:
                err.line()  # behind `^C`, or an unanswered question
            err.line("interrupted")
            return CODES[Cause.INTERRUPTED]
        case InputError():
            tell_problems(cause.problems, err)
            if not cause.problems:
                err.line(f"error: {plain(str(cause), lines=True)}")
            return CODES[cause.cause]
        case CloudError():
            err.line(f"error: {plain(capped(str(cause)), lines=True)}")
            return CODES[cause.cause]
        case ReconcileError():
            err.line(f"error: {plain(str(cause), lines=True)}")
            return CODES[cause.cause]
        case click.ClickException():
            _tell_usage(cause, err)
            return USAGE
        case _:
            _tell_bug(cause, err, verbose=verbose)
            return INTERNAL


def tell_problems(problems: Sequence[Problem], err: Terminal) -> None:
    """Write every problem with its place and excerpt, then how many errors there are."""
    for problem in problems:
        err.line(problem_text(problem))
    if any(not problem.warning for problem in problems):
        err.line(problem_count(problems))


def problem_text(problem: Problem) -> str:
    """One problem with its place, excerpt and way out, on several lines."""
    from reconciler.loader.diagnostics import render_problem

    return plain(render_problem(problem), lines=True)


def problem_count(problems: Sequence[Problem]) -> str:
    """`3 problems in 2 files`; warnings don't count, and neither does the command line as a file."""
    from reconciler.loader.diagnostics import stands_in_no_file

    errors = [problem for problem in problems if not problem.warning]
    files = {problem.place.file for problem in errors if not stands_in_no_file(problem)}
    where = f" in {counted(len(files), 'file')}" if files else ""
    return counted(len(errors), "problem") + where


def _first(error: BaseException) -> BaseException:
    """The exception that decides: an interruption, then one of ours, then whatever came first."""
    leaves = list(_leaves(error))
    for kind in (KeyboardInterrupt, ReconcileError):
        for leaf in leaves:
            if isinstance(leaf, kind):
                return leaf
    return leaves[0]


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def _tell_usage(error: click.ClickException, err: Terminal) -> None:
    message = error.format_message()
    if message.startswith("Usage:"):  # a group without a command: click's message is its help
        err.line(message)
        return
    err.line(f"error: {plain(message)}")
    context = getattr(error, "ctx", None)
    if context is not None:
        err.line(f"{context.get_usage()}\nTry '{context.command_path} --help'.")


def _tell_bug(error: BaseException, err: Terminal, *, verbose: bool) -> None:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_PACKAGE)]
    last = ours[-1] if ours else frames[-1] if frames else None
    where = f" at {_short(last)}" if last else ""
    err.line(
        f"internal error: {type(error).__name__}{where}; this is a bug, please report it"
        + ("" if verbose else " (-v shows the calls that led there)")
    )
    if verbose:
        for frame in frames:
            err.line(f"    {_short(frame)} in {frame.name}")


def _short(frame: traceback.FrameSummary) -> str:
    path = Path(frame.filename)
    if path.is_relative_to(_PACKAGE):
        path = path.relative_to(_PACKAGE.parent)
    return f"{path}:{frame.lineno}"
