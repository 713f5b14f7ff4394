"""What a record keeps of an update so that it can be taken back later. Pure; no secret comes out.

Values are kept by their units: what a cloud holds whole (a list, a value that no rule describes) is
kept whole, so that what is taken back does not depend on positions that may have moved.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

from reconciler.differ.compare import user_tags
from reconciler.differ.moved import unit
from reconciler.differ.public import public
from reconciler.differ.values import ANY_FIELD, lookup, same, sealed_leaves, veiled
from reconciler.model.binding import Touched
from reconciler.model.live import Live
from reconciler.model.plan import NOTHING, Change
from reconciler.model.rules import Field, Rules, Shape, Trait
from reconciler.model.sealed import Sealed
from reconciler.model.tree import PUBLIC_HIDDEN, PUBLIC_SEALED, Json, Tree, parents, pointer, tokens

VARIABLE: Final = "env:"
"""How a reference to an environment variable begins; others depend on where the manifest lies."""


@dataclass(slots=True)
class PreImage:
    """The touched fields of one update, by their pointers.

    `before` are former values that may be shown, `hidden` fields whose former value may not be kept
    (or that no read showed), `unset` those that had none. `after` are the values that were sent,
    without those that may not be kept (`sealed`) and those that were taken away. `supplied` are
    top-level fields that had to go along and that the read did not have. `references` are the
    environment variables of secrets that no read shows: an object can go back with them alone.
    """

    before: Tree = field(default_factory=dict)
    hidden: list[str] = field(default_factory=list)
    unset: list[str] = field(default_factory=list)
    after: Tree = field(default_factory=dict)
    sealed: list[str] = field(default_factory=list)
    supplied: Tree = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)


def pre_image(
    changes: Iterable[Change],
    touched: Iterable[Touched],
    body: Tree,
    before: Live,
    rules: Rules,
    proved: Collection[str] = (),
) -> PreImage:
    """What may be kept of these changes. `body` is what is sent, `before` the read just before it.

    `proved` are fields that no read shows and that are the same before and after.
    """
    found = PreImage()
    raw = {one.path: one for one in touched}
    units: dict[str, list[Change]] = {}
    for change in changes:
        units.setdefault(unit(change.path, rules), []).append(change)
    for path, inside in units.items():
        _former(found, path, [raw.get(one.path) for one in inside], before, rules)
        _sent(found, path, inside, body, rules)
    for parts in rules.unread:  # they go along unseen; a fingerprint may prove that they stayed
        path = pointer(parts)
        leaf = lookup(body, parts)
        if isinstance(leaf, Sealed) and leaf.reference.startswith(VARIABLE):
            found.references[path] = leaf.reference
        known = path in proved or any(above in units for above in parents(path))
        if not known and leaf is not NOTHING:
            found.hidden.append(path)
    for name in rules.required:
        shown = public(body.get(name, NOTHING), rules.secret_names)
        missing = before.tree.get(name) is None and f"/{name}" not in units
        if missing and shown is not NOTHING and _whole(shown):
            found.supplied[name] = shown
    return found


def rule_at(rules: Rules, path: str) -> Field:
    """The rule of the value at a pointer; what nothing names is held whole."""
    rule = rules.root
    for token in tokens(path):
        inner = rule.item if rule.shape in (Shape.MAP, Shape.LIST) else rule.members.get(token)
        rule = inner or ANY_FIELD
    return rule


def _former(
    found: PreImage, path: str, inside: list[Touched | None], before: Live, rules: Rules
) -> None:
    rule, first = rule_at(rules, path), inside[0]
    alone = first is not None and first.path == path
    value = first.before if first is not None and alone else lookup(before.tree, tokens(path))
    if rule.has(Trait.TAGS):
        value = user_tags(value)
    if any(one is None or one.secret for one in inside) or not _may_be_kept(rule, value, rules):
        found.hidden.append(path)
    elif value is NOTHING or value is None:
        found.unset.append(path)
    else:
        found.before[path] = value


def _sent(found: PreImage, path: str, inside: list[Change], body: Tree, rules: Rules) -> None:
    value = inside[0].after
    if inside[0].path != path:
        value = public(lookup(body, tokens(path)), rules.secret_names)
        if rule_at(rules, path).has(Trait.TAGS):
            value = user_tags(value)
        if value is NOTHING:  # it stands in a document with a secret, which is sealed as a whole
            value = PUBLIC_SEALED
    if value is NOTHING:
        return
    if _whole(value):
        found.after[path] = value
    else:
        found.sealed.append(path)


def _may_be_kept(rule: Field, value: Json, rules: Rules) -> bool:
    """Whether nothing in a live value is secret or hidden by rule.

    A variable by itself is judged by what the plan shows of it, not by the mapping around it.
    """
    if value is NOTHING:
        return True
    clear = not any(True for _ in sealed_leaves(veiled(rule, value)))
    return clear and same(public(value, rules.secret_names), value)


def _whole(value: Json) -> bool:
    """Whether a public value shows all of it."""
    if isinstance(value, dict):
        return all(map(_whole, value.values()))
    if isinstance(value, list):
        return all(map(_whole, value))
    return not (isinstance(value, str) and value in (PUBLIC_SEALED, PUBLIC_HIDDEN))
