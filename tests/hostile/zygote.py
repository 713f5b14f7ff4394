"""Runs command lines in forked children of a process that has everything imported, under bounds.

A line of JSON in (`Order`), a line of JSON out (`Ended`). Started with `python -m` by `bounded`;
never inside pytest, whose threads and memory would be inherited.
"""

import ctypes
import gc
import importlib
import json
import os
import resource
import select
import signal
import sys
import time
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.hostile.recipe import BOT, GOOD


def _drop_capabilities() -> None:
    """Make root obey the permissions of files, as everybody else does."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    none = (ctypes.c_uint32 * 6)()
    if libc.capset(header, none) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def _child(order: dict[str, Any]) -> int:
    os.setsid()
    os.chdir(order["folder"])
    limit = order["memory_mb"] << 20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    seconds = order["seconds"]
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number, name in ((1, "out"), (2, "err")):
        handle = os.open(order[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(handle, number)
        os.close(handle)
    _drop_capabilities()
    os.environ.clear()
    os.environ.update(order["environ"])
    from reconciler.cli import main

    code = main(order["arguments"])
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _run(order: dict[str, Any]) -> dict[str, Any]:
    begun = time.monotonic()
    pid = os.fork()
    if pid == 0:
        code = 99
        try:
            code = _child(order)
        finally:
            os._exit(code)
    watch = os.pidfd_open(pid)
    ready, _, _ = select.select([watch], [], [], order["wall_seconds"])
    if not ready:
        os.kill(pid, signal.SIGKILL)
    os.close(watch)
    _, status, usage = os.wait4(pid, 0)
    return {
        "code": os.waitstatus_to_exitcode(status),
        "wall_seconds": time.monotonic() - begun,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,
    }


def _warm() -> None:
    """Import every verb and build every schema: what the children share."""
    from reconciler.cli import main
    from reconciler.cli.app import VERBS

    for verb in VERBS.values():
        importlib.import_module(f"reconciler.cli.{verb.module}")
    with TemporaryDirectory() as folder:
        (Path(folder) / "a.yaml").write_text(GOOD + "---\n" + BOT + "    name: b\n")
        main(["validate", folder], environ={}, stdout=StringIO(), stderr=StringIO())
    gc.collect()
    gc.freeze()


def serve() -> None:
    """Answer orders until the input ends."""
    _warm()
    for line in sys.stdin.buffer:
        answer = json.dumps(_run(json.loads(line)))
        sys.stdout.buffer.write(answer.encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    serve()
