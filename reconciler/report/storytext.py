"""A story as text for a terminal and as Markdown for tools that show rules."""

import textwrap
from collections.abc import Iterator
from typing import Final

from reconciler.report.plain import plain
from reconciler.report.story import Example, Story

_WIDTH: Final = 80
_MAX_COLUMNS: Final = 100
_MAX_LINES: Final = 40
_HEAD_LINES: Final = 8


def story_text(story: Story) -> str:
    """The whole story, for `reconcile explain CODE`."""
    parts = [
        f"{story.code}: {story.summary}",
        *_wrapped(story.means),
        *_wrapped(f"Why: {story.why}"),
    ]
    for title, example in _examples(story):
        parts.append(f"{title}:\n\n" + "\n".join(_example(example)))
    return "\n\n".join(parts) + "\n"


def story_markdown(story: Story) -> str:
    """The same as Markdown."""
    parts = [story.means, story.why]
    for title, example in _examples(story):
        parts += [f"{title}:", _fenced(example)]
    return "\n\n".join(parts) + "\n"


def _examples(story: Story) -> list[tuple[str, Example]]:
    """The examples that there are: what only a mistake of ours can give has none."""
    pairs = [("Wrong", story.wrong), ("Right", story.right)]
    return [(title, example) for title, example in pairs if example.files]


def _wrapped(text: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        yield textwrap.fill(paragraph, _WIDTH, break_on_hyphens=False, break_long_words=False)


def _example(example: Example) -> Iterator[str]:
    """Each file behind its name, then what is typed."""
    for file in example.files:
        note = "" if file.encoding == "utf-8" else f" (saved as {file.encoding})"
        yield f"    # {file.name}{note}"
        yield from (f"    {line}".rstrip() for line in _lines(file.text))
        yield ""
    yield f"    $ {example.command}"


def _lines(text: str) -> list[str]:
    """The lines of a file, the middle of a very long one left out."""
    lines = [_cut(plain(line)) for line in text.split("\n")]
    lines = lines[:-1] if lines[-1] == "" else lines
    if len(lines) <= _MAX_LINES:
        return lines
    return [*lines[:_HEAD_LINES], f"# ({len(lines) - _HEAD_LINES:,} more lines)"]


def _cut(line: str) -> str:
    more = len(line) - _MAX_COLUMNS
    return line if more <= 0 else f"{line[:_MAX_COLUMNS]}… ({more:,} more characters)"


def _fenced(example: Example) -> str:
    return "```yaml\n" + textwrap.dedent("\n".join(_example(example))) + "\n```"
