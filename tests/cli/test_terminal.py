"""Colour only where it is wanted, and a reader who left does no harm."""

import errno
import fcntl
import os
import struct
import termios
from io import StringIO

import pytest

from reconciler.cli.terminal import DEFAULT_WIDTH, Terminal, interactive
from reconciler.model.errors import InputError
from tests.support.cli import Tty


@pytest.mark.parametrize(
    ("stream", "environ", "color"),
    [
        (Tty(), {}, True),
        (Tty(), {"NO_COLOR": ""}, True),
        (Tty(), {"NO_COLOR": "1"}, False),
        (Tty(), {"TERM": "dumb"}, False),
        (StringIO(), {}, False),
    ],
)
def test_colour_needs_a_terminal_and_nobody_against_it(
    stream: StringIO, environ: dict[str, str], color: bool
) -> None:
    """No colour without a terminal, with NO_COLOR set to anything, or on a dumb terminal."""
    assert Terminal(stream, environ).color is color


def test_without_a_terminal_lines_have_a_fixed_width() -> None:
    """What a pipeline's log shows doesn't depend on the machine it runs on."""
    assert Terminal(StringIO(), {}).width == DEFAULT_WIDTH


@pytest.mark.parametrize(
    ("columns", "width", "wraps"),
    [("72", 72, True), ("", DEFAULT_WIDTH, False), ("0", DEFAULT_WIDTH, False)]
    + [(odd, DEFAULT_WIDTH, False) for odd in ("-5", "x", "٧٢", "9" * 5000)],
)
def test_columns_says_how_wide_lines_are(columns: str, width: int, wraps: bool) -> None:
    """`COLUMNS` counts in a pipe too, as under `watch`; what is no number counts nowhere."""
    terminal = Terminal(StringIO(), {"COLUMNS": columns})
    assert (terminal.width, terminal.wraps) == (width, wraps)


def test_each_stream_is_as_wide_as_its_own_terminal() -> None:
    """With `plan -o json > FILE` the text goes to a screen, and fits it."""
    leader, follower = os.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 57, 0, 0))
    with os.fdopen(follower, "w") as stream:
        terminal = Terminal(stream, {})
        assert (terminal.width, terminal.wraps) == (57, True)
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 0, 0, 0))
        assert terminal.width == DEFAULT_WIDTH
    os.close(leader)
    assert Terminal(Tty(), {}).width == DEFAULT_WIDTH


def test_a_sentence_is_broken_between_words_on_a_screen_only() -> None:
    """A log can be searched for the whole sentence."""
    text = "Target: prod (cn-hangzhou), 默认工作空间"
    told = []
    for environ in ({}, {"COLUMNS": "24"}):
        stream = StringIO()
        Terminal(stream, environ).say(text)
        told.append(stream.getvalue())
    assert told == [f"{text}\n", "Target: prod\n  (cn-hangzhou), 默认工\n  作空间\n"]


def test_a_reader_who_left_is_no_error() -> None:
    """`| head` ends the output, not the program."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as stream:
        terminal = Terminal(stream, {})
        terminal.line("nobody reads this")
        terminal.line("nor this")
        assert not stream.closed


class Broken(StringIO):
    """A stream on which nothing more can be written."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_told_once_where_it_matters() -> None:
    """The stream for results says what is wrong with it; the one for errors cannot."""
    with pytest.raises(InputError, match="cannot write to standard output: No space left"):
        Terminal(Broken(), {}, name="standard output").line("a result")
    Terminal(Broken(), {}).line("an error")


def test_what_an_encoding_lacks_is_written_as_an_escape() -> None:
    """A terminal without UTF-8 gets escapes instead of an internal error."""
    read, write = os.pipe()
    with os.fdopen(write, "w", encoding="ascii") as stream:
        Terminal(stream, {}).line("设计")
    assert os.read(read, 100) == b"\\u8bbe\\u8ba1\n"
    os.close(read)


def test_a_question_needs_a_terminal_on_both_ends() -> None:
    """Somebody is asked only where there is a keyboard and a screen."""
    screen, pipe = Terminal(Tty(), {}), Terminal(StringIO(), {})
    assert interactive(Tty(), pipe, screen) is screen
    assert interactive(Tty(), pipe, pipe) is None
    assert interactive(StringIO(), screen) is None
    assert interactive(None, screen) is None
