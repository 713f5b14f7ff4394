"""A stream that people read: how wide it is, whether it takes colour, and a reader who left."""

import os
from collections.abc import Mapping
from contextlib import suppress
from io import TextIOWrapper
from typing import Final, TextIO

from reconciler.model.errors import InputError

DEFAULT_WIDTH: Final = 120
"""Cells per line where the stream is no terminal."""

_MANY_DIGITS: Final = 6
_HANG: Final = "  "
"""Before what does not fit on the first line of a sentence."""


class Terminal:
    """One output stream. Writing never raises because the reader is gone (`| head`).

    `name` is how an error calls a stream whose text must not be lost; without one, whatever cannot
    be written is dropped.
    """

    def __init__(self, stream: TextIO, environ: Mapping[str, str], *, name: str = "") -> None:
        self.stream: Final = stream
        self.is_terminal: Final = stream.isatty()
        self._name: Final = name
        self._columns: Final = environ.get("COLUMNS", "")
        plain_only = bool(environ.get("NO_COLOR")) or environ.get("TERM") == "dumb"
        self.color: Final = self.is_terminal and not plain_only
        if isinstance(stream, TextIOWrapper):
            with suppress(OSError):  # it writes out what is pending: `write` says what is wrong
                stream.reconfigure(errors="backslashreplace")

    @property
    def wraps(self) -> bool:
        """Whether sentences are kept within the width: on a terminal, and where COLUMNS is set."""
        return self.is_terminal or self._said_width > 0

    @property
    def width(self) -> int:
        """How many cells a line has: as COLUMNS says, or as wide as this very terminal is."""
        if self._said_width > 0:
            return self._said_width
        with suppress(OSError, ValueError):  # a stream without a descriptor raises both
            if self.is_terminal and (width := os.get_terminal_size(self.stream.fileno()).columns):
                return width
        return DEFAULT_WIDTH

    @property
    def _said_width(self) -> int:
        """What COLUMNS says; 0 where that is no number of cells."""
        said = self._columns
        return int(said) if said.isascii() and said.isdigit() and len(said) < _MANY_DIGITS else 0

    def write(self, text: str) -> None:
        """Write `text` and pass it on at once.

        Raises InputError when a stream with a name takes no more (a full disk).
        """
        try:
            self.stream.write(text)
            self.stream.flush()
        except BrokenPipeError:
            self._leave()
        except OSError as error:
            self._leave()
            if self._name:
                reason = error.strerror or type(error).__name__
                raise InputError(f"cannot write to {self._name}: {reason}") from error

    def line(self, text: str = "") -> None:
        """Write `text` and a line feed."""
        self.write(f"{text}\n")

    def say(self, text: str) -> None:
        """Write a sentence, harmless already, broken between words where it `wraps`."""
        if not self.wraps:
            self.line(text)
            return
        from reconciler.report.ink import Ink
        from reconciler.report.wrap import Piece, painted, wrapped

        for number, row in enumerate(wrapped([Piece(text)], self.width - len(_HANG))):
            self.line(painted([Piece(_HANG if number else ""), *row], Ink(color=False)))

    def _leave(self) -> None:
        """From now on write to nowhere, so that the interpreter's last flush is quiet too."""
        with suppress(OSError, ValueError), open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - os.devnull is no Path
            os.dup2(nowhere.fileno(), self.stream.fileno())


def interactive(stdin: TextIO | None, *outputs: Terminal) -> Terminal | None:
    """Where a question can be asked: a terminal to read from, and one of `outputs` to write to."""
    if stdin is None or not stdin.isatty():
        return None
    return next((output for output in outputs if output.is_terminal), None)
