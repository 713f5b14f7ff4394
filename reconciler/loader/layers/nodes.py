"""Values that know where they were written, and travel with that through merges and patches.

A tree is never changed: what edits it makes new containers along one path and shares the rest.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from reconciler.loader.remarks import Single, Spot
from reconciler.model.manifest import History, Place, Use
from reconciler.model.tree import Json, join, tokens


class Origin(NamedTuple):
    """Where a value (or with `key` its name) is written. Its span is looked up when it is asked for."""

    single: Single
    pointer: str
    key: bool = False

    @property
    def spot(self) -> Spot:
        """The span in its file."""
        return self.single.spot(self.pointer, key=self.key)

    @property
    def place(self) -> Place:
        """The position in its file."""
        return self.spot.place


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A scalar, or a container of nodes.

    `named` is where its key is written (None: it has none), `was` where the value stood that this
    one replaced. `broken`: it was refused already and stands as null. `size` counts the values in
    it, `depth` how deep they are nested.
    """

    value: Any
    origin: Origin
    named: Origin | None = None
    was: Origin | None = None
    variables: tuple[Use, ...] = ()
    broken: bool = False
    size: int = 1
    depth: int = 0


def locate(single: Single) -> Node:
    """The tree of one document."""
    return _locate(single, single.value, "", None)


def _locate(single: Single, value: Json, pointer: str, named: Origin | None) -> Node:
    inner: Any = value
    if isinstance(value, dict):
        inner = {}
        for key, member in value.items():
            below = join(pointer, key)
            inner[key] = _locate(single, member, below, Origin(single, below, key=True))
    elif isinstance(value, list):
        inner = [
            _locate(single, item, join(pointer, index), None) for index, item in enumerate(value)
        ]
    broken = pointer in single.document.broken
    size, depth = _extent(inner)
    return Node(inner, Origin(single, pointer), named, None, (), broken, size, depth)


def _extent(value: Any) -> tuple[int, int]:
    """How many values there are in this one, itself counted, and how deep."""
    below: Sequence[Node] = ()
    if isinstance(value, dict):
        below = list(value.values())
    elif isinstance(value, list):
        below = value
    if not below:
        return 1, 0
    return 1 + sum(node.size for node in below), 1 + max(node.depth for node in below)


def holding(node: Node, value: Any) -> Node:
    """The same node with another content."""
    size, depth = _extent(value)
    return replace(node, value=value, size=size, depth=depth)


def plain(node: Node) -> Json:
    """The JSON value of a tree."""
    if isinstance(node.value, dict):
        return {key: plain(member) for key, member in node.value.items()}
    if isinstance(node.value, list):
        return [plain(item) for item in node.value]
    return node.value


def child(node: Node, token: str) -> Node | None:
    """The member or the element that one token of a pointer names, None where there is none."""
    if isinstance(node.value, dict):
        return node.value.get(token)
    if isinstance(node.value, list) and token.isdecimal() and token.isascii():
        index = int(token) if len(token) < _MAX_DIGITS else len(node.value)
        return node.value[index] if index < len(node.value) else None
    return None


_MAX_DIGITS: Final = 10


def walk(node: Node, pointer: str = "") -> Iterator[tuple[str, Node]]:
    """Every value with its pointer, containers before what they hold."""
    yield pointer, node
    if isinstance(node.value, dict):
        for key, member in node.value.items():
            yield from walk(member, join(pointer, key))
    elif isinstance(node.value, list):
        for index, item in enumerate(node.value):
            yield from walk(item, join(pointer, index))


@dataclass(frozen=True, slots=True, eq=False)
class Layered:
    """See `View`: a value that several documents may have a part in."""

    root: Node
    value: Json

    def broken(self, pointer: str) -> bool:
        """See `View.broken`."""
        return any(node.broken for node in self._way(pointer))

    def spot(self, pointer: str, *, key: bool = False) -> Spot:
        """See `View.spot`."""
        way = self._way(pointer)
        node = way[-1]
        if key and node.named is not None and len(way) == pointer.count("/") + 1:
            return node.named.spot
        return node.origin.spot

    def places(self) -> Mapping[str, Place]:
        """See `View.places`."""
        return _Places(self.root)

    def histories(self) -> Mapping[str, History]:
        """See `View.histories`."""
        return _Histories(self.root)

    def _way(self, pointer: str) -> list[Node]:
        """The nodes from the root to the value, or to the nearest one around it."""
        way = [self.root]
        for token in tokens(pointer):
            below = child(way[-1], token)
            if below is None:
                break
            way.append(below)
        return way


def layered(root: Node) -> Layered:
    """The view of a tree."""
    return Layered(root, plain(root))


def _find(root: Node, pointer: str) -> Node | None:
    node: Node | None = root
    if pointer and not pointer.startswith("/"):
        return None
    for token in tokens(pointer):
        if node is None:
            return None
        node = child(node, token)
    return node


@dataclass(frozen=True, slots=True, eq=False)
class _Places(Mapping[str, Place]):
    """See `Places`: the same over a tree. A key that itself ends in `#` hides the place of another."""

    root: Node

    def __getitem__(self, pointer: str) -> Place:
        node = _find(self.root, pointer)
        if node is not None:
            return node.origin.place
        node = _find(self.root, pointer.removesuffix("#"))
        if node is None or node.named is None or not pointer.endswith("#"):
            raise KeyError(pointer)
        return node.named.place

    def __iter__(self) -> Iterator[str]:
        seen = set()
        for pointer, node in walk(self.root):
            for name in (pointer, *([f"{pointer}#"] if node.named is not None else ())):
                if name not in seen:
                    seen.add(name)
                    yield name

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True, eq=False)
class _Histories(Mapping[str, History]):
    root: Node

    def __getitem__(self, pointer: str) -> History:
        node = _find(self.root, pointer)
        if node is None or not _has_history(node):
            raise KeyError(pointer)
        return History(node.was.place if node.was is not None else None, node.variables)

    def __iter__(self) -> Iterator[str]:
        return (pointer for pointer, node in walk(self.root) if _has_history(node))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _has_history(node: Node) -> bool:
    return node.was is not None or bool(node.variables)
