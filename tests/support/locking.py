"""What tests of locks share: owners, and a process of its own that holds one."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.ports import Owner
from tests.support.virtual import EPOCH

NAMES = ("agentrun one.example.com:443 ws-1", "appstage two.example.com:443")

_HOLDER = """
import sys
from pathlib import Path
from reconciler.applier.locks.files import FileLocks
from reconciler.ports import Owner
locks = FileLocks(Path(sys.argv[1]))
assert locks.take(sys.argv[2:], Owner("bo", "far", 7, "run-2", "apply, target there", 5.0)) is None
print("held", flush=True)
sys.stdin.read()
"""


def owner(run: str = "run-1") -> Owner:
    """Who takes a lock in a test."""
    return Owner("ann", "here", 4711, run, "apply, target staging", EPOCH)


@contextmanager
def held_elsewhere(folder: Path, *names: str) -> Iterator["subprocess.Popen[str]"]:
    """A process of its own that holds these locks on files until it is killed."""
    command = [sys.executable, "-c", _HOLDER, str(folder), *names]
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate()
