"""One walk over `spec` with its rules: what pydantic cannot know.

Secret references are found and secrets in plain text refused, nulls in free maps dropped,
server-computed fields and members that nothing names warned about.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.loader.references import (
    MEMBER,
    PLACEHOLDER,
    REFERENCE_FORM,
    BadReference,
    SecretReference,
    is_reference,
    parse_reference,
)
from reconciler.loader.remarks import Remarks
from reconciler.loader.words import dotted_pointer, nearest, quoted
from reconciler.model.rules import OWN_TAG_PREFIX, Field, Rules, Shape, Trait, secret_name
from reconciler.model.tree import Json, Tree, join

_ANY: Final = Field(Shape.ANY)


@dataclass(frozen=True, slots=True)
class Walker:
    """The walk over one `spec`, with a copy as its result. Complaints go to `remarks`.

    `refused` gets the pointers of values that were refused and stand as null in the tree.
    """

    remarks: Remarks
    rules: Rules
    refused: set[str] = field(default_factory=set)

    def spec(self, value: Tree) -> Tree:
        """The tree to hold: references as `SecretReference`, what is not ours left out."""
        tree = self._named(self.rules.root, value, "/spec")
        for name in self.rules.parameters:
            if tree.get(name) is None:
                self.remarks.add("/spec", "missing", f"{name} is missing in spec", key=True)
            elif isinstance(tree[name], SecretReference):
                text = f"{name} is part of a web address; no secret can stand there"
                self.remarks.add(join("/spec", name), "secret-place", text)
        return tree

    def _value(self, rule: Field, value: Json, pointer: str) -> Any:
        if rule.has(Trait.SECRET) and value is not None and not is_reference(value):
            return self._no_reference(value, pointer)
        if is_reference(value) and rule.shape is not Shape.MAP and MEMBER not in rule.members:
            return self._reference(value[MEMBER], pointer)
        if isinstance(value, dict):
            if rule.shape is Shape.MAP:
                return self._map(rule, value, pointer)
            return self._named(rule, value, pointer)
        if isinstance(value, list):
            return self._list(rule, value, pointer)
        return value

    def _no_reference(self, value: Json, pointer: str) -> None:
        """Refuse what stands in the place of a secret: a text, or a reference that is none."""
        self.refused.add(pointer)
        self.remarks.mask(pointer)
        name = dotted_pointer(pointer)
        if isinstance(value, dict):
            text = f"{name}: expected a secret reference, found a mapping"
            self.remarks.add(pointer, "wrong-type", text, REFERENCE_FORM)
            return
        self.remarks.add(
            pointer,
            "plain-secret",
            f"{name} is a secret and cannot stand here in plain text",
            'write {secret: "env:NAME"} and set that variable; change the secret if this was shared',
        )

    def _reference(self, text: str, pointer: str) -> SecretReference | None:
        source = self.remarks.source(pointer)
        try:
            return parse_reference(text, folder=source.folder, root=source.root)
        except BadReference as error:
            at = join(pointer, MEMBER)
            if (
                text.partition(":")[2].strip() or ":" not in text
            ):  # more than a bare scheme: it may be the secret itself
                self.remarks.mask(at)
            self.remarks.add(at, error.code, str(error), error.help)
            self.refused.add(pointer)
            return None

    def _map(self, rule: Field, value: Tree, pointer: str) -> Tree:
        item = rule.item or _ANY
        return {
            key: self._value(item, member, join(pointer, key))
            for key, member in value.items()
            if member is not None  # the map is held whole: null says what absence says
        }

    def _list(self, rule: Field, value: list[Json], pointer: str) -> list[Any]:
        item = rule.item or _ANY
        if rule.has(Trait.TAGS):
            for index, tag in enumerate(value):
                if isinstance(tag, str) and tag.startswith(OWN_TAG_PREFIX):
                    text = f'tags that begin with "{OWN_TAG_PREFIX}" are kept for this program'
                    self.remarks.add(join(pointer, index), "reserved-tag", text)
        return [self._value(item, member, join(pointer, n)) for n, member in enumerate(value)]

    def _named(self, above: Field, value: Tree, pointer: str) -> Tree:
        tree: Tree = {}
        for name, member in value.items():
            below = join(pointer, name)
            rule = above.members.get(name)
            if rule is None:
                self._unknown(above, name, below)
                rule = _ANY
            secret = secret_name(name) in self.rules.refused_names and member not in (None, "")
            if secret and not is_reference(member):
                self._no_reference(member, below)
            else:
                tree[name] = self._value(rule, member, below)
        return tree

    def _unknown(self, above: Field, name: str, pointer: str) -> None:
        if not above.open or self.remarks.allows(pointer):
            return
        near = nearest(name, above.members)
        where = dotted_pointer(pointer.rpartition("/")[0])
        if near is not None or above.shape is Shape.OBJECT:
            self.remarks.add(
                pointer,
                "unknown-field",
                f"{quoted(name)} is not a documented member of {where}; it is sent as it is",
                f"did you mean {quoted(near)}?" if near is not None else "",
                key=True,
                warning=True,
            )


def warn_of_server_fields(
    root: Field, tree: Tree, remarks: Remarks, pointer: str, refused: set[str]
) -> None:
    """Say what of a manifest the cloud computes, where it was not refused already."""
    for name, value in tree.items():
        rule, below = root.members.get(name), join(pointer, name)
        if rule is not None and rule.has(Trait.SERVER):
            if below not in refused:
                text = (
                    f"{dotted_pointer(below)} is computed by the cloud: it is never compared, and "
                    "what is written here is sent only by --write-unverifiable"
                )
                remarks.add(below, "server-field", text, key=True, warning=True)
        elif rule is not None and rule.members and isinstance(value, dict):
            warn_of_server_fields(rule, value, remarks, below, refused)


def with_placeholders(value: Any, pointer: str, found: dict[str, SecretReference]) -> Json:
    """A copy for the schema check, a text in the place of each secret; `found` gets the places."""
    if isinstance(value, SecretReference):
        found[pointer] = value
        return PLACEHOLDER
    if isinstance(value, dict):
        return {
            name: with_placeholders(member, join(pointer, name), found)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [
            with_placeholders(member, join(pointer, n), found) for n, member in enumerate(value)
        ]
    return value


def texts(value: Json, pointer: str = "") -> Iterator[tuple[str, bool, str]]:
    """Every string of a tree: its pointer, whether it is a key, the text."""
    if isinstance(value, str):
        yield pointer, False, value
    elif isinstance(value, Mapping):
        for name, member in value.items():
            below = join(pointer, name)
            yield below, True, name
            yield from texts(member, below)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from texts(member, join(pointer, index))


def rule_at(root: Field, path: tuple[str | int, ...]) -> Field | None:
    """The rule of the value at `path`, None below what the rules name."""
    rule: Field | None = root
    for token in path:
        if rule is None:
            return None
        rule = rule.item if isinstance(token, int) else rule.members.get(token, rule.item)
    return rule
