"""Where the C parser certainly reads a text as the pure parser does.

libyaml holds to YAML 1.1 in corners: tabs, question marks and colons at the edge of a word, blank
lines before a block's first, directives, odd anchors. A text with such a corner outside of quotes
and blocks is not certain. Found by comparing both over the public test suite and mutated texts.
"""

import re
from collections.abc import Iterable
from typing import Final

from reconciler.loader.events import Event, Is
from reconciler.loader.source import Span

_RISKY: Final = re.compile(
    # One class of characters first: the engine then skips over all others at full speed.
    r"[\t\ufeff?:#\-&*%.|>](?!(?<=[0-9A-Za-z_\"]:)[ \n])(?:"  # but for `key: ` soon done
    r"(?<=[^?:#\-&*%.|>])"  # a tab separates nothing in the pure parser
    r"|(?<=:)(?:(?<=[\s\[\]{},].)|(?<=\A.)|(?=[,\[\]{}#\"'&*!|>])|(?<=[\]}\"].)(?=\S))"
    r"|(?<=\?)(?:(?<=[\s\[\]{},].)|(?<=\A.))"
    r"|(?<=[\]}\",\[{]#)"
    r"|(?<=-)(?=[,\[\]{}])"
    r"|(?<=[&*])(?![0-9A-Za-z_-]+(?:\s|\Z))"
    r"|(?<=%)(?:(?<=[\r\n].)|(?<=\A.))"
    r"|(?<=\.)(?:(?<=[\r\n].)|(?<=\A.))(?=\.\.)"
    r"|(?<=[|>])(?=[-+0-9 ]*(?:#[^\r\n]*)?(?:[\r\n]|\Z))(?![-+]?(?:\r\n|\r|\n) +[^\s])"
    r")"
)
_SIMPLE: Final = re.compile(r"[\"']|[|>][-+]?(?:\r\n|\r|\n) +[^\s]")
"""How a quote or block begins that both parsers read alike."""


def suspicious(text: str) -> bool:
    """Whether a text has a corner anywhere, in quotes and blocks too. False proves it certain."""
    return _RISKY.search(text) is not None


def harmless(text: str, opaque: Iterable[Span]) -> bool:
    """Whether a text has no corner outside of its quotes and blocks, whose extents are given."""
    bare: list[str] = []
    last = 0
    for start, end in opaque:
        if not _SIMPLE.match(text, start):
            return False
        bare += text[last:start], '"'
        last = end
    bare.append(text[last:])
    return _RISKY.search("".join(bare)) is None


def certain(text: str, steps: Iterable[Event], base: int = 0) -> bool:
    """Whether the C parser's events of a text are the pure parser's as well."""
    opaque: list[Span] = []
    for step in steps:
        if step.tag is not None:
            return False
        if step.what is Is.SCALAR and not step.plain:
            opaque.append((step.start - base, step.end - base))
    return harmless(text, opaque)
