"""`-o FORMAT` and `-o FORMAT=FILE`: where each form of a report goes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from reconciler.cli.rewrite import replace
from reconciler.loader.words import did_you_mean
from reconciler.model.errors import InputError
from reconciler.report.plain import plain


class Format(StrEnum):
    """The forms that a report can have."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
    MARKDOWN = "markdown"
    HTML = "html"
    PATCH = "patch"
    JUNIT = "junit"
    GITLAB = "gitlab"


EVERYWHERE: Final = (Format.TEXT, Format.JSON)
"""What every verb with `-o` writes."""

PROBLEMS: Final = (*EVERYWHERE, Format.SARIF, Format.GITHUB)
"""What a verb writes whose result is a list of problems in files."""

PLANS: Final = (
    *EVERYWHERE,
    *(Format.MARKDOWN, Format.HTML, Format.PATCH),
    *(Format.SARIF, Format.JUNIT, Format.GITHUB, Format.GITLAB),
)
"""What a verb writes whose result is a plan."""

RUNS: Final = (*EVERYWHERE, Format.MARKDOWN, Format.HTML, Format.JUNIT)
"""What a verb writes that carries a plan out."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where reports go.

    Text goes to standard output, unless a document for programs takes that (`stdout`): then it
    holds nothing else, and the text goes to standard error. `files` get a report each beside that.
    """

    stdout: Format = Format.TEXT
    files: tuple[tuple[Format, Path], ...] = ()

    @property
    def documents(self) -> bool:
        """Whether anything but text is asked for."""
        return any(
            form is not Format.TEXT for form in (self.stdout, *(one for one, _ in self.files))
        )

    @property
    def text_to_stdout(self) -> bool:
        """Whether standard output is for people."""
        return self.stdout is Format.TEXT

    @property
    def json_to_stdout(self) -> bool:
        """Whether standard output is the JSON document."""
        return self.stdout is Format.JSON

    @property
    def wants_json(self) -> bool:
        """Whether any destination takes the JSON document."""
        return self.json_to_stdout or any(form is Format.JSON for form, _ in self.files)


def parse_outputs(values: Sequence[str], formats: Collection[Format] = EVERYWHERE) -> Outputs:
    """What the `-o` options of a verb that writes `formats` ask for.

    Raises InputError for one that cannot be done.
    """
    files: list[tuple[Format, Path]] = []
    stdout: list[Format] = []
    for value in values:
        name, equals, file = value.partition("=")
        form = _format(name, formats)
        if not equals:
            stdout.append(form)
        elif not file:
            raise InputError(f"-o {plain(value)}: no file is named after the equals sign")
        else:
            path = Path(file)
            _check_file(path)
            files.append((form, path))
    if len({path.absolute() for _, path in files}) < len(files):
        raise InputError("-o: two reports go to the same file")
    return Outputs(_stdout(stdout), tuple(files))


def _stdout(asked: Sequence[Format]) -> Format:
    """What standard output holds: one document, or the text."""
    if len(set(asked)) < len(asked):
        raise InputError("-o: the same format goes to standard output twice")
    documents = [form for form in asked if form is not Format.TEXT]
    if len(documents) > 1:
        first, second, *_ = documents
        raise InputError(
            f"-o: {first} and {second} cannot share standard output; "
            f"give one of them a file, as in -o {second}=FILE"
        )
    return documents[0] if documents else Format.TEXT


def _format(name: str, formats: Collection[Format]) -> Format:
    known = [form.value for form in formats]
    if name in known:
        return Format(name)
    listed = ", ".join(known)
    if name in {form.value for form in Format}:
        raise InputError(f"-o {name}: this command does not write that (known: {listed})")
    near = did_you_mean(name, known)
    hint = f"; {near}" if near else ""
    raise InputError(f'-o: unknown format "{plain(name)}" (known: {listed}){hint}')


def _check_file(path: Path) -> None:
    """Refuse before any work is done what could not be written after it."""
    name = plain(str(path))
    try:
        path.resolve()
        if not path.parent.is_dir():
            raise InputError(f"-o: the folder of {name} does not exist")
        if path.is_dir():
            raise InputError(f"-o: {name} is a folder")
    except OSError as error:
        raise InputError(f"-o: cannot write {name}: {error.strerror}") from error
    except RuntimeError as error:  # how pathlib called a loop of links before Python 3.13
        raise InputError(f"-o: {name} is a symbolic link that leads back to itself") from error


def write_file(path: Path, text: str) -> None:
    """Write a report so that a reader sees the old file or the new one, never half of one.

    A pipe or a device is written to as it is. Raises InputError when it cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
            return
        replace(path, text.encode())
    except OSError as error:
        raise InputError(f"-o: cannot write {plain(str(path))}: {error.strerror}") from error
