"""The walker: what of the desired state the live state does not show. Semantics, section 5.

It descends only where the manifest declares something, parses JSON documents on the way, and
compares before it explains: equal agents cost one pass and allocate next to nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as member
from typing import Any, Final

from reconciler.differ.explain import explain
from reconciler.differ.quick import all_surely_equal, surely_equal
from reconciler.differ.values import (
    ANY_FIELD,
    canonical,
    decode_document,
    decode_json,
    is_unset,
    same,
    unresolved,
    veiled,
)
from reconciler.model.plan import NOTHING
from reconciler.model.rules import OWN_TAG_PREFIX, Field, Rules, Shape, Trait
from reconciler.model.sealed import Sealed
from reconciler.model.tree import Json, Tree, join

CLEARS = "clears, undocumented"
"""The note of a change that empties a field: no page says what the cloud makes of it."""

_NEVER_COMPARED: Final = Trait.SERVER | Trait.ACTION
_CLEAR_VALUES: dict[Shape, Any] = {
    Shape.MAP: {},
    Shape.LIST: [],
    Shape.STRING: "",
    Shape.DOCUMENT: "",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs, with its raw values. `hidden`: of a map of undeclared values."""

    path: str
    before: Json
    after: Json
    note: str = ""
    hidden: bool = False


@dataclass(slots=True)
class Comparison:
    """All that one walk found. `blocked` are reasons for which nothing may be sent."""

    differences: list[Difference] = member(default_factory=list)
    unobservable: list[tuple[str, str]] = member(default_factory=list)
    blocked: list[str] = member(default_factory=list)

    @property
    def top(self) -> set[str]:
        """The names of the top-level fields that differ."""
        return {difference.path.split("/")[1] for difference in self.differences}

    @property
    def paths(self) -> set[str]:
        """Where it differs."""
        return {difference.path for difference in self.differences}


def compare(desired: Tree, live: Tree, rules: Rules) -> Comparison:
    """What the manifest declares and the read does not show. Parameters are no part of it."""
    return Comparison() if all_surely_equal(desired, live, rules) else look(desired, live, rules)


def look(desired: Tree, live: Tree, rules: Rules) -> Comparison:
    """See `compare`: field by field, for an agent that is not known to be equal."""
    walk = _Walk()
    members, parameters = rules.root.members, rules.parameters
    for name, want in desired.items():
        rule, have = members.get(name, ANY_FIELD), live.get(name, NOTHING)
        if not surely_equal(rule, want, have) and name not in parameters:
            walk.field(rule, join("", name), want, have)
    return walk.found


def compare_field(rule: Field, path: str, want: Json, have: Json) -> Comparison:
    """See `compare`: one field alone."""
    walk = _Walk()
    walk.field(rule, path, want, have)
    return walk.found


def clear_value(rule: Field, have: Json) -> Any:
    """The value that empties a field, or NOTHING where there is no such value."""
    if rule.shape is Shape.ANY:
        blanks: tuple[Any, ...] = ({}, [], "")
        for blank in blanks:
            if type(blank) is type(have):
                return blank
    return _CLEAR_VALUES.get(rule.shape, NOTHING)


def user_tags(tags: Json) -> Json:
    """A list of tags without our own."""
    if not isinstance(tags, list):
        return tags
    return [t for t in tags if not (isinstance(t, str) and t.startswith(OWN_TAG_PREFIX))]


class _Walk:
    """One descent. Its methods follow the shapes; what it finds is in `found`."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found = Comparison()

    def field(
        self, rule: Field, path: str, want: Json, have: Json, *, hidden: bool = False
    ) -> None:
        """Compare one declared field, whatever its shape."""
        if rule.traits and self._settled_by_trait(rule, path, have):
            return
        before = len(self.found.differences)
        if want is None:
            self._clear(rule, path, have, hidden=hidden or rule.has(Trait.HIDDEN))
        elif (reference := unresolved(want)) and rule.shape not in (
            Shape.OBJECT,
            Shape.MAP,
            Shape.DOCUMENT,
        ):
            self._unobservable(path, f"{reference} has no value here")
        else:
            self._by_shape(rule, path, want, have, hidden=hidden)
        if rule.has(Trait.IMMUTABLE) and len(self.found.differences) > before:
            self.found.blocked.append(f"{path} cannot be changed by an update")

    def _settled_by_trait(self, rule: Field, path: str, have: Json) -> bool:
        if rule.has(_NEVER_COMPARED):
            return True
        if rule.has(Trait.WRITE_ONLY):
            self._unobservable(path, "write-only: no read shows it")
            return True
        if rule.has(Trait.MASKED):
            self._unobservable(path, "a secret that no read shows in clear")
            return True
        if rule.has(Trait.UNRELIABLE) and (have is NOTHING or have is None):
            self._unobservable(path, "this read leaves it out, though it may be set")
            return True
        return False

    def _by_shape(self, rule: Field, path: str, want: Json, have: Json, *, hidden: bool) -> None:
        match rule.shape:
            case Shape.OBJECT:
                self._object(rule, path, want, have)
            case Shape.DOCUMENT:
                self._object(rule, path, decode_document(want), decode_document(have))
            case Shape.MAP:
                self._map(rule, path, want, have)
            case Shape.LIST:
                self._list(rule, path, want, have)
            case Shape.ANY:
                if not same(want, have):
                    for where, before, after in explain(path, have, want):
                        self._differs(where, before, after, hidden=hidden)
            case Shape.STRING | Shape.NUMBER | Shape.BOOLEAN:
                self._scalar(rule, path, want, have, hidden=hidden)

    def _scalar(self, rule: Field, path: str, want: Json, have: Json, *, hidden: bool) -> None:
        if same(canonical(rule, want), canonical(rule, have)):
            return
        if rule.has(Trait.JSON) and same(decode_json(want), decode_json(have)):
            return
        if not (is_unset(rule, want) and is_unset(rule, have)):
            self._differs(path, have, want, hidden=hidden)

    def _clear(self, rule: Field, path: str, have: Json, *, hidden: bool) -> None:
        if rule.has(Trait.TAGS):
            have = user_tags(have)
        if is_unset(rule, have):
            return
        empty = clear_value(rule, have)
        if empty is NOTHING:
            self._differs(path, veiled(rule, have), None)
            self.found.blocked.append(f"{path}: no documented way to clear this")
        elif not same(empty, have):
            shown = have if hidden else veiled(rule, have)
            self._differs(path, shown, empty, note=CLEARS, hidden=hidden)

    def _object(self, rule: Field, path: str, want: Json, have: Json) -> None:
        if not isinstance(want, dict):
            if not same(want, have):
                self._differs(path, veiled(rule, have), want)
        elif is_unset(rule, have):
            if not all(
                value is None or is_unset(rule.members.get(name, ANY_FIELD), value)
                for name, value in want.items()
            ):
                self._whole_object(rule, path, want, have)
        elif not isinstance(have, dict):
            self._differs(path, veiled(rule, have), want)
        else:
            for name, value in want.items():
                inner, there = rule.members.get(name, ANY_FIELD), have.get(name, NOTHING)
                if not surely_equal(inner, value, there):
                    self.field(inner, join(path, name), value, there)

    def _whole_object(self, rule: Field, path: str, want: Tree, have: Json) -> None:
        """An object that live does not have at all: one change, if a read can show any of it."""
        probe = _Walk()
        for name, value in want.items():
            probe.field(rule.members.get(name, ANY_FIELD), join(path, name), value, NOTHING)
        self.found.unobservable += probe.found.unobservable
        self.found.blocked += probe.found.blocked
        if probe.found.differences:
            shown = {name: value for name, value in want.items() if value is not None}
            self._differs(path, veiled(rule, have), shown)

    def _map(self, rule: Field, path: str, want: Json, have: Json) -> None:
        hide = rule.has(Trait.HIDDEN)
        if is_unset(rule, have):
            have = {}
        if not isinstance(want, dict) or not isinstance(have, dict):
            self._differs(path, have, want, hidden=hide)
            return
        wanted = {name: value for name, value in want.items() if value is not None}
        item = rule.item or ANY_FIELD
        for name, value in wanted.items():
            secret = isinstance(value, Sealed)
            there = have.get(name, NOTHING)
            self.field(item, join(path, name), value, there, hidden=hide and secret)
        for name, there in have.items():
            if name not in wanted and there is not None:
                self._differs(join(path, name), there, NOTHING, hidden=hide)

    def _list(self, rule: Field, path: str, want: Json, have: Json) -> None:
        wanted, there = want, [] if is_unset(rule, have) else have
        if rule.has(Trait.TAGS):
            wanted, there = user_tags(wanted), user_tags(there)
        if is_unset(rule, wanted) and is_unset(rule, there):
            return
        if not isinstance(wanted, list) or not isinstance(there, list):
            self._differs(path, veiled(rule, have), want)
        elif rule.item is not None and rule.item.shape is Shape.OBJECT:
            pairs = list(paired(rule, wanted, there))
            if len(pairs) == len(wanted) == len(there):
                for index, one, other in pairs:
                    self.field(rule.item, join(path, index), one, other)
            else:
                self._differs(path, veiled(rule, have), want)
        elif not _same_list(rule, wanted, there):
            self._differs(path, there if isinstance(have, list) else have, wanted)

    def _differs(
        self, path: str, before: Json, after: Json, *, note: str = "", hidden: bool = False
    ) -> None:
        if not same(before, after):  # a value of a type that no rule expects can still be equal
            self.found.differences.append(Difference(path, before, after, note, hidden))

    def _unobservable(self, path: str, reason: str) -> None:
        self.found.unobservable.append((path, reason))


def paired(rule: Field, wanted: list[Any], there: list[Any]) -> Iterator[tuple[int, Any, Any]]:
    """(live position, wanted element, live element) for each pair that belongs together.

    By `rule.key` where the list has one and it is unique on both sides, else by position.
    """
    key = rule.key
    if key is not None:
        ours = {_key(e, key): e for e in wanted}
        theirs = {_key(e, key): (i, e) for i, e in enumerate(there)}
        if len(ours) == len(wanted) and len(theirs) == len(there):
            for name, element in ours.items():
                if name is not None and name in theirs:
                    yield theirs[name][0], element, theirs[name][1]
            return
    yield from ((i, one, other) for i, (one, other) in enumerate(zip(wanted, there, strict=False)))


def _key(element: Any, key: str) -> str | None:
    value = element.get(key) if isinstance(element, dict) else None
    return value if isinstance(value, str) else None


def _same_list(rule: Field, wanted: list[Any], there: list[Any]) -> bool:
    if len(wanted) != len(there):
        return False
    if not rule.has(Trait.UNORDERED):
        return same(wanted, there)
    rest = list(there)
    for element in wanted:
        for position, candidate in enumerate(rest):
            if same(element, candidate):
                del rest[position]
                break
        else:
            return False
    return True
