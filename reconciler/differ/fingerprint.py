"""Secrets that no read shows, compared through one fingerprint. Semantics, section 4.

Covered is what a manifest declares in fields that are write-only or masked, where a secret is
among it. Fingerprint and key id are kept in one of our tags at the agent; what the tag says is
believed, so a write that may make it untrue replaces it or takes it away.
"""

import hmac
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from reconciler.differ.compare import Comparison, Difference, compare
from reconciler.differ.ignore import set_aside
from reconciler.differ.pattern import Reach, reaches, step
from reconciler.differ.values import lookup, sealed_leaves, unresolved
from reconciler.model.fingerprint import Fingerprinter
from reconciler.model.manifest import Desired
from reconciler.model.plan import NOTHING, Change
from reconciler.model.rules import OWN_TAG_PREFIX, Rules
from reconciler.model.sealed import Sealed
from reconciler.model.tree import PUBLIC_SEALED, Json, Tree, join, parents, pointer, tokens

SECRET_TAG_PREFIX: Final = f"{OWN_TAG_PREFIX}secret-"
DIFFER: Final = "its fingerprint is of other secrets: a value changed, or which are declared"
"""One fingerprint covers all, so it cannot tell one that changed from one that came or went."""
TAG_NOT_KEPT: Final = (
    "no read shows these values, so it is the tag with their fingerprint that is not as it was "
    "written; `fingerprintTag: false` for this target does without it"
)
_TAG: Final = re.compile(SECRET_TAG_PREFIX + "([0-9a-f]{8})-([0-9a-f]{32})")
_SHOWN: Final = 8
"""So many digits of a fingerprint are shown: enough to tell two apart, too few to test a guess."""


class Proof(Enum):
    """What is known of the secrets that a cloud holds."""

    EQUAL = "the cloud holds what is declared"
    DIFFERS = "the cloud holds something else"
    UNKNOWN = "cannot be compared"


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets of one agent that no read shows, held against what its tag says of them.

    `covered` are path and value of each field that the fingerprint is made of, `leaves` the paths
    of the secrets themselves. `reason` is why they cannot be compared, empty where there is nothing
    to add. `tag` is the one that is true once all of them were sent (None: there is none).
    """

    covered: tuple[tuple[str, Json], ...] = ()
    leaves: tuple[str, ...] = ()
    proof: Proof = Proof.UNKNOWN
    reason: str = ""
    tag: str | None = None

    @property
    def names(self) -> set[str]:
        """The top-level fields that hold them."""
        return {path.split("/")[1] for path, _ in self.covered}

    @property
    def different(self) -> set[str]:
        """The top-level fields that have to be sent for them."""
        return self.names if self.proof is Proof.DIFFERS else set()

    @property
    def equal(self) -> tuple[str, ...]:
        """The paths that are proved to be as declared."""
        return tuple(path for path, _ in self.covered) if self.proof is Proof.EQUAL else ()


def secrets_of(
    desired: Desired, live: Tree, rules: Rules, fingerprinter: Fingerprinter | None
) -> Secrets:
    """The secrets of this agent and what the tag in one read proves. A new agent's is `{}`."""
    covered = tuple(_covered(desired, rules))
    leaves = tuple(leaf for path, value in covered for leaf in _leaves(path, value))
    if not leaves:
        return Secrets()
    if not rules.secret_tag:
        return Secrets(covered, leaves)
    if fingerprinter is None:
        return Secrets(covered, leaves, reason="RECONCILE_FINGERPRINT_KEY is not set")
    if (reference := unresolved([value for _, value in covered])) is not None:
        return Secrets(covered, leaves, reason=f"{reference} has no value here")
    address = desired.address
    owner = (address.api_version, address.kind, address.name)
    digest = fingerprinter.fingerprint(owner, [[path, value] for path, value in covered])[:32]
    tag = f"{SECRET_TAG_PREFIX}{fingerprinter.key_id}-{digest}"
    proof, reason = _proof(live, rules, fingerprinter.key_id, digest)
    return Secrets(covered, leaves, proof, reason, tag)


def _proof(live: Tree, rules: Rules, key_id: str, digest: str) -> tuple[Proof, str]:
    kept = secret_tags(live.get(rules.tags))
    found = [match for match in map(_TAG.fullmatch, kept) if match is not None]
    if not kept:
        reason = "no fingerprint is kept yet; --resend-secrets sends it and keeps one"
    elif len(kept) > 1 or not found:
        reason = f"what is kept as a fingerprint is none ({len(kept)} tags, not one of ours)"
    elif found[0][1] != key_id:
        reason = f"its fingerprint was made with another key ({found[0][1]}, here it is {key_id})"
    else:
        equal = hmac.compare_digest(found[0][2], digest)
        return (Proof.EQUAL if equal else Proof.DIFFERS), ""
    return Proof.UNKNOWN, reason


def compare_all(
    desired: Desired, live: Tree, rules: Rules, fingerprinter: Fingerprinter | None
) -> Comparison:
    """`compare` without what is ignored, and the secrets through their fingerprint, if any."""
    desired = set_aside(desired, live, rules).desired
    secrets = secrets_of(desired, live, rules, fingerprinter)
    return with_secrets(compare(desired.spec, live, rules), secrets)


def with_secrets(found: Comparison, secrets: Secrets) -> Comparison:
    """A comparison with what the fingerprint adds to it: one difference, or why there is none."""
    if not secrets.covered:
        return found
    paths = {path for path, _ in secrets.covered}
    found.unobservable = [
        (path, f"{reason}; {secrets.reason}" if path in paths and secrets.reason else reason)
        for path, reason in found.unobservable
        if path not in paths or secrets.proof is Proof.UNKNOWN
    ]
    seen = found.paths  # an object that is sent as a whole says it already
    if secrets.proof is Proof.DIFFERS and not all(
        seen & set(parents(leaf)) for leaf in secrets.leaves
    ):
        found.differences.append(
            Difference(secrets.leaves[0], PUBLIC_SEALED, PUBLIC_SEALED, _note(secrets))
        )
    return found


def _note(secrets: Secrets) -> str:
    others = ", ".join(secrets.leaves[1:])
    return f"{DIFFER}; this one, {others}, or several: all are sent" if others else DIFFER


def without_unread(changes: Iterable[Change], live: Tree) -> Iterator[Change]:
    """The changes of values that the read shows, if only as a mask: a patch needs a place."""
    for change in changes:
        if not change.note.startswith(DIFFER) or lookup(live, tokens(change.path)) is not NOTHING:
            yield change


def mark(body: Tree, live: Tree, rules: Rules, secrets: Secrets) -> None:
    """Put the tag into a body that makes it true or leaves it so; take out one that it may not.

    The other tags go as they are in the body, else as they were read.
    """
    name = rules.tags
    tags = body.get(name, live.get(name)) if name else None
    if not name or not isinstance(tags, list | None):
        return
    stale = secret_tags(tags)
    proved = secrets.proof is Proof.EQUAL or secrets.names <= body.keys()
    if secrets.tag is not None and proved:
        ours = [secrets.tag]
    elif stale and any(parts[0] in body for parts in rules.unread):
        ours = []
    else:
        return
    body[name] = [tag for tag in tags or [] if tag not in stale] + ours


def shown(body: Tree, rules: Rules) -> Tree:
    """A public body with its fingerprint cut short."""
    name = rules.tags
    tags = body.get(name)
    if not isinstance(tags, list):
        return body
    cut = len(SECRET_TAG_PREFIX) + len("12345678-") + _SHOWN
    short = [f"{tag[:cut]}…" if tag in secret_tags(tags) else tag for tag in tags]
    return {**body, name: short}


def secret_tags(tags: Json) -> list[str]:
    """Those of a list of tags that stand where a fingerprint is kept, damaged ones included."""
    if not isinstance(tags, list):
        return []
    return [tag for tag in tags if isinstance(tag, str) and tag.startswith(SECRET_TAG_PREFIX)]


def _covered(desired: Desired, rules: Rules) -> Iterator[tuple[str, Json]]:
    """Path and value of each declared field that no read shows, but for what is ignored.

    In the order of their paths: a fingerprint must not depend on how a manifest is ordered.
    """
    for parts in rules.unread:
        want: Json = desired.spec
        for name in parts:
            want = want.get(name) if isinstance(want, dict) else None
        if want is not None and (reach := _reach(desired, parts)) is not None:
            yield pointer(parts), _without_ignored(want, reach)


def _reach(desired: Desired, parts: Iterable[str]) -> tuple[Reach, ...] | None:
    """What of the ignore rules is left below a path; None where one ignores it."""
    reach = reaches(desired.ignore)
    for name in parts:
        reach, hit = step(reach, name)
        if hit is not None:
            return None
    return reach


def _without_ignored(want: Json, reach: tuple[Reach, ...]) -> Json:
    if not reach or not isinstance(want, dict):
        return want
    steps = {name: step(reach, name) for name in want}
    return {
        name: _without_ignored(want[name], rest)
        for name, (rest, hit) in steps.items()
        if hit is None
    }


def _leaves(path: str, value: Json) -> Iterator[str]:
    """The path of each secret in a tree."""
    if isinstance(value, Sealed):
        yield path
    elif isinstance(value, dict | list):
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for name, member in members:
            if any(True for _ in sealed_leaves(member)):
                yield from _leaves(join(path, name), member)


def not_shown(paths: Iterable[str], rules: Rules) -> bool:
    """Whether it is a fingerprint that says all this: no read shows what stands at these paths."""
    return all(
        any(tuple(tokens(path))[: len(parts)] == parts for parts in rules.unread) for path in paths
    )
