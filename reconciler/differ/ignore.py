"""The one engine of ignore rules, for plan, drift and apply. Semantics, section 5.

What is ignored is taken out of what is wanted before anything is compared or built: a member of an
object is no longer declared, and in what is held whole (free maps, lists, values that no rule
describes) the live value takes its place, so it goes along where its surroundings are sent. An
agent that is created is created as its manifest says.

What no read shows in clear stays declared: it is never compared anyhow, and only the manifest can
supply it where its object has to be sent.
"""

from collections import deque
from dataclasses import dataclass, replace
from typing import Any, Final

from reconciler.differ.compare import compare_field, paired
from reconciler.differ.pattern import Reach, reaches, step
from reconciler.differ.values import ANY_FIELD, decode_document, same, veiled
from reconciler.model.ignore import Ignore, Ignored
from reconciler.model.manifest import Desired
from reconciler.model.plan import NOTHING
from reconciler.model.rules import Field, Rules, Shape, Trait
from reconciler.model.tree import Json, Tree, join

_NEVER_COMPARED: Final = Trait.SERVER | Trait.ACTION | Trait.WRITE_ONLY | Trait.MASKED
_HELD_WHOLE: Final = (Shape.MAP, Shape.ANY)


@dataclass(frozen=True, slots=True)
class Aside:
    """What is wanted without what is ignored, and what of that would otherwise be told."""

    desired: Desired
    ignored: tuple[Ignored, ...] = ()


def set_aside(desired: Desired, live: Tree, rules: Rules) -> Aside:
    """What is left to compare with this read. Without rules it is `desired` itself."""
    if not desired.ignore:
        return Aside(desired)
    walk = _Walk()
    spec: Tree = {}
    for name, want in desired.spec.items():
        if name in rules.parameters:
            spec[name] = want
            continue
        rule = rules.root.members.get(name, ANY_FIELD)
        have = live.get(name, NOTHING)
        kept = walk.member(rule, join("", name), name, want, have, reaches(desired.ignore))
        if kept is not NOTHING:
            spec[name] = kept
    return Aside(replace(desired, spec=spec), tuple(walk.ignored))


def without_ignored(tree: Tree, desired: Desired, rules: Rules) -> Tree:
    """A read without what is ignored in it, whoever declares it."""
    if not desired.ignore:
        return tree
    left = _stripped(rules.root, tree, reaches(desired.ignore))
    assert isinstance(left, dict)  # noqa: S101 - it was one, and no pattern is the whole
    return left


def _stripped(rule: Field, value: Json, reach: tuple[Reach, ...]) -> Json:
    if not reach:
        return value
    if rule.shape is Shape.DOCUMENT:
        value = decode_document(value)
    if isinstance(value, list):
        pairs = [(step(reach, str(i)), element) for i, element in enumerate(value)]
        item = rule.item or ANY_FIELD
        return [_stripped(item, element, rest) for (rest, hit), element in pairs if hit is None]
    if not isinstance(value, dict):
        return value
    left: Tree = {}
    for name, member in value.items():
        rest, hit = step(reach, name)
        if hit is None:
            left[name] = _stripped(_below(rule, name), member, rest)
    return left


def _below(rule: Field, name: str) -> Field:
    if rule.shape is Shape.MAP:
        return rule.item or ANY_FIELD
    return rule.members.get(name, ANY_FIELD)


def _unseen(rule: Field, have: Json) -> bool:
    """Whether this read says nothing of the field, so that there is no live value to go by."""
    left_out = rule.has(Trait.UNRELIABLE) and (have is NOTHING or have is None)
    return left_out or rule.has(_NEVER_COMPARED)


class _Walk:
    """One descent into what is wanted beside what is live, along the patterns only."""

    __slots__ = ("ignored",)

    def __init__(self) -> None:
        self.ignored: list[Ignored] = []

    def member(
        self, rule: Field, path: str, name: str, want: Json, have: Json, reach: tuple[Reach, ...]
    ) -> Any:
        """What is left of a declared member of an object; NOTHING where all of it is ignored."""
        rest, hit = step(reach, name)
        if hit is not None and not _unseen(rule, have):
            self._note(rule, path, want, have, hit)
            return NOTHING
        return self._value(rule, path, want, have, rest)

    def _note(self, rule: Field, path: str, want: Json, have: Json, hit: Ignore) -> None:
        found = compare_field(rule, path, want, have)
        if found.differences or found.unobservable:
            self.ignored.append(Ignored(path, hit))

    def _value(
        self, rule: Field, path: str, want: Json, have: Json, reach: tuple[Reach, ...]
    ) -> Any:
        if not reach:
            return want
        if rule.shape is Shape.DOCUMENT:
            inside = decode_document(want)
            if not isinstance(inside, dict):
                return want
            left = self._object(rule, path, inside, decode_document(have), reach)
            return want if same(left, inside) else left
        if rule.shape is Shape.OBJECT and isinstance(want, dict):
            return self._object(rule, path, want, have, reach)
        absent = have is NOTHING or have is None
        if rule.shape in _HELD_WHOLE and isinstance(want, dict | None):
            there = {} if absent else have
            return self._map(rule, path, want, there, reach) if isinstance(there, dict) else want
        if isinstance(want, list):
            there = [] if absent else have
            return self._list(rule, path, want, there, reach) if isinstance(there, list) else want
        return want

    def _object(
        self, rule: Field, path: str, want: Tree, have: Json, reach: tuple[Reach, ...]
    ) -> Tree:
        there = have if isinstance(have, dict) else {}
        left: Tree = {}
        for name, value in want.items():
            inner, where = rule.members.get(name, ANY_FIELD), join(path, name)
            kept = self.member(inner, where, name, value, there.get(name, NOTHING), reach)
            if kept is not NOTHING:
                left[name] = kept
        return left

    def _map(
        self, rule: Field, path: str, want: Tree | None, have: Tree, reach: tuple[Reach, ...]
    ) -> Tree | None:
        """Free keys: an ignored one is as it is live, whether the manifest names it or not."""
        item = rule.item or ANY_FIELD
        wanted = want or {}
        shown = veiled(rule, have)
        left: Tree = {}
        for name in {**wanted, **have}:
            rest, hit = step(reach, name)
            where, there = join(path, name), have.get(name, NOTHING)
            if hit is not None:
                self._note(item, where, wanted.get(name, NOTHING), there, hit)
                if there is not NOTHING and there is not None:
                    left[name] = shown[name]
            elif name in wanted:
                left[name] = self._value(item, where, wanted[name], there, rest)
        return want if want is None and not left else left

    def _list(
        self, rule: Field, path: str, want: list[Any], have: list[Any], reach: tuple[Reach, ...]
    ) -> list[Any]:
        """Elements go by their live position; one that is not live yet has no position."""
        item = rule.item or ANY_FIELD
        pairs = deque(paired(rule, want, have))  # in the order of what is wanted
        met = {index for index, _, _ in pairs}
        left: list[Any] = []
        for element in want:
            index, there = len(have), NOTHING
            if pairs and pairs[0][1] is element:
                index, _, there = pairs.popleft()
            rest, hit = step(reach, str(index))
            where = join(path, index)
            if hit is None:
                left.append(self._value(item, where, element, there, rest))
                continue
            self._note(item, where, element, there, hit)
            if there is not NOTHING:
                left.append(veiled(item, there))
        for index, there in enumerate(have):
            hit = None if index in met else step(reach, str(index))[1]
            if hit is not None:
                self._note(item, join(path, index), NOTHING, there, hit)
                left.insert(min(index, len(left)), veiled(item, there))
        return left
