"""Runs the program in forked children, each of which may die at a failpoint.

A line of JSON in, a line of JSON out. Started with `python -m`; everything is imported once.
"""

import gc
import importlib
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio

from reconciler.ports import Timeout
from tests.faults.kill.failpoints import count
from tests.support.virtual import EPOCH


class FastClock:
    """The real clock, so many times as fast since `start` (of `time.time`)."""

    def __init__(self, start: float, speed: float) -> None:
        self._start = start
        self._speed = speed

    def monotonic(self) -> float:
        return (time.time() - self._start) * self._speed

    def wall(self) -> float:
        return EPOCH + self.monotonic()

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(max(0.0, seconds) / self._speed)  # noqa: TID251 - this is a clock

    @contextmanager
    def timeout(self, seconds: float) -> Iterator[Timeout]:
        with anyio.move_on_after(max(0.0, seconds) / self._speed) as scope:  # noqa: TID251
            yield _Limit(scope)


class _Limit:
    def __init__(self, scope: anyio.CancelScope) -> None:
        self._scope = scope

    @property
    def expired(self) -> bool:
        return self._scope.cancelled_caught


def _child(order: dict[str, Any]) -> int:
    os.chdir(order["folder"])
    for number in (1, 2):
        handle = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(handle, number)
        os.close(handle)
    os.environ.clear()
    os.environ.update(order["environ"])
    from reconciler.cli import main

    clock = FastClock(order["start"], order["speed"])
    counted = count(order["point"])
    code = main(order["arguments"], clock=clock)
    Path(order["output"] + ".points").write_text(str(counted()))
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _run(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        code = 99
        try:
            code = _child(order)
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def serve() -> None:
    """Answer orders until the input ends."""
    from reconciler.cli.app import VERBS

    for verb in VERBS.values():
        importlib.import_module(f"reconciler.cli.{verb.module}")
    gc.collect()
    gc.freeze()
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(json.dumps(_run(json.loads(line))).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    serve()
