"""Values to bytes and back: request bodies, query strings, JSON replies, dates.

The one place where a sealed value turns into plain text: the bytes go to the socket and nowhere
else. Nothing here puts a value into an error, not even through an exception's cause.
"""

import json
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn
from urllib.parse import quote, urlsplit

from reconciler.model.errors import InputError
from reconciler.model.sealed import Sealed
from reconciler.model.tree import Json, Tree, join


def encode(body: Tree) -> bytes:
    """`body` as compact UTF-8 JSON, its sealed leaves revealed.

    Raises InputError, with the JSON Pointer, for what JSON or UTF-8 can't hold: a lone surrogate,
    a number that is not finite, a secret that was not resolved.
    """
    try:
        text = json.dumps(
            body, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_reveal
        )
        return text.encode("utf-8")
    except (ValueError, TypeError, RecursionError):
        fault = _fault(body, "") or ("", "this value cannot be written as JSON")
    # Outside the handler: an encoding error carries the whole text, secrets included.
    raise InputError(f"{fault[0] or 'the body'}: {fault[1]}")


def _reveal(value: object) -> str:
    if isinstance(value, Sealed):
        return value.reveal()
    raise TypeError("not a JSON value")


def _fault(value: object, path: str) -> tuple[str, str] | None:
    """Where and why the first leaf that can't be encoded fails; None when there is none."""
    match value:
        case dict():
            bad_key = next((key for key in value if not _is_text(key)), None)
            if bad_key is not None:
                return path, "a member name is not valid Unicode text"
            return next(filter(None, (_fault(v, join(path, k)) for k, v in value.items())), None)
        case list():
            return next(filter(None, (_fault(v, join(path, i)) for i, v in enumerate(value))), None)
        case Sealed() if not value.resolved:
            return path, f"secret {value.reference} was not resolved"
        case Sealed() if not _is_text(value.reveal()):
            return path, f"secret {value.reference} is not valid Unicode text"
        case str() if not _is_text(value):
            return path, "not valid Unicode text (a lone surrogate)"
        case float() if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124
            return path, "not a finite number"
        case None | bool() | int() | float() | str() | Sealed():
            return None
        case _:
            return path, f"{type(value).__name__} is not a JSON value"


def _is_text(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def encode_query(query: Mapping[str, str]) -> str:
    """A query string by RFC 3986: everything but the unreserved characters percent-encoded.

    Raises InputError for text that UTF-8 can't hold.
    """
    for name, value in query.items():
        if not _is_text(value):
            raise InputError(f"{name}: not valid Unicode text (a lone surrogate)")
    return "&".join(f"{quote(name, safe='~')}={quote(v, safe='~')}" for name, v in query.items())


def encode_segment(text: str) -> str:
    """One segment of a path, percent-encoded; `/` and `..` in it stay harmless.

    Raises InputError for text that UTF-8 can't hold, and for `.`, `..` and nothing at all, which
    no encoding keeps from changing the path.
    """
    if text in ("", ".", "..") or not _is_text(text):
        raise InputError(f"{text!a} cannot stand in the path of a request")
    return quote(text, safe="~")


def origin(base_url: str) -> str:
    """Host and port of an endpoint, one spelling for each: for names, not for connecting."""
    parts = urlsplit(base_url)
    port = parts.port or (80 if parts.scheme == "http" else 443)
    return f"{(parts.hostname or '').lower()}:{port}"


def decode(content: bytes) -> Json:
    """The JSON document in `content`, None for nothing at all. Raises ValueError for no JSON."""
    if not content.strip():
        return None
    try:
        return json.loads(content, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def parse_http_date(text: Any) -> float | None:
    """Seconds since the epoch of an HTTP date (RFC 9110, 5.6.7); None where it is none."""
    if not isinstance(text, str):
        return None
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
