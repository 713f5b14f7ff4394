"""`plan --rehearse`: the apply that a plan would be, played on a twin under a clock that jumps.

First the whole run, then each of its waves once more with an agent whose restart ends FAILED. The
applier, the providers and the limits are the real ones; the clouds and the time are not. Nothing
is asked of a cloud here: all of it rests on what the plan has read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Final

from reconciler.applier.job import Earlier, Job, Run, key
from reconciler.applier.record import history_of
from reconciler.applier.run import run
from reconciler.applier.stop import Stop
from reconciler.cli.apply import unstarted
from reconciler.cli.earlier import earlier_of
from reconciler.cli.exits import exit_code
from reconciler.cli.reading import Entry, Reading
from reconciler.cli.records import RUNS_FOLDER
from reconciler.cli.setup import Setup
from reconciler.cli.signals import run_interruptible
from reconciler.cli.twin import Actor, Twin, cast, opened_twin
from reconciler.cli.virtual import LOOP_OPTIONS, VirtualClock
from reconciler.cli.world import World
from reconciler.differ.decide import decide
from reconciler.differ.lanes import Runner, lane_of, lane_sizes
from reconciler.differ.options import Options
from reconciler.differ.values import unresolved
from reconciler.model.ledger import Recorded
from reconciler.model.live import Health, Live, Unread
from reconciler.model.manifest import Address, OnFailure
from reconciler.model.outcome import Cause, Outcome, Result
from reconciler.model.plan import AgentPlan, Blocked, Create, Update
from reconciler.model.rehearsal import Doing, Expected, Known, Mishap, Part, Rehearsal, Span
from reconciler.model.target import Limits, Share
from reconciler.model.tree import Tree
from reconciler.ports import History, Progress
from reconciler.report.count import counted
from reconciler.report.ledger import refusal_of
from reconciler.report.policy import denial

ASSUMED_SECONDS: Final = 60.0
"""How long a restart is taken to be where no record says anything: no page of a vendor does."""

_NEWEST: Final = 20
"""So many of the newest records count, as for `pace`."""

_FAILURES: Final = (Result.FAILED, Result.TIMED_OUT, Result.NOT_KEPT, Result.UNKNOWN)
_TOLD: Final = 5
_CONFIRM_SECONDS: Final = 1.0


def rehearsed(world: World, setup: Setup, read: Reading, options: Options) -> Rehearsal:
    """Play the apply of what was read."""
    clock = VirtualClock(world.clock.wall())
    stage = replace(world, clock=clock, loop_options=LOOP_OPTIONS)
    play = _Play(stage, clock, setup, read, options)
    return run_interruptible(lambda _: play.all(), stage)


@dataclass(slots=True)
class _Notes:
    """See `Journal` and `Observer`: who did what when, kept until the rehearsal is over."""

    clock: VirtualClock
    past: History
    run: str = "rehearsal"
    events: list[tuple[float, str, str]] = field(default_factory=list)
    waits: dict[Address, float] = field(default_factory=dict)

    def write(self, event: Tree) -> None:
        """See `Journal.write`; values are not kept."""
        name = str(event["event"])
        if name == "write-intended":
            name = f"{event['operation']}-intended"
        self.events.append((self.clock.monotonic(), str(event.get("key", "")), name))

    def history(self) -> History:
        """See `Journal.history`."""
        return self.past

    def tell(self, progress: Progress) -> None:
        """See `Observer.tell`."""
        if progress.phase == "waiting":
            self.waits.setdefault(progress.address, self.clock.monotonic())


_BEGINS: Final = {
    "update-intended": Doing.UPDATE,
    "create-intended": Doing.CREATE,
    "rollback-intended": Doing.ROLLBACK,
}
_ENDS: Final = ("write-ended", "rollback-ended")


@dataclass(frozen=True, slots=True)
class _Take:
    """One run on the twin: its outcomes by agent, when each did what, and why it was halted."""

    outcomes: Mapping[Address, Outcome]
    spans: Mapping[Address, tuple[Span, ...]]
    seconds: float
    halted: str


class _Play:
    """Everything that the takes of one rehearsal share."""

    def __init__(
        self, stage: World, clock: VirtualClock, setup: Setup, read: Reading, options: Options
    ) -> None:
        self._stage = stage
        self._clock = clock
        self._began = clock.origin
        self._setup = setup
        self._read = read
        self._options = options
        self._past = history_of(RUNS_FOLDER, setup.target.name)
        self._recorded = earlier_of(setup.target.name)
        plans = zip(read.plan.agents, read.entries, strict=True)
        self._plans = {entry.desired.address: agent for agent, entry in plans}
        self._lengths = {one.desired.address: self._expected(one) for one in read.entries}
        reached = [entry for entry in read.entries if _reached(entry)]
        self._actors, self._left_out = cast(setup, reached, self._lengths)

    async def all(self) -> Rehearsal:
        """The whole run, then its waves with a failure in each."""
        remarks = [*self._remarks(), *await self._unlike()]
        whole = await self._take(self._actors, self._limits, 0.0)
        out = {address for address, _ in self._left_out}
        parts = tuple(
            self._part(entry, self._outcome(entry, whole), whole, 0.0)
            for entry in self._read.entries
            if entry.desired.address not in out
        )
        mishaps: list[Mishap] = []
        unbroken: list[tuple[int, str]] = []
        for wave in sorted({part.wave for part in parts if part.outcome.writes}):
            chosen = _first(parts, wave)
            if chosen is None:
                unbroken.append((wave, "nothing in it restarts"))
            else:
                mishaps.append(await self._mishap(chosen, parts))
        return Rehearsal(
            parts=parts,
            seconds=whole.seconds,
            exit_code=exit_code(part.outcome.cause for part in parts),
            mishaps=tuple(mishaps),
            unbroken=tuple(unbroken),
            left_out=tuple(self._left_out),
            remarks=tuple(remarks),
        )

    async def _mishap(self, chosen: Part, parts: Sequence[Part]) -> Mishap:
        """The wave of this agent once more, from its beginning, with a failure of the agent."""
        wave = chosen.wave
        members = [actor for actor in self._actors if _wave(actor.entry) == wave]
        writes = (part.sent for part in parts if part.wave == wave)
        begin = min(at for at in writes if at is not None)
        before = [part for part in parts if part.wave < wave]
        take = await self._take(members, self._for_some(), begin, before, chosen.address)
        played = tuple(
            self._part(actor.entry, take.outcomes[actor.address], take, begin) for actor in members
        )
        skipped = {one.address for one in played if one.outcome.result is Result.SKIPPED}
        stopped = [
            part.address
            for part in parts
            if part.outcome.writes
            and (part.address in skipped or (take.halted and part.wave > wave))
        ]
        others = [part for part in parts if part.address not in take.outcomes]
        causes = [part.outcome.cause for part in played]
        causes += [Cause.GUARD if p.address in stopped else p.outcome.cause for p in others]
        return Mishap(
            wave=wave,
            address=chosen.address,
            canary=chosen.canary,
            begin=begin,
            seconds=begin + take.seconds,
            exit_code=exit_code(causes),
            parts=played,
            halted=take.halted,
            stopped=tuple(stopped),
        )

    async def _take(
        self,
        actors: Sequence[Actor],
        limits: Limits,
        since: float,
        before: Sequence[Part] = (),
        breaks: Address | None = None,
    ) -> _Take:
        """One run of these agents that begins `since` seconds after the first; `before` went before."""
        self._clock.origin = self._began + since - self._clock.monotonic()
        async with opened_twin(self._clock, self._setup, self._actors, since=since) as twin:
            twin.breaks = breaks
            notes = _Notes(self._clock, self._past)
            state = self._run(limits, notes)
            state.failures = sum(map(_counts, before))
            jobs = [await self._job(actor, twin, since) for actor in actors]
            started = self._clock.monotonic()
            done = await run(jobs, state)
            seconds = self._clock.monotonic() - started
        outcomes = {outcome.address: outcome for outcome in done}
        spans = {
            address: tuple(_spans(address, notes, started, started + seconds, outcome))
            for address, outcome in outcomes.items()
        }
        return _Take(outcomes, spans, seconds, state.halted)

    def _run(self, limits: Limits, notes: _Notes) -> Run:
        state = Run(
            clock=self._clock,
            journal=notes,
            observer=notes,
            wait=self._setup.target.wait,
            limits=limits,
            options=self._options,
            stop=Stop(),
            earlier=self._earlier(),
        )
        if self._setup.target.policy.rules and not denial(self._read.plan.policy):
            from reconciler.cli.policies import permission

            state.permit = permission(self._stage, self._setup, self._read.plan)
        return state

    async def _job(self, actor: Actor, twin: Twin, since: float) -> Job:
        """One agent; what was young or restarting when the plan read it is so no more later."""
        entry, session, found = actor.entry, twin.sessions[actor.address], actor.entry.found
        if since and isinstance(found, Live):
            settle, age = self._setup.target.wait.settle_seconds, found.age_seconds
            if found.health is Health.BUSY or (age is not None and age < settle):
                found = await session.read(entry.desired, found.id)
        return Job(entry.desired, entry.rules, session, found, self._plans[actor.address])

    @property
    def _limits(self) -> Limits:
        """The target's limits, but for restarts that are beyond them: apply would not even start."""
        limits = self._setup.target.limits
        beyond = any(one.guard == "max-restarts" for one in self._read.plan.refusals)
        return replace(limits, max_restarts=None) if beyond else limits

    def _for_some(self) -> Limits:
        """The limits for a part of the agents: a share is one of them all."""
        limits = self._limits
        if not isinstance(limits.max_unavailable, Share):
            return limits
        runners = [
            Runner(one.rules.restarts, one.session.account, isinstance(one.found, Live))
            for one in (actor.entry for actor in self._actors)
            if one.session is not None
        ]
        sizes = lane_sizes(runners, limits)
        restarting = [sizes[lane_of(one, limits)] for one in runners if one.restarts]
        return replace(limits, max_unavailable=max(restarting, default=1))

    def _expected(self, entry: Entry) -> Expected:
        """How long a restart of this agent takes, by what is on record."""
        address, plan = entry.desired.address, entry.decision.plan
        operation = "create" if isinstance(plan, Create) else "update"
        known = [one.bounds[1] for one in self._recorded(address, operation)[:_NEWEST]]
        if not known:
            own_limit = entry.desired.rollout.timeout_seconds
            limit = self._setup.target.wait.timeout_seconds if own_limit is None else own_limit
            # Nothing says that it takes longer than whoever set the limit expects.
            return Expected(min(ASSUMED_SECONDS, limit / 2), Known.ASSUMED)
        timing = self._read.plan.ledger.timings.get(address) if self._read.plan.ledger else None
        own = timing is not None and timing.own
        return Expected(median(known), Known.OWN if own else Known.KIND, len(known))

    def _earlier(self) -> Earlier:
        """What is on record, and where that is nothing what is assumed instead."""

        def earlier(address: Address, operation: str) -> Sequence[Recorded]:
            recorded = self._recorded(address, operation)
            if recorded:
                return recorded
            seconds = self._lengths[address].seconds
            return [Recorded("assumed", seconds + _CONFIRM_SECONDS, seconds, seconds)] * _NEWEST

        return earlier

    def _outcome(self, entry: Entry, take: _Take) -> Outcome:
        address = entry.desired.address
        return take.outcomes.get(address) or unstarted(self._plans[address], "")

    def _part(self, entry: Entry, outcome: Outcome, take: _Take, since: float) -> Part:
        address, about = entry.desired.address, self._plans[entry.desired.address].about
        spans = tuple(
            Span(one.doing, one.begin + since, one.end + since)
            for one in take.spans.get(address, ())
        )
        restart = self._lengths[address] if outcome.writes and entry.rules.restarts else None
        counts = entry.desired.rollout.on_failure is not OnFailure.CONTINUE
        return Part(outcome, _wave(entry), about.leads, counts, spans, restart)

    def _remarks(self) -> Iterator[str]:
        """What stands between this and a real apply."""
        for refusal in filter(None, (refusal_of(self._read.plan), denial(self._read.plan.policy))):
            yield f"apply refuses this plan ({refusal}); it was rehearsed as if that were allowed"
        missing = {
            reference
            for entry in self._read.entries
            if (reference := unresolved(entry.desired.spec)) is not None
        }
        if missing:
            names = _several(sorted(missing))
            yield (
                f"apply does not start without {counted(len(missing), 'secret')} that "
                f"{'has' if len(missing) == 1 else 'have'} no value here ({names}); a word stood in"
            )

    async def _unlike(self) -> Sequence[str]:
        """Which agents the twin shows otherwise than their cloud did, as the plan sees it."""
        unlike: list[str] = []
        self._clock.origin = self._began - self._clock.monotonic()
        async with opened_twin(self._clock, self._setup, self._actors, since=0.0) as twin:
            for session in {id(one): one for one in twin.sessions.values()}.values():
                mine = [a for a in self._actors if twin.sessions[a.address] is session]
                found = await session.fetch([actor.entry.desired for actor in mine])
                for actor, one in zip(mine, found, strict=True):
                    entry = actor.entry
                    plans = (
                        decide(entry.desired, live, entry.rules, self._options).plan
                        for live in (entry.found, one)
                    )
                    if len(set(map(_gist, plans))) > 1:
                        unlike.append(str(actor.address))
        if not unlike:
            return ()
        return (f"the twin shows otherwise than its cloud did: {_several(unlike)}",)


def _reached(entry: Entry) -> bool:
    """Whether its cloud answered: of what could not be read there is no twin."""
    return entry.session is not None and not isinstance(entry.found, Unread)


def _wave(entry: Entry) -> int:
    return entry.desired.rollout.wave


def _first(parts: Sequence[Part], wave: int) -> Part | None:
    """The first agent of a wave that is restarted; where there are canaries it is one of them."""
    restarted = [part for part in parts if part.wave == wave and part.restart]
    return min(restarted, key=lambda part: part.sent or 0.0, default=None)


def _counts(part: Part) -> bool:
    """Whether this agent counts towards `limits.maxFailures`, had it been written to."""
    return part.outcome.writes > 0 and part.outcome.result in _FAILURES and part.counts


def _spans(
    address: Address, notes: _Notes, start: float, end: float, outcome: Outcome
) -> Iterator[Span]:
    """What one agent did when, counted from `start`."""
    name = key(address)
    own = [(at, what) for at, one, what in notes.events if one == name]
    wait = notes.waits.get(address)
    first = next((at for at, what in own if what in _BEGINS), start + outcome.seconds)
    if wait is not None and wait < first:
        yield Span(Doing.WAITING, wait - start, first - start)
    for position, (at, what) in enumerate(own):
        if what in _BEGINS:
            over = next((later for later, word in own[position:] if word in _ENDS), end)
            yield Span(_BEGINS[what], at - start, over - start)


def _gist(plan: AgentPlan) -> tuple[type, tuple[str, ...]]:
    changes = plan.changes if isinstance(plan, Create | Update | Blocked) else ()
    return type(plan), tuple(change.path for change in changes)


def _several(names: Sequence[str]) -> str:
    more = len(names) - _TOLD
    return ", ".join(names[:_TOLD]) + (f" and {more} more" if more > 0 else "")
