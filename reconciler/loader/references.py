"""References to secrets: `{secret: "env:NAME"}`, `{secret: "file:PATH"}`.

A reference that cannot be read is never repeated in a message: what was meant as a name may be the
secret itself.
"""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, TypeGuard

from reconciler.model.tree import Json

MEMBER: Final = "secret"
PLACEHOLDER: Final = "secret"
"""What stands for a secret while its surroundings are checked."""

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FORMS: Final = 'write {secret: "env:NAME"} or {secret: "file:PATH"}'


@dataclass(frozen=True, slots=True)
class SecretReference:
    """Where a secret is to be found. `folder` and `root` are the manifest's, for `file:`."""

    scheme: str
    text: str
    folder: Path
    root: Path

    def __str__(self) -> str:
        return f"{self.scheme}:{self.text}"


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
    if colon and scheme in {"exec", "sops"}:
        raise BadReference(
            "not-supported-yet", f'"{scheme}:" secrets are not supported yet', _FORMS
        )
    if colon and scheme == "env":
        if not _VARIABLE.fullmatch(rest):
            raise BadReference(
                "secret-reference", 'after "env:" stands the name of a variable', _FORMS
            )
        return SecretReference(scheme, rest, folder, root)
    if colon and scheme == "file":
        if not rest.strip() or not rest.isprintable():
            raise BadReference("secret-reference", 'after "file:" stands a path', _FORMS)
        if PurePosixPath(rest).is_absolute():
            raise BadReference(
                "secret-reference",
                'the path after "file:" is relative to the manifest',
                "an absolute path is not taken",
            )
        return SecretReference(scheme, rest, folder, root)
    raise BadReference(
        "secret-reference", 'a secret reference begins with "env:" or "file:"', _FORMS
    )
