"""`reconcile validate`: every problem in manifests and configuration at once. Asks no cloud."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from reconciler.cli.emit import emit
from reconciler.cli.exits import CODES
from reconciler.cli.failures import problem_count, problem_text
from reconciler.cli.options import Request, Verb, shared
from reconciler.cli.output import PROBLEMS, Format
from reconciler.cli.setup import Check, check, target_line
from reconciler.cli.world import World
from reconciler.model.errors import Problem
from reconciler.model.outcome import Cause
from reconciler.report.count import counted
from reconciler.report.json import dumps, problems_document


@click.command(
    cls=Verb,
    epilog="\b\nExamples:\n  reconcile validate manifests/"
    "\n  reconcile validate manifests/ -o sarif=problems.sarif -o github",
)
@partial(shared, formats=PROBLEMS)
@click.pass_obj
def command(world: World, request: Request) -> int:
    """Check manifests and configuration; no cloud is asked and no secret resolved."""
    found = check(world, request, need_target=False)
    text = _text(found, quiet=request.quiet)
    request.text(world).write(text)
    emit(
        world,
        request,
        document=lambda: _document(found),
        text=lambda: _report(found, text),
        others={Format.SARIF: lambda: _sarif(found), Format.GITHUB: lambda: _github(found)},
    )
    return CODES[Cause.MANIFEST if found.problems else Cause.NONE]


def _report(found: Check, text: str) -> str:
    """The text for a file: with the target, where one was chosen, as on the screen."""
    return f"{target_line(found.target)}\n{text}" if found.target is not None else text


def _text(found: Check, *, quiet: bool) -> str:
    """Every problem with its excerpt, warnings too unless `quiet`, and the verdict."""
    told = found.problems if quiet else _every(found)
    parts = [problem_text(problem) for problem in told]
    if found.problems:
        parts += [] if quiet else [_more(found.problems)]
        parts.append(problem_count(found.problems))
    elif found.loaded is not None:
        agents, files = counts(found)
        parts.append(f"OK: {counted(agents, 'agent')} in {counted(files, 'file')}")
    return "".join(f"{part}\n" for part in parts)


def _more(problems: Sequence[Problem]) -> str:
    """Where the long story is told."""
    codes = {problem.code for problem in problems}
    return f"For more: reconcile explain {codes.pop() if len(codes) == 1 else 'CODE'}"


def counts(found: Check) -> tuple[int, int]:
    """How many agents, and in how many files; zeros where nothing could be loaded."""
    manifests = found.loaded.manifests if found.loaded else ()
    return len(manifests), len({manifest.place.file for manifest in manifests})


def _every(found: Check) -> tuple[Problem, ...]:
    """Errors and warnings, sorted by place."""
    warnings = found.loaded.warnings if found.loaded else ()
    return tuple(sorted([*warnings, *found.problems]))


def _document(found: Check) -> str:
    agents, files = counts(found)
    return dumps(problems_document(_every(found), agents=agents, files=files))


def _sarif(found: Check) -> str:
    from reconciler import __version__
    from reconciler.cli.repository import locate
    from reconciler.report.sarif import sarif_document
    from reconciler.report.stories import STORIES

    located = locate(_every(found), Path.cwd())
    return dumps(sarif_document(located, STORIES, version=__version__))


def _github(found: Check) -> str:
    from reconciler.cli.repository import locate
    from reconciler.report.github import render_github

    return render_github(locate(_every(found), Path.cwd()))
