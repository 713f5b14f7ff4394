"""What may be shown of a value. Everything in a plan has been through here."""

import json
from collections.abc import Set as AbstractSet
from typing import Any, Final

from reconciler.model.plan import NOTHING
from reconciler.model.sealed import Sealed
from reconciler.model.tree import PUBLIC_HIDDEN, PUBLIC_SEALED, Json

NO_NAMES: Final[frozenset[str]] = frozenset()


def public(value: Json, secret_names: AbstractSet[str] = NO_NAMES) -> Any:
    """The value with each secret replaced: sealed leaves, and whatever stands at a secret name.

    A secret name inside a JSON document that is kept as a string is found as well; a text that
    holds one and cannot be decoded is replaced whole.
    """
    if isinstance(value, Sealed):
        return PUBLIC_SEALED
    if isinstance(value, dict):
        return {
            name: PUBLIC_SEALED
            if name in secret_names and member not in (None, "", NOTHING)
            else public(member, secret_names)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [public(member, secret_names) for member in value]
    if isinstance(value, str) and any(name in value for name in secret_names):
        return _public_text(value, secret_names)
    return value


def _public_text(text: str, secret_names: AbstractSet[str]) -> str:
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        shown = public(json.loads(text), secret_names)
    except (ValueError, RecursionError):
        return PUBLIC_SEALED
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def hidden(value: Json) -> Any:
    """The shape of a live value with every leaf hidden; what is absent stays absent."""
    if value is NOTHING:
        return value
    if isinstance(value, Sealed):
        return PUBLIC_SEALED
    if isinstance(value, dict):
        return {name: hidden(member) for name, member in value.items()}
    if isinstance(value, list):
        return [hidden(member) for member in value]
    return PUBLIC_HIDDEN
