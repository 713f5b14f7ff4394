"""The changes of an agent as a JSON Patch (RFC 6902), for reading and for tools."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from jsonpatch import JsonPatch

from reconciler.differ.values import lookup
from reconciler.model.plan import NOTHING, Change
from reconciler.model.tree import Tree, tokens


def patch(changes: Iterable[Change], live: Tree) -> tuple[Tree, ...]:
    """Operations that bring the live tree, JSON documents decoded, to the desired values.

    `live` decides which parents exist: a map that is not there yet is added before its first
    member. Values are the public ones of the changes, so a sealed value stays "(sealed)".
    """
    operations: list[Tree] = []
    added: set[str] = set()
    for change in changes:
        parent = change.path.rpartition("/")[0]
        if change.before is NOTHING and _absent(live, parent, added):
            operations.append({"op": "add", "path": parent, "value": {}})
            added.add(parent)
        if change.after is NOTHING:
            operations.append({"op": "remove", "path": change.path})
        else:
            verb = "add" if change.before is NOTHING else "replace"
            operations.append({"op": verb, "path": change.path, "value": change.after})
    return tuple(JsonPatch(operations).patch)


def _absent(live: Tree, parent: str, added: AbstractSet[str]) -> bool:
    parts = tokens(parent)
    if not parts or parent in added or any(part.isdigit() for part in parts):
        return False  # only maps come into being member by member, and none lies inside a list
    return lookup(live, parts) in (NOTHING, None)
