"""SIGINT and SIGTERM before anything else is loaded: both end the program as an interruption."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final, NoReturn, TypeAlias

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)

Handler: TypeAlias = Callable[[int, object], None]
"""What is called with the number of a signal and the frame that it came in."""


class Interrupted(KeyboardInterrupt):
    """A signal came.

    A class of its own: the interpreter remembers a plain KeyboardInterrupt that left an `exec`
    (modules run it while they are loaded), and dies of the signal at its end although the
    exception was handled.
    """


def terminable() -> AbstractContextManager[None]:
    """Inside the block SIGINT and SIGTERM raise Interrupted; see `handled`."""
    return handled(_interrupt)


@contextmanager
def handled(handler: Handler) -> Iterator[None]:
    """Let `handler` take both signals inside the block, where this is the main thread.

    One that is ignored stays so: `nohup`, or a shell that started this in the background.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {
        number: signal.signal(number, handler)
        for number in _SIGNALS
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, signal.SIG_DFL if old is None else old)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise Interrupted
