"""The facts that bind a plan: digests of what it was made from. Pure; no secret leaves its key."""

from collections.abc import Iterable, Sequence
from typing import Final

from reconciler.differ.canonical import canonical, digest, normal
from reconciler.differ.compare import Difference
from reconciler.differ.fingerprint import DIFFER, secret_tags
from reconciler.differ.public import public
from reconciler.differ.values import ANY_FIELD, same, sealed_leaves
from reconciler.model.binding import AgentBinding, Fact, Touched
from reconciler.model.fingerprint import Fingerprinter
from reconciler.model.manifest import Desired, OnFailure
from reconciler.model.plan import NOTHING
from reconciler.model.rules import Field, Rules, Shape, Trait, names_secret
from reconciler.model.sealed import Sealed
from reconciler.model.tree import Json, Tree, join, tokens

KEYED: Final = "hmac-sha256:"
_PLAIN: Final = "plain text"
_SIGNED: Final = ("saved plan",)
_SEALS: Final = ("digest", "signature")
_FIELD_DIGITS: Final = 16
"""Of the digest of a part: it only says which part moved, the whole one says that one did."""


def touched(differences: Iterable[Difference], live: Tree, rules: Rules) -> tuple[Touched, ...]:
    """The live side of each difference, raw, and whether it may be shown."""
    return tuple(_touched(one, live, rules) for one in differences)


def _touched(difference: Difference, live: Tree, rules: Rules) -> Touched:
    path, before = difference.path, difference.before
    if difference.note.startswith(DIFFER):  # no read shows the value, but one shows our tag
        kept = secret_tags(live.get(rules.tags))
        return Touched(path, Sealed("\n".join(kept)), secret=True)
    if before is NOTHING:
        return Touched(path, before)
    secret = (
        difference.hidden
        or any(True for _ in sealed_leaves(difference.after))
        or names_secret(tokens(path)[-1], rules.secret_names)
        or not same(public(before, rules.secret_names), before)
    )
    return Touched(path, before, secret)


def bind(
    desired: Desired, rules: Rules, live: Sequence[Touched], keys: Sequence[Fingerprinter]
) -> AgentBinding:
    """What this agent is planned from. Secrets enter under the first key, without one not at all."""
    spec = _spec(desired, rules)
    parts = _parts(desired, spec)
    key = keys[0] if keys else None
    return AgentBinding(
        address=desired.address,
        manifest=digest(parts),
        fields={name: _short(digest(value)) for name, value in parts.items()},
        secrets=tuple(
            Fact(path, keyed(desired, path, leaf, key)) for path, leaf in _secrets("", spec)
        ),
        live=tuple(Fact(one.path, live_digest(desired, one, key)) for one in live),
    )


def secrets_in(desired: Desired, rules: Rules) -> Iterable[tuple[str, Sealed]]:
    """The path and the value of everything in a manifest that may not be shown."""
    return _secrets("", _spec(desired, rules))


def _spec(desired: Desired, rules: Rules) -> Tree:
    return {
        name: _sealed(rules.root.members.get(name, ANY_FIELD), name, value, rules)
        for name, value in desired.spec.items()
    }


def live_digest(desired: Desired, one: Touched, key: Fingerprinter | None) -> str:
    """The digest of a live value: keyed where it is secret, then empty without a key."""
    if one.before is NOTHING:
        return digest("absent")
    if one.secret:
        return keyed(desired, one.path, one.before, key)
    return digest([normal(one.before)])


def keyed(desired: Desired, path: str, value: Json, key: Fingerprinter | None) -> str:
    """The fingerprint of a secret value at this path, empty where there is no key or no value."""
    if key is None or not all(leaf.resolved for leaf in sealed_leaves(value)):
        return ""
    address = desired.address
    owner = ("saved plan", address.api_version, address.kind, address.name, path)
    return f"{KEYED}{key.key_id}:{key.fingerprint(owner, value)}"


def key_of(text: str, keys: Iterable[Fingerprinter]) -> Fingerprinter | None:
    """The key that a digest was made with, if it is at hand."""
    key_id = text.removeprefix(KEYED).partition(":")[0]
    return next((key for key in keys if key.key_id == key_id), None)


def content_digest(document: Tree) -> str:
    """The digest of everything in a plan document but its digest and its signature."""
    return digest(_content(document))


def signature(document: Tree, key: Fingerprinter) -> str:
    """HMAC-SHA-256 over the canonical JSON of the same, with the id of the key."""
    return f"{KEYED}{key.key_id}:{key.fingerprint(_SIGNED, canonical(_content(document)))}"


def _content(document: Tree) -> Tree:
    binding: Tree = document["binding"]
    return {**document, "binding": {k: v for k, v in binding.items() if k not in _SEALS}}


def _sealed(rule: Field, name: str, value: Json, rules: Rules) -> Json:
    """A declared value with everything sealed that may not be shown, plain text among it: a digest
    without a key lets anybody try out what it was made of.
    """
    if value is None or value == "" or isinstance(value, Sealed):
        return value
    if names_secret(name, rules.secret_names) and not isinstance(value, str):
        return Sealed(canonical(normal(_referred(value))), _PLAIN)
    if isinstance(value, dict):
        inner = rule.item if rule.shape is Shape.MAP else None
        return {
            key: _sealed(inner or rule.members.get(key, ANY_FIELD), key, member, rules)
            for key, member in value.items()
        }
    if isinstance(value, list):
        return [_sealed(rule.item or ANY_FIELD, "", member, rules) for member in value]
    if not isinstance(value, str):
        return value
    named = rule.has(Trait.SECRET | Trait.MASKED) or names_secret(name, rules.secret_names)
    if named or public(value, rules.secret_names) != value:
        return Sealed(value, _PLAIN)
    return value


def _parts(desired: Desired, spec: Tree) -> Tree:
    """An effective manifest by its parts: what is wanted, and what decides how it is done."""
    parts: Tree = {join("/spec", name): _referred(value) for name, value in spec.items()}
    parts["/metadata/labels"] = dict(desired.labels)
    if desired.complete:
        parts["/metadata/complete"] = True
    if desired.rollout.timeout_seconds is not None:
        parts["/rollout/timeout"] = desired.rollout.timeout_seconds
    if desired.rollout.wave:
        parts["/rollout/wave"] = desired.rollout.wave
    if desired.rollout.on_failure is not OnFailure.STOP:
        parts["/rollout/onFailure"] = desired.rollout.on_failure.value
    if desired.create_defaults is not None:
        defaults = desired.create_defaults
        parts["defaults"] = _referred([defaults.source, defaults.tree, defaults.within])
    return {name: normal(value) for name, value in parts.items()}


def _referred(value: Json) -> Json:
    """A tree with each secret as the reference that it came from."""
    if isinstance(value, Sealed):
        return {"secret": value.reference}
    if isinstance(value, dict):
        return {name: _referred(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_referred(member) for member in value]
    return value


def _secrets(path: str, value: Json) -> Iterable[tuple[str, Sealed]]:
    if isinstance(value, Sealed):
        yield path, value
    elif isinstance(value, dict | list):
        for name, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _secrets(join(path, name), member)


def _short(text: str) -> str:
    return text.partition(":")[2][:_FIELD_DIGITS]
