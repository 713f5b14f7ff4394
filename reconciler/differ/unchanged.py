"""How much of what a manifest declares is already so, beside what differs."""

from collections.abc import Iterator

from reconciler.differ.compare import Comparison
from reconciler.differ.values import ANY_FIELD
from reconciler.model.rules import Field, Rules, Shape, Trait
from reconciler.model.tree import Json, Tree, join, parents

_DESCENDS = frozenset({Shape.OBJECT, Shape.MAP, Shape.DOCUMENT})


def unchanged_fields(spec: Tree, rules: Rules, comparison: Comparison) -> int:
    """The number of declared fields that a read shows to be equal; a list is one field."""
    paths = {*comparison.paths, *(path for path, _ in comparison.unobservable)}
    around = {above for path in paths for above in parents(path)}
    leaves = (
        leaf
        for name, value in spec.items()
        if name not in rules.parameters
        for leaf in _leaves(rules.root.members.get(name, ANY_FIELD), join("", name), value)
    )
    return sum(leaf not in around and paths.isdisjoint(parents(leaf)) for leaf in leaves)


def _leaves(rule: Field, path: str, value: Json) -> Iterator[str]:
    if rule.has(Trait.SERVER | Trait.ACTION):
        return
    if rule.shape in _DESCENDS and isinstance(value, dict):
        for name, member in value.items():
            inner = rule.item if rule.shape is Shape.MAP else rule.members.get(name)
            yield from _leaves(inner or ANY_FIELD, join(path, name), member)
    else:
        yield path
