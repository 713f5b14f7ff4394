"""The six operations of JSON Patch (RFC 6902) on trees that know their origins.

Our own rather than a library's: its messages may hold values, thus secrets, and it would lose where
a value came from. A test compares the results with the library's.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, TypeAlias

from reconciler.differ.values import same
from reconciler.loader.bounds import MAX_DEPTH, MAX_NODES
from reconciler.loader.layers.merge import replaced
from reconciler.loader.layers.nodes import Node, Origin, child
from reconciler.loader.words import clipped, did_you_mean, quoted
from reconciler.model.tree import pointer, tokens

_POINTER: Final = re.compile(r"(?:/(?:[^/~]|~[01])*)*")
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)

_Edit: TypeAlias = Callable[[Node, str], Node]


class Misfit(Exception):
    """An operation that cannot be carried out. `member` is the part of it that is wrong."""

    def __init__(self, text: str, help: str = "", *, member: str = "path") -> None:
        super().__init__(text)
        self.help = help
        self.member = member


def is_pointer(text: str) -> bool:
    """Whether this is a JSON Pointer (RFC 6901)."""
    return _POINTER.fullmatch(text) is not None


def add(root: Node, path: str, value: Node, named: Origin) -> Node:
    """The value put there: a new member, one in another's place, or an element before another."""
    if not path:
        return _bounded(replaced(root, replace(value, named=None)))
    return _bounded(_edited(root, path, lambda node, token: _added(node, token, value, named)))


def swap(root: Node, path: str, value: Node, named: Origin) -> Node:
    """The value put in the place of one that is there (the operation `replace`)."""
    old = get(root, path)
    if not path:
        return _bounded(replaced(root, replace(value, named=None)))
    new = replaced(old, replace(value, named=named if old.named is not None else None))
    return _bounded(_edited(root, path, lambda node, token: _set(node, token, new)))


def remove(root: Node, path: str, member: str = "path") -> Node:
    """The tree without that value, which must be there."""
    get(root, path, member)
    if not path:
        raise Misfit("the whole manifest cannot be removed", member=member)
    return _edited(root, path, _removed)


def move(root: Node, source: str, path: str, named: Origin) -> Node:
    """The value at `source`, taken out there and added at `path`."""
    value = get(root, source, "from")
    if path == source:
        return root
    if path.startswith(f"{source}/"):
        raise Misfit("a value cannot be moved into itself")
    return add(remove(root, source, "from"), path, value, named)


def copy(root: Node, source: str, path: str, named: Origin) -> Node:
    """The value at `source`, added at `path` as well."""
    return add(root, path, get(root, source, "from"), named)


def test(root: Node, path: str, value: Node) -> Node:
    """The tree as it is, when that value is there: equal as JSON is, `1` apart from `true`."""
    if not _equal(get(root, path), value):
        where = quoted(path) if path else "the root"
        raise Misfit(f"the test failed: another value stands at {where}", member="value")
    return root


def _equal(left: Node, right: Node) -> bool:
    """See `same`; what differs in size is not walked through."""
    here, there = left.value, right.value
    if isinstance(here, dict) and isinstance(there, dict):
        return len(here) == len(there) and all(
            key in there and _equal(member, there[key]) for key, member in here.items()
        )
    if isinstance(here, list) and isinstance(there, list):
        return len(here) == len(there) and all(map(_equal, here, there))
    return not isinstance(here, dict | list) and same(here, there)


def get(root: Node, path: str, member: str = "path") -> Node:
    """The value at `path`. Raises Misfit where there is none."""
    node = root
    parts = tokens(path)
    for number, token in enumerate(parts):
        below = _strict_child(node, token)
        if below is None:
            raise _missing(node, parts, number, member)
        node = below
    return node


def _strict_child(node: Node, token: str) -> Node | None:
    """A position is written one way only: `0`, `1`, no `01`."""
    if isinstance(node.value, list) and not _INDEX.fullmatch(token):
        return None
    return child(node, token)


def _missing(node: Node, parts: list[str], number: int, member: str) -> Misfit:
    """Nothing stands there, and what there is instead."""
    around = pointer(parts[:number])
    where = quoted(around) if around else "the manifest"
    token = parts[number]
    if isinstance(node.value, dict):
        text = f"there is no {quoted(token)} in {where}"
        return Misfit(text, did_you_mean(token, node.value), member=member)
    if isinstance(node.value, list):
        count = len(node.value)
        elements = "no element" if not count else "1 element" if count == 1 else f"{count} elements"
        text = f"{quoted(token)} is no position in {where}, which has {elements}"
        return Misfit(text, "positions count from 0", member=member)
    return Misfit(f"{where} is neither a mapping nor a list", member=member)


def _edited(root: Node, path: str, edit: _Edit) -> Node:
    parts = tokens(path)

    def within(node: Node, number: int) -> Node:
        token = parts[number]
        if number == len(parts) - 1:
            return edit(node, token)
        below = _strict_child(node, token)
        if below is None:
            missing = _missing(node, parts, number, "path")
            raise Misfit(str(missing), missing.help or "add what is around it first")
        return _set(node, token, within(below, number + 1))

    return within(root, 0)


def _set(node: Node, token: str, value: Node) -> Node:
    if isinstance(node.value, dict):
        return _with(node, {**node.value, token: value}, value, node.value.get(token))
    items = list(node.value)
    items[int(token)] = value
    return _with(node, items, value, node.value[int(token)])


def _added(node: Node, token: str, value: Node, named: Origin) -> Node:
    if isinstance(node.value, dict):
        return _set(node, token, replaced(node.value.get(token), replace(value, named=named)))
    if not isinstance(node.value, list):
        raise Misfit(f"nothing can be added below a value that holds nothing ({clipped(token)})")
    end = len(node.value)
    at = end if token == "-" else int(token) if _INDEX.fullmatch(token) else -1  # noqa: S105
    if not 0 <= at <= end:
        text = f"{quoted(token)} is no position to add at"
        raise Misfit(text, f'positions are 0 to {end}; "-" is the end')
    new = replace(value, named=None)
    return _with(node, [*node.value[:at], new, *node.value[at:]], new)


def _removed(node: Node, token: str) -> Node:
    if isinstance(node.value, dict):
        members = dict(node.value)
        return _with(node, members, None, members.pop(token))
    at = int(token)
    return _with(node, [*node.value[:at], *node.value[at + 1 :]], None, node.value[at])


def _with(node: Node, value: Any, new: Node | None, old: Node | None = None) -> Node:
    """The container with one value come and one gone.

    Its depth is at most what is said: it is not looked for anew, as that takes a walk for each step.
    """
    size = node.size + (new.size if new is not None else 0) - (old.size if old is not None else 0)
    depth = node.depth if new is None else max(node.depth, new.depth + 1)
    return replace(node, value=value, size=size, depth=depth)


def _bounded(root: Node) -> Node:
    """The tree, unless copies made it larger than a document may be."""
    if root.size > MAX_NODES:
        raise Misfit(f"the manifest would have more than {MAX_NODES:,} values")
    if root.depth > MAX_DEPTH:
        raise Misfit(f"values would be nested more than {MAX_DEPTH} deep")
    return root
