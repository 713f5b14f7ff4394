"""What a write did to the rest of the agent, by comparing the reads around it. Section 7, last."""

from dataclasses import dataclass

from reconciler.differ.values import ANY_FIELD, decode_document, is_unset, same
from reconciler.model.plan import NOTHING
from reconciler.model.rules import Field, Rules, Shape, Trait
from reconciler.model.tree import Json, Tree, join

_NOT_TOLD = Trait.SERVER | Trait.WRITE_ONLY | Trait.UNRELIABLE | Trait.ACTION | Trait.MASKED


@dataclass(frozen=True, slots=True)
class Bystanders:
    """Fields that are not ours and are no longer as they were.

    `gone` were set before the write, were not sent, and are unset now: the cloud replaces where we
    hold that it merges. `moved` have another value: somebody else was at work.
    """

    gone: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()


def bystanders(before: Tree, after: Tree, body: Tree, rules: Rules) -> Bystanders:
    """Compare the read before a write with one after it, leaving out what the write carried."""
    gone: list[str] = []
    moved: list[str] = []
    _walk(rules.root, "", before, after, body, gone, moved)
    return Bystanders(tuple(gone), tuple(moved))


def _walk(
    rule: Field,
    path: str,
    before: Tree,
    after: Tree,
    body: Tree,
    gone: list[str],
    moved: list[str],
) -> None:
    for name, old in before.items():
        inner = rule.members.get(name, ANY_FIELD)
        known = name in rule.members
        where, new = join(path, name), after.get(name, NOTHING)
        if inner.has(_NOT_TOLD) and not (inner.has(Trait.MASKED) and path):
            continue
        if name in body:
            sent = decode_document(body[name])
            old, new = decode_document(old), decode_document(new)
            nested = inner.shape in (Shape.OBJECT, Shape.DOCUMENT)
            if (
                nested
                and isinstance(old, dict)
                and isinstance(new, dict)
                and isinstance(sent, dict)
            ):
                _walk(inner, where, old, new, sent, gone, moved)
        elif is_unset(inner, old) or _equal(inner, old, new):
            continue
        elif is_unset(inner, new):
            (gone if known else moved).append(where)
        elif not inner.has(Trait.MASKED):
            moved.append(where)


def _equal(rule: Field, old: Json, new: Json) -> bool:
    if rule.shape is Shape.DOCUMENT:
        return same(decode_document(old), decode_document(new))
    return same(old, new)
