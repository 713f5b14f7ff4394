"""The files to format, and what becomes of the bytes of one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reconciler.loader.compose import documents
from reconciler.loader.find import CONFIG_NAME, Candidate, find_candidates
from reconciler.loader.findings import Findings
from reconciler.loader.format.formatted import NotTheSame, formatted
from reconciler.loader.source import Unreadable, decode, read_regular, shown
from reconciler.loader.syntax import ParseError
from reconciler.model.errors import GuardError, Problem
from reconciler.model.manifest import Place

_MARK: Final = "\ufeff"


@dataclass(frozen=True, slots=True)
class Judged:
    """What formatting made of some bytes: the text and whether it is another, or problems."""

    text: str = ""
    changed: bool = False
    problems: tuple[Problem, ...] = ()


def chosen(paths: Sequence[Path]) -> list[Candidate]:
    """Manifests, files of overlays and configurations in these files and folders, sorted.

    Raises InputError for paths that cannot be walked, GuardError when nothing is there.
    """
    configs = [path for path in paths if path.name == CONFIG_NAME and _is_file(path)]
    others = [path for path in paths if path not in configs]
    found: list[Candidate] = []
    above = list(_configs(others, ()))
    if others:
        try:
            found = find_candidates(others, config=None)
        except GuardError:
            if not above:
                raise
    named = [Candidate(path, path.resolve().parent) for path in configs]
    below = _configs([path for path in others if path.is_dir()], found)
    every = {one.path.resolve(): one for one in [*below, *named, *found]}
    return sorted(every.values(), key=lambda one: str(one.path))


def _configs(paths: Sequence[Path], found: Sequence[Candidate]) -> Iterator[Candidate]:
    """The configuration in each of these folders, and beside or above what was found there."""
    for top in paths:
        root = top.resolve()
        folders = {above for one in found for above in one.path.parents}
        for folder in {top, *(above for above in folders if above.is_relative_to(top))}:
            path = folder / CONFIG_NAME
            if _is_file(path) and path.resolve().is_relative_to(root):
                yield Candidate(path, root)


def _is_file(path: Path) -> bool:
    """Whether a file is there. A path that cannot be looked at is told by the walk."""
    try:
        return path.is_file()
    except OSError:
        return False


def read(candidate: Candidate) -> bytes | Problem:
    """The bytes of a file, or why it cannot be read."""
    try:
        return read_regular(candidate.path)
    except Unreadable as error:
        return Problem(Place(shown(candidate.path), 1, 1), "path", str(error))


def judge(path: Path, data: bytes, *, root: Path) -> Judged:
    """Format the bytes of a file. What the loader could not read is told as the loader tells it."""
    source = decode(path, data, root=root)
    if isinstance(source, Problem):
        return Judged(problems=(source,))
    if source.text.startswith(_MARK):  # a second byte order mark would become the first
        return Judged(data.decode())
    findings = Findings(source)
    documents(findings)
    text = ""
    if not (problems := _errors(findings)):
        try:
            text = formatted(source.text)
        except ParseError as error:
            findings.add((error.offset, error.offset), "syntax", str(error), error.help)
            problems = _errors(findings)
        except NotTheSame as error:
            problems = (_bug(source.file, error),)
    return Judged(text, not problems and text.encode() != data, problems)


def _errors(findings: Findings) -> tuple[Problem, ...]:
    return tuple(problem for problem in findings.problems() if not problem.warning)


def _bug(file: str, error: NotTheSame) -> Problem:
    return Problem(
        Place(file, error.line, 1),
        "format-bug",
        f"the file is left as it is: formatted, {error}",
        "this is a bug of fmt; please report it with these lines",
    )
