"""Where a process can die: before and after each of its calls that reach outside itself.

Nothing is listed by hand: the interpreter reports every call of a built-in function, and those of
the modules below are what can be seen from outside. Looking does not count.
"""

import _socket
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, Final

OUTWARD: Final = frozenset({"posix", "_socket", "fcntl"})
"""Modules whose calls others can notice: the disk, the net, and locks."""

LOOKING: Final = frozenset(
    {
        *("stat", "lstat", "fstat", "getcwd", "getcwdb", "listdir", "scandir", "getpid", "fspath"),
        *("urandom", "getuid", "getgid", "getppid", "access", "readlink", "isatty", "uname"),
        *("get_terminal_size", "cpu_count", "sysconf", "fileno", "getpgrp", "geteuid", "getegid"),
        *("read", "lseek", "get_inheritable", "_path_normpath", "_path_isdir", "register_at_fork"),
        *(
            "is_dir",
            "is_file",
            "is_symlink",
            "gethostname",
            "inet_pton",
            "inet_ntop",
            "getaddrinfo",
        ),
        *(
            "setblocking",
            "setsockopt",
            "getsockopt",
            "settimeout",
            "gettimeout",
            "getdefaulttimeout",
        ),
        *("getsockname", "getpeername", "detach", "socketpair", "__exit__", "close", "dup"),
    }
)
"""Calls of them that change nothing for anybody else."""


def count(most: int) -> Callable[[], int]:
    """Count failpoints from here on, and die of SIGKILL at number `most` (0: never).

    Returns how many there were, when asked.
    """
    seen = 0

    def watch(_frame: object, event: str, call: Any) -> None:
        nonlocal seen
        if event not in ("c_call", "c_return") or call.__name__ in LOOKING or not _outward(call):
            return
        seen += 1
        if seen == most:
            sys.setprofile(None)
            os.kill(os.getpid(), signal.SIGKILL)

    def asked() -> int:
        sys.setprofile(None)
        return seen

    sys.setprofile(watch)
    return asked


def _outward(call: Any) -> bool:
    owner = call.__self__
    if isinstance(owner, _socket.socket):
        return True
    module = getattr(call, "__module__", None) or type(owner).__module__
    return module in OUTWARD
