"""Equality of JSON values, and what counts as "not set"."""

import json
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Any, Final, NoReturn

from reconciler.model.plan import NOTHING
from reconciler.model.rules import Field, Shape, Trait, names_secret
from reconciler.model.sealed import Sealed
from reconciler.model.tree import Json, Tree

ANY_FIELD: Final = Field(Shape.ANY)
"""The rule of a value that no rule names: held whole, compared as JSON."""


_EMPTY_DOCUMENT: Final = "{} \t\r\n"


def same(left: Json, right: Json) -> bool:
    """Whether two JSON values are equal: same type, booleans apart, numbers by value.

    Python's own `==` holds `True == 1`, and comparison libraries hold `2 != 2.0`; JSON has neither.
    """
    if isinstance(left, Sealed):
        return left.matches(right)
    if isinstance(right, Sealed):
        return right.matches(left)
    if type(left) is type(right):
        if isinstance(left, dict):
            return len(left) == len(right) and all(
                key in right and same(value, right[key]) for key, value in left.items()
            )
        if isinstance(left, list):
            return len(left) == len(right) and all(map(same, left, right))
        return bool(left == right)
    if isinstance(left, bool) or isinstance(right, bool):
        return False
    return isinstance(left, int | float) and isinstance(right, int | float) and left == right


def is_unset(field: Field, value: Json) -> bool:
    """Whether this value of this field says "nothing is set here"."""
    if value is NOTHING or value is None:
        return True
    if isinstance(value, str):
        if value.strip(_EMPTY_DOCUMENT):
            return value in field.unset  # a document too, seen without decoding it
        if field.shape is Shape.DOCUMENT:
            value = decode_document(value)
    for blank in field.unset:
        if type(blank) is type(value) and not blank:
            if not value:
                return True
        elif same(value, blank):
            return True
    if field.shape is Shape.OBJECT and isinstance(value, dict):
        return bool(field.unset) and all(
            is_unset(field.members.get(name, ANY_FIELD), member) for name, member in value.items()
        )
    return False


def decode_document(value: Json) -> Json:
    """A JSON document in a string, decoded to its object; whatever is not one, as it is."""
    decoded = decode_json(value)
    return decoded if isinstance(decoded, dict) else value


def decode_json(value: Json) -> Json:
    """JSON in a string, decoded; a string that is no JSON (RFC 8259: NaN is none), as it is."""
    if not isinstance(value, str):
        return value
    try:
        return _decode(value)
    except (ValueError, RecursionError):
        return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


_decode = lru_cache(maxsize=512)(json.JSONDecoder(parse_constant=_no_constant).decode)
"""The same few settings stand in thousands of agents. Nobody changes what comes out of it."""


def encode_document(value: Json) -> str | Sealed:
    """A JSON document as the compact string that goes on the wire; sealed when a member is.

    With a secret that has no value here the document has none either.
    """
    references = [leaf.reference for leaf in sealed_leaves(value)]
    if unresolved(value) is not None:
        return Sealed(None, ", ".join(references))
    text = json.dumps(_revealed(value), ensure_ascii=False, separators=(",", ":"))
    return Sealed(text, ", ".join(references)) if references else text


def _revealed(value: Json) -> Json:
    if isinstance(value, Sealed):
        return value.reveal()
    if isinstance(value, dict):
        return {name: _revealed(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_revealed(member) for member in value]
    return value


def sealed_leaves(value: Json) -> Iterable[Sealed]:
    """Every sealed value in a tree."""
    if isinstance(value, Sealed):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from sealed_leaves(member)
    elif isinstance(value, list):
        for member in value:
            yield from sealed_leaves(member)


def unresolved(value: Json) -> str | None:
    """The reference of a secret in this tree that has no value here, if there is one."""
    return next((leaf.reference for leaf in sealed_leaves(value) if not leaf.resolved), None)


def unsendable(value: Json) -> bool:
    """Whether a tree holds text that no request can carry: half of a surrogate pair."""
    if isinstance(value, Sealed):
        value = value.reveal() if value.resolved else None
    if isinstance(value, str):
        return not value.isascii() and _holds_half(value)
    if isinstance(value, dict):
        return any(map(unsendable, value)) or any(map(unsendable, value.values()))
    return isinstance(value, list) and any(map(unsendable, value))


def _holds_half(text: str) -> bool:
    try:
        text.encode("utf-16")  # takes a quarter of the time of UTF-8 for a long prompt
    except UnicodeEncodeError:
        return True
    return False


def looks_masked(value: Json) -> bool:
    """Whether a text reads like a mask: three stars at its end, or nothing but stars.

    The only published sample is `abc***`; the exact rule is not established.
    """
    if isinstance(value, Sealed):
        return value.resolved and looks_masked(value.reveal())
    return isinstance(value, str) and value.endswith("***")


def holds_masked_secret(value: Json, secret_names: AbstractSet[str], name: str = "") -> bool:
    """Whether a secret name anywhere in the value, JSON in strings included, reads as a mask."""
    if looks_masked(value) and names_secret(name, secret_names):
        return True
    if isinstance(value, Sealed):
        value = value.reveal() if value.resolved else None
    if isinstance(value, str):
        if not value.lstrip().startswith(("{", "[")):
            return False
        value = decode_json(value)
    if isinstance(value, dict):
        return any(holds_masked_secret(v, secret_names, k) for k, v in value.items())
    return isinstance(value, list) and any(
        holds_masked_secret(member, secret_names) for member in value
    )


def veiled(field: Field, value: Json) -> Json:
    """A live value in which what is hidden or secret by rule is sealed."""
    if isinstance(value, str):
        secret = field.has(Trait.HIDDEN | Trait.SECRET | Trait.MASKED)
        return Sealed(value) if secret and value else value
    if isinstance(value, dict):
        inner = field.item if field.shape is Shape.MAP else None
        if inner is not None and field.has(Trait.HIDDEN):
            inner = Field(Shape.STRING, Trait.HIDDEN)
        return {
            name: veiled(inner or field.members.get(name, ANY_FIELD), member)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [veiled(field.item or ANY_FIELD, member) for member in value]
    return value


def canonical(field: Field, value: Json) -> Json:
    """The spelling of a value that the cloud itself would show."""
    if field.aliases and isinstance(value, str):
        return field.aliases.get(value, value)
    return value


def lookup(tree: Tree, parts: Iterable[str]) -> Any:
    """The value at a path of member names, through JSON documents, or NOTHING."""
    value: Json = tree
    for part in parts:
        value = decode_document(value)
        if not isinstance(value, dict) or part not in value:
            return NOTHING
        value = value[part]
    return value
