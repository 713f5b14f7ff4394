"""What the program says of the wrong example of every story, recorded word for word.

Run as a module it writes `told.txt` anew: look at the difference before it is committed.
"""

import os
import shlex
import tempfile
from pathlib import Path
from typing import Final

from reconciler.report.stories import STORIES
from reconciler.report.story import Example, Story
from tests.support.cli import Ran, run_cli

FILE: Final = Path(__file__).parent / "told.txt"
_MARK: Final = ">>> "
_MAX_LINES: Final = 12


def run_example(example: Example) -> Ran:
    """Write the files of an example into the working folder and run its command there."""
    for file in example.files:
        path = Path(file.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.text.encode(file.encoding))
    words = shlex.split(example.command)
    start = words.index("reconcile")
    environ = dict(word.split("=", 1) for word in words[:start])
    return run_cli(*words[start + 1 :], environ=environ)


def told(story: Story) -> str:
    """What is said of the wrong example; of very many problems the first and the last."""
    ran = run_example(story.wrong)
    lines = [line.rstrip() for line in (ran.out + ran.err).splitlines()]
    if len(lines) > 2 * _MAX_LINES:
        lines = [*lines[:_MAX_LINES], "...", *lines[-_MAX_LINES:]]
    return "\n".join(lines)


def recorded() -> dict[str, str]:
    """The recorded text by code."""
    parts = FILE.read_text("utf-8").split(_MARK)[1:]
    pairs = (part.partition("\n") for part in parts)
    return {code: text.strip("\n") for code, _, text in pairs}


def _record() -> None:
    texts: list[str] = []
    for story in STORIES.values():
        if story.wrong.files:
            with tempfile.TemporaryDirectory() as folder:
                os.chdir(folder)
                texts.append(f"{_MARK}{story.code}\n{told(story)}\n")
                os.chdir("/")
    FILE.write_text("\n".join(texts), "utf-8")


if __name__ == "__main__":
    _record()
