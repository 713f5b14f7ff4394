"""JSON Pointers (RFC 6901) into wire objects, through the JSON documents that stand in strings."""

import copy
import json
from typing import Any, Final

from reconciler.sandbox.errors import SandboxError

Json = Any

MISSING: Final = object()
"""Nothing stands at that pointer."""


def split(pointer: str) -> list[str]:
    """The reference tokens. Raises SandboxError when it is not a pointer to something inside."""
    if not pointer.startswith("/"):
        raise SandboxError(f"{pointer!r} is not a JSON Pointer: it begins with /, as in /cpu")
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def find(tree: Json, pointer: str) -> Json:
    """The value at a pointer, or `MISSING`."""
    for token in split(pointer):
        tree = _child(_inside(tree), token)
        if tree is MISSING:
            return MISSING
    return tree


def replace(tree: Json, pointer: str, value: Json) -> Json:
    """A copy of the tree with the value at the pointer; objects on the way are made.

    `MISSING` as the value removes what stands there. `-` appends to a list.
    Raises SandboxError where the way is barred by a value that has no members.
    """
    return _put(copy.deepcopy(tree), split(pointer), value, pointer)


def _inside(value: Json) -> Json:
    """The document in a string, or the value itself."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _child(node: Json, token: str) -> Json:
    if isinstance(node, dict):
        return node.get(token, MISSING)
    if isinstance(node, list) and token.isdecimal() and int(token) < len(node):
        return node[int(token)]
    return MISSING


def _put(node: Json, tokens: list[str], value: Json, pointer: str) -> Json:
    if not tokens:
        return value
    if node is None or node is MISSING:
        node = {}
    holder = _inside(node)
    token, rest = tokens[0], tokens[1:]
    if isinstance(holder, dict):
        new = _put(holder.get(token, MISSING), rest, value, pointer)
        if new is MISSING:
            holder.pop(token, None)
        else:
            holder[token] = new
    elif isinstance(holder, list):
        _put_in_list(holder, token, rest, value, pointer)
    else:
        raise SandboxError(f"{pointer}: there is a plain value before /{token}")
    if holder is not node and isinstance(node, str):
        return json.dumps(holder, ensure_ascii=False, separators=(",", ":"))
    return holder


def _put_in_list(
    holder: list[Json], token: str, rest: list[str], value: Json, pointer: str
) -> None:
    position = len(holder) if token == "-" else int(token) if token.isdecimal() else -1  # noqa: S105  # RFC 6901's word for the end of a list
    if not 0 <= position <= len(holder):
        raise SandboxError(f"{pointer}: the list has no position {token}")
    old = holder[position] if position < len(holder) else MISSING
    new = _put(old, rest, value, pointer)
    if new is MISSING:
        del holder[position : position + 1]
    else:
        holder[position : position + 1] = [new]
