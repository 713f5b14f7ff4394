"""The bodies of updates and creations: nothing that could be left out, nothing that is not ours.

Semantics, section 7. Two styles: `CHANGED` carries only top-level fields that differ (the cloud
keeps what is left out), `WHOLE` carries everything as read with the desired values laid over it.
What comes out is in wire shape; `Sealed` leaves are revealed by the code that sends it.
"""

from dataclasses import dataclass
from dataclasses import field as member
from typing import Any, Final

from reconciler.differ.compare import clear_value, paired
from reconciler.differ.values import (
    ANY_FIELD,
    canonical,
    decode_document,
    encode_document,
    holds_masked_secret,
    is_unset,
    looks_masked,
    same,
    sealed_leaves,
)
from reconciler.model.manifest import Desired
from reconciler.model.plan import NOTHING
from reconciler.model.rules import OWN_TAG_PREFIX, BodyStyle, Field, Rules, Shape, Trait
from reconciler.model.sealed import Sealed
from reconciler.model.tree import Json, Tree, join

_NEVER_DECLARED: Final = Trait.ACTION | Trait.SERVER
_NEVER_ALONE: Final = Trait.WRITE_ONLY | Trait.ACTION
_NEVER_CARRIED: Final = Trait.SERVER | Trait.WRITE_ONLY
_SECRET: Final = Trait.MASKED | Trait.SECRET


@dataclass(slots=True)
class Body:
    """A body, or the reasons for which none may be sent."""

    tree: Tree = member(default_factory=dict)
    blocked: list[str] = member(default_factory=list)


def update_body(desired: Desired, live: Tree, rules: Rules, names: set[str]) -> Body:
    """The body of an update in which the top-level fields `names` have to go.

    `live` is the read just before; with `BodyStyle.WHOLE` everything goes and `names` only says
    which documents are encoded afresh.
    """
    body = Body()
    if rules.body is BodyStyle.CHANGED:
        _changed(body, desired.spec, live, rules, names)
    else:
        _whole(body, desired.spec, live, rules)
    return body


def unverified_body(desired: Desired, rules: Rules) -> Body:
    """The body where a read shows nothing to preserve: the manifest alone, as it stands."""
    body = Body()
    for name in _body_fields(rules):
        want = desired.spec.get(name)
        if want is None:
            body.blocked.append(_missing(name))
        else:
            body.tree[name] = _plain(rules.root.members.get(name, ANY_FIELD), want, keep_null=True)
    return body


def create_body(desired: Desired, rules: Rules) -> Body:
    """The body of a creation: what the manifest declares, and why it is not enough."""
    body = Body()
    spec = desired.spec
    for need in rules.create_requires:
        applies = need.when is None or spec.get(need.when[0]) == need.when[1]
        if applies and spec.get(need.name) is None:
            body.blocked.append(f"creating needs spec.{need.name}")
    for name, want in spec.items():
        rule = rules.root.members.get(name, ANY_FIELD)
        if name in rules.parameters or want is None or rule.has(_NEVER_DECLARED):
            continue
        body.tree[name] = _plain(rule, want)
    return body


def secret_fields(desired: Desired, rules: Rules) -> set[str]:
    """Top-level fields that hold a declared secret which no read can compare."""
    return {
        name
        for name, want in desired.spec.items()
        if name in rules.root.members and _uncomparable(rules.root.members[name], want)
    }


def _uncomparable(rule: Field, want: Json) -> bool:
    if rule.unread:
        return any(True for _ in sealed_leaves(want))
    return isinstance(want, dict) and any(
        _uncomparable(rule.members[name], value)
        for name, value in want.items()
        if name in rule.members
    )


def _changed(body: Body, spec: Tree, live: Tree, rules: Rules, names: set[str]) -> None:
    members = rules.root.members
    for name in rules.always:
        want, have = spec.get(name), live.get(name)
        if want is not None:
            body.tree[name] = want
        elif have and not is_unset(members[name], have):  # a live 0 is not carried
            body.tree[name] = have
    for name, want in spec.items():
        rule = members.get(name, ANY_FIELD)
        along = rule.has(_NEVER_ALONE) and want is not None
        if name in names or along:
            overlay = _Overlay(body, rules)
            body.tree[name] = overlay.field(rule, f"/{name}", want, live.get(name, NOTHING))


def _whole(body: Body, spec: Tree, live: Tree, rules: Rules) -> None:
    overlay = _Overlay(body, rules)
    for name in _body_fields(rules):
        want, have = spec.get(name, NOTHING), live.get(name, NOTHING)
        rule = rules.root.members.get(name, ANY_FIELD)
        if want is NOTHING and (have is NOTHING or have is None):
            if name in rules.required:
                body.blocked.append(_missing(name))
        elif want is NOTHING:
            body.tree[name] = overlay.kept(rule, f"/{name}", have)
        else:
            body.tree[name] = overlay.field(rule, f"/{name}", want, have)


def _body_fields(rules: Rules) -> list[str]:
    return [name for name in rules.root.members if name not in rules.parameters]


def _missing(name: str) -> str:
    return f"neither the read nor the manifest has {name}: add spec.{name}"


class _Overlay:
    """Desired values laid over live ones. `as_read`: live members all stay, as they were read."""

    __slots__ = ("as_read", "body", "rules")

    def __init__(self, body: Body, rules: Rules) -> None:
        self.body = body
        self.rules = rules
        self.as_read = rules.body is BodyStyle.WHOLE

    def field(self, rule: Field, path: str, want: Json, have: Json) -> Any:
        """The value of one field that goes into the body."""
        if rule.has(Trait.TAGS):
            return self._tags(want, have)
        if want is None:
            empty = clear_value(rule, have)
            return None if empty is NOTHING else empty
        if rule.has(Trait.SERVER) and self.as_read:
            return self.kept(rule, path, have)
        match rule.shape:
            case Shape.OBJECT if isinstance(want, dict):
                return self._object(rule, path, want, have if isinstance(have, dict) else {})
            case Shape.DOCUMENT:
                return self._document(rule, path, want, have)
            case Shape.LIST if isinstance(want, list):
                return self._list(rule, path, want, have)
            case _:
                return _plain(rule, want)

    def kept(self, rule: Field, path: str, have: Json) -> Any:
        """A live value that nobody declared, sent back as it was read. A mask must not be."""
        if have is None or isinstance(have, bool):
            return have
        if self._masked(rule, have):
            self.body.blocked.append(
                f"{path} is read as a mask: sending it back would destroy the secret"
            )
        if isinstance(have, dict):
            return {
                name: self.kept(rule.members.get(name, ANY_FIELD), join(path, name), value)
                for name, value in have.items()
            }
        if isinstance(have, list):
            return [
                self.kept(rule.item or ANY_FIELD, join(path, i), value)
                for i, value in enumerate(have)
            ]
        return have

    def _masked(self, rule: Field, have: Json) -> bool:
        if isinstance(have, str):  # JSON in a string may hold secrets of its own
            return (rule.has(Trait.SECRET) and looks_masked(have)) or holds_masked_secret(
                have, self.rules.secret_names
            )
        return isinstance(have, Sealed) and (
            looks_masked(have) or holds_masked_secret(have, self.rules.secret_names)
        )

    def _object(self, rule: Field, path: str, want: Tree, have: Tree) -> Tree:
        result: Tree = {}
        for name in {**have, **want}:  # in the order of the read, what is new at the end
            inner, where = rule.members.get(name, ANY_FIELD), join(path, name)
            there = have.get(name, NOTHING)
            if name in want:
                self._declared(result, inner, where, name, want[name], there)
            elif self.as_read:
                result[name] = self.kept(inner, where, there)
            else:
                self._carry(result, inner, where, name, there)
        if have and not self.as_read:
            self._unseen(rule, path, result)
        return result

    def _unseen(self, rule: Field, path: str, result: Tree) -> None:
        """Block where a live object goes whole without a member that it has and no read shows."""
        for name, inner in rule.members.items():
            if name in result or not inner.unread:
                continue
            implied = bool(inner.implied_by and result.get(inner.implied_by))
            left = bool(inner.absent_with and not result.get(inner.absent_with))
            if implied or left:
                self._block_unsupplied(join(path, name), secret=inner.has(Trait.SECRET))

    def _block_unsupplied(self, path: str, *, secret: bool = True) -> None:
        reason = _unsupplied(path, secret=secret)
        if not self.rules.nested_merge and reason not in self.body.blocked:
            self.body.blocked.append(reason)

    def _declared(
        self, result: Tree, rule: Field, path: str, name: str, want: Json, have: Json
    ) -> None:
        """A member that the manifest declares; what the cloud computes is only passed back."""
        if rule.has(Trait.SERVER) and (have is NOTHING or not self.as_read):
            return
        if want is None and is_unset(rule, have):
            if self.as_read and have is not NOTHING:
                result[name] = have
            return
        result[name] = self.field(rule, path, want, have)

    def _carry(self, result: Tree, rule: Field, path: str, name: str, have: Json) -> None:
        """A live member of an object that goes whole: along, unless it is not ours to send.

        What a read shows for "unset" stays behind, since no page says what sending it does; only
        false is a value that every switch takes.
        """
        if rule.has(_NEVER_CARRIED):
            return
        if isinstance(have, dict) and rule.shape is Shape.OBJECT:
            inner: Tree = {}
            for key, value in have.items():
                self._carry(inner, rule.members.get(key, ANY_FIELD), join(path, key), key, value)
            self._unseen(rule, path, inner)
            if inner:
                result[name] = inner
        elif is_unset(rule, have) and have is not False:
            return
        elif self._unsupplied(rule, have):
            self._block_unsupplied(path)
        elif rule.has(Trait.HIDDEN) and isinstance(have, str):
            result[name] = Sealed(have)  # it goes back as it was read, and is shown nowhere
        else:
            result[name] = self._carried(rule, have)

    def _unsupplied(self, rule: Field, have: Json) -> bool:
        """Whether a live value is a secret that only the manifest could supply."""
        secret = rule.has(_SECRET)
        return secret or isinstance(have, Sealed) or looks_masked(have)

    def _carried(self, rule: Field, have: Json) -> Json:
        """A live value as it was read, what is hidden in it sealed."""
        if not isinstance(have, list) or rule.item is None:
            return have
        elements = []
        for element in have:
            if isinstance(element, dict):
                element = {
                    name: Sealed(value)
                    if isinstance(value, str)
                    and value
                    and rule.item.members.get(name, ANY_FIELD).has(Trait.HIDDEN)
                    else value
                    for name, value in element.items()
                }
            elements.append(element)
        return elements

    def _document(self, rule: Field, path: str, want: Json, have: Json) -> Any:
        wanted, there = decode_document(want), decode_document(have)
        if not isinstance(wanted, dict):
            return wanted
        if not isinstance(there, dict):
            there = {}
        merged = self._object(rule, path, wanted, there)
        unknown = {name: value for name, value in merged.items() if name not in wanted}
        if unknown and holds_masked_secret(unknown, self.rules.secret_names):
            self.body.blocked.append(
                f"{path} holds a secret that is read as a mask: sending it back would destroy it"
            )
        if same(merged, there) and isinstance(have, str):
            return have  # untouched documents keep the very text that was read
        return encode_document(merged)

    def _tags(self, want: Json, have: Json) -> Any:
        """The user's tags, and with them our own, which nobody declares."""
        there = have if isinstance(have, list) else []
        ours = [t for t in there if isinstance(t, str) and t.startswith(OWN_TAG_PREFIX)]
        wanted = [] if want is None else want
        return [*wanted, *(tag for tag in ours if tag not in wanted)]

    def _list(self, rule: Field, path: str, want: list[Any], have: Json) -> list[Any]:
        there = have if isinstance(have, list) else []
        item = rule.item or ANY_FIELD
        if item.shape is not Shape.OBJECT:
            return [_plain(item, element) for element in want]
        partner = {id(one): other for _, one, other in paired(rule, want, there)}
        return [
            self.field(item, join(path, i), element, partner.get(id(element), NOTHING))
            for i, element in enumerate(want)
        ]


def _unsupplied(path: str, *, secret: bool = True) -> str:
    spec = "spec" + path.replace("/", ".")
    line = f'{spec}: {{secret: "env:NAME"}}' if secret else f"{spec}: …"
    return (
        f"the object around {path} must be sent whole and no read shows that value in clear; "
        f"add `{line}`, or set `nested: merge` for this target once you have seen that this cloud "
        "keeps nested members that are left out"
    )


def _plain(rule: Field, want: Json, *, keep_null: bool = False) -> Any:
    """A desired value in wire shape, with nothing live below it."""
    if rule.shape is Shape.DOCUMENT:
        want = decode_document(want)
    if isinstance(want, dict):
        inner = rule.item if rule.shape is Shape.MAP else None
        plain: Any = {
            name: _plain(inner or rule.members.get(name, ANY_FIELD), value, keep_null=keep_null)
            for name, value in want.items()
            if value is not None or keep_null
        }
        return encode_document(plain) if rule.shape is Shape.DOCUMENT else plain
    if isinstance(want, list):
        return [_plain(rule.item or ANY_FIELD, e, keep_null=keep_null) for e in want]
    return canonical(rule, want)
