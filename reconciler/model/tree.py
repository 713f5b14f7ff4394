"""JSON trees and JSON Pointers (RFC 6901), the two ways everything else names a value."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

type_name: Final[Mapping[type, str]] = {
    dict: "a mapping",
    list: "a list",
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    type(None): "null",
}
"""How a JSON type is called in a message."""

Json = Any
"""None, bool, int, float, str, list or dict with string keys, nested."""

Tree = dict[str, Any]
"""A JSON object whose leaves may also be `Sealed`."""

PUBLIC_SEALED: Final = "(sealed)"
"""What stands in every output instead of a secret value."""

PUBLIC_HIDDEN: Final = "(hidden)"
"""What stands in every output instead of a live value that nobody declared in plain text."""


def escape(token: str) -> str:
    """One reference token of a JSON Pointer (RFC 6901, section 3)."""
    if "~" in token or "/" in token:
        return token.replace("~", "~0").replace("/", "~1")
    return token


def unescape(token: str) -> str:
    """The member name that one reference token stands for."""
    return token.replace("~1", "/").replace("~0", "~")


def join(pointer: str, token: str | int) -> str:
    """The pointer of a member or an element below `pointer`."""
    return f"{pointer}/{escape(token) if isinstance(token, str) else token}"


def pointer(tokens: Sequence[str | int]) -> str:
    """The JSON Pointer of a sequence of member names and list positions."""
    return "".join(f"/{escape(t) if isinstance(t, str) else t}" for t in tokens)


def tokens(path: str) -> list[str]:
    """The unescaped reference tokens of a JSON Pointer; `""` has none."""
    return [unescape(part) for part in path.split("/")[1:]]


def parents(path: str) -> Iterator[str]:
    """`path` itself, then each pointer above it, the root `""` last."""
    while path:
        yield path
        path = path.rpartition("/")[0]
    yield ""


def kind_of(value: object) -> str:
    """The JSON type of a value in words, for messages."""
    return type_name.get(type(value), "a string")
