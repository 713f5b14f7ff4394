"""What the text report is made of: edits, words, parts, lines of a width."""

import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from reconciler.differ.values import same
from reconciler.report.edits import MAX_EDITS, edits
from reconciler.report.ink import Style
from reconciler.report.parts import parts_of
from reconciler.report.words import JOINED, WIDE, paired_lines, word_runs
from reconciler.report.wrap import Piece, cells, wrapped

LETTERS = st.lists(st.sampled_from("abcdef"), max_size=200)
TEXT = st.text(alphabet="ab 大话，。\u0301\U0001f44d\U0001f3fd_-.\t", max_size=120)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([1.0, 2.5]) | st.text("ab"),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text("ab"), inner, max_size=3),
    max_leaves=15,
)


@given(old=LETTERS, new=LETTERS)
def test_edits_make_the_new_out_of_the_old(old: list[str], new: list[str]) -> None:
    """Between the edits both sides are equal, and no edit is empty."""
    low = first = 0
    for edit in edits(old, new):
        assert old[low : edit.low] == new[first : edit.first]
        assert (edit.low, edit.first) != (edit.high, edit.last)
        low, first = edit.high, edit.last
    assert old[low:] == new[first:]


@given(
    old=st.lists(st.sampled_from("abcdef"), max_size=20),
    new=st.lists(st.sampled_from("abcdef"), max_size=20),
)
def test_edits_are_the_fewest(old: list[str], new: list[str]) -> None:
    """As much stays as can stay: the longest common subsequence, by the book."""
    table = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i, one in enumerate(old):
        for j, other in enumerate(new):
            best = max(table[i][j + 1], table[i + 1][j])
            table[i + 1][j + 1] = table[i][j] + 1 if one == other else best
    gone = sum(edit.high - edit.low for edit in edits(old, new))
    assert len(old) - gone == table[-1][-1]


def test_too_many_edits_are_one() -> None:
    """What differs in more places than anybody reads is one edit of its middle."""
    old = ["start", *map(str, range(200)), "end"]
    new = ["start", *map(str, reversed(range(200))), "end"]
    assert MAX_EDITS < 200
    assert edits(old, new) == [(1, 201, 1, 201)]


def test_elements_that_one_side_has_more_often_are_edits_too() -> None:
    """What both sides have is found as long as the others are no more than the bound."""
    for more, found in [(MAX_EDITS, 2), (MAX_EDITS + 1, 1)]:
        old = ["p", "a", *["a"] * more, "x", "q"]
        assert len(edits(old, ["r", "a", "x", "s"])) == found + (found == 2)


@given(old=TEXT, new=TEXT)
@example(old="a\u0301b", new="ab")
def test_the_pieces_of_two_lines_are_the_lines(old: str, new: str) -> None:
    """Nothing is lost or made up, what is not marked is the same, and marks come in pairs."""
    if (pair := word_runs(old, new)) is None:
        return
    left, right = pair
    assert "".join(run.text for run in left) == old
    assert "".join(run.text for run in right) == new
    kept = ["".join(run.text for run in side if not run.changed) for side in pair]
    assert kept[0] == kept[1]
    assert sum(run.changed for run in left) == sum(run.changed for run in right)


def test_lines_with_nothing_in_common_are_not_marked() -> None:
    """Where hardly a word stayed, the whole lines are the difference."""
    assert word_runs("be kind to everyone", "42") is None


def test_an_edited_line_is_held_against_its_old_form() -> None:
    """A line that was put before an edited one does not take its place."""
    old = ["answer politely today", "close"]
    new = ["greet", "answer kindly today", "close the ticket"]
    assert list(paired_lines(old, new)) == [(None, 0), (0, 1), (1, 2)]


@given(before=JSON, after=JSON)
def test_two_values_differ_exactly_where_they_have_parts_that_differ(
    before: object, after: object
) -> None:
    """Equal values have no parts, and each part of others differs or moved."""
    parts = parts_of(before, after)
    if not isinstance(before, dict | list) or type(before) is not type(after):
        return
    assert (parts is None) is same(before, after)
    for part in parts.found if parts else []:
        assert part.moved or not same(part.before, part.after)


@given(value=st.dictionaries(st.text("ab", min_size=1), JSON, min_size=1, max_size=3))
def test_json_in_a_text_has_the_parts_of_what_it_holds(value: dict[str, object]) -> None:
    """However a document is written, its parts are those of its value."""
    text, other = json.dumps(value), json.dumps({**value, "c": 1}, indent=3)
    found = parts_of(text, other)
    assert found == parts_of(value, {**value, "c": 1})
    assert found is not None
    assert [part.label for part in found.found] == ["/c"]
    assert parts_of(text, json.dumps(value, indent=3)) is None


@example(texts=["☁️" * 30, "e\u0301" * 30], width=7)
@given(texts=st.lists(TEXT, max_size=4), width=st.integers(4, 60))
def test_no_line_is_wider_than_its_width(texts: list[str], width: int) -> None:
    """Wrapping keeps every character but single spaces at which it breaks, in their order."""
    line = [Piece(text.replace("\t", "")) for text in texts]
    rows = list(wrapped(line, width))
    assert all(cells(row) <= width for row in rows)
    assert all(cell_len("".join(piece.text for piece in row)) <= width for row in rows)
    kept = "".join(piece.text for row in rows for piece in row)
    whole = "".join(piece.text for piece in line)
    assert kept.replace(" ", "") == whole.replace(" ", "")
    assert len(whole) - len(kept) <= len(rows)


UNIT = re.compile(rf"(?:\s|[{WIDE}]|[^\s{WIDE}]+)[{JOINED}，。]*")
"""What is not broken where it fits: a word, or a Chinese character, with the marks behind it."""


@given(text=TEXT.map(lambda text: text.replace("\t", "")), width=st.integers(4, 60))
def test_a_line_is_broken_as_late_as_it_can_be(text: str, width: int) -> None:
    """What begins a line did not fit on the one before."""
    at = 0
    for row in wrapped([Piece(text)], width):
        words = "".join(piece.text for piece in row)
        at += len(words)
        if unit := UNIT.match(text, at):
            assert cell_len(words) + cell_len(unit[0]) > width
            at += text[at] == " "


@pytest.mark.parametrize(
    ("text", "width", "rows"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("one  two", 4, ["one ", "two"]),
        ("abcdefghij kl", 4, ["abcd", "efgh", "ij ", "kl"]),
        ("你好世界。再见", 8, ["你好世", "界。再见"]),
        ("你好，世界”。", 6, ["你好，", "世", "界”。"]),
        ("don’t cafe\u0301teria", 6, ["don’t ", "cafe\u0301te", "ria"]),
        ("say don’t", 6, ["say ", "don’t"]),
        ("模型glm-4升级", 8, ["模型", "glm-4升", "级"]),
        ("啊👍🏽啊", 3, ["啊", "👍🏽", "啊"]),
        ("……………………", 3, ["………", "………", "……"]),
        ("", 5, [""]),
    ],
)
def test_lines_end_where_a_reader_expects_it(text: str, width: int, rows: list[str]) -> None:
    """Between words, or after any Chinese character, and marks begin no line."""
    assert ["".join(piece.text for piece in row) for row in wrapped([Piece(text)], width)] == rows


def test_pieces_keep_their_style_where_a_line_is_broken() -> None:
    """A word of two styles is one word; each part keeps its own."""
    line = [Piece("see "), Piece("re", Style.ADDED), Piece("do 你好", Style.REMOVED)]
    assert list(wrapped(line, 6)) == [
        [Piece("see ")],
        [Piece("re", Style.ADDED), Piece("do ", Style.REMOVED)],
        [Piece("你好", Style.REMOVED)],
    ]
