"""A command line under kill bounds, and what is wrong with how it ended."""

import json
import os
import re
import stat
import subprocess
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from tests.hostile.recipe import Recipe

SECONDS: Final = 5
MEMORY_MB: Final = 512
"""The kill bounds of each run: processor time, and address space."""

MAX_CPU_SECONDS: Final = 2
"""How much processor time an answer may take (goal R7)."""

WALL_SECONDS: Final = 20
"""When a run is killed that waits for something; a busy machine is slower than its processors."""

_ROOT: Final = Path(__file__).parents[2]
_ENVIRON: Final = {"PATH": os.environ.get("PATH", ""), "HOME": "/nonexistent", "PYTHONUTF8": "1"}
_TOLD: Final = re.compile(r"^(\S.*?): (error|warning)\[([a-z0-9-]+)\]: (.+)$", re.MULTILINE)
_PLACE: Final = re.compile(r"(.+):([1-9]\d*):([1-9]\d*)")
_NO_FILE: Final = frozenset({"--target", "--name", "-l", "RECONCILE_ALLOW_HOSTS"})
_ACTIVE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_MAX_OUTPUT: Final = 4 << 20
_HASHED_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended. `code` is negative where a signal ended it."""

    code: int
    out: str
    err: str
    wall_seconds: float
    cpu_seconds: float
    peak_mb: float


class Bounded:
    """Runs command lines in forked children, one after another."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.hostile.zygote"],
            cwd=_ROOT,
            env=_ENVIRON,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def run(self, one: Recipe, folder: Path, scratch: Path, arguments: Sequence[str]) -> Ended:
        """Run a command line in `folder`; what it prints passes through files in `scratch`."""
        out, err = scratch / "out", scratch / "err"
        order = {
            "folder": str(folder),
            "arguments": list(arguments),
            "environ": {**_ENVIRON, **one.environ},
            "memory_mb": MEMORY_MB,
            "seconds": SECONDS,
            "wall_seconds": WALL_SECONDS,
            "out": str(out),
            "err": str(err),
        }
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(order).encode() + b"\n")
        self._server.stdin.flush()
        answer = json.loads(self._server.stdout.readline())
        return Ended(out=_text(out), err=_text(err), **answer)

    def close(self) -> None:
        """End the server."""
        self._server.communicate()


def run_fresh(one: Recipe, folder: Path) -> Ended:
    """The same in a process of its own, started as a user would."""
    with subprocess.Popen(
        [sys.executable, "-m", "reconciler", *one.arguments],
        cwd=folder,
        env={**_ENVIRON, **one.environ, "PYTHONPATH": str(_ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            out, err = process.communicate(timeout=WALL_SECONDS)
        finally:
            process.kill()
    return Ended(process.returncode, out.decode(), err.decode(), 0.0, 0.0, 0.0)


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_MAX_OUTPUT).decode("utf-8", "surrogateescape")


def snapshot(folder: Path) -> dict[str, tuple[object, ...]]:
    """What stands in a folder: enough of each file to see that it was changed."""
    return dict(_entries(os.fsencode(folder)))


def _entries(folder: bytes) -> Iterator[tuple[str, tuple[object, ...]]]:
    try:
        scan = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in scan:
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:  # deeper than the longest path
            continue
        digest = b""
        if stat.S_ISREG(status.st_mode) and os.access(entry.path, os.R_OK):
            with open(entry.path, "rb") as file:  # noqa: PTH123 - a path of bytes
                digest = sha256(file.read(_HASHED_BYTES)).digest()
        name = entry.path.decode("utf-8", "backslashreplace")
        yield name, (status.st_mode, status.st_size, status.st_mtime_ns, digest)
        if entry.is_dir(follow_symlinks=False):
            yield from _entries(entry.path)


def active(text: str) -> list[str]:
    """The characters of a text, beside line breaks, that act on a terminal or cannot be seen."""
    return sorted({char for char in text if unicodedata.category(char) in _ACTIVE} - {"\n"})


def faults(one: Recipe, ended: Ended) -> list[str]:
    """What is wrong with how this recipe ended, a sentence for each; empty where all is well."""
    printed = ended.out + ended.err
    found = []
    if ended.cpu_seconds > MAX_CPU_SECONDS:
        found.append(f"it took {ended.cpu_seconds:.1f} s of the processor")
    if ended.code != one.exit:
        found.append(f"exit {ended.code}, not {one.exit}")
    errors = [match for match in _TOLD.finditer(printed) if match[2] == "error"]
    codes = tuple(sorted(match[3] for match in errors))
    if codes != one.codes:
        found.append(f"errors {codes}, not {one.codes}")
    for match in errors:
        if match[1] not in _NO_FILE and not _PLACE.fullmatch(match[1]):
            found.append(f"no place: {match[0][:100]}")
    if not printed.strip():
        found.append("nothing was printed")
    odd = active(printed)
    if odd:
        found.append(f"printed {odd}")
    found += [
        f"printed {word}" for word in ("Traceback", "internal error", "Warning:") if word in printed
    ]
    if one.shows not in printed:
        found.append(f"{one.shows!r} is not shown")
    if one.hides and one.hides in printed:
        found.append(f"{one.hides!r} is shown")
    return found
