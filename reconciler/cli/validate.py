"""`reconcile validate`: every problem in manifests and configuration at once. Asks no cloud."""

import click

from reconciler.cli.emit import emit
from reconciler.cli.exits import CODES
from reconciler.cli.failures import problem_count, problem_text
from reconciler.cli.options import Request, Verb, shared
from reconciler.cli.setup import Check, check, target_line
from reconciler.cli.world import World
from reconciler.model.outcome import Cause
from reconciler.report.count import counted
from reconciler.report.json import dumps, problems_document


@click.command(cls=Verb, epilog="\b\nExample:\n  reconcile validate manifests/")
@shared
@click.pass_obj
def command(world: World, request: Request) -> int:
    """Check manifests and configuration; no cloud is asked and no secret resolved."""
    found = check(world, request, need_target=False)
    text = _text(found, quiet=request.quiet)
    request.text(world).write(text)
    emit(world, request, document=lambda: _document(found), text=lambda: _report(found, text))
    return CODES[Cause.MANIFEST if found.problems else Cause.NONE]


def _report(found: Check, text: str) -> str:
    """The text for a file: with the target, where one was chosen, as on the screen."""
    return f"{target_line(found.target)}\n{text}" if found.target is not None else text


def _text(found: Check, *, quiet: bool) -> str:
    """Every problem with its excerpt, warnings too unless `quiet`, and the verdict."""
    warnings = found.loaded.warnings if found.loaded and not quiet else ()
    parts = [problem_text(problem) for problem in sorted([*warnings, *found.problems])]
    if found.problems:
        parts.append(problem_count(found.problems))
    elif found.loaded is not None:
        agents, files = counts(found)
        parts.append(f"OK: {counted(agents, 'agent')} in {counted(files, 'file')}")
    return "".join(f"{part}\n" for part in parts)


def counts(found: Check) -> tuple[int, int]:
    """How many agents, and in how many files; zeros where nothing could be loaded."""
    manifests = found.loaded.manifests if found.loaded else ()
    return len(manifests), len({manifest.place.file for manifest in manifests})


def _document(found: Check) -> str:
    warnings = found.loaded.warnings if found.loaded else ()
    agents, files = counts(found)
    problems = sorted([*warnings, *found.problems])
    return dumps(problems_document(problems, agents=agents, files=files))
