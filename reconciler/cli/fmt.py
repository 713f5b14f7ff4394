"""`reconcile fmt`: manifests in the one order and spacing, comments kept. Asks no cloud."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import click

from reconciler.cli.exits import CODES
from reconciler.cli.options import typed_path
from reconciler.cli.rewrite import replace
from reconciler.cli.terminal import Terminal
from reconciler.cli.world import World
from reconciler.loader.bounds import MAX_FILE_BYTES
from reconciler.loader.find import Candidate
from reconciler.loader.format.files import chosen, judge, read
from reconciler.loader.source import shown
from reconciler.model.errors import InputError, Problem
from reconciler.model.manifest import Place
from reconciler.model.outcome import Cause
from reconciler.report.count import counted

_STDIN: Final = Path("-")
_SHOWN: Final = Path("<stdin>")


@click.command(epilog="\b\nExample:\n  reconcile fmt manifests/\n  reconcile fmt - < agent.yaml")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=typed_path)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file would change.")
@click.option("-q", "--quiet", is_flag=True, help="No summary.")
@click.pass_obj
def command(world: World, paths: tuple[Path, ...], check: bool, quiet: bool) -> int:
    """Put manifests and reconcile.yaml into the one order and spacing; `-` is standard input.

    Comments, quotes, line breaks and the order below spec stay as they are. JSON files are left
    alone.
    """
    if _STDIN in paths:
        if len(paths) > 1:
            raise InputError("- is standard input: it takes no other path beside it")
        return _stream(world, check=check)
    run = _Run(world.out, check)
    for candidate in chosen(paths):
        run.file(candidate)
    if not quiet:
        world.out.line(run.summary())
    if run.problems:
        raise InputError(f"{counted(len(run.problems), 'problem')}", sorted(run.problems))
    return CODES[Cause.MANIFEST if check and run.changed else Cause.NONE]


@dataclass(slots=True)
class _Run:
    """What was done so far."""

    out: Terminal
    check: bool
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    json: int = 0
    problems: list[Problem] = field(default_factory=list)

    def file(self, candidate: Candidate) -> None:
        """Format one file, or say that it would change."""
        if candidate.path.suffix == ".json":
            self.json += 1
            return
        data = read(candidate)
        if isinstance(data, Problem):
            self._refuse([data])
            return
        judged = judge(candidate.path, data, root=candidate.root)
        if judged.problems:
            self._refuse(judged.problems)
        elif not judged.changed:
            self.unchanged += 1
        elif self.check:
            self._tell("would reformat", candidate)
        else:
            self._write(candidate, judged.text)

    def _write(self, candidate: Candidate, text: str) -> None:
        try:
            replace(candidate.path, text.encode())
        except OSError as error:
            why = f"cannot be written: {error.strerror or type(error).__name__}"
            self._refuse([Problem(Place(shown(candidate.path), 1, 1), "path", why)])
        else:
            self._tell("reformatted", candidate)

    def _tell(self, what: str, candidate: Candidate) -> None:
        self.changed += 1
        self.out.line(f"{what} {shown(candidate.path)}")

    def _refuse(self, problems: Sequence[Problem]) -> None:
        self.failed += 1
        self.problems += problems

    def summary(self) -> str:
        """How many files changed, or would, and what became of the others."""
        changed, same = (
            ("would be reformatted", "already formatted")
            if self.check
            else ("reformatted", "left unchanged")
        )
        parts = [
            (self.changed, f"{counted(self.changed, 'file')} {changed}"),
            (self.unchanged, f"{counted(self.unchanged, 'file')} {same}"),
            (self.failed, f"{counted(self.failed, 'file')} with errors"),
            (self.json, f"{counted(self.json, 'JSON file')} left alone"),
        ]
        return ", ".join(text for number, text in parts if number)


def _stream(world: World, *, check: bool) -> int:
    """Standard input to standard output, as editors want it; with `check` only whether it would change."""
    data = b""
    if world.stdin is not None:
        binary = getattr(world.stdin, "buffer", None)
        data = binary.read(MAX_FILE_BYTES + 1) if binary else world.stdin.read().encode()
    if len(data) > MAX_FILE_BYTES:
        raise InputError(f"standard input has more than {MAX_FILE_BYTES:,} bytes")
    judged = judge(_SHOWN, data, root=Path())
    if judged.problems:
        raise InputError("standard input cannot be formatted", judged.problems)
    if not check:
        _write_utf8(world.out, judged.text)
    elif judged.changed:
        world.out.line(f"would reformat {_SHOWN}")
    return CODES[Cause.MANIFEST if check and judged.changed else Cause.NONE]


def _write_utf8(out: Terminal, text: str) -> None:
    """A file's text stays UTF-8, whatever the locale would have it be."""
    reconfigure = getattr(out.stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8")
    out.write(text)
