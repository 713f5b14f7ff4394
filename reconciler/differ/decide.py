"""One agent's plan, out of what is wanted and what one read showed. Semantics, sections 6 and 7."""

from typing import NamedTuple, assert_never

from reconciler.differ.binding import touched
from reconciler.differ.body import (
    Body,
    create_body,
    secret_fields,
    unverified_body,
    update_body,
)
from reconciler.differ.compare import Comparison, Difference, compare, look, user_tags
from reconciler.differ.defaults import creation_note, kept_note, with_defaults
from reconciler.differ.fingerprint import (
    mark,
    secrets_of,
    shown,
    with_secrets,
    without_unread,
)
from reconciler.differ.ignore import set_aside, without_ignored
from reconciler.differ.limits import limit_of
from reconciler.differ.options import Options
from reconciler.differ.partial import (
    NEEDS_COMPLETE,
    NEEDS_WORD,
    WRITTEN_UNSEEN,
    unseen,
    visible,
)
from reconciler.differ.patch import patch
from reconciler.differ.public import hidden, public
from reconciler.differ.quick import all_surely_equal
from reconciler.differ.unchanged import unchanged_fields
from reconciler.differ.values import ANY_FIELD, is_unset, unsendable
from reconciler.model.binding import Touched
from reconciler.model.ignore import Ignored
from reconciler.model.live import Absent, Ambiguous, Found, Health, Live, Unread
from reconciler.model.manifest import Desired
from reconciler.model.plan import (
    NOTHING,
    About,
    AgentPlan,
    Blocked,
    Change,
    Create,
    InSync,
    Unhealthy,
    Unreadable,
    Update,
)
from reconciler.model.rules import Field, Rules, Trait, names_secret
from reconciler.model.sealed import Sealed
from reconciler.model.tree import PUBLIC_SEALED, Json, Tree, join, tokens

_DEFAULT = Options()

NO_RESTART = "this cloud has no restart: nothing is sent to an agent that is as it shall be"


class Decision(NamedTuple):
    """A plan that may be shown, and the body that would be sent (None: nothing is).

    The body holds secrets as `Sealed` leaves and never leaves the process but on the wire.
    `paths` are the differences that sending it is to end, `touched` the live side of each, which
    may hold secrets as the body may.
    """

    plan: AgentPlan
    body: Tree | None = None
    paths: frozenset[str] = frozenset()
    touched: tuple[Touched, ...] = ()


def decide(desired: Desired, found: Found, rules: Rules, options: Options = _DEFAULT) -> Decision:
    """Exactly one of the plan's entries for this agent, by the read that `found` is."""
    match found:
        case Live() if options.restart and not rules.restarts:
            about = _about(desired, found, ())
            return Decision(Blocked(about, NO_RESTART))
        case Live():
            if _as_it_shall_be(desired, found, rules, options):
                unmanaged = _not_managed(desired, found, rules) if options.unmanaged else ()
                return Decision(InSync(_about(desired, found, unmanaged)))
            return _decide_live(desired, found, rules, options)
        case Absent() if options.restart:
            gone = "it does not exist, so there is nothing to restart"
            return Decision(Blocked(About(desired.address, desired.place), gone))
        case Absent():
            return _decide_absent(desired, rules, options)
        case Ambiguous(ids):
            reason = f"ambiguous: {len(ids)} agents have this name ({', '.join(ids)})"
            return Decision(Blocked(About(desired.address, desired.place), reason))
        case Unread(reason, cause):
            about = About(desired.address, desired.place)
            return Decision(Unreadable(about, reason, cause))
        case _:
            assert_never(found)


def _decide_absent(desired: Desired, rules: Rules, options: Options) -> Decision:
    about = About(desired.address, desired.place)
    if rules.cannot_create is not None:
        return Decision(Blocked(about, f"does not exist, and {rules.cannot_create}"))
    body = create_body(with_defaults(desired), rules)
    changes = tuple(
        Change(
            join("", name),
            NOTHING,
            public(value, rules.secret_names),
            desired.place_of(f"/{name}"),
            creation_note(desired, name),
            limit_of(rules, join("", name)),
        )
        for name, value in body.tree.items()
    )
    if body.blocked:
        return Decision(Blocked(about, f"does not exist; {'; '.join(body.blocked)}", changes))
    if unsendable(body.tree):
        reason = "does not exist; the manifest holds half of a surrogate pair"
        return Decision(Blocked(about, reason, changes))
    mark(body.tree, {}, rules, secrets_of(desired, {}, rules, options.fingerprinter))
    told = shown(public(body.tree, rules.secret_names), rules)
    return Decision(Create(about, changes, patch(changes, {}), told), body.tree)


def _as_it_shall_be(desired: Desired, live: Live, rules: Rules, options: Options) -> bool:
    """Whether one cheap look settles it: all that is declared is there, and nothing else asks."""
    return (
        live.health is not Health.FAILED
        and not (options.resend_secrets or options.restart or live.partial or desired.ignore)
        and all_surely_equal(desired.spec, live.tree, rules)
    )


def _decide_live(desired: Desired, live: Live, rules: Rules, options: Options) -> Decision:
    declared, aside = desired, set_aside(desired, live.tree, rules)
    desired = aside.desired
    secrets = secrets_of(desired, live.tree, rules, options.fingerprinter)
    not_managed = _not_managed(declared, live, rules)
    if live.partial:
        left_out = unseen(desired.spec, live.tree, rules)
        about = _about(declared, live, not_managed, left_out, aside.ignored, secrets.equal)
        return _decide_partial(declared, desired, live, rules, options, about)
    comparison = with_secrets(look(desired.spec, live.tree, rules), secrets)
    changes = _changes(desired, comparison.differences, rules, options)
    about = _about(
        declared,
        live,
        not_managed,
        tuple(comparison.unobservable),
        aside.ignored,
        secrets.equal,
        unchanged_fields(desired.spec, rules, comparison) if changes else 0,
    )
    if comparison.blocked:
        return Decision(Blocked(about, "; ".join(comparison.blocked), changes))
    names = comparison.top | secrets.different
    extra: tuple[Change, ...] = ()
    if options.resend_secrets and (resent := secret_fields(desired, rules) - names):
        names |= resent
        extra = tuple(
            Change(
                f"/{name}",
                PUBLIC_SEALED,
                PUBLIC_SEALED,
                desired.place_of(f"/{name}"),
                "holds a secret, sent again (--resend-secrets)",
            )
            for name in sorted(resent)
        )
    retry = options.restart or (options.retry_failed and live.health is Health.FAILED)
    if not names and not retry:
        if live.health is Health.FAILED:
            return Decision(Unhealthy(about, live.status, live.status_reason))
        return Decision(InSync(about))
    body = update_body(desired, live.tree, rules, names)
    mark(body.tree, live.tree, rules, secrets)
    return _update(about, changes, extra, body, comparison, live, rules)


def decide_on(desired: Desired, live: Live, rules: Rules, body: Tree) -> Decision:
    """The decision to send this body to bring about `desired`, where that was settled elsewhere."""
    comparison = compare(desired.spec, live.tree, rules)
    changes = _changes(desired, comparison.differences, rules, _DEFAULT)
    about = _about(desired, live, ())
    return _update(about, changes, (), Body(body), comparison, live, rules)


def _update(
    about: About,
    changes: tuple[Change, ...],
    extra: tuple[Change, ...],
    body: Body,
    comparison: Comparison,
    live: Live,
    rules: Rules,
) -> Decision:
    blocked = list(body.blocked)
    if not blocked and unsendable(body.tree):
        blocked.append("it holds half of a surrogate pair, which no request can carry")
    if blocked:
        return Decision(Blocked(about, "; ".join(blocked), changes))
    update = Update(
        about=about,
        changes=changes + extra,
        patch=() if live.partial else patch(without_unread(changes, live.tree), live.tree),
        body=shown(public(body.tree, rules.secret_names), rules),
        restarts=rules.restarts,
        restart_reason=rules.restart_reason,
    )
    before = touched(comparison.differences, live.tree, rules)
    return Decision(update, body.tree, frozenset(comparison.paths), before)


def _decide_partial(
    declared: Desired, desired: Desired, live: Live, rules: Rules, options: Options, about: About
) -> Decision:
    """A read that leaves out what the agent is known to hold; what it shows is compared.

    There is no live value to keep of what is ignored, so what is `declared` is written.
    """
    shown = compare(visible(desired.spec, live.tree), live.tree, rules)
    changes = _changes(desired, shown.differences, rules, options)
    if not (desired.complete and options.write_unverifiable):
        reason = NEEDS_WORD if desired.complete else NEEDS_COMPLETE
        return Decision(Blocked(about, reason, changes))
    body = unverified_body(declared, rules)
    changes += tuple(
        Change(f"/{name}", NOTHING, value, desired.place_of(f"/{name}"), WRITTEN_UNSEEN)
        for name, value in public(body.tree, rules.secret_names).items()
    )
    decision = _update(about, changes, (), body, Comparison(), live, rules)
    return decision._replace(touched=touched(shown.differences, live.tree, rules))


def _about(
    desired: Desired,
    live: Live,
    not_managed: tuple[str, ...],
    unobservable: tuple[tuple[str, str], ...] = (),
    ignored: tuple[Ignored, ...] = (),
    proved: tuple[str, ...] = (),
    unchanged: int = 0,
) -> About:
    """What is said of an agent that was read. It is made for every agent: once, in one go."""
    notes, defaults = live.hints, desired.create_defaults
    if live.health is Health.BUSY:
        notes += (f"busy now: {live.status}",)
    elif live.health is Health.UNKNOWN:
        notes += (f"status {live.status or '(none)'} is not known to this version",)
    asides = (kept,) if defaults is not None and (kept := kept_note(desired)) else ()
    return About(
        address=desired.address,
        place=desired.place,
        id=live.id,
        status=live.status,
        unobservable=unobservable,
        not_managed=not_managed,
        notes=notes,
        asides=asides,
        ignored=ignored,
        proved=proved,
        unchanged=unchanged,
    )


def _not_managed(desired: Desired, live: Live, rules: Rules) -> tuple[str, ...]:
    """Live fields that are set, could be declared and are not; one level into `WHOLE` objects."""
    found: list[str] = []
    members, not_ours, spec = rules.root.members, rules.not_ours, desired.spec
    for name, value in without_ignored(live.tree, desired, rules).items():
        if name in not_ours:
            continue
        rule = members.get(name, ANY_FIELD)
        if name not in spec:
            if not is_unset(rule, user_tags(value) if name == rules.tags else value):
                found.append(join("", name))
        elif rule.open and isinstance(value, dict) and isinstance(want := spec[name], dict):
            found += [
                join(join("", name), key)
                for key, inner in value.items()
                if key not in want and _could_be_declared(rule.members.get(key, ANY_FIELD), inner)
            ]
    return tuple(found)


def _could_be_declared(rule: Field, value: Json) -> bool:
    """Whether a member of an object is set, and not by the cloud alone."""
    return not (rule.has(Trait.SERVER) or is_unset(rule, value))


def _changes(
    desired: Desired, differences: list[Difference], rules: Rules, options: Options
) -> tuple[Change, ...]:
    return tuple(_change(desired, d, rules, options) for d in differences)


def _change(desired: Desired, difference: Difference, rules: Rules, options: Options) -> Change:
    before = public(difference.before, rules.secret_names)
    if before is not NOTHING:
        if isinstance(difference.after, Sealed):
            before = PUBLIC_SEALED
        elif difference.hidden and not options.show_live_values:
            before = hidden(before)
        elif names_secret(tokens(difference.path)[-1], rules.secret_names):
            before = PUBLIC_SEALED
    after = public(difference.after, rules.secret_names)
    place = desired.place_of(difference.path)
    limit = limit_of(rules, difference.path)
    return Change(difference.path, before, after, place, difference.note, limit)
