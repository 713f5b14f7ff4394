"""What of a reviewed plan is no longer so: each live value held against its fact, in words."""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Final

from reconciler.differ.binding import KEYED, key_of, keyed, live_digest
from reconciler.differ.canonical import normal
from reconciler.differ.decide import Decision
from reconciler.differ.public import hidden, public
from reconciler.differ.values import ANY_FIELD
from reconciler.model.binding import Bound, Reviewed, Touched
from reconciler.model.manifest import Desired
from reconciler.model.plan import NOTHING, About, Change, Update
from reconciler.model.rules import Field, Rules, Shape
from reconciler.model.tree import PUBLIC_HIDDEN, PUBLIC_SEALED, Json, Tree, parents, tokens

_SHOWN: Final = 60
"""So many characters of a value are told."""


def moved(
    desired: Desired, decision: Decision, plan: Update, rules: Rules, bound: Bound
) -> Iterator[str]:
    """Each field that would change and is not what it was, or is not to become what it was."""
    reviewed = bound.reviewed
    raw = {one.path: one for one in decision.touched}
    for change in plan.changes:
        path = change.path
        shown = reviewed.changes.get(path)
        if shown is None and related(path, reviewed.changes, rules):
            yield _other_now(change, reviewed)
        elif shown is None:
            yield f"{path}: differs now, and is not in the reviewed plan"
        elif shown.get("to", NOTHING) != _normal(change.after):
            yield two_wishes(path, shown, change)
        elif path in raw and not _as_it_was(desired, raw[path], change, rules, bound):
            yield _from_to(path, shown, change)
    going = {change.path for change in plan.changes}
    yield from unseen(reviewed, plan.about, going)


def _as_it_was(desired: Desired, one: Touched, change: Change, rules: Rules, bound: Bound) -> bool:
    """Whether a live value is what it was; of one that was not bound, what was shown of it."""
    fact = next((f.digest for f in bound.reviewed.binding.live if f.path == one.path), None)
    if fact is None:
        return False
    keyed_fact = fact.startswith(KEYED)
    key = key_of(fact, bound.keys) if keyed_fact else None
    if one.before is NOTHING or (fact and not keyed_fact):
        return live_digest(desired, replace(one, secret=False), None) == fact
    if key is not None:
        return keyed(desired, one.path, one.before, key) == fact
    public_now = public(one.before, rules.secret_names)
    ways = (change.before, public_now, hidden(public_now))
    return bound.reviewed.changes[one.path].get("from", NOTHING) in [_normal(way) for way in ways]


def unseen(reviewed: Reviewed, about: About, but: Collection[str] = ()) -> list[str]:
    """What the reviewed plan changes and this read does not show."""
    hidden = {path for path, _ in about.unobservable}
    return [
        f"{path}: this read does not show it"
        for path, shown in reviewed.changes.items()
        if path not in but and "from" in shown and hidden & set(parents(path))
    ]


def related(path: str, reviewed: Iterable[str], rules: Rules) -> bool:
    """Whether a difference lies above, below or in the same whole value as one of these."""
    own = unit(path, rules)
    for other in reviewed:
        if path in parents(other) or other in parents(path) or own == unit(other, rules):
            return True
    return False


def unit(path: str, rules: Rules) -> str:
    """The pointer of the value that is held whole around `path`: a list, or what no rule describes."""
    rule: Field = rules.root
    parts = path.split("/")
    for count, token in enumerate(tokens(path), start=2):
        rule = (rule.item if rule.shape is Shape.MAP else rule.members.get(token)) or ANY_FIELD
        if rule.shape in (Shape.LIST, Shape.ANY):
            return "/".join(parts[:count])
    return path


def _from_to(path: str, shown: Tree, change: Change) -> str:
    before, now = shown.get("from", NOTHING), _normal(change.before)
    if before == now:
        return f"{path}: {told(now)} changed"
    return f"{path}: {told(before)} when the plan was made, {told(now)} now"


def two_wishes(path: str, shown: Tree, change: Change) -> str:
    """A value that is to become something else than was reviewed."""
    wanted, now = shown.get("to", NOTHING), _normal(change.after)
    return f"{path}: to become {told(wanted)} in the reviewed plan, {told(now)} now"


def _other_now(change: Change, reviewed: Reviewed) -> str:
    """A touched value that differs in another place than it did."""
    for path in parents(change.path):
        if path in reviewed.changes:
            before = told(reviewed.changes[path].get("from", NOTHING))
            now = told(_normal(change.before))
            return f"{path}: {before} when the plan was made; {change.path} is {now} now"
    return f"{change.path}: {told(_normal(change.before))} now; the plan touches what it is part of"


def _normal(value: Json) -> Json:
    return value if value is NOTHING else normal(value)


def told(value: Json) -> str:
    """A public value in a few words."""
    if value is NOTHING or value in (PUBLIC_SEALED, PUBLIC_HIDDEN):
        return str(value)
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
