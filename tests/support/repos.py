"""Small git repositories with manifests in them: a bare remote, and clones of it."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.cli import MANIFESTS

_AS = {
    "GIT_AUTHOR_NAME": "t",
    "GIT_AUTHOR_EMAIL": "t@example.com",
    "GIT_COMMITTER_NAME": "t",
    "GIT_COMMITTER_EMAIL": "t@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


def git(folder: Path, *arguments: str) -> str:
    """What git prints."""
    done = subprocess.run(
        ["git", "-C", str(folder), "-c", "protocol.file.allow=always", *arguments],
        env={**os.environ, **_AS},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@dataclass(frozen=True)
class Remote:
    """A bare repository with a branch `main`, and whoever writes commits to it."""

    path: Path
    author: Path

    def commit(self, prologue: str, text: str = MANIFESTS) -> str:
        """One more commit on `main`, in which this is the prologue of an agent."""
        manifests = self.author / "manifests"
        manifests.mkdir(exist_ok=True)
        (manifests / "agents.yaml").write_text(text.replace("你好,请贴出改动", prologue))
        git(self.author, "add", "-A")
        git(self.author, "commit", "-q", "-m", prologue)
        git(self.author, "push", "-q", "origin", "main")
        return git(self.author, "rev-parse", "HEAD")

    def clone(self, folder: Path, *options: str) -> Path:
        """A clone of what is there now."""
        git(folder.parent, "clone", "-q", *options, self.path.as_uri(), folder.name)
        return folder


def remote(folder: Path) -> Remote:
    """A remote with nothing on it yet."""
    bare, author = folder / "remote.git", folder / "author"
    folder.mkdir(exist_ok=True)
    git(folder, "init", "-q", "--bare", "-b", "main", bare.name)
    git(folder, "clone", "-q", bare.as_uri(), author.name)
    git(author, "checkout", "-q", "-B", "main")
    return Remote(bare, author)
