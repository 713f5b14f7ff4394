"""A file's text with its lines. Only a regular file of bounded size and of printable text is read."""

import os
import re
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from reconciler.loader.bounds import MAX_FILE_BYTES
from reconciler.loader.lines import Lines
from reconciler.model.errors import Problem
from reconciler.model.manifest import Place

Span: TypeAlias = tuple[int, int]
"""From and up to which code point of the text."""

# YAML 1.2.2, section 5.1: what may stand in a stream (lone surrogates are no UTF-8 to begin with).
_NOT_PRINTABLE: Final = re.compile(
    "[^\x09\x0a\x0d\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
_ORDINARY: Final = b"\x09\x0a\x0d" + bytes(range(0x20, 0x7F)) + bytes(range(0x80, 0x100))
_ODD_LEADS: Final = (b"\xc2", b"\xef\xbf")
"""In UTF-8 U+0080 to U+00BF begin with the first, U+FFC0 to U+FFFF with the second."""


class Unreadable(Exception):
    """A file that is not taken in. The text says why, without the file's name."""


def read_regular(path: Path, *, limit: int = MAX_FILE_BYTES) -> bytes:
    """The bytes of a regular file of at most `limit` bytes.

    Never waits for the other end of a pipe. Raises Unreadable.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Unreadable(reason(error)) from error
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("is not a regular file")
        if status.st_size > limit:
            raise Unreadable(f"has {status.st_size:,} bytes; at most {limit:,} are read")
        with os.fdopen(handle, "rb", closefd=False) as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise Unreadable(reason(error)) from error
    finally:
        os.close(handle)
    if len(data) > limit:
        raise Unreadable(f"grew beyond {limit:,} bytes while it was read")
    return data


def reason(error: OSError) -> str:
    """Why the system refused, in its own words without the path."""
    return f"cannot be read: {error.strerror or type(error).__name__}"


def shown(path: Path | str) -> str:
    """A path as it may stand in a message: control, bidi and undecodable characters escaped."""
    return "".join(
        char if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} else _escaped(char)
        for char in str(path)
    )


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """The text of one file, without a byte order mark.

    `folder` is where relative paths in it start from, `root` what they may not leave.
    """

    lines: Lines
    text: str
    folder: Path
    root: Path

    @property
    def file(self) -> str:
        """The file's name as messages show it."""
        return self.lines.file

    def line_span(self, line: int) -> Span:
        """The extent of a line (counted from 1), its break left out."""
        return self.lines.span(line)


def decode(path: Path, data: bytes, *, root: Path) -> Source | Problem:
    """The text of a file's bytes: UTF-8 with printable characters only, or what is wrong."""
    file = shown(path)
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"} or data[:4] == b"\x00\x00\xfe\xff":
        return Problem(
            Place(file, 1, 1), "encoding", "the file is UTF-16 or UTF-32", "save it as UTF-8"
        )
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").removeprefix("\ufeff")
        place = Lines(file, before).place(len(before))
        found = f"the byte 0x{data[error.start]:02x} is not valid UTF-8"
        return Problem(place, "encoding", found, "save the file as UTF-8")
    lines = Lines(file, text)
    odd = _odd(data, text)
    if odd is not None:
        code = ord(odd.group())
        escape = f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
        return Problem(
            lines.place(odd.start()),
            "character",
            f"the character U+{code:04X} cannot stand in a file",
            f'write it as {escape} inside "double quotes"',
        )
    return Source(lines, text, path.parent, root)


def _odd(data: bytes, text: str) -> re.Match[str] | None:
    """The first character that is not printable, looked for only where bytes hint at one."""
    if not data.translate(None, _ORDINARY) and not any(lead in data for lead in _ODD_LEADS):
        return None
    return _NOT_PRINTABLE.search(text)
