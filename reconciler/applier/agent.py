"""One agent from its plan to its outcome: read, decide, write, follow.

Each step is on record before it is taken, so that a run which is killed at any point can be taken
up by the next. Semantics, section 8.
"""

from dataclasses import replace

from reconciler.applier.doubt import Doubt, Question, resolve
from reconciler.applier.follow import End, Followed, Written, follow
from reconciler.applier.intent import Sent, intent, names
from reconciler.applier.job import Job, Run, key
from reconciler.applier.quiet import StillBusy, suspect, timeout_seconds, until_quiet
from reconciler.applier.rollback import CREATED, Return
from reconciler.applier.slots import Slots
from reconciler.applier.verdict import (
    Ending,
    broken_off,
    count_words,
    ended,
    findings,
    judge,
    judge_unseen,
    rejected,
    replanned_note,
    restarts_caused,
    shown_note,
    without_write,
    written_twice_note,
)
from reconciler.applier.waves import Ticket
from reconciler.differ.back import Done
from reconciler.differ.decide import Decision, decide
from reconciler.differ.hold import hold
from reconciler.differ.partial import remembered
from reconciler.model.binding import Bound
from reconciler.model.errors import AlreadyExists, CloudError
from reconciler.model.live import Absent, Found, Live, Unread
from reconciler.model.manifest import OnFailure
from reconciler.model.outcome import Cause, Outcome, Result, Rollback
from reconciler.model.plan import AgentPlan, Blocked, Create, Unreadable, Update
from reconciler.model.tree import Tree

_FAILURES = (Result.FAILED, Result.TIMED_OUT, Result.NOT_KEPT, Result.UNKNOWN)
_READ_AGAIN_SECONDS = 1.0
_UNDONE = (Result.FAILED, Result.TIMED_OUT)  # taken back where asked; what was not kept never is


class Carrier:
    """Carries out the plan of one agent; `carry` is called once.

    `writing` says whether a write went out whose end is not on record yet, `answered` whether the
    cloud said yes to it. `occupied`: the run holds a slot for it, since it was restarting already.
    """

    def __init__(
        self, job: Job, run: Run, slots: Slots, ticket: Ticket, *, occupied: bool = False
    ) -> None:
        self.job = job
        self.run = run
        self.writing = False
        self.answered = False
        self._slots = slots
        self._ticket = ticket
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
        self._sent: Sent | None = None
        self._return: Return | None = None
        self._awaited = True

    async def carry(self) -> Outcome:
        """Bring the agent to its desired state and say what came of it."""
        found: Found | StillBusy = self.job.found
        if self._holds or not isinstance(self.job.plan, Blocked | Unreadable):
            found = await until_quiet(self.job, self.run, self.job.found, self._agent_id)
        if isinstance(found, StillBusy):
            return self._still_busy(found)
        self.release()
        settled = without_write(self._decide(found), self.job, self.run)
        if settled is not None:
            return self._outcome(settled)
        reason = await self._turn()
        return self._skipped(reason) if reason else await self._change()

    async def _turn(self) -> str:
        """Wait for the turn and a slot, which is no time of its own; why it gets none, if so."""
        queued = self.run.clock.monotonic()
        try:
            await self._ticket.turn()
            if self.run.halted:
                return self.run.halted
            self._holds = await self._slots.take()
        finally:
            self._started += self.run.clock.monotonic() - queued
        return "" if self._holds else "agents that ran out of time are still restarting"

    def written(self) -> None:
        """Nobody has to wait for a write to this agent any more; harmless to repeat."""
        if self._awaited:
            self._awaited = False
            self.run.one_written()

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
            if self._lost and isinstance(found, Unread) and not self._too_late():
                await self.run.clock.sleep(_READ_AGAIN_SECONDS)  # it says nothing of the write
                continue
            decision = self._decide(found)
            settled = without_write(decision, self.job, self.run)
            if self._lost and isinstance(found, Unread):
                reason = f"it could not be learnt whether the write happened: {found.reason}"
                return await self._finish(Ending(Result.TIMED_OUT, reason, Cause.TIME))
            if settled is not None and self._moved and self._lost and self._last().before:
                return self._end(settled)  # somebody else's write, not the one in doubt
            if self._lost and (settled is not None or self._last().paths - decision.paths):
                self._note(shown_note(self._lost))
                return await self._follow()  # it was the write in doubt that brought it here
            if settled is not None:
                return self._outcome(settled)
            if reason := self.run.barrier() or self.run.permit(self.job, decision.plan, found):
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
        self._sent = Sent(now, plan, body, decision.paths, before)
        self._record(
            "write-intended", **intent(self.job, decision, before, self.run.options.fingerprinter)
        )
        self.writing, self.answered = True, False
        self._writes += 1
        self.run.tell(self.job.desired.address, "writing", f"writing {count_words(plan)}")
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
                return await self._finish(Ending(Result.TIMED_OUT, reason, Cause.TIME))

    async def _unknown(self, error: CloudError) -> Outcome:
        """No read can show what was written; a restart that shows is still waited for."""
        followed = await self._pursue()
        return await self._finish(judge_unseen(followed, error), followed)

    async def _follow(self, seen: Live | None = None) -> Outcome:
        """Wait until the agent is back from the write that was sent last."""
        sent, followed = self._last(), await self._pursue(seen)
        ending = judge(
            followed,
            self.job.desired,
            self.job.rules,
            timeout_seconds(self.job, self.run),
            new=sent.before is None,
            answered=self.answered,
        )
        if followed.others.gone:
            self.run.halted = self.run.barred = ending.reason
        return await self._finish(ending, followed)

    async def _pursue(self, seen: Live | None = None) -> Followed:
        sent, now = self._last(), self.run.clock.monotonic()
        written = Written(now, self._deadline(), sent.before, sent.body, seen)
        self.written()
        seen_through = [Followed(End.UNWATCHED)]
        with self.run.enough.scope():
            seen_through.append(await follow(self.job, self.run, written, self._agent_id))
        followed = seen_through[-1]
        if followed.live is not None:
            self._agent_id = followed.live.id
        return followed

    def _deadline(self) -> float:
        """When waiting for the last write ends: its timeout counts from when it was sent."""
        return self._last().at + timeout_seconds(self.job, self.run)

    def _too_late(self) -> bool:
        return self.run.clock.monotonic() >= self._deadline()

    def _last(self) -> Sent:
        assert self._sent is not None  # noqa: S101 - asked only after a write
        return self._sent

    async def _finish(self, ending: Ending, followed: Followed | None = None) -> Outcome:
        """The end of a write that may have taken effect, and the way back where it is asked for.

        From the same state sent once more there is none.
        """
        asked = self.job.desired.rollout.on_failure is OnFailure.ROLLBACK
        back = asked and bool(self._last().plan.changes)
        if not back or ending.result not in _UNDONE:
            return self._end(ending, followed)
        sent, before = self._last(), self._last().before
        if before is None:
            failed = self._end(ending, followed)
            return replace(failed, rollback=Rollback(Result.SKIPPED, CREATED))
        holds, self._holds = self._holds, False  # its slot is not lost: another restart follows
        failed = self._end(ending, followed)
        self._holds = holds
        done = Done(self.job.desired, before.tree, sent.body, sent.paths, sent.plan.about.proved)
        self._return = Return(self.job, self.run, done, failed, known=not before.partial)
        outcome = await self._return.bring_back()
        if self._return.stays_away:
            self._lose_slot()
        return outcome

    def _end(self, ending: Ending, followed: Followed | None = None) -> Outcome:
        """Put the end of a write on record and make it the outcome."""
        sent, writes = self._last(), self._writes if self._doubts else 1
        restarts = 0
        if followed is not None and self.job.rules.restarts and sent.before is not None:
            restarts = restarts_caused(followed, writes, answered=self.answered)
        details = ended(ending, followed, self.run.clock.monotonic() - sent.at, restarts)
        if followed is not None:
            details |= names(sent.plan, sent.body, followed.left, self.run.options.fingerprinter)
            for note in findings(followed):
                self._note(note)
        self._record("write-ended", **details)
        self.writing = False
        return self._outcome(ending, restarts)

    def interrupted(self) -> Outcome:
        """The outcome when a stop ended the wait."""
        if self._return is not None:
            return self._return.interrupted()
        if not self.writing:
            reason = "interrupted before anything was written"
            return self._outcome(Ending(Result.SKIPPED, reason, Cause.INTERRUPTED))
        self._record("write-ended", result=str(Result.INTERRUPTED))
        ending = broken_off(answered=self.answered, restarts=self.job.rules.restarts)
        return self._outcome(ending, self._answered_restarts())

    def broken(self, reason: str, cause: Cause) -> Outcome:
        """The outcome when we failed ourselves; a write that went out stays on record as open."""
        if self._return is not None:
            return self._return.broken(reason, cause)
        result = Result.UNKNOWN if self.writing else Result.FAILED
        return self._outcome(Ending(result, reason, cause), self._answered_restarts())

    def _answered_restarts(self) -> int:
        """The same where nobody saw the wait to its end."""
        updated = self.answered and self._last().before is not None
        return int(updated and self.job.rules.restarts)

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
        counts = self.job.desired.rollout.on_failure is not OnFailure.CONTINUE
        tried = self._sent is not None or timed_out
        if counts and ending.result in _FAILURES and tried:
            self.run.fail()
        if timed_out:
            self._lose_slot()
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

    def _lose_slot(self) -> None:
        """It goes on restarting and nobody waits for it: its slot stays taken."""
        if self._holds and self.job.rules.restarts:
            self._holds = False
            self._slots.lose()

    def _note(self, text: str) -> None:
        self._notes.append(text)
        self.run.tell(self.job.desired.address, "note", text)

    def _record(self, event: str, **details: object) -> None:
        self.run.journal.write({"event": event, "key": key(self.job.desired.address), **details})
