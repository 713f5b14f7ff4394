"""What of a document in another spelling is legal there and not what it seems."""

import re
from collections.abc import Iterator
from typing import Any, Final

from reconciler.loader.remarks import Remarks
from reconciler.loader.translate import at_path, pattern_of
from reconciler.loader.words import dotted_pointer
from reconciler.model.tree import Tree, join
from reconciler.ports.provider import Dialect

VARIABLE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
"""A whole string that looks like a variable of the environment. Ours are called `var.NAME`."""


def warn_of_dialect(remarks: Remarks, dialect: Dialect, value: Tree) -> None:
    """Warn of members that are not used, of secrets in plain text, and of text that looks like a
    variable.
    """
    for at, text in dialect.left.items():
        if at_path(value, at) is not None:
            remarks.add(at, "not-used", f"{dotted_path(at)}: {text}", key=True, warning=True)
    for winner, loser in dialect.copies.items():
        _warn_of_overruled(remarks, value, winner, loser)
    for at, text in _strings(value):
        variable = VARIABLE.fullmatch(text)
        if variable is not None:
            told = f"{dialect.tool} puts nothing in the place of {text}: these characters are sent"
            help_text = f'write {{secret: "env:{variable[1]}"}}'
            remarks.add(at, "not-interpolated", told, help_text, warning=True)
        elif text and pattern_of(at) in dialect.plain_secrets:
            remarks.add(
                at,
                "plain-secret",
                f"{dotted_path(at)} is a secret in plain text: everyone who can read this file has it",
                'write {secret: "env:NAME"} and set that variable; reconcile migrate does the former',
                warning=True,
            )


def _warn_of_overruled(remarks: Remarks, value: Tree, winner: str, loser: str) -> None:
    first, second = at_path(value, winner), at_path(value, loser)
    if first is not None and second is not None and first != second:
        told = f"{dotted_path(loser)} is not used: {dotted_path(winner)} comes first"
        remarks.add(loser, "not-used", told, warning=True)


def _strings(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Every string in a tree, keys and references left out, with its pointer."""
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _strings(member, join(pointer, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _strings(item, join(pointer, index))


def dotted_path(pointer: str) -> str:
    """`spec.container.port`, the first member included where it is not `spec`."""
    dotted = dotted_pointer(pointer)
    return dotted if pointer.startswith("/spec/") else f"metadata.{dotted}"
