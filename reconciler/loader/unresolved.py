"""What a reference to a secret may need: a program to run, or the reason why there is no value.

Apart from `commands`, which runs them: whoever only checks manifests needs no subprocess.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias


class Unresolved(Exception):
    """Why a reference gave no value, and the way out. Never the value. `code` is the problem's."""

    def __init__(self, text: str, help: str, code: str = "secret-unresolved") -> None:
        super().__init__(text)
        self.help = help
        self.code = code


@dataclass(frozen=True, slots=True)
class Command:
    """A program with its arguments. `name` is how messages call it, `help` what to do by hand."""

    name: str
    arguments: tuple[str, ...]
    folder: Path
    max_bytes: int
    help: str


Output: TypeAlias = bytes | Unresolved
"""What a program wrote to its standard output, or why there is nothing."""
