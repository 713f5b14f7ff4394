"""The plan as text: what a person sees, and what a terminal must never get to see."""

import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from reconciler.model.outcome import Cause
from reconciler.model.plan import NOTHING, Blocked, InSync, Plan, Unhealthy, Unreadable
from reconciler.report.ledger import RESTARTS
from reconciler.report.text import render_plan, summary_line
from tests.support.cli import about, change, every_entry, plan_of, update

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = "\x1b[31mred\x1b]8;;http://evil\x07\r\b\x7f\x9b2J\u202egnp\u2066\u200b\x00\u2028"


def plain_text(plan: Plan, *, width: int = 100, verbose: bool = False) -> str:
    return render_plan(plan, color=False, width=width, verbose=verbose)


@pytest.mark.parametrize("verbose", [False, True])
def test_every_kind_of_entry_is_shown_as_agreed(verbose: bool) -> None:
    """The whole plan with one of each entry reads exactly as the golden file says."""
    name = "plan-verbose.txt" if verbose else "plan.txt"
    expected = (GOLDEN / name).read_text(encoding="utf-8")
    assert plain_text(plan_of(*every_entry()), verbose=verbose) == expected


def test_the_summary_counts_every_state_restarts_and_requests() -> None:
    """`Plan: ...` names each state that occurs, then what carrying it out costs."""
    sync, create, _, _, _, blocked, _ = every_entry()
    plan = plan_of(sync, sync, sync, create, update(), update(), blocked)
    assert (
        summary_line(plan) == "Plan: 1 to create, 2 to update, 3 unchanged, 1 blocked; "
        "2 restarts, 3 requests"
    )


def test_all_in_sync_says_no_changes() -> None:
    """`No changes.` is said when every agent is in sync, and what could not be compared with it."""
    sync = every_entry()[0]
    assert summary_line(plan_of(sync, sync)) == (
        "No changes. 2 agents agree with the manifests; nothing will restart."
    )
    unseen = InSync(about(unobservable=[("/license", "write-only")]))
    assert summary_line(plan_of(unseen)) == (
        "No changes. 1 agent agrees with the manifests; nothing will restart. "
        "1 field cannot be compared."
    )


@pytest.mark.parametrize("index", range(1, 7))
def test_an_agent_that_is_not_in_sync_is_never_no_changes(index: int) -> None:
    """Blocked, unhealthy and unreadable agents are never told as `No changes`."""
    assert "No changes" not in plain_text(plan_of(every_entry()[0], every_entry()[index]))


def test_a_restart_is_announced_for_each_agent_that_restarts() -> None:
    """Every update says whether it restarts its runtime."""
    first = update(change("/cpu", 1, 2))
    second = update(change("/tags", [], ["a"]), restarts=False)
    assert plain_text(plan_of(first, first, second)).count(RESTARTS) == 2


def test_a_long_text_shows_only_the_lines_that_differ() -> None:
    """Of a prompt of many lines only the changed ones are printed, with their numbers."""
    before = "\n".join(f"line {number}" for number in range(1, 61))
    after = before.replace("line 7\n", "LINE 7\n").replace("line 30\n", "")
    text = plain_text(plan_of(update(change("/prompt", before, after))))
    shown = [line.strip() for line in text.splitlines() if re.match(r" {8}[-+#]", line)]
    assert shown == ["-  7 {-line-} 7", "+  7 {+LINE+} 7", "- 30 line 30", "# (58 unchanged lines)"]


def test_a_change_of_line_ends_alone_is_visible() -> None:
    """A carriage return or a last empty line is a difference that can be seen."""
    text = plain_text(plan_of(update(change("/prompt", "a\r\nb", "a\nb\n"))))
    assert "- 1 a{-\\r-}\n" in text
    assert "+ 3\n" in text


def test_a_long_line_is_cut_to_a_window_around_the_first_difference() -> None:
    """What differs in a line of thousands of characters is on the screen."""
    before, after = "x" * 3000 + "OLD" + "y" * 3000, "x" * 3000 + "NEW" + "y" * 3000
    text = plain_text(plan_of(update(change("/prompt", before, after))))
    assert "OLD" in text
    assert "NEW" in text
    assert max(map(len, text.splitlines())) <= 100


def test_a_value_of_one_line_has_no_line_numbers() -> None:
    """Where old and new do not fit beside each other they stand below each other, as values."""
    before, after = "registry.example.com/support/agent:v2", "registry.example.com/support/agent:v3"
    text = plain_text(plan_of(update(change("/image", before, after))), width=60)
    lines = text.splitlines()
    first = lines.index("        - registry.example.com/support/agent:{-v2-}")
    assert lines[first + 1] == "        + registry.example.com/support/agent:{+v3+}"


def test_very_many_changed_lines_are_folded() -> None:
    """More than twenty changed lines are counted, not printed."""
    before = "\n".join(f"a{number}" for number in range(3000))
    after = "\n".join(f"b{number}" for number in range(3000))
    text = plain_text(plan_of(update(change("/prompt", before, after))))
    assert "… 5,980 more changed lines (-v shows all)" in text
    assert len(text.splitlines()) < 30


def test_chinese_text_is_measured_in_cells() -> None:
    """A line of Chinese text takes two cells for each character and still fits the width."""
    before, after = "大话设计模式" * 40 + "甲" * 40, "大话设计模式" * 40 + "乙" * 40
    text = plain_text(plan_of(update(change("/prompt", before, after))), width=80)
    assert "甲" in text
    assert "乙" in text
    assert max(map(cell_len, text.splitlines())) <= 80


def test_a_new_long_value_is_cut_and_its_length_told() -> None:
    """A text that appears is shown by its beginning and its size, and whole with `-v`."""
    plan = plan_of(update(change("/prompt", NOTHING, "你好\n" * 500)))
    text = plain_text(plan)
    assert "+ /prompt:  1,500 characters" in text
    assert text.count("你好") == 5
    assert "… 496 more lines (-v shows all)" in text
    assert plain_text(plan, verbose=True).count("你好") == 500


def test_sealed_and_hidden_values_are_shown_as_such() -> None:
    """A secret reads `(sealed)`, an undeclared live value `(hidden)`, without quotes."""
    text = plain_text(plan_of(update(change("/env/KEY", "(hidden)", "(sealed)"))))
    assert "~ /env/KEY: (hidden) -> (sealed)" in text


@pytest.mark.parametrize("color", [False, True])
def test_foreign_text_cannot_act_on_the_terminal(color: bool) -> None:
    """Escape sequences, carriage returns and bidi overrides from anywhere are shown as escapes."""
    everywhere = about(
        f"bot{HOSTILE}",
        agent_id=HOSTILE,
        status=HOSTILE,
        unobservable=[(HOSTILE, HOSTILE)],
        not_managed=[HOSTILE],
        notes=[HOSTILE],
    )
    entry = update(
        change(f"/{HOSTILE}", HOSTILE, f"{HOSTILE}\n{HOSTILE}", note=HOSTILE),
        change("/map", {HOSTILE: HOSTILE}, [HOSTILE]),
        of=everywhere,
    )
    text = render_plan(plan_of(entry), color=color, width=100, verbose=True)
    ours = re.sub(r"\x1b\[[0-9;]+m", "", text)
    assert all(character.isprintable() or character == "\n" for character in ours)
    assert "\\u001b" in text


def test_without_colour_there_is_no_escape_byte() -> None:
    """With colour off the text holds no escape byte; with it on it does."""
    plan = plan_of(*every_entry())
    assert "\x1b" not in render_plan(plan, color=False, width=100)
    assert "\x1b[32m" in render_plan(plan, color=True, width=100)


def test_colour_changes_nothing_but_colour() -> None:
    """The coloured text without its colours is the plain text."""
    plan = plan_of(*every_entry())
    colored = render_plan(plan, color=True, width=100)
    assert re.sub(r"\x1b\[[0-9;]+m", "", colored) == render_plan(plan, color=False, width=100)


def test_an_update_that_changes_nothing_says_why_it_is_sent() -> None:
    """`--retry-failed` sends an equal state once more, and the plan says so."""
    assert "nothing differs: the same state is sent once more" in plain_text(plan_of(update()))


def test_long_messages_of_a_cloud_are_cut() -> None:
    """Reasons and notes of any entry are at most 600 characters and how many more there are."""
    long = "m" * 1600
    found = about("bot", notes=[long], unobservable=[("/a", long)])
    entries = (
        Blocked(found, long),
        Unhealthy(found, "", long),
        Unreadable(found, long, Cause.CLOUD),
        update(change("/a", 1, 2, note=long), of=found),
    )
    text = render_plan(plan_of(*entries), color=False, width=100)
    assert text.count("m" * 600 + "… (1,000 more characters)") == 12
    assert "m" * 601 not in text


def test_what_is_told_of_agents_in_sync_is_told_once() -> None:
    """An aside is no reason to list an agent: the plan tells it with the number of such agents."""
    aside = "cpu keeps its live value"
    agents = [InSync(about(name)._replace(asides=(aside,))) for name in ("a", "b", "c")]
    agents += [InSync(about(f"x{n}")._replace(asides=(f"other {n}",))) for n in range(4)]
    text = render_plan(plan_of(*agents), color=False, width=100)
    assert text.startswith(f"note on 3 agents in sync: {aside}\nnote on 1 agent in sync: other 0\n")
    assert "2 more notes on agents in sync (-v lists them)\nNo changes." in text
    verbose = render_plan(plan_of(*agents), color=False, width=100, verbose=True)
    assert verbose.count(f"    note: {aside}\n") == 3
    assert "note on" not in verbose
