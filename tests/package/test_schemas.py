"""The committed schemas: shipped, and true of every sample that people see."""

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.wheel import WheelBuilder
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "reconciler" / "schemas"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md"))]


def documents(text: str) -> list[Any]:
    """The documents of a YAML text."""
    return list(YAML(typ="safe", pure=True).load_all(text))


def blocks(path: Path) -> list[str]:
    """The YAML blocks of a page of Markdown."""
    return re.findall(r"^```yaml\n(.*?)^```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def schema_of(document: Any) -> str | None:
    """The name of the schema that a document belongs to, None for what is neither of ours."""
    if not isinstance(document, dict) or document.get("apiVersion") == "agentrun/v1":
        return None
    if "targets" in document or "defaultTarget" in document:
        return "config"
    kind = document.get("kind")
    if kind is None or kind == "JSONPatch" or "apiVersion" in document:
        return kind
    return f"{kind}.overlay"


def complaints(document: Any) -> list[str]:
    """What the schema that belongs to a document has against it."""
    name = schema_of(document)
    if name is None:
        return []
    schema = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    return [error.message for error in Draft202012Validator(schema).iter_errors(document)]


@pytest.mark.parametrize("path", sorted(ROOT.glob("manifests/*.yaml")), ids=lambda path: path.name)
def test_every_sample_holds_to_the_schema_that_its_first_line_names(path: Path) -> None:
    """An editor that opens a sample finds its schema, and nothing wrong."""
    text = path.read_text("utf-8")
    found = documents(text)
    name = schema_of(found[0])
    first = text.partition("\n")[0]
    assert first == f"# yaml-language-server: $schema=../reconciler/schemas/{name}.json"
    assert [complaints(document) for document in found] == [[]] * len(found)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_sample_on_a_page_holds_to_its_schema(page: Path) -> None:
    """What a reader copies out of a page is accepted."""
    for block in blocks(page):
        for document in documents(block):
            assert complaints(document) == [], block


def test_the_readme_has_samples() -> None:
    """There is something to check: a manifest and a configuration."""
    found = [one for block in blocks(ROOT / "README.md") for one in documents(block)]
    assert {"AgentRuntime", "config"} <= {schema_of(document) for document in found}


def test_the_wheel_has_the_schemas(tmp_path: Path) -> None:
    """Every committed schema lies in the wheel as it is."""
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        shipped = {
            Path(name).name: archive.read(name)
            for name in archive.namelist()
            if name.startswith("reconciler/schemas/")
        }
    assert shipped == {path.name: path.read_bytes() for path in SCHEMAS.iterdir()}
    assert "AgentRuntime.json" in shipped
