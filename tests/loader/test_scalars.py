"""YAML 1.2 scalars, keys and the constructs that the loader takes or refuses."""

from pathlib import Path
from typing import Any

import pytest

from reconciler.loader.compose import documents
from reconciler.loader.findings import Findings
from reconciler.loader.source import Source, decode
from tests.support.loader import HEAD, first_lines, load_text

SCALARS = [
    ("no", "no"),
    ("yes", "yes"),
    ("on", "on"),
    ("off", "off"),
    ("y", "y"),
    ("true", True),
    ("True", True),
    ("FALSE", False),
    ("tRUE", "tRUE"),
    ("null", None),
    ("Null", None),
    ("~", None),
    ("", None),
    ("nUll", "nUll"),
    ("012", 12),
    ("0o14", 12),
    ("0O14", "0O14"),
    ("0x1f", 31),
    ("0X1F", "0X1F"),
    ("0b1", "0b1"),
    ("-0x1f", "-0x1f"),
    ("1_000", "1_000"),
    ("+7", 7),
    ("-7", -7),
    ("0", 0),
    ("18446744073709551615", 18446744073709551615),
    ("1.5", 1.5),
    (".5", 0.5),
    ("5.", 5.0),
    ("1e3", 1000.0),
    ("-1.5E-2", -0.015),
    ("0e9", 0.0),
    ("1e", "1e"),
    ("1.2.3", "1.2.3"),
    ("12:30:45", "12:30:45"),
    ("2024-01-01", "2024-01-01"),
    ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
    (".", "."),
    ("-", "[refused]"),
    ("+", "+"),
    ("=", "="),
    ("'no'", "no"),
    ('"1"', "1"),
    ("'1'", "1"),
    ("!!str 1", "1"),
    ("!!int 0x10", 16),
    ("!!float 1", 1.0),
    ("!!bool true", True),
    ("!!null ''", None),
    ("!!map {}", {}),
    ("!!seq []", []),
    ("! 12", "12"),
    ('"\\ud83d\\ude00"', "😀"),
    ('"\\/"', "/"),
    ('"\\x07"', "\x07"),
    ('"a\u2028b"', "a\u2028b"),
    ("a\u2029 b", "a\u2029 b"),
    ("'a \x85 b'", "a \x85 b"),
    ("大话设计模式", "大话设计模式"),
]


def parse(text: str) -> tuple[list[Any], list[str]]:
    """The documents of a text, and the codes of what is wrong with it."""
    source = decode(Path("a.yaml"), text.encode(), root=Path())
    assert isinstance(source, Source)
    findings = Findings(source)
    values = [document.value for document in documents(findings)]
    return values, [problem.code for problem in findings.problems()]


@pytest.mark.parametrize(("written", "value"), SCALARS)
def test_scalars_follow_yaml_1_2(written: str, value: object) -> None:
    """Each scalar means what the core schema of YAML 1.2 says, with its exact type."""
    values, codes = parse(f"a: {written}\n")
    if value == "[refused]":
        assert codes == ["syntax"]
    else:
        assert codes == []
        assert values == [{"a": value}]
        assert type(values[0]["a"]) is type(value)


@pytest.mark.parametrize("written", ["no", "012", "1_000", "yes", "0o14"])
def test_a_directive_does_not_bring_yaml_1_1_back(written: str) -> None:
    """`%YAML 1.1` at the top changes nothing."""
    plain, _ = parse(f"a: {written}\n")
    assert parse(f"%YAML 1.1\n---\na: {written}\n") == (plain, [])


def test_old_line_breaks_inside_a_block_stay_text() -> None:
    """U+2028 in a prompt is kept and begins no line: the next key keeps its line number."""
    values, codes = parse("a: |\n  x\u2028y\nb: 1\n")
    assert (values, codes) == ([{"a": "x\u2028y\n", "b": 1}], [])


def test_columns_count_characters_not_bytes(tmp_path: Path) -> None:
    """After Chinese text and an emoji the column is still the character's."""
    told = first_lines(tmp_path, HEAD + 'spec: {region: "a", "设计😀": 1, memory: x}\n')
    assert [line.split(":")[2] for line in told] == ["21", "39"]


def test_windows_line_ends_and_a_byte_order_mark_are_taken(tmp_path: Path) -> None:
    """A file saved by an editor on Windows loads, and its places are right."""
    text = "\ufeff" + (HEAD + "spec: {cpu: x}\n").replace("\n", "\r\n")
    assert first_lines(tmp_path, text)[0].startswith("a.yaml:4:13: ")
    assert first_lines(tmp_path, text.replace("x}", "1}")) == []


def test_json_files_are_read_by_the_same_rules(tmp_path: Path) -> None:
    """A JSON manifest with tabs and escapes loads, with places."""
    text = (
        '{\n\t"apiVersion": "cloud.example.com/v1", "kind": "Runtime",\n'
        '\t"metadata": {"name": "a"},\n\t"spec": {"description": "a\\/b \\ud83d\\ude00"}\n}\n'
    )
    (manifest,) = load_text(tmp_path, text, name="a.json").manifests
    assert manifest.spec == {"description": "a/b 😀"}
    assert manifest.places["/spec/description"].line == 4


def test_aliases_repeat_a_value_and_stay_independent(tmp_path: Path) -> None:
    """Two uses of one anchor are two values; each has the place where it is used."""
    text = HEAD + "spec:\n  environmentVariables: &e {A: x}\n  mounts: [&m {readOnly: true}, *m]\n"
    (manifest,) = load_text(tmp_path, text).manifests
    first, second = manifest.spec["mounts"]
    assert first == second == {"readOnly": True}
    assert first is not second
    assert str(manifest.places["/spec/mounts/1"]).endswith(":6:33")


def test_a_key_may_be_an_alias() -> None:
    """An anchored string can be repeated as a key."""
    assert parse("x: &k cpu\ny: {*k : 1}\n") == ([{"x": "cpu", "y": {"cpu": 1}}], [])


def test_a_quoted_merge_key_is_a_key() -> None:
    """`"<<"` in quotes is an ordinary name."""
    assert parse('{"<<": 1}\n') == ([{"<<": 1}], [])


def test_empty_documents_are_passed_over() -> None:
    """Separators and comments alone make no manifest."""
    assert parse("---\n# nothing\n---\n---\na: 1\n...\n") == ([{"a": 1}], [])


def test_places_of_values_and_keys(tmp_path: Path) -> None:
    """Every value knows its position, and every key its own under `#`."""
    (manifest,) = load_text(tmp_path, HEAD + "spec:\n  cpu: 2\n").manifests
    assert str(manifest.places["/spec/cpu"]).endswith("a.yaml:5:8")
    assert str(manifest.places["/spec/cpu#"]).endswith("a.yaml:5:3")
    assert "/spec/memory" not in manifest.places
