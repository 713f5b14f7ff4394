"""How names and values are spoken of in messages, and which name was probably meant."""

import json
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from reconciler.model.tree import Json, tokens

MAX_ECHO: Final = 40
"""How much of a value a message repeats, in characters."""

_MAX_GUESSED: Final = 64
_CUTOFF: Final = 0.7
_MIN_BEGUN: Final = 3


def quoted(text: str) -> str:
    """A name or a value in double quotes, shortened."""
    return json.dumps(clipped(text), ensure_ascii=False)


def clipped(text: str) -> str:
    """The text, or its beginning when it is long."""
    return text if len(text) <= MAX_ECHO else text[: MAX_ECHO - 1] + "…"


def described(value: Json) -> str:
    """A value in words: `the string "2"`, `the number 2`, `a mapping`."""
    match value:
        case None:
            return "null"
        case bool():
            return f"the boolean {str(value).lower()}"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the string {quoted(value)}"
        case list():
            return "a list"
        case _:
            return "a mapping"


def kind_word(value: Json) -> str:
    """A value's type in words, nothing of the value itself."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case _:
            return "a mapping"


def dotted(tokens: Sequence[str | int]) -> str:
    """A path as people write it: `nasConfig.mountPoints[0].mountDir`."""
    text = ""
    for token in tokens:
        if isinstance(token, int):
            text += f"[{token}]"
        else:
            text += f".{clipped(token)}" if text else clipped(token)
    return text


def dotted_pointer(pointer: str) -> str:
    """The path of a JSON Pointer as people write it, its first member left out."""
    return dotted([int(token) if token.isdecimal() else token for token in tokens(pointer)[1:]])


def listed(names: Iterable[str], *, last: str = "or") -> str:
    """`a, b or c`; long lists end with how many more there are."""
    every = list(names)
    if len(every) > 12:
        return ", ".join(every[:10]) + f" and {len(every) - 10} more"
    if len(every) < 2:
        return "".join(every)
    return ", ".join(every[:-1]) + f" {last} {every[-1]}"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, None when none is near.

    Case, underscores and dashes don't count: `environment_variables` is `environmentVariables`.
    """
    if len(name) > _MAX_GUESSED:
        return None
    return _nearest(name, tuple(known))


@lru_cache(maxsize=1024)
def _nearest(name: str, known: tuple[str, ...]) -> str | None:
    folded = {_folded(candidate): candidate for candidate in reversed(known)}
    start = _folded(name)
    close = get_close_matches(start, folded, n=1, cutoff=_CUTOFF)
    close = close or [candidate for candidate in folded if _swapped(start, candidate)]
    return folded[close[0]] if close else None


def _swapped(one: str, other: str) -> bool:
    """Whether two neighbours changed places: `cup` and `cpu`, too short to be near otherwise."""
    if len(one) != len(other) or one == other:
        return False
    first = next(index for index, char in enumerate(one) if char != other[index])
    swapped = one[:first] + one[first : first + 2][::-1] + one[first + 2 :]
    return swapped == other


def _folded(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`did you mean "cpu"?`, or nothing. A name that one known name begins with counts too."""
    candidates = tuple(known)
    near = nearest(name, candidates) or _begun(name, candidates)
    return f"did you mean {quoted(near)}?" if near is not None else ""


def meant_or_known(name: str, known: Iterable[str]) -> str:
    """The way out of a name that is not known: the one that was probably meant, else all."""
    candidates = tuple(known)
    return did_you_mean(name, candidates) or f"known are {listed(candidates, last='and')}"


def missing(names: Sequence[str]) -> str:
    """`kind is missing`, `kind and spec are missing`."""
    return f"{listed(names, last='and')} {'is' if len(names) == 1 else 'are'} missing"


def _begun(name: str, known: Sequence[str]) -> str | None:
    """The one known name that begins so: `env` is `environmentVariables`."""
    start = _folded(name)
    if not _MIN_BEGUN <= len(start) <= _MAX_GUESSED:
        return None
    found = [candidate for candidate in known if _folded(candidate).startswith(start)]
    return found[0] if len(found) == 1 else None
