"""The common case first: one cheap look that proves two values equal, or says nothing at all.

Most fields of most agents are as they shall be. What this look does not settle is walked.
"""

from collections.abc import Collection

from reconciler.differ.values import ANY_FIELD, decode_document, same
from reconciler.model.plan import NOTHING
from reconciler.model.rules import Field, Rules, Shape
from reconciler.model.tree import Json, Tree


def all_surely_equal(spec: Tree, live: Tree, rules: Rules) -> bool:
    """Whether there is certainly nothing to tell of any field. False means: look closer."""
    return _members(rules.root, spec, live, rules.parameters)


def surely_equal(rule: Field, want: Json, have: Json) -> bool:
    """The same of one field."""
    return not rule.unread and _value(rule, want, have)


def _members(rule: Field, want: Tree, have: Tree, skipped: Collection[str] = ()) -> bool:
    """One pass over what is declared, with as few calls as can be: it runs for every agent."""
    if rule.unread_names and not rule.unread_names.isdisjoint(want):
        return False
    members, get = rule.members, have.get
    for name, value in want.items():
        there = get(name, NOTHING)
        kind = type(value)
        if kind is str:  # no other type equals it
            equal = value == there
        elif kind is dict:
            equal = _mapping(members.get(name, ANY_FIELD), value, there)
        else:
            equal = _value(ANY_FIELD, value, there)
        if not equal and name not in skipped:
            return False
    return True


def _value(rule: Field, want: Json, have: Json) -> bool:
    """Types before values, as Python holds `True == 1`."""
    kind = type(want)
    if kind is dict:
        return _mapping(rule, want, have)
    if kind is list:  # texts are compared by Python itself, for others there is the walk
        return kind is type(have) and want == have and set(map(type, want)) <= _TEXTS
    if kind is str:
        return bool(want == have)
    if kind is int or kind is float or kind is bool:
        return bool(want == have) and (kind is bool) is (type(have) is bool)
    return False


_TEXTS = {str}


def _mapping(rule: Field, want: Tree, have: Json) -> bool:
    shape = rule.shape
    if shape is Shape.DOCUMENT:
        have = decode_document(have)
    if type(have) is not dict:
        return False
    if shape is Shape.OBJECT or shape is Shape.DOCUMENT:
        return _members(rule, want, have)
    if shape is Shape.MAP and rule.item is not None and rule.item.shape is Shape.STRING:
        return want == have  # texts, on our side at least, and no other type equals one
    return same(want, have)
