"""Start-up: `--version` is answered before anything else is loaded."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler import __version__
from tests.support.cli import run_cli

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("argument", ["--version", "version"])
def test_the_version_loads_nothing_but_itself(argument: str) -> None:
    """`--version` imports no library and none of our rooms: two small modules are all."""
    program = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "from reconciler.cli import main\n"
        f"code = main([{argument!r}])\n"
        "print(code, *sorted(set(sys.modules) - before))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout == f"reconcile {__version__}\n0 reconciler reconciler.cli\n"
    assert done.stderr == ""


@pytest.mark.parametrize("arguments", [["--version"], ["version"]])
def test_the_version_is_one_line(arguments: list[str]) -> None:
    """The version is printed on standard output and the exit code is 0."""
    ran = run_cli(*arguments)
    assert (ran.code, ran.out, ran.err) == (0, f"reconcile {__version__}\n", "")


def test_help_loads_no_verb() -> None:
    """`--help` lists every verb and every exit code without importing what the verbs need."""
    program = (
        "import sys\n"
        "from reconciler.cli import main\n"
        "main(['--help'])\n"
        "print(sorted({'httpx', 'pydantic', 'ruamel', 'starlette', 'rich'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.endswith("\n[]\n")
    for verb in ("validate", "plan", "apply", "schema", "sandbox", "version"):
        assert f"\n  {verb} " in done.stdout
    for code in (0, 1, 2, 3, 4, 5, 6, 7, 130):
        assert f"\n{code:>7}  " in done.stdout


LATER = (
    "subprocess",
    "reconciler.loader.commands",
    "reconciler.loader.format",
    "reconciler.loader.migrate",
    "reconciler.loader.secrets",
    "reconciler.loader.write",
    "reconciler.report.sarif",
    "reconciler.report.schema",
    "reconciler.report.stories",
    "httpx",
    "rich.console",
    "starlette",
)


def test_planning_loads_nothing_that_only_a_live_display_needs(tmp_path: Path) -> None:
    """`plan` of one agent imports no part of rich but its table of widths: httpx would do that."""
    manifest = str(ROOT / "manifests" / "customer-service.yaml")
    program = (
        "import sys\n"
        "from reconciler.cli import main\n"
        f"code = main(['plan', {manifest!r}, '--target', 'sandbox'])\n"
        "print(code, *sorted({'httpx', 'pygments', 'rich.console', 'rich.live'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.endswith("\n0 httpx\n")


def test_checking_loads_nothing_that_others_need() -> None:
    """`validate` imports no network, no other verb's rooms, and nothing that runs programs."""
    program = (
        "import sys\n"
        "from reconciler.cli import main\n"
        f"code = main(['validate', {str(ROOT / 'manifests' / 'customer-service.yaml')!r}])\n"
        f"print(code, *sorted(set({LATER!r}) & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.endswith("\n0\n")
