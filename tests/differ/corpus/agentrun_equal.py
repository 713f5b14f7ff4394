"""Pairs of an AgentRuntime manifest and a live AgentRuntime that are equal.

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
E2E: Final = "the vendor's end-to-end tests of UpdateAgentRuntime"
SDK: Final = "model classes of the client 5.7.5"
RULE: Final = "semantics, section 5"

_ENV: Final = "environmentVariables"
_BOX: Final = "containerConfiguration"

EQUAL: Final = (
    # What a read shows where nothing is set
    Case("an undeclared field is not compared", RULE, {}, {"description": "theirs"}),
    Case("a field that is absent is not ours", RULE, {}, {"diskSize": 512}),
    Case("a text that is unset reads as empty", EXAMPLE, {"description": ""}, {}),
    Case("and as null", E2E, {"description": ""}, {"description": None}),
    Case("clearing what is absent", RULE, {"description": None}, {}),
    Case("clearing what reads as empty", EXAMPLE, {"edition": None}, {"edition": ""}),
    Case("clearing what reads as null", RULE, {"description": None}, {"description": None}),
    Case("a flag that is off reads as absent", FIELDS, {"disableOndemand": False}, {}),
    Case(
        "a flag that is off reads as false",
        EXAMPLE,
        {"disableOndemand": False},
        {"disableOndemand": False},
    ),
    Case("clearing a disk that reads as 0", EXAMPLE, {"diskSize": None}, {"diskSize": 0}),
    Case("a number that is unset reads as 0", EXAMPLE, {"diskSize": 0}, {}),
    Case("an empty object is an absent one", FIELDS, {"logConfiguration": {}}, {}),
    Case(
        "a live object can be empty",
        "CLI commit b9423c0: empty logConfiguration",
        {"logConfiguration": None},
        {"logConfiguration": {}},
    ),
    Case(
        "an object whose declared members all say unset",
        FIELDS,
        {"logConfiguration": {"project": ""}},
        {"logConfiguration": None},
    ),
    Case(
        "a live object whose members are all unset is none",
        EXAMPLE,
        {"logConfiguration": None},
        {"logConfiguration": {"project": "", "logstore": ""}},
    ),
    Case("variables that were never set read as null", E2E, {_ENV: {}}, {_ENV: None}),
    Case("variables that were never set are absent", E2E, {_ENV: {}}, {}),
    Case("a null variable asks for its absence", RULE, {_ENV: {"A": None}}, {_ENV: {}}),
    Case(
        "a live null variable is none",
        "PUT: a null inside a map goes as null",
        {_ENV: {}},
        {_ENV: {"N": None}},
    ),
    Case(
        "an empty list is an absent one",
        E2E,
        {_BOX: {"image": "i", "command": []}},
        {_BOX: {"image": "i"}},
    ),
    Case(
        "an empty list of tags is an absent one", FIELDS, {"systemTags": []}, {"systemTags": None}
    ),
    Case(
        "mount points that are unset read as an empty list",
        SDK,
        {"nasConfig": {"mountPoints": []}},
        {"nasConfig": {"userId": 1, "mountPoints": None}},
    ),
    # What the server adds and computes
    Case(
        "a default of the server's is its own",
        "E2E: the SDK sends nothing, a read gives 1",
        {},
        {"sessionConcurrencyLimitPerInstance": 1},
    ),
    Case(
        "a declared value that is the server's default",
        E2E,
        {"sessionConcurrencyLimitPerInstance": 1},
        {"sessionConcurrencyLimitPerInstance": 1},
    ),
    Case(
        "members that the server adds to an object",
        RULE,
        {_BOX: {"image": "i"}},
        {_BOX: {"image": "i", "imageRegistryType": "ACR", "port": 5000}},
    ),
    Case(
        "members that it adds two levels down",
        NESTED,
        {_BOX: {"registryConfig": {"certConfig": {"insecure": True}}}},
        {
            _BOX: {
                "registryConfig": {
                    "certConfig": {"insecure": True, "rootCaCertBase64": ""},
                    "networkConfig": {"vpcId": "v"},
                }
            }
        },
    ),
    Case(
        "members that it adds to an element of a list",
        NESTED,
        {"nasConfig": {"mountPoints": [{"mountDir": "/a"}]}},
        {"nasConfig": {"mountPoints": [{"mountDir": "/a", "enableTLS": True, "serverAddr": "s"}]}},
    ),
    Case(
        "a live field that is newer than this program",
        SDK,
        {},
        {"quantumConfiguration": {"qubits": 7}},
    ),
    Case(
        "the time of the last update moves by itself",
        FIELDS,
        {},
        {"lastUpdatedAt": "2030-01-01T00:00:00Z"},
    ),
    Case(
        "times with and without fractions",
        E2E,
        {},
        {"createdAt": "2025-01-10T10:30:00.123456+00:00"},
    ),
    Case("a version is a number in the older example", EXAMPLE, {}, {"agentRuntimeVersion": 1}),
    Case("a version is a text in the newer one", EXAMPLE, {}, {"agentRuntimeVersion": "2"}),
    # Aliases
    Case(
        "COOKIE reads as GENERATED_COOKIE",
        SDK,
        {"sessionAffinityType": "COOKIE"},
        {"sessionAffinityType": "GENERATED_COOKIE"},
    ),
    Case(
        "the alias itself, should a read show it",
        SDK,
        {"sessionAffinityType": "GENERATED_COOKIE"},
        {"sessionAffinityType": "COOKIE"},
    ),
    # Numbers
    Case("2 is 2.0", RULE, {"cpu": 2}, {"cpu": 2.0}),
    Case("4.0 is 4", "FIELDS: cpu is a float", {"cpu": 4.0}, {"cpu": 4}),
    Case("0.5 is 5e-1", RULE, {"cpu": 0.5}, {"cpu": 5e-1}),
    Case(
        "a number beyond 2**53 that is the same",
        RULE,
        {"diskSize": 9007199254740993},
        {"diskSize": 9007199254740993},
    ),
    Case(
        "a user id of 0 is a value, and the same",
        NESTED,
        {"nasConfig": {"userId": 0}},
        {"nasConfig": {"userId": 0}},
    ),
    # Order
    Case(
        "tags are a set", FIELDS, {"systemTags": ["a", "b", "c"]}, {"systemTags": ["c", "a", "b"]}
    ),
    Case(
        "so are the switches of a network",
        NESTED,
        {"networkConfiguration": {"vpcId": "v", "vswitchIds": ["a", "b"]}},
        {"networkConfiguration": {"vpcId": "v", "vswitchIds": ["b", "a"]}},
    ),
    Case(
        "our own tags are not the user's",
        RULE,
        {"systemTags": ["a"]},
        {"systemTags": ["reconcile-owner-x", "a"]},
    ),
    Case(
        "our own tags alone",
        RULE,
        {"systemTags": []},
        {"systemTags": ["reconcile-secret-12345678-ab"]},
    ),
    Case(
        "mount points are found by mountDir",
        NESTED,
        {
            "nasConfig": {
                "mountPoints": [
                    {"mountDir": "/b", "serverAddr": "2"},
                    {"mountDir": "/a", "serverAddr": "1"},
                ]
            }
        },
        {
            "nasConfig": {
                "mountPoints": [
                    {"mountDir": "/a", "serverAddr": "1"},
                    {"mountDir": "/b", "serverAddr": "2"},
                ]
            }
        },
    ),
    Case(
        "so are those of buckets",
        NESTED,
        {"ossMountConfig": {"mountPoints": [{"mountDir": "/b"}, {"mountDir": "/a"}]}},
        {"ossMountConfig": {"mountPoints": [{"mountDir": "/a"}, {"mountDir": "/b"}]}},
    ),
    Case(
        "protocols are found by type",
        "NESTED: de-duplicated by the backend",
        {"protocolConfiguration": {"protocolSettings": [{"type": "MCP"}, {"type": "HTTP"}]}},
        {"protocolConfiguration": {"protocolSettings": [{"type": "HTTP"}, {"type": "MCP"}]}},
    ),
    Case(
        "variables have no order", RULE, {_ENV: {"A": "1", "B": "2"}}, {_ENV: {"B": "2", "A": "1"}}
    ),
    # JSON in a text
    Case(
        "a config with its spaces gone",
        NESTED,
        {
            "protocolConfiguration": {
                "protocolSettings": [{"type": "A2A", "config": '{"a": 1, "b": [2]}'}]
            }
        },
        {
            "protocolConfiguration": {
                "protocolSettings": [{"type": "A2A", "config": '{"b":[2],"a":1}'}]
            }
        },
    ),
    Case(
        "a JSON Schema with other escapes",
        NESTED,
        {
            "protocolConfiguration": {
                "protocolSettings": [{"type": "HTTP", "inputBodyJsonSchema": '{"title":"客服"}'}]
            }
        },
        {
            "protocolConfiguration": {
                "protocolSettings": [
                    {"type": "HTTP", "inputBodyJsonSchema": '{"title":"\\u5ba2\\u670d"}'}
                ]
            }
        },
    ),
    Case(
        "a card with 1.0 for 1",
        NESTED,
        {
            "protocolConfiguration": {
                "protocolSettings": [{"type": "A2A", "a2aAgentCard": '{"v":1}'}]
            }
        },
        {
            "protocolConfiguration": {
                "protocolSettings": [{"type": "A2A", "a2aAgentCard": '{"v":1.0}'}]
            }
        },
    ),
    # Secrets and what no read shows
    Case(
        "a secret variable is read in clear and compared",
        EXAMPLE,
        {_ENV: {"KEY": secret("s3cret")}},
        {_ENV: {"KEY": "s3cret"}},
    ),
    Case(
        "a masked password is no difference",
        "EXAMPLE: abc***",
        {_BOX: {"registryConfig": {"authConfig": {"userName": "u", "password": secret("abcdef")}}}},
        {_BOX: {"registryConfig": {"authConfig": {"userName": "u", "password": "abc***"}}}},
        unobservable=("/containerConfiguration/registryConfig/authConfig/password",),
    ),
    Case(
        "nor is one that is masked whole",
        RULE,
        {_BOX: {"registryConfig": {"authConfig": {"password": secret("abcdef")}}}},
        {_BOX: {"registryConfig": {"authConfig": {"userName": "u", "password": "***"}}}},
        unobservable=("/containerConfiguration/registryConfig/authConfig/password",),
    ),
    Case(
        "nor one that is left out",
        RULE,
        {_BOX: {"registryConfig": {"authConfig": {"userName": "u", "password": secret("abcdef")}}}},
        {_BOX: {"registryConfig": {"authConfig": {"userName": "u"}}}},
        unobservable=("/containerConfiguration/registryConfig/authConfig/password",),
    ),
    Case(
        "an undeclared mask is not compared",
        EXAMPLE,
        {_BOX: {"image": "i"}},
        {_BOX: {"image": "i", "registryConfig": {"authConfig": {"password": "abc***"}}}},
    ),
    Case(
        "the archive is upload content",
        "SDK: zipFile",
        {"codeConfiguration": {"language": "java17", "zipFile": "UEsDBA=="}},
        {"codeConfiguration": {"language": "java17"}},
        unobservable=("/codeConfiguration/zipFile",),
    ),
    Case(
        "an echo of the archive proves nothing",
        EXAMPLE,
        {"codeConfiguration": {"zipFile": "UEsDBA=="}},
        {"codeConfiguration": {"zipFile": "UEsDBAoAAAAAANF"}},
        unobservable=("/codeConfiguration/zipFile",),
    ),
    Case(
        "ARMS is in no read model",
        SDK,
        {"armsConfiguration": {"enableArms": True}},
        {},
        unobservable=("/armsConfiguration",),
    ),
    Case(
        "a flag that asks for an action",
        "SDK: forceEvictInstances",
        {"forceEvictInstances": True},
        {},
    ),
    Case(
        "protocols may be missing after an update",
        "nodejs e2e: may not be returned by the API after update",
        {"protocolConfiguration": {"type": "HTTP"}},
        {},
        unobservable=("/protocolConfiguration",),
    ),
    Case(
        "and may be null",
        "nodejs e2e",
        {"protocolConfiguration": {"type": "HTTP"}},
        {"protocolConfiguration": None},
        unobservable=("/protocolConfiguration",),
    ),
    # Text
    Case(
        "Chinese is compared by code point",
        RULE,
        {"description": "客服 agent"},
        {"description": "客服 agent"},
    ),
    Case(
        "an emoji is one code point",
        RULE,
        {"description": "\U0001f600"},
        {"description": "\U0001f600"},
    ),
    Case("line ends are kept", RULE, {_ENV: {"A": "1\r\n2"}}, {_ENV: {"A": "1\r\n2"}}),
)
