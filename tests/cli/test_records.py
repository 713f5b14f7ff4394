"""The records of runs that were made on the sandbox go when it is begun anew."""

import json
from pathlib import Path

import pytest

from tests.support.cli import SECRETS, run_cli, write_manifests


def test_a_reset_forgets_the_runs_of_the_sandbox_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a run remembers of agents that are gone would mislead; other targets' runs stay."""
    monkeypatch.chdir(tmp_path)
    write_manifests(tmp_path)
    assert run_cli("apply", "manifests", "--target", "sandbox", environ=SECRETS).code == 0
    runs = tmp_path / ".reconcile" / "runs"
    (own,) = runs.glob("*.jsonl")
    others = {
        "prod.jsonl": json.dumps({"event": "run-started", "target": "prod"}),
        "later.jsonl": '{"target": "prod"}\n{"target": "sandbox"}\n',
        "list.jsonl": "[]",
        "torn.jsonl": '{"target": "sandb',
        "empty.jsonl": "",
    }
    for name, text in others.items():
        (runs / name).write_text(text, encoding="utf-8")
    (runs / "folder.jsonl").mkdir()
    assert run_cli("sandbox", "reset").code == 0
    assert not own.exists()
    assert {path.name for path in runs.iterdir()} == {*others, "folder.jsonl"}
    assert run_cli("sandbox", "reset").code == 0


def test_a_record_that_cannot_be_removed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reset that did not do all of its work does not say that it did."""

    def refused(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.chdir(tmp_path)
    runs = tmp_path / ".reconcile" / "runs"
    runs.mkdir(parents=True)
    (runs / "a.jsonl").write_text('{"target": "sandbox"}\n', encoding="utf-8")
    monkeypatch.setattr(Path, "unlink", refused)
    ran = run_cli("sandbox", "reset")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "error: cannot remove .reconcile/runs/a.jsonl: Permission denied\n"
