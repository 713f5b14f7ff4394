"""Pairs of an AppStage manifest and a live agent that differ.

FIELDS and LIMITS are the tables of `updateAgent` (support.huaweicloud.com/api-appstage/updateAgent.html,
2025-08-04), EXAMPLE its example of 29 properties, eight of them JSON in a text; READ is `getAgent` of
the same manual. RULE marks what no page can say: it is the contract of this program.
"""

from typing import Any, Final

from tests.differ.corpus.case import Case

FIELDS: Final = "updateAgent, table of properties"
EXAMPLE: Final = "updateAgent, example request and reply"
RULE: Final = "semantics, section 5"


def of(**properties: Any) -> dict[str, Any]:
    """An agent with these properties."""
    return {"properties": properties}


def at(name: str) -> tuple[str, ...]:
    """The difference in this property."""
    return (f"/properties/{name}",)


DIFFERENT: Final = (
    # Documents
    Case(
        "a member of a document",
        EXAMPLE,
        of(model_setting={"temperature": 0.5}),
        of(model_setting='{"temperature":0.3}'),
        at("model_setting/temperature"),
    ),
    Case(
        "a member that a document lacks",
        EXAMPLE,
        of(model_setting={"top_p": 0.1}),
        of(model_setting='{"temperature":0.3}'),
        at("model_setting/top_p"),
    ),
    Case(
        "a document that is not there",
        EXAMPLE,
        of(file_box={"is_open": True}),
        of(),
        at("file_box"),
    ),
    Case(
        "a document that is empty",
        FIELDS,
        of(file_box={"is_open": True}),
        of(file_box=""),
        at("file_box"),
    ),
    Case(
        "a text that is no JSON",
        RULE,
        of(file_box={"is_open": True}),
        of(file_box="open"),
        at("file_box"),
    ),
    Case(
        "NaN is no JSON",
        "RFC 8259, section 6",
        of(model_setting={"temperature": 1}),
        of(model_setting='{"temperature":NaN}'),
        at("model_setting"),
    ),
    Case(
        "a document that is a list",
        RULE,
        of(workflow_settings={"call_method": "a"}),
        of(workflow_settings="[]"),
        at("workflow_settings"),
    ),
    Case(
        "a boolean where audio has a text",
        EXAMPLE,
        of(audio_settings={"audio_input": "true"}),
        of(audio_settings='{"audio_input":true}'),
        at("audio_settings/audio_input"),
    ),
    Case(
        "a text where memory has a boolean",
        EXAMPLE,
        of(fragment_memory_settings={"enable": True}),
        of(fragment_memory_settings='{"enable":"true"}'),
        at("fragment_memory_settings/enable"),
    ),
    Case(
        "1 where memory has a boolean",
        EXAMPLE,
        of(fragment_memory_settings={"enable": True}),
        of(fragment_memory_settings='{"enable":1}'),
        at("fragment_memory_settings/enable"),
    ),
    Case(
        "a number that is a text inside",
        EXAMPLE,
        of(knowledge_setting={"maximum_recalls": 3}),
        of(knowledge_setting='{"maximum_recalls":"3"}'),
        at("knowledge_setting/maximum_recalls"),
    ),
    Case(
        "0 is not an absent number",
        RULE,
        of(model_setting={"temperature": 0}),
        of(model_setting='{"top_p":1}'),
        at("model_setting/temperature"),
    ),
    Case(
        "false is not an absent boolean of a document",
        RULE,
        of(file_box={"is_open": False}),
        of(file_box='{"other":1}'),
        at("file_box/is_open"),
    ),
    Case(
        "a variable more",
        EXAMPLE,
        of(variable_settings={"content": [{"name": "v"}]}),
        of(variable_settings='{"content":[]}'),
        at("variable_settings/content"),
    ),
    Case(
        "a member of the user's own in a document",
        FIELDS,
        of(model_setting={"seed": 7}),
        of(model_setting='{"seed":8}'),
        at("model_setting/seed"),
    ),
    Case(
        "clearing a document",
        RULE,
        of(knowledge_setting=None),
        of(knowledge_setting='{"call_method":"auto"}'),
        at("knowledge_setting"),
    ),
    Case(
        "big numbers in a document",
        RULE,
        of(model_setting={"seed": 9007199254740993}),
        of(model_setting='{"seed":9007199254740992}'),
        at("model_setting/seed"),
    ),
    # Properties
    Case(
        "a prompt, one word",
        EXAMPLE,
        of(instructions="你是助手"),
        of(instructions="你是专家"),
        at("instructions"),
    ),
    Case(
        "<br> is no line end",
        "EXAMPLE: instructions have <br>",
        of(instructions="a<br>b"),
        of(instructions="a\nb"),
        at("instructions"),
    ),
    Case(
        "<br> is not <br/>",
        EXAMPLE,
        of(instructions="a<br>b"),
        of(instructions="a<br/>b"),
        at("instructions"),
    ),
    Case(
        "composed and decomposed letters",
        RULE,
        of(description="caf\u00e9"),
        of(description="cafe\u0301"),
        at("description"),
    ),
    Case(
        "half and full width punctuation",
        RULE,
        of(prologue="你好,"),
        of(prologue="你好，"),
        at("prologue"),
    ),
    Case(
        "an ideographic space",
        RULE,
        of(prologue="你 好"),
        of(prologue="你\u3000好"),
        at("prologue"),
    ),
    Case(
        "a markdown star",
        RULE,
        of(instructions="**a**"),
        of(instructions="*a*"),
        at("instructions"),
    ),
    Case("a text against null", EXAMPLE, of(logo="x"), of(logo=None), at("logo")),
    Case(
        "an empty text against a set one",
        RULE,
        of(prologue=""),
        of(prologue="你好"),
        at("prologue"),
    ),
    Case("a switch", EXAMPLE, of(isEnable=True), of(isEnable=False), at("isEnable")),
    Case(
        "a switch that is a text", EXAMPLE, of(isEnable=True), of(isEnable="true"), at("isEnable")
    ),
    Case(
        "a model",
        EXAMPLE,
        of(model_id="publisher:zhipu:glm-4"),
        of(model_id="publisher:zhipu:glm-5"),
        at("model_id"),
    ),
    Case(
        "one empty text is not the empty list",
        "RULE: nothing is held equal that no page calls equal",
        of(suggest_query=[]),
        of(suggest_query=[""]),
        at("suggest_query"),
    ),
    Case(
        "questions have an order",
        FIELDS,
        of(suggest_query=["a", "b"]),
        of(suggest_query=["b", "a"]),
        at("suggest_query"),
    ),
    Case("clearing a list", RULE, of(tools=None), of(tools=[{"id": "t"}]), at("tools")),
    Case("a tool more", FIELDS, of(tools=[{"id": "t"}]), of(tools=[]), at("tools")),
    Case(
        "a member of a tool: items are not described, so the list is held whole",
        FIELDS,
        of(tools=[{"id": "t", "on": True}]),
        of(tools=[{"id": "t", "on": False}]),
        at("tools"),
    ),
    Case(
        "a tool's true is not 1", RULE, of(tools=[{"on": True}]), of(tools=[{"on": 1}]), at("tools")
    ),
    Case(
        "a member that a tool has too much",
        FIELDS,
        of(tools=[{"id": "t"}]),
        of(tools=[{"id": "t", "on": True}]),
        at("tools"),
    ),
    Case("an own property", FIELDS, of(team_note="x"), of(team_note="y"), at("team_note")),
    Case("an own property that is not there", FIELDS, of(team_note="x"), of(), at("team_note")),
    Case(
        "an own number that is a text", RULE, of(team={"n": 1}), of(team={"n": "1"}), at("team/n")
    ),
    # Region and tags
    Case("a region", EXAMPLE, {"region": "cn-north-4"}, {"region": "cn-north-5"}, ("/region",)),
    Case("a tag more", EXAMPLE, {"tags": ["a", "b"]}, {"tags": ["a"]}, ("/tags",)),
    Case("a foreign tag", EXAMPLE, {"tags": []}, {"tags": ["console"]}, ("/tags",)),
)
