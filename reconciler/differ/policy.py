"""The built-in policy rules, as pure functions over what would be written. Semantics, section 9."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

from reconciler.differ.freeze import frozen_until
from reconciler.differ.pattern import matches_any
from reconciler.model.plan import NOTHING
from reconciler.model.policy import (
    AllowedModels,
    BreakGlass,
    Finding,
    Freeze,
    Head,
    ImagePinned,
    MaxCpu,
    MaxMemory,
    NoPublicNetwork,
    Protected,
    Scope,
    Subject,
)
from reconciler.model.tree import PUBLIC_SEALED, Json, Tree, tokens

BuiltIn: TypeAlias = (
    ImagePinned | NoPublicNetwork | MaxMemory | MaxCpu | AllowedModels | Freeze | Protected
)
"""Every rule that needs no expression."""

_DIGEST: Final = re.compile(r"[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}")
_UNKNOWN: Final = (None, "", NOTHING)


def judge(rule: BuiltIn, subjects: Sequence[Subject], now: float | None) -> Iterator[Finding]:
    """What a rule says of the agents in its scope. Without `now` no freeze window is asked."""
    head = rule.head
    meant = [subject for subject in subjects if in_scope(head.scope, subject)]
    if isinstance(rule, Freeze):
        until = None if now is None or not meant else frozen_until(rule, now)
        if until is not None:
            yield finding(head, f"frozen: nothing is written before {until:%Y-%m-%d %H:%M %Z}")
        return
    for subject in meant:
        reason = _broken(rule, subject)
        if reason:
            yield finding(head, reason, subject)


def finding(head: Head, reason: str, subject: Subject | None = None) -> Finding:
    """A broken rule in its author's words, if there are any, and then in ours."""
    text = f"{head.message} ({reason})" if head.message else reason
    address = None if subject is None else subject.address
    return Finding(head.name, head.level, text, head.place, address)


def in_scope(scope: Scope, subject: Subject) -> bool:
    """Whether a rule is for this agent."""
    named = not scope.names or matches_any(subject.address.name, scope.names)
    return named and (scope.selector is None or scope.selector.matches(subject.labels))


def allowed_by(glass: Sequence[BreakGlass], found: Finding, now: float) -> str:
    """Which break-glass a denial is allowed by, empty for none."""
    for one in glass:
        if found.rule in one.allow and now < one.expires:
            return f"{one.reason} (until {one.expires_text}, {one.place})"
    return ""


def _broken(
    rule: ImagePinned | NoPublicNetwork | MaxMemory | MaxCpu | AllowedModels | Protected,
    subject: Subject,
) -> str:
    """In what way this agent breaks a rule, empty where it does not."""
    if isinstance(rule, Protected):
        words = {"update": "updated", "delete": "deleted"}
        done = words.get(subject.action, "")
        return done and f"protected, and would be {done}"
    if subject.action == "delete":
        return ""
    facts = subject.facts
    match rule:
        case ImagePinned():
            return _unpinned(effective(subject, facts.image))
        case NoPublicNetwork():
            return _public(subject)
        case MaxMemory(_, limit):
            return _above(effective(subject, facts.memory_mb), limit, "MB of memory")
        case MaxCpu(_, limit):
            return _above(effective(subject, facts.cpu), limit, "cores")
        case AllowedModels():
            return _models(rule, subject)


def effective(subject: Subject, path: str) -> Json:
    """The value that the agent has after the write: declared, else live; `NOTHING` for none."""
    if not path:
        return NOTHING
    declared = _at(subject.wanted, path)
    return _at(subject.live, path) if declared is NOTHING else declared


def _at(tree: Tree, path: str) -> Any:
    value: Any = tree
    for token in tokens(path):
        if not isinstance(value, dict) or token not in value:
            return NOTHING
        value = value[token]
    return value


def _unpinned(image: Json) -> str:
    if image in _UNKNOWN:
        return ""  # code without a container, or nothing that says which
    if not isinstance(image, str) or image == PUBLIC_SEALED:
        return "the image is sealed, so nobody can tell"
    name, at, digest = image.partition("@")
    if at:
        return "" if _DIGEST.fullmatch(digest) else f"{image} has no valid digest"
    tag = name.rpartition("/")[2].partition(":")[2]
    if not tag:
        return f"{image} has no tag, which means latest"
    return f"{image} is not pinned" if tag.lower() == "latest" else ""


def _public(subject: Subject) -> str:
    if not subject.facts.network:
        return ""
    mode = effective(subject, subject.facts.network)
    if mode in subject.facts.private:
        return ""
    where = subject.facts.network.rpartition("/")[2]
    if mode in _UNKNOWN:
        return f"{where} is not set, so the cloud chooses it"
    return f"{where} is {mode}"


def _above(value: Json, limit: float, unit: str) -> str:
    if value in _UNKNOWN:
        return ""
    if not isinstance(value, int | float):
        return f"{value} is no number of {unit}"
    return f"{value:g} {unit}, more than {limit:g}" if value > limit else ""


def _models(rule: AllowedModels, subject: Subject) -> str:
    found = (effective(subject, path) for path in subject.facts.models)
    names = dict.fromkeys(str(one) for one in found if one not in _UNKNOWN)
    refused = [name for name in names if not matches_any(name, rule.models)]
    return f"not allowed: {', '.join(refused)}" if refused else ""
