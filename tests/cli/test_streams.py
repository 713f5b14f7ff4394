"""A standard stream that is closed or full: one clear line, never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cli import write_manifests

ROOT = Path(__file__).parents[2]
FULL = "error: cannot write to standard output: No space left on device\n"
COMMANDS = [
    "--version",
    "--help",
    "plan --help",
    "schema",
    "sandbox quirks",
    "validate manifests",
    "plan manifests --target sandbox",
]


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """One command line of a shell, with `reconcile` in it."""
    write_manifests(folder)
    return subprocess.run(
        ["sh", "-c", command.replace("reconcile", f"{sys.executable} -m reconciler")],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_a_closed_standard_output_is_one_clear_error(tmp_path: Path, command: str) -> None:
    """`reconcile … >&-`: nothing could be told, so nothing is done; exit code 1."""
    ran = run(f"reconcile {command} >&-", tmp_path)
    assert (ran.returncode, ran.stderr) == (1, "error: standard output is closed\n")
    assert not (tmp_path / ".reconcile").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_standard_output_is_one_clear_error(tmp_path: Path, command: str) -> None:
    """A full disk is no bug: one line with the system's reason, exit code 1."""
    ran = run(f"reconcile {command} >/dev/full", tmp_path)
    assert (ran.returncode, ran.stderr) == (1, FULL)


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", "<&-"])
def test_the_result_does_not_depend_on_the_other_streams(tmp_path: Path, redirection: str) -> None:
    """Without a keyboard or a place for errors a plan is the same plan."""
    if "full" in redirection and not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    ran = run(f"reconcile plan manifests -v --target sandbox {redirection}", tmp_path)
    assert ran.returncode == 0
    assert ran.stdout.splitlines()[-1].startswith("Plan: 2 to update; 1 restart, 2 requests")


def test_an_error_keeps_its_code_where_it_cannot_be_told(tmp_path: Path) -> None:
    """With no place for the message the exit code still says what it was."""
    assert run("reconcile plan manifests 2>&-", tmp_path).returncode == 3
    assert run("reconcile plna 2>&- >&-", tmp_path).returncode == 1
