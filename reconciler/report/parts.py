"""The difference of two lists, mappings or JSON texts, as the elements and members that differ.

Elements that moved are told as moved; those of a list of objects are told apart by the member that
names each of them, where there is one, and else by what they are.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from reconciler.model.plan import NOTHING
from reconciler.model.tree import Json, join
from reconciler.report.edits import Edit, edits

Sign: TypeAlias = Literal["+", "-", "~"]

_KEYS: Final = ("name", "id", "key", "mountDir", "type")
"""Members that name the element of a list, the best one first."""

_MAX_DEPTH: Final = 32


class Part(NamedTuple):
    """One member or element that differs; `moved` holds where it stands now, if that is all."""

    label: str
    before: Json
    after: Json
    moved: str = ""


@dataclass(slots=True)
class Parts:
    """What differs between two values, and how many of their own members or elements do not."""

    noun: str
    found: list[Part] = field(default_factory=list)
    unchanged: int = 0


def sign_of(before: Json, after: Json) -> Sign:
    """What became of a value: it came, it went, or it is another one."""
    if before is NOTHING:
        return "+"
    return "-" if after is NOTHING or after is None else "~"


def parts_of(before: Json, after: Json) -> Parts | None:
    """The parts in which two values differ, or None where they are not made of parts.

    A value that came or went as a whole is made of parts that came or went.
    """
    old, new = _decoded(before), _decoded(after)
    if isinstance(before, str) != isinstance(after, str) and NOTHING not in (before, after):
        return None
    if not isinstance(old, dict | list):
        old = type(new)() if sign_of(before, after) == "+" and _composite(new) else old
    if not isinstance(new, dict | list):
        new = type(old)() if sign_of(before, after) == "-" and _composite(old) else new
    if not _composite(old) or type(old) is not type(new):
        return None
    parts = Parts("member" if isinstance(old, dict) else "element")
    _walk(parts, "", old, new, 0)
    return parts if parts.found else None


def _composite(value: Json) -> bool:
    return isinstance(value, dict | list)


def _decoded(value: Json) -> Json:
    """The object or list that a text holds; anything else as it is."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        decoded = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return decoded if _composite(decoded) else value


def _walk(parts: Parts, label: str, old: Any, new: Any, depth: int) -> None:
    if isinstance(old, dict):
        _members(parts, label, old, new, depth)
    elif (key := _key_of(old, new)) is not None:
        _keyed(parts, label, key, old, new, depth)
    else:
        _elements(parts, label, old, new, depth)


def _differs(parts: Parts, label: str, old: Json, new: Json, depth: int) -> None:
    """One pair that is known to differ: looked into where both are alike."""
    if _composite(old) and type(old) is type(new) and old and new and depth < _MAX_DEPTH:
        _walk(parts, label, old, new, depth + 1)
    else:
        parts.found.append(Part(label, old, new))


def _members(
    parts: Parts, label: str, old: dict[str, Any], new: dict[str, Any], depth: int
) -> None:
    for name in [*old, *(name for name in new if name not in old)]:
        one, other = old.get(name, NOTHING), new.get(name, NOTHING)
        if name in old and name in new and _same(one, other):
            parts.unchanged += depth == 0
        else:
            _differs(parts, join(label, name), one, other, depth)


def _key_of(old: Sequence[Any], new: Sequence[Any]) -> str | None:
    """The member that names every element of both lists, each of them once."""
    if not old or not new or not all(isinstance(e, dict) for e in (*old, *new)):
        return None
    for key in _KEYS:
        sides = [[e.get(key) for e in side] for side in (old, new)]
        if all(isinstance(name, str) for side in sides for name in side) and all(
            len(set(side)) == len(side) for side in sides
        ):
            return key
    return None


def _keyed(parts: Parts, label: str, key: str, old: list[Any], new: list[Any], depth: int) -> None:
    olds, news = {e[key]: e for e in old}, {e[key]: e for e in new}
    left, right = [n for n in olds if n in news], [n for n in news if n in olds]
    stays = _untouched(left, edits(left, right))
    places = {name: at for at, name in enumerate(news)}
    for name in [*olds, *(name for name in news if name not in olds)]:
        where = f"{label}/[{key}={name}]"
        one, other = olds.get(name, NOTHING), news.get(name, NOTHING)
        if name in stays or one is NOTHING or other is NOTHING:
            if _same(one, other):
                parts.unchanged += depth == 0
                continue
        else:
            parts.found.append(Part(where, one, other, moved=f"{label}/{places[name]}"))
        if not _same(one, other):
            _differs(parts, where, one, other, depth)


def _untouched(names: Sequence[str], found: Sequence[Edit]) -> set[str]:
    gone = {at for edit in found for at in range(edit.low, edit.high)}
    return {name for at, name in enumerate(names) if at not in gone}


def _elements(parts: Parts, label: str, old: list[Any], new: list[Any], depth: int) -> None:
    olds, news = [_canonical(e) for e in old], [_canonical(e) for e in new]
    found = edits(olds, news)
    gone = [at for edit in found for at in range(edit.low, edit.high)]
    came = [at for edit in found for at in range(edit.first, edit.last)]
    parts.unchanged += len(old) - len(gone) if depth == 0 else 0
    moved = dict(_moves(olds, news, gone, came))
    arrived = set(moved.values())
    for edit in found:
        lefts = [at for at in range(edit.low, edit.high) if at not in moved]
        rights = [at for at in range(edit.first, edit.last) if at not in arrived]
        for at in (at for at in range(edit.low, edit.high) if at in moved):
            here = join(label, at)
            parts.found.append(Part(here, old[at], old[at], moved=join(label, moved[at])))
        if len(lefts) == len(rights):  # each is held against its counterpart
            for at, to in zip(lefts, rights, strict=True):
                _differs(parts, join(label, at), old[at], new[to], depth)
            continue
        parts.found += [Part(join(label, at), old[at], NOTHING) for at in lefts]
        parts.found += [Part(join(label, at), NOTHING, new[at]) for at in rights]


def _moves(
    olds: Sequence[str], news: Sequence[str], gone: Sequence[int], came: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Elements that are gone from one place and stand in another, each pair once."""
    twice = Counter(news[at] for at in came)
    free: dict[str, list[int]] = {name: [] for name in twice}
    for at in came:
        free[news[at]].append(at)
    for at in gone:
        if places := free.get(olds[at]):
            yield at, places.pop(0)


def _same(one: Json, other: Json) -> bool:
    if one is NOTHING or other is NOTHING:
        return one is other
    return one is other or _canonical(one) == _canonical(other)


def _canonical(value: Json) -> str:
    """A text that two JSON values share exactly where they are equal: numbers by value."""
    return json.dumps(_plain_numbers(value), sort_keys=True)


def _plain_numbers(value: Json) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _plain_numbers(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain_numbers(member) for member in value]
    return value
