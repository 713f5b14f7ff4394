"""Lines of a file as they may be shown: every secret that was typed in plain text is blanked.

The known places are blanked, and so is what follows a name that sounds like a secret and what has
the form of a key. Columns stay where they are. A line may be as long as the file: of a long one
only the part around a place is looked at, and no pattern looks ahead without a bound.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, NamedTuple

from reconciler.loader.lookalikes import known_forms
from reconciler.loader.sounds import sounds
from reconciler.loader.source import Source, Span

_SOUNDS_SECRET: Final = re.compile(
    r"(?i)(?:passw(?:or)?d|passphrase|secret|token(?!s)|private_?key|api_?key|access_?key"
    r"|licen[cs]e_?key|\bpwd\b|\bsk\b)[\w.-]{0,80}[\"']?\s{0,80}[:=]\s*"
)
_NO_SECRET: Final = re.compile(
    r"(?:null|~|\"\"|'')?\s*(?:[],}#]|$)|[\[{]|\*+(?![\w*])|[|>][-+0-9]*\s*(?:#|$)|[\"']?(?:env|file|sops):[\w./~#-]*[\"']?\s*(?:[},#]|$)"
)
_REFERENCE: Final = re.compile(r"(?:\{\s*(?:[\"']?secret[\"']?\s*:|\})|\[\s*\])")
_NAME: Final = re.compile(r"(?<![\w.-])([\w.-]{1,80})[\"']?\s*[:=]\s*")
_BEGINS_BELOW: Final = re.compile(r"[&!\w]*\s*(?:[|>][-+0-9]*\s*)?(?:#.*)?")
_HAS_KEY: Final = re.compile(r":(?:\s|$)")
_CUT_WORD: Final = r"[^\s,;\"'{}\[\]]+"
_CUT_AT_BEGIN: Final = re.compile(_CUT_WORD)
_CUT_AT_END: Final = re.compile(r"(?<![^\s,;\"'{}\[\]])" + _CUT_WORD + r"\Z")
_KEY_BEGINS: Final = "-----BEGIN "
_KEY_ENDS: Final = "-----END "
_MAX_KEY: Final = 16_000
_MAX_LOOK_BACK: Final = 200
_MAX_FORMS: Final = 50
_WHOLE: Final = 3000
"""How long a line is that is looked at whole; far less than that is shown."""

_PART: Final = 1000
"""A longer line is cut into parts of this length, and each is looked at with its neighbours.

Parts are counted from the line's beginning: what is shown stays the same when the line moves.
"""


class Excerpt(NamedTuple):
    """A line or a part of it. `before` is how many characters of the line stand before it."""

    text: str
    before: int
    line: Span


@dataclass(slots=True)
class Excerpts:
    """The lines of one file. `masked` are the places of secrets, `secrets` what they hold."""

    source: Source
    masked: Sequence[Span]
    secrets: Collection[str]
    _lines: dict[int, tuple[Span, bool]] = field(default_factory=dict)
    _found: dict[tuple[int, int], Excerpt] = field(default_factory=dict)
    _by_block: dict[int, list[Span]] | None = None

    def around(self, line: int, offset: int) -> Excerpt:
        """What to show of a line (counted from 1) where something is wrong at `offset`."""
        if line not in self._lines:
            span = self.source.line_span(line)
            self._lines[line] = (span, self._continues(span))
        (begin, end), hidden = self._lines[line]
        part = (offset - begin) // _PART if end - begin > _WHOLE else 0
        if (line, part) not in self._found:
            self._found[line, part] = self._excerpt((begin, end), part, hidden=hidden)
        return self._found[line, part]

    def _excerpt(self, line: Span, part: int, *, hidden: bool) -> Excerpt:
        begin, end = line
        if end - begin > _WHOLE:
            begin = max(begin, begin + (part - 1) * _PART)
            end = min(end, begin + 3 * _PART)
        if hidden:
            return Excerpt("*" * (end - begin), begin - line[0], line)
        key = self._end_of_key(line, begin, end)
        text = "*" * (key - begin) + self._blanked(self._without_known_places(key, end))
        return Excerpt(_without_cut_words(text, (begin, end), line), begin - line[0], line)

    def _end_of_key(self, line: Span, begin: int, end: int) -> int:
        """Up to where a part of a line is a private key that began before it; else `begin`."""
        text = self.source.text
        start = text.rfind(_KEY_BEGINS, max(line[0], begin - _MAX_KEY), begin)
        if start < 0 or text.find(_KEY_ENDS, start, begin) >= 0:
            return begin
        stop = text.find(_KEY_ENDS, begin, end)
        return end if stop < 0 else stop

    def _without_known_places(self, begin: int, end: int) -> str:
        """A part of the text with the places of secrets blanked, character by character."""
        part = list(self.source.text[begin:end])
        places = self._places()
        for block in range(begin // _PART, end // _PART + 1):
            for start, stop in places.get(block, ()):
                extent = range(max(start, begin) - begin, min(stop, end) - begin)
                if extent:
                    part[extent.start : extent.stop] = "*" * len(extent)
        return "".join(part)

    def _places(self) -> Mapping[int, Sequence[Span]]:
        """The places of secrets by the blocks of the text that they touch."""
        if self._by_block is None:
            self._by_block = {}
            for start, end in dict.fromkeys(self.masked):
                for block in range(start // _PART, max(start, end - 1) // _PART + 1):
                    self._by_block.setdefault(block, []).append((start, end))
        return self._by_block

    def _blanked(self, text: str) -> str:
        """A text without what is known for a secret, or looks or sounds like one."""
        for secret in self.secrets:
            if secret in text:
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

    def _continues(self, line: Span) -> bool:
        """Whether a line may be the value of a name that sounds like a secret, further up."""
        indent = _indent(self._beginning(line))
        if indent == 0:
            return False
        for above in islice(self.source.lines.above(line[0]), _MAX_LOOK_BACK):
            upper = self._beginning(above)
            if upper.strip() and _indent(upper) < indent:
                if _HAS_KEY.search(upper):
                    return any(
                        _BEGINS_BELOW.fullmatch(upper, end) for end, _ in _secret_names(upper)
                    )
                indent = _indent(upper)
        return False

    def _beginning(self, line: Span) -> str:
        """As much of a line as tells its indentation and its key."""
        return self.source.text[line[0] : min(line[1], line[0] + _PART)]


def _without_cut_words(text: str, extent: Span, line: Span) -> str:
    """Blank the word at either end that goes on outside: nobody looked at it whole."""
    if extent[0] > line[0] and (cut := _CUT_AT_BEGIN.match(text)):
        text = "*" * cut.end() + text[cut.end() :]
    if extent[1] < line[1] and (cut := _CUT_AT_END.search(text)):
        text = text[: cut.start()] + "*" * (len(text) - cut.start())
    return text


def _secret_names(text: str) -> Iterator[tuple[int, bool]]:
    """Where values begin behind a name that sounds like a secret, and whether it surely does."""
    yield from ((name.end(), False) for name in _SOUNDS_SECRET.finditer(text))
    yield from ((name.end(), True) for name in _NAME.finditer(text) if sounds(name[1]))


def _indent(line: str) -> int:
    return len(line[: len(line) - len(line.lstrip())].expandtabs())
