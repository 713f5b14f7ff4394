"""What may stand in `spec` of an AppStage agent."""

from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel, BeforeValidator, ValidationError
from pydantic.fields import FieldInfo

from reconciler.model.rules import Field, Shape, Trait, secret_name
from reconciler.providers.appstage.rules import DOCUMENTS, RULES
from reconciler.providers.appstage.schema import AgentSpec
from tests.support.appstage import AGENT, EXAMPLE

SHAPES: dict[Any, Shape] = {
    str: Shape.STRING,
    int: Shape.NUMBER,
    float: Shape.NUMBER,
    bool: Shape.BOOLEAN,
    Any: Shape.ANY,
}


def check(properties: dict[str, Any] | None = None, **top: Any) -> AgentSpec:
    return AgentSpec.model_validate({"agentId": AGENT, "properties": properties, **top})


def first_error(properties: dict[str, Any] | None = None, **top: Any) -> tuple[str, str]:
    with pytest.raises(ValidationError) as caught:
        check(properties, **top)
    error = caught.value.errors()[0]
    return ".".join(str(part) for part in error["loc"]), error["msg"]


def bare(annotation: Any) -> Any:
    """An annotation without None and without its constraints."""
    if get_origin(annotation) is Annotated:
        return bare(get_args(annotation)[0])
    rest = [arm for arm in get_args(annotation) if arm is not type(None)]
    if type(None) in get_args(annotation):
        assert len(rest) == 1
        return bare(rest[0])
    return annotation


def shape_of(annotation: Any, *, parsed: bool = False) -> tuple[Shape, Any]:
    kind = bare(annotation)
    if get_origin(kind) is list:
        return Shape.LIST, get_args(kind)[0]
    if get_origin(kind) is Literal:
        return Shape.STRING, None
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return (Shape.DOCUMENT if parsed else Shape.OBJECT), kind
    return SHAPES[kind], None


def assert_agree(path: str, info: FieldInfo, rule: Field) -> None:
    parsed = any(isinstance(extra, BeforeValidator) for extra in info.metadata)
    shape, inner = shape_of(info.annotation, parsed=parsed)
    assert rule.shape is shape, path
    if shape is Shape.LIST:
        assert rule.item is not None, path
        assert rule.item.shape is shape_of(inner)[0], path
    if shape in (Shape.OBJECT, Shape.DOCUMENT):
        assert rule.open == (inner.model_config["extra"] == "allow"), path
        assert_same_members(path, inner, rule)


def assert_same_members(path: str, model: type[BaseModel], rule: Field) -> None:
    assert set(model.model_fields) == set(rule.members), path
    for name, info in model.model_fields.items():
        assert info.description, f"{path}/{name} has no description"
        assert_agree(f"{path}/{name}", info, rule.members[name])


def test_schema_and_rules_name_the_same_members_and_shapes() -> None:
    """Whatever may be written has a rule of the same shape, and the other way round."""
    assert_same_members("", AgentSpec, RULES.root)


def test_the_vendors_example_has_29_known_properties() -> None:
    """The published request passes as it stands, and every property of it is known."""
    spec = AgentSpec.model_validate({"agentId": AGENT, **EXAMPLE["request"]})
    assert spec.properties is not None
    assert spec.properties.model_extra == {}
    assert set(EXAMPLE["request"]["properties"]) == set(RULES.root.members["properties"].members)
    assert len(EXAMPLE["request"]["properties"]) == 29


def test_eight_properties_are_documents() -> None:
    """The JSON strings of the example are those that the rules call documents."""
    strings = {
        name
        for name, value in EXAMPLE["request"]["properties"].items()
        if isinstance(value, str) and value.startswith("{")
    }
    assert strings == DOCUMENTS
    assert len(DOCUMENTS) == 8


def test_a_document_is_a_mapping_or_a_string() -> None:
    """Both spellings of a document are checked alike, and name the same values."""
    as_text = check({"model_setting": '{"temperature": 0.3, "future": 1}'})
    as_mapping = check({"model_setting": {"temperature": 0.3, "future": 1}})
    assert as_text == as_mapping


def test_everything_but_the_id_may_be_left_out_or_null() -> None:
    """Absent is not ours and null asks to clear, for every field."""
    for name in RULES.root.members["properties"].members:
        check({name: None})
    assert AgentSpec.model_validate({"agentId": AGENT}).region is None
    check(None, region=None, tags=None)


@pytest.mark.parametrize("agent_id", [AGENT, "1945302373868744706", "a", "Z" * 64])
def test_an_id_of_another_length_passes(agent_id: str) -> None:
    """The vendor's page says 32 characters and its example shows 19: both are ids."""
    assert AgentSpec.model_validate({"agentId": agent_id}).agentId == agent_id


@pytest.mark.parametrize("agent_id", ["", "a-b", "../x", "Z" * 65, "agent\n", "智能体", 7, None])
def test_an_id_that_is_none_is_refused(agent_id: Any) -> None:
    """What is no id never gets near a path."""
    with pytest.raises(ValidationError):
        AgentSpec.model_validate({"agentId": agent_id})


@pytest.mark.parametrize(
    "properties",
    [
        {"name": "大话设计模式"},
        {"name": "a" * 20},
        {"description": "x" * 199},
        {"instructions": "字" * 3999},
        {"prologue": "x" * 199},
        {"knowledge_setting": {"knowledge_prompt": "x" * (4999 - len('{"knowledge_prompt":""}'))}},
        {"knowledge_setting": ""},
        {"file_box": {"is_open": True}},
        {"file_box": {"is_open": True}, "agent_work_type": "agent_llm"},
        {"file_box": {}, "agent_work_type": "agent_operator"},
        {"file_box": "", "agent_work_type": "agent_operator"},
        {"my_own": {"anything": [1, None]}},
        {"model_setting": {"max_tokens": 2048.0}},
    ],
)
def test_what_the_page_allows_passes(properties: dict[str, Any]) -> None:
    """The longest and the oddest that the vendor's page allows is taken."""
    assert check(properties).properties is not None


@pytest.mark.parametrize(
    ("properties", "where"),
    [
        ({"name": ""}, "name"),
        ({"name": "a" * 21}, "name"),
        ({"name": "1st"}, "name"),
        ({"name": "_x"}, "name"),
        ({"name": "a-b"}, "name"),
        ({"name": "ok\n"}, "name"),
        ({"description": "x" * 200}, "description"),
        ({"instructions": "字" * 4000}, "instructions"),
        ({"prologue": "x" * 200}, "prologue"),
        (
            {
                "knowledge_setting": {
                    "knowledge_prompt": "x" * (5000 - len('{"knowledge_prompt":""}'))
                }
            },
            "knowledge_setting",
        ),
        ({"agent_work_type": "agent_other"}, "agent_work_type"),
        ({"file_box": {"is_open": False}, "agent_work_type": "agent_operator"}, "file_box"),
        ({"file_box": '{"is_open":true}', "agent_work_type": "agent_operator"}, "file_box"),
        ({"model_setting": "[1]"}, "model_setting"),
        ({"model_setting": "{"}, "model_setting"),
        ({"model_setting": {"temperature": "0.3"}}, "model_setting.temperature"),
        ({"audio_settings": {"audio_input": False}}, "audio_settings.audio_input"),
        ({"isEnable": "false"}, "isEnable"),
        ({"suggest_query": [1]}, "suggest_query.0"),
        ({"tools": {}}, "tools"),
    ],
)
def test_what_the_page_forbids_is_refused_in_its_place(
    properties: dict[str, Any], where: str
) -> None:
    """Each documented limit is checked, and the complaint names the member."""
    assert first_error(properties)[0] == f"properties.{where}"


def test_file_box_says_where_it_belongs() -> None:
    """A file box on the wrong kind of agent is told before the cloud answers AIAE.20002037."""
    _, text = first_error({"agent_work_type": "agent_operator", "file_box": {"is_open": True}})
    assert "only an agent with agent_work_type agent_llm has a file box" in text


@pytest.mark.parametrize("tag", [*"<>*/%&:\\?+", "a\tb", "\x00", "\x7f", "\x85", "x" * 770])
def test_a_tag_with_a_forbidden_character_is_refused(tag: str) -> None:
    """Tags keep to the vendor's alphabet and length."""
    assert first_error(None, tags=["fine", tag])[0] == "tags.1"


def test_tags_are_at_most_fifteen() -> None:
    """The sixteenth tag is one too many."""
    assert check(None, tags=["团队=支持"] * 15).tags == ["团队=支持"] * 15
    assert first_error(None, tags=["t"] * 16)[0] == "tags"


def test_an_unknown_top_level_field_is_refused() -> None:
    """Only what the request has may stand at the top."""
    assert first_error(None, regoin="cn-north-4")[0] == "regoin"


def test_only_no_value_and_the_empty_list_are_equal_in_suggest_query() -> None:
    """One empty suggestion is a value of its own: no page calls it the same as none."""
    assert RULES.root.members["properties"].members["suggest_query"].unset == ([],)


def test_what_the_cloud_computes_is_never_ours() -> None:
    """The six fields that the cloud sets are marked so, and the key is a secret everywhere."""
    properties = RULES.root.members["properties"].members
    computed = {name for name, rule in properties.items() if rule.has(Trait.SERVER)}
    assert computed == {"asset_status", "type", "id", "agent_uri", "web_uri", "api_key"}
    assert properties["api_key"].has(Trait.SECRET)
    assert "apikey" in RULES.secret_names


def test_no_other_documented_field_is_taken_for_a_secret() -> None:
    """Of all members that the rules name, `max_tokens` among them, only the key is sealed."""

    def names(rule: Field) -> set[str]:
        return set(rule.members).union(*map(names, rule.members.values()))

    every = names(RULES.root)
    assert "max_tokens" in every
    assert {name for name in every if secret_name(name) in RULES.secret_names} == {"api_key"}
