"""Foreign text inside Markdown, so that nothing in it is Markdown, HTML, a mention or a link.

It stands in code only, a span or a fence, which no reader of Markdown looks into: GitHub's and
GitLab's mentions, issue numbers, addresses and emoji are made from other text.
"""

import re
from html import escape
from typing import Final

from reconciler.report.plain import plain

_TICKS: Final = re.compile("`+")
_MAX_SPAN: Final = 200


def span(text: str, most: int = _MAX_SPAN) -> str:
    """`text`, or its first characters, as a code span on one line; empty for no text.

    It may stand in a sentence and in a table: a bar would end a cell even inside of code, so it is written as a JSON escape.
    """
    shown = _cut(plain(text).replace("|", "\\u007c"), most)
    if not shown:
        return ""
    ticks = "`" * (_longest(shown) + 1)
    gap = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{ticks}{gap}{shown}{gap}{ticks}"


def fence(text: str, language: str = "") -> str:
    """Harmless lines as a code block; its marks are longer than any in the text."""
    ticks = "`" * max(_longest(text) + 1, 3)
    return f"{ticks}{language}\n{text}\n{ticks}"


def tagged(text: str) -> str:
    """`text` as code inside of HTML inside of Markdown, where a summary stands."""
    return f"<code>{escape(_cut(plain(text), _MAX_SPAN))}</code>"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def _longest(text: str) -> int:
    return max(map(len, _TICKS.findall(text)), default=0)
