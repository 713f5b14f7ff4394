"""One agent from its plan to its outcome: read, decide, write, follow.

Each step is on record before it is taken, so that a run which is killed at any point can be taken
up by the next. Semantics, section 8.
"""

from dataclasses import dataclass, replace

from reconciler.applier.doubt import Doubt, Question, resolve
from reconciler.applier.follow import End, Followed, Written, follow
from reconciler.applier.job import Job, Run, change_digest, digest, key
from reconciler.applier.quiet import StillBusy, suspect, timeout_seconds, until_quiet
from reconciler.applier.slots import Slots
from reconciler.applier.verdict import (
    Ending,
    findings,
    judge,
    rejected,
    replanned_note,
    shown_note,
    without_write,
    written_twice_note,
)
from reconciler.differ.decide import Decision, decide
from reconciler.differ.hold import hold
from reconciler.differ.partial import remembered
from reconciler.model.binding import Bound
from reconciler.model.errors import AlreadyExists, CloudError
from reconciler.model.live import Absent, Found, Live
from reconciler.model.outcome import Cause, Outcome, Result
from reconciler.model.plan import AgentPlan, Blocked, Create, Unreadable, Update
from reconciler.model.tree import Tree

_FAILURES = (Result.FAILED, Result.TIMED_OUT, Result.NOT_KEPT, Result.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Sent:
    """What was sent last, and when (monotonic); `before` is the pre-image, None for a creation."""

    at: float

    plan: Create | Update
    body: Tree
    paths: frozenset[str]
    before: Live | None


class Carrier:
    """Carries out the plan of one agent; `carry` is called once.

    `writing` says whether a write went out whose end is not on record yet, `answered` whether the
    cloud said yes to it. `occupied`: the run holds a slot for it, since it was restarting already.
    """

    def __init__(self, job: Job, run: Run, slots: Slots, *, occupied: bool = False) -> None:
        self.job = job
        self.run = run
        self.writing = False
        self.answered = False
        self._slots = slots
        self._holds = occupied
        self._agent_id = job.found.id if isinstance(job.found, Live) else None
        self._shown: Tree = job.found.tree if isinstance(job.found, Live) else {}
        self._notes: list[str] = []
        self._started = run.clock.monotonic()
        self._writes = 0
        self._doubts = 0
        self._lost: CloudError | None = None
        self._replanned = False
        self._counted = False
        self._moved: tuple[str, ...] = ()
        self._sent: _Sent | None = None

    async def carry(self) -> Outcome:
        """Bring the agent to its desired state and say what came of it."""
        found: Found | StillBusy = self.job.found
        if self._holds or not isinstance(self.job.plan, Blocked | Unreadable):
            found = await until_quiet(self.job, self.run, self.job.found, self._agent_id)
        if isinstance(found, StillBusy):
            return self._still_busy(found)
        self.release()
        settled = self._settled(self._decide(found))
        if settled is not None:
            return self._outcome(settled)
        self._holds = await self._slots.take()
        if not self._holds:
            return self._skipped("agents that ran out of time are still restarting")
        return await self._change()

    def release(self) -> None:
        """Give the slot back, if one is held; harmless to repeat."""
        if self._holds:
            self._holds = False
            self._slots.give_back()

    async def _change(self) -> Outcome:
        """Read, decide and write until it is done or known to be impossible."""
        while True:
            read = await self.job.session.read(self.job.desired, self._agent_id)
            found = await until_quiet(self.job, self.run, read, self._agent_id)
            if isinstance(found, StillBusy):
                return self._still_busy(found)
            if isinstance(found, Absent) and self._agent_id is not None:
                self._agent_id = None  # an id that is gone proves nothing about the name
                continue
            decision = self._decide(found)
            settled = self._settled(decision)
            if settled is not None and self._moved and self._lost and self._last().before:
                return self._end(settled)  # somebody else's write, not the one in doubt
            if self._lost and (settled is not None or self._last().paths - decision.paths):
                self._note(shown_note(self._lost))
                return await self._follow()  # it was the write in doubt that brought it here
            if settled is not None:
                return self._outcome(settled)
            if reason := self.run.halted or self.run.permit(self.job, decision.plan, found):
                return self._held_back(reason)
            if reason := self._restart(decision.plan):
                return self._held_back(reason)
            done = await self._write(decision, found if isinstance(found, Live) else None)
            if done is not None:
                return done

    def _decide(self, found: Found) -> Decision:
        if isinstance(found, Live):
            self._agent_id = found.id
            found = remembered(found, self._shown, self.job.rules)
            self._shown = found.tree
        if self.job.bound is None:
            return decide(self.job.desired, found, self.job.rules, self.run.options)
        return self._hold(found, self.job.bound)

    def _settled(self, decision: Decision) -> Ending | None:
        return without_write(decision, self.run.history, self.run.options.fingerprinter)

    def _hold(self, found: Found, bound: Bound) -> Decision:
        """Decide within what was reviewed; what is left alone stays so to the end."""
        held = hold(self.job.desired, found, self.job.rules, self.run.options, bound)
        self.job = replace(self.job, desired=held.desired)
        self._moved = held.moved
        for note in held.notes:
            if note not in self._notes and not self._writes:
                self._note(note)
        return held.decision

    def _restart(self, plan: AgentPlan) -> str:
        """Why one more agent may not be restarted; a second write of the same one is no other."""
        if self._counted or not isinstance(plan, Update) or not plan.restarts:
            return ""
        self._counted = True
        return self.run.restart()

    async def _write(self, decision: Decision, before: Live | None) -> Outcome | None:
        """Send one write and see it through; None asks for a fresh read and another decision."""
        plan, body = decision.plan, decision.body
        assert isinstance(plan, Create | Update)  # noqa: S101 - the only plans with a body
        assert body is not None  # noqa: S101
        if self._lost:
            seconds, rules = self.run.wait.in_doubt_seconds, self.job.rules
            self._note(written_twice_note(self._lost, rules, seconds, creating=before is None))
        now = self.run.clock.monotonic()
        self._sent = _Sent(now, plan, body, decision.paths, before)
        self._record_intent(self._sent)
        self._writes += 1
        self.run.tell(self.job.desired.address, "writing", f"writing {_count(plan)}")
        session, desired = self.job.session, self.job.desired
        try:
            if before is None:
                await session.create(desired, body)
            else:
                await session.update(desired, before.id, body)
        except CloudError as error:
            answer = "unknown" if error.may_have_happened else "refused"
            self._record("write-answered", answer=answer, detail=str(error))
            if error.may_have_happened:
                return await self._in_doubt(error)
            return await self._refused(error)
        self.answered = True
        self._record("write-answered", answer="success")
        return await self._follow()

    async def _refused(self, error: CloudError) -> Outcome | None:
        """A final no. What an agent that is merely busy refuses is planned once more."""
        ending = rejected(error)
        if ending.final or self._replanned:
            return self._end(ending)
        found = await self.job.session.read(self.job.desired, self._agent_id)
        waits = suspect(self.job, self.run, found) is not None
        if not waits and not isinstance(error, AlreadyExists):
            return self._end(ending)
        self._replanned = True
        self._writes -= 1
        self._record("write-ended", result="refused")
        self.writing = False
        self._note(replanned_note(error))
        return None

    async def _in_doubt(self, error: CloudError) -> Outcome | None:
        sent = self._last()
        self._doubts += 1
        now = self.run.clock.monotonic()
        self.run.tell(self.job.desired.address, "in-doubt", f"reading whether it happened: {error}")
        question = Question(sent.paths, sent.before, now, self._deadline())
        doubt, seen = await resolve(self.job, self.run, question, self._agent_id)
        match doubt:
            case Doubt.APPLIED:
                self._note(shown_note(error))
                return await self._follow(seen)
            case Doubt.NO_EFFECT if self._doubts == 1:
                self._lost = error
                return None
            case Doubt.NO_EFFECT:
                reason = f"written twice, without an answer or an effect: {error}"
                return self._end(Ending(Result.FAILED, reason, Cause.CLOUD))
            case Doubt.UNKNOWABLE:
                return await self._unknown(error)
            case Doubt.TIME:
                reason = f"it could not be learnt whether the write happened: {error}"
                return self._end(Ending(Result.TIMED_OUT, reason, Cause.TIME))

    async def _unknown(self, error: CloudError) -> Outcome:
        """No read can show what was written; a restart that shows is still waited for."""
        followed = await self._pursue()
        reason = f"no read can show what was written, and the reply was lost: {error}"
        match followed.end:
            case End.FAILED:
                ending = Ending(Result.FAILED, f"ended {followed.reason}", Cause.AGENT_FAILED)
            case End.TIME:
                ending = Ending(Result.TIMED_OUT, f"{followed.reason}; {reason}", Cause.TIME)
            case _:
                ending = Ending(Result.UNKNOWN, reason, Cause.CLOUD)
        return self._end(ending, followed)

    async def _follow(self, seen: Live | None = None) -> Outcome:
        """Wait until the agent is back from the write that was sent last."""
        sent, followed = self._last(), await self._pursue(seen)
        ending = judge(
            followed,
            self.job.desired,
            self.job.rules,
            timeout_seconds(self.job, self.run),
            new=sent.before is None,
        )
        if followed.others.gone:
            self.run.halted = ending.reason
        return self._end(ending, followed)

    async def _pursue(self, seen: Live | None = None) -> Followed:
        sent, now = self._last(), self.run.clock.monotonic()
        written = Written(now, self._deadline(), sent.before, sent.body, seen)
        followed = await follow(self.job, self.run, written, self._agent_id)
        if followed.live is not None:
            self._agent_id = followed.live.id
        return followed

    def _deadline(self) -> float:
        """When waiting for the last write ends: its timeout counts from when it was sent."""
        return self._last().at + timeout_seconds(self.job, self.run)

    def _last(self) -> _Sent:
        assert self._sent is not None  # noqa: S101 - asked only after a write
        return self._sent

    def _end(self, ending: Ending, followed: Followed | None = None) -> Outcome:
        """Put the end of a write on record and make it the outcome."""
        details: Tree = {"result": str(ending.result), "reason": ending.reason}
        if followed is not None:
            sent, left = self._last(), list(followed.left)
            alone = {
                c.path: name
                for c in sent.plan.changes
                if c.path in left and (name := change_digest(c))
            }
            details |= {"digest": self._digest(sent), "paths": left, "changes": alone}
            if followed.live is not None and followed.end in _SEEN_BACK:
                details["stamp"] = followed.live.stamp
            for note in findings(followed):
                self._note(note)
        self._record("write-ended", **details)
        self.writing = False
        return self._outcome(ending, self._restarts(followed))

    def _restarts(self, followed: Followed | None) -> int:
        """How many restarts this run caused, as far as reads tell: creating one is none."""
        if followed is None or not self.job.rules.restarts or self._last().before is None:
            return 0
        if not self.answered and not followed.left and not followed.stamps:
            return int(followed.busy_seen)
        if self._doubts and self._writes > 1:
            return max(1, min(len(followed.stamps), self._writes))
        return 1

    def interrupted(self) -> Outcome:
        """The outcome when a stop ended the wait."""
        if not self.writing:
            reason = "interrupted before anything was written"
            return self._outcome(Ending(Result.SKIPPED, reason, Cause.INTERRUPTED))
        self._record("write-ended", result=str(Result.INTERRUPTED))
        restarts = self.job.rules.restarts
        if not self.answered:
            reason = "a write was under way and had no answer yet"
        elif restarts:
            reason = "written, and not waited for: it may still be restarting"
        else:
            reason = "written, and not checked"
        ending = Ending(
            Result.INTERRUPTED, f"{reason}; the next run looks after it", Cause.INTERRUPTED
        )
        return self._outcome(ending, int(self.answered and restarts))

    def broken(self, reason: str, cause: Cause) -> Outcome:
        """The outcome when we failed ourselves; a write that went out stays on record as open."""
        result = Result.UNKNOWN if self.writing else Result.FAILED
        restarts = int(self.answered and self.job.rules.restarts)
        return self._outcome(Ending(result, reason, cause), restarts)

    def _still_busy(self, found: StillBusy) -> Outcome:
        limit = timeout_seconds(self.job, self.run)
        reason = f"still {found.status} after {limit:g} s; nothing was written"
        return self._outcome(Ending(Result.TIMED_OUT, reason, Cause.TIME))

    def _held_back(self, reason: str) -> Outcome:
        """Nothing new starts: not the first write, and not the second one of a write in doubt."""
        if not self._writes:
            return self._skipped(reason)
        reason = f"no effect within the in-doubt time, and not written again: {reason}"
        return self._end(Ending(Result.FAILED, reason, Cause.CLOUD))

    def _skipped(self, reason: str) -> Outcome:
        return self._outcome(Ending(Result.SKIPPED, f"not started: {reason}", Cause.GUARD))

    def _outcome(self, ending: Ending, restarts: int = 0) -> Outcome:
        timed_out = ending.result is Result.TIMED_OUT
        if ending.result in _FAILURES and (self._writes > 0 or timed_out):
            self.run.fail()
        if timed_out and self._holds and self.job.rules.restarts:
            self._holds = False  # it goes on restarting, so its slot stays taken
            self._slots.lose()
        return Outcome(
            address=self.job.desired.address,
            id=self._agent_id,
            result=ending.result,
            cause=ending.cause,
            seconds=round(self.run.clock.monotonic() - self._started, 3),
            restarts=restarts,
            writes=self._writes,
            reason=ending.reason,
            notes=tuple(self._notes),
            not_kept=ending.not_kept,
        )

    def _note(self, text: str) -> None:
        self._notes.append(text)
        self.run.tell(self.job.desired.address, "note", text)

    def _record_intent(self, sent: _Sent) -> None:
        self._record(
            "write-intended",
            operation="create" if sent.before is None else "update",
            id=None if sent.before is None else sent.before.id,
            stamp=None if sent.before is None else sent.before.stamp,
            digest=self._digest(sent),
            paths=[change.path for change in sent.plan.changes],
            body=sent.plan.body,
        )
        self.writing, self.answered = True, False

    def _digest(self, sent: _Sent) -> str:
        return digest(sent.plan, sent.body, self.run.options.fingerprinter)

    def _record(self, event: str, **details: object) -> None:
        self.run.journal.write({"event": event, "key": key(self.job.desired.address), **details})


_SEEN_BACK = (End.BACK, End.FAILED, End.NOT_KEPT)


def _count(plan: Create | Update) -> str:
    number = len(plan.changes)
    return f"{number} change{'' if number == 1 else 's'}" if number else "the same state again"
