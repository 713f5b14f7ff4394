"""What goes on record just before a write: enough to look after it, and to take it back later."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reconciler.applier.job import Job, change_digest, digest
from reconciler.differ.binding import bind
from reconciler.differ.decide import Decision
from reconciler.differ.preimage import pre_image
from reconciler.differ.values import sealed_leaves
from reconciler.model.fingerprint import Fingerprinter
from reconciler.model.live import Live
from reconciler.model.manifest import Desired
from reconciler.model.plan import Create, Update
from reconciler.model.rules import Rules, Trait
from reconciler.model.sealed import Sealed
from reconciler.model.tree import Json, Tree, join


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent last, and when (monotonic); `before` is the pre-image, None for a creation."""

    at: float
    plan: Create | Update
    body: Tree
    paths: frozenset[str]
    before: Live | None


def intent(
    job: Job, decision: Decision, before: Live | None, fingerprinter: Fingerprinter | None
) -> Tree:
    """The members of `write-intended` and `rollback-intended`; the schema of a line names each.

    Without secrets: former and new values that may not be shown are named and left out.
    """
    plan, body = decision.plan, decision.body
    assert isinstance(plan, Create | Update)  # noqa: S101 - the only plans with a body
    assert body is not None  # noqa: S101
    event: Tree = {
        "operation": "create" if before is None else "update",
        "id": None if before is None else before.id,
        "stamp": None if before is None else before.stamp,
        "digest": digest(plan, body, fingerprinter),
        "manifest": bind(job.desired, job.rules, (), ()).manifest,
        "where": where(job.desired, job.rules),
        "files": files_of(job.desired),
        "paths": [change.path for change in plan.changes],
        "fields": list(body),
        "secrets": list(_secrets(job.desired.spec)),
        "bodyBytes": len(json.dumps(plan.body, ensure_ascii=False).encode("utf-8", "replace")),
    }
    if before is None:
        return event
    proved = plan.about.proved
    image = pre_image(plan.changes, decision.touched, body, before, job.rules, proved)
    return event | {
        "before": image.before,
        "hidden": image.hidden,
        "unset": image.unset,
        "after": image.after,
        "sealed": image.sealed,
        "supplied": image.supplied,
        "references": image.references,
    }


def names(
    plan: Create | Update, body: Tree, left: Sequence[str], fingerprinter: Fingerprinter | None
) -> Tree:
    """By what a later run knows that this was sent, and which changes were `left` after it."""
    alone = {
        change.path: name
        for change in plan.changes
        if change.path in left and (name := change_digest(change))
    }
    return {"digest": digest(plan, body, fingerprinter), "changes": alone}


def where(desired: Desired, rules: Rules) -> Tree:
    """What a manifest declares of where its agent is found: no update can change it."""
    fixed = (name for name, rule in rules.root.members.items() if rule.has(Trait.IMMUTABLE))
    found = {name: desired.spec.get(name) for name in (*rules.parameters, *fixed)}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _secrets(value: Json, path: str = "") -> Iterator[str]:
    """Where a secret is declared; of one inside a list, where the list is: elements move."""
    if isinstance(value, Sealed):
        yield path
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _secrets(member, join(path, name))
    elif isinstance(value, list) and any(True for _ in sealed_leaves(value)):
        yield path


def files_of(desired: Desired) -> Sequence[str]:
    """The files that say what this agent shall be, its own first."""
    others = sorted({place.file for place in desired.places.values()})
    return list(dict.fromkeys([desired.place.file, *others]))
