"""Random states of agents, in the shapes of both clouds' pages."""

from typing import Any

from hypothesis import strategies as st

WORDS = st.text(alphabet='abc-字 é"\\\n<>&{}$', min_size=1, max_size=12)
FLAG = st.booleans()


def some(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with any of these members."""
    return st.fixed_dictionaries({}, optional=members)


def at_least_one(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with some of these members, but not without any."""
    return some(**members).filter(bool)


_mounts = st.lists(
    st.fixed_dictionaries(
        {"mountDir": st.sampled_from(["/mnt/a", "/mnt/b", "/mnt/c"]), "serverAddr": WORDS},
        optional={"enableTLS": FLAG},
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda mount: mount["mountDir"],
)

RUNTIME_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "description": WORDS,
    "cpu": st.sampled_from([0.5, 1, 2, 2.0, 4]),
    "memory": st.sampled_from([512, 2048, 4096]),
    "port": st.sampled_from([8080, 9000]),
    "diskSize": st.sampled_from([512, 10240]),
    "containerConfiguration": at_least_one(
        image=WORDS,
        command=st.lists(WORDS, min_size=1, max_size=2),
        port=st.sampled_from([80, 5000]),
        imageRegistryType=st.sampled_from(["ACR", "ACREE", "CUSTOM"]),
        registryConfig=at_least_one(
            certConfig=at_least_one(insecure=FLAG, rootCaCertBase64=st.just("cm9vdA==")),
            networkConfig=at_least_one(vpcId=WORDS, vSwitchId=WORDS),
        ),
    ),
    "networkConfiguration": at_least_one(
        networkMode=st.sampled_from(["PUBLIC", "PRIVATE"]),
        vpcId=WORDS,
        vswitchIds=st.lists(WORDS, min_size=1, max_size=2),
    ),
    "environmentVariables": st.dictionaries(
        st.sampled_from(["A", "B", "C", "D_E"]), st.text(max_size=6), min_size=1, max_size=4
    ),
    "logConfiguration": at_least_one(project=WORDS, logstore=WORDS),
    "healthCheckConfiguration": at_least_one(
        httpGetUrl=st.just("/ready"),
        periodSeconds=st.integers(1, 120),
        initialDelaySeconds=st.integers(1, 120),
    ),
    "nasConfig": at_least_one(userId=st.integers(0, 9), mountPoints=_mounts),
    "protocolConfiguration": at_least_one(
        type=st.sampled_from(["HTTP", "MCP"]),
        protocolSettings=st.lists(
            st.fixed_dictionaries(
                {"type": st.sampled_from(["HTTP", "MCP"])}, optional={"name": WORDS, "path": WORDS}
            ),
            min_size=1,
            max_size=2,
            unique_by=lambda setting: setting["type"],
        ),
    ),
    "sessionConcurrencyLimitPerInstance": st.integers(1, 200),
    "sessionIdleTimeoutSeconds": st.integers(60, 86400),
    "enableSessionIsolation": FLAG,
    "disableOndemand": FLAG,
    "sessionAffinityType": st.sampled_from(["NONE", "HEADER_FIELD", "COOKIE", "GENERATED_COOKIE"]),
    "headerFieldName": st.sampled_from(["x-a", "x-b"]),
    "systemTags": st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, unique=True),
}
"""Valid values of the fields of an AgentRuntime, none of them a way of saying "unset"."""

ALWAYS = ("cpu", "memory", "port")


def runtime_states() -> st.SearchStrategy[dict[str, Any]]:
    """A live runtime: the three that it always has, and any of the rest."""
    fixed = {name: RUNTIME_FIELDS[name] for name in ALWAYS}
    rest = {name: value for name, value in RUNTIME_FIELDS.items() if name not in fixed}
    return st.fixed_dictionaries(fixed, optional=rest)


CLEARABLE = ("description", "environmentVariables", "systemTags", "headerFieldName")


def runtime_specs() -> st.SearchStrategy[dict[str, Any]]:
    """What a manifest may declare: any of the fields, some asked to be cleared."""
    nullable = {
        name: st.one_of(value, st.none()) if name in CLEARABLE else value
        for name, value in RUNTIME_FIELDS.items()
    }
    return st.fixed_dictionaries({}, optional=nullable)


_settings = at_least_one(
    temperature=st.sampled_from([0, 0.0, 0.3, 0.5, 1]),
    top_p=st.sampled_from([0.1, 0.3, 1.0]),
    max_tokens=st.integers(1, 4096),
)

PROPERTY_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "description": WORDS,
    "instructions": WORDS,
    "prologue": WORDS,
    "logo": WORDS,
    "model_id": WORDS,
    "model_setting": _settings,
    "qa_model_setting": _settings,
    "audio_settings": at_least_one(
        audio_input=st.sampled_from(["true", "false"]),
        audio_output=st.sampled_from(["true", "false"]),
    ),
    "suggest_query": st.lists(WORDS, max_size=2),
    "tools": st.lists(st.fixed_dictionaries({"id": WORDS, "on": FLAG}), max_size=2),
    "isEnable": FLAG,
    "team_note": WORDS,
}
"""Valid properties of an AppStage agent; documents as mappings, one property of the user's own."""


def property_specs() -> st.SearchStrategy[dict[str, Any]]:
    """What a manifest may declare of an agent's properties."""
    return some(**PROPERTY_FIELDS)
