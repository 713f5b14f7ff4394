"""Saved plans: what binds one when it is made, and holding it against today when it is applied.

Semantics, sections 6 and 8. What is carried out is always planned anew; a saved plan only takes
away from it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from reconciler.cli.fingerprint import VARIABLE as FINGERPRINT_KEY
from reconciler.cli.options import Request
from reconciler.cli.reading import Entry, Reading, judged, weighed
from reconciler.cli.setup import Setup
from reconciler.cli.world import World
from reconciler.differ.binding import bind, key_of, keyed, secrets_in
from reconciler.differ.canonical import digest, normal
from reconciler.differ.hold import STALE, hold
from reconciler.differ.moved import told
from reconciler.differ.options import Options
from reconciler.differ.public import public
from reconciler.differ.values import lookup
from reconciler.loader.ignore import IgnoreRule
from reconciler.loader.saved import read_saved
from reconciler.model.binding import AgentBinding, Binding, Bound, Reviewed, SavedPlan
from reconciler.model.errors import GuardError, InputError
from reconciler.model.fingerprint import MIN_KEY_CHARACTERS, Fingerprinter
from reconciler.model.manifest import Desired
from reconciler.model.plan import NOTHING, InSync
from reconciler.model.rehearsal import Rehearsal
from reconciler.model.rules import Rules
from reconciler.model.sealed import Sealed
from reconciler.model.tree import Json, tokens
from reconciler.report.binding import saved_text
from reconciler.report.count import counted
from reconciler.report.json import plan_document
from reconciler.report.plain import plain

PLAN_KEY: Final = "RECONCILE_PLAN_KEY"
SAVED_STALE: Final = f"the saved plan is {STALE}"
_TOLD: Final = 50
"""So many reasons are printed; the others are counted."""


def plan_key(world: World) -> Fingerprinter | None:
    """The key that signs saved plans, None where none is set. Raises InputError for a short one."""
    given = world.environ.get(PLAN_KEY, "")
    if not given:
        return None
    try:
        return Fingerprinter(Sealed(given.strip(), f"env:{PLAN_KEY}"))
    except ValueError:
        text = (
            f"{PLAN_KEY} is shorter than {MIN_KEY_CHARACTERS} characters: whoever sees a signature "
            "could guess it; set a random one, for example from `openssl rand -hex 32`"
        )
        raise InputError(text) from None


def _keys(world: World, options: Options) -> tuple[Fingerprinter, ...]:
    """The keys under which secrets enter a plan, the first one first."""
    return tuple(key for key in (options.fingerprinter, plan_key(world)) if key is not None)


def saved_plan(
    world: World,
    request: Request,
    setup: Setup,
    options: Options,
    read: Reading,
    rehearsal: Rehearsal | None = None,
) -> str:
    """The plan as the JSON document that `apply --plan` takes, with its rehearsal if there is one."""
    keys = _keys(world, options)
    agents = tuple(
        bind(entry.desired, entry.rules, entry.decision.touched, keys) for entry in read.entries
    )
    binding = Binding(
        accounts=_accounts(setup, read),
        options=_options(request, options),
        ignore=_ignore_digest(setup.loaded.ignore),
        policy=_policy_digest(setup),
        fingerprint_key=_fingerprint_key(options, agents),
        agents=agents,
    )
    document = plan_document(read.plan)
    if rehearsal is not None:
        from reconciler.report.rehearsal_document import rehearsal_document

        document["rehearsal"] = rehearsal_document(rehearsal)
    return saved_text(document, binding, plan_key(world))


def _accounts(setup: Setup, read: Reading) -> dict[str, Mapping[str, str]]:
    """Where was read, by the title of the cloud; a cloud that could not be reached is left out."""
    return {
        setup.catalogue.owner(entry.desired.address)[0].title: entry.session.scope
        for entry in read.entries
        if entry.session is not None
    }


def _options(request: Request, options: Options) -> dict[str, Json]:
    """What decides beside the manifests, by the option that says it."""
    return {
        "--resend-secrets": options.resend_secrets,
        "--retry-failed": options.retry_failed,
        "--write-unverifiable": options.write_unverifiable,
        "--selector": request.selector or "",
        "--name": sorted(set(request.names)),
    }


def _fingerprint_key(options: Options, agents: Sequence[AgentBinding]) -> str:
    """The id of the key that secrets are compared with, where there are any."""
    key = options.fingerprinter
    return key.key_id if key is not None and any(agent.secrets for agent in agents) else ""


def _ignore_digest(rules: Sequence[IgnoreRule]) -> str:
    return digest(
        [[one.rule.path, one.rule.reason, one.kind, one.names, _who(one)] for one in rules]
    )


def _who(rule: IgnoreRule) -> Json:
    if rule.selector is None:
        return None
    return [[one.key, one.check, sorted(one.values)] for one in rule.selector.requirements]


def _policy_digest(setup: Setup) -> str:
    return digest(normal(list(setup.target.policy.written)))


@dataclass(frozen=True, slots=True)
class Review:
    """A saved plan that is to be carried out, as it was read; `name` is its file for messages."""

    name: str
    saved: SavedPlan
    keys: tuple[Fingerprinter, ...]

    def bound(self, entry: Entry) -> Bound:
        """What was reviewed of this agent."""
        return Bound(self.saved.agents[entry.desired.address], self.keys)


def review_of(world: World, file: Path, options: Options) -> Review:
    """Read a saved plan. Raises InputError and GuardError, see `read_saved`."""
    saved = read_saved(file, plan_key(world))
    return Review(plain(str(file)), saved, _keys(world, options))


def check_review(
    world: World,
    request: Request,
    setup: Setup,
    options: Options,
    desired: Sequence[Desired],
    review: Review,
) -> None:
    """Hold everything but the live state against what was reviewed, and say what is not checked.

    Raises GuardError with all that moved.
    """
    moved = list(_moved_around(request, setup, options, review.saved))
    rules = [setup.catalogue.owner(one.address)[1].rules for one in desired]
    if not moved:
        moved = list(_moved_manifests(desired, rules, review))
    if moved:
        raise GuardError(stale_text(review, moved))
    for note in _unchecked(world, review):
        request.text(world).line(f"Note: {note}")


def stale_text(review: Review, moved: Sequence[str]) -> str:
    """Why a saved plan is refused, each reason on a line of its own."""
    more = len(moved) - _TOLD
    lines = [f"  {plain(line)}" for line in moved[:_TOLD]]
    lines += [f"  and {more} more"] if more > 0 else []
    head = f"{review.name} is {STALE}; nothing was written"
    return "\n".join([head, *lines, "make a new plan, and have it reviewed"])


def _moved_around(
    request: Request, setup: Setup, options: Options, saved: SavedPlan
) -> Iterator[str]:
    binding, name = saved.binding, setup.target.name
    if saved.target != name:
        yield f"target: it is a plan for {saved.target}, this is {name} (--target {saved.target})"
        return
    now = _options(request, options)
    for option in {**binding.options, **now}:
        before, given = binding.options.get(option), now.get(option)
        if before != given:
            yield f"{option}: {_given(before)} when the plan was made, {_given(given)} now"
    if binding.policy != _policy_digest(setup):
        yield "policy: the rules of reconcile.yaml are others than when the plan was made"
    if binding.ignore != _ignore_digest(setup.loaded.ignore):
        yield "ignore: the rules of reconcile.yaml are others than when the plan was made"
    key = options.fingerprinter
    if binding.fingerprint_key and binding.fingerprint_key != (key.key_id if key else ""):
        here = f"is another one here ({key.key_id})" if key else "is not set here"
        yield (
            f"{FINGERPRINT_KEY}: secrets were compared with the key {binding.fingerprint_key}; "
            f"it {here}"
        )


def _given(value: Json) -> str:
    if value in (None, False, "", []):
        return "not given"
    if value is True:
        return "given"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _moved_manifests(
    desired: Sequence[Desired], rules: Sequence[Rules], review: Review
) -> Iterator[str]:
    reviewed, here = review.saved.agents, {one.address for one in desired}
    for address in reviewed:
        if address not in here:
            yield f"{address}: in the reviewed plan, and no longer in these manifests"
    for one, rule in zip(desired, rules, strict=True):
        if one.address not in reviewed:
            yield f"{one.address}: not in the reviewed plan ({one.place})"
        else:
            yield from _moved_manifest(one, rule, reviewed[one.address], review.keys)


def _moved_manifest(
    desired: Desired, rules: Rules, reviewed: Reviewed, keys: Sequence[Fingerprinter]
) -> Iterator[str]:
    before, now = reviewed.binding, bind(desired, rules, (), ())
    if before.manifest != now.manifest:
        fields = [n for n in {**before.fields, **now.fields} if _other(n, before, now)]
        for name in fields or [""]:
            yield from _moved_field(desired, rules, reviewed, name)
        return
    digests = {fact.path: fact.digest for fact in before.secrets}
    for path, secret in secrets_in(desired, rules):
        fact = digests.get(path, "")
        key = key_of(fact, keys) if fact else None
        if key is not None and keyed(desired, path, secret, key) != fact:
            yield f"{desired.address} {path}: (sealed) changed ({desired.place_of(path)})"


def _other(name: str, before: AgentBinding, now: AgentBinding) -> bool:
    return before.fields.get(name) != now.fields.get(name)


def _moved_field(desired: Desired, rules: Rules, reviewed: Reviewed, name: str) -> Iterator[str]:
    """What a part of a manifest says now, beside what the reviewed plan shows of it."""
    path = name.removeprefix("/spec")
    place = desired.place_of(path) if path != name else desired.place
    spec: dict[str, Any] = public(desired.spec, rules.secret_names)
    shown = {
        inner: change.get("to", NOTHING)
        for inner, change in reviewed.changes.items()
        if path != name and (inner == path or inner.startswith(f"{path}/"))
    }
    lines = []
    for inner, wanted in shown.items():
        now = lookup(spec, tokens(inner))
        if now is NOTHING or normal(now) != wanted:
            lines.append(
                f"{desired.address} {inner}: its manifest said {told(wanted)}, and says "
                f"{told(now)} now ({desired.place_of(inner)})"
            )
    yield from lines or [f"{desired.address} {name}: its manifest was changed ({place})"]


def _unchecked(world: World, review: Review) -> Iterator[str]:
    """What could not be held against the reviewed plan."""
    saved, keys = review.saved, {key.key_id for key in review.keys}
    if saved.signer and plan_key(world) is None:
        yield f"{review.name} is signed, and {PLAN_KEY} is not set here: not checked"
    facts = [fact for agent in saved.binding.agents for fact in (*agent.secrets, *agent.live)]
    free = sum(not fact.digest for fact in facts)
    if free:
        yield (
            f"{counted(free, 'secret or hidden value')} in {review.name} "
            f"{'is' if free == 1 else 'are'} not bound: neither {FINGERPRINT_KEY} nor {PLAN_KEY} "
            "was set when the plan was made, or the secret had no value there"
        )
    hidden = sum(
        fact.digest.startswith("hmac") and key_of(fact.digest, review.keys) is None
        for fact in facts
    )
    if hidden:
        yield (
            f"{counted(hidden, 'secret or hidden value')} in {review.name} cannot be checked: "
            f"the key that bound {'it' if hidden == 1 else 'them'} is not here "
            f"({', '.join(sorted(keys)) or 'none is set'})"
        )


def hold_reading(
    world: World, setup: Setup, read: Reading, options: Options, review: Review
) -> tuple[Reading, str]:
    """The reading with no more in it than was reviewed, and why all of it is refused, if it is."""
    moved = list(moved_accounts(_accounts(setup, read), review.saved.binding.accounts))
    entries = []
    for entry in read.entries:
        held, told_of = _hold(entry, options, review.bound(entry))
        moved += (f"{entry.desired.address} {line}" for line in told_of)
        entries.append(held)
    plan = replace(read.plan, agents=tuple(entry.decision.plan for entry in entries))
    plan = weighed(setup, judged(world, setup, plan, entries), entries)
    return replace(read, plan=plan, entries=tuple(entries)), stale_text(
        review, moved
    ) if moved else ""


def moved_accounts(
    now: Mapping[str, Mapping[str, str]], before: Mapping[str, Mapping[str, str]]
) -> Iterator[str]:
    """Which part of which cloud is another than it was, among those that both sides know."""
    for title, scope in now.items():
        for part, text in before.get(title, {}).items():
            if part in scope and scope[part] != text:
                yield (
                    f"{title}, {part}: {text or '(default)'} when the plan was made, "
                    f"{scope[part] or '(default)'} now"
                )


def _hold(entry: Entry, options: Options, bound: Bound) -> tuple[Entry, tuple[str, ...]]:
    if bound.reviewed.action == "in-sync" and isinstance(entry.decision.plan, InSync):
        return entry, ()
    held = hold(entry.desired, entry.found, entry.rules, options, bound)
    agent = held.decision.plan
    if held.notes:
        notes = (*agent.about.notes, *held.notes)
        agent = replace(agent, about=agent.about._replace(notes=notes, left_alone=held.left))
    decision = held.decision._replace(plan=agent)
    return replace(entry, desired=held.desired, decision=decision), held.moved
