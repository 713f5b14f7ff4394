"""What may be shown of a value. Everything in a plan has been through here."""

import json
from collections.abc import Set as AbstractSet
from typing import Any, Final

from reconciler.differ.values import decode_json
from reconciler.model.plan import NOTHING
from reconciler.model.rules import names_secret, secret_name
from reconciler.model.sealed import Sealed
from reconciler.model.tree import PUBLIC_HIDDEN, PUBLIC_SEALED, Json

NO_NAMES: Final[frozenset[str]] = frozenset()


def public(value: Json, secret_names: AbstractSet[str] = NO_NAMES) -> Any:
    """The value with each secret replaced: sealed leaves, and whatever stands at a secret name.

    A secret name inside JSON that is kept as a string is found as well.
    """
    if isinstance(value, str):
        begins_like_json = secret_names and value.lstrip().startswith(("{", "["))
        return _public_text(value, secret_names) if begins_like_json else value
    if isinstance(value, Sealed):
        return PUBLIC_SEALED
    if isinstance(value, dict):
        return {
            name: PUBLIC_SEALED
            if names_secret(name, secret_names) and member not in (None, "", NOTHING)
            else public(member, secret_names)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [public(member, secret_names) for member in value]
    return value


def _public_text(text: str, secret_names: AbstractSet[str]) -> str:
    """A text that holds JSON, unchanged where no secret stands in it.

    One that merely begins like JSON and names a secret cannot be looked into: replaced whole.
    """
    decoded = decode_json(text)
    if isinstance(decoded, str):
        plain = secret_name(text)
        return PUBLIC_SEALED if any(f'{name}"' in plain for name in secret_names) else text
    shown = public(decoded, secret_names)
    if shown == decoded:
        return text
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
