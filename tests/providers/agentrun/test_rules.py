"""Rules and schema describe the same fields."""

import json
import types
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from pydantic import BaseModel, ValidationError

from reconciler.differ.decide import decide
from reconciler.loader.words import nearest
from reconciler.model.live import Health, Live
from reconciler.model.plan import InSync, Update
from reconciler.model.rules import Field, Shape, Trait
from reconciler.providers.agentrun.rules import RULES
from reconciler.providers.agentrun.schema import AgentRuntimeSpec
from tests.support.wire import desired

EXAMPLE = json.loads((Path(__file__).parent / "update_reply.json").read_text("utf-8"))["data"]

SCALARS = {str: Shape.STRING, bool: Shape.BOOLEAN, int: Shape.NUMBER, float: Shape.NUMBER}


def described(annotation: Any) -> Any:
    """The type in an annotation, without None, limits and choices."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return described(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        (only,) = [arg for arg in get_args(annotation) if arg is not type(None)]
        return described(only)
    if origin is Literal:
        return type(get_args(annotation)[0])
    return annotation


def disagreements(annotation: Any, rule: Field, path: str) -> list[str]:
    """Where a rule says something else than the schema."""
    kind = described(annotation)
    if kind in SCALARS:
        return [] if rule.shape is SCALARS[kind] else [path]
    if get_origin(kind) in (list, dict):
        shape = Shape.LIST if get_origin(kind) is list else Shape.MAP
        if rule.shape is not shape or rule.item is None:
            return [path]
        return disagreements(get_args(kind)[-1], rule.item, f"{path}/*")
    if rule.shape is not Shape.OBJECT:
        return [path]
    return members_disagree(kind, rule, path)


def members_disagree(model: type[BaseModel], rule: Field, path: str) -> list[str]:
    named = {name for name, one in rule.members.items() if not one.has(Trait.SERVER)}
    wrong = [f"{path}/{name}" for name in named ^ set(model.model_fields)]
    for name in named & set(model.model_fields):
        field = model.model_fields[name]
        wrong += disagreements(field.annotation, rule.members[name], f"{path}/{name}")
        if not field.description:
            wrong.append(f"{path}/{name} has no description")
        if field.is_required():
            wrong.append(f"{path}/{name} is not optional")
    return wrong


def test_rules_and_schema_name_the_same_fields_in_the_same_shapes() -> None:
    """Every field that can be written has a rule of its shape and a description, and no more."""
    assert members_disagree(AgentRuntimeSpec, RULES.root, "") == []


def test_every_key_of_a_list_is_a_member_of_its_elements() -> None:
    """A list that is told apart by a member has that member."""

    def keyed(rule: Field) -> list[tuple[str, Field]]:
        below = [*rule.members.values()] + ([rule.item] if rule.item else [])
        own = [(rule.key, rule.item)] if rule.key and rule.item else []
        return own + [pair for one in below for pair in keyed(one)]

    pairs = keyed(RULES.root)
    assert [key for key, _ in pairs] == ["type", "mountDir", "mountDir"]
    assert all(key in item.members for key, item in pairs)


def test_everything_that_the_vendors_example_shows_has_a_rule() -> None:
    """The reply on the vendor's page has no member that the rules don't know."""

    def unknown(value: Any, rule: Field, path: str) -> list[str]:
        if isinstance(value, list):
            assert rule.item is not None
            return [name for one in value for name in unknown(one, rule.item, path)]
        if not isinstance(value, dict) or rule.shape is Shape.MAP:
            return []
        missing = [f"{path}/{name}" for name in value if name not in rule.members]
        known = [name for name in value if name in rule.members]
        return missing + [
            name
            for key in known
            for name in unknown(value[key], rule.members[key], f"{path}/{key}")
        ]

    assert unknown(EXAMPLE, RULES.root, "") == []


def test_the_vendors_example_can_be_written_as_a_manifest() -> None:
    """What a read shows, without what the server computes, passes the schema."""
    own = {
        name: value
        for name, value in EXAMPLE.items()
        if not RULES.root.members[name].has(Trait.SERVER)
    }
    assert AgentRuntimeSpec.model_validate(own).memory == 2048


def test_every_field_may_be_null() -> None:
    """Null asks for a field to be cleared, so the schema takes it everywhere."""
    spec: dict[str, Any] = dict.fromkeys(AgentRuntimeSpec.model_fields)
    assert AgentRuntimeSpec.model_validate(spec).model_dump() == spec


@pytest.mark.parametrize(
    "spec",
    [
        {"cpu": "2"},
        {"cpu": True},
        {"cpu": 0.01},
        {"cpu": 17},
        {"cpu": float("inf")},
        {"memory": 127},
        {"memory": 2048.5},
        {"port": 0},
        {"port": 65536},
        {"description": "x" * 257},
        {"artifactType": "Zip"},
        {"sessionConcurrencyLimitPerInstance": 201},
        {"sessionIdleTimeoutSeconds": 59},
        {"headerFieldName": "x" * 129},
        {"sessionAffinityType": "COOKIES"},
        {"healthCheckConfiguration": {"initialDelaySeconds": 301}},
        {"healthCheckConfiguration": {"timeoutSeconds": 61}},
        {"healthCheckConfiguration": {"failureThreshold": 0}},
        {"healthCheckConfiguration": {"httpGetUrl": "/" * 2049}},
        {"ossMountConfig": {"mountPoints": [{"bucketName": "ab"}]}},
        {"ossMountConfig": {"mountPoints": [{"mountDir": "/"}]}},
        {"networkConfiguration": {"networkMode": "VPC"}},
        {"environmentVariables": {"A": 1}},
        {"environmentVariables": {"A": None}},
        {"systemTags": "a"},
        {"cpuu": 2},
        {"nasConfiguration": {}},
        {"credentialId": "x"},
        {"agentRuntimeName": "x"},
        {"networkConfiguration": {"vSwitchIds": []}},
    ],
    ids=str,
)
def test_what_the_vendor_refuses_is_refused_before_anything_is_sent(spec: dict[str, Any]) -> None:
    """Wrong types, values out of range and unknown members are errors in the manifest."""
    with pytest.raises(ValidationError):
        AgentRuntimeSpec.model_validate(spec)


@pytest.mark.parametrize(
    "spec",
    [
        {"cpu": 2},
        {"cpu": 0.05},
        {"cpu": 16.0},
        {"memory": 32768},
        {"diskSize": 0},
        {"diskSize": 10240},
        {"sessionAffinityType": "COOKIE"},
        {"healthCheckConfiguration": {"initialDelaySeconds": 300, "timeoutSeconds": 60}},
        {"healthCheckConfiguration": {"failureThreshold": 120, "periodSeconds": 300}},
        {"codeConfiguration": {"language": "java17"}},
        {"protocolConfiguration": {"type": "SUPER_AGENT"}},
        {"protocolConfiguration": {"type": "HTTPS"}},
        {"ossMountConfig": {"mountPoints": [{"bucketName": "abc", "bucketPath": ""}]}},
    ],
    ids=str,
)
def test_where_sources_differ_the_wider_range_is_taken(spec: dict[str, Any]) -> None:
    """The edges of the widest documented ranges are accepted."""
    assert AgentRuntimeSpec.model_validate(spec).model_dump(exclude_unset=True) == spec


def test_the_traits_that_the_contract_names() -> None:
    """Masked, write-only, immutable and other special fields are those of the API page."""

    def traits(rule: Field, path: str = "") -> dict[str, Trait]:
        below = dict(rule.members) | ({"*": rule.item} if rule.item else {})
        own = {path: rule.traits} if rule.traits and not rule.has(Trait.SERVER) else {}
        for name, one in below.items():
            own |= traits(one, f"{path}/{name}")
        return own

    registry = "/containerConfiguration/registryConfig/authConfig"
    setting = "/protocolConfiguration/protocolSettings/*"
    assert traits(RULES.root) == {
        f"{registry}/password": Trait.MASKED | Trait.SECRET,
        "/armsConfiguration": Trait.WRITE_ONLY,
        "/armsConfiguration/armsLicenseKey": Trait.SECRET,
        "/artifactType": Trait.IMMUTABLE,
        "/codeConfiguration/zipFile": Trait.WRITE_ONLY,
        "/environmentVariables": Trait.HIDDEN,
        "/forceEvictInstances": Trait.ACTION,
        "/protocolConfiguration": Trait.UNRELIABLE,
        f"{setting}/headers": Trait.HIDDEN,
        f"{setting}/config": Trait.JSON,
        f"{setting}/inputBodyJsonSchema": Trait.JSON,
        f"{setting}/outputBodyJsonSchema": Trait.JSON,
        f"{setting}/a2aAgentCard": Trait.JSON,
        f"{setting}/A2AAgentCard": Trait.JSON,
        "/resourceGroupId": Trait.IMMUTABLE,
        "/networkConfiguration/vswitchIds": Trait.UNORDERED,
        "/systemTags": Trait.UNORDERED | Trait.TAGS,
        "/workspaceId": Trait.IMMUTABLE,
    }
    assert RULES.restarts
    assert RULES.always == ("cpu", "memory", "port")


def planned(wanted: dict[str, Any], shown: dict[str, Any]) -> Any:
    """The plan for one protocol setting against the one that a read shows."""

    def tree(setting: dict[str, Any]) -> dict[str, Any]:
        return {"cpu": 2, "protocolConfiguration": {"protocolSettings": [setting]}}

    live = Live("ar-1", tree(shown), Health.READY)
    return decide(desired("bot", **tree(wanted)), live, RULES).plan


@pytest.mark.parametrize(
    "name",
    ["config", "inputBodyJsonSchema", "outputBodyJsonSchema", "a2aAgentCard", "A2AAgentCard"],
)
def test_json_in_a_string_is_compared_as_json(name: str) -> None:
    """Blanks and the order of members are no difference; another value is one."""
    shown = {"type": "MCP", name: '{"path":"/mcp","retries":2}'}
    same = {"type": "MCP", name: '{ "retries": 2.0, "path": "/mcp" }'}
    assert isinstance(planned(same, shown), InSync)
    assert isinstance(planned({**same, name: '{"path":"/other","retries":2}'}, shown), Update)


def test_live_headers_that_nobody_declared_are_not_shown() -> None:
    """Headers may hold a bearer token, so a plan does not show what an update only carries."""
    shown = {"type": "MCP", "path": "/a", "headers": "Authorization: Bearer canary-0123456789"}
    plan = planned({"type": "MCP", "path": "/b"}, shown)
    assert isinstance(plan, Update)
    assert "canary" not in repr(plan)


def test_the_deprecated_credential_id_is_refused_with_the_field_to_use() -> None:
    """`credentialId` is not to be used: what the refusal suggests is `credentialName`."""
    assert "credentialId" not in AgentRuntimeSpec.model_fields
    assert nearest("credentialId", AgentRuntimeSpec.model_fields) == "credentialName"
