"""The way back from an update: what it changed, as it was before, and what has no way back.

Only what the update changed goes back, and only where nobody else changed it since; all the rest
is carried along as section 7 says. Semantics, section 8: what cannot be restored is named.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from reconciler.differ.body import update_body
from reconciler.differ.compare import clear_value, compare_field, user_tags
from reconciler.differ.fingerprint import Secrets, mark
from reconciler.differ.values import (
    ANY_FIELD,
    holds_masked_secret,
    is_unset,
    looks_masked,
    lookup,
    unsendable,
    veiled,
)
from reconciler.model.manifest import Desired
from reconciler.model.plan import NOTHING
from reconciler.model.rules import BodyStyle, Field, Rules, Shape, Trait
from reconciler.model.sealed import Sealed
from reconciler.model.tree import Json, Tree, parents, pointer, tokens

UNREAD: Final = "no read shows what it was before, so what was sent stays"
MASKED: Final = "reads show only a mask of what it was before, so what was sent stays"
UNCLEARABLE: Final = "it was unset before, and there is no documented way to clear it"
MOVED: Final = "somebody else changed it since, so it is left as it is"
_OBJECTS: Final = (Shape.OBJECT, Shape.DOCUMENT)


@dataclass(frozen=True, slots=True)
class Done:
    """An update that was sent. `before` is the read just before it, `body` what was sent.

    `paths` are the differences that it was to end, `proved` fields that no read shows and that were
    the same before by their fingerprint. `lost` are fields whose value before is not at hand, each
    with the reason.
    """

    desired: Desired
    before: Tree
    body: Tree
    paths: frozenset[str]
    proved: tuple[str, ...] = ()
    lost: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WayBack:
    """What to send, and what to expect of it. Secrets are sealed in it, as in any body.

    `desired` is what the fields that go back shall be. Without a `body` there is nothing to send;
    `blocked` says why nothing may be. `returns` go back to a value, `clears` were unset before and
    are emptied, which no page documents; `already` are as they were; `stays` cannot go back, each
    with its reason.
    """

    desired: Desired
    body: Tree
    blocked: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()
    clears: tuple[str, ...] = ()
    already: tuple[str, ...] = ()
    stays: tuple[tuple[str, str], ...] = ()


def way_back(done: Done, live: Tree, rules: Rules, *, clearing: bool = True) -> WayBack:
    """The way back from this read. Without `clearing` nothing is emptied that was unset before."""
    walk = _Walk(done, live, rules, clearing)
    for unit in _units(done.paths, live, rules):
        walk.take(unit)
    walk.remove_keys()
    for parts in rules.unread:
        walk.sent_unseen(parts)
    body: Tree = {}
    blocked: tuple[str, ...] = ()
    names = {tokens(path)[0] for path in (*walk.returns, *walk.clears)}
    spec = walk.spec
    if names:
        _supply(spec, done.desired.spec, live, rules, names)
        desired = replace(done.desired, spec=spec)
        made = update_body(desired, live, rules, names)
        mark(made.tree, live, rules, Secrets())  # it may no longer be true: nothing is believed
        blocked = tuple(made.blocked)
        if not blocked and unsendable(made.tree):
            blocked = ("it holds half of a surrogate pair, which no request can carry",)
        body = {} if blocked else made.tree
    return WayBack(
        replace(done.desired, spec=spec, create_defaults=None),
        body,
        blocked,
        tuple(walk.returns),
        tuple(walk.clears),
        tuple(walk.already),
        tuple(walk.stays.items()),
    )


@dataclass(frozen=True, slots=True)
class _Unit:
    """A field that goes back as one piece. `key_of` is the map that it is a key of, if it is."""

    parts: tuple[str, ...]
    rule: Field
    key_of: Field | None = None

    @property
    def path(self) -> str:
        return pointer(self.parts)


def _units(paths: frozenset[str], live: Tree, rules: Rules) -> Sequence[_Unit]:
    """The fields around these paths, each once, in the order of their paths."""
    units = {(unit := _unit(tokens(path), live, rules)).path: unit for path in paths}
    return [
        units[path]
        for path in sorted(units)
        if not any(above in units for above in parents(path) if above != path)
    ]


def _unit(parts: Sequence[str], live: Tree, rules: Rules) -> _Unit:
    """Objects are gone into, and maps by one key; what is held whole, or not seen, is not."""
    rule = rules.root
    for depth, part in enumerate(parts):
        whole = rule.unread or rule.shape not in (*_OBJECTS, Shape.MAP)
        if whole or _left_out(rule, lookup(live, parts[:depth])):
            return _Unit(tuple(parts[:depth]), rule)
        if rule.shape is Shape.MAP:
            return _Unit(tuple(parts[: depth + 1]), rule.item or ANY_FIELD, rule)
        rule = rule.members.get(part, ANY_FIELD)
    return _Unit(tuple(parts), rule)


class _Walk:
    """One pass over what an update changed; `spec` is what is wanted instead."""

    def __init__(self, done: Done, live: Tree, rules: Rules, clearing: bool) -> None:
        self.spec: Tree = {}
        self.returns: list[str] = []
        self.clears: list[str] = []
        self.already: list[str] = []
        self.stays: dict[str, str] = {}
        self._removed: list[tuple[_Unit, Tree]] = []
        self._done = done
        self._live = live
        self._rules = rules
        self._clearing = clearing

    def take(self, unit: _Unit) -> None:
        """Decide on one field."""
        done, rule, path = self._done, unit.rule, unit.path
        was, now = lookup(done.before, unit.parts), lookup(self._live, unit.parts)
        sent = lookup(done.desired.spec, unit.parts)
        unseen = _left_out(rule, now)
        lost = next((done.lost[one] for one in done.lost if path in parents(one)), None)
        if rule.unread:
            self.stays[path] = UNREAD
        elif lost is not None:
            self.stays[path] = lost
        elif not unseen and _shows(rule, path, was, now):
            self.already.append(path)
        elif not unseen and not _shows(rule, path, sent, now):
            self.stays[path] = MOVED
        elif looks_masked(was) or holds_masked_secret(was, self._rules.secret_names):
            self.stays[path] = MASKED
        elif was is False or not _is_unset(rule, was):  # a value that every switch takes
            self._put(unit, was)
            self.returns.append(path)
        else:
            self._clear(unit, now)

    def _clear(self, unit: _Unit, now: Json) -> None:
        """A field that was unset before: a key goes away, other values are emptied if they can be."""
        if unit.key_of is not None:
            self._removed.append((unit, self._put(unit, NOTHING)))
        elif not self._clearing or clear_value(unit.rule, now) is NOTHING:
            self.stays[unit.path] = UNCLEARABLE
        else:
            self._put(unit, None)
            self.clears.append(unit.path)

    def remove_keys(self) -> None:
        """Say what becomes of the keys that go away: to leave a mapping empty is to clear it."""
        for unit, left in self._removed:
            if left:
                self.returns.append(unit.path)
            elif self._clearing:
                self.clears.append(unit.path)
            else:
                self.stays[unit.path] = UNCLEARABLE
        if not self._clearing:
            for unit, left in self._removed:
                now = lookup(self._live, unit.parts[:-1])
                if not left and unit.key_of is not None and isinstance(now, dict):
                    left.update(veiled(unit.key_of, dict(now)))

    def sent_unseen(self, parts: Sequence[str]) -> None:
        """What was sent of a field that no read shows has no way back, unless it was the same."""
        path = pointer(parts)
        if lookup(self._done.body, parts) is NOTHING or path in self._done.proved:
            return
        if not any(above in self.stays for above in parents(path)):
            self.stays[path] = UNREAD

    def _put(self, unit: _Unit, was: Json) -> Tree:
        """Want this value; the mapping around it comes back. A map is wanted whole, as it is now."""
        around = self.spec
        rule = self._rules.root
        for depth, part in enumerate(unit.parts[:-1]):
            rule = rule.members.get(part, ANY_FIELD)
            if rule.shape is Shape.MAP and part not in around:
                now = lookup(self._live, unit.parts[: depth + 1])
                around[part] = veiled(rule, dict(now)) if isinstance(now, dict) else {}
            around = around.setdefault(part, {})
        if was is NOTHING:
            around.pop(unit.parts[-1], None)
        else:
            around[unit.parts[-1]] = _veiled(unit, was)
        return around


def _left_out(rule: Field, now: Json) -> bool:
    """Whether a read says nothing of the field, though it may be set."""
    return rule.has(Trait.UNRELIABLE) and (now is NOTHING or now is None)


def _veiled(unit: _Unit, was: Json) -> Any:
    if unit.key_of is not None and unit.key_of.has(Trait.HIDDEN) and isinstance(was, str):
        return Sealed(was)
    return veiled(unit.rule, user_tags(was) if unit.rule.has(Trait.TAGS) else was)


def _is_unset(rule: Field, value: Json) -> bool:
    return is_unset(rule, user_tags(value) if rule.has(Trait.TAGS) else value)


def _shows(rule: Field, path: str, want: Json, have: Json) -> bool:
    """Whether `have` is what `want` says; absent means unset here."""
    if want is NOTHING or _is_unset(rule, want):
        return _is_unset(rule, have)
    found = compare_field(rule, path, want, have)
    return not found.differences and not found.blocked


def _supply(spec: Tree, declared: Tree, live: Tree, rules: Rules, names: set[str]) -> None:
    """Add what the manifest alone can supply: who the agent is, and what its objects hold unseen.

    Those values were sent with the update, so sending them again changes nothing.
    """
    for name in (*rules.parameters, *rules.required):
        lacking = name in rules.parameters or live.get(name) is None
        if lacking and name not in spec and declared.get(name) is not None:
            spec[name] = declared[name]
    whole = rules.body is BodyStyle.WHOLE
    for name in sorted(declared.keys() & rules.root.members if whole else names):
        rule = rules.root.members.get(name, ANY_FIELD)
        for parts, value in _unseen(rule, (name,), declared.get(name), live.get(name, NOTHING)):
            _into(spec, parts, value)


def _unseen(
    rule: Field, parts: tuple[str, ...], want: Json, have: Json
) -> Iterator[tuple[tuple[str, ...], Json]]:
    """Declared values of an object that this read does not show in clear."""
    if rule.unread or (isinstance(want, Sealed) and looks_masked(have)):
        if want is not None and want is not NOTHING and len(parts) > 1:
            yield parts, want
    elif rule.shape in _OBJECTS and isinstance(want, dict) and isinstance(have, dict | str):
        for name, member in want.items():
            inner = rule.members.get(name, ANY_FIELD)
            yield from _unseen(inner, (*parts, name), member, lookup({"": have}, ("", name)))


def _into(spec: Tree, parts: Sequence[str], value: Json) -> None:
    around = spec
    for part in parts[:-1]:
        around = around.setdefault(part, {})
        if not isinstance(around, dict):
            return  # held whole already
    around.setdefault(parts[-1], value)
