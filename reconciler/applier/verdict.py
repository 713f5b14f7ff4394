"""What it comes to, and how it is told: results, causes and sentences. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from reconciler.applier.follow import End, Followed
from reconciler.applier.job import Job, Run, change_digest, digest, key
from reconciler.applier.quarantine import quarantined
from reconciler.differ.decide import Decision
from reconciler.differ.fingerprint import TAG_NOT_KEPT, not_shown
from reconciler.differ.values import lookup, sealed_leaves
from reconciler.model.errors import AccessDenied, AlreadyExists, CloudError, Locked, Throttled
from reconciler.model.fingerprint import Fingerprinter
from reconciler.model.manifest import Address, Desired
from reconciler.model.outcome import Cause, Result
from reconciler.model.plan import (
    NOTHING,
    Blocked,
    Create,
    Delete,
    InSync,
    Unhealthy,
    Unreadable,
    Update,
)
from reconciler.model.rules import Rules
from reconciler.model.tree import Tree, tokens
from reconciler.ports import History

_SEEN_BACK = (End.BACK, End.FAILED, End.NOT_KEPT)
OTHER_SECRETS: Final = (
    "; that its secrets are no longer those of then can be told with RECONCILE_FINGERPRINT_KEY only"
)


@dataclass(frozen=True, slots=True)
class Ending:
    """How an agent ended. `final`: another read would not change it.

    `not_kept` are the paths of values that the cloud did not keep, in this run or an earlier one.
    """

    result: Result
    reason: str = ""
    cause: Cause = Cause.NONE
    final: bool = True
    not_kept: tuple[str, ...] = ()


def without_write(decision: Decision, job: Job, run: Run) -> Ending | None:
    """How it ends where nothing is to be sent; None where something is."""
    match decision.plan:
        case InSync():
            return Ending(Result.UNCHANGED)
        case Unhealthy(_, status, reason):
            text = f"equals its manifest and is {status}" + (f": {reason}" if reason else "")
            advice = "--retry-failed sends the same state once more"
            return Ending(Result.FAILED, f"{text}; {advice}", Cause.AGENT_FAILED)
        case Blocked(_, reason):
            return Ending(Result.BLOCKED, reason, Cause.GUARD)
        case Unreadable(_, reason, cause):
            return Ending(Result.FAILED, reason, cause)
        case Delete():
            return Ending(Result.BLOCKED, "deleting is not supported yet", Cause.GUARD)
        case Create() | Update() as plan:
            if reason := quarantined(job.desired, job.rules, plan, run.history):
                return Ending(Result.BLOCKED, reason, Cause.GUARD)
            return not_kept_before(
                plan, decision.body or {}, run.history, run.options.fingerprinter
            )
        case _:
            assert_never(decision.plan)


def not_kept_before(
    plan: Create | Update, body: Tree, history: History, fingerprinter: Fingerprinter | None
) -> Ending | None:
    """Blocked where this write, or each of its changes, was sent before and not kept.

    What went with it then and was kept is no reason to restart the agent once more.
    """
    earlier = history.not_kept.get(key(plan.about.address), {})
    paths = earlier.get(digest(plan, body, fingerprinter))
    if paths is None:
        alone = [earlier.get(change_digest(change), ()) for change in plan.changes]
        if not alone or not all(alone):
            return None
        paths = tuple(path for one in alone for path in one)
    alike = fingerprinter is None and any(True for _ in sealed_leaves(body))
    return Ending(
        Result.BLOCKED,
        f"an earlier run sent this and the cloud did not keep {', '.join(paths)}; "
        "change the manifest, leave the field out, or ignore it" + (OTHER_SECRETS if alike else ""),
        Cause.GUARD,
        not_kept=paths,
    )


def rejected(error: CloudError) -> Ending:
    """What a write that certainly had no effect ends as."""
    match error:
        case Locked():
            return Ending(Result.BLOCKED, str(error), Cause.GUARD)
        case AccessDenied():
            return Ending(Result.FAILED, str(error), Cause.CREDENTIALS, final=False)
        case Throttled():
            return Ending(Result.FAILED, str(error), Cause.CLOUD)
        case _:
            about_body = error.code == "ERR_VALIDATION_FAILED"
            return Ending(Result.FAILED, str(error), Cause.CLOUD, final=about_body)


def count_words(plan: Create | Update) -> str:
    """What is being written, for whoever watches."""
    number = len(plan.changes)
    return f"{number} change{'' if number == 1 else 's'}" if number else "the same state again"


def replanned_note(error: CloudError) -> str:
    """Why an agent is read and planned once more after a refusal."""
    if isinstance(error, AlreadyExists):
        return f"it had been created meanwhile: read and planned again ({error})"
    return f"refused while it was busy: waited for and planned again ({error})"


def shown_note(error: CloudError) -> str:
    """That a write without an answer happened all the same."""
    return f"the reply to the write was lost ({error}); reads show its effect"


def written_twice_note(error: CloudError, rules: Rules, seconds: float, *, creating: bool) -> str:
    """What a second write can have cost."""
    told = (
        f"written twice: the first write had no answer ({error}) and no effect within {seconds:g} s"
    )
    if rules.restarts and not creating:
        return f"{told}; if it took effect later after all, it cost one extra restart"
    return told


def judge(
    followed: Followed, desired: Desired, rules: Rules, limit: float, *, new: bool, answered: bool
) -> Ending:
    """What following a write to its end means. `limit` is the timeout in seconds.

    Only of a write that was `answered` with success can it be said that a value was not kept.
    """
    if followed.others.gone:
        reason = gone_reason(desired.address, followed.others.gone)
        return Ending(Result.NOT_KEPT, reason, Cause.CLOUD)
    match followed.end:
        case End.BACK:
            return Ending(Result.CREATED if new else Result.CHANGED)
        case End.NOT_KEPT if not answered:
            return Ending(Result.UNKNOWN, half_shown_reason(desired, followed.left), Cause.CLOUD)
        case End.NOT_KEPT:
            reason = not_kept_reason(desired, followed.left, rules)
            return Ending(Result.NOT_KEPT, reason, Cause.CLOUD, not_kept=tuple(followed.left))
        case End.FAILED:
            return Ending(Result.FAILED, f"ended {followed.reason}", Cause.AGENT_FAILED)
        case End.GONE:
            return Ending(Result.FAILED, followed.reason, Cause.CLOUD)
        case End.UNWATCHED:
            return Ending(Result.WRITTEN, not_waited_reason(rules))
        case End.TIME:
            reason = f"not back after {limit:g} s: {followed.reason}"
            return Ending(Result.TIMED_OUT, reason, Cause.TIME)


def judge_unseen(followed: Followed, error: CloudError) -> Ending:
    """The same of a write whose reply was lost and whose effect no read can show."""
    reason = f"no read can show what was written, and the reply was lost: {error}"
    match followed.end:
        case End.FAILED:
            return Ending(Result.FAILED, f"ended {followed.reason}", Cause.AGENT_FAILED)
        case End.TIME:
            return Ending(Result.TIMED_OUT, f"{followed.reason}; {reason}", Cause.TIME)
        case _:
            return Ending(Result.UNKNOWN, reason, Cause.CLOUD)


def broken_off(*, answered: bool, restarts: bool) -> Ending:
    """What a write that a stop left under way ends as."""
    if not answered:
        reason = "a write was under way and had no answer yet"
        reason += ": it may be restarting" if restarts else ""
    elif restarts:
        reason = "written, and not waited for: it may still be restarting"
    else:
        reason = "written, and not checked"
    text = f"{reason}; the next run looks after it"
    return Ending(Result.INTERRUPTED, text, Cause.INTERRUPTED)


def ended(ending: Ending, followed: Followed | None, seconds: float, restarts: int) -> Tree:
    """What the record says of the end of a write that took so long and caused so many restarts."""
    details: Tree = {"result": str(ending.result), "reason": ending.reason}
    details |= {"seconds": round(seconds, 3), "restarts": restarts}
    if followed is not None:
        details |= {"paths": list(followed.left)} | followed.restart_seconds
        if followed.live is not None and followed.end in _SEEN_BACK:
            details["stamp"] = followed.live.stamp
    return details


def restarts_caused(followed: Followed, writes: int, *, answered: bool) -> int:
    """How many restarts so many writes to an agent that existed caused, as far as reads tell."""
    if not answered and not followed.left and not followed.stamps:
        return int(followed.busy_seen)
    return max(1, min(len(followed.stamps), writes))


def not_waited_reason(rules: Rules) -> str:
    """What is not known of a write that nobody waited for."""
    unseen = "it may still be restarting" if rules.restarts else "what it became was not read"
    return f"answered with success and not waited for: {unseen}; the next run looks after it"


def findings(followed: Followed) -> list[str]:
    """What else the reads after a write showed."""
    notes = []
    if followed.others.moved:
        notes.append(
            "not declared here and no longer as before the write (somebody else's change, or the "
            f"cloud did not take it back): {', '.join(followed.others.moved)}"
        )
    if followed.unverified and followed.end is End.BACK:
        notes.append(f"could not be checked by reading: {', '.join(followed.unverified)}")
    return notes


def gone_reason(address: Address, gone: Sequence[str]) -> str:
    """Why the whole run stops when a field went away that nobody sent."""
    return (
        f"after the update of {address} these were gone without having been sent: "
        f"{', '.join(gone)}; this cloud replaces where it was held to merge, "
        "so nothing more is written in this run"
    )


def half_shown_reason(desired: Desired, paths: Sequence[str]) -> str:
    """What is not known of a write without an answer of which reads show a part."""
    told = ", ".join(f"{path} ({desired.place_of(path)})" for path in paths)
    return (
        f"the reply was lost, and reads show only a part of what was written: not {told}; "
        "the next run reads again and writes what still differs"
    )


def not_kept_reason(desired: Desired, paths: Sequence[str], rules: Rules) -> str:
    """What to do about fields that the cloud answered with success and did not keep."""
    told = [f"{path} ({desired.place_of(path)})" for path in paths]
    them = "it" if len(paths) == 1 else "them"
    again = "restarts the agent again" if rules.restarts else "writes it again"
    declared = all(lookup(desired.spec, tokens(path)) is not NOTHING for path in paths)
    advice = (
        f"leave {them} out of the manifest (an absent field is never compared), declare what the "
        f"cloud shows, or ignore {them}"
        if declared
        else f"declare what the cloud shows, leave out the mapping around {them}, or ignore {them}"
    )
    if not_shown(paths, rules):
        advice = TAG_NOT_KEPT
    return (
        f"the cloud did not keep {', '.join(told)}; each run without this record {again} as long "
        f"as the manifest stays so: {advice}"
    )
