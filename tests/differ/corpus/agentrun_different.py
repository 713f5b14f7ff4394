"""Pairs of an AgentRuntime manifest and a live AgentRuntime that differ.

FIELDS, NESTED and PUT are the tables of fields, of nested objects and of what a PUT does on the pages
`api-agentrun-2025-09-10-*` of help.aliyun.com; EXAMPLE is the reply in their example; E2E stands for
what the vendor's own end-to-end tests assert, SDK for the client's model classes, where the pages
are silent. RULE marks what no page can say: it is the contract of this program.
"""

from typing import Final

from tests.differ.corpus.case import Case

FIELDS: Final = "AgentRuntime, table of fields"
NESTED: Final = "AgentRuntime, nested objects"
EXAMPLE: Final = "GetAgentRuntime, example reply"
E2E: Final = "the vendor's end-to-end tests of UpdateAgentRuntime"
SDK: Final = "model classes of the client 5.7.5"
RULE: Final = "semantics, section 5"

_ENV: Final = "environmentVariables"
_BOX: Final = "containerConfiguration"

DIFFERENT: Final = (
    # Types
    Case(
        "a text is no number",
        RULE,
        {_ENV: {"A": "1"}},
        {_ENV: {"A": 1}},
        ("/environmentVariables/A",),
    ),
    Case("a number is no text", RULE, {"memory": 2048}, {"memory": "2048"}, ("/memory",)),
    Case(
        "true is not 1",
        RULE,
        {"enableSessionIsolation": True},
        {"enableSessionIsolation": 1},
        ("/enableSessionIsolation",),
    ),
    Case("1 is not true", RULE, {"diskSize": 1}, {"diskSize": True}, ("/diskSize",)),
    Case(
        "true is no text",
        RULE,
        {"disableOndemand": True},
        {"disableOndemand": "true"},
        ("/disableOndemand",),
    ),
    Case(
        "a list is no text",
        RULE,
        {_BOX: {"command": ["a"]}},
        {_BOX: {"command": "a"}},
        ("/containerConfiguration/command",),
    ),
    Case(
        "a list is no object",
        RULE,
        {"logConfiguration": {"project": "p"}},
        {"logConfiguration": ["p"]},
        ("/logConfiguration",),
    ),
    # Numbers
    Case("2 is not 2.5", FIELDS, {"cpu": 2}, {"cpu": 2.5}, ("/cpu",)),
    Case(
        "big numbers that a float would confuse",
        RULE,
        {"diskSize": 9007199254740993},
        {"diskSize": 9007199254740992},
        ("/diskSize",),
    ),
    Case("a sum that a float rounds", RULE, {"cpu": 0.3}, {"cpu": 0.1 + 0.2}, ("/cpu",)),
    Case(
        "a user id of 0 is a value: root",
        NESTED,
        {"nasConfig": {"userId": 0}},
        {"nasConfig": {"userId": 100}},
        ("/nasConfig/userId",),
    ),
    Case(
        "a user id of 0 is not an absent one",
        NESTED,
        {"nasConfig": {"userId": 0}},
        {"nasConfig": {"groupId": 1}},
        ("/nasConfig/userId",),
    ),
    Case(
        "no delay is not an absent one",
        NESTED,
        {"healthCheckConfiguration": {"initialDelaySeconds": 0}},
        {"healthCheckConfiguration": {"periodSeconds": 3}},
        ("/healthCheckConfiguration/initialDelaySeconds",),
    ),
    # Set and unset
    Case(
        "a declared text against an empty one",
        EXAMPLE,
        {"description": "a"},
        {"description": ""},
        ("/description",),
    ),
    Case(
        "a declared text against null",
        E2E,
        {"description": "a"},
        {"description": None},
        ("/description",),
    ),
    Case(
        "an empty text against a set one",
        FIELDS,
        {"description": ""},
        {"description": "a"},
        ("/description",),
    ),
    Case(
        "null asks for clearing",
        RULE,
        {"description": None},
        {"description": "a"},
        ("/description",),
    ),
    Case("a flag that is on", FIELDS, {"disableOndemand": True}, {}, ("/disableOndemand",)),
    Case(
        "a flag that is off against on",
        FIELDS,
        {"disableOndemand": False},
        {"disableOndemand": True},
        ("/disableOndemand",),
    ),
    Case("a disk against 0", EXAMPLE, {"diskSize": 512}, {"diskSize": 0}, ("/diskSize",)),
    Case(
        "an object that is not there",
        FIELDS,
        {"logConfiguration": {"project": "p"}},
        {},
        ("/logConfiguration",),
    ),
    Case(
        "an object that is empty",
        "CLI commit b9423c0",
        {"logConfiguration": {"project": "p"}},
        {"logConfiguration": {}},
        ("/logConfiguration",),
    ),
    Case(
        "a number has no value that clears it",
        "PUT: how to clear is documented nowhere",
        {"diskSize": None},
        {"diskSize": 512},
        ("/diskSize",),
        blocked=True,
    ),
    Case(
        "nor has an object",
        "PUT: how to clear nasConfig is documented nowhere",
        {"nasConfig": None},
        {"nasConfig": {"userId": 7}},
        ("/nasConfig",),
        blocked=True,
    ),
    # Aliases and words
    Case(
        "NONE is not COOKIE",
        SDK,
        {"sessionAffinityType": "COOKIE"},
        {"sessionAffinityType": "NONE"},
        ("/sessionAffinityType",),
    ),
    Case(
        "words are compared with their case",
        FIELDS,
        {"networkConfiguration": {"networkMode": "PUBLIC"}},
        {"networkConfiguration": {"networkMode": "public"}},
        ("/networkConfiguration/networkMode",),
    ),
    Case(
        "vSwitchId of a registry is not vswitchIds",
        NESTED,
        {"networkConfiguration": {"vswitchIds": ["v"]}},
        {"networkConfiguration": {"vSwitchId": "v"}},
        ("/networkConfiguration/vswitchIds",),
    ),
    Case(
        "an image's tag",
        EXAMPLE,
        {_BOX: {"image": "i:v3"}},
        {_BOX: {"image": "i:v2"}},
        ("/containerConfiguration/image",),
    ),
    Case(
        "an image's digest",
        EXAMPLE,
        {_BOX: {"image": "i@sha256:aa"}},
        {_BOX: {"image": "i@sha256:ab"}},
        ("/containerConfiguration/image",),
    ),
    # Text by code point
    Case(
        "composed and decomposed letters",
        RULE,
        {"description": "\u00e9"},
        {"description": "e\u0301"},
        ("/description",),
    ),
    Case(
        "full width and ASCII",
        RULE,
        {"description": "\uff21"},
        {"description": "A"},
        ("/description",),
    ),
    Case(
        "a CJK compatibility ideograph",
        RULE,
        {"description": "\uf900"},
        {"description": "\u8c48"},
        ("/description",),
    ),
    Case(
        "a space at the end", RULE, {"description": "a"}, {"description": "a "}, ("/description",)
    ),
    Case(
        "a line end at the end",
        RULE,
        {"description": "a\n"},
        {"description": "a"},
        ("/description",),
    ),
    Case(
        "CRLF is not LF",
        RULE,
        {_ENV: {"A": "1\n2"}},
        {_ENV: {"A": "1\r\n2"}},
        ("/environmentVariables/A",),
    ),
    Case(
        "an invisible character",
        RULE,
        {"description": "a"},
        {"description": "a\u200b"},
        ("/description",),
    ),
    Case(
        "<br> is no line end",
        RULE,
        {"description": "a<br>b"},
        {"description": "a\nb"},
        ("/description",),
    ),
)
