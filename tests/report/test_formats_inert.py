"""Nothing that a manifest or a cloud says does anything in any form of a report."""

import json
import re
import unicodedata
import xml.etree.ElementTree as ET
from collections import Counter
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator, Draft202012Validator
from markdown_it import MarkdownIt

from reconciler.report.plan_schema import PLAN_SCHEMA
from tests.support.formats import FIELDS, FORMATS, everywhere
from tests.support.payloads import PAYLOADS

SCHEMAS: Final = Path(__file__).parents[1] / "support" / "schemas"
SARIF: Final = Draft4Validator(json.loads((SCHEMAS / "sarif-2.1.0.json").read_text("utf-8")))
JUNIT: Final = [xmlschema.XMLSchema10(SCHEMAS / name) for name in ("junit-4.xsd", "junit-10.xsd")]
MARKDOWN: Final = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
ACTIVE: Final = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
MARK: Final = "zq7"
"""Stands before and after each text, to be seen where the text is."""

SUMMARY: Final = re.compile(
    r"<details>\n<summary><code>[^<>\n]*</code>[^<>\n]*</summary>\n?|</details>\n?"
)
COMMAND: Final = re.compile(
    r"::(?:error|warning|notice) (?P<properties>[a-zA-Z]+=[^:,\r\n]*(?:,[a-zA-Z]+=[^:,\r\n]*)*)"
    r"::[^\r\n]*"
)
RUN: Final = [form for form in FORMATS if form.startswith("run-") or form == "outcomes"]
PLANNED: Final = [form for form in FORMATS if form not in RUN]
PAGE_TAGS: Final = {
    *("html", "head", "meta", "link", "title", "style", "body", "main", "h1", "h2", "p", "ul"),
    *("li", "div", "table", "thead", "tbody", "tr", "th", "td", "code", "a", "span", "details"),
    *("summary", "pre"),
}
PAGE_ATTRIBUTES: Final = {
    *("lang", "charset", "http-equiv", "content", "name", "rel", "href", "class", "role"),
    *("tabindex", "aria-label", "scope", "id"),
}


def marked(payload: str) -> str:
    return f"{MARK}{payload}{MARK}"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_text_is_inert_wherever_it_stands(payload: str) -> None:
    """Every payload in every place of every form: it is shown, and does nothing."""
    for field, make in FIELDS.items():
        told = make(marked(payload))
        for form in FORMATS if field == "name" else RUN if told.outcomes else PLANNED:
            try:
                check(form, FORMATS[form](told), calm_text(field, form))
            except AssertionError as error:
                raise AssertionError(f"{field} in {form}: {error}") from error


@cache
def calm_text(field: str, form: str) -> str:
    """What the form is for a harmless text in this place."""
    make = FIELDS[field] if field else everywhere
    return FORMATS[form](make(marked("x")))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_documents_stay_valid_whatever_they_hold(payload: str) -> None:
    """With the text in every place at once each document still follows its schema."""
    told = everywhere(marked(payload))
    for form in ("junit", "run-junit"):
        for schema in JUNIT:
            schema.validate(FORMATS[form](told))
    SARIF.validate(json.loads(FORMATS["sarif"](told)))
    Draft202012Validator(PLAN_SCHEMA).validate(json.loads(FORMATS["json"](told)))
    for form in FORMATS:
        check(form, FORMATS[form](told), calm_text("", form))


@settings(max_examples=40, deadline=None)
@given(
    st.text(
        alphabet=st.one_of(st.characters(), st.sampled_from("`|<>&:#@[]!\\\n\r\x1b")), max_size=40
    )
)
def test_any_text_is_inert(text: str) -> None:
    """The same for texts that nobody thought of."""
    told = everywhere(marked(text))
    for form in FORMATS:
        check(form, FORMATS[form](told), calm_text("", form))


def test_there_are_enough_payloads() -> None:
    """At least sixty, each once."""
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 60


def check(form: str, text: str, calm: str) -> None:
    """`text` says the same kind of thing as `calm`, which holds a harmless text instead."""
    text.encode("utf-8")  # no half of a surrogate pair
    odd = {char for char in text if char != "\n" and unicodedata.category(char) in ACTIVE}
    assert odd == set(), "nothing that a terminal acts on"
    assert not re.search(r"##(?:vso)?\[", text), "a command of a runner"
    commands = [line for line in text.split("\n") if line.lstrip().startswith("::")]
    assert form == "github" or not commands
    match form.removeprefix("run-"):
        case "json" | "patch" | "gitlab":
            json.loads(text)
        case "sarif":
            messages = [one["message"]["text"] for one in json.loads(text)["runs"][0]["results"]]
            assert not any("](" in message for message in messages)
            assert len(messages) == len(json.loads(calm)["runs"][0]["results"])
        case "github":
            lines = text.split("\n")
            assert all(COMMAND.fullmatch(line) for line in lines[:-1]), text
            assert len(lines) == len(calm.split("\n"))
        case "junit":
            assert elements(text) == elements(calm)
        case "html":
            check_page(text, calm)
        case "markdown":
            check_markdown(text, calm)


def elements(text: str) -> Counter[str]:
    return Counter(element.tag for element in ET.fromstring(text).iter())


class Page(HTMLParser):
    """What a browser finds in a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str]] = []
        self.other: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_comment(self, data: str) -> None:
        self.other.append(data)

    def handle_pi(self, data: str) -> None:
        self.other.append(data)

    def unknown_decl(self, data: str) -> None:
        self.other.append(data)


@cache
def calm_page(text: str) -> Page:
    return Page(text)


def check_page(text: str, calm: str) -> None:
    page, other = Page(text), calm_page(calm)
    assert page.other == []
    assert set(page.tags) <= PAGE_TAGS
    assert {name for name, _ in page.attributes} <= PAGE_ATTRIBUTES
    assert not any(MARK in value for _, value in page.attributes)
    loose = {"span", "pre"}  # as many as there are lines
    assert {k: v for k, v in page.tags.items() if k not in loose} == {
        k: v for k, v in other.tags.items() if k not in loose
    }


def check_markdown(text: str, calm: str) -> None:
    assert shape(text) == calm_shape(calm)


@cache
def calm_shape(text: str) -> list[str]:
    return shape(text)


def shape(text: str) -> list[str]:
    """What a page is made of; foreign text is in code only."""
    found = []
    for token in MARKDOWN.parse(text):
        found.append(token.type)
        if token.type == "html_block":
            assert SUMMARY.fullmatch(token.content), token.content
        for inner in token.children or ():
            found.append(inner.type)
            if inner.type == "html_inline":
                assert inner.content == "<br>"
            elif inner.type != "code_inline":
                assert MARK not in inner.content
                assert not set(inner.content) & set("@#<>[]!$|~`*_\\&"), inner.content
                assert not re.search(r"https?:|www\.", inner.content)
    return found
