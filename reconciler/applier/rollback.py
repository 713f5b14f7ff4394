"""The way back of one agent after its update failed: write what it was, wait for it, verify.

What was sent is never trusted: the agent is read first, and only what the update changed and
nobody else changed since goes back. Semantics, section 8.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from reconciler.applier.doubt import Doubt, Question, resolve
from reconciler.applier.follow import End, Followed, Written, follow
from reconciler.applier.intent import intent
from reconciler.applier.job import Job, Run, key
from reconciler.applier.quiet import StillBusy, is_busy, timeout_seconds, until_quiet
from reconciler.applier.verdict import Ending, ended, findings, gone_reason
from reconciler.differ.back import Done, WayBack, way_back
from reconciler.differ.decide import Decision, decide_on
from reconciler.model.errors import AccessDenied, CloudError
from reconciler.model.live import Found, Live, Unread
from reconciler.model.outcome import Cause, Outcome, Restored, Result, Rollback
from reconciler.model.tree import parents

CREATED: Final = "this run created it, so there is nothing to go back to"
PARTIAL: Final = "a read does not show all that would have to be written back"
CLEARED: Final = "it was unset before: emptied, which no page documents"
NOT_CLEARED: Final = "it was unset before, and it is still set after it was sent empty"
UNSEEN: Final = "sent back, and no read shows whether it was taken"
LEFT: Final = "sent back, and not shown so"
_UNSENT: Final = "not sent back"
_REFUSED: Final = "the cloud did not take it back"
_READ_AGAIN_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Sent:
    """What was sent back last, and when (monotonic); `before` is the read just before it."""

    at: float
    way: WayBack
    decision: Decision
    before: Live


class Return:
    """Brings one agent back; `bring_back` is called once.

    `failed` is the outcome of its update. `known`: the read before the update showed all that there
    was. What it ends in is that outcome with what came of going back.
    """

    def __init__(self, job: Job, run: Run, done: Done, failed: Outcome, *, known: bool) -> None:
        self._job = job
        # A fingerprint is of all secrets of a manifest, and what goes back holds but some of them.
        self._run = replace(run, options=replace(run.options, fingerprinter=None))
        self._shared = run
        self._done = done
        self._failed = failed
        self._known = known
        self._began = run.clock.monotonic()
        self._notes: list[str] = []
        self._writes = 0
        self._restarts = 0
        self._writing = False
        self._answered = False
        self._clearing = True
        self._waited = False
        self._busy = False
        self._lost: CloudError | None = None
        self._sent: _Sent | None = None
        self._result = Result.UNKNOWN

    @property
    def stays_away(self) -> bool:
        """Whether the agent may go on restarting though nobody waits for it any more."""
        unsent = not self._writes or self._result is Result.BLOCKED
        late = unsent and self._failed.result is Result.TIMED_OUT
        return late or self._busy or self._result in (Result.TIMED_OUT, Result.UNKNOWN)

    async def bring_back(self) -> Outcome:
        """Read, write what it was, and follow it until there is something to say."""
        while True:
            rollback = await self._step()
            if rollback is not None:
                self._result = rollback.result
                return self._outcome(rollback)

    async def _step(self) -> Rollback | None:
        """One read and one write at most; None asks for the next."""
        found = await self._read()
        if not isinstance(found, Live):
            reason = found.reason if isinstance(found, Unread) else "it no longer exists"
            return self._not_sent(Result.BLOCKED, reason)
        if found.partial or not self._known:
            return self._not_sent(Result.BLOCKED, PARTIAL)
        way = way_back(self._done, found.tree, self._job.rules, clearing=self._clearing)
        if way.blocked:
            return self._not_sent(Result.BLOCKED, "; ".join(way.blocked), way)
        if not way.body and self._sent is not None:
            return await self._follow()  # it was the write in doubt that brought it back
        if not way.body and self._sent is None and self._may_be_behind():
            await self._run.clock.sleep(_READ_AGAIN_SECONDS)
            return None
        if not way.body and is_busy(found):
            reason = f"reads show what it was before the update, and it is still {found.status}"
            return self._not_sent(Result.TIMED_OUT, reason, way)
        if not way.body:
            return self._not_sent(Result.UNCHANGED, "", way)
        if reason := self._shared.barred or self._shared.lock_lost():
            return self._not_sent(Result.SKIPPED, reason, way)
        return await self._write(way, found)

    def _may_be_behind(self) -> bool:
        """Whether reads may still show values of before the update, as after every write."""
        return self._run.clock.monotonic() < self._began + self._run.wait.settle_seconds

    def interrupted(self) -> Outcome:
        """The outcome when a stop ended it."""
        restarting = self._job.rules.restarts
        if self._sent is None:
            reason = "interrupted before anything was written back"
        elif not self._writing:
            reason = "interrupted before it was written back again"
        elif not self._answered:
            reason = "interrupted while writing it back had no answer yet"
            reason += ": it may be restarting" if restarting else ""
        else:
            self._restarts = int(restarting)
            end = "not waited for: it may still be restarting" if restarting else "not checked"
            reason = f"written back, and {end}"
        if self._writing:
            self._record("rollback-ended", result=str(Result.INTERRUPTED))
        outcome = self._outcome(Rollback(Result.INTERRUPTED, reason))
        reason = f"{self._failed.reason}; {reason}; the next run looks after it"
        return replace(outcome, result=Result.INTERRUPTED, cause=Cause.INTERRUPTED, reason=reason)

    def broken(self, reason: str, cause: Cause) -> Outcome:
        """The outcome when we failed ourselves; a write that went out stays on record as open."""
        result = Result.UNKNOWN if self._writing else Result.FAILED
        return replace(self._outcome(Rollback(result, reason)), cause=cause)

    def _outcome(self, rollback: Rollback) -> Outcome:
        if self._restarts and self._run.limits.max_restarts is not None:
            self._note("the restart of going back does not count towards limits.maxRestarts")
        took = self._run.clock.monotonic() - self._began
        return replace(
            self._failed,
            seconds=round(self._failed.seconds + took, 3),
            restarts=self._failed.restarts + self._restarts,
            writes=self._failed.writes + self._writes,
            notes=(*self._failed.notes, *self._notes),
            rollback=rollback,
        )

    def _note(self, text: str) -> None:
        self._notes.append(text)
        self._run.tell(self._job.desired.address, "note", text)

    async def _read(self) -> Found:
        """A fresh read; one that fails is asked for again for as long as one settle window."""
        clock = self._run.clock
        until = clock.monotonic() + self._run.wait.settle_seconds
        while True:
            found = await self._job.session.read(self._job.desired, self._failed.id)
            if not isinstance(found, Unread) or clock.monotonic() >= until:
                return found
            await clock.sleep(_READ_AGAIN_SECONDS)

    async def _write(self, way: WayBack, before: Live) -> Rollback | None:
        """Send it back once; None asks for a fresh read and another look at what is left."""
        job = self._towards(way)
        decision = decide_on(way.desired, before, job.rules, way.body)
        self._sent = _Sent(self._run.clock.monotonic(), way, decision, before)
        self._record(
            "rollback-intended", **intent(job, decision, before, self._run.options.fingerprinter)
        )
        self._writing, self._answered = True, False
        self._writes += 1
        number = len(way.returns) + len(way.clears)
        fields = f"{number} field{'' if number == 1 else 's'}"
        self._run.tell(job.desired.address, "writing", f"rolling back: writing back {fields}")
        try:
            await job.session.update(job.desired, before.id, way.body)
        except CloudError as error:
            answer = "unknown" if error.may_have_happened else "refused"
            self._record("rollback-answered", answer=answer, detail=str(error))
            if error.may_have_happened:
                return await self._in_doubt(error)
            return await self._refused(error)
        self._answered = True
        self._record("rollback-answered", answer="success")
        return await self._follow()

    async def _refused(self, error: CloudError) -> Rollback | None:
        """A busy agent is waited for once; what nobody documents is left out the second time."""
        sent = self._last()
        ending = Ending(Result.BLOCKED, f"the cloud refused to take it back: {error}")
        if isinstance(error, AccessDenied):
            return self._end(ending)
        found = await self._read()
        if is_busy(found) and not self._waited:
            self._refusal_recorded()
            self._waited = True
            quiet = await until_quiet(self._job, self._run, found, self._failed.id)
            if isinstance(quiet, StillBusy):
                self._busy = True
                return self._ended(Result.BLOCKED, f"still {quiet.status}: {error}", None)
            return None
        if sent.way.clears and self._clearing:
            self._refusal_recorded()
            self._clearing = False
            return None
        return self._end(ending)

    def _refusal_recorded(self) -> None:
        self._record("rollback-ended", result="refused")
        self._writing = False
        self._writes -= 1

    async def _in_doubt(self, error: CloudError) -> Rollback | None:
        sent = self._last()
        now = self._run.clock.monotonic()
        question = Question(sent.decision.paths, sent.before, now, self._deadline())
        doubt, seen = await resolve(self._towards(sent.way), self._run, question, self._failed.id)
        match doubt:
            case Doubt.APPLIED:
                return await self._follow(seen)
            case Doubt.NO_EFFECT if self._lost is None:
                self._lost = error
                return None
            case Doubt.NO_EFFECT:
                reason = f"written back twice, without an answer or an effect: {error}"
                return self._end(Ending(Result.FAILED, reason))
            case Doubt.UNKNOWABLE:
                return self._end(Ending(Result.UNKNOWN, f"{doubt.value}: {error}"))
            case Doubt.TIME:
                reason = f"it could not be learnt whether it was written back: {error}"
                return self._end(Ending(Result.TIMED_OUT, reason))

    async def _follow(self, seen: Live | None = None) -> Rollback:
        """Wait until the agent is back from what was sent last, and say field by field."""
        sent, now = self._last(), self._run.clock.monotonic()
        job = self._towards(sent.way)
        written = Written(now, self._deadline(), sent.before, sent.way.body, seen)
        followed = await follow(job, self._run, written, self._failed.id)
        if followed.others.gone:
            reason = gone_reason(job.desired.address, followed.others.gone)
            self._shared.halted = self._shared.barred = reason
            return self._end(Ending(Result.NOT_KEPT, reason), followed)
        match followed.end:
            case End.BACK:
                ending = Ending(Result.CHANGED)
            case End.NOT_KEPT if set(followed.left) <= set(sent.way.clears):
                ending = Ending(Result.CHANGED)  # what cannot be cleared is named below
            case End.NOT_KEPT:
                reason = f"the cloud did not keep {', '.join(followed.left)}"
                ending = Ending(Result.NOT_KEPT, reason)
            case End.FAILED | End.GONE:
                ending = Ending(Result.FAILED, followed.reason)
            case End.TIME | End.UNWATCHED:
                limit = timeout_seconds(self._job, self._run)
                reason = f"not back after {limit:g} s: {followed.reason}"
                ending = Ending(Result.TIMED_OUT, reason)
        return self._end(ending, followed)

    def _end(self, ending: Ending, followed: Followed | None = None) -> Rollback:
        """Put the end of the write on record, and say what it comes to."""
        sent = self._last()
        if self._job.rules.restarts and (self._answered or (followed and followed.stamps)):
            self._restarts = max(1, min(self._writes, len(followed.stamps) if followed else 1))
        seconds = self._run.clock.monotonic() - sent.at
        details = ended(ending, followed, seconds, self._restarts)
        for note in findings(followed) if followed is not None else ():
            self._note(note)
        rollback = self._ended(ending.result, ending.reason, followed)
        lost = [field.path for field in rollback.fields if not field.restored]
        self._record("rollback-ended", **details, notRestored=lost)
        self._writing = False
        return rollback

    def _ended(self, result: Result, reason: str, followed: Followed | None) -> Rollback:
        way = self._last().way
        refused = result is Result.BLOCKED
        return Rollback(
            result, reason, tuple(_fields(way, followed, _REFUSED if refused else UNSEEN))
        )

    def _not_sent(self, result: Result, reason: str, way: WayBack | None = None) -> Rollback:
        """Nothing could, should or may be written back."""
        fields: list[Restored] = []
        if way is not None:
            fields += [Restored(path, True) for path in way.already]
            fields += [Restored(p, False, _UNSENT) for p in (*way.returns, *way.clears)]
            fields += [Restored(path, False, why) for path, why in way.stays]
        if result is Result.UNCHANGED and not all(field.restored for field in fields):
            result, reason = Result.BLOCKED, "what is left of the update has no documented way back"
        elif result is Result.UNCHANGED:
            reason = "reads show what it was before the update, so nothing was written back"
        return Rollback(result, reason, _sorted(fields))

    def _towards(self, way: WayBack) -> Job:
        return replace(self._job, desired=way.desired, bound=None)

    def _deadline(self) -> float:
        return self._last().at + timeout_seconds(self._job, self._run)

    def _last(self) -> _Sent:
        assert self._sent is not None  # noqa: S101 - asked only after a write
        return self._sent

    def _record(self, event: str, **details: object) -> None:
        name = key(self._job.desired.address)
        self._run.journal.write({"event": event, "key": name, **details})


def _fields(way: WayBack, followed: Followed | None, unknown: str) -> Sequence[Restored]:
    """Each field that the update changed, by the last read of its way back.

    `unknown` is what is said of those that went along where there was no read.
    """
    left = followed.left if followed is not None else None
    unseen = followed.unverified if followed is not None else ()

    def sent(path: str, missed: str, told: str) -> Restored:
        if left is None or followed is None or followed.live is None:
            return Restored(path, False, unknown)
        if any(_related(path, other) for other in left):
            return Restored(path, False, missed)
        if any(_related(path, other) for other in unseen):
            return Restored(path, False, UNSEEN)
        return Restored(path, True, told)

    def all_fields() -> Iterator[Restored]:
        yield from (Restored(path, True) for path in way.already)
        yield from (sent(path, LEFT, "") for path in way.returns)
        yield from (sent(path, NOT_CLEARED, CLEARED) for path in way.clears)
        yield from (Restored(path, False, reason) for path, reason in way.stays)

    return _sorted(all_fields())


def _sorted(fields: Iterator[Restored] | Sequence[Restored]) -> tuple[Restored, ...]:
    return tuple(sorted(fields, key=lambda field: field.path))


def _related(path: str, other: str) -> bool:
    return path in parents(other) or other in parents(path)
