"""Pairs of an AgentRuntime manifest and a live AgentRuntime that differ in maps, lists and JSON.

FIELDS, NESTED and PUT are the tables of fields, of nested objects and of what a PUT does on the pages
`api-agentrun-2025-09-10-*` of help.aliyun.com; EXAMPLE is the reply in their example; E2E stands for
what the vendor's own end-to-end tests assert, SDK for the client's model classes, where the pages
are silent. RULE marks what no page can say: it is the contract of this program.
"""

from typing import Final

from tests.differ.corpus.case import Case, secret

FIELDS: Final = "AgentRuntime, table of fields"
NESTED: Final = "AgentRuntime, nested objects"
EXAMPLE: Final = "GetAgentRuntime, example reply"
RULE: Final = "semantics, section 5"

_ENV: Final = "environmentVariables"
_BOX: Final = "containerConfiguration"

DIFFERENT: Final = (
    # Maps are held whole
    Case(
        "a variable is new",
        RULE,
        {_ENV: {"A": "1", "B": "2"}},
        {_ENV: {"A": "1"}},
        ("/environmentVariables/B",),
    ),
    Case(
        "a variable is left over",
        RULE,
        {_ENV: {"A": "1"}},
        {_ENV: {"A": "1", "B": "2"}},
        ("/environmentVariables/B",),
    ),
    Case(
        "an empty variable is not an absent one",
        FIELDS,
        {_ENV: {"A": ""}},
        {_ENV: {}},
        ("/environmentVariables/A",),
    ),
    Case(
        "an absent variable is not an empty one",
        FIELDS,
        {_ENV: {}},
        {_ENV: {"A": ""}},
        ("/environmentVariables/A",),
    ),
    Case(
        "names of variables have a case",
        FIELDS,
        {_ENV: {"a": "1"}},
        {_ENV: {"A": "1"}},
        ("/environmentVariables/A", "/environmentVariables/a"),
    ),
    Case(
        "clearing all variables", RULE, {_ENV: None}, {_ENV: {"A": "1"}}, ("/environmentVariables",)
    ),
    Case(
        "a secret variable that was rotated",
        EXAMPLE,
        {_ENV: {"KEY": secret("new")}},
        {_ENV: {"KEY": "old"}},
        ("/environmentVariables/KEY",),
    ),
    Case(
        "a variable that ends in three stars is no mask by rule",
        EXAMPLE,
        {_ENV: {"GLOB": "x"}},
        {_ENV: {"GLOB": "a***"}},
        ("/environmentVariables/GLOB",),
    ),
    # Lists
    Case(
        "a command is a list in its order",
        FIELDS,
        {_BOX: {"command": ["a", "b"]}},
        {_BOX: {"command": ["b", "a"]}},
        ("/containerConfiguration/command",),
    ),
    Case(
        "a command with an empty word",
        EXAMPLE,
        {"codeConfiguration": {"command": []}},
        {"codeConfiguration": {"command": [""], "ossObjectName": "o"}},
        ("/codeConfiguration/command",),
    ),
    Case(
        "another switch, whatever the order",
        FIELDS,
        {"networkConfiguration": {"vswitchIds": ["v"]}},
        {"networkConfiguration": {"vswitchIds": ["v", "w"]}},
        ("/networkConfiguration/vswitchIds",),
    ),
    Case(
        "a tag too many",
        FIELDS,
        {"systemTags": ["a"]},
        {"systemTags": ["a", "b"]},
        ("/systemTags",),
    ),
    Case(
        "the same tag twice is another list",
        FIELDS,
        {"systemTags": ["a", "a"]},
        {"systemTags": ["a", "b"]},
        ("/systemTags",),
    ),
    Case(
        "a foreign tag stays the user's",
        "FIELDS: the CLI stamps x-agentrun-cli",
        {"systemTags": []},
        {"systemTags": ["x-agentrun-cli"]},
        ("/systemTags",),
    ),
    Case(
        "a member of one mount point",
        NESTED,
        {"nasConfig": {"mountPoints": [{"mountDir": "/b", "enableTLS": True}, {"mountDir": "/a"}]}},
        {
            "nasConfig": {
                "mountPoints": [{"mountDir": "/a"}, {"mountDir": "/b", "enableTLS": False}]
            }
        },
        ("/nasConfig/mountPoints/1/enableTLS",),
    ),
    Case(
        "a mount point more",
        NESTED,
        {"nasConfig": {"mountPoints": [{"mountDir": "/a"}, {"mountDir": "/b"}]}},
        {"nasConfig": {"mountPoints": [{"mountDir": "/a"}]}},
        ("/nasConfig/mountPoints",),
    ),
    Case(
        "another mountDir is another mount point",
        NESTED,
        {"nasConfig": {"mountPoints": [{"mountDir": "/a"}]}},
        {"nasConfig": {"mountPoints": [{"mountDir": "/A"}]}},
        ("/nasConfig/mountPoints",),
    ),
    Case(
        "a setting of a protocol",
        NESTED,
        {"protocolConfiguration": {"protocolSettings": [{"type": "HTTP", "path": "/x"}]}},
        {"protocolConfiguration": {"protocolSettings": [{"type": "HTTP", "path": "/y"}]}},
        ("/protocolConfiguration/protocolSettings/0/path",),
    ),
    # JSON in a text
    Case(
        "a config with another value",
        NESTED,
        {"protocolConfiguration": {"protocolSettings": [{"type": "A", "config": '{"a":1}'}]}},
        {"protocolConfiguration": {"protocolSettings": [{"type": "A", "config": '{"a":2}'}]}},
        ("/protocolConfiguration/protocolSettings/0/config",),
    ),
    Case(
        "a config with true for 1",
        NESTED,
        {"protocolConfiguration": {"protocolSettings": [{"type": "A", "config": '{"a":1}'}]}},
        {"protocolConfiguration": {"protocolSettings": [{"type": "A", "config": '{"a":true}'}]}},
        ("/protocolConfiguration/protocolSettings/0/config",),
    ),
    Case(
        "a config in another order of a list",
        NESTED,
        {"protocolConfiguration": {"protocolSettings": [{"type": "A", "config": "[1,2]"}]}},
        {"protocolConfiguration": {"protocolSettings": [{"type": "A", "config": "[2,1]"}]}},
        ("/protocolConfiguration/protocolSettings/0/config",),
    ),
    Case(
        "a variable is a text, even where it holds JSON",
        FIELDS,
        {_ENV: {"J": '{"a":1}'}},
        {_ENV: {"J": '{"a": 1}'}},
        ("/environmentVariables/J",),
    ),
    # Deep, beside what cannot be compared
    Case(
        "a user beside a mask",
        EXAMPLE,
        {_BOX: {"registryConfig": {"authConfig": {"userName": "v", "password": secret("abcdef")}}}},
        {_BOX: {"registryConfig": {"authConfig": {"userName": "u", "password": "abc***"}}}},
        ("/containerConfiguration/registryConfig/authConfig/userName",),
        unobservable=("/containerConfiguration/registryConfig/authConfig/password",),
    ),
    Case(
        "a certificate two levels down",
        NESTED,
        {_BOX: {"registryConfig": {"certConfig": {"insecure": True}}}},
        {_BOX: {"registryConfig": {"certConfig": {"insecure": False, "rootCaCertBase64": "cm9v"}}}},
        ("/containerConfiguration/registryConfig/certConfig/insecure",),
    ),
    # What an update cannot change
    Case(
        "Code does not become Container",
        "E2E: code 不允许转换为 container",
        {"artifactType": "Container"},
        {"artifactType": "Code"},
        ("/artifactType",),
        blocked=True,
    ),
    Case(
        "a workspace is not moved",
        "SDK: workspace is immutable",
        {"workspaceId": "ws-2"},
        {"workspaceId": "ws-1"},
        ("/workspaceId",),
        blocked=True,
    ),
)
