"""Reads that leave out what an agent is known to hold: what can still be compared of them."""

from dataclasses import replace
from typing import Final

from reconciler.differ.values import ANY_FIELD
from reconciler.model.live import Live
from reconciler.model.rules import Rules, Shape, Trait
from reconciler.model.tree import Tree, join

_UNSEEN: Final = "the read does not show the agent's properties, so nothing can be preserved"

NEEDS_COMPLETE: Final = (
    f"{_UNSEEN}; a manifest that holds every property may say so with metadata.complete: true, "
    "and is then written with --write-unverifiable"
)
NEEDS_WORD: Final = f"{_UNSEEN}; metadata.complete is set: --write-unverifiable writes it once"
WRITTEN_UNSEEN: Final = "written without a look at what is there"


def visible(spec: Tree, live: Tree) -> Tree:
    """The declared members that such a read shows."""
    return {
        name: {key: member for key, member in value.items() if key in live[name]}
        for name, value in spec.items()
        if isinstance(value, dict) and isinstance(live.get(name), dict)
    }


def remembered(live: Live, earlier: Tree, rules: Rules) -> Live:
    """A read with what an earlier one showed of the fields that a read may leave out.

    What was planned from the earlier read is not forgotten because the next one is silent.
    """
    kept = {
        name: earlier[name]
        for name, rule in rules.root.members.items()
        if rule.has(Trait.UNRELIABLE)
        and live.tree.get(name) is None
        and earlier.get(name) is not None
    }
    return replace(live, tree={**live.tree, **kept}) if kept else live


def unseen(spec: Tree, live: Tree, rules: Rules) -> tuple[tuple[str, str], ...]:
    """(path, reason) of each declared field that such a read leaves out."""
    seen = visible(spec, live)
    found = []
    for name, value in spec.items():
        rule = rules.root.members.get(name, ANY_FIELD)
        if name in rules.parameters or rule.has(Trait.SERVER):
            continue
        if rule.shape is Shape.OBJECT and isinstance(value, dict):
            shown = seen.get(name, {})
            found += [
                join(join("", name), key)
                for key in value
                if key not in shown and not rule.members.get(key, ANY_FIELD).has(Trait.SERVER)
            ]
        else:
            found.append(join("", name))
    return tuple((path, "this read leaves it out") for path in found)
