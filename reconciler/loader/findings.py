"""The complaints about one file.

An excerpt never shows a secret that was typed in plain text: the known places are blanked, and so
is what follows a name that sounds like one and what has the form of a key. Columns stay where they
are.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from reconciler.loader.lookalikes import known_forms
from reconciler.loader.sounds import sounds
from reconciler.loader.source import Source, Span
from reconciler.loader.words import clipped
from reconciler.model.errors import Problem
from reconciler.model.tree import PUBLIC_SEALED

MAX_PROBLEMS: Final = 1000
"""How many problems of one file are told; one more says how many there were."""

_SOUNDS_SECRET: Final = re.compile(
    r"(?i)(?:passw(?:or)?d|passphrase|secret|token(?!s)|private_?key|api_?key|access_?key"
    r"|licen[cs]e_?key|\bpwd\b|\bsk\b)[\w.-]*[\"']?\s*[:=]\s*"
)
_NO_SECRET: Final = re.compile(
    r"(?:null|~|\"\"|'')?\s*(?:[],}#]|$)|[\[{*]|[|>][-+0-9]*\s*(?:#|$)|[\"']?(?:env|file|sops):[\w./~#-]*[\"']?\s*(?:[},#]|$)"
)
_REFERENCE: Final = re.compile(r"(?:\{\s*(?:[\"']?secret[\"']?\s*:|\})|\[\s*\])")
_NAME: Final = re.compile(r"(?<![\w.-])([\w.-]{1,80})[\"']?\s*[:=]\s*")
_BEGINS_BELOW: Final = re.compile(r"[&!\w]*\s*(?:[|>][-+0-9]*)?\s*(?:#.*)?")
_HAS_KEY: Final = re.compile(r":(?:\s|$)")
_QUOTED: Final = re.compile(r'("(?:[^"\\]|\\.)*")')
_BREAK: Final = re.compile("\r\n|\r|\n")
_MAX_LOOK_BACK: Final = 200
_MIN_MASKED: Final = 4
_MAX_VALUES: Final = 1000
_MAX_FORMS: Final = 50


@dataclass(frozen=True, slots=True)
class _Finding:
    span: Span
    code: str
    text: str
    help: str
    warning: bool


@dataclass(slots=True)
class Findings:
    """The complaints about one file, made into problems when all its secrets are known."""

    source: Source
    _found: list[_Finding] = field(default_factory=list)
    _masked: list[Span] = field(default_factory=list)
    _secrets: dict[str, None] = field(default_factory=dict)
    _lines: list[str] = field(default_factory=list)

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
        masked = self._masked_by_line()
        excerpts: dict[int, str] = {}
        end = len(self.source.text.rstrip())  # what is missing at the end is shown behind the text
        problems: list[Problem] = []
        for one in found[:MAX_PROBLEMS]:
            start = min(one.span[0], end)
            place = self.source.lines.place(start)
            line_span = self.source.line_span(place.line)
            if place.line not in excerpts:
                line = self._excerpt(line_span, masked.get(place.line, []))
                excerpts[place.line] = "*" * len(line) if self._continues(place.line) else line
            length = max(1, min(one.span[1], line_span[1]) - one.span[0])
            text, help_text = self._sealed(one.text), self._sealed(one.help)
            excerpt = excerpts[place.line]
            problems.append(Problem(place, one.code, text, help_text, length, excerpt, one.warning))
        if len(found) > MAX_PROBLEMS:
            warning = found[MAX_PROBLEMS].warning  # errors come first, so the rest are warnings too
            text = _not_listed(len(found) - MAX_PROBLEMS)
            place = self.source.lines.place(len(self.source.text))
            problems.append(Problem(place, "too-many", text, warning=warning))
        return problems

    def _masked_by_line(self) -> dict[int, list[Span]]:
        lines: dict[int, list[Span]] = {}
        for start, end in self._masked:
            first = self.source.lines.place(start).line
            for line in range(first, self.source.lines.place(max(start, end - 1)).line + 1):
                lines.setdefault(line, []).append((start, end))
        return lines

    def _excerpt(self, line_span: Span, masked: list[Span]) -> str:
        """A line with every secret blanked, character by character."""
        begin, stop = line_span
        line = list(self.source.text[begin:stop])
        for start, end in masked:
            extent = range(max(start, begin) - begin, min(end, stop) - begin)
            line[extent.start : extent.stop] = "*" * len(extent)
        text = "".join(line)
        for secret in self._secrets:
            text = text.replace(secret, "*" * len(secret))
        forms = list(islice(known_forms(text), _MAX_FORMS))
        if len(forms) == _MAX_FORMS:
            return "*" * len(text)
        for form in forms:
            text = text.replace(form.text, "*" * len(form.text))
        for end, sure in sorted(_secret_names(text)):
            harmless = _NO_SECRET.match(text, end)
            if not harmless or (
                sure and harmless[0] in {"{", "["} and not _REFERENCE.match(text, end)
            ):
                return text[:end] + "*" * (len(text) - end)
        return text

    def _line(self, line: int) -> str:
        """The text of a line. A file with problems is cut into lines once: looking back is common."""
        if not self._lines:
            self._lines = _BREAK.split(self.source.text)
        return self._lines[line - 1]

    def _continues(self, line: int) -> bool:
        """Whether a line may be the value of a name that sounds like a secret, further up."""
        indent = _indent(self._line(line))
        for above in range(line - 1, max(0, line - _MAX_LOOK_BACK), -1):
            upper = self._line(above)
            if upper.strip() and _indent(upper) < indent:
                if _HAS_KEY.search(upper):
                    return any(
                        _BEGINS_BELOW.fullmatch(upper, end) for end, _ in _secret_names(upper)
                    )
                indent = _indent(upper)
        return False

    def _forms_of_secrets(self) -> Iterator[str]:
        """Every secret, and its beginning as far as a message repeats it."""
        for secret in self._secrets:
            yield secret
            if clipped(secret) != secret:
                yield clipped(secret)

    def _sealed(self, text: str) -> str:
        """A message without the secrets that it may repeat.

        A value is repeated in quotes. Outside of them a secret that is a mere word is left alone:
        there it is one of our own (`plain`), and a path never holds a value.
        """
        for form in known_forms(text):
            text = text.replace(form.text, PUBLIC_SEALED)
        for secret in self._forms_of_secrets():
            if secret.replace(" ", "").isalpha():
                parts = _QUOTED.split(text)  # every second one is in quotes
                parts[1::2] = [part.replace(secret, PUBLIC_SEALED) for part in parts[1::2]]
                text = "".join(parts)
            else:
                text = text.replace(secret, PUBLIC_SEALED)
                text = text.replace(json.dumps(secret, ensure_ascii=False)[1:-1], PUBLIC_SEALED)
        return text


def _secret_names(text: str) -> Iterator[tuple[int, bool]]:
    """Where values begin behind a name that sounds like a secret, and whether it surely does."""
    yield from ((name.end(), False) for name in _SOUNDS_SECRET.finditer(text))
    yield from ((name.end(), True) for name in _NAME.finditer(text) if sounds(name[1]))


def _not_listed(more: int) -> str:
    if more == 1:
        return "1 more problem in this file is not listed"
    return f"{more:,} more problems in this file are not listed"


def _indent(line: str) -> int:
    return len(line.expandtabs()) - len(line.expandtabs().lstrip())
