"""`-o FORMAT` and `-o FORMAT=FILE`: where each form of a report goes."""

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path

from reconciler.model.errors import InputError
from reconciler.report.plain import plain


class Format(StrEnum):
    """The forms that a report can have."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where reports go.

    Text goes to standard output, unless a document for programs takes that: then it holds nothing
    else, and the text goes to standard error. `files` get a report each beside that.
    """

    json_to_stdout: bool = False
    files: tuple[tuple[Format, Path], ...] = ()

    @property
    def wants_json(self) -> bool:
        """Whether any destination takes the JSON document."""
        return self.json_to_stdout or any(form is Format.JSON for form, _ in self.files)


def parse_outputs(values: Sequence[str]) -> Outputs:
    """What the `-o` options ask for. Raises InputError for one that cannot be done."""
    files: list[tuple[Format, Path]] = []
    stdout: list[Format] = []
    for value in values:
        name, equals, file = value.partition("=")
        form = _format(name)
        if not equals:
            stdout.append(form)
        elif not file:
            raise InputError(f"-o {plain(value)}: no file is named after the equals sign")
        else:
            path = Path(file)
            _check_file(path)
            files.append((form, path))
    if len(set(stdout)) < len(stdout):
        raise InputError("-o: the same format goes to standard output twice")
    if len({path.absolute() for _, path in files}) < len(files):
        raise InputError("-o: two reports go to the same file")
    return Outputs(json_to_stdout=Format.JSON in stdout, files=tuple(files))


def _format(name: str) -> Format:
    known = [form.value for form in Format]
    if name in known:
        return Format(name)
    near = get_close_matches(name, known, n=1)
    hint = f'; did you mean "{near[0]}"?' if near else ""
    raise InputError(f'-o: unknown format "{plain(name)}" (known: {", ".join(known)}){hint}')


def _check_file(path: Path) -> None:
    """Refuse before any work is done what could not be written after it."""
    if not path.parent.is_dir():
        raise InputError(f"-o: the folder of {plain(str(path))} does not exist")
    if path.is_dir():
        raise InputError(f"-o: {plain(str(path))} is a folder")


def write_file(path: Path, text: str) -> None:
    """Write a report so that a reader sees the old file or the new one, never half of one.

    A pipe or a device is written to as it is. Raises InputError when it cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
            return
        final = path.resolve()
        draft = final.with_name(f".{final.name}.{secrets.token_hex(4)}")
        try:
            draft.write_text(text, encoding="utf-8")
            os.replace(draft, final)  # noqa: PTH105 - named as what it is, an atomic rename
        finally:
            with suppress(FileNotFoundError):
                draft.unlink()
    except OSError as error:
        raise InputError(f"-o: cannot write {plain(str(path))}: {error.strerror}") from error
