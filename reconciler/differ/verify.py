"""What a write did to the rest of the agent, by comparing the reads around it. Section 7, last."""

from dataclasses import dataclass

from reconciler.differ.compare import user_tags
from reconciler.differ.values import ANY_FIELD, decode_document, is_unset, same
from reconciler.model.plan import NOTHING
from reconciler.model.rules import Field, Rules, Shape, Trait
from reconciler.model.tree import Json, Tree, join

_NOT_TOLD = Trait.SERVER | Trait.WRITE_ONLY | Trait.UNRELIABLE | Trait.ACTION | Trait.MASKED


@dataclass(frozen=True, slots=True)
class Bystanders:
    """Fields that are not ours and are no longer as they were.

    `gone` were set before the write, were not sent, and are unset now: the cloud replaces where we
    hold that it merges. `moved` are otherwise, though nobody declared them: changed by somebody
    else at the same time, or not taken over by the cloud as they were sent back.
    """

    gone: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()


def bystanders(before: Tree, after: Tree, body: Tree, spec: Tree, rules: Rules) -> Bystanders:
    """Compare the read before a write with one after it, leaving out what the manifest declares.

    `body` is what was sent. What only the cloud sets is no part of it.
    """
    walk = _Walk()
    walk.members(rules.root, "", before, after, body, spec)
    return Bystanders(tuple(walk.gone), tuple(walk.moved))


class _Walk:
    """One descent beside three trees: what was there, what is there, and what was sent."""

    def __init__(self) -> None:
        self.gone: list[str] = []
        self.moved: list[str] = []

    def members(
        self, rule: Field, path: str, before: Tree, after: Tree, sent: Tree, spec: Tree
    ) -> None:
        """Every member that was there before, and is known to be the user's."""
        for name, old in before.items():
            inner = rule.members.get(name, ANY_FIELD)
            if name not in rule.members and not rule.open:
                continue  # newer than us: it may well be the cloud's own
            if not inner.has(_NOT_TOLD) or (inner.has(Trait.MASKED) and path):
                new = after.get(name, NOTHING)
                was, want = sent.get(name, NOTHING), spec.get(name, NOTHING)
                self._member(inner, join(path, name), old, new, was, want)

    def _member(self, rule: Field, path: str, old: Json, new: Json, sent: Json, want: Json) -> None:
        if rule.shape in (Shape.OBJECT, Shape.DOCUMENT):
            old, new = decode_document(old), decode_document(new)
            sent, want = decode_document(sent), decode_document(want)
            inside = isinstance(old, dict) and isinstance(new, dict)
            if inside and (sent is not NOTHING or want is not NOTHING):
                self.members(rule, path, old, new, _tree(sent), _tree(want))
                return
        if rule.has(Trait.TAGS) and (sent is not NOTHING or not is_unset(rule, new)):
            old, new = user_tags(old), user_tags(new)
        if want is not NOTHING or is_unset(rule, old) or same(old, new):
            return
        if is_unset(rule, new):
            (self.gone if sent is NOTHING else self.moved).append(path)
        elif not rule.has(Trait.MASKED):
            self.moved.append(path)


def _tree(value: Json) -> Tree:
    return value if isinstance(value, dict) else {}
