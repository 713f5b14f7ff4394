"""One agent from its plan to its outcome: read, decide, write, follow.

Each step is on record before it is taken, so that a run which is killed at any point can be taken
up by the next. Semantics, section 8.
"""

from typing import assert_never

import anyio

from reconciler.applier.doubt import Doubt, Question, resolve
from reconciler.applier.follow import End, Followed, Written, follow
from reconciler.applier.job import Job, Run, digest, key
from reconciler.applier.quiet import StillBusy, is_busy, timeout_seconds, until_quiet
from reconciler.applier.verdict import Ending, gone_reason, not_kept_reason, rejected
from reconciler.differ.decide import Decision, decide
from reconciler.model.errors import AlreadyExists, CloudError
from reconciler.model.live import Absent, Found, Live
from reconciler.model.outcome import Cause, Outcome, Result
from reconciler.model.plan import (
    Blocked,
    Create,
    Delete,
    InSync,
    Unhealthy,
    Unreadable,
    Update,
)


class Carrier:
    """Carries out the plan of one agent; `carry` is called once.

    `writing` says whether a write went out and its end is not on record yet.
    """

    def __init__(self, job: Job, run: Run) -> None:
        self.job = job
        self.run = run
        self.writing = False
        self._agent_id = job.found.id if isinstance(job.found, Live) else None
        self._notes: list[str] = []
        self._started = run.clock.monotonic()
        self._writes = 0
        self._doubts = 0
        self._replanned = False
        self._sent: tuple[Decision, Create | Update, Live | None] | None = None

    async def carry(self, slots: anyio.CapacityLimiter) -> Outcome:
        """Bring the agent to its desired state and say what came of it."""
        found: Found | StillBusy = self.job.found
        if not isinstance(self.job.plan, Blocked | Unreadable):
            found = await until_quiet(self.job, self.run, self.job.found, self._agent_id)
        if isinstance(found, StillBusy):
            return self._still_busy(found)
        settled = self._without_write(self._decide(found))
        if settled is not None:
            return settled
        if not self.job.rules.restarts:
            return await self._change()
        async with slots:
            return await self._change()

    async def _change(self) -> Outcome:
        """Read, decide and write until it is done or known to be impossible."""
        while True:
            if self.run.halted and not self._writes:
                return self._skipped()
            read = await self.job.session.read(self.job.desired, self._agent_id)
            found = await until_quiet(self.job, self.run, read, self._agent_id)
            if isinstance(found, StillBusy):
                return self._still_busy(found)
            if isinstance(found, Absent) and self._agent_id is not None:
                self._agent_id = None  # an id that is gone proves nothing about the name
                continue
            if self.run.halted and not self._writes:
                return self._skipped()
            decision = self._decide(found)
            settled = self._without_write(decision)
            if settled is not None and self._sent is not None and self._doubts:
                return await self._follow()  # it was the write in doubt that brought it here
            if settled is not None:
                return settled
            done = await self._write(decision, found if isinstance(found, Live) else None)
            if done is not None:
                return done

    def _decide(self, found: Found) -> Decision:
        if isinstance(found, Live):
            self._agent_id = found.id
        return decide(self.job.desired, found, self.job.rules, self.run.options)

    def _without_write(self, decision: Decision) -> Outcome | None:
        """The outcome where nothing is to be sent."""
        match decision.plan:
            case InSync():
                return self._outcome(Result.UNCHANGED)
            case Unhealthy(_, status, reason):
                text = f"equals its manifest and is {status}" + (f": {reason}" if reason else "")
                return self._outcome(
                    Result.FAILED,
                    f"{text}; --retry-failed sends the same state once more",
                    Cause.AGENT_FAILED,
                )
            case Blocked(_, reason):
                return self._outcome(Result.BLOCKED, reason, Cause.GUARD)
            case Unreadable(_, reason, cause):
                return self._outcome(Result.FAILED, reason, cause)
            case Delete():
                return self._outcome(Result.BLOCKED, "deleting is not supported yet", Cause.GUARD)
            case Create() | Update() as plan:
                earlier = self.run.history.not_kept.get(key(self.job.desired.address))
                if earlier is not None and earlier[0] == digest(plan):
                    return self._outcome(
                        Result.BLOCKED,
                        f"an earlier run sent exactly this and the cloud did not keep "
                        f"{', '.join(earlier[1])}; change the manifest, or leave the field out",
                        Cause.GUARD,
                    )
                return None
            case _:
                assert_never(decision.plan)

    async def _write(self, decision: Decision, before: Live | None) -> Outcome | None:
        """Send one write and see it through; None asks for a fresh read and another decision."""
        plan, body = decision.plan, decision.body
        assert isinstance(plan, Create | Update)  # noqa: S101 - the only plans with a body
        assert body is not None  # noqa: S101
        self._sent = (decision, plan, before)
        self._record_intent(plan, before)
        self._writes += 1
        self.run.tell(self.job.desired.address, "writing", f"writing {_count(plan)}")
        session, desired = self.job.session, self.job.desired
        try:
            with anyio.CancelScope(shield=True):  # a stop waits for the reply of what was sent
                if before is None:
                    await session.create(desired, body)
                else:
                    await session.update(desired, before.id, body)
                self._record("write-answered", answer="success")
        except CloudError as error:
            answer = "unknown" if error.may_have_happened else "refused"
            self._record("write-answered", answer=answer, detail=str(error))
            if error.may_have_happened:
                return await self._in_doubt(error)
            return await self._refused(error)
        return await self._follow()

    async def _refused(self, error: CloudError) -> Outcome | None:
        """A final no. What an agent that is merely busy refuses is planned once more."""
        ending = rejected(error)
        if ending.final or self._replanned:
            return self._end(ending)
        found = await self.job.session.read(self.job.desired, self._agent_id)
        if is_busy(found) or isinstance(error, AlreadyExists):
            self._replanned = True
            self._writes -= 1
            self._record("write-ended", result="refused")
            self.writing = False
            self._note(f"refused while it was busy and planned again: {error}")
            return None
        return self._end(ending)

    async def _in_doubt(self, error: CloudError) -> Outcome | None:
        assert self._sent is not None  # noqa: S101 - a write went out
        decision, _, before = self._sent
        self._doubts += 1
        now = self.run.clock.monotonic()
        self.run.tell(self.job.desired.address, "in-doubt", f"reading whether it happened: {error}")
        question = Question(decision.paths, before, now, now + timeout_seconds(self.job, self.run))
        match await resolve(self.job, self.run, question, self._agent_id):
            case Doubt.APPLIED:
                self._note(f"the reply to the write was lost ({error}); reads show its effect")
                return await self._follow()
            case Doubt.NO_EFFECT if self._doubts == 1:
                self._note(
                    f"written twice: the first write had no answer ({error}) and no effect within "
                    f"{self.run.wait.in_doubt_seconds:g} s; if it took effect later after all, it "
                    "cost one extra restart"
                )
                return None
            case Doubt.NO_EFFECT:
                reason = f"written twice, without an answer or an effect: {error}"
                return self._end(Ending(Result.FAILED, reason, Cause.CLOUD))
            case Doubt.UNKNOWABLE:
                reason = f"no read can show what was written, and the reply was lost: {error}"
                return self._end(Ending(Result.UNKNOWN, reason, Cause.CLOUD))
            case Doubt.TIME:
                reason = f"it could not be learnt whether the write happened: {error}"
                return self._end(Ending(Result.TIMED_OUT, reason, Cause.TIME))

    async def _follow(self) -> Outcome:
        """Wait until the agent is back from the write that was sent last."""
        assert self._sent is not None  # noqa: S101 - a write went out
        decision, plan, before = self._sent
        now = self.run.clock.monotonic()
        written = Written(
            now, now + timeout_seconds(self.job, self.run), before, decision.body or {}
        )
        followed = await follow(self.job, self.run, written, self._agent_id)
        if followed.live is not None:
            self._agent_id = followed.live.id
        return self._end(self._judge(followed, plan), followed, plan)

    def _judge(self, followed: Followed, plan: Create | Update) -> Ending:
        if followed.others.gone:
            self.run.halted = gone_reason(self.job.desired.address, followed.others.gone)
            return Ending(Result.NOT_KEPT, self.run.halted, Cause.CLOUD)
        match followed.end:
            case End.BACK:
                result = Result.CREATED if isinstance(plan, Create) else Result.CHANGED
                return Ending(result, "", Cause.NONE)
            case End.NOT_KEPT:
                reason = not_kept_reason(self.job.desired, followed.left)
                return Ending(Result.NOT_KEPT, reason, Cause.CLOUD)
            case End.FAILED:
                reason = f"ended {followed.reason}"
                return Ending(Result.FAILED, reason, Cause.AGENT_FAILED)
            case End.GONE:
                return Ending(Result.FAILED, followed.reason, Cause.CLOUD)
            case End.TIME:
                limit = timeout_seconds(self.job, self.run)
                reason = f"not back after {limit:g} s: {followed.reason}"
                return Ending(Result.TIMED_OUT, reason, Cause.TIME)

    def _end(
        self, ending: Ending, followed: Followed | None = None, plan: Create | Update | None = None
    ) -> Outcome:
        """Put the end on record and make it the outcome."""
        seen = followed is not None and followed.end in (End.BACK, End.FAILED, End.NOT_KEPT)
        self._record(
            "write-ended",
            result=str(ending.result),
            reason=ending.reason,
            **({"stamp": followed.live.stamp} if followed and followed.live and seen else {}),
            **({"digest": digest(plan), "paths": list(followed.left)} if followed and plan else {}),
        )
        self.writing = False
        if followed is not None:
            self._findings(followed)
        took_effect = followed is not None or ending.result is Result.UNKNOWN
        restarts = self._restarts(followed) if took_effect else 0
        if ending.result in _FAILURES:
            self.run.fail()
        return self._outcome(ending.result, ending.reason, ending.cause, restarts)

    def _findings(self, followed: Followed) -> None:
        if followed.others.moved:
            self._note(f"changed meanwhile by someone else: {', '.join(followed.others.moved)}")
        if followed.unverified and followed.end is End.BACK:
            self._note(f"could not be checked by reading: {', '.join(followed.unverified)}")

    def _restarts(self, followed: Followed | None) -> int:
        """How many restarts this run caused, as far as reads tell: creating one is none."""
        if not self.job.rules.restarts or (self._sent is not None and self._sent[2] is None):
            return 0
        if self._doubts and self._writes > 1 and followed is not None:
            return max(1, min(len(followed.stamps), self._writes))
        return 1

    def interrupted(self) -> Outcome:
        """The outcome when a stop ended the wait."""
        if not self.writing:
            return self._outcome(
                Result.SKIPPED, "interrupted before anything was written", Cause.INTERRUPTED
            )
        self._record("write-ended", result=str(Result.INTERRUPTED))
        effect = "it is still restarting" if self.job.rules.restarts else "it was not checked"
        return self._outcome(
            Result.INTERRUPTED,
            f"written, and not waited for: {effect}; the next run looks after it",
            Cause.INTERRUPTED,
            self._restarts(None),
        )

    def broken(self, reason: str, cause: Cause) -> Outcome:
        """The outcome when we failed ourselves; a write that went out stays on record as open."""
        result = Result.UNKNOWN if self.writing else Result.FAILED
        return self._outcome(result, reason, cause, self._restarts(None) if self.writing else 0)

    def _still_busy(self, found: StillBusy) -> Outcome:
        limit = timeout_seconds(self.job, self.run)
        reason = f"still {found.status} after {limit:g} s; nothing was written"
        self.run.fail()
        return self._outcome(Result.TIMED_OUT, reason, Cause.TIME)

    def _skipped(self) -> Outcome:
        return self._outcome(Result.SKIPPED, f"not started: {self.run.halted}", Cause.GUARD)

    def _outcome(
        self, result: Result, reason: str = "", cause: Cause = Cause.NONE, restarts: int = 0
    ) -> Outcome:
        return Outcome(
            address=self.job.desired.address,
            id=self._agent_id,
            result=result,
            cause=cause,
            seconds=round(self.run.clock.monotonic() - self._started, 3),
            restarts=restarts,
            writes=self._writes,
            reason=reason,
            notes=tuple(self._notes),
        )

    def _note(self, text: str) -> None:
        self._notes.append(text)
        self.run.tell(self.job.desired.address, "note", text)

    def _record_intent(self, plan: Create | Update, before: Live | None) -> None:
        self._record(
            "write-intended",
            operation="create" if before is None else "update",
            id=None if before is None else before.id,
            stamp=None if before is None else before.stamp,
            digest=digest(plan),
            paths=[change.path for change in plan.changes],
            body=plan.body,
        )
        self.writing = True

    def _record(self, event: str, **details: object) -> None:
        self.run.journal.write({"event": event, "key": key(self.job.desired.address), **details})


_FAILURES = (Result.FAILED, Result.TIMED_OUT, Result.NOT_KEPT, Result.UNKNOWN)


def _count(plan: Create | Update) -> str:
    number = len(plan.changes)
    return f"{number} change{'' if number == 1 else 's'}"
