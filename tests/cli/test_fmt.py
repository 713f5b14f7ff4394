"""`reconcile fmt`: which files are rewritten, how it is told, and what is never half done."""

import os
import stat
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest

from reconciler.cli import main
from reconciler.loader.format import formatted as module
from tests.support.cli import CANARY, run_cli

UNTIDY = "kind:   Agent\napiVersion: v1 # one\n"
TIDY = "apiVersion: v1  # one\nkind: Agent\n"
BROKEN = "apiVersion: v1\nkind: [\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with an untidy manifest, overlay and configuration, and a tidy manifest."""
    monkeypatch.chdir(tmp_path)
    overlay = tmp_path / "manifests" / "overlays" / "prod"
    overlay.mkdir(parents=True)
    (tmp_path / "manifests" / "a.yaml").write_text(UNTIDY)
    (tmp_path / "manifests" / "b.yml").write_text(TIDY)
    (tmp_path / "manifests" / "c.json").write_text('{"kind":"Agent"}')
    (tmp_path / "manifests" / ".hidden.yaml").write_text(UNTIDY)
    (overlay / "a.yaml").write_text(UNTIDY)
    config = "targets: {prod: {overlays: [ overlays/prod ]}}\ndefaultTarget: prod\n"
    (tmp_path / "manifests" / "reconcile.yaml").write_text(config)
    return tmp_path


def texts() -> dict[str, str]:
    """Every file below the working folder."""
    files = (path for path in Path().rglob("*") if path.is_file())
    return {str(path): path.read_bytes().decode() for path in files}


def test_every_yaml_file_of_a_folder_is_formatted() -> None:
    """Manifests, files of overlays, the configuration; JSON and hidden files stay as they are."""
    before = texts()
    ran = run_cli("fmt", "manifests")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "reformatted manifests/a.yaml\n"
        "reformatted manifests/overlays/prod/a.yaml\n"
        "reformatted manifests/reconcile.yaml\n"
        "3 files reformatted, 1 file left unchanged, 1 JSON file left alone\n"
    )
    assert texts() == before | {
        "manifests/a.yaml": TIDY,
        "manifests/overlays/prod/a.yaml": TIDY,
        "manifests/reconcile.yaml": (
            "defaultTarget: prod\ntargets: {prod: {overlays: [overlays/prod]}}\n"
        ),
    }
    again = run_cli("fmt", "manifests", "--check")
    assert (again.code, again.out) == (0, "4 files already formatted, 1 JSON file left alone\n")


def test_check_lists_files_and_writes_nothing() -> None:
    """`--check` ends with 1 when a file would change."""
    before = texts()
    ran = run_cli("fmt", "--check", "manifests/a.yaml", "manifests/b.yml")
    assert ran.code == 1
    assert ran.out == (
        "would reformat manifests/a.yaml\n1 file would be reformatted, 1 file already formatted\n"
    )
    assert texts() == before
    assert run_cli("fmt", "--check", "manifests/b.yml").code == 0
    quiet = run_cli("fmt", "--check", "-q", "manifests/a.yaml", "manifests/b.yml")
    assert (quiet.code, quiet.out) == (1, "would reformat manifests/a.yaml\n")


def test_a_file_that_cannot_be_read_stops_no_other() -> None:
    """Its errors are the loader's, nothing is written for it, and the run ends with 1."""
    Path("manifests/bad.yaml").write_text(BROKEN)
    Path("manifests/twice.yaml").write_text("kind: a\nkind: b\n")
    ran = run_cli("fmt", "manifests")
    assert ran.code == 1
    assert "manifests/bad.yaml:2:8: error[syntax]: " in ran.err
    assert "manifests/twice.yaml:2:1: error[duplicate-key]: " in ran.err
    assert ran.err.endswith("2 problems in 2 files\n")
    assert ran.out.endswith(
        "3 files reformatted, 1 file left unchanged, 2 files with errors, 1 JSON file left alone\n"
    )
    assert texts()["manifests/bad.yaml"] == BROKEN
    assert texts()["manifests/a.yaml"] == TIDY


def test_a_named_configuration_is_formatted() -> None:
    """`reconcile.yaml` by its name, alone or in a folder without a manifest."""
    ran = run_cli("fmt", "manifests/reconcile.yaml")
    assert (ran.code, ran.out) == (
        0,
        "reformatted manifests/reconcile.yaml\n1 file reformatted\n",
    )
    Path("lonely").mkdir()
    Path("lonely/reconcile.yaml").write_text("targets:   {}\n")
    assert run_cli("fmt", "lonely").code == 0
    assert texts()["lonely/reconcile.yaml"] == "targets: {}\n"


def test_where_nothing_is_to_format_it_says_so() -> None:
    """An empty folder is more likely a mistake, and a path that is not there certainly is one."""
    Path("empty").mkdir()
    assert run_cli("fmt", "empty").code == 7
    missing = run_cli("fmt", "missing.yaml")
    assert missing.code == 1
    assert missing.err.startswith("missing.yaml:1:1: error[path]: does not exist\n")


def test_a_file_keeps_its_mode_and_a_link_stays_a_link() -> None:
    """What is behind a link is rewritten once, and no draft is left behind."""
    file, link = Path("manifests/a.yaml"), Path("manifests/link.yaml")
    file.chmod(0o640)
    link.symlink_to("a.yaml")
    before = set(texts())
    assert run_cli("fmt", "manifests/link.yaml").code == 0
    assert link.is_symlink()
    assert file.read_text() == TIDY
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert set(texts()) == before


def test_a_file_that_cannot_be_written_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays as it was, no draft is left behind, the others are done."""

    def full(source: object, final: Path) -> None:
        del source
        raise OSError(28, "No space left on device")

    before = texts()
    monkeypatch.setattr(os, "replace", full)
    ran = run_cli("fmt", "manifests/a.yaml", "manifests/b.yml")
    assert ran.code == 1
    assert "manifests/a.yaml:1:1: error[path]: cannot be written: No space left" in ran.err
    assert ran.out == "1 file left unchanged, 1 file with errors\n"
    assert texts() == before


def test_a_read_only_file_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folder would allow it, its owner did not."""
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    ran = run_cli("fmt", "manifests/a.yaml")
    assert ran.code == 1
    assert "error[path]: cannot be written: the file is read-only" in ran.err
    assert texts()["manifests/a.yaml"] == UNTIDY


def test_a_bug_of_the_formatter_costs_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that would say something else is not written, and where is told."""
    monkeypatch.setattr(module, "printed", lambda tokens: "apiVersion: v1\nkind: Other\n")
    ran = run_cli("fmt", "manifests/a.yaml")
    assert ran.code == 1
    assert "manifests/a.yaml:1:1: error[format-bug]: the file is left as it is" in ran.err
    assert "please report it" in ran.err
    assert texts()["manifests/a.yaml"] == UNTIDY


def test_standard_input_goes_to_standard_output() -> None:
    """`-` is for editors: nothing but the text, and nothing at all where it cannot be read."""
    ran = run_cli("fmt", "-", stdin=StringIO(UNTIDY))
    assert (ran.code, ran.out, ran.err) == (0, TIDY, "")
    broken = run_cli("fmt", "-", stdin=StringIO(BROKEN))
    assert (broken.code, broken.out) == (1, "")
    assert broken.err.startswith("<stdin>:2:8: error[syntax]: ")
    check = run_cli("fmt", "--check", "-", stdin=StringIO(UNTIDY))
    assert (check.code, check.out) == (1, "would reformat <stdin>\n")
    assert run_cli("fmt", "--check", "-", stdin=StringIO(TIDY)).code == 0
    both = run_cli("fmt", "-", "manifests")
    assert both.code == 1
    assert both.err.startswith("error: - is standard input")


def test_standard_output_is_utf_8_in_any_locale() -> None:
    """What an editor gets back is the file, not an escaped copy of it."""
    written = BytesIO()
    given = TextIOWrapper(BytesIO("名:   你好\n".encode()), encoding="latin-1")
    out = TextIOWrapper(written, encoding="latin-1")
    assert main(["fmt", "-"], environ={}, stdin=given, stdout=out, stderr=StringIO()) == 0
    assert written.getvalue().decode() == "名: 你好\n"


def test_a_byte_order_mark_goes_and_two_stay() -> None:
    """Without the first of two the second would become one: such a file is left alone."""
    file = Path("manifests/a.yaml")
    file.write_bytes(f"\ufeff{TIDY}".encode())
    assert run_cli("fmt", str(file)).code == 0
    assert file.read_bytes().decode() == TIDY
    file.write_bytes("\ufeff\ufeffa:  b\n".encode())
    assert run_cli("fmt", "--check", str(file)).code == 0


def test_no_secret_of_a_file_is_printed() -> None:
    """Files are named, their text is not shown."""
    text = f"kind:  Agent\nspec: {{password: {CANARY}}}\nspec: [\n"
    Path("manifests/secret.yaml").write_text(text)
    Path("manifests/fine.yaml").write_text(f"kind:  Agent\nspec: {{password:   {CANARY}}}\n")
    for flags in ((), ("--check",)):
        ran = run_cli("fmt", "manifests", *flags)
        assert ran.code == 1
        assert CANARY not in ran.out + ran.err
