"""What a plan costs and what refuses it, as people read it."""

from dataclasses import replace

import pytest

from reconciler.model.ledger import Ledger, Refusal
from reconciler.report.json import plan_document
from reconciler.report.ledger import duration, expectation, render_limits, restart_words
from reconciler.report.text import summary_line
from tests.support.cli import change, plan_of, update

UPDATE = update(change("/a", 1, 2))


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 s"),
        (0.2, "1 s"),
        (59.1, "1 min"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
    ],
)
def test_a_time_is_rounded_up_and_has_two_units_at_most(seconds: float, told: str) -> None:
    """An expectation is no measurement: nobody needs its milliseconds."""
    assert duration(seconds) == told


def test_the_summary_tells_the_time_only_where_something_is_written() -> None:
    """Unknown is said in a word; a plan of which nobody asked it says nothing of time."""
    plan = plan_of(UPDATE)
    ledger = Ledger(100.0, runs=2)
    assert expectation(ledger) == "about 1 min 40 s expected (from 2 recorded runs)"
    assert summary_line(replace(plan, ledger=ledger)).endswith(expectation(ledger))
    assert summary_line(replace(plan, ledger=Ledger())).endswith("expected seconds unknown")
    assert summary_line(plan).endswith("1 request")
    assert "expected" not in summary_line(replace(plan_of(), ledger=ledger))
    assert "expectedSeconds" not in plan_document(plan)["summary"]


def test_an_update_tells_its_reason_where_it_has_one() -> None:
    """What restarts and what does not are both said."""
    assert restart_words(UPDATE) == "this restarts the runtime"
    calm = update(restarts=False)
    assert restart_words(calm) == ""
    assert restart_words(replace(calm, restart_reason="why")) == "nothing restarts (why)"


def test_a_refusal_is_wrapped_to_the_width() -> None:
    """On a terminal no line is longer than it, and no word is lost."""
    refusal = Refusal("max-restarts", "4 agents would restart, more than 2", "--max-restarts 4")
    plan = replace(plan_of(UPDATE), refusals=(refusal,))
    text = render_limits(plan, color=False, width=40)
    assert text.splitlines()[1] == "    ! 4 agents would restart, more"
    assert max(map(len, text.splitlines())) <= 40
    assert text.split() == render_limits(plan, color=False).split()


def test_refusals_and_damaged_records_hold_nothing_that_a_terminal_acts_on() -> None:
    """The name of a record is whatever somebody called a file."""
    hostile = "\x1b[31mred\r\u202e"
    plan = replace(
        plan_of(UPDATE),
        ledger=Ledger(damaged=((f"{hostile}.jsonl", "why"),)),
        refusals=(Refusal("max-restarts", hostile, "--max-restarts 1"),),
    )
    quiet = render_limits(plan, color=False)
    verbose = render_limits(plan, color=False, verbose=True)
    assert "--max-restarts 1 allows it" in quiet
    assert ".jsonl" not in quiet
    assert ".jsonl was passed over: why\n" in verbose
    assert not {"\x1b", "\r", "\u202e"} & {*quiet, *verbose}
    assert render_limits(plan_of(UPDATE), color=False, verbose=True) == ""
