"""One spelling for each JSON document, so that a digest outlives reformatting.

Members in order, no spaces, ASCII only, numbers by value: what a formatter or another JSON library
may write differently makes no difference here.
"""

import hashlib
import json
import math
from typing import Any, Final, NoReturn

from reconciler.model.tree import Json

_SHA256: Final = "sha256:"


def read_json(text: str) -> Any:
    """The one reading of a JSON text that the writer and the reader of a digest share.

    Raises ValueError for what is no JSON, for a member that is there twice (readers disagree which
    one counts), and RecursionError for one that is nested too deeply.
    """
    return json.loads(
        text, parse_float=_number, parse_constant=_constant, object_pairs_hook=_members
    )


def canonical(value: Json) -> str:
    """A JSON value as text of which there is one form only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(value: Json) -> str:
    """SHA-256 of the canonical form of a value without secrets, with its name before it."""
    return _SHA256 + hashlib.sha256(canonical(value).encode()).hexdigest()


def normal(value: Json) -> Any:
    """A JSON tree without secrets as `read_json` gives it back from what `report.json` writes.

    A number that JSON does not have is written as its name.
    """
    match value:
        case str():
            return value if value.isascii() else _text(value)
        case dict():
            return {_text(name): normal(member) for name, member in value.items()}
        case list() | tuple():
            return [normal(member) for member in value]
        case float() if not math.isfinite(value):
            return json.dumps(value)
        case float() if value.is_integer():
            return int(value)
    return value


def _text(text: str) -> str:
    """Both halves of a surrogate pair, should they stand apart, become the one character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _number(text: str) -> Json:
    value = float(text)
    if not math.isfinite(value):
        return text
    return int(value) if value.is_integer() else value


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member is there twice")
    return members
