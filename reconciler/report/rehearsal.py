"""A rehearsal for people: the run that a plan would be, as a table with bars, and what a failure does.

Bars are ASCII: what looks like a block takes two cells in a Chinese terminal.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from reconciler.model.manifest import Address
from reconciler.model.outcome import Result
from reconciler.model.rehearsal import Doing, Expected, Known, Mishap, Part, Rehearsal
from reconciler.report.count import count_outcomes, counted
from reconciler.report.ink import Ink, Style
from reconciler.report.ledger import duration
from reconciler.report.plain import capped, plain
from reconciler.report.rollback import rollback_lines
from reconciler.report.wrap import Piece, painted, shorten, width_of, wrapped

TITLE: Final = "Rehearsal: the apply of this plan, played on a copy in memory; nothing was sent"
UNKNOWABLE: Final = (
    "how long real restarts take: what is on record is taken again, what is not is assumed",
    "whether the cloud has room for the new instances, can fetch the image and finds it healthy",
    "whether these credentials may write: they were used for reading only",
    "what the vendors' pages leave open: the copy then does what the sandbox does by default",
    "who else changes these agents meanwhile, and how fast the clouds answer",
)
"""What a rehearsal says nothing about."""

_MARKS: Final = {Doing.WAITING: ".", Doing.CREATE: "+", Doing.UPDATE: "=", Doing.ROLLBACK: "<"}
_WORDS: Final = {
    Doing.WAITING: "waits for a restart that is not ours",
    Doing.CREATE: "creation",
    Doing.UPDATE: "update",
    Doing.ROLLBACK: "rollback",
}
_QUIET: Final = (Result.CHANGED, Result.CREATED, Result.UNCHANGED)
_LEAST_BAR: Final = 10
_MOST_BAR: Final = 60
_TOLD: Final = 10
_ONE_LINE: Final = 1_000_000
"""More cells than any sentence takes."""


def render_rehearsal(rehearsal: Rehearsal, *, color: bool, width: int, wraps: bool = False) -> str:
    """The whole report; it ends in a line feed. Sentences are kept within the width if it `wraps`."""
    ink = Ink(color)
    prose = width if wraps else _ONE_LINE
    lines = [ink.paint(Style.STRONG, row) for row in _indented(TITLE, prose, 0)]
    lines += [*_indented(totals(rehearsal), prose, 2), ""]
    lines += _timeline(rehearsal, ink, width, prose)
    for remark in remarks(rehearsal):
        lines += _indented(f"note: {plain(capped(remark))}", prose, 2)
    for mishap in rehearsal.mishaps:
        first, *rest = mishap_lines(mishap)
        lines += ["", *_indented(first, prose, 0)]
        lines += [row for one in rest for row in _indented(one, prose, 2)]
    for wave, why in rehearsal.unbroken:
        lines += _indented(f"Wave {wave}: no failure was played, {why}", prose, 0)
    lines += ["", *_indented("What a rehearsal cannot know:", prose, 0)]
    lines += [row for one in UNKNOWABLE for row in _indented(f"- {one}", prose, 2)]
    return "".join(f"{line}\n" for line in lines)


def totals(rehearsal: Rehearsal) -> str:
    """One sentence: results, restarts, time and exit code."""
    numbers = count_outcomes(part.outcome for part in rehearsal.parts)
    results = ", ".join(f"{numbers[one]} {one.value}" for one in Result if numbers[one])
    restarts = counted(rehearsal.restarts, "restart")
    took = f"about {duration(rehearsal.seconds)}{_resting_on(rehearsal.restarting)}"
    return f"{results or 'no agents'}; {restarts}, {took}; exit code {rehearsal.exit_code}"


def _resting_on(lengths: Sequence[Expected]) -> str:
    """` (restart times: 3 recorded, 1 assumed to be 1 min)`; empty where nothing restarts."""
    known = Counter(one.known for one in lengths)
    words = {
        Known.OWN: f"{known[Known.OWN]} recorded",
        Known.KIND: f"{known[Known.KIND]} as others of their kind",
    }
    parts = [words[one] for one in words if known[one]]
    if known[Known.ASSUMED]:
        seconds = max(one.seconds for one in lengths if one.known is Known.ASSUMED)
        parts.append(f"{known[Known.ASSUMED]} assumed to be {duration(seconds)}")
    return f" (restart times: {', '.join(parts)})" if parts else ""


def remarks(rehearsal: Rehearsal) -> Iterator[str]:
    """What is to be known of this rehearsal; not yet harmless."""
    yield from rehearsal.remarks
    for address, reason in rehearsal.left_out:
        yield f"{address} was left out: {reason}"


def is_told(part: Part) -> bool:
    """Whether the timeline has a row for this agent."""
    return bool(part.spans) or part.outcome.result is not Result.UNCHANGED


def _timeline(rehearsal: Rehearsal, ink: Ink, width: int, prose: int) -> Iterator[str]:
    told = [part for part in rehearsal.parts if is_told(part)]
    if not told:
        return
    table = _Table.of(told, rehearsal.seconds, width, prose)
    several_waves = len({part.wave for part in told}) > 1
    for wave in sorted({part.wave for part in told}):
        if several_waves:
            yield f"  {ink.paint(Style.STRONG, f'wave {wave}')}"
        for part in told:
            if part.wave == wave:
                yield from table.row(part, ink)
    used = {span.doing for part in told for span in part.spans}
    if used and table.bar:
        marks = ", ".join(f"{_MARKS[one]} {_WORDS[one]}" for one in Doing if one in used)
        legend = f"the bars are {duration(rehearsal.seconds)} long: {marks}"
        yield from (ink.paint(Style.DIM, row) for row in _indented(legend, prose, 2))


@dataclass(frozen=True, slots=True)
class _Table:
    """How wide the columns are, in cells; `bar` is 0 where there is no room for bars.

    `prose` is how wide sentences may be.
    """

    prose: int
    name: int
    result: int
    bar: int
    seconds: float

    @classmethod
    def of(cls, told: Sequence[Part], seconds: float, width: int, prose: int) -> "_Table":
        name = max(width_of(_label(part)) for part in told)
        result = max(len(part.outcome.result.value) for part in told)
        room = width - result - max(len(_times(part)) for part in told) - 10  # indent, gaps, ends
        if room < 2 * _LEAST_BAR:
            return cls(prose, name, result, 0, seconds)
        name = min(name, max(room * 2 // 3, _LEAST_BAR))
        return cls(prose, name, result, min(_MOST_BAR, room - name), seconds)

    def row(self, part: Part, ink: Ink) -> Iterator[str]:
        """One agent: who, what becomes of it, a bar, from when to when; and why below."""
        outcome, time = part.outcome, _times(part)
        quiet = outcome.result in _QUIET
        if self.bar:
            label = shorten(_label(part), self.name)
            name = label + " " * (self.name - width_of(label))
            result = Piece(
                outcome.result.value.ljust(self.result), None if quiet else Style.WARNING
            )
            bar = _bar(part, self.seconds, self.bar)
            yield painted([Piece(f"  {name}  "), result, Piece(f"  {bar}  {time}")], ink)
        else:
            told = ", ".join(filter(None, (outcome.result.value, time)))
            yield from _indented(f"{_label(part)}: {told}", self.prose, 2)
        if outcome.reason and not quiet:
            yield from _indented(plain(capped(outcome.reason)), self.prose, 6)


def _label(part: Part) -> str:
    return plain(str(part.address)) + (" (canary)" if part.canary else "")


def _times(part: Part) -> str:
    if not part.spans:
        return ""
    return f"{duration(part.spans[0].begin)} to {duration(part.spans[-1].end)}"


def _bar(part: Part, whole: float, width: int) -> str:
    """What the agent does in each of `width` parts of the run; a short thing takes one of them."""
    marks = [" "] * width
    for span in part.spans:
        first = min(int(span.begin / whole * width), width - 1) if whole else 0
        last = min(int(span.end / whole * width), width) if whole else 0
        for at in range(first, max(last, first + 1)):
            marks[at] = _MARKS[span.doing]
    return f"|{''.join(marks)}|"


def mishap_lines(mishap: Mishap) -> Iterator[str]:
    """What comes of one failure: the failure itself, what goes back, what is stopped, the end."""
    failed = mishap.failed
    back = failed.outcome.rollback
    canary = ", its canary," if mishap.canary else ""
    yield f"If {plain(str(mishap.address))}{canary} ends FAILED in wave {mishap.wave}:"
    if back is None:
        yield "it is not rolled back: rollout.onFailure does not ask for it"
    else:
        yield from (plain(capped(line)) for line in rollback_lines(back))
    others = [
        part
        for part in mishap.parts
        if part is not failed and part.outcome.result not in (*_QUIET, Result.SKIPPED)
    ]
    for part in others:
        yield f"{plain(str(part.address))} ends {part.outcome.result.value}: {plain(part.outcome.reason)}"
    if mishap.halted:
        stopped = counted(len(mishap.stopped), "agent")
        yield f"nothing more is started: {plain(capped(mishap.halted))}"
        if mishap.stopped:
            yield f"{stopped} not written to: {several(mishap.stopped)}"
        else:
            yield "there was nothing left to start"
    else:
        within = "one failure is within limits.maxFailures"
        why = within if failed.counts else "rollout.onFailure is continue"
        yield f"the run goes on: {why}"
    over = f"wave {mishap.wave} is over after {duration(mishap.seconds)}"
    yield f"{over}, with {counted(mishap.restarts, 'restart')} in it; exit code {mishap.exit_code}"


def several(addresses: Sequence[Address]) -> str:
    """The first of them by name, and how many more there are."""
    more = len(addresses) - _TOLD
    names = ", ".join(plain(str(one)) for one in addresses[:_TOLD])
    return names + (f" and {more} more" if more > 0 else "")


def _indented(text: str, width: int, indent: int) -> Iterator[str]:
    """A sentence in lines of this width, those after the first a little further in."""
    margin = " " * indent
    for number, row in enumerate(wrapped([Piece(text)], max(width - indent - 2, 20))):
        text = "".join(piece.text for piece in row)
        yield (margin + ("  " if number else "") + text).rstrip()
