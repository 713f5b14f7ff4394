"""Input that nobody writes by accident: one clear error, soon, and never a foreign exception."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.loader.compose import documents
from reconciler.loader.diagnostics import render_problem
from reconciler.loader.document import check_document
from reconciler.loader.findings import Findings
from reconciler.loader.remarks import Remarks, Single
from reconciler.loader.source import Source, Unreadable, decode, read_regular
from reconciler.model.errors import Problem
from tests.support.loader import BOT_HEAD, HEAD, KINDS, first_lines

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)
HOSTILE = {
    "an alias bomb": (BOMB, "more than 50,000 values"),
    "deep lists": ("[" * 100_000, "nested more than 100 deep"),
    "deep mappings": ("{a: " * 100_000, "nested more than 100 deep"),
    "deep blocks": ("- " * 100_000, "nested more than 100 deep"),
    "deep indentation": ("\n".join(" " * n + "a:" for n in range(2000)), "nested more than 100"),
    "a deep alias": (
        "a: &a " + "[" * 60 + "]" * 60 + "\nb: &b " + "[" * 60 + "*a" + "]" * 60,
        "nested more than 100",
    ),
    "too many values": ("a: [" + "1," * 60_000 + "]", "more than 50,000 values"),
    "too large": (b"a" * (8 * 1024 * 1024 + 1), "at most 8,388,608 are read"),
    "UTF-16": ("a: 1".encode("utf-16"), "UTF-16 or UTF-32"),
    "UTF-16 without a mark": ("a: 1".encode("utf-16-le"), "U+0000"),
    "UTF-32": ("a: 1".encode("utf-32-be"), "U+0000"),
    "NUL": (b"a: \x00", "U+0000"),
    "escape sequences": (b"a: \x1b[31m", "U+001B"),
    "Latin-1": (b"a: \xe9", "0xe9 is not valid UTF-8"),
    "a surrogate in UTF-8": (b"a: \xed\xa0\x80", "0xed is not valid UTF-8"),
}


@pytest.mark.parametrize(("text", "told"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_files_get_one_clear_error(tmp_path: Path, text: str | bytes, told: str) -> None:
    """Bombs, depth, size and broken encodings are refused in one line."""
    lines = first_lines(tmp_path, text)
    assert told in lines[-1]
    assert len(lines) == 1


def test_a_place_is_told_for_a_byte_that_is_no_utf_8(tmp_path: Path) -> None:
    """The line and column of a bad byte count what stands before it."""
    (line,) = first_lines(tmp_path, "a: 1\n设计: ".encode() + b"\xff")
    assert line.startswith("a.yaml:2:5: error[encoding]")


def test_a_file_that_grows_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read is bounded, not only what the size said before."""
    (tmp_path / "a.yaml").write_text("a: 1\n" * 10)
    (tmp_path / "empty.yaml").touch()
    before = (tmp_path / "empty.yaml").stat()
    monkeypatch.setattr(os, "fstat", lambda _: before)
    with pytest.raises(Unreadable, match="grew beyond 20 bytes"):
        read_regular(tmp_path / "a.yaml", limit=20)
    assert read_regular(tmp_path / "a.yaml", limit=50) == b"a: 1\n" * 10


def _check(data: bytes) -> list[Problem]:
    source = decode(Path("a.yaml"), data, root=Path())
    if not isinstance(source, Source):
        return [source]
    findings = Findings(source)
    for document in documents(findings):
        check_document(Remarks(Single(document, findings)), KINDS)
    return findings.problems()


_PIECES = st.sampled_from(
    [
        *"{}[]:,-?!&*|>'\"%@`#~ \n\t\\",
        *("\r\n", "---\n", "...\n", "<<: ", "!!int ", "!!binary ", "&a ", "*a ", "  ", "- "),
        *("spec: ", "metadata: ", "name: ", "rollout: ", "cpu: ", "secret: ", "env:", "labels: "),
        *("\\ud800", "\\U00110000", "\\x", "%YAML 1.1\n", "%TAG ! x\n", "1e999", ".inf", "0x"),
        *("\u2028", "\x85", "\ufeff", "😀", "设", "? ", ": ", "${var.x}", "null", "9" * 5000),
    ]
)
_FUZZ = settings(
    max_examples=400, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


@_FUZZ
@given(st.binary(max_size=200))
def test_any_bytes_end_in_problems_or_none(data: bytes) -> None:
    """Whatever the bytes, there are problems that can be shown, never another exception."""
    for problem in _check(data):
        assert render_problem(problem).isprintable() or "\n" in render_problem(problem)


@_FUZZ
@given(st.lists(_PIECES, max_size=30), st.sampled_from(["", HEAD, BOT_HEAD, HEAD + "spec: "]))
def test_any_yaml_like_text_ends_in_problems_or_none(pieces: list[str], head: str) -> None:
    """Text made of YAML's own tokens is checked or refused, and every problem has a place in it."""
    text = head + "".join(pieces)
    lines = text.count("\n") + text.count("\r") + 1
    for problem in _check(text.encode("utf-8", "surrogatepass")):
        assert 1 <= problem.place.line <= lines
        assert problem.place.column >= 1
        assert "\x1b" not in render_problem(problem)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=8) | st.sampled_from(["secret", "name"]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@_FUZZ
@given(
    st.dictionaries(
        st.sampled_from(["apiVersion", "kind", "metadata", "spec", "rollout", "other"]), _JSON
    ),
    st.dictionaries(
        st.sampled_from([*KINDS[0].rules.root.members, "botId", "properties"]), _JSON, max_size=4
    ),
    st.sampled_from(["Runtime", "Bot"]),
)
def test_any_value_in_any_field_is_checked(
    document: dict[str, object], spec: dict[str, object], kind: str
) -> None:
    """A well-formed document with a value of any type anywhere is checked without surprise."""
    api_version = {"Runtime": "cloud.example.com/v1", "Bot": "bots.example.org/v1"}[kind]
    head: dict[str, object] = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "a"}}
    for value in (head | {"spec": spec}, head | document):
        for problem in _check(json.dumps(value).encode()):
            assert problem.code
