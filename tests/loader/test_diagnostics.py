"""How a problem looks: the line, the caret under the right characters, the way out."""

from pathlib import Path

import pytest

from reconciler.loader.diagnostics import render_problem
from reconciler.model.errors import Problem
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
    assert told.splitlines()[1:] == ["  |", "1 | a: [1, 2", "  |         ^"]
    assert told.startswith("a.yaml:1:9: error[syntax]")


@pytest.mark.parametrize("where", ["--target", "--name", "-l", "RECONCILE_ALLOW_HOSTS"])
def test_an_option_or_a_variable_has_no_line(where: str) -> None:
    """What is wrong on the command line is not told as if it were a file."""
    problem = Problem(Place(where, 1, 1), "code", "text", "help", excerpt="x")
    assert render_problem(problem) == f"{where}: error[code]: text\n  = help: help"
