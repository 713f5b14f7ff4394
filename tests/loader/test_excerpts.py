"""What a message shows of a line: every secret blanked, and of a long line only a part."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.loader.diagnostics import render_problem
from reconciler.loader.findings import Findings
from reconciler.loader.lines import Lines
from reconciler.loader.source import Source
from reconciler.model.errors import Problem

_KEY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC "


def _source(text: str) -> Source:
    return Source(Lines("a.yaml", text), text, Path(), Path())


def _problem(text: str, at: str) -> Problem:
    """A complaint about the last `at` in a text."""
    findings = Findings(_source(text))
    start = text.rindex(at)
    findings.add((start, start + len(at)), "code", "text")
    (problem,) = findings.problems()
    return problem


@pytest.mark.parametrize("size", [10, 999, 2900, 3100, 10_000, 1_000_000])
@pytest.mark.parametrize("behind", [0, 50, 5000])
def test_of_a_long_line_the_part_around_the_place_is_shown(size: int, behind: int) -> None:
    """The same is seen around the caret, however long the line is."""
    problem = _problem("a: 1\n" + "k: v, " * (size // 6) + "here: 1, " + "k: v, " * behind, "here")
    _, _, line, caret = render_problem(problem).splitlines()
    start = caret.index("^")
    assert caret.count("^") == 4
    assert line[start:].startswith("here: 1, k" if behind else "here: 1,")
    assert line[start - 6 : start] == "k: v, "
    assert len(problem.excerpt) <= 3000 + 100
    assert problem.excerpt[problem.place.column - 1 - problem.before :].startswith("here")


@pytest.mark.parametrize("size", [0, 10_000])
@pytest.mark.parametrize(
    "secret",
    [
        "password: hunter2xyz",
        'API_KEY="hunter2xyz"',
        "secret" + " " * 60 + ": hunter2xyz",
        "private_key_of_the_service: hunter2xyz",
    ],
)
def test_a_secret_is_hidden_in_a_long_line_too(size: int, secret: str) -> None:
    """What stands behind a name that sounds like a secret is blanked up to the end of the part."""
    problem = _problem("k: v, " * (size // 6) + secret + ", here: 1, " + "k: v, " * size, "here")
    assert "hunter2xyz" not in problem.excerpt
    assert "***" in render_problem(problem)


def test_a_private_key_in_one_line_is_hidden_however_long_it_is() -> None:
    """Neither its beginning nor its end need to be near the place."""
    key = f"-----BEGIN PRIVATE KEY----- {_KEY * 300} -----END PRIVATE KEY-----"
    for text in (f'k: "{key} here', f'k: "-----BEGIN PRIVATE KEY----- {_KEY * 300} here'):
        assert _KEY[:16] not in _problem(text, "here").excerpt
    shown = _problem(f"k: '{key}', {'k: v, ' * 300} here: 1", "here").excerpt
    assert shown.endswith("k: v,  here: 1")


def test_a_word_that_begins_before_the_part_is_hidden() -> None:
    """It may be the end of a secret whose name is too far away to be seen."""
    problem = _problem(f"password: {'x' * 5000}here", "here")
    assert set(problem.excerpt) == {"*"}
    ahead = _problem(f"{'k: v, ' * 1000}here: 1, {'k: v, ' * 300}{'y' * 5000}", "here")
    assert not ahead.excerpt.endswith("y")


def test_the_part_stays_the_same_when_the_line_moves() -> None:
    """Tools that follow a problem by its text find it again below new lines."""
    line = f"{{{'k: v, ' * 2000}here: 1, {'k: v, ' * 2000}}}"
    problem = _problem(line, "here")
    moved = _problem("# more\n" * 777 + line, "here")
    assert (moved.excerpt, moved.before) == (problem.excerpt, problem.before)
    assert moved.place.line == problem.place.line + 777


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_the_value_of_a_secret_is_hidden_on_every_line_of_it(newline: str) -> None:
    """A name further up that sounds like a secret counts, whatever ends the lines."""
    for key, hidden in (("password", True), ("prompt", False)):
        lines = ["spec:", f"  {key}: |", "    first", "", "    second here", "  other: 1"]
        excerpt = _problem(newline.join(lines), "here").excerpt
        assert excerpt == ("*" * 15 if hidden else "    second here")


@given(st.lists(st.sampled_from(["\n", "\r", "\r\n", "a", "设", " " * 5000]), max_size=12))
def test_lines_above_are_those_that_come_before(parts: list[str]) -> None:
    """Going up from a line meets every line before it, the nearest first, and so do places."""
    text = "".join(parts)
    lines = Lines("a.yaml", text)
    spans = [lines.span(number) for number in range(1, len(lines.starts) + 1)]
    assert [start for start, _ in spans] == list(lines.starts)
    for number, (start, end) in enumerate(spans):
        assert list(lines.above(start)) == spans[:number][::-1]
        for offset in {start, (start + end) // 2, end}:
            place = lines.place(offset)
            assert (place.line, place.column) == (number + 1, offset - start + 1)
