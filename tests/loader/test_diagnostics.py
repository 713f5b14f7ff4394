"""How a problem looks: the line, the caret under the right characters, the way out."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from reconciler.loader.diagnostics import render_problem
from reconciler.loader.selector import parse_selector
from reconciler.model.errors import InputError, Problem
from reconciler.model.manifest import Place
from tests.support.loader import HEAD, complaints


def _problem(excerpt: str, column: int, length: int = 1, help_text: str = "") -> Problem:
    return Problem(Place("a.yaml", 12, column), "code", "text", help_text, length, excerpt)


def test_a_problem_shows_its_line_with_a_caret(tmp_path: Path) -> None:
    """The line stands behind its number, the caret under what is wrong, then the way out."""
    (told,) = complaints(tmp_path, HEAD + "spec:\n  memmory: 2048\n")
    assert told == (
        'a.yaml:5:3: error[unknown-field]: "memmory" is not a field of spec\n'
        "  |\n"
        "5 |   memmory: 2048\n"
        "  |   ^^^^^^^\n"
        '  = help: did you mean "memory"?'
    )


def test_a_warning_says_so() -> None:
    """A warning has the same form and another word."""
    problem = Problem(Place("a.yaml", 1, 1), "code", "text", warning=True)
    assert render_problem(problem) == "a.yaml:1:1: warning[code]: text"


def test_wide_characters_take_two_cells() -> None:
    """After Chinese text the caret still stands under the value."""
    lines = render_problem(_problem("大话: 设计模式", 5, 4)).splitlines()
    assert lines[2:] == ["12 | 大话: 设计模式", "   |       ^^^^^^^^"]


def test_combining_characters_take_no_cell() -> None:
    """An accent that joins its letter moves the caret by nothing."""
    lines = render_problem(_problem("e\u0301: x", 5)).splitlines()
    assert lines[3] == "   |    ^"


@pytest.mark.parametrize(
    ("before", "cells"),
    [("❤️: ", 4), ("1️⃣ ", 3), ("👍🏽 ", 3), ("🇨🇳 ", 3), ("각 ", 3), ("กำ ", 3), ("́", 0)],
)
def test_signs_of_several_characters_are_as_wide_as_they_look(before: str, cells: int) -> None:
    """Emoji made of several characters, Korean letters and vowel signs move the caret rightly."""
    lines = render_problem(_problem(f"{before}x", len(before) + 1)).splitlines()
    assert lines[3] == "   | " + " " * cells + "^"


_CHARACTERS = st.sampled_from(
    [
        *("ab-:{}[],\"' 大话设计模式，。"),
        *("é", "e\u0301", "\u0308", "한", "🙂", "\t", "\u3000"),
        *("\x1b", "\u202e", "\u200b", "\u2028", "\x85", "\ufeff", "\U000e0041"),
    ]
)
_LINES = st.lists(_CHARACTERS, max_size=150).map("".join)


@given(_LINES, _LINES)
def test_the_caret_stands_under_its_token(before: str, after: str) -> None:
    """Whatever stands around it, the caret line begins and ends where the token does."""
    problem = _problem(f"{before}XYZ{after}", len(before) + 1, 3)
    _, _, shown, caret = render_problem(problem).split("\n")
    start = shown.index("XYZ")
    assert cell_len(shown[:start]) == caret.index("^")
    assert caret.count("^") == 3
    assert caret.endswith("^^^")


@given(st.text(max_size=300), st.integers(1, 400), st.integers(1, 400), st.text(), st.text())
def test_rendering_holds_nothing_that_acts(
    excerpt: str, column: int, length: int, text: str, help_text: str
) -> None:
    """No control, bidi or invisible character reaches a terminal, and no line is added."""
    problem = Problem(Place("a.yaml", 12, column), "code", text, help_text, length, excerpt)
    lines = render_problem(problem).split("\n")
    assert len(lines) == 1 + (3 if excerpt else 0) + (1 if help_text else 0)
    for char in "".join(lines):
        assert unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def test_nothing_begins_a_command_of_a_runner() -> None:
    """Neither of the two ways in which a line of a log becomes a command is left in a message."""
    place = Place("::error::a.yaml", 12, 14)
    problem = Problem(place, "code", "##[error]t", "##[error]h ##vso[a]b", 3, "a: ##[error] XYZ")
    lines = render_problem(problem).splitlines()
    assert lines == [
        "./::error::a.yaml:12:14: error[code]: #\\u0023[error]t",
        "   |",
        "12 | a: #\\u0023[error] XYZ",
        "   |                   ^^^",
        "   = help: #\\u0023[error]h #\\u0023vso[a]b",
    ]


CARETS = {
    "after Chinese text": HEAD + "spec: {description: 大话设计模式, memmory: 2}\n",
    "after an accent of its own": HEAD + "spec: {description: e\u0301, memmory: 2}\n",
    "after emoji": HEAD + "spec: {description: 🙂🙂, memmory: 2}\n",
    "behind a tab": HEAD + 'spec: {description: "a\tb", memmory: 2}\n',
    "in the second document": HEAD.replace(": a}", ": z}")
    + f"spec: {{cpu: 1}}\n---\n{HEAD}spec: {{memmory: 2}}\n",
    "with Windows line ends": (HEAD + "spec:\n  cpu: 1\n  memmory: 2\n").replace("\n", "\r\n"),
    "in the second line of braces": HEAD + "spec: {cpu: 1,\n  memmory: 2}\n",
    "with a byte order mark": "\ufeff" + HEAD + "spec:\n  memmory: 2\n",
}


@pytest.mark.parametrize("text", CARETS.values(), ids=CARETS)
def test_the_caret_of_a_key_stands_under_the_key(tmp_path: Path, text: str) -> None:
    """In every form of file the caret line is as wide as the key and begins under it."""
    (told,) = complaints(tmp_path, text)
    _, _, shown, caret, _ = told.split("\n")
    assert caret.index("^") == cell_len(shown[: shown.index("memmory")])
    assert caret.endswith(" " + "^" * len("memmory"))


def test_the_caret_of_a_value_stands_under_the_value(tmp_path: Path) -> None:
    """What is wrong with a value is told at the value, not at its key."""
    (told,) = complaints(tmp_path, HEAD + "spec: {description: 大话, memory: 多}\n")
    _, _, shown, caret, *_ = told.split("\n")
    assert cell_len(shown[: shown.index("多")]) == caret.index("^")
    assert caret.count("^") == 2


def test_a_tab_is_one_cell() -> None:
    """A tab is shown as one space, so that the caret stands where it should."""
    lines = render_problem(_problem("a:\tx", 4)).splitlines()
    assert lines[2:] == ["12 | a: x", "   |    ^"]


def test_control_and_bidi_characters_are_escaped() -> None:
    """Nothing in a file can colour, overwrite or reverse what the terminal shows."""
    problem = Problem(
        Place("a\x1b.yaml", 1, 1), "code", "t\u202ex\r", "h\x07", 1, "a: \x9b31m\u2066x\u200b"
    )
    assert render_problem(problem).splitlines() == [
        "a\\x1b.yaml:1:1: error[code]: t\\u202ex\\r",
        "  |",
        "1 | a: \\x9b31m\\u2066x\\u200b",
        "  | ^",
        "  = help: h\\x07",
    ]


def test_long_lines_are_cut_around_the_caret() -> None:
    """Of a line of a thousand columns about a hundred are shown, the caret in sight."""
    line = "a" * 500 + "XYZ" + "b" * 500
    _, _, shown, caret = render_problem(_problem(line, 501, 3)).splitlines()
    assert len(shown) < 115
    start = caret.index("^")
    assert shown[start : start + 3] == "XYZ"
    assert shown.startswith("12 | …a")
    assert shown.endswith("b…")


def test_a_long_value_is_underlined_as_far_as_it_shows() -> None:
    """A value longer than the window has a caret line no longer than the line above it."""
    _, _, shown, caret = render_problem(_problem("k: " + "设" * 300, 4, 300)).splitlines()
    assert caret.count("^") <= 100
    assert shown.endswith("…")


def test_a_caret_behind_the_line_stands_at_its_end() -> None:
    """A problem at the end of the file points behind the last character."""
    lines = render_problem(_problem("a: [", 5)).splitlines()
    assert lines[3] == "   |     ^"


@pytest.mark.parametrize("tail", ["", "\n", "\n\n\n", "  \n"])
def test_what_is_missing_at_the_end_of_a_file_is_shown_behind_its_last_text(
    tmp_path: Path, tail: str
) -> None:
    """The caret stands behind the last line that holds anything, not below the file."""
    (told,) = complaints(tmp_path, f"a: [1, 2{tail}")
    assert told.splitlines()[1:4] == ["  |", "1 | a: [1, 2", "  |         ^"]
    assert told.startswith("a.yaml:1:9: error[syntax]")


@pytest.mark.parametrize("where", ["--target", "--name", "-l", "RECONCILE_ALLOW_HOSTS"])
def test_an_option_or_a_variable_has_no_line(where: str) -> None:
    """What is wrong on the command line is not told as if it were a file."""
    problem = Problem(Place(where, 1, 1), "code", "text", "help")
    assert render_problem(problem) == f"{where}: error[code]: text\n  = help: help"


def test_the_caret_shows_where_an_option_goes_wrong() -> None:
    """What was typed stands under the message, without a line number."""
    with pytest.raises(InputError) as caught:
        parse_selector("team=大话,tier=a=b")
    assert render_problem(caught.value.problems[0]) == (
        "-l: error[selector]: not a label selector: '=' cannot stand here\n"
        "  |\n"
        "  | team=大话,tier=a=b\n"
        "  |                 ^\n"
        "  = help: write it like team=support,tier!=test,zone in (a,b),!retired"
    )
