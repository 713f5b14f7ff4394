"""How the order of a plan and what came of going back are told."""

import pytest

from reconciler.model.outcome import Cause, Outcome, Restored, Result, Rollback
from reconciler.model.plan import Plan, Update
from reconciler.report.outcomes import render_outcomes
from reconciler.report.rollback import rollback_lines, verdict
from reconciler.report.text import render_plan
from reconciler.report.waves import turn_words, waves_line
from tests.support.cli import about, address, change, update


def entry(name: str, wave: int | None, *, canary: bool = False) -> Update:
    """An update in this wave."""
    of = about(name)._replace(wave=wave, leads=canary)
    return update(change("/description", "old", "new"), of=of)


def test_the_order_names_each_wave_with_its_writes() -> None:
    """Waves in their order, whatever the order of the manifests; one wave alone is no news."""
    agents = (entry("b", 10), entry("a", 2), entry("c", 10))
    assert waves_line(Plan("t", agents)) == "Order: wave 2 (1 write), wave 10 (2 writes)"
    assert waves_line(Plan("t", agents[:1])) == ""
    assert waves_line(Plan("t", ())) == ""


def test_canaries_of_a_single_wave_are_told_without_its_number() -> None:
    """`all` is every write of the plan."""
    agents = tuple(entry(f"n{i}", None, canary=i < 2) for i in range(3))
    assert waves_line(Plan("t", agents)) == "Order: all (3 writes, 2 canaries first)"
    assert [turn_words(agent.about) for agent in agents] == ["canary", "canary", ""]


def test_the_heading_of_an_agent_says_its_turn() -> None:
    """Between its status and the place of its manifest."""
    plan = Plan("t", (entry("bot", 1, canary=True), entry("other", 0)))
    lines = render_plan(plan, color=False, width=120).splitlines()
    heading = " ".join(lines[0].split())
    assert heading == "~ Agent/bot id-1, READY wave 1, canary manifests/agents.yaml:1"
    assert "Order: wave 0 (1 write), wave 1 (1 write, 1 canary first)" in lines


PART = (Restored("/a", True), Restored("/b", False, "no way"))


@pytest.mark.parametrize(
    ("rollback", "said"),
    [
        (Rollback(Result.CHANGED, "", PART[:1]), "rolled back: it is as it was before"),
        (Rollback(Result.CHANGED, "", PART), "rolled back in part: 1 of 2 fields could not be"),
        (Rollback(Result.UNCHANGED, "as before"), "not rolled back: as before"),
        (Rollback(Result.SKIPPED, "created"), "not rolled back: created"),
        (Rollback(Result.BLOCKED, "a mask", PART), "not rolled back: a mask"),
        (Rollback(Result.FAILED, "FAILED"), "rolled back, and it failed: FAILED"),
        (Rollback(Result.TIMED_OUT, "busy"), "rolled back, and not back in time: busy"),
        (Rollback(Result.NOT_KEPT, "x"), "rolled back, and not all of it was kept: x"),
        (Rollback(Result.UNKNOWN, "x"), "rolled back, and what came of it is not known: x"),
        (Rollback(Result.INTERRUPTED, "x"), "its rollback was interrupted: x"),
    ],
)
def test_each_end_of_going_back_has_its_sentence(rollback: Rollback, said: str) -> None:
    """Whether the agent is as before is the first thing that is said."""
    assert verdict(rollback) == said
    assert rollback.complete == (
        rollback.result in (Result.CHANGED, Result.UNCHANGED) and rollback.fields != PART
    )


def test_each_field_is_told_below_the_failure() -> None:
    """Restored or not, and why not; what a cloud says cannot act on the terminal."""
    rollback = Rollback(Result.CHANGED, "", (*PART, Restored("/c\x1b[2J", True, "emptied")))
    assert list(rollback_lines(rollback))[1:3] == ["restored: /a", "not restored: /b (no way)"]
    assert list(rollback_lines(rollback, restored=False))[1:] == ["not restored: /b (no way)"]
    outcome = Outcome(
        address(), "id", Result.FAILED, Cause.AGENT_FAILED, 9.0, 2, 2, "ended X", rollback=rollback
    )
    text = render_outcomes([outcome], color=False)
    assert text.splitlines()[1:4] == [
        "    ended X",
        "    rolled back in part: 1 of 3 fields could not be",
        "      restored: /a",
    ]
    assert "\x1b" not in text
