"""Which commit may be applied: never one older than the last (PostgreSQL), or only the tip."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.cli import SECRETS, Ran, run_cli
from tests.support.postgres import PASSWORD, Server, postgres
from tests.support.repos import Remote, git, remote


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One PostgreSQL for all tests of this file."""
    with postgres() as running:
        yield running


@pytest.fixture
def dsn(server: Server) -> str:
    """A database in which nothing was applied yet."""
    with server.connect() as connection:
        connection.execute("DROP TABLE IF EXISTS reconcile_lock, reconcile_applied")
    return server.dsn


@pytest.fixture
def origin(tmp_path: Path) -> Remote:
    """A remote with one commit."""
    made = remote(tmp_path / "origin")
    made.commit("first")
    return made


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one working folder, and so the one sandbox, of every apply."""
    folder = tmp_path / "there"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def apply(clone: Path, *arguments: str, environ: Mapping[str, str]) -> Ran:
    """Apply the manifests of a clone to the sandbox of the working folder."""
    typed = ("apply", str(clone / "manifests"), "--target", "sandbox", *arguments)
    ran = run_cli(*typed, environ={**SECRETS, **environ})
    assert PASSWORD not in ran.out + ran.err
    return ran


def test_an_ancestor_of_what_was_applied_is_refused(
    origin: Remote, there: Path, tmp_path: Path, dsn: str
) -> None:
    """With PostgreSQL the newest commit wins: an older one is refused with exit 7 until somebody
    says --allow-older, and the newer one may follow again."""
    environ = {"RECONCILE_LOCK_DSN": dsn}
    clone = origin.clone(tmp_path / "clone")
    first = git(clone, "rev-parse", "HEAD")
    second = origin.commit("second")
    git(clone, "pull", "-q")
    assert apply(clone, environ=environ).code == 0
    git(clone, "checkout", "-q", first)
    refused = apply(clone, environ=environ)
    assert refused.code == 7
    assert f"{first[:12]} is older than {second[:12]}, applied last" in refused.err
    assert "--allow-older" in refused.err
    allowed = apply(clone, "--allow-older", environ=environ)
    assert allowed.code == 0
    assert "applied all the same" in allowed.err
    git(clone, "checkout", "-q", second)
    again = apply(clone, environ=environ)
    assert again.code == 0
    assert "1 changed" in again.out


def test_a_clone_that_never_saw_the_newer_commit_is_refused(
    origin: Remote, there: Path, tmp_path: Path, dsn: str
) -> None:
    """An old clone does not know the commit that was applied last, and may so be older than it."""
    environ = {"RECONCILE_LOCK_DSN": dsn}
    old = origin.clone(tmp_path / "old")
    origin.commit("second")
    assert apply(origin.clone(tmp_path / "new"), environ=environ).code == 0
    refused = apply(old, environ=environ)
    assert refused.code == 7
    assert "may be older than" in refused.err
    git(old, "fetch", "-q")
    assert "is older than" in apply(old, environ=environ).err


def test_a_shallow_clone_is_told_to_fetch_its_history(
    origin: Remote, there: Path, tmp_path: Path, dsn: str
) -> None:
    """A clone of one commit can't show that it is newer; the message says what to fetch."""
    environ = {"RECONCILE_LOCK_DSN": dsn}
    assert apply(origin.clone(tmp_path / "one"), environ=environ).code == 0
    origin.commit("second")
    shallow = origin.clone(tmp_path / "two", "--depth", "1")
    refused = apply(shallow, environ=environ)
    assert refused.code == 7
    assert "this clone is shallow" in refused.err
    assert "fetch-depth: 0" in refused.err
    git(shallow, "fetch", "-q", "--unshallow")
    assert apply(shallow, environ=environ).code == 0


def test_a_commit_that_is_not_related_is_told(
    origin: Remote, there: Path, tmp_path: Path, dsn: str
) -> None:
    """Two branches that went apart: the run goes on and says so."""
    environ = {"RECONCILE_LOCK_DSN": dsn}
    clone = origin.clone(tmp_path / "clone")
    origin.commit("second")
    git(clone, "fetch", "-q")
    git(clone, "commit", "-q", "--allow-empty", "-m", "aside")
    other = origin.clone(tmp_path / "other")
    assert apply(other, environ=environ).code == 0
    ran = apply(clone, environ=environ)
    assert ran.code == 0
    assert "is not related to" in ran.err


def test_another_target_or_repository_is_another_history(
    origin: Remote, there: Path, tmp_path: Path, dsn: str
) -> None:
    """What another repository applied to the same account says nothing of this one's commits."""
    environ = {"RECONCILE_LOCK_DSN": dsn}
    stranger = remote(tmp_path / "stranger")
    stranger.commit("other")
    assert apply(origin.clone(tmp_path / "one"), environ=environ).code == 0
    ran = apply(stranger.clone(tmp_path / "two"), environ=environ)
    assert (ran.code, "note:" in ran.err) == (0, False)


def test_a_run_that_was_refused_leaves_the_commit_as_it_was(
    origin: Remote, there: Path, tmp_path: Path, dsn: str
) -> None:
    """A newer commit that a guard refuses is not what was applied last."""
    environ = {"RECONCILE_LOCK_DSN": dsn}
    clone = origin.clone(tmp_path / "clone")
    assert apply(clone, environ=environ).code == 0
    origin.commit("second")
    newer = origin.clone(tmp_path / "newer")
    text = (newer / "manifests/agents.yaml").read_text().replace("memory: 4096", "memory: 2048")
    (newer / "manifests/agents.yaml").write_text(text)
    ran = apply(newer, "--max-restarts", "0", environ=environ)
    assert ran.code == 7
    assert "the work tree holds changes that no commit has" in ran.err
    git(clone, "fetch", "-q")
    assert apply(clone, environ=environ).code == 0


def test_only_the_tip_of_the_remote_branch_is_applied(
    origin: Remote, there: Path, tmp_path: Path
) -> None:
    """With --require-tip a checkout that is behind, or has what was not pushed, is refused."""
    clone = origin.clone(tmp_path / "clone")
    assert apply(clone, "--require-tip", environ={}).code == 0
    tip = origin.commit("second")
    behind = apply(clone, "--require-tip", environ={})
    assert behind.code == 7
    assert f"and main of origin is {tip[:12]} by now; pull" in behind.err
    git(clone, "pull", "-q")
    assert apply(clone, "--require-tip", environ={}).code == 0
    git(clone, "commit", "-q", "--allow-empty", "-m", "not pushed")
    assert apply(clone, "--require-tip", environ={}).code == 7


def test_a_detached_checkout_is_held_against_the_branch_of_the_pipeline(
    origin: Remote, there: Path, tmp_path: Path
) -> None:
    """Pipelines check out a commit and no branch; their own variable says which branch it is."""
    clone = origin.clone(tmp_path / "clone")
    git(clone, "checkout", "-q", "--detach")
    assert apply(clone, "--require-tip", environ={}).code == 7
    for environ in ({"GITHUB_REF": "refs/heads/main"}, {"CI_COMMIT_BRANCH": "main"}):
        assert apply(clone, "--require-tip", environ=environ).code == 0
    origin.commit("second")
    assert apply(clone, "--require-tip", environ={"GITHUB_REF": "refs/heads/main"}).code == 7


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        ("no-git", "lie in no git checkout"),
        ("no-upstream", "has no upstream"),
        ("no-branch", "the remote has no branch"),
        ("no-remote", "the remote could not be asked"),
    ],
)
def test_what_is_not_known_to_be_the_tip_is_refused(
    origin: Remote, there: Path, tmp_path: Path, spoil: str, words: str
) -> None:
    """Where the remote's branch can't be asked for, --require-tip refuses and says what to do."""
    clone = origin.clone(tmp_path / "clone")
    match spoil:
        case "no-git":
            shutil.rmtree(clone / ".git")
        case "no-upstream":
            git(clone, "branch", "--unset-upstream")
        case "no-branch":
            git(clone, "config", "branch.main.merge", "refs/heads/gone")
        case _:
            url = "https://me:canary-remote@127.0.0.1:9/x.git"
            git(clone, "config", "remote.origin.url", url)
    ran = apply(clone, "--require-tip", environ={})
    assert ran.code == 7
    assert words in ran.err
    assert "canary-remote" not in ran.out + ran.err
