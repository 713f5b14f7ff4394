"""The first line of a file that is written: it leads an editor to the schema."""

import os
from pathlib import Path

import pytest

from reconciler.loader.modeline import home_of, modeline

HEAD = "# yaml-language-server: $schema="


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("a.yaml", ".reconcile/schemas/Agent.json"),
        ("manifests/a.yaml", "../.reconcile/schemas/Agent.json"),
        ("manifests/team one/客服/a.yaml", "../../../.reconcile/schemas/Agent.json"),
    ],
)
def test_the_path_is_relative_to_the_file(tmp_path: Path, file: str, path: str) -> None:
    """From whatever folder below home, named however, the line leads to home's schemas."""
    line = modeline("Agent", file=tmp_path / file, home=tmp_path)
    assert line == HEAD + path
    folder = (tmp_path / file).parent
    assert os.path.normpath(folder / path) == str(tmp_path / ".reconcile/schemas/Agent.json")


def test_an_overlay_has_its_own_schema(tmp_path: Path) -> None:
    """The name of any schema can be asked for."""
    line = modeline("AgentRuntime.overlay", file=tmp_path / "a.yaml", home=tmp_path)
    assert line == f"{HEAD}.reconcile/schemas/AgentRuntime.overlay.json"


def test_a_file_outside_gets_one_line_without_spaces(tmp_path: Path) -> None:
    """No folder's name can end the comment, nor the path in it."""
    home = tmp_path / "my home\nkind: Agent \u2028x"
    line = modeline("Agent", file=tmp_path / "out" / "a.yaml", home=home)
    assert line == f"{HEAD}../my%20home%0Akind:%20Agent%20%E2%80%A8x/.reconcile/schemas/Agent.json"
    assert len(line.splitlines()) == 1


def test_home_is_where_the_configuration_lies(tmp_path: Path) -> None:
    """Beside `reconcile.yaml`, as it is found for these manifests; else in the working folder."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "manifests" / "team").mkdir(parents=True)
    cwd = tmp_path / "elsewhere"
    cwd.mkdir()
    file = tmp_path / "manifests" / "team" / "new.yaml"
    assert home_of(file, cwd) == cwd
    (tmp_path / "manifests" / "reconcile.yaml").write_text("targets: {}\n")
    assert home_of(file, cwd) == tmp_path / "manifests"
