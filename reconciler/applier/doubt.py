"""A write without a usable answer: read until it is known whether it took effect. Section 8."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from reconciler.applier.job import Job, Run
from reconciler.applier.poller import When
from reconciler.applier.quiet import is_busy
from reconciler.differ.fingerprint import compare_all
from reconciler.model.live import Absent, Live
from reconciler.model.tree import parents

LOOK_SECONDS: Final = 1.0
"""The gap between two looks while it is not known what became of a write."""

ALONG_SECONDS: Final = 0.2
"""So much earlier a look may be taken along with others."""


class Doubt(Enum):
    """What became of a write whose outcome was not known."""

    APPLIED = "a field that it changes shows its value"
    NO_EFFECT = "no effect within the in-doubt time"
    UNKNOWABLE = "no read can show what it changes"
    TIME = "time ran out"


@dataclass(frozen=True, slots=True)
class Question:
    """What to find out: `paths` are the differences that the write was to end.

    `before` is None for a creation, whose effect is that the agent exists. Times are monotonic.
    """

    paths: frozenset[str]
    before: Live | None
    sent_at: float
    deadline: float


async def resolve(
    job: Job, run: Run, question: Question, agent_id: str | None
) -> tuple[Doubt, Live | None]:
    """Read until the outcome is known; the read that showed an effect comes with it.

    While the agent is busy nothing is concluded. A moved stamp alone proves nothing: it may be
    somebody else's.
    """
    if question.before is not None and not question.paths:
        return Doubt.UNKNOWABLE, None
    clock = run.clock
    seen: frozenset[str] = question.paths
    while True:
        now = clock.monotonic()
        at = now + LOOK_SECONDS
        within = max(question.deadline - now, LOOK_SECONDS) + LOOK_SECONDS
        look = await run.look_within(within, job, agent_id, When(at, at - ALONG_SECONDS))
        found = None
        if look is not None:
            found, at = look.found, look.asked
        if isinstance(found, Live):
            left, seen = _left(job, run, found, question.paths)
            if question.before is None or seen - left:
                return Doubt.APPLIED, found
        over = at - question.sent_at >= run.wait.in_doubt_seconds
        if over and isinstance(found, Live | Absent) and not is_busy(found):
            shows = question.before is None or seen
            return (Doubt.NO_EFFECT if shows else Doubt.UNKNOWABLE), None
        if at >= question.deadline:
            return Doubt.TIME, None


def _left(
    job: Job, run: Run, live: Live, paths: frozenset[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Of the changed paths, those that still differ, and those that this read can show at all."""
    comparison = compare_all(job.desired, live.tree, job.rules, run.options.fingerprinter)
    hidden = {path for path, _ in comparison.unobservable}
    seen = frozenset(path for path in paths if not hidden & set(parents(path)))
    return frozenset(comparison.paths), seen
