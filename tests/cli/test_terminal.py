"""Colour only where it is wanted, and a reader who left does no harm."""

import errno
import os
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
