"""Pairs of an AppStage manifest and a live agent that are equal.

FIELDS and LIMITS are the tables of `updateAgent` (support.huaweicloud.com/api-appstage/updateAgent.html,
2025-08-04), EXAMPLE its example of 29 properties, eight of them JSON in a text; READ is `getAgent` of
the same manual. RULE marks what no page can say: it is the contract of this program.
"""

from typing import Any, Final

from tests.differ.corpus.case import Case

FIELDS: Final = "updateAgent, table of properties"
EXAMPLE: Final = "updateAgent, example request and reply"
READ: Final = "getAgent, reply"
RULE: Final = "semantics, section 5"


def of(**properties: Any) -> dict[str, Any]:
    """An agent with these properties."""
    return {"properties": properties}


EQUAL: Final = (
    # The eight documents
    Case(
        "a document by member",
        EXAMPLE,
        of(model_setting={"temperature": 0.3, "top_p": 0.3}),
        of(model_setting='{"temperature":0.3,"top_p":0.3}'),
    ),
    Case(
        "members in another order",
        EXAMPLE,
        of(model_setting={"top_p": 0.3, "temperature": 0.3}),
        of(model_setting='{"temperature":0.3,"top_p":0.3}'),
    ),
    Case(
        "a document with spaces",
        RULE,
        of(qa_model_setting={"max_tokens": 2048}),
        of(qa_model_setting='{ "max_tokens" : 2048 }'),
    ),
    Case(
        "an undeclared member of a document",
        RULE,
        of(model_setting={"temperature": 0.3}),
        of(model_setting='{"temperature":0.3,"max_tokens":9}'),
    ),
    Case(
        "a number in a document by value",
        EXAMPLE,
        of(model_setting={"frequency_penalty": 0}),
        of(model_setting='{"frequency_penalty":0.0}'),
    ),
    Case(
        "a number with an exponent",
        RULE,
        of(model_setting={"temperature": 0.3}),
        of(model_setting='{"temperature":3e-1}'),
    ),
    Case(
        "a document that is given as a text",
        FIELDS,
        of(workflow_settings='{"call_method": "summary"}'),
        of(workflow_settings='{"call_method":"summary"}'),
    ),
    Case(
        "a document that a read shows as an object",
        RULE,
        of(workflow_settings={"call_method": "summary"}),
        of(workflow_settings={"call_method": "summary"}),
    ),
    Case(
        "booleans of audio are texts inside",
        EXAMPLE,
        of(audio_settings={"audio_input": "false", "audio_output": "false"}),
        of(audio_settings='{"audio_input":"false","audio_output":"false"}'),
    ),
    Case(
        "booleans of memory are booleans",
        EXAMPLE,
        of(fragment_memory_settings={"enable": False}),
        of(fragment_memory_settings='{"auto_update":true,"enable":false}'),
    ),
    Case(
        "the file box", EXAMPLE, of(file_box={"is_open": False}), of(file_box='{"is_open":false}')
    ),
    Case(
        "a list in a document",
        EXAMPLE,
        of(variable_settings={"content": []}),
        of(variable_settings='{"content":[]}'),
    ),
    Case(
        "variables in a document",
        EXAMPLE,
        of(variable_settings={"content": [{"name": "v"}]}),
        of(variable_settings='{"content":[{"name":"v"}]}'),
    ),
    Case(
        "knowledge",
        EXAMPLE,
        of(knowledge_setting={"maximum_recalls": 3, "similarity_min": 0.7}),
        of(knowledge_setting='{"call_method":"auto","maximum_recalls":3,"similarity_min":0.7}'),
    ),
    Case(
        "Chinese in a document, escaped on the wire",
        RULE,
        of(knowledge_setting={"knowledge_prompt": "客服"}),
        of(knowledge_setting='{"knowledge_prompt":"\\u5ba2\\u670d"}'),
    ),
    Case(
        "a slash in a document, escaped on the wire",
        RULE,
        of(workflow_settings={"call_method": "a/b"}),
        of(workflow_settings='{"call_method":"a\\/b"}'),
    ),
    Case(
        "a document may be empty",
        "FIELDS: knowledgeSetting may be empty",
        of(knowledge_setting={}),
        of(knowledge_setting=""),
    ),
    Case(
        "an empty document is none", FIELDS, of(knowledge_setting=None), of(knowledge_setting="{}")
    ),
    Case("a document that is null", FIELDS, of(file_box={}), of(file_box=None)),
    Case(
        "members that are unset in a document that is not there",
        RULE,
        of(knowledge_setting={"knowledge_prompt": ""}),
        of(),
    ),
    # Properties
    Case("an undeclared property is not compared", RULE, of(), of(prologue="theirs")),
    Case("a property of the user's own", FIELDS, of(team_note="x"), of(team_note="x")),
    Case(
        "an own property that is an object",
        FIELDS,
        of(team={"a": [1, 2.0]}),
        of(team={"a": [1.0, 2]}),
    ),
    Case(
        "a live property that is newer than this program",
        FIELDS,
        of(name="n"),
        of(name="n", canvas={"a": 1}),
    ),
    Case("an empty text is an absent one", RULE, of(prologue=""), of()),
    Case("an empty text is null", EXAMPLE, of(logo=""), of(logo=None)),
    Case("null is an empty text", EXAMPLE, of(qa_model_id=None), of(qa_model_id="")),
    Case("a switch that is off is absent", EXAMPLE, of(isEnable=False), of()),
    Case(
        "a list that is null",
        "EXAMPLE: mcp_servers is null",
        of(mcp_servers=[]),
        of(mcp_servers=None),
    ),
    Case("clearing a list that is empty", EXAMPLE, of(tools=None), of(tools=[])),
    Case("a list with one empty text", EXAMPLE, of(suggest_query=[""]), of(suggest_query=[""])),
    Case(
        "tools as they are",
        FIELDS,
        of(tools=[{"id": "t", "on": True}]),
        of(tools=[{"on": True, "id": "t"}]),
    ),
    # What the server computes
    Case(
        "its id is the server's, whatever is declared",
        EXAMPLE,
        of(id="1"),
        of(id="1945302373868744706"),
    ),
    Case("so is its type", EXAMPLE, of(type=2), of(type=1)),
    Case("and its status", EXAMPLE, of(asset_status="1"), of(asset_status="0")),
    Case(
        "addresses of a published agent",
        EXAMPLE,
        of(name="n"),
        of(name="n", agent_uri="https://a", web_uri="https://b"),
    ),
    Case(
        "a live key is sealed and not compared",
        EXAMPLE,
        of(name="n"),
        of(name="n", api_key="sk-live"),
    ),
    Case("a masked live key is not compared", RULE, of(name="n"), of(name="n", api_key="sk-***")),
    # Region and tags, which the documented read does not have
    Case(
        "a region that no read shows",
        READ,
        {"region": "cn-north-5"},
        {"region": None},
        unobservable=("/region",),
    ),
    Case("tags that no read shows", READ, {"tags": ["a"]}, {"tags": None}, unobservable=("/tags",)),
    Case("a region that is shown", EXAMPLE, {"region": "cn-north-5"}, {"region": "cn-north-5"}),
    Case("tags are a set", EXAMPLE, {"tags": ["b", "a"]}, {"tags": ["a", "b"]}),
    # Text
    Case(
        "a prompt with <br>",
        EXAMPLE,
        of(instructions="**角色**:<br>你是"),
        of(instructions="**角色**:<br>你是"),
    ),
    Case("a prompt with line ends", RULE, of(instructions="a\nb\n"), of(instructions="a\nb\n")),
    Case("the time of the last update moves by itself", READ, {}, {"update_time": 1754269200123}),
    Case("and may be a text", READ, {}, {"update_time": "1754269200123"}),
)
