"""Plain scalars by the core schema of YAML 1.2.2, section 10.3.2.

`no` and `on` are strings, `012` is twelve, `1_000` is a string. What JSON cannot carry (infinities,
numbers too large for it) is refused, never rounded away.
"""

import math
import re
from typing import Final

from reconciler.model.tree import Json

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS: Final = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_DECIMAL: Final = re.compile(r"[-+]?[0-9]+")
_OCTAL: Final = re.compile(r"0o[0-7]+")
_HEXADECIMAL: Final = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_NUMBER_START: Final = frozenset("0123456789+-.")
_MAX_DIGITS: Final = 100
_INTEGERS: Final = range(-(2**63), 2**64)


class BadScalar(Exception):
    """A scalar that means something which cannot be taken in. `help` is the way out."""

    def __init__(self, text: str, help: str) -> None:
        super().__init__(text)
        self.help = help


def resolve(text: str) -> Json:
    """The value of a plain scalar. Raises BadScalar."""
    if text in _NULLS:
        return None
    if text[0] not in _NUMBER_START:
        return _BOOLEANS.get(text, text)
    return _number(text)


def _number(text: str) -> Json:
    if _DECIMAL.fullmatch(text):
        return _integer(text, 10)
    if _OCTAL.fullmatch(text):
        return _integer(text[2:], 8)
    if _HEXADECIMAL.fullmatch(text):
        return _integer(text[2:], 16)
    if _FLOAT.fullmatch(text):
        return _float(text)
    if _NOT_FINITE.fullmatch(text):
        raise BadScalar(
            "infinities and not-a-number have no form in JSON", "put it in quotes if text is meant"
        )
    return text


def _integer(digits: str, base: int) -> int:
    if len(digits) > _MAX_DIGITS or (value := int(digits, base)) not in _INTEGERS:
        raise BadScalar("the number does not fit in 64 bits", "put it in quotes if text is meant")
    return value


def _float(text: str) -> float:
    value = float(text)
    mantissa = text.lower().partition("e")[0]
    if math.isinf(value) or (value == 0 and any(digit in mantissa for digit in "123456789")):
        raise BadScalar("the number is out of range", "put it in quotes if text is meant")
    return value


def tagged(text: str, tag: str) -> Json:
    """The value of a scalar under a core tag (`int` of `!!int`). Raises BadScalar."""
    if tag == "str":
        return text
    value = resolve(text)
    if tag == "float" and type(value) is int:
        return float(value)
    fits = {"int": int, "float": float, "bool": bool, "null": type(None)}[tag]
    if type(value) is not fits:
        raise BadScalar(f"the value is not what the tag !!{tag} says", "remove the tag")
    return value
