"""What came of a run, as text."""

import re

from reconciler.model.outcome import Outcome, Result
from reconciler.report.outcomes import render_outcomes, render_summary
from tests.support.cli import address, every_outcome


def test_each_result_is_a_line_with_its_costs_reason_and_notes() -> None:
    """Each agent's result, seconds and restarts stand on one line, why and notes below it."""
    outcome = Outcome(
        address("bot"), "id", Result.FAILED, seconds=3.14, restarts=2, reason="why", notes=("n",)
    )
    assert render_outcomes([outcome], color=False) == (
        "failed       Agent/bot  3.1 s, 2 restarts\n    why\n    note: n\n"
    )


def test_unchanged_agents_are_listed_only_when_asked_for() -> None:
    """An agent that was and stays in sync is no news."""
    outcome = Outcome(address("calm"), "id", Result.UNCHANGED)
    assert render_outcomes([outcome], color=False) == ""
    assert "unchanged" in render_outcomes([outcome], color=False, verbose=True)


def test_the_summary_always_names_the_four_results_and_the_costs() -> None:
    """Changed, unchanged, blocked and failed are always told, other results where they occur."""
    assert render_summary([], seconds=0, color=False) == (
        "Apply: 0 changed, 0 unchanged, 0 blocked, 0 failed; 0 restarts, 0.0 s\n"
    )
    assert render_summary(every_outcome(), seconds=61.26, color=False) == (
        "Apply: 1 created, 1 changed, 1 unchanged, 1 blocked, 1 failed, 1 timed-out, 1 not-kept, "
        "1 unknown, 1 skipped, 1 interrupted, 1 written; 5 restarts, 61.3 s\n"
    )


def test_a_message_of_the_cloud_cannot_act_on_the_terminal() -> None:
    """Escape bytes in a reason are shown, and its lines stay indented below its agent."""
    outcome = Outcome(address("bot"), "id", Result.FAILED, reason="a\x1b[31m\nApply: 9 changed")
    text = render_outcomes([outcome], color=False)
    assert "\x1b" not in text
    assert not re.search(r"^Apply", text, re.MULTILINE)


def test_a_page_long_message_is_cut_and_a_short_one_is_whole() -> None:
    """A cloud may answer with a whole web page: 600 characters of it are enough for people."""
    whole = Outcome(address("bot"), "id", Result.FAILED, reason="r" * 600, notes=("n" * 600,))
    assert "more character" not in render_outcomes([whole], color=False)
    cut = Outcome(address("bot"), "id", Result.FAILED, reason="r" * 601, notes=("n" * 2000,))
    lines = render_outcomes([cut], color=False).splitlines()
    assert lines[1] == "    " + "r" * 600 + "… (1 more character)"
    assert lines[2] == "    note: " + "n" * 600 + "… (1,400 more characters)"
