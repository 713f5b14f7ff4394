"""Which live values may be secrets, so that no message of a cloud repeats them.

Values of a hidden map (environment variables) that the manifest does not declare in plain text, and
values that a declared secret is about to replace. Nothing here decides what a plan shows of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final, assert_never

from reconciler.differ.values import ANY_FIELD, decode_document, sealed_leaves
from reconciler.model.live import Absent, Ambiguous, Found, Live, Unread
from reconciler.model.rules import Field, Shape, Trait
from reconciler.model.sealed import Sealed
from reconciler.model.tree import Json

MIN_HIDDEN: Final = 6
"""Shorter values that are only hidden (`info`, `8080`) are ordinary words of ordinary messages."""


def live_secrets(rule: Field, want: Json, live: Json) -> Iterator[str]:
    """Every text of `live` that may be a secret, given what the manifest says of it."""
    if isinstance(want, Sealed):
        yield from _texts(live)
    elif rule.has(Trait.HIDDEN):
        yield from _undeclared(want, live)
    elif isinstance(live, list):
        yield from _beside_secrets(want, live)
    else:
        if rule.shape is Shape.DOCUMENT:
            want, live = decode_document(want), decode_document(live)
        if isinstance(live, dict):
            declared = want if isinstance(want, dict) else {}
            for name, member in live.items():
                below = rule.members.get(name, rule.item or ANY_FIELD)
                yield from live_secrets(below, declared.get(name), member)


def sealed_again(found: Found, seal: Callable[[str], str]) -> Found:
    """What was found, with the cloud's sentences in it sealed by all that is known now."""
    match found:
        case Live():
            hints = tuple(map(seal, found.hints))
            return replace(found, status_reason=seal(found.status_reason), hints=hints)
        case Unread():
            return replace(found, reason=seal(found.reason))
        case Absent() | Ambiguous():
            return found
        case _:
            assert_never(found)


def _undeclared(want: Json, live: Json) -> Iterator[str]:
    """The values of a hidden field but for those that stand in the manifest for all to read."""
    if isinstance(live, dict):
        declared = want if isinstance(want, dict) else {}
        for name, member in live.items():
            if isinstance(declared.get(name), Sealed):
                yield from _texts(member)
            else:
                yield from _undeclared(declared.get(name), member)
    elif not isinstance(want, str):
        yield from (text for text in _texts(live) if len(text) >= MIN_HIDDEN)


def _beside_secrets(want: Json, live: list[Any]) -> Iterator[str]:
    """A list that declares secrets: which of its live texts they replace cannot be told."""
    if any(sealed_leaves(want)):
        declared = set(_texts(want, sealed=False))
        for text in _texts(live):
            if len(text) >= MIN_HIDDEN and text not in declared:
                yield text


def _texts(value: Json, *, sealed: bool = True) -> Iterator[str]:
    """Every string in a tree, with those that are sealed already unless told otherwise."""
    if isinstance(value, Sealed):
        if sealed and value.resolved:
            yield value.reveal()
    elif isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _texts(member, sealed=sealed)
