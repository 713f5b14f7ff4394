"""What holds for the form of every text, tried on random ones with odd layouts."""

import json
import re
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from reconciler.loader import cevents
from reconciler.loader.compose import documents
from reconciler.loader.findings import Findings
from reconciler.loader.format.files import judge
from reconciler.loader.source import Source, decode
from reconciler.model.tree import Json
from tests.support.layouts import text_of

SEEDS = range(240)
FILE = Path("agents.yaml")
ORDER = ("apiVersion", "kind", "metadata", "spec", "rollout")


def loaded(text: str) -> list[Json] | None:
    """The values of a text, None where the loader refuses it."""
    source = decode(FILE, text.encode(), root=Path())
    assert isinstance(source, Source)
    findings = Findings(source)
    found = documents(findings)
    errors = [problem for problem in findings.problems() if not problem.warning]
    return None if errors else [document.value for document in found]


def formed(text: str) -> str:
    judged = judge(FILE, text.encode(), root=Path())
    assert not judged.problems, judged.problems
    return judged.text


class Case(NamedTuple):
    """A valid text, its values, and the text that `fmt` makes of it."""

    text: str
    values: list[Json]
    after: str


@cache
def cases() -> tuple[Case, ...]:
    """Every text of the seeds that the loader takes."""
    texts = [text_of(Random(seed)) for seed in SEEDS]
    found = [(text, values) for text in texts if (values := loaded(text)) is not None]
    assert len(found) > len(SEEDS) / 3
    return tuple(Case(text, values, formed(text)) for text, values in found)


def comments(text: str) -> list[str]:
    """Every comment; the generator's texts have none of these words elsewhere."""
    found = re.findall(
        r"#(?:t| t| c| 尾 | e|d| d| f| h| end| 两|!x| yaml-language-server)\b.*", text
    )
    return sorted(comment.rstrip() for comment in found)


def test_a_formatted_text_says_what_it_said() -> None:
    """Values, types and comments are the same, and below the top and metadata the order too."""
    for text, values, after in cases():
        found = loaded(after)
        assert found is not None
        assert json.dumps(found, sort_keys=True) == json.dumps(values, sort_keys=True)
        for one, other in zip(values, found, strict=True):
            assert ordered_below(one) == ordered_below(other)
        assert comments(after) == comments(text.replace("\r\n", "\n").replace("\r", "\n"))


def ordered_below(value: Json) -> object:
    """A document with its top and its metadata sorted; the rest as text, in its own order."""
    if not isinstance(value, dict):
        return json.dumps(value)
    parts = dict(value)
    metadata = parts.pop("metadata", None)
    inner = (
        {key: json.dumps(member) for key, member in metadata.items()}
        if isinstance(metadata, dict)
        else json.dumps(metadata)
    )
    return {key: json.dumps(member) for key, member in parts.items()}, inner


def test_a_formatted_text_is_left_as_it_is() -> None:
    """Formatting twice does what formatting once does."""
    for case in cases():
        assert formed(case.after) == case.after


def test_a_formatted_text_has_one_form() -> None:
    """Line feeds, one of them at the end, no mark of byte order, one blank behind a colon."""
    for case in cases():
        assert "\r" not in case.after
        assert not case.after.startswith(("\ufeff", "\n", "---\n"))
        assert case.after == "" or case.after.endswith("\n")
        assert not re.search(r"^[ \t]*[\w-]+:[ \t]{2,}[^# ]", case.after, re.MULTILINE)


def test_members_without_aliases_come_in_order() -> None:
    """In every document that has no alias the known members stand in their order."""
    seen = 0
    for case in cases():
        for value in loaded(case.after) or () if "*" not in case.text else ():
            if isinstance(value, dict) and {"kind", "apiVersion"} & value.keys():
                known = [key for key in value if key in ORDER]
                assert value.get("kind") == "JSONPatch" or known == sorted(known, key=ORDER.index)
                seen += 1
    assert seen > 10


def test_both_parsers_lead_to_the_same_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the C extension and without it."""
    expected = cases()[:40]
    monkeypatch.setattr(cevents, "PARSER", None)
    for case in expected:
        assert formed(case.text) == case.after


def test_the_samples_have_the_form() -> None:
    """The repository's own manifests are what `fmt` writes."""
    samples = sorted((Path(__file__).parents[2] / "manifests").rglob("*.yaml"))
    assert len(samples) >= 3
    for sample in samples:
        text = sample.read_text(encoding="utf-8")
        assert formed(text) == text
