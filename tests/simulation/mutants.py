"""The applier, broken on purpose in one way at a time: the oracle must notice each of them.

A mutant is what to put in the place of what; nothing of it is ever on the disk.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final
from unittest.mock import patch

from reconciler.applier import agent, follow, quiet, rollback, run, settle, stop, verdict
from reconciler.applier.agent import Carrier
from reconciler.applier.doubt import Doubt
from reconciler.applier.job import Run
from reconciler.applier.record import FileJournal
from reconciler.applier.settle import Settling, Verdict
from reconciler.applier.waves import Ticket, Waves, _Wave
from reconciler.cli import exits
from reconciler.differ.compare import Comparison
from reconciler.differ.decide import decide as _decide
from reconciler.model.live import Absent, Health, Live, Unread
from reconciler.model.outcome import Cause
from reconciler.ports import History
from reconciler.wire.limiter import Limiter

_observe = Settling.observe
_record = Carrier._record
_scope = stop.Stop.scope
_suspect = quiet.suspect
_observed = follow.observed
_rejected = verdict.rejected


@dataclass(frozen=True)
class Mutant:
    """`swaps`: (where, name, by what)."""

    swaps: tuple[tuple[Any, str, Any], ...]

    @contextmanager
    def alive(self) -> Iterator[None]:
        """The applier is broken in this way inside the block."""
        with ExitStack() as stack:
            for where, name, instead in self.swaps:
                stack.enter_context(patch.object(where, name, instead))
            yield


def _first_failed(self: Settling, live: Live, at: float, **more: Any) -> Verdict:
    """FAILED is believed at the first sight."""
    return Verdict.FAILED if live.health is Health.FAILED else _observe(self, live, at, **more)


def _first_ready(self: Settling, live: Live, at: float, **more: Any) -> Verdict:
    """READY is believed at the first sight of a new stamp, busy before or not."""
    ready = live.health is Health.READY and self.newer(live)
    return Verdict.BACK if ready else _observe(self, live, at, **more)


async def _back_already(job: Any, run: Any, written: Any, agent_id: Any) -> Any:
    """Nobody waits for the way back to end."""
    found = await job.session.read(job.desired, agent_id)
    return follow.Followed(follow.End.BACK, found if isinstance(found, Live) else None)


def _planned(self: Carrier, found: Any) -> Any:
    """What is sent follows from the plan's read, not from the last one."""
    return _decide(self.job.desired, self.job.found, self.job.rules, self.run.options)


async def _no_effect(job: Any, run: Any, question: Any, agent_id: Any) -> Any:
    await run.clock.sleep(1.0)
    return Doubt.NO_EFFECT, None


async def _applied(job: Any, run: Any, question: Any, agent_id: Any) -> Any:
    await run.clock.sleep(1.0)
    return Doubt.APPLIED, None


async def _by_stamp(job: Any, run: Any, question: Any, agent_id: Any) -> Any:
    """A moved stamp is taken for our own effect, any read without one for none."""
    await run.clock.sleep(1.0)
    found = await job.session.read(job.desired, agent_id)
    before = question.before.stamp if question.before else None
    moved = isinstance(found, Live) and found.stamp != before
    return (Doubt.APPLIED if moved else Doubt.NO_EFFECT), None


def _unrecorded(self: Carrier, event: str, **details: object) -> None:
    if event != "write-intended":
        _record(self, event, **details)


def _recorded_late(self: Carrier, event: str, **details: object) -> None:
    """The intent goes on record together with the answer."""
    if event == "write-answered":
        _record(self, "write-intended", operation="update", stamp=None)
    if event != "write-intended":
        _record(self, event, **details)


def _unkept(job: Any, run: Any, live: Live) -> Any:
    """Every value is taken to be as declared."""
    comparison, _ = _observed(job, run, live)
    return Comparison([], comparison.unobservable), True


def _absent_if_unread(desired: Any, found: Any, *more: Any) -> Any:
    return _decide(desired, Absent() if isinstance(found, Unread) else found, *more)


def _carries_more(desired: Any, found: Any, *more: Any) -> Any:
    """The body has a field that could be left out."""
    decision = _decide(desired, found, *more)
    if decision.body is None or not isinstance(found, Live) or "isolated" in decision.body:
        return decision
    return decision._replace(body={**decision.body, "isolated": False})


def _overwrites(desired: Any, found: Any, *more: Any) -> Any:
    """The body has a value that somebody else may have changed."""
    decision = _decide(desired, found, *more)
    if decision.body is None or "memory" not in decision.body:
        return decision
    return decision._replace(body={**decision.body, "memory": 2048})


def _gives_back(self: Carrier, *more: Any) -> Any:
    """The slot is given back as soon as the write was answered."""
    self.release()
    return _pursue(self, *more)


async def _at_once(*_: Any) -> None:
    """Nobody waits."""


_pursue = Carrier._pursue

_LANES: Final = [
    (restarts, account)
    for restarts in (True, False)
    for account in ("", "simulated runtime", "simulated prompt")
]

MUTANTS: Final[Mapping[str, Mutant]] = {
    "one look is enough": Mutant(((settle, "CONFIRM_SECONDS", -1.0),)),
    "READY is believed at once": Mutant(((Settling, "observe", _first_ready),)),
    "stamps say nothing": Mutant(
        ((Settling, "_behind", lambda *_: False), (Settling, "newer", lambda *_: True))
    ),
    "old failures are believed": Mutant(((Settling, "observe", _first_failed),)),
    "the plan's read decides": Mutant(((Carrier, "_decide", _planned),)),
    "doubt is no effect": Mutant(((agent, "resolve", _no_effect),)),
    "doubt is an effect": Mutant(((agent, "resolve", _applied),)),
    "a stamp proves an effect": Mutant(((agent, "resolve", _by_stamp),)),
    "no slots": Mutant(((run, "lane_sizes", lambda *_: dict.fromkeys(_LANES, 99)),)),
    "slots end with the answer": Mutant(((Carrier, "_pursue", _gives_back),)),
    "failures do not count": Mutant(((Run, "fail", lambda _: None),)),
    "no budget": Mutant(((Run, "restart", lambda _: ""),)),
    "waves at once": Mutant(((Ticket, "turn", _at_once),)),
    "no pause": Mutant(((Waves, "_pause", _at_once),)),
    "no canary": Mutant(((_Wave, "_may", lambda *_: True),)),
    "a stop stops nothing": Mutant(((stop.Stop, "set", lambda _: None),)),
    "no intent": Mutant(((Carrier, "_record", _unrecorded),)),
    "the intent comes late": Mutant(((Carrier, "_record", _recorded_late),)),
    "no memory": Mutant(((FileJournal, "history", lambda _: History()),)),
    "age says nothing": Mutant(
        ((quiet, "suspect", lambda *a: _suspect(*a) if quiet.is_busy(a[2]) else None),)
    ),
    "busy is no matter": Mutant(((quiet, "suspect", lambda *_: None),)),
    "what is not kept is kept": Mutant(((follow, "observed", _unkept),)),
    "unread is absent": Mutant(((agent, "decide", _absent_if_unread),)),
    "the body has too much": Mutant(((agent, "decide", _carries_more),)),
    "the body overwrites": Mutant(((agent, "decide", _overwrites),)),
    "no way back": Mutant(((agent, "_UNDONE", ()),)),
    "the way back is not waited for": Mutant(((rollback, "follow", _back_already),)),
    "denied is the cloud's fault": Mutant(
        (
            (
                agent,
                "rejected",
                lambda error: replace(_rejected(error), cause=Cause.CLOUD),
            ),
        )
    ),
    "exit codes in another order": Mutant(((exits, "ORDER", (130, 1, 3, 6, 5, 4, 7, 2, 0)),)),
    "no rate": Mutant(((Limiter, "admit", _at_once),)),
}
