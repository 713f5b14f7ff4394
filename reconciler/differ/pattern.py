"""Patterns over paths: a JSON Pointer in which `*` stands for a part of a token and `**` for any depth.

`/cpu` is that field and all below it. `/environmentVariables/FC_*` are the variables that begin so,
`/nasConfig/mountPoints/*/enableTLS` is a member of each element, `/**/enableTLS` one anywhere.
A star that is meant as itself is written `~2`, beside RFC 6901's `~0` and `~1`.
"""

import re
from collections.abc import Sequence
from typing import Final, TypeAlias

from reconciler.model.ignore import Ignore, Part
from reconciler.model.tree import unescape

ANY_DEPTH: Final[Part] = ()

Reach: TypeAlias = tuple[Ignore, tuple[Part, ...]]
"""A rule, and what of its pattern is still to be met below some path."""

_BAD_ESCAPE: Final = re.compile(r"~(?![012])")


def parse_pattern(text: str) -> tuple[Part, ...]:
    """The parts of a pattern. Raises ValueError with a sentence."""
    if not text.startswith("/"):
        raise ValueError('a path begins with "/", as in /environmentVariables/FC_*')
    if _BAD_ESCAPE.search(text):
        raise ValueError('after "~" stands 0, 1 or 2: ~0 is "~", ~1 is "/" and ~2 is "*"')
    tokens = text.split("/")[1:]
    if _is_everything(tokens):
        raise ValueError("this path is every field: leave the agent out instead")
    if tokens[-1] == "":
        raise ValueError('a path does not end in "/": a rule holds for all that is below, too')
    for name in tokens:
        if "**" in name and name != "**":
            raise ValueError('"**" stands for any depth and fills its place between two "/" alone')
    return tuple(ANY_DEPTH if name == "**" else _part(name) for name in tokens)


def _is_everything(tokens: Sequence[str]) -> bool:
    """Whether it ends at each top-level field: all of its stars reach no deeper than one step."""
    return {*tokens} <= {"", "*", "**"} and sum(name != "**" for name in tokens) <= 1


def _part(token: str) -> Part:
    return tuple(unescape(piece.replace("~2", "*")) for piece in token.split("*"))


def literal(path: str) -> str:
    """The pattern that means this JSON Pointer and no other.

    A last name that is empty cannot be written: what is around it is meant then.
    """
    return path.replace("*", "~2").rstrip("/")


def reaches(rules: Sequence[Ignore]) -> tuple[Reach, ...]:
    """Where the rules stand at the root of an agent."""
    return tuple((rule, rule.parts) for rule in rules)


def step(reach: Sequence[Reach], token: str) -> tuple[tuple[Reach, ...], Ignore | None]:
    """What is left of the patterns one token further down, and the rule that ends there, if any."""
    left: dict[tuple[int, int], Reach] = {}  # by what tells them apart: many `**` meet often
    for rule, parts in reach:
        for rest in _after(parts, token):
            if all(part == ANY_DEPTH for part in rest):
                return (), rule
            left[id(rule), len(rest)] = (rule, rest)
    return tuple(left.values()), None


def _after(parts: tuple[Part, ...], token: str) -> list[tuple[Part, ...]]:
    """What may follow once `token` was met; a pattern with `**` has more than one answer."""
    if parts[0] == ANY_DEPTH:
        return [parts, *_after(parts[1:], token)]
    return [parts[1:]] if meets(parts[0], token) else []


def meets(part: Part, token: str) -> bool:
    """Whether one token is what this part of a pattern says. No backtracking: linear in length."""
    if len(part) == 1:
        return part[0] == token
    first, *middle, last = part
    if len(token) < len(first) + len(last) or not (
        token.startswith(first) and token.endswith(last)
    ):
        return False
    at, end = len(first), len(token) - len(last)
    for piece in middle:
        at = token.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True


def matches_any(text: str, patterns: Sequence[str]) -> bool:
    """Whether one of these is the text; `*` in it stands for anything."""
    return any(meets(tuple(pattern.split("*")), text) for pattern in patterns)
