"""The published schemas and the loader agree on what may be written."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reconciler.cli.schema import kind_schema, schemas
from reconciler.cli.setup import Catalogue
from reconciler.loader.load import load
from reconciler.model.errors import InputError
from reconciler.ports import Kind
from reconciler.providers import discover
from tests.support.typed import envelope, fields

CATALOGUE = Catalogue(discover())
KINDS = {kind.name: kind for kind in CATALOGUE.kinds}
VALIDATORS = {name: Draft202012Validator(kind_schema(kind)) for name, kind in KINDS.items()}
MODELS = {name: kind.model.model_json_schema() for name, kind in KINDS.items()}
AGENT_ID = "0123456789abcdef0123456789abcdef"

BEYOND = frozenset({"unknown-kind", "unknown-api-version"})
"""What the loader refuses and a schema of one kind does not speak of."""


def document(kind: Kind, spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A manifest around this spec; an agent has its id."""
    own = {"agentId": AGENT_ID} if kind.name == "Agent" else {}
    return {
        "apiVersion": kind.api_version,
        "kind": kind.name,
        "metadata": {"name": "a", **metadata},
        "spec": {**own, **spec},
    }


def refusals(folder: Path, text: str) -> set[str]:
    """The codes of what the loader has against a file of this text."""
    path = folder / "a.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        load([path], kinds=CATALOGUE.kinds)
    except InputError as error:
        return {problem.code for problem in error.problems if not problem.warning}
    return set()


@st.composite
def typed(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """A manifest of a kind as somebody may type it."""
    kind, model = KINDS[name], MODELS[name]
    spec = fields(draw, model, model["$defs"])
    if name == "Agent" and draw(st.integers(0, 9)):
        spec.setdefault("agentId", AGENT_ID)
    return envelope(draw, spec, api_version=kind.api_version, kind=kind.name)


def check(folder: Path, name: str, manifest: dict[str, Any]) -> None:
    """Both refuse a manifest, or both take it."""
    codes = refusals(folder, json.dumps(manifest, ensure_ascii=False))
    if codes <= BEYOND and codes:
        return
    wrong = [error.message for error in VALIDATORS[name].iter_errors(manifest)]
    assert bool(codes) == bool(wrong), (manifest, codes, wrong)


AGREE = settings(
    derandomize=True,
    deadline=None,
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@AGREE
@given(manifest=typed("AgentRuntime"))
def test_what_the_loader_takes_of_a_runtime_the_schema_takes(
    tmp_path: Path, manifest: dict[str, Any]
) -> None:
    """Whatever is typed for an AgentRuntime, the editor says it is wrong when `validate` does."""
    check(tmp_path, "AgentRuntime", manifest)


BOX = {"properties": {"agent_work_type": "agent_operator", "file_box": {"is_open": False}}}


@AGREE
@given(manifest=typed("Agent"))
@example(manifest=document(KINDS["Agent"], BOX))
def test_what_the_loader_takes_of_an_agent_the_schema_takes(
    tmp_path: Path, manifest: dict[str, Any]
) -> None:
    """Whatever is typed for an Agent, the editor says it is wrong when `validate` does."""
    check(tmp_path, "Agent", manifest)


RUNTIMES = [
    {"cpu": "2"},
    {"cpu": 17},
    {"cpu": True},
    {"memory": 2048.5},
    {"memory": 127},
    {"port": 65536},
    {"description": "x" * 257},
    {"description": ["a"]},
    {"artifactType": "Zip"},
    {"sessionAffinityType": "COOKIES"},
    {"networkConfiguration": {"vSwitchIds": []}},
    {"networkConfiguration": []},
    {"environmentVariables": {"A": 1}},
    {"environmentVariables": {"A": {"secret": "A"}}},
    {"environmentVariables": {"A": {"secret": "env:A", "b": 1}}},
    {"description": {"secret": "file:/etc/hostname"}},
    {"description": {"secret": "sops:/etc/a.yaml#/b"}},
    {"description": {"secret": "sops:a.yaml"}},
    {"description": {"secret": "env:1A"}},
    {"containerConfiguration": {"command": "run"}},
    {"containerConfiguration": {"registryConfig": {"authConfig": {"password": "plain"}}}},
    {"armsConfiguration": {"armsLicenseKey": "plain"}},
    {"ossMountConfig": {"mountPoints": [{"bucketName": "ab"}]}},
    {"healthCheckConfiguration": {"timeoutSeconds": 61}},
    {"cpu": {"secret": "env:CPU"}},
    {"agentRuntimeId": "ar-1"},
    {"endpoints": []},
    {"memmory": 1},
]
AGENTS = [
    {"agentId": None},
    {"agentId": "a b"},
    {"agentId": {"secret": "env:ID"}},
    {"tags": ["a"] * 16},
    {"tags": ["a/b"]},
    {"tags": ["x" * 770]},
    {"region": 5},
    {"properties": {"name": "1a"}},
    {"properties": {"name": "x" * 21}},
    {"properties": {"description": "x" * 200}},
    {"properties": {"instructions": "x" * 4000}},
    {"properties": {"agent_work_type": "llm"}},
    {"properties": {"model_setting": "[1]"}},
    {"properties": {"model_setting": {"temperature": "0.3"}}},
    {"properties": {"audio_settings": {"audio_input": True}}},
    {"properties": {"api_key": "plain"}},
    {"properties": {"secret": "env:NAME"}},
    {"properties": {"model_setting": {"secret": "plain"}}},
    {"properties": {"model_setting": "{"}},
    {"property": {}},
    BOX,
]


@pytest.mark.parametrize(
    ("name", "spec"),
    [*(("AgentRuntime", spec) for spec in RUNTIMES), *(("Agent", spec) for spec in AGENTS)],
    ids=str,
)
def test_each_mistake_is_seen_by_both(tmp_path: Path, name: str, spec: dict[str, Any]) -> None:
    """A wrong type, range, word or key is refused by the loader and by the schema."""
    manifest = document(KINDS[name], spec)
    assert refusals(tmp_path, json.dumps(manifest))
    assert list(VALIDATORS[name].iter_errors(manifest))


REFERENCE = {"secret": "env:NAME"}
RIGHT = [
    ("AgentRuntime", {"cpu": 2, "memory": None, "artifactType": None, "description": REFERENCE}),
    ("AgentRuntime", {"artifactType": REFERENCE, "systemTags": ["a", REFERENCE], "nasConfig": {}}),
    ("AgentRuntime", {"environmentVariables": {"A": None, "B": "b", "C": REFERENCE}}),
    ("AgentRuntime", {"armsConfiguration": {"armsLicenseKey": REFERENCE, "cmsWorkspace": None}}),
    ("AgentRuntime", {"armsConfiguration": {"armsLicenseKey": None}}),
    ("AgentRuntime", {"description": {"secret": "exec:pass show 'a b'"}}),
    ("AgentRuntime", {"description": {"secret": "sops:a.yaml#/b"}}),
    ("Agent", {"properties": {"model_setting": '{"temperature": 0.3}', "file_box": ""}}),
    ("Agent", {"properties": {"model_setting": REFERENCE, "qa_model_setting": None}}),
    ("Agent", {"properties": {"agent_uri": 5, "type": "x", "theirs": [1], "tools": [{"a": 1}]}}),
    ("Agent", {"properties": {"agent_work_type": "agent_operator", "file_box": {}}}),
    ("Agent", {"properties": {"agent_work_type": "agent_llm", "file_box": {"is_open": True}}}),
]


@pytest.mark.parametrize(("name", "spec"), RIGHT, ids=str)
def test_what_is_right_is_right_for_both(tmp_path: Path, name: str, spec: dict[str, Any]) -> None:
    """References, null, JSON as text and what is the user's own are complained about by neither."""
    manifest = document(KINDS[name], spec)
    assert refusals(tmp_path, json.dumps(manifest)) == set()
    assert [error.message for error in VALIDATORS[name].iter_errors(manifest)] == []


@pytest.mark.parametrize(
    ("timeout", "right"),
    [*((t, True) for t in ("10m", "1h30m", "0.5s", "168h")), *((t, False) for t in ("0s", "0h0m"))],
)
def test_a_timeout_is_right_or_wrong_for_both(tmp_path: Path, timeout: str, right: bool) -> None:
    """A duration has a unit and is longer than nothing."""
    manifest = document(KINDS["AgentRuntime"], {}) | {"rollout": {"timeout": timeout}}
    assert (refusals(tmp_path, json.dumps(manifest)) == set()) is right
    assert (list(VALIDATORS["AgentRuntime"].iter_errors(manifest)) == []) is right


STRINGS = {
    "AgentRuntime": {
        "description": "${var.TEXT}",
        "artifactType": "${var.TYPE}",
        "headerFieldName": "${var.A}" * 20,
        "sessionAffinityType": "${var.AFFINITY}",
        "ossMountConfig": {"mountPoints": [{"bucketName": "${var.B}", "mountDir": "${var.D}"}]},
        "environmentVariables": {"A": {"secret": "env:${var.PREFIX}_KEY"}},
    },
    "Agent": {
        "agentId": "${var.ID}",
        "tags": ["${var.TAG}"],
        "properties": {"name": "${var.NAME}_bot", "model_setting": "${var.MODEL}"},
    },
}


@pytest.mark.parametrize("name", STRINGS)
def test_a_variable_may_stand_in_any_string(name: str) -> None:
    """What it stands for is known to a target only, so its form is not complained about."""
    manifest = document(KINDS[name], STRINGS[name], labels={"env": "${var.ENV}"})
    manifest["metadata"]["name"] = " ${var.NAME}" * 40
    manifest["rollout"] = {"timeout": "${var.TIMEOUT}"}
    assert list(VALIDATORS[name].iter_errors(manifest)) == []
    manifest["spec"]["cpu" if name == "AgentRuntime" else "tags"] = "${var.CPU}"
    assert list(VALIDATORS[name].iter_errors(manifest))


@pytest.mark.parametrize("name", KINDS)
def test_an_overlay_says_whose_it_is_and_what_changes(name: str) -> None:
    """Nothing else is required of an overlay, and what it says is checked like the whole."""
    validator = Draft202012Validator(schemas(CATALOGUE)[f"{name}.overlay"]())
    bare = {"kind": name, "metadata": {"name": "a"}}
    for right in (bare, {**bare, "spec": {}}, {**bare, "apiVersion": KINDS[name].api_version}):
        assert list(validator.iter_errors(right)) == []
    for wrong in (
        {"kind": name},
        {**bare, "metadata": {}},
        {**bare, "kind": "Bot"},
        {**bare, "spec": {"cpuu": 1}},
        {**bare, "apiVersion": "other/v1"},
    ):
        assert list(validator.iter_errors(wrong)), wrong
    assert list(VALIDATORS[name].iter_errors(bare))
