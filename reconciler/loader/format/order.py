"""The order of the members that every manifest has; below `spec` the author's order stays.

A comment above a key goes with it. A comment at the top stays there: what an empty line separates
from the first key, and lines for editors and lawyers.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.loader.events import Event, Is
from reconciler.loader.format.layout import Member, Members
from reconciler.loader.format.tokens import Part, Token

_MANIFEST: Final = ("apiVersion", "kind", "metadata", "spec", "rollout")
_PATCH: Final = ("apiVersion", "kind", "target", "ops")
_CONFIG: Final = ("defaultTarget", "targets", "ignore", "policy")
_METADATA: Final = ("name", "labels")
_FOR_EDITORS: Final = re.compile(r"(?i)#\s*(?:yaml-language-server:|vim?:|-\*-)|#!")
_FOR_LAWYERS: Final = re.compile(r"(?i)#\s*(?:SPDX-|copyright\b|\(c\)|©|.*\blicen[cs]ed? under\b)")


def reorder(
    tokens: list[Token], events: Sequence[Event], mappings: dict[int, Members]
) -> list[Event]:
    """Bring members into their order, in `tokens`; the events as the new text will have them.

    A document in which an alias would come before its anchor is left as it is.
    """
    expected = list(events)
    for number, event in enumerate(events):
        if event.what is Is.DOCUMENT and number + 1 in mappings:
            _document(tokens, expected, mappings, mappings[number + 1])
    return expected


def _document(
    tokens: list[Token], expected: list[Event], mappings: dict[int, Members], root: Members
) -> None:
    wanted = _wanted(root, expected)
    moves = [move for move in _moves(tokens, mappings, root, wanted) if move.moved]
    extent = slice(*root.events)
    before = expected[extent]
    for move in moves:
        move.events(expected)
    if _resolved(before) != _resolved(expected[extent]):
        expected[extent] = before
        return
    for move in moves:
        move.tokens(tokens)


def _wanted(root: Members, events: Sequence[Event]) -> tuple[str, ...]:
    """The order at the top of this document; empty for one whose order stays."""
    keys = {member.key: member for member in root.members}
    if "sops" in keys:  # its signature is over the values in their order
        return ()
    if "kind" in keys and events[keys["kind"].events[0] + 1].text == "JSONPatch":
        return _PATCH
    if keys.keys() & {"apiVersion", "kind"}:
        return _MANIFEST
    return _CONFIG if keys.keys() & set(_CONFIG) else ()


def _moves(
    tokens: list[Token],
    mappings: dict[int, Members],
    root: Members,
    wanted: Sequence[str],
) -> Iterator["_Move"]:
    """What is to be moved, from the inside out: then positions outside stay right."""
    for member in root.members:
        inner = mappings.get(member.events[0] + 1)
        if member.key == "metadata" and wanted == _MANIFEST and inner is not None:
            yield _Move(tokens, inner, _METADATA)
    yield _Move(tokens, root, wanted)


class _Move:
    """The members of one mapping in their new order."""

    def __init__(self, tokens: Sequence[Token], found: Members, wanted: Sequence[str]) -> None:
        members = found.members
        rank = {key: place for place, key in enumerate(wanted)}
        self._order = sorted(
            range(len(members)), key=lambda one: rank.get(members[one].key or "", len(rank))
        )
        self._members = members
        self._block = found.indent is not None
        self._extents = (
            _block_extents(tokens, members, found.indent or 0)
            if self._block
            else [member.tokens for member in members]
        )
        movable = self._order != sorted(self._order)
        self.moved = movable and self._can_move(tokens)

    def _can_move(self, tokens: Sequence[Token]) -> bool:
        """Whether each member begins a line, or else all of them share one."""
        if self._block:
            return all(tokens[start].first for start, _ in self._extents)
        whole = tokens[self._extents[0][0] : self._extents[-1][1]]
        return not any(token.first for token in whole[1:])

    def events(self, events: list[Event]) -> None:
        """Do it to the events."""
        start, end = self._members[0].events[0], self._members[-1].events[1]
        pieces = [events[slice(*self._members[one].events)] for one in self._order]
        events[start:end] = [event for piece in pieces for event in piece]

    def tokens(self, tokens: list[Token]) -> None:
        """Do it to the tokens; what separates members stays between them."""
        start, end = self._extents[0][0], self._extents[-1][1]
        pieces = [tokens[slice(*self._extents[one])] for one in self._order]
        seams = [
            tokens[this[1] : following[0]]
            for this, following in zip(self._extents, self._extents[1:], strict=False)
        ]
        if self._block:
            top = tokens[start]
            blank, top.blank = top.blank, False
            pieces[0][0].blank = blank
        parts = [pieces[0]]
        for seam, piece in zip(seams, pieces[1:], strict=True):
            parts += [seam, piece]
        tokens[start:end] = [token for part in parts for token in part]


def _block_extents(
    tokens: Sequence[Token], members: Sequence[Member], indent: int
) -> list[tuple[int, int]]:
    """The tokens of each member with the comments above it, beside it and at its end."""
    extents: list[tuple[int, int]] = []
    begin = _below_header(tokens, members[0].tokens[0]) if members else 0
    for member in members:
        end = member.tokens[1]
        while tokens[end].part is Part.COMMENT and (
            not tokens[end].first or tokens[end].beside or tokens[end].indent > indent
        ):
            end += 1
        extents.append((begin, end))
        begin = end
    return extents


def _below_header(tokens: Sequence[Token], key: int) -> int:
    """Where the comments begin that belong to the first key and not to the whole."""
    top = key
    while top and tokens[top - 1].part is Part.COMMENT and _is_line(tokens[top - 1]):
        top -= 1
    begin = max((at for at in range(top + 1, key + 1) if tokens[at].blank), default=top)
    if any(_FOR_LAWYERS.match(token.text) for token in tokens[begin:key]):
        return key
    lines = (at + 1 for at in range(begin, key) if _FOR_EDITORS.match(tokens[at].text))
    return max(lines, default=begin)


def _is_line(comment: Token) -> bool:
    return comment.first and comment.beside is None


def _resolved(events: Sequence[Event]) -> dict[int, int | None]:
    """Which event each alias repeats, both by identity."""
    anchors: dict[str, int] = {}
    found: dict[int, int | None] = {}
    for event in events:
        if event.what is Is.ALIAS:
            found[id(event)] = anchors.get(event.text)
        elif event.anchor is not None:
            anchors[event.anchor] = id(event)
    return found
