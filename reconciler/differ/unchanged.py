"""How much of what a manifest declares is already so, beside what differs."""

from collections.abc import Set as AbstractSet

from reconciler.differ.compare import Comparison
from reconciler.differ.values import ANY_FIELD
from reconciler.model.rules import Field, Rules, Shape, Trait
from reconciler.model.tree import Json, Tree, join, parents

_DESCENDS = (Shape.OBJECT, Shape.MAP, Shape.DOCUMENT)
_NO_FIELD = Trait.SERVER | Trait.ACTION


def unchanged_fields(spec: Tree, rules: Rules, comparison: Comparison) -> int:
    """The number of declared fields that a read shows to be equal; a list is one field."""
    told = {*comparison.paths, *(path for path, _ in comparison.unobservable)}
    around = {above for path in told for above in parents(path)}
    return sum(
        _equal(rules.root.members.get(name, ANY_FIELD), join("", name), value, told, around)
        for name, value in spec.items()
        if name not in rules.parameters
    )


def _equal(
    rule: Field, path: str, value: Json, told: AbstractSet[str], around: AbstractSet[str]
) -> int:
    """The equal fields of one value. Paths are made only on the way to what is `told`."""
    if path not in around:
        return _fields(rule, value)
    if path in told or rule.shape not in _DESCENDS or not isinstance(value, dict):
        return 0
    return sum(
        _equal(_below(rule, name), join(path, name), member, told, around)
        for name, member in value.items()
    )


def _fields(rule: Field, value: Json) -> int:
    if rule.has(_NO_FIELD):
        return 0
    if not isinstance(value, dict) or rule.shape not in _DESCENDS:
        return 1
    return sum(_fields(_below(rule, name), member) for name, member in value.items())


def _below(rule: Field, name: str) -> Field:
    inner = rule.item if rule.shape is Shape.MAP else rule.members.get(name)
    return inner or ANY_FIELD
