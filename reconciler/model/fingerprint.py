"""Fingerprints of secrets: equal where the secrets are, and without the key they tell nothing."""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

from reconciler.model.sealed import Sealed
from reconciler.model.tree import Json

MIN_KEY_CHARACTERS: Final = 16
"""A shorter key could be tried out by anybody who sees a fingerprint and guesses at the secret."""

KEY_ID_LENGTH: Final = 8


class Fingerprinter:
    """Makes fingerprints (HMAC-SHA-256) with one key, which is never shown.

    `key_id` tells keys apart and nothing about them. Raises ValueError for a key that is too short.
    """

    __slots__ = ("key", "key_id")

    def __init__(self, key: Sealed) -> None:
        if len(key.reveal()) < MIN_KEY_CHARACTERS:
            raise ValueError(f"a key needs at least {MIN_KEY_CHARACTERS} characters")
        self.key: Final = key
        self.key_id: Final = self._digest(b"key id")[:KEY_ID_LENGTH]

    def fingerprint(self, owner: Iterable[str], values: Json) -> str:
        """64 hexadecimal digits for these values of this owner.

        `values` is a JSON tree whose leaves may be sealed. Equal values of two owners have
        different fingerprints. Raises ValueError for a secret that was not resolved.
        """
        return self._digest(b"values", _encoded([list(owner), values]))

    def _digest(self, *parts: bytes) -> str:
        key = self.key.reveal().encode("utf-8", "surrogatepass")
        message = b"\0".join((b"reconcile fingerprint 1", *parts))
        return hmac.new(key, message, hashlib.sha256).hexdigest()

    def __repr__(self) -> str:
        return f"Fingerprinter({self.key_id})"


def _encoded(value: Json) -> bytes:
    """One spelling for each JSON value: type and length before content, members in order.

    Numbers go by value (2 is 2.0). No JSON encoder is asked, whose output could change.
    """
    match value:
        case Sealed():
            return _encoded(value.reveal())
        case None | bool():
            return _framed(b"c", str(value).encode())
        case int() | float():
            whole = isinstance(value, float) and value.is_integer()
            return _framed(b"n", repr(int(value) if whole else value).encode())
        case str():
            return _framed(b"s", value.encode("utf-8", "surrogatepass"))
        case dict():
            pairs = (_encoded(name) + _encoded(value[name]) for name in sorted(value))
            return _framed(b"m", b"".join(pairs))
        case list() | tuple():
            return _framed(b"l", b"".join(map(_encoded, value)))
        case _:
            raise TypeError(f"no JSON value: {type(value).__name__}")


def _framed(kind: bytes, content: bytes) -> bytes:
    return b"%s%d:%s" % (kind, len(content), content)
