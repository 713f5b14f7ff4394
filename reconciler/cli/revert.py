"""Making git agree again after a run was taken back: the revert as commands, or as a commit.

Only the files that say what the agents shall be are touched, and nothing is ever pushed.
"""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from reconciler.applier.runs import read_run, run_files
from reconciler.cli.git import GitFailed, changes_in, git
from reconciler.cli.records import RUNS_FOLDER
from reconciler.loader.home import repository_of
from reconciler.model.errors import GuardError, InputError
from reconciler.model.manifest import Address
from reconciler.model.run import RunRecord, RunState
from reconciler.report.count import counted
from reconciler.report.plain import plain

Way: TypeAlias = Literal["print", "commit"]
WAYS: Final[tuple[Way, ...]] = ("print", "commit")

_GOOD: Final = frozenset({"changed", "created", "unchanged"})
_LOOKED_AT: Final = 500
"""So many earlier records are asked for the state that was good."""

_LITERAL: Final = "--literal-pathspecs"

_WHO: Final = ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT")


class NoRevert(GuardError):
    """There is nothing that git could take back, or it must not be done here; the text says why."""


@dataclass(frozen=True, slots=True)
class Revert:
    """How the files of some agents go back.

    `files` are paths below `root`, the root of the repository. `failed` is the commit of the run
    that was taken back, `base` the one that the files go back to; `commits` changed them between
    the two, the newest first, each with its subject. `whole`: these commits hold nothing else.
    """

    run: str
    root: Path
    files: tuple[str, ...]
    base: str
    failed: str
    commits: tuple[tuple[str, str], ...]
    whole: bool

    def commands(self) -> list[str]:
        """What to type in the root of the repository."""
        if self.whole:
            return [f"git revert --no-edit {' '.join(commit[:12] for commit, _ in self.commits)}"]
        files = " ".join(map(shlex.quote, self.files))
        return [
            f"git restore --source={self.base[:12]} --staged --worktree -- {files}",
            f"git commit -m {shlex.quote(self.subject)}",
        ]

    @property
    def subject(self) -> str:
        """The first line of the commit."""
        if len(self.commits) == 1:
            return f'Revert "{self.commits[0][1]}"'
        return f"Revert the manifests to {self.base[:12]}"

    def message(self) -> str:
        """The commit's message."""
        undone = "\n".join(f"This reverts commit {commit}." for commit, _ in self.commits)
        files = "\n".join(f"  {name}" for name in self.files)
        why = f"Run {self.run} was taken back; these files are as in {self.base[:12]} again:"
        return f"{self.subject}\n\n{undone}\n\n{why}\n{files}\n"

    def check(self) -> None:
        """Raises NoRevert where no commit may be made here and now."""
        if changes_in(self.root):
            raise NoRevert(
                "--git-revert=commit: the work tree has changes that no commit has; commit or "
                "stash them first. Nothing was written"
            )
        if not all(_asks(self.root, "var", name) for name in _WHO):
            raise NoRevert(
                "--git-revert=commit: git has no name and e-mail address to commit with; set "
                "user.name and user.email first. Nothing was written"
            )
        if not _asks(self.root, "merge-base", "--is-ancestor", self.failed, "HEAD"):
            raise NoRevert(
                f"--git-revert=commit: {self.failed[:12]}, which was applied, is not part of what "
                "is checked out here. Nothing was written"
            )
        if not _asks(
            self.root, _LITERAL, "diff", "--quiet", self.failed, "HEAD", "--", *self.files
        ):
            raise NoRevert(
                f"--git-revert=commit: the files were changed again after {self.failed[:12]}; "
                "revert by hand. Nothing was written"
            )

    def commit(self) -> str:
        """Make the commit and return its id. Raises what `check` raises, and GitFailed."""
        self.check()
        self._restore(self.base)
        try:
            git(self.root, "commit", "--quiet", "-m", self.message())
        except GitFailed:
            self._restore("HEAD")
            raise
        return git(self.root, "rev-parse", "HEAD").strip()

    def _restore(self, source: str) -> None:
        wanted = ("restore", f"--source={source}", "--staged", "--worktree", "--")
        git(self.root, _LITERAL, *wanted, *self.files)


def revert_of(run: RunRecord, agents: Sequence[Address]) -> Revert:
    """How git takes back what `run` applied to these agents. Raises NoRevert where it can't."""
    if run.checkout is None:
        raise NoRevert(f"run {run.id} was not made from a commit, so there is none to revert")
    failed = run.checkout.commit
    if run.checkout.dirty:
        raise NoRevert(
            f"run {run.id} was made with changes that no commit has ({failed[:12]} and more), so no "
            "commit can be reverted; undo those changes by hand"
        )
    root = repository_of(Path.cwd().resolve())
    if root is None or not _asks(root, "cat-file", "-e", f"{failed}^{{commit}}"):
        raise NoRevert(f"the commit of run {run.id}, {failed[:12]}, is not in this repository")
    files = _files(root, run, agents, failed)
    base = _good_before(root, run, failed) or _parent(root, failed, files)
    files += tuple(_former_names(root, base, failed, files))
    span = ("log", "--format=%H%x09%s", f"{base}..{failed}", "--", *files)
    lines = git(root, _LITERAL, *span).splitlines()
    commits = tuple((one.partition("\t")[0], plain(one.partition("\t")[2])) for one in lines)
    if not commits:
        raise NoRevert(
            f"no commit changed {', '.join(files)} between {base[:12]}, which was good, and "
            f"{failed[:12]}: what failed came from somewhere else (reconcile.yaml, a secret)"
        )
    whole = all(_holds_only(root, commit, files) for commit, _ in commits)
    return Revert(run.id, root, files, base, failed, commits, whole)


def told(revert: Revert) -> list[str]:
    """What people are told to do, on lines of its own."""
    named = [f"  # {commit[:12]} {plain(subject)}" for commit, subject in revert.commits]
    head = (
        f"git still wants what run {revert.run} applied "
        f"({counted(len(revert.commits), 'commit')}); to make it agree again, in {revert.root}:"
    )
    return [plain(head), *named, *(f"  {plain(line)}" for line in revert.commands())]


def _files(root: Path, run: RunRecord, agents: Sequence[Address], failed: str) -> tuple[str, ...]:
    """The files of these agents as git calls them, as far as the commit has them."""
    named: dict[str, None] = {}
    for agent in run.agents:
        for file in agent.writes[-1].files if agent.address in agents else ():
            try:
                real = Path(file).parent.resolve() / Path(file).name
            except (OSError, RuntimeError, ValueError):
                continue
            if real.is_relative_to(root):
                named[real.relative_to(root).as_posix()] = None
    wanted = [*named]
    listed = git(root, _LITERAL, "ls-tree", "-r", "-z", "--name-only", failed, "--", *wanted)
    found = tuple(name for name in listed.split("\0") if name) if wanted else ()
    if not found:
        raise NoRevert(f"the manifests of run {run.id} are not in commit {failed[:12]}")
    return found


def _former_names(root: Path, base: str, failed: str, files: Sequence[str]) -> Iterator[str]:
    """What these files were called, where a commit since `base` gave them another name."""
    moved = ("diff", "--name-status", "--find-renames", "--diff-filter=R", "-z", base, failed)
    words = git(root, *moved).split("\0")
    for before, after in zip(words[1::3], words[2::3], strict=False):
        if after in files:
            yield before


def _good_before(root: Path, run: RunRecord, failed: str) -> str:
    """The commit of the newest earlier run on this target that ended well; empty for none."""
    older = [path for path in run_files(RUNS_FOLDER) if path.stem < run.id]
    for path in older[:_LOOKED_AT]:
        try:
            earlier = read_run(path, run.target)
        except InputError:
            continue
        if earlier is None or earlier.checkout is None or earlier.checkout.dirty:
            continue
        commit = earlier.checkout.commit
        well = earlier.state is RunState.ENDED and set(earlier.results) <= _GOOD
        applied = earlier.command in ("", "apply") and earlier.results
        if well and applied and commit != failed:
            return commit if _asks(root, "merge-base", "--is-ancestor", commit, failed) else ""
    return ""


def _parent(root: Path, failed: str, files: Sequence[str]) -> str:
    """The commit before the newest one that changed these files."""
    newest = git(root, _LITERAL, "log", "-1", "--format=%H", failed, "--", *files).strip()
    try:
        return git(root, "rev-parse", "--verify", "--quiet", f"{newest}^").strip()
    except GitFailed:
        text = f"the files came with {newest[:12]}, and no commit before it is here"
        raise NoRevert(text) from None


def _holds_only(root: Path, commit: str, files: Sequence[str]) -> bool:
    """Whether a commit has one parent and changes none but these files."""
    parents = git(root, "rev-list", "--parents", "-n", "1", commit).split()
    changed = git(root, "diff-tree", "--no-commit-id", "--name-only", "-r", "-z", commit)
    return len(parents) == 2 and set(filter(None, changed.split("\0"))) <= set(files)


def _asks(root: Path, *arguments: str) -> bool:
    try:
        git(root, *arguments)
    except GitFailed:
        return False
    return True
