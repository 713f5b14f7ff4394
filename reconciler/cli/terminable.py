"""SIGINT and SIGTERM before anything else is loaded: both end the program as an interruption."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Interrupted(KeyboardInterrupt):
    """A signal came.

    A class of its own: the interpreter remembers a plain KeyboardInterrupt that left an `exec`
    (modules run it while they are loaded), and dies of the signal at its end although the
    exception was handled.
    """


@contextmanager
def terminable() -> Iterator[None]:
    """Inside the block SIGINT and SIGTERM raise Interrupted; one that is ignored stays so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {
        number: signal.signal(number, _interrupt)
        for number in _SIGNALS
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise Interrupted
