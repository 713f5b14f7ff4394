"""One layer over another: maps deep, everything else replaced, `null` a value like any other."""

from dataclasses import replace

from reconciler.loader.layers.nodes import Node, holding

IDENTITY = ("apiVersion", "kind")
"""Members by which an overlay says whose it is, with `metadata.name`: they are not merged."""


def merge(below: Node, above: Node) -> Node:
    """What holds when `above` is laid over `below`; members keep their order, new ones come last."""
    if not (isinstance(below.value, dict) and isinstance(above.value, dict)):
        return replaced(below, above)
    members = dict(below.value)
    for key, member in above.value.items():
        members[key] = merge(members[key], member) if key in members else member
    return holding(below, members)


def replaced(below: Node | None, above: Node) -> Node:
    """`above`, which remembers what stood in its place."""
    return above if below is None else replace(above, was=below.origin)


def without_identity(overlay: Node) -> Node:
    """What of an overlay is to be merged."""
    members = {key: member for key, member in overlay.value.items() if key not in IDENTITY}
    metadata = members.get("metadata")
    if metadata is not None:
        inner = {key: member for key, member in metadata.value.items() if key != "name"}
        members["metadata"] = holding(metadata, inner)
    return holding(overlay, members)
