"""After a run was taken back: git goes back too, as commands or as a commit."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.cli import Ran, run_cli, write_manifests
from tests.support.records import records

SANDBOX = ("--target", "sandbox")
RUNTIME = """\
apiVersion: agentrun.aliyun.com/v1
kind: AgentRuntime
metadata: {name: customer-service}
rollout: {onFailure: rollback}
spec:
  memory: 4096
"""


NEW = """\
spec:
  cpu: 2
  port: 8080
  artifactType: Container
  containerConfiguration: {image: "registry.example.com/support/agent:v3"}
  networkConfiguration: {networkMode: PUBLIC}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with manifests that were applied once, and went well."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    git("init", "--quiet", "--initial-branch=main")
    git("config", "user.name", "Somebody")
    git("config", "user.email", "somebody@example.com")
    (tmp_path / "notes.txt").write_text("one\n")
    committed(1024, "Begin small")
    assert apply().code == 0
    return tmp_path


def git(*arguments: str) -> str:
    """What git says in the working folder."""
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def committed(memory: int, subject: str, *, note: str = "") -> str:
    """A commit that wants so much memory; its id."""
    write_manifests(Path.cwd(), RUNTIME.replace("4096", str(memory)))
    if note:
        Path("notes.txt").write_text(note)
    git("add", "--all", "--", ":!.reconcile")
    git("commit", "--quiet", "--message", subject)
    return git("rev-parse", "HEAD")


def apply(*arguments: str) -> Ran:
    """One apply of the manifests."""
    return run_cli("apply", "manifests", *SANDBOX, *arguments)


def failed(memory: int = 4096, subject: str = "More memory", *, note: str = "") -> tuple[str, str]:
    """A commit that fails when it is applied, and goes back; its id, and that of the run."""
    commit = committed(memory, subject, note=note)
    run_cli("sandbox", "quirk", "restart_fails_next=1")
    ran = apply()
    assert ran.code == 5, ran.out
    return commit, [*records(Path.cwd())][-1]


def rollback(run: str, *arguments: str) -> Ran:
    """Take the run back."""
    return run_cli("rollback", "--run", run, *arguments)


def clean() -> bool:
    """Whether the work tree holds nothing but what is committed."""
    return not git("status", "--porcelain", "--", ":!.reconcile")


def test_a_record_names_the_commit_and_whether_more_was_there(folder: Path) -> None:
    """The first line has the commit; the program's own folder is no change."""
    head = git("rev-parse", "HEAD")
    (started, *_), *_ = records(folder).values()
    assert started["commit"] == {"rev": head, "dirty": False}
    (folder / "manifests" / "new.txt").write_text("not committed")
    assert apply().code == 0
    *_, (later, *_) = records(folder).values()
    assert later["commit"] == {"rev": head, "dirty": True}


def test_an_apply_that_went_back_prints_what_to_type(folder: Path) -> None:
    """The commit by its name and the command that reverts it."""
    commit = committed(4096, "More memory")
    run_cli("sandbox", "quirk", "restart_fails_next=1")
    ran = apply()
    assert ran.code == 5
    assert f"# {commit[:12]} More memory" in ran.out
    assert f"git revert --no-edit {commit[:12]}" in ran.out
    assert "--git-revert=commit" in ran.out


def test_in_a_pipeline_it_is_said_that_nothing_remembers(folder: Path) -> None:
    """Without the records the quarantine is not known, and that is told."""
    committed(4096, "More memory")
    run_cli("sandbox", "quirk", "restart_fails_next=1")
    ran = run_cli("apply", "manifests", *SANDBOX, environ={"CI": "true"})
    assert "a pipeline that does not keep that folder applies the same commit again" in ran.out


def test_the_commit_makes_git_agree_and_touches_no_other_file(folder: Path) -> None:
    """The manifests are as they were, other files of the same commit stay, nothing is left over."""
    commit, run = failed(note="two\n")
    ran = rollback(run, "--git-revert=commit")
    assert ran.code == 0, ran.out + ran.err
    assert "memory: 1024" in (folder / "manifests" / "agents.yaml").read_text()
    assert (folder / "notes.txt").read_text() == "two\n"
    assert clean()
    message = git("log", "-1", "--format=%B")
    assert message.startswith('Revert "More memory"\n')
    assert f"This reverts commit {commit}." in message
    assert git("diff", "--name-only", "HEAD~1", "HEAD") == "manifests/agents.yaml"
    assert apply().code == 0
    assert "not pushed" in ran.out


def test_several_commits_since_the_last_good_run_go_back_together(folder: Path) -> None:
    """From the commit that went well on, whatever changed these files is named and undone."""
    first = committed(2048, "A little more")
    second, run = failed()
    ran = rollback(run, "--git-revert")
    assert ran.code == 0
    assert f"git revert --no-edit {second[:12]} {first[:12]}" in ran.out
    assert rollback(run, "--git-revert=commit").code == 0
    assert "memory: 1024" in (folder / "manifests" / "agents.yaml").read_text()


def test_a_commit_that_holds_more_is_not_reverted_as_a_whole(folder: Path) -> None:
    """Printed are the commands for the manifests alone, and they do what they say."""
    _, run = failed(note="two\n")
    ran = rollback(run, "--git-revert")
    assert "git revert" not in ran.out
    lines = [line.strip() for line in ran.out.splitlines() if line.startswith("  git ")]
    assert len(lines) == 2
    for line in lines:
        subprocess.run(line, shell=True, check=True, capture_output=True)
    assert "memory: 1024" in (folder / "manifests" / "agents.yaml").read_text()
    assert (folder / "notes.txt").read_text() == "two\n"


def test_a_renamed_file_gets_its_name_back(folder: Path) -> None:
    """Where the commit moved the manifest, its revert moves it back."""
    (folder / "manifests" / "agents.yaml").rename(folder / "manifests" / "renamed.yaml")
    text = RUNTIME.replace("4096", "8192")
    (folder / "manifests" / "renamed.yaml").write_text(text)
    git("add", "--all", "--", ":!.reconcile")
    git("commit", "--quiet", "--message", "Rename")
    run_cli("sandbox", "quirk", "restart_fails_next=1")
    assert apply().code == 5
    ran = rollback([*records(folder)][-1], "--git-revert=commit")
    assert ran.code == 0, ran.out + ran.err
    assert not (folder / "manifests" / "renamed.yaml").exists()
    assert "memory: 1024" in (folder / "manifests" / "agents.yaml").read_text()
    assert clean()


def test_a_file_that_was_new_goes_away_again(folder: Path) -> None:
    """A manifest that came with the commit is removed by its revert."""
    text = RUNTIME.replace("customer-service", "newcomer").replace("spec:\n", NEW)
    (folder / "manifests" / "other.yaml").write_text(text)
    git("add", "--all", "--", ":!.reconcile")
    git("commit", "--quiet", "--message", "One more")
    run_cli("sandbox", "quirk", "restart_fails_next=1")
    apply()
    run = [*records(folder)][-1]
    assert rollback(run).code == 7  # the run created it: nothing to go back to
    ran = rollback(run, "--git-revert")
    assert "git revert --no-edit" in ran.out


@pytest.mark.parametrize("way", ["staged", "untracked", "changed"])
def test_a_work_tree_with_changes_is_refused_before_anything_is_written(
    folder: Path, way: str
) -> None:
    """A commit is made from a clean tree alone: 7, and no agent was touched."""
    commit, run = failed()
    (folder / ("notes.txt" if way != "untracked" else "other.txt")).write_text("mine")
    if way == "staged":
        git("add", "notes.txt")
    number = len(records(folder))
    ran = rollback(run, "--git-revert=commit")
    assert (ran.code, "commit or stash them first" in ran.err) == (7, True), ran.err
    assert (git("rev-parse", "HEAD"), len(records(folder))) == (commit, number)


@pytest.mark.parametrize("name", ["AUTHOR", "COMMITTER"])
def test_without_a_name_to_commit_with_nothing_is_written(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipeline's git mostly knows none: told before an agent is touched, and not after."""
    commit, run = failed()
    number = len(records(folder))
    git("config", "user.useConfigOnly", "true")
    git("config", "--unset", "user.email")
    other = "COMMITTER" if name == "AUTHOR" else "AUTHOR"
    monkeypatch.setenv(f"GIT_{other}_EMAIL", "somebody@example.com")
    ran = rollback(run, "--git-revert=commit")
    assert (ran.code, "set user.name and user.email first" in ran.err) == (7, True), ran.err
    assert (git("rev-parse", "HEAD"), len(records(folder))) == (commit, number)


def test_files_that_were_changed_again_are_not_overwritten(folder: Path) -> None:
    """Somebody committed to the same manifest since: 7."""
    _, run = failed()
    later = committed(3072, "Something else")
    ran = rollback(run, "--git-revert=commit")
    assert (ran.code, "changed again after" in ran.err) == (7, True), ran.err
    assert git("rev-parse", "HEAD") == later


def test_another_branch_is_refused(folder: Path) -> None:
    """What was applied is not part of what is checked out."""
    _, run = failed()
    git("checkout", "--quiet", "-b", "other", "HEAD~1")
    ran = rollback(run, "--git-revert=commit")
    assert (ran.code, "not part of what is checked out" in ran.err) == (7, True), ran.err


def test_a_run_with_uncommitted_changes_has_no_commit_to_revert(folder: Path) -> None:
    """To print is to say so; to commit is refused."""
    write_manifests(folder, RUNTIME)
    run_cli("sandbox", "quirk", "restart_fails_next=1")
    ran = apply()
    assert (ran.code, "no commit can be reverted" in ran.out) == (5, True)
    run = [*records(folder)][-1]
    printed = rollback(run, "--git-revert")
    assert (printed.code, "git: run" in printed.out) == (0, True)
    assert rollback(run, "--git-revert=commit").code == 7


def test_a_hook_that_says_no_leaves_the_tree_as_it_was(folder: Path) -> None:
    """Git's own words are told, and nothing stays staged."""
    commit, run = failed()
    hook = folder / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'not on a Friday' >&2\nexit 1\n")
    hook.chmod(0o755)
    ran = rollback(run, "--git-revert=commit")
    assert (ran.code, "not on a Friday" in ran.err) == (1, True)
    assert (git("rev-parse", "HEAD"), clean()) == (commit, True)


def test_a_dry_run_makes_no_commit(folder: Path) -> None:
    """It prints instead."""
    commit, run = failed()
    ran = rollback(run, "--dry-run", "--git-revert=commit")
    assert ran.code == 0
    assert f"git revert --no-edit {commit[:12]}" in ran.out
    assert git("rev-parse", "HEAD") == commit


def test_the_value_stands_behind_an_equals_sign_alone(folder: Path) -> None:
    """A path that follows `--git-revert` is a path."""
    commit, run = failed()
    ran = rollback(run, "--git-revert", "manifests", "-o", "json=back.json")
    assert ran.code == 0, ran.err
    assert f"git revert --no-edit {commit[:12]}" in ran.out
    assert json.loads((folder / "back.json").read_text())["rollbackOf"] == run
