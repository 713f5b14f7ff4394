"""`reconcile migrate`, as a user runs it."""

import os
import stat
from pathlib import Path

import pytest

from tests.support.ar import CONTAINER, HEAD
from tests.support.cli import run_cli

TEXT = (
    f"{HEAD}spec:\n"
    "  container:   # the image\n    image: x\n"
    "    registryConfig: {auth: {userName: u, password: hunter-2-secret}}\n"
    "  endpoints: []\n"
)


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_one_file_is_printed_and_left_alone() -> None:
    """The new text goes to standard output, what to do next to standard error; nothing is written."""
    Path("a.yaml").write_text(TEXT)
    ran = run_cli("migrate", "a.yaml")
    assert ran.code == 0
    assert ran.out == (
        "# yaml-language-server: $schema=.reconcile/schemas/AgentRuntime.json\n"
        "apiVersion: agentrun.aliyun.com/v1\nkind: AgentRuntime\nmetadata: {name: a}\nspec:\n"
        "  artifactType: Container\n"
        "  containerConfiguration:   # the image\n    image: x\n"
        '    registryConfig: {authConfig: {userName: u, password: {secret: "env:A_REGISTRY_PASSWORD"}}}\n'
        "  # not managed by this version: endpoints that exist stay as they are, and none is made:\n"
        "  # endpoints: []\n"
    )
    assert ran.err == (
        "a.yaml: AgentRuntime/a: set A_REGISTRY_PASSWORD: it holds "
        "container.registryConfig.auth.password now, the file does not\n"
        "a.yaml: AgentRuntime/a: endpoints is a comment now: this version has no word for it\n"
        "a.yaml: AgentRuntime/a: creating it needs spec.cpu, spec.memory, spec.port and "
        "spec.networkConfiguration; the defaults of agentrun-cli (cpu: 2, memory: 4096, "
        'port: 9000, networkConfiguration: {"networkMode": "PUBLIC"}) are not written into the '
        "file: they would overrule what an agent has that exists\n"
    )
    assert "hunter" not in ran.out + ran.err
    assert Path("a.yaml").read_text() == TEXT


def test_write_rewrites_the_files_in_place() -> None:
    """With --write files are replaced, links and permissions stay, and a second run does nothing."""
    Path("real").mkdir()
    real = Path("real/a.yaml")
    real.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    real.chmod(0o640)
    Path("a.yaml").symlink_to(real)
    Path("b.yaml").write_text("apiVersion: agentrun.aliyun.com/v1\n")
    ran = run_cli("migrate", "a.yaml", "b.yaml", "--write")
    assert (ran.code, ran.out) == (0, "a.yaml: rewrote 1 agent\nb.yaml: nothing to rewrite\n")
    data = real.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf# yaml-language-server")
    assert data.count(b"\r\n") == data.count(b"\n")
    assert Path("a.yaml").is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert [path.name for path in Path("real").iterdir()] == ["a.yaml"]
    again = run_cli("migrate", "a.yaml", "--write")
    assert (again.code, again.out) == (0, "a.yaml: nothing to rewrite\n")
    assert real.read_bytes() == data


def test_one_bad_file_keeps_all_as_they_are() -> None:
    """All or nothing: with an error in one file no other is written, and all errors are told."""
    Path("a.yaml").write_text(TEXT)
    Path("b.yaml").write_text(f"{HEAD}spec:\n{CONTAINER}  cpuu: 1\n")
    Path("c.yaml").write_text(f"{HEAD}spec:\n{CONTAINER}  memory: x\n")
    ran = run_cli("migrate", "a.yaml", "b.yaml", "c.yaml", "--write")
    assert ran.code == 1
    assert 'b.yaml:6:3: error[unknown-field]: "cpuu" is not a field of spec' in ran.err
    assert "c.yaml:6:11: error[wrong-type]" in ran.err
    assert Path("a.yaml").read_text() == TEXT


def test_a_file_that_cannot_be_replaced_undoes_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails half way leaves every file as it was, and no draft behind."""
    for name in ("a.yaml", "b.yaml"):
        Path(name).write_text(TEXT)
    real, done = os.replace, list[str]()

    def failing(source: str, target: str) -> None:
        if done:
            raise OSError(28, "No space left on device", str(target))
        done.append(target)
        real(source, target)

    monkeypatch.setattr(os, "replace", failing)
    ran = run_cli("migrate", "a.yaml", "b.yaml", "--write")
    assert ran.code == 1
    assert "nothing was rewritten" in ran.err
    assert [Path(name).read_text() for name in ("a.yaml", "b.yaml")] == [TEXT, TEXT]
    assert sorted(path.name for path in Path().iterdir()) == ["a.yaml", "b.yaml"]


def test_several_files_are_not_printed() -> None:
    """What would be printed of several files would be no file: --write is asked for."""
    for name in ("a.yaml", "b.yaml"):
        Path(name).write_text(TEXT)
    ran = run_cli("migrate", "a.yaml", "b.yaml")
    assert ran.code == 1
    assert "2 files: only one can be printed; --write rewrites all" in ran.err
    assert ran.out == ""


def test_what_is_printed_is_planned_alike() -> None:
    """The rewritten file and the old one plan to the same changes, but for the tool's defaults."""
    Path("a.yaml").write_text(
        f"{HEAD}spec:\n  cpu: 1\n  memory: 512\n  port: 80\n  network: {{mode: PUBLIC}}\n{CONTAINER}"
    )
    Path("b.yaml").write_text(run_cli("migrate", "a.yaml").out)
    before = run_cli("plan", "a.yaml", "--target", "sandbox")
    after = run_cli("plan", "b.yaml", "--target", "sandbox")
    assert before.code == after.code == 0
    paths = [
        [line.split(":")[0].strip() for line in ran.out.splitlines() if line.startswith("    + ")]
        for ran in (before, after)
    ]
    assert sorted(paths[0]) == sorted(paths[1])
    assert len(paths[0]) == 6


def test_a_read_only_file_is_not_rewritten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folder would allow it, its owner did not; the others stay as they are too."""
    for name in ("a.yaml", "b.yaml"):
        Path(name).write_text(TEXT)
    monkeypatch.setattr(os, "access", lambda path, mode: not str(path).endswith("b.yaml"))
    ran = run_cli("migrate", "a.yaml", "b.yaml", "--write")
    assert ran.code == 1
    assert "b.yaml: the file is read-only" in ran.err
    assert [Path(name).read_text() for name in ("a.yaml", "b.yaml")] == [TEXT, TEXT]
    assert sorted(path.name for path in Path().iterdir()) == ["a.yaml", "b.yaml"]
