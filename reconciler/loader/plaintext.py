"""A warning for each string of a manifest that looks like a key or a password in plain text.

The value is masked before anything is said about it. `metadata.allowPlaintext` silences a place.
"""

from itertools import islice
from typing import Any, Final

from reconciler.loader.lookalikes import MIN_LENGTH, Lookalike, lookalikes, worth_a_look
from reconciler.loader.remarks import Remarks
from reconciler.loader.sounds import sounds
from reconciler.loader.words import dotted_pointer
from reconciler.model.tree import Tree, tokens
from reconciler.model.tree import pointer as pointer_of

CODE: Final = "looks-like-secret"

MAX_EFFORT: Final = 1_000_000
"""How many characters of one document are looked at, so that aliases cannot make it long."""

MAX_SEARCHED: Final = 6_000_000
"""How many characters of one file are searched closely. What is left out then is told."""

MAX_FOUND: Final = 50
"""How many of one string are hidden one by one; excerpts are searched for the rest."""

_PER_SIGN: Final = 64
"""What an equals sign costs in characters: the name before it is looked at."""

_PER_FIND: Final = 2000
"""What a warning costs in characters: its place is worked out, and its line masked."""


def warn_of_plaintext(spec: Tree, remarks: Remarks) -> None:
    """Warn of the strings of a `spec` whose secrets are references already."""
    if remarks.findings().searched <= MAX_SEARCHED:
        _Search(remarks).inside(spec)


class _Search:
    """One walk. The pointer of a value is put together only where something is said about it."""

    __slots__ = ("_left", "_path", "_remarks")

    def __init__(self, remarks: Remarks) -> None:
        self._remarks = remarks
        self._left = MAX_EFFORT
        self._path: list[str | int] = ["spec"]

    def inside(self, value: Any, name: str = "") -> None:
        """Look at all strings below a mapping or a list; `name` is the list's own."""
        path = self._path
        members = value.items() if isinstance(value, dict) else enumerate(value)
        before: Any = None
        for key, member in members:
            called = key if isinstance(key, str) else _option(before) or name
            if key == "value":
                called = _named(value, name)
            if isinstance(member, str):
                if len(member) >= MIN_LENGTH or (member and sounds(called)):
                    self._string(called, member, key)
            elif isinstance(member, dict | list):
                path.append(key)
                self.inside(member, called)
                path.pop()
            before = member

    def _string(self, name: str, text: str, key: str | int) -> None:
        self._left -= len(text)
        if self._left < 0 or not worth_a_look(name, text):
            return
        cost = len(text) + _PER_SIGN * text.count("=")
        self._left -= cost - len(text)
        if not self._affords(cost, key):
            return
        found = list(islice(lookalikes(name, text), MAX_FOUND))
        if found:
            self._affords(_PER_FIND * len(found), key)
            pointer = pointer_of([*self._path, key])
            if not self._remarks.allows_plaintext(pointer):
                _warn(self._remarks, pointer, found)

    def _affords(self, cost: int, key: str | int) -> bool:
        """Whether the file has so much of its share left; once that it hasn't is told."""
        findings = self._remarks.findings()
        before, findings.searched = findings.searched, findings.searched + cost
        if before <= MAX_SEARCHED < findings.searched:
            self._remarks.add(
                pointer_of([*self._path, key]),
                "too-many",
                "from here on no more texts of this file are searched for keys and passwords",
                "split the file",
                warning=True,
            )
        return findings.searched <= MAX_SEARCHED


def _named(value: dict[str, Any], name: str) -> str:
    """What `value` is the value of: `{name: API_KEY, value: …}`, or the mapping's own name."""
    for key in ("name", "key"):
        if isinstance(value.get(key), str):
            return str(value[key])
    return name


def _option(before: Any) -> str:
    """The name that a command line gives the word behind it: `--password hunter2`."""
    return before if isinstance(before, str) and before.startswith("-") else ""


def _warn(remarks: Remarks, pointer: str, found: list[Lookalike]) -> None:
    spots = [remarks.hide(pointer, one.text) for one in found]
    spots[0].add(
        CODE,
        f"{dotted_pointer(pointer)} holds what looks like {found[0].what}",
        f'write {{secret: "env:NAME"}}, or {remarks.way_to_allow(_allowance(pointer))}',
        warning=True,
    )


def _allowance(pointer: str) -> str:
    """What `metadata.allowPlaintext` takes for this place."""
    parts = [token for token in tokens(pointer)[1:] if not token.isdecimal()]
    if any("." in part for part in parts):
        return pointer_of(parts)
    return ".".join(parts)
