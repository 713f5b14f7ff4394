"""Where two undescribed values differ, once it is known that they do."""

from collections.abc import Iterator

from reconciler.differ.values import same, sealed_leaves
from reconciler.model.plan import NOTHING
from reconciler.model.tree import Json, pointer

_LIMIT = 20
"""More changed leaves than this read better as one change of the whole value."""


def explain(path: str, have: Json, want: Json) -> Iterator[tuple[str, Json, Json]]:
    """(path, live value, wanted value) of each leaf that differs, or of the whole value.

    Only value changes at equal structure are told apart; as soon as list elements come or go their
    positions would mislead, so the whole value is the change.
    """
    leaves = _leaves(path, have, want)
    yield from leaves if leaves else [(path, have, want)]


def _leaves(path: str, have: Json, want: Json) -> list[tuple[str, Json, Json]]:
    if not isinstance(have, dict | list) or type(have) is not type(want):
        return []
    if any(True for _ in sealed_leaves(want)) or any(True for _ in sealed_leaves(have)):
        return []  # a comparison library must not see secrets: its results keep them
    from deepdiff import DeepDiff  # noqa: PLC0415 - slow to import, and most runs explain nothing

    tree = DeepDiff(have, want, view="tree", ignore_numeric_type_changes=True)
    if not set(tree) <= {"values_changed", "type_changes", "dictionary_item_added"}:
        return []
    found = []
    for kind, entries in tree.items():
        for entry in entries:
            where = path + pointer(entry.path(output_format="list"))
            before = NOTHING if kind == "dictionary_item_added" else entry.t1
            if not same(before, entry.t2):
                found.append((where, before, entry.t2))
    return sorted(found, key=lambda leaf: leaf[0]) if len(found) <= _LIMIT else []
