"""What a cloud says may repeat a secret that was sent to it: here it is sealed again.

A message can write a secret in many ways: as it is, as JSON, a URL, HTML or base64 write it, and
one of these inside another. A secret shorter than four characters is sealed only where it stands
for itself: inside a word it would eat ordinary text.
"""

import base64
import html
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import quote, quote_plus

from reconciler.model.sealed import Sealed
from reconciler.model.tree import PUBLIC_SEALED

WHOLE_ONLY_BELOW: Final = 4
"""Secrets of fewer characters are sealed as whole tokens only, not inside a run of letters."""

_UNCHANGED: Final = re.compile(r"[A-Za-z0-9._-]*", re.ASCII)
"""Text that every encoder leaves as it is, but base64."""
_ESCAPED: Final = re.compile(r"%[0-9A-F]{2}")


class Redactor:
    """Learns secrets and replaces each of them in a text, however the text writes it."""

    def __init__(self) -> None:
        self._learnt: set[str] = set()
        self._waiting: dict[int, list[str]] = {}
        """Learnt secrets by length whose forms no text was long enough to need: a fleet has tens
        of thousands of values, and most runs have no message."""
        self._long: dict[str, dict[int, set[str]]] = {}
        """Forms by their first characters and their length."""
        self._short: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def __repr__(self) -> str:
        return "Redactor()"

    def learn(self, secret: str) -> None:
        """Seal `secret` from now on; one that is empty or blank is passed over."""
        if secret.strip() and secret not in self._learnt:
            self._learnt.add(secret)
            self._waiting.setdefault(len(secret), []).append(secret)

    def learn_all(self, tree: Any) -> None:
        """Learn every resolved secret that stands anywhere in `tree`."""
        if isinstance(tree, Sealed):
            if tree.resolved:
                self.learn(tree.reveal())
        elif isinstance(tree, dict):
            for value in tree.values():
                self.learn_all(value)
        elif isinstance(tree, list | tuple):
            for value in tree:
                self.learn_all(value)

    def seal(self, text: str) -> str:
        """`text` with every learnt secret replaced by `(sealed)`."""
        for length in [length for length in self._waiting if length <= len(text)]:
            for secret in self._waiting.pop(length):
                self._index(secret)
        text = "".join(self._without_long(text)) if self._long else text
        if not self._short:
            return text
        if self._pattern is None:
            longest_first = sorted(self._short, key=len, reverse=True)
            forms = "|".join(map(re.escape, longest_first))
            self._pattern = re.compile(rf"(?<![^\W_])(?:{forms})(?![^\W_])")
        return self._pattern.sub(PUBLIC_SEALED, text)

    def _index(self, secret: str) -> None:
        if len(secret) < WHOLE_ONLY_BELOW:
            self._short |= _forms(secret)
            self._pattern = None
            return
        for form in _forms(secret):
            by_length = self._long.setdefault(form[:WHOLE_ONLY_BELOW], {})
            by_length.setdefault(len(form), set()).add(form)

    def _without_long(self, text: str) -> Iterator[str]:
        done = at = 0
        while at < len(text):
            length = self._length_at(text, at)
            if not length:
                at += 1
                continue
            yield text[done:at]
            yield PUBLIC_SEALED
            done = at = at + length
        yield text[done:]

    def _length_at(self, text: str, at: int) -> int:
        """The length of the longest form that begins at `at`, 0 for none."""
        by_length = self._long.get(text[at : at + WHOLE_ONLY_BELOW])
        if by_length is None:
            return 0
        return max(
            (size for size, forms in by_length.items() if text[at : at + size] in forms), default=0
        )


def _forms(secret: str) -> set[str]:
    """The ways in which a message may write a secret: as it is, encoded, and encoded twice.

    No form is shorter than the secret.
    """
    once = {secret, *_base64(secret), *_encoded(secret)}
    return once.union(*map(_encoded, once))


def _encoded(text: str) -> set[str]:
    return set() if _UNCHANGED.fullmatch(text) else {encode(text) for encode in _ENCODERS}


def _json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _json_with_slashes(text: str) -> str:
    return _json(text).replace("/", "\\/")


def _json_for_pages(text: str) -> str:
    """JSON as encoders write it that expect it inside a web page."""
    escaped = _json(text).replace("<", "\\u003c").replace(">", "\\u003e")
    return escaped.replace("&", "\\u0026")


def _json_unicode(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _html_decimal(text: str) -> str:
    return html.escape(text).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")


def _html_texts(text: str) -> str:
    return html.escape(text, quote=False)


def _html_named(text: str) -> str:
    return html.escape(text).replace("&#x27;", "&apos;")


def _url(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def _url_lower(text: str) -> str:
    return _ESCAPED.sub(lambda escape: escape[0].lower(), _url(text))


def _form(text: str) -> str:
    return quote_plus(text.encode("utf-8", "surrogatepass"))


def _base64(text: str) -> Iterator[str]:
    """Both alphabets, with and without the padding."""
    data = text.encode("utf-8", "surrogatepass")
    for encoded in (base64.b64encode(data), base64.urlsafe_b64encode(data)):
        form = encoded.decode("ascii")
        yield form
        yield form.rstrip("=")


_ENCODERS: Final[tuple[Callable[[str], str], ...]] = (
    *(_json, _json_with_slashes, _json_for_pages, _json_unicode),
    *(html.escape, _html_decimal, _html_texts, _html_named),
    *(_url, _url_lower, _form),
)
