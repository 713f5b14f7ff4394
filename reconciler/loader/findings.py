"""The complaints about one file. None of them repeats a secret that was typed in plain text."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from reconciler.loader.excerpts import Excerpts
from reconciler.loader.lookalikes import known_forms
from reconciler.loader.source import Source, Span
from reconciler.loader.words import clipped
from reconciler.model.errors import Problem
from reconciler.model.tree import PUBLIC_SEALED

MAX_PROBLEMS: Final = 1000
"""How many problems of one file are told; one more says how many there were."""

_QUOTED: Final = re.compile(r'("(?:[^"\\]|\\.)*(?:"|\\?\Z))', re.DOTALL)
_MARKS: Final = frozenset("*&!")
"""What an alias, an anchor and a tag begin with."""

_MIN_MASKED: Final = 4
_MAX_VALUES: Final = 1000


@dataclass(frozen=True, slots=True)
class _Finding:
    span: Span
    code: str
    text: str
    help: str
    warning: bool


@dataclass(slots=True)
class Findings:
    """The complaints about one file, made into problems when all its secrets are known.

    `searched` is how many of its characters were searched closely for secrets.
    """

    source: Source
    searched: int = 0
    _found: list[_Finding] = field(default_factory=list)
    _masked: list[Span] = field(default_factory=list)
    _secrets: dict[str, None] = field(default_factory=dict)

    def add(
        self, span: Span, code: str, text: str, help: str = "", *, warning: bool = False
    ) -> None:
        """Remember one complaint about the text in `span`."""
        self._found.append(_Finding(span, code, text, help, warning))

    def mask(self, span: Span, value: str = "") -> None:
        """Never show the text in `span`, nor `value` or a line of it, wherever it stands."""
        self._masked.append(span)
        for line in value.splitlines():
            if len(line.strip()) >= _MIN_MASKED and len(self._secrets) < _MAX_VALUES:
                self._secrets.setdefault(line.strip())

    def problems(self) -> list[Problem]:
        """Each complaint once, with its place and its line; errors first when there are too many."""
        found = sorted(dict.fromkeys(self._found), key=lambda one: (one.warning, one.span))
        excerpts = Excerpts(self.source, self._masked, self._secrets)
        forms = tuple(self._forms_of_secrets())
        end = len(self.source.text.rstrip())  # what is missing at the end is shown behind the text
        problems: list[Problem] = []
        for one in found[:MAX_PROBLEMS]:
            start = min(one.span[0], end)
            place = self.source.lines.place(start)
            excerpt, before, line = excerpts.around(place.line, start)
            length = max(1, min(one.span[1], line[1]) - one.span[0])
            text, help_text = _sealed(one.text, forms), _sealed(one.help, forms)
            at = start - line[0] - before
            if not excerpt[at : at + length].strip("*"):
                text = _without_mark(text, self.source.text[start : start + length])
            problems.append(
                Problem(place, one.code, text, help_text, length, excerpt, one.warning, before)
            )
        if len(found) > MAX_PROBLEMS:
            warning = found[MAX_PROBLEMS].warning  # errors come first, so the rest are warnings too
            text = _not_listed(len(found) - MAX_PROBLEMS)
            place = self.source.lines.place(len(self.source.text))
            problems.append(Problem(place, "too-many", text, warning=warning))
        return problems

    def _forms_of_secrets(self) -> Iterator[tuple[str, bool]]:
        """Every secret as a message repeats it, whole or its beginning, and whether it is a word."""
        for secret in self._secrets:
            for form in dict.fromkeys((secret, clipped(secret))):
                word = form.replace(" ", "").isalpha()
                escaped = form if word else json.dumps(form, ensure_ascii=False)[1:-1]
                yield form, word
                if escaped != form:
                    yield escaped, word


def _sealed(text: str, forms: Sequence[tuple[str, bool]]) -> str:
    """A message without the secrets that it may repeat, and what has the form of one.

    A value is repeated in quotes. Outside of them a secret that is a mere word is left alone:
    there it is one of our own (`plain`), and a path never holds a value.
    """
    for known in known_forms(text):
        text = text.replace(known.text, PUBLIC_SEALED)
    for form, word in forms:
        if form in text and word:
            parts = _QUOTED.split(text)  # every second one is in quotes
            parts[1::2] = [part.replace(form, PUBLIC_SEALED) for part in parts[1::2]]
            text = "".join(parts)
        elif form in text:
            text = text.replace(form, PUBLIC_SEALED)
    return text


def _without_mark(text: str, written: str) -> str:
    """A message without the name of an alias, an anchor or a tag that the excerpt hides.

    `password: *hunter2` is an alias as far as YAML goes, and was hardly meant as one.
    """
    name = clipped(written[1:]).rstrip("…")
    if written[:1] not in _MARKS or len(name) < _MIN_MASKED:
        return text
    return text.replace(name, PUBLIC_SEALED)


def _not_listed(more: int) -> str:
    if more == 1:
        return "1 more problem in this file is not listed"
    return f"{more:,} more problems in this file are not listed"
