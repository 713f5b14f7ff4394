"""Secret values: they compare, they never print."""

import hmac
from typing import Any, Final, NoReturn

from reconciler.model.tree import PUBLIC_SEALED


class Sealed:
    """A secret value together with the reference that it came from.

    `reference` (`env:NAME`) may be shown; the value comes out through `reveal()` alone, which only
    the code that puts bytes on the wire calls. A reference that could not be resolved holds no
    value: it is equal to nothing, itself included, and reads as "cannot be compared".
    """

    __slots__ = ("_value", "reference")

    def __init__(self, value: str | None, reference: str = "live") -> None:
        self._value: Final = value
        self.reference: Final = reference

    @property
    def resolved(self) -> bool:
        """Whether there is a value to compare and to send."""
        return self._value is not None

    def reveal(self) -> str:
        """The value itself. Raises ValueError when the reference was not resolved."""
        if self._value is None:
            raise ValueError(f"secret {self.reference} was not resolved")
        return self._value

    def matches(self, other: object) -> bool:
        """Whether `other`, a string or another sealed value, is the same text."""
        value = other._value if isinstance(other, Sealed) else other
        if self._value is None or not isinstance(value, str):
            return False
        return hmac.compare_digest(
            self._value.encode("utf-8", "surrogatepass"), value.encode("utf-8", "surrogatepass")
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and self.matches(other)

    __hash__ = None  # type: ignore[assignment]  # a hash of a secret is a fingerprint nobody keyed

    def __repr__(self) -> str:
        return PUBLIC_SEALED

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(PUBLIC_SEALED, spec)

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a sealed value is never stored")
