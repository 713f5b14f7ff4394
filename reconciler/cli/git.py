"""The git repository that the manifests stand in: which commit is checked out, and what is not in it.

Git itself is asked, in a process of its own; where there is none, or no repository, nothing is known.
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from reconciler.loader.home import repository_of
from reconciler.model.errors import InputError
from reconciler.model.run import Checkout
from reconciler.report.plain import plain

_SECONDS: Final = 60.0
"""Longer than a commit with its hooks takes."""

_NOT_OURS: Final = ":(top,exclude,glob)**/.reconcile/**"
"""Records and the sandbox lie in the work tree and are nobody's change."""

_STATUS: Final = ("-c", "core.quotePath=true", "status", "--porcelain=v2")
_EVERYTHING: Final = ("--untracked-files=normal", "--", ":(top)", _NOT_OURS)

_CLEARED: Final = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
"""Set by git for the hooks that it starts; they name another repository than the one that is meant."""


class GitFailed(InputError):
    """Git said no; the text is its own."""


def git(folder: Path, *arguments: str) -> str:
    """What `git` prints when it is run in `folder`. Raises GitFailed."""
    environ = {name: text for name, text in os.environ.items() if name not in _CLEARED}
    environ |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(  # noqa: S603 - arguments of ours, and no shell
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - the user's own git
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
            env=environ,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitFailed(f"git cannot be run: {type(error).__name__}") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        verb = next((one for one in arguments if one.isalpha()), "")
        raise GitFailed(f"git {verb}: {plain(said, lines=True) or 'it failed'}")
    return done.stdout.decode("utf-8", "surrogateescape")


def changes_in(folder: Path) -> list[str]:
    """What the work tree holds that no commit has. Raises GitFailed."""
    return git(folder, *_STATUS, *_EVERYTHING).splitlines()


def folder_of(paths: Sequence[Path]) -> Path:
    """The folder of what was named first."""
    first = paths[0] if paths else Path()
    return first if first.is_dir() else first.parent


def checkout_of(paths: Sequence[Path]) -> Checkout | None:
    """The commit that is checked out around these manifests, None where there is none."""
    folder = folder_of(paths)
    try:
        if repository_of(folder.resolve()) is None:
            return None
        status = git(folder, *_STATUS, "--branch", *_EVERYTHING)
    except (GitFailed, OSError, RuntimeError):
        return None
    lines = status.splitlines()
    commit = next((line.split()[2] for line in lines if line.startswith("# branch.oid ")), "")
    if not commit or commit == "(initial)":
        return None
    return Checkout(commit, any(not line.startswith("# ") for line in lines))
