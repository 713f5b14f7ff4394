"""Keys and passwords by their looks: the forms that issuers gave them, and names that say so.

Sources of the forms: the issuers' pages and the patterns that public secret scanners share. A form
is looked for only in texts that hold a long word and its mark, so prompts cost next to nothing.
"""

import base64
import binascii
import json
import re
import string
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from reconciler.loader.sounds import harmless, placeholder, sounds
from reconciler.loader.words import quoted

MIN_LENGTH: Final = 12
"""No form is shorter."""


class Lookalike(NamedTuple):
    """A part of a text that looks like a secret, and what it looks like."""

    text: str
    what: str


_HEAD: Final = r"(?<![A-Za-z0-9])"
_FORMS: Final = tuple(
    (marks, re.compile(pattern, re.DOTALL), what)
    for marks, pattern, what in (
        (("LTAI",), _HEAD + r"LTAI[A-Za-z0-9]{12,26}", "an Alibaba Cloud access key"),
        (("STS.N",), _HEAD + r"STS\.N[A-Za-z0-9]{20,}", "an Alibaba Cloud access key"),
        (("AKIA", "ASIA"), _HEAD + r"A(?:KIA|SIA)[A-Z0-9]{16}(?![A-Z0-9])", "an AWS access key"),
        (("AKID",), _HEAD + r"AKID[A-Za-z0-9]{32}", "a Tencent Cloud access key"),
        (("ghp_", "gho_", "ghs_", "ghu_", "ghr_"), _HEAD + r"gh[pousr]_[A-Za-z0-9]{30,}", "a GitHub token"),
        (("github_pat_",), r"github_pat_[A-Za-z0-9_]{30,}", "a GitHub token"),
        (("glpat-",), r"glpat-[A-Za-z0-9_.-]{20,}", "a GitLab token"),
        (("xox",), _HEAD + r"xox[a-z]-[A-Za-z0-9-]{11,}", "a Slack token"),
        (("sk-",), _HEAD + r"sk-(?:[a-z0-9]+-){0,3}(?=[A-Za-z_]{0,40}[0-9])[A-Za-z0-9_]{16}[A-Za-z0-9_-]*", "an API key"),
        (("k_live_",), _HEAD + r"[sr]k_live_[A-Za-z0-9]{16,}", "an API key"),
        (("AIza",), _HEAD + r"AIza[A-Za-z0-9_-]{35}", "a Google API key"),
        (("hf_",), _HEAD + r"hf_[A-Za-z0-9]{30,}", "a Hugging Face token"),
        (("npm_",), _HEAD + r"npm_[A-Za-z0-9]{36}", "an npm token"),
        (("eyJ",), r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{13,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}", "a JSON Web Token"),
        (("earer ",), r"(?<=[Bb]earer )(?=\S{0,80}[0-9])[A-Za-z0-9._~+/-]{16,}=*", "a bearer token"),
    )
)  # fmt: skip
_PEM: Final = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:.*?-----END [A-Z0-9 ]*-----|.*)",
    re.DOTALL,
)
_BASIC: Final = re.compile(r"(?<=[Bb]asic )[A-Za-z0-9+/]{12,}={0,2}")
_KEY_MARK: Final = "LS0tLS1CRUdJTi"  # -----BEGIN
_ENCODED_KEY: Final = re.compile(_KEY_MARK + r"[A-Za-z0-9+/]{20,}={0,2}")
_IN_ADDRESS: Final = re.compile(r"(?<=://)[^\s/@:'\"<>]*:([^\s/@'\"]+)(?=@)")
_ASSIGNED_NAME: Final = re.compile(r"[A-Za-z_][\w.-]*$")
_ASSIGNED_VALUE: Final = re.compile(r"(?!=)[\"']?([^\s;&,\"']{4,200})")
_REST: Final = re.compile(r"[^\s;&,\"']*")
_ENDS_NAME: Final = frozenset(string.ascii_letters + string.digits + "_")
_MAX_NAME: Final = 64
_LONG: Final = b"a" * 16
_OUTLINES: Final = bytes(
    ord("a") if chr(code) in _ENDS_NAME or code == ord("-") else code for code in range(256)
)
_OPENS_JSON: Final = frozenset("{[ \t\r\n")
_MAX_JSON: Final = 64 * 1024


def known_forms(text: str) -> Iterator[Lookalike]:
    """Every part of `text` that has the form of a key, a token or an address with a password."""
    if "@" in text and "://" in text:
        yield from _in_address(text)
    if _LONG in _outline(text):
        yield from _with_marks(text)
        yield from _encoded(text)


def _outline(text: str) -> bytes:
    """The text with `a` for each letter, digit, dash and underscore: a long word shows as `_LONG`.

    Far faster than looking for every mark, and long words are rare in prose.
    """
    return text.encode("utf-8", "replace").translate(_OUTLINES)


def _with_marks(text: str) -> Iterator[Lookalike]:
    for marks, pattern, what in _FORMS:
        if any(mark in text for mark in marks):
            for match in pattern.finditer(text):
                if not placeholder(match[0]):
                    yield Lookalike(match[0], what)


def _in_address(text: str) -> Iterator[Lookalike]:
    """`https://user:password@host`."""
    for match in _IN_ADDRESS.finditer(text):
        if not harmless("password", match[1]):
            yield Lookalike(match[1], "an address with a password")


def _encoded(text: str) -> Iterator[Lookalike]:
    """Private keys, and what only base64 hides."""
    if "asic " in text:
        for match in _BASIC.finditer(text):
            if b":" in _decoded(match[0]):
                yield Lookalike(match[0], "a user name with a password")
    if "PRIVATE KEY" in text:
        for match in _PEM.finditer(text):
            yield Lookalike(match[0], "a private key")
    if _KEY_MARK in text:
        for match in _ENCODED_KEY.finditer(text):
            if b"PRIVATE KEY" in _decoded(match[0][:64]):
                yield Lookalike(match[0], "a private key")


def worth_a_look(name: str, text: str) -> bool:
    """Whether `lookalikes` may find something; most texts are passed over here, and fast."""
    if sounds(name) or text[:1] in _OPENS_JSON:
        return True
    outline = _outline(text)
    return _LONG in outline or b"=" in outline or b"@" in outline


def lookalikes(name: str, text: str) -> Iterator[Lookalike]:
    """What of a value looks like a secret, given the name that it stands under."""
    kind = sounds(name)
    if kind and not harmless(kind, text) and not _is_json(text):
        yield Lookalike(text, "a secret, as its name says")
        return
    if len(text) < MIN_LENGTH:
        return
    yield from known_forms(text)
    if "=" in text:
        yield from _assigned(text)
    if _is_json(text):
        yield from _in_json(text)


def _assigned(text: str) -> Iterator[Lookalike]:
    """`API_KEY=…`, `--password=…`, `?token=…` anywhere in a text."""
    at = text.find("=")
    while at >= 0:
        if at and text[at - 1] in _ENDS_NAME:
            name = _ASSIGNED_NAME.search(text[max(0, at - _MAX_NAME) : at])
            kind = sounds(name[0]) if name else ""
            value = _ASSIGNED_VALUE.match(text, at + 1) if kind else None
            if name and value and not harmless(kind, value[1]):
                at = _REST.match(text, value.end()).end()  # type: ignore[union-attr]  # may be empty
                yield Lookalike(text[value.start(1) : at], f"the value of {quoted(name[0])}")
        at = text.find("=", at + 1)


def _is_json(text: str) -> bool:
    return text[:1] in _OPENS_JSON and len(text) <= _MAX_JSON and text.lstrip()[:1] in {"{", "["}


def _in_json(text: str) -> Iterator[Lookalike]:
    """What looks like a secret by its name inside JSON that is kept as a string."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    for name, member in _members(value):
        kind = sounds(name)
        if kind and not harmless(kind, member):
            yield Lookalike(member, f"the value of {quoted(name)}")


def _members(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _members(member, key)
    elif isinstance(value, list):
        for member in value:
            yield from _members(member, name)


def _decoded(text: str) -> bytes:
    """Base64 as far as it goes; empty when it is none, or no text."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return b""
    return data if data.isascii() else b""
