"""How the checkout's commit stands to another one: the one applied last, and the remote's tip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit

from reconciler.cli.git import GitFailed, checkout_of, folder_of, git
from reconciler.model.errors import GuardError
from reconciler.report.plain import plain


class Relation(Enum):
    """What this checkout's commit is to another one."""

    SAME = "the same"
    NEWER = "newer"
    OLDER = "older"
    APART = "apart"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Standing:
    """The commit that is checked out around the manifests in `folder`.

    `dirty`: the work tree holds what no commit has. `shallow`: its history was cut off.
    `repository` is where it came from, without user and password; empty where that is not known.
    """

    folder: Path
    commit: str
    dirty: bool
    shallow: bool
    repository: str

    @property
    def short(self) -> str:
        """The commit as people call it."""
        return self.commit[:12]


def standing_of(paths: Sequence[Path]) -> Standing | None:
    """Where the checkout of these manifests stands; None outside of one."""
    checkout = checkout_of(paths)
    if checkout is None:
        return None
    folder = folder_of(paths)
    shallow = _asked(folder, "rev-parse", "--is-shallow-repository") == "true"
    url = _asked(folder, "config", "--get", "remote.origin.url")
    return Standing(folder, checkout.commit, checkout.dirty, shallow, _repository(url))


def relation(standing: Standing, other: str) -> Relation:
    """What the checkout's commit is to `other`; unknown where this clone does not have that one."""
    own, folder = standing.commit, standing.folder
    if own == other:
        return Relation.SAME
    if not _knows(folder, other):
        return Relation.UNKNOWN
    if _is_ancestor(folder, own, other):
        return Relation.OLDER
    if _is_ancestor(folder, other, own):
        return Relation.NEWER
    # A clone whose history was cut off can lack the way from one to the other.
    return Relation.UNKNOWN if standing.shallow else Relation.APART


def require_tip(standing: Standing | None, environ: Mapping[str, str]) -> None:
    """Return when the checkout is what its remote branch has now. Raises GuardError otherwise."""
    if standing is None:
        raise GuardError(
            "--require-tip: the manifests lie in no git checkout with a commit; "
            "apply from a clone, or leave the option out"
        )
    remote, ref = _upstream(standing.folder, environ)
    name = plain(f"{ref.removeprefix('refs/heads/')} of {_shown(remote)}")
    try:
        answer = git(standing.folder, "ls-remote", "--", remote, ref)
    except GitFailed as error:
        said = plain(_without_urls(str(error)))
        refusal = f"--require-tip: the remote could not be asked for {name}: {said}"
    else:
        tip = answer.partition("\t")[0].strip()
        if tip == standing.commit:
            return
        refusal = f"--require-tip: the remote has no branch {name}"
        if tip:
            refusal = (
                f"--require-tip: this checkout is {standing.short}, and {name} is {plain(tip[:12])} "
                "by now; pull, and apply again"
            )
    raise GuardError(f"{refusal}. Nothing was written")


def _upstream(folder: Path, environ: Mapping[str, str]) -> tuple[str, str]:
    """The remote and the ref that this checkout belongs to. Raises GuardError."""
    branch = _asked(folder, "symbolic-ref", "--quiet", "--short", "HEAD")
    if branch:
        remote = _asked(folder, "config", "--get", f"branch.{branch}.remote")
        ref = _asked(folder, "config", "--get", f"branch.{branch}.merge")
        if remote and ref:
            return remote, ref
    built = _built_branch(environ)
    if built:
        return "origin", f"refs/heads/{built}"
    what = f"the branch {branch} has no upstream" if branch else "HEAD is on no branch"
    raise GuardError(
        f"--require-tip: {plain(what)}, so there is no remote branch to compare with; "
        "set one with `git branch --set-upstream-to`, or leave the option out"
    )


def _built_branch(environ: Mapping[str, str]) -> str:
    """The branch that a pipeline was started for: some check out its commit and no branch."""
    ref = environ.get("GITHUB_REF", "")
    if ref.startswith("refs/heads/"):
        return ref.removeprefix("refs/heads/")
    return environ.get("CI_COMMIT_BRANCH", "")


def _knows(folder: Path, commit: str) -> bool:
    try:
        git(folder, "cat-file", "-e", f"{commit}^{{commit}}")
    except GitFailed:
        return False
    return True


def _is_ancestor(folder: Path, older: str, newer: str) -> bool:
    try:
        git(folder, "merge-base", "--is-ancestor", older, newer)
    except GitFailed:
        return False
    return True


def _asked(folder: Path, *arguments: str) -> str:
    """What git answers, empty where it has no answer."""
    try:
        return git(folder, *arguments).strip()
    except GitFailed:
        return ""


def _repository(url: str) -> str:
    """One name for the spellings of a remote: no scheme, no user, no password, no `.git`."""
    if "://" in url:
        parts = urlsplit(url)
        where = f"{(parts.hostname or '').lower()}/{parts.path.strip('/')}"
    elif ":" in url.partition("/")[0]:  # user@host:path, as scp writes it
        host, _, path = url.partition(":")
        where = f"{host.rpartition('@')[2].lower()}/{path.strip('/')}"
    else:
        where = url.rstrip("/")
    return where.removesuffix(".git")


def _shown(remote: str) -> str:
    """A remote is mostly a name; as a URL it may hold a password."""
    return _repository(remote) if "/" in remote or ":" in remote else remote


def _without_urls(text: str) -> str:
    """Git quotes the remote's URL in its errors, and that may hold a password."""
    return " ".join(
        "(the remote)" if "://" in word or "@" in word else word for word in text.split()
    )
