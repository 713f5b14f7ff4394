"""What the published schemas say to people: every field in both languages, with its page."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reconciler.cli.schema import schemas
from reconciler.cli.setup import Catalogue
from reconciler.providers import discover

CATALOGUE = Catalogue(discover())
SCHEMAS = {name: make() for name, make in schemas(CATALOGUE).items()}
PRINTED = ("plan", "problems", "run-record", "runs", "status")
WRITTEN = sorted(name for name in SCHEMAS if name not in PRINTED)
"""The schemas of what people write."""

PAGES = {
    "AgentRuntime": "https://help.aliyun.com/zh/functioncompute/fc/developer-reference/"
    "api-agentrun-2025-09-10-updateagentruntime",
    "Agent": "https://support.huaweicloud.com/api-appstage/updateAgent.html",
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:!?(]")
"""A comma and the like behind a Chinese character has the full width."""


def members(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every member of every object that a schema describes, by its path."""
    if not isinstance(schema, dict):
        return
    for word in ("anyOf", "items", "additionalProperties"):
        below = schema.get(word, [])
        for part in below if isinstance(below, list) else [below]:
            yield from members(part, path)
    for name, part in schema.get("properties", {}).items():
        yield f"{path}/{name}", part
        yield from members(part, f"{path}/{name}")


@pytest.mark.parametrize("name", WRITTEN)
def test_every_field_is_described_in_english_and_in_chinese(name: str) -> None:
    """Whatever can be written has its own words in both languages, and editors show both."""
    found = dict(members(SCHEMAS[name]))
    assert len(found) > 5
    for path, field in found.items():
        english, chinese = field.get("x-description-en", ""), field.get("x-description-zh", "")
        assert english.endswith("."), path
        assert not CHINESE.search(english), path
        assert CHINESE.search(chinese), path
        assert chinese.endswith("\u3002"), path
        assert not HALF_WIDTH.search(chinese), path
        parts = [english, chinese, *([field["x-page"]] if "x-page" in field else [])]
        assert field["description"] == "\n\n".join(parts), path


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("variant", ["", ".overlay"])
def test_every_field_of_the_vendor_leads_to_its_page(name: str, variant: str) -> None:
    """Below `spec` stands the vendor's page; what is this program's own has none."""
    for path, field in members(SCHEMAS[name + variant]):
        below_spec = path.startswith("/spec/")
        assert field.get("x-page") == (PAGES[name] if below_spec else None), path


@pytest.mark.parametrize("name", PAGES)
def test_no_two_fields_of_an_object_are_described_alike(name: str) -> None:
    """A description tells a field from its neighbours."""
    seen: dict[tuple[str, str], str] = {}
    for path, field in members(SCHEMAS[name]):
        where = (path.rpartition("/")[0], field["x-description-zh"])
        assert seen.setdefault(where, path) == path


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_schema_is_valid_and_stands_alone(name: str) -> None:
    """Each is JSON Schema 2020-12 with a title, and refers to nothing outside itself."""
    schema = SCHEMAS[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"]
    references = set(re.findall(r'"\$ref": "([^"]*)"', json.dumps(schema)))
    assert references <= {"#/$defs/SecretReference", "#/properties/policy"}


def test_what_the_cloud_computes_is_marked_as_read_only() -> None:
    """Editors and programs see which fields are not for writing, and which no read shows."""
    agent, runtime = dict(members(SCHEMAS["Agent"])), dict(members(SCHEMAS["AgentRuntime"]))
    assert agent["/spec/properties/agent_uri"]["readOnly"] is True
    assert "readOnly" not in agent["/spec/properties/name"]
    assert runtime["/spec/armsConfiguration"]["writeOnly"] is True
    assert runtime["/spec/resourceGroupId"]["deprecated"] is True
    assert "deprecated" not in runtime["/spec/cpu"]
