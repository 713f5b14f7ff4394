"""Programs that give secrets: run without a shell, bounded in time and in output.

What a program writes to its standard error is neither read nor kept: it may hold the secret. None
of them outlives an interruption.
"""

import os
import selectors
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reconciler.loader.unresolved import Command, Output, Unresolved

TIMEOUT_SECONDS: Final = 30.0
MAX_AT_ONCE: Final = 8
"""How many programs run at the same time: they mostly wait for somebody's key service."""

_TICK_SECONDS: Final = 0.05
"""How soon an interruption is noticed."""
_CHUNK: Final = 64 * 1024


def run_all(
    commands: Iterable[Command],
    *,
    environ: Mapping[str, str],
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Mapping[Command, Output]:
    """Run each of the commands once, some at a time, each for at most `timeout_seconds`.

    Whatever ends the wait (a signal raises here) ends the programs with it.
    """
    once = tuple(dict.fromkeys(commands))
    if not once:
        return {}
    stop = threading.Event()
    pool = ThreadPoolExecutor(min(MAX_AT_ONCE, len(once)))
    try:
        running = [pool.submit(_output, one, environ, timeout_seconds, stop) for one in once]
        return {one: future.result() for one, future in zip(once, running, strict=True)}
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _output(
    command: Command, environ: Mapping[str, str], timeout_seconds: float, stop: threading.Event
) -> Output:
    try:
        process = _started(command, environ)
        try:
            return _finished(process, command, _Patience(command, timeout_seconds, stop))
        finally:
            _end(process)
    except Unresolved as error:
        return error


def _started(command: Command, environ: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """The program in a session of its own: it can ask nothing of a terminal, and ends whole."""
    try:
        return subprocess.Popen(  # noqa: S603 - no shell; who may name a program is settled before
            command.arguments,
            executable=_program(command, environ),
            cwd=command.folder,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Unresolved(f"{command.name} cannot be run: {why}", command.help) from None
    except ValueError:
        raise Unresolved(f"{command.name} cannot be run", command.help) from None


def _program(command: Command, environ: Mapping[str, str]) -> str:
    """The file to run: a path is the manifest's, a mere name is looked for on PATH."""
    name = command.arguments[0]
    if "/" in name:
        path = command.folder.absolute() / name
        if not path.exists():
            raise Unresolved(f"there is no program {command.name}", command.help)
        return str(path)
    found = shutil.which(name, path=environ.get("PATH", os.defpath))
    if found is None:
        text = f"the program {command.name} is not installed"
        raise Unresolved(text, "install it, or add its folder to PATH")
    return str(Path(found).absolute())


@dataclass(frozen=True, slots=True)
class _Patience:
    """How long a program is waited for."""

    command: Command
    seconds: float
    stop: threading.Event

    def deadline(self) -> float:
        return time.monotonic() + self.seconds

    def check(self, deadline: float) -> None:
        """Raises Unresolved when the time is over or nobody waits any more."""
        if self.stop.is_set():
            raise Unresolved("interrupted", "")
        if time.monotonic() > deadline:
            text = f"{self.command.name} did not end within {self.seconds:g} seconds"
            raise Unresolved(text, f"{self.command.help}; nobody answers its questions here")


def _finished(process: "subprocess.Popen[bytes]", command: Command, patience: _Patience) -> bytes:
    """All that the program wrote, once it has ended well."""
    deadline = patience.deadline()
    data = _read(process, command, patience, deadline)
    pause = 0.001
    while (code := process.poll()) is None:
        patience.check(deadline)
        patience.stop.wait(pause)
        pause = min(2 * pause, _TICK_SECONDS)
    if code:
        raise Unresolved(f"{command.name} {_ending(code)}", command.help)
    return data


def _read(
    process: "subprocess.Popen[bytes]", command: Command, patience: _Patience, deadline: float
) -> bytes:
    pipe = process.stdout
    data = bytearray()
    with selectors.DefaultSelector() as selector:
        if pipe is not None:
            selector.register(pipe, selectors.EVENT_READ)
        while pipe is not None:
            patience.check(deadline)
            if selector.select(_TICK_SECONDS):
                chunk = os.read(pipe.fileno(), _CHUNK)
                if not chunk:
                    break
                data += chunk
            if len(data) > command.max_bytes:
                text = f"{command.name} wrote more than {command.max_bytes:,} bytes"
                raise Unresolved(text, command.help)
    return bytes(data)


def _ending(code: int) -> str:
    if code > 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Leave nothing of a program that has not ended; its number is not given away before."""
    if process.returncode is None:
        with suppress(ProcessLookupError):  # it has just ended
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
