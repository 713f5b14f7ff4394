"""What came of a run, as text for people."""

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.model.outcome import Outcome, Result
from reconciler.report.count import count_outcomes, counted
from reconciler.report.ignoring import PASTE, ignore_yaml
from reconciler.report.ink import Ink, Style
from reconciler.report.plain import capped, plain
from reconciler.report.rollback import rollback_lines
from reconciler.report.wrap import Piece, painted

_STYLES: Final = {
    Result.CHANGED: Style.ADDED,
    Result.CREATED: Style.ADDED,
    Result.WRITTEN: Style.CHANGED,
    Result.UNCHANGED: Style.DIM,
    Result.BLOCKED: Style.WARNING,
    Result.FAILED: Style.WARNING,
    Result.TIMED_OUT: Style.WARNING,
    Result.NOT_KEPT: Style.WARNING,
    Result.UNKNOWN: Style.WARNING,
    Result.SKIPPED: Style.CHANGED,
    Result.INTERRUPTED: Style.CHANGED,
}
_ALWAYS: Final = (Result.CHANGED, Result.UNCHANGED, Result.BLOCKED, Result.FAILED)
_WORD_WIDTH: Final = max(len(result.value) for result in Result)


def render_outcomes(outcomes: Sequence[Outcome], *, color: bool, verbose: bool = False) -> str:
    """One line for each agent with what it took, then its reason and notes.

    Agents that were and stay as they should be are listed with `verbose` only. The text is empty
    or ends in a line feed.
    """
    ink = Ink(color)
    lines = [
        line
        for outcome in outcomes
        if verbose or outcome.result is not Result.UNCHANGED or outcome.notes or outcome.reason
        for line in _lines(outcome, ink)
    ]
    return "".join(f"{line}\n" for line in lines)


def render_summary(outcomes: Sequence[Outcome], *, seconds: float, color: bool) -> str:
    """The last line of a run: created where any was, changed, unchanged, blocked, failed, restarts, seconds."""
    numbers = count_outcomes(outcomes)
    results = [
        Result.CREATED,
        *_ALWAYS,
        *(result for result in Result if result not in (Result.CREATED, *_ALWAYS)),
    ]
    states = ", ".join(
        f"{numbers[result]} {result.value}"
        for result in results
        if numbers[result] or result in _ALWAYS
    )
    restarts = counted(sum(outcome.restarts for outcome in outcomes), "restart")
    line = f"Apply: {states}; {restarts}, {seconds:.1f} s"
    return Ink(color).paint(Style.STRONG, line) + "\n"


def _lines(outcome: Outcome, ink: Ink) -> Iterator[str]:
    word = ink.paint(_STYLES[outcome.result], outcome.result.value.ljust(_WORD_WIDTH))
    costs = [f"{outcome.seconds:.1f} s"]
    if outcome.restarts:
        costs.append(counted(outcome.restarts, "restart"))
    yield f"{word}  {plain(str(outcome.address))}  {', '.join(costs)}"
    if outcome.reason:
        lines = plain(capped(outcome.reason), lines=True).split("\n")
        yield from (painted([Piece(f"    {line}")], ink) for line in lines)
    if rules := ignore_yaml(outcome):
        yield f"    {PASTE}"
        yield from (f"      {plain(line)}" for line in rules.splitlines())
    if outcome.rollback is not None:
        words, *fields = rollback_lines(outcome.rollback)
        yield f"    {plain(capped(words))}"
        yield from (f"      {plain(capped(line))}" for line in fields)
    for note in outcome.notes:
        yield f"    note: {plain(capped(note))}"
