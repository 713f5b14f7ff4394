"""How changes read: long texts by their words, documents by key, lists by element, any width."""

import json
import random
import re
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from reconciler.model.plan import NOTHING, Change, Plan
from reconciler.report.text import render_plan
from tests.support.cli import about, change, every_entry, plan_of, update

GOLDEN = Path(__file__).parent / "golden"
WIDTHS = [40, 80, 120, 200]
RULES = "\n".join(
    f"{number}. 你是一名资深的代码审查专家，请始终礼貌地回答 customers, 不得泄露任何内部信息。 Rule {number}."
    for number in range(1, 41)
)
ONE_LINE = "Say hello first. " * 110 + "Always answer politely. " + "Never guess. " * 150
THAI = "ตอบลูกค้าอย่างสุภาพเสมอ" * 80 + "กรุณา" + "ห้ามเดาคำตอบ" * 150
ACCENTS = "cafe\u0301 re\u0301sume\u0301 " * 120 + "here " + "cafe\u0301 de\u0301ja\u0300 " * 150
HAN = "大话设计模式" * 300 + "资深专家" + "请礼貌回答" * 400


def instructions(before: object, after: object, limit: int | None = 4000) -> Change:
    return replace(change("/properties/instructions", before, after, line=12), limit=limit)


def every_change() -> tuple[Change, ...]:
    """One of each way in which a field can differ."""
    edited = RULES.replace("17. 你是一名资深", "17. 你是一名年轻").replace("Rule 30.", "Rule XXX.")
    image = "registry.example.com/support/agent"
    config = {"model": {"name": "glm-4", "top_p": 0.3}, "seed": 1, "safe": "true"}
    other = {"model": {"name": "glm-5", "top_p": 0.3, "n": 2}, "safe": "true"}
    tools = [{"name": "search", "cost": 1}, {"name": "mail"}, {"name": "calendar"}]
    later = [{"name": "mail"}, {"name": "search", "cost": 2, "on": True}]
    return (
        instructions(RULES, edited),
        instructions(ONE_LINE, ONE_LINE.replace("politely", "kindly")),
        change("/properties/suggest_query", ["怎么退款?", "a", "b"], ["a", "怎么退货?", "b"]),
        change("/properties/order", ["a", "b", "c", "d"], ["d", "a", "b", "c"]),
        change("/properties/tools", tools, later),
        change("/config", json.dumps(config), json.dumps(other)),
        change("/containerConfiguration/image", f"{image}:v2", f"{image}:v3"),
        change("/cpu", 1, 2.5),
        change("/environmentVariables/API_KEY", NOTHING, "(sealed)"),
        change("/environmentVariables/LOG_LEVEL", "(hidden)", "info", line=31),
        change("/description", "旧的描述", None, note="clears, undocumented"),
        change("/properties/prologue", NOTHING, RULES),
        change("/codeConfiguration", NOTHING, {"language": "python", "command": ["a", "b" * 90]}),
        change("/mixed", 1, {"two": "(sealed)"}),
    )


def text_of(*changes: Change, width: int = 100, verbose: bool = False) -> str:
    plan = plan_of(update(*changes))
    return render_plan(plan, color=False, width=width, verbose=verbose, wraps=True)


def rows_of(text: str) -> list[str]:
    """The lines of the changes alone."""
    lines = text.split("\n\n", maxsplit=1)[0].splitlines()
    return lines[next(at for at, line in enumerate(lines) if re.match(r" {4}[-+~] /", line)) :]


@pytest.mark.parametrize("width", WIDTHS)
def test_every_kind_of_change_reads_as_agreed(width: int) -> None:
    """Chinese, long prompts, JSON, lists and maps read exactly as the golden file of the width."""
    note = "一条很长的说明，" * 9 + "and then some words"
    entry = update(*every_change(), of=about("客服-support", notes=[note], not_managed=["/logs"]))
    plan = plan_of(replace(entry, about=entry.about._replace(unchanged=3)), every_entry()[5])
    text = render_plan(plan, color=False, width=width, wraps=True)
    expected = (GOLDEN / f"changes-{width}.txt").read_text(encoding="utf-8")
    assert text == expected
    assert max(map(cell_len, text.splitlines())) <= width


@pytest.mark.parametrize("width", [*range(40, 201, 10)])
@pytest.mark.parametrize(
    ("prompt", "old", "new"),
    [
        (RULES, "21. 你是一名资深", "21. 你是一名年轻"),
        (RULES, "Rule 40.", "Rule forty."),
        (ONE_LINE, "politely", "courteously"),
        (HAN, "资深", "年轻"),
        (ONE_LINE, "politely. ", ""),
        (ONE_LINE, "politely", "very politely"),
        (ONE_LINE, "politely", "unceremoniously"),
        (ONE_LINE.replace("politely", "internationalizations"), "zations", "sations"),
        (THAI, "กรุณา", "โปรด"),
        (ACCENTS, "here", "there"),
    ],
    ids=[
        *("chinese line", "last line", "one line", "all chinese", "removed", "added"),
        *("long word", "part of a long word", "no spaces", "combining marks"),
    ],
)
def test_one_word_in_a_long_prompt_takes_five_lines(
    prompt: str, old: str, new: str, width: int
) -> None:
    """Of 4,000 characters one changed word shows in at most five lines, and both words are there."""
    assert prompt.count(old) == 1
    rows = rows_of(text_of(instructions(prompt, prompt.replace(old, new)), width=width))
    assert len(rows) <= 5
    length = len(prompt) - len(old) + len(new)
    assert f"{length:,} of 4,000" in "\n".join(rows)
    marks = re.findall(r"\{([-+])(.*?)\1\}", "\n".join(rows))
    assert marks
    word = {"-": old, "+": new}
    assert all(text in word[sign] or word[sign] in text for sign, text in marks)


def test_only_the_words_that_changed_are_marked() -> None:
    """Marks stand around the words that differ, not around their neighbours."""
    text = text_of(instructions(ONE_LINE, ONE_LINE.replace("politely", "kindly")), width=80)
    assert "Always answer {-politely-}. Never" in text
    assert "Always answer {+kindly+}. Never" in text
    han = text_of(instructions(HAN, HAN.replace("资深专家", "资历专家")), width=80)
    assert "资{-深-}专家" in han
    assert "资{+历+}专家" in han


def test_several_marks_of_one_line_keep_little_around_them() -> None:
    """A narrow page shows four cells on each side of each mark, and no more than it has room for."""
    line = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    other = line.replace("three", "3").replace("seven", "7").replace("eleven", "11")
    rows = rows_of(text_of(instructions(line * 4, (other + line * 3)), width=40))
    assert "".join(row[10:] for row in rows if row.startswith("        ")).count("…") == 8
    assert len(rows) <= 11


def test_a_text_over_its_limit_is_a_warning() -> None:
    """The length stands against the limit, and in the colour of warnings when it is too much."""
    plan = plan_of(update(instructions("a" * 300, "b" * 4100)))
    assert "\x1b[31;1m4,100 of 4,000 characters, +3,800\x1b[0m" in render_plan(
        plan, color=True, width=100
    )
    fine = plan_of(update(instructions("a" * 300, "b" * 4000)))
    assert "\x1b[31;1m" not in render_plan(fine, color=True, width=100)


def test_marks_of_a_text_itself_stay_on_their_own_side() -> None:
    """A prompt that holds marks of removal cannot hide on a line that is added."""
    text = text_of(instructions("be kind\nx", "be kind\n{-obey the user-} y\nx"))
    assert "+ 2 {-obey the user-} y" in text
    assert not re.search(r"^ +- ", text, re.MULTILINE)


def test_json_in_a_text_is_compared_by_key() -> None:
    """Of a JSON document only the members that differ are shown, written anew or not."""
    before = {"a": 1, "b": {"c": "x", "d": [1, 2]}, "z": None}
    after = {"b": {"d": [1, 2, 3], "c": "y"}, "z": None, "new": True}
    rows = rows_of(text_of(change("/config", json.dumps(before), json.dumps(after, indent=4))))
    assert [row.strip() for row in rows[1:]] == [
        "- /a:     1",
        '~ /b/c:   "x" -> "y"',
        "+ /b/d/2: 3",
        "+ /new:   true",
        "# (1 unchanged member)",
    ]


def test_a_list_is_compared_by_element() -> None:
    """Elements that came, went and moved are shown, the others counted."""
    rows = rows_of(text_of(change("/l", ["a", "b", "c", "d", "e"], ["e", "a", "b", "x", "y", "d"])))
    assert [row.strip() for row in rows[1:]] == [
        '- /2: "c"',
        '+ /3: "x"',
        '+ /4: "y"',
        "~ /4: moved to /0",
        "# (3 unchanged elements)",
    ]


def test_a_list_of_objects_is_compared_by_what_names_them() -> None:
    """An element that changed is told by its name, wherever it stands."""
    before = [{"name": "search", "cost": 1}, {"name": "mail"}]
    after = [{"name": "news"}, {"name": "search", "cost": 2}, {"name": "mail"}]
    rows = rows_of(text_of(change("/tools", before, after)))
    assert [row.strip() for row in rows[1:]] == [
        "~ /[name=search]/cost: 1 -> 2",
        '+ /[name=news]:        {"name": "news"}',
        "# (1 unchanged element)",
    ]


def test_values_are_aligned() -> None:
    """Values of short changes begin in the same column."""
    rows = rows_of(text_of(change("/cpu", 1, 2), change("/memory", 512, 1024), change("/p", 1, 2)))
    columns = [re.match(r"[^:]*: +", row) for row in rows]
    assert {column.end() for column in columns if column} == {15}


def test_what_is_cut_is_said_and_shown_with_verbose() -> None:
    """Nothing is left out without a word, and `-v` leaves out nothing."""
    before = "\n".join(f"old {number} " + "0" * 900 for number in range(60))
    after = "\n".join(f"new {number} " + "%" * 900 for number in range(60))
    text = text_of(instructions(before, after, None))
    assert "… 100 more changed lines (-v shows all)" in text
    whole = text_of(instructions(before, after, None), verbose=True)
    assert whole.count("%") == 60 * 900
    assert len(re.findall("0{30,}", whole)) >= 60 * 9
    assert "-v shows all" not in whole
    line = text_of(instructions("a " * 2000, "b " * 2000))
    assert "… (-v shows all)" in line


def test_messages_are_wrapped_on_a_terminal_only() -> None:
    """A log keeps each message on one line, so that it can be searched for."""
    entry = update(of=about(notes=["word " * 60]))
    log = render_plan(plan_of(entry), color=False, width=80)
    assert "word " * 59 + "word\n" in log
    screen = render_plan(plan_of(entry), color=False, width=80, wraps=True)
    assert max(map(cell_len, screen.splitlines())) <= 80


def test_no_line_begins_with_what_a_runner_takes_for_a_command() -> None:
    """However a text is broken, no line begins with `::`, and `##[` stands nowhere."""
    evil = "::error::x ##[error]y " * 200
    entry = update(
        instructions(evil, evil.replace("::error::x ##", "::error::x #", 1) + "::add-mask::"),
        instructions("", evil),
        change("/json", {"a": evil}, {"a": "::stop::", "::b::": 1}),
        change("/list", ["::a::"], ["::b::", evil]),
        of=about(notes=["a " * 39 + "::error::z " * 20]),
    )
    elsewhere = replace(entry.changes[0].place, file="::error::f")
    entry = replace(entry, changes=tuple(replace(c, place=elsewhere) for c in entry.changes))
    for width in (40, 41, 57, 80, 120):
        for verbose in (False, True):
            text = render_plan(
                plan_of(entry), color=False, width=width, verbose=verbose, wraps=True
            )
            assert not any(line.lstrip().startswith("::") for line in text.splitlines())
            assert "##[" not in text


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 10**6)
    | st.floats(allow_nan=False, allow_infinity=False, width=16)
    | st.text(max_size=200)
    | st.text(alphabet="ab 大话，\n\t\x1b\u202e:{-+}#[", max_size=400)
    | st.sampled_from([RULES, ONE_LINE, HAN, "(sealed)", "(hidden)"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=12), inner, max_size=4)
        | st.builds(json.dumps, st.dictionaries(st.text(max_size=5), inner, max_size=3))
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(
    sides=st.lists(st.tuples(VALUES, VALUES | st.just(NOTHING)), min_size=1, max_size=4),
    width=st.integers(40, 200),
    verbose=st.booleans(),
)
def test_whatever_differs_is_shown_within_the_width(
    sides: list[tuple[object, object]], width: int, verbose: bool
) -> None:
    """Any change shows its path and its place, in printable characters, no wider than asked."""
    changes = [
        change(f"/f{number}", before, after, line=number + 7)
        for number, (before, after) in enumerate(sides)
    ]
    text = text_of(*changes, width=width, verbose=verbose)
    for one in changes:
        assert f" {one.path}:" in text
        assert str(one.place) in text
    categories = {unicodedata.category(character) for character in text if character != "\n"}
    assert not categories & {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
    wide = [line for line in text.split("\n") if cell_len(line) > width]
    assert not wide


def test_colour_changes_nothing_but_colour() -> None:
    """Long texts, lists and documents too read the same without their colours."""
    plan: Plan = plan_of(update(*every_change()))
    for width in WIDTHS:
        colored = render_plan(plan, color=True, width=width, wraps=True)
        bare = render_plan(plan, color=False, width=width, wraps=True)
        assert re.sub(r"\x1b\[[0-9;]+m", "", colored) == bare


def rewritten(agents: int, characters: int, ends: str) -> Plan:
    """Prompts in Chinese of so many characters of which no line stayed."""
    dice = random.Random(7)
    signs = [chr(0x4E00 + 7 * number) for number in range(600)]

    def prompt() -> str:
        lines = ("".join(dice.choices(signs, k=60)) + ends for _ in range(characters // 60))
        return "".join(lines)

    return plan_of(*(update(instructions(prompt(), prompt())) for _ in range(agents)))


def calls(work: Callable[[], object]) -> int:
    """How many functions are called, which is the same on every machine."""
    count = 0

    def took(_frame: FrameType, event: str, _value: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(took)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("ends", ["，。\n", "，。"])
def test_texts_written_anew_take_calls_as_they_are_long(ends: str) -> None:
    """Eight times the characters take at most twelve times the work: nothing grows with a square."""
    few, many = rewritten(4, 2000, ends), rewritten(4, 16_000, ends)
    least = calls(lambda: render_plan(few, color=False, width=120, verbose=True))
    most = calls(lambda: render_plan(many, color=False, width=120, verbose=True))
    assert least > 1000
    assert most <= 12 * least


def test_agents_take_calls_as_there_are_many() -> None:
    """Ten times the agents with a changed prompt take at most eleven times the work."""
    few, many = rewritten(5, 1000, "，。"), rewritten(50, 1000, "，。")
    least = calls(lambda: render_plan(few, color=False, width=120))
    assert calls(lambda: render_plan(many, color=False, width=120)) <= 11 * least
