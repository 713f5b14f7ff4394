"""References to secrets: `env:NAME`, `file:PATH`, `exec:COMMAND`, `sops:FILE#/pointer`.

A reference that cannot be read is never repeated in a message: what was meant as a name may be the
secret itself. A command is shown by its program only: its arguments may be secret too.
"""

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, TypeGuard

from reconciler.loader.lookalikes import known_forms
from reconciler.loader.sops import split_reference
from reconciler.model.tree import Json

MEMBER: Final = "secret"
PLACEHOLDER: Final = "secret"
"""What stands for a secret while its surroundings are checked."""

REFERENCE_FORM: Final = 'a secret reference has one member: {secret: "env:NAME"}'
"""The way out where a mapping stands that was probably meant as a reference."""

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PROGRAM: Final = re.compile(r"[\w./+-]{1,80}")
_MAX_COMMAND: Final = 10_000
"""Characters of a command: the time to take it apart grows with the square of a word's length."""

_BAD_ESCAPE: Final = re.compile(r"~(?![01])")
_FORMS: Final = 'write {secret: "env:NAME"} or {secret: "file:PATH"}'
_EXEC_FORM: Final = 'write {secret: "exec:program argument…"}, with quotes as in a shell'
_SOPS_FORM: Final = (
    'write {secret: "sops:FILE#/pointer"}, like sops:secrets.yaml#/database/password'
)


@dataclass(frozen=True, slots=True)
class SecretReference:
    """Where a secret is to be found. `folder` and `root` are those of the file that says so.

    As a string it is fit to be shown: a command without its arguments.
    """

    scheme: str
    text: str
    folder: Path
    root: Path

    @property
    def written(self) -> str:
        """The reference as it stands in the manifest, arguments and all."""
        return f"{self.scheme}:{self.text}"

    @property
    def arguments(self) -> tuple[str, ...]:
        """The words of the command of an `exec:` reference."""
        return tuple(shlex.split(self.text))

    @property
    def program(self) -> str:
        """The program of an `exec:` reference as it may be shown."""
        name = self.arguments[0]
        return name if _PROGRAM.fullmatch(name) and not any(known_forms(name)) else "…"

    def __str__(self) -> str:
        if self.scheme == "exec":
            rest = " …" if len(self.arguments) > 1 and self.program != "…" else ""
            return f"exec:{self.program}{rest}"
        return self.written


class BadReference(Exception):
    """Not a reference that we take. `code` is the problem's, `help` the way out."""

    def __init__(self, code: str, text: str, help: str) -> None:
        super().__init__(text)
        self.code = code
        self.help = help


def is_reference(value: Json) -> TypeGuard[dict[str, str]]:
    """Whether a value has the form of a reference: one member `secret` that is a string."""
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get(MEMBER), str)


def parse_reference(text: str, *, folder: Path, root: Path) -> SecretReference:
    """The reference that `env:NAME` stands for. Raises BadReference."""
    scheme, colon, rest = text.partition(":")
    check = _CHECKS.get(scheme) if colon else None
    if check is None:
        known = '"env:", "file:", "exec:" or "sops:"'
        raise BadReference("secret-reference", f"a secret reference begins with {known}", _FORMS)
    check(rest)
    return SecretReference(scheme, rest, folder, root)


def _check_variable(name: str) -> None:
    if not _VARIABLE.fullmatch(name) or any(known_forms(name)):
        raise BadReference("secret-reference", 'after "env:" stands the name of a variable', _FORMS)


def _check_file(path: str) -> None:
    if not path.strip() or not path.isprintable():
        raise BadReference("secret-reference", 'after "file:" stands a path', _FORMS)
    _check_relative(path, "file")


def _check_relative(path: str, scheme: str) -> None:
    if PurePosixPath(path).is_absolute():
        raise BadReference(
            "secret-reference",
            f'the path after "{scheme}:" is relative to the manifest',
            "an absolute path is not taken",
        )


def _check_command(command: str) -> None:
    if len(command) > _MAX_COMMAND:
        text = f'the command after "exec:" has more than {_MAX_COMMAND:,} characters'
        raise BadReference("secret-reference", text, "put it into a script of its own")
    if not command.replace("\n", " ").replace("\t", " ").isprintable():
        text = 'the command after "exec:" holds a character that cannot be seen'
        raise BadReference("secret-reference", text, _EXEC_FORM)
    try:
        words = shlex.split(command)
    except ValueError as error:
        end = "in a quote that is open" if "quot" in str(error) else "with a lone backslash"
        text = f'the command after "exec:" ends {end}'
        raise BadReference("secret-reference", text, _EXEC_FORM) from None
    if not words or not words[0]:
        raise BadReference("secret-reference", 'after "exec:" stands a command', _EXEC_FORM)


def _check_sops(text: str) -> None:
    file, pointer = split_reference(text)
    if not file.strip() or not text.isprintable():
        raise BadReference("secret-reference", 'after "sops:" stands FILE#/pointer', _SOPS_FORM)
    if not pointer.startswith("/"):
        told = 'after "sops:FILE" stands # and a JSON Pointer to one value'
        raise BadReference("secret-reference", told, _SOPS_FORM)
    if _BAD_ESCAPE.search(pointer):
        told = "in a JSON Pointer ~ is written ~0, and / inside a name ~1"
        raise BadReference("secret-reference", told, _SOPS_FORM)
    _check_relative(file, "sops")


_CHECKS: Final[Mapping[str, Callable[[str], None]]] = {
    "env": _check_variable,
    "file": _check_file,
    "exec": _check_command,
    "sops": _check_sops,
}
