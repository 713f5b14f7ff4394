"""The common case first: one cheap look that proves two values equal, or says nothing at all.

Most fields of most agents are as they shall be. What this look does not settle is walked.
"""

from collections.abc import Collection
from typing import Any, Final

from reconciler.differ.values import ANY_FIELD, decode_json, same
from reconciler.model.rules import Field, Rules, Shape
from reconciler.model.tree import Json, Tree

_NUMBERS: Final = frozenset({int, float, bool})
_TEXTS: Final = frozenset({str})
_OBJECT: Final = Shape.OBJECT  # a name of the module is found faster than a member of an enum


def all_surely_equal(spec: Tree, live: Tree, rules: Rules) -> bool:
    """Whether there is certainly nothing to tell of any field. False means: look closer."""
    return _members(rules.root, spec, live, rules.parameters)


def surely_equal(rule: Field, want: Json, have: Json) -> bool:
    """The same of one field."""
    if rule.unread:
        return False
    kind = type(want)
    if kind is dict:
        return _mapping(rule, want, have)
    if kind in _NUMBERS:
        return bool(want == have) and (kind is bool) is (type(have) is bool)
    return bool(want == have) if kind is str else kind is list and _list(want, have)


def _members(rule: Field, want: Tree, have: Tree, skipped: Collection[str] = ()) -> bool:
    """One pass over what is declared, with as few calls as can be: it runs for every agent.

    Types before values, as Python holds `True == 1`.
    """
    if rule.unread_names and not want.keys().isdisjoint(rule.unread_names):
        return False
    members, live = rule.members, have.get
    for name, value in want.items():
        there, kind = live(name), type(value)
        if kind is str:  # no other type equals it
            equal = value == there
        elif kind is dict:
            inner = members.get(name, ANY_FIELD)
            if inner.shape is _OBJECT:
                equal = type(there) is dict and _members(inner, value, there)
            else:
                equal = _mapping(inner, value, there)
        elif kind in _NUMBERS:
            equal = value == there and (kind is bool) is (type(there) is bool)
        else:
            equal = kind is list and _list(value, there)
        if not equal and name not in skipped:
            return False
    return True


def _list(want: list[Any], have: Json) -> bool:
    """Texts are compared by Python itself; for others there is the walk."""
    return type(have) is list and want == have and _TEXTS.issuperset(map(type, want))


def _mapping(rule: Field, want: Tree, have: Json) -> bool:
    shape = rule.shape
    if shape is Shape.DOCUMENT:
        have = decode_json(have)
    if type(have) is not dict:
        return False
    if shape is Shape.DOCUMENT or shape is Shape.OBJECT:
        return _members(rule, want, have)
    if shape is Shape.MAP and rule.item is not None and rule.item.shape is Shape.STRING:
        return want == have  # texts, on our side at least, and no other type equals one
    return same(want, have)
