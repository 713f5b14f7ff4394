"""`reconcile schema`: printed, written where modelines lead, compared with what is committed."""

import json
from pathlib import Path

import pytest

from reconciler.loader.modeline import SCHEMAS, home_of, modeline
from tests.support.cli import run_cli

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "reconciler" / "schemas"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names() -> list[str]:
    """What `reconcile schema` lists."""
    return run_cli("schema").out.split()


def test_every_schema_is_listed() -> None:
    """Kinds and their overlays, patches, the configuration, and the documents for programs."""
    assert {
        *("AgentRuntime", "Agent", "AgentRuntime.overlay", "Agent.overlay"),
        *("JSONPatch", "config", "plan"),
    } <= set(names())


def test_the_committed_schemas_are_those_that_are_generated() -> None:
    """Every schema is committed as it is printed, and nothing else lies there."""
    assert {path.name for path in COMMITTED.iterdir()} == {f"{name}.json" for name in names()}
    for name in names():
        assert run_cli("schema", name).out == (COMMITTED / f"{name}.json").read_text("utf-8"), name


def test_schemas_are_written_where_modelines_lead(folder: Path) -> None:
    """Without a folder they go beside the configuration, whose files' modelines name them."""
    (folder / ".git").mkdir()
    (folder / "reconcile.yaml").write_text("targets: {}\n")
    ran = run_cli("schema", "--write")
    assert (ran.code, ran.out) == (0, f"wrote {len(names())} schemas to .reconcile/schemas\n")
    assert {path.stem for path in (folder / SCHEMAS).iterdir()} == set(names())
    file = folder / "a.yaml"
    line = modeline("Agent", file=file, home=home_of(file, folder))
    written = (folder / line.partition("=")[2]).read_text("utf-8")
    assert written == run_cli("schema", "Agent").out


def test_one_schema_can_be_written_to_any_folder(folder: Path) -> None:
    """A folder that is not there is made; what lay in the file is replaced whole."""
    assert run_cli("schema", "plan", "--write", "a/b").out == "wrote 1 schema to a/b\n"
    (folder / "a/b/plan.json").write_text("old " * 10_000)
    run_cli("schema", "plan", "--write", "a/b")
    assert [path.name for path in (folder / "a/b").iterdir()] == ["plan.json"]
    assert json.loads((folder / "a/b/plan.json").read_text("utf-8"))["title"]


def test_a_schema_that_differs_fails_the_check(folder: Path) -> None:
    """`--check` writes nothing, names every file that differs, and says how to mend it: 1."""
    missing = run_cli("schema", "--write", "s", "--check")
    assert missing.code == 1
    assert not (folder / "s").exists()
    run_cli("schema", "--write", "s")
    same = run_cli("schema", "--write", "s", "--check")
    assert (same.code, same.out) == (0, f"{len(names())} schemas in s: up to date\n")
    (folder / "s/Agent.json").write_text("{}\n")
    (folder / "s/plan.json").write_bytes(b"\xff")
    ran = run_cli("schema", "--write", "s", "--check")
    assert (ran.code, ran.err) == (
        1,
        "error: not what this version generates: s/Agent.json, s/plan.json; "
        "run: reconcile schema --write s\n",
    )
    assert (folder / "s/Agent.json").read_text() == "{}\n"


def test_the_check_looks_where_writing_goes(folder: Path) -> None:
    """`--check` alone compares the default folder."""
    run_cli("schema", "--write")
    assert run_cli("schema", "--check").code == 0
    (folder / SCHEMAS / "plan.json").unlink()
    ran = run_cli("schema", "--check")
    assert (ran.code, ran.err.partition("; ")[2]) == (1, "run: reconcile schema --write\n")


def test_a_folder_that_cannot_be_made_is_told(folder: Path) -> None:
    """Where a file stands in the way, one error says so: 1."""
    (folder / "file").write_text("")
    ran = run_cli("schema", "--write", "file")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "error: --write: cannot make the folder file: File exists\n"
    (folder / "taken" / "Agent.json").mkdir(parents=True)
    ran = run_cli("schema", "Agent", "--write", "taken")
    assert ran.code == 1
    assert ran.err.startswith("error: --write: cannot write taken/Agent.json")


def test_a_name_that_nobody_knows_is_led_to_a_near_one() -> None:
    """All names are listed, and the nearest is proposed."""
    ran = run_cli("schema", "Agent.overlays")
    assert ran.code == 1
    assert 'did you mean "Agent.overlay"?' in ran.err
    assert all(name in ran.err for name in names())
