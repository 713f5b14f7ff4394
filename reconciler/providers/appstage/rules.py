"""What is known of each field of an AppStage agent, as one table.

An update is assumed to replace everything (no page says that it merges), so all that was read goes
back with it. The documented read shows neither `region` nor `tags`, hence `UNRELIABLE`. Nothing is
held equal that no page calls equal: `suggest_query: [""]` is not the empty list.
"""

from reconciler.model.rules import BodyStyle, Field, Readiness, Rules, Shape, Trait

_STRING = Field(Shape.STRING, unset=("",))
_BELOW_200 = Field(Shape.STRING, unset=("",), limit=200)
_BELOW_4000 = Field(Shape.STRING, unset=("",), limit=4000)
_NUMBER = Field(Shape.NUMBER)
_BOOLEAN = Field(Shape.BOOLEAN)
_LIST = Field(Shape.LIST, item=Field(Shape.ANY), unset=([],))
_STRINGS = Field(Shape.LIST, item=_STRING, unset=([],))
_SERVER_STRING = Field(Shape.STRING, Trait.SERVER, unset=("",))


def _document(**members: Field) -> Field:
    return Field(Shape.DOCUMENT, members=members, open=True, unset=({}, ""))


_MODEL_SETTING = _document(
    frequency_penalty=_NUMBER,
    max_tokens=_NUMBER,
    presence_penalty=_NUMBER,
    temperature=_NUMBER,
    top_p=_NUMBER,
)

_PROPERTIES = {
    "name": _STRING,
    "description": _BELOW_200,
    "logo": _STRING,
    "instructions": _BELOW_4000,
    "prologue": _BELOW_200,
    "knowledge_setting": _document(
        call_method=_STRING,
        knowledge_prompt=_STRING,
        maximum_recalls=_NUMBER,
        prompt_conf=_STRING,
        retrieval_method=_STRING,
        similarity_min=_NUMBER,
    ),
    "model_setting": _MODEL_SETTING,
    "qa_model_setting": _MODEL_SETTING,
    "variable_settings": _document(content=_LIST),
    "workflow_settings": _document(call_method=_STRING),
    "agent_work_type": _STRING,
    "file_box": _document(is_open=_BOOLEAN),
    "audio_settings": _document(audio_input=_STRING, audio_output=_STRING),
    "fragment_memory_settings": _document(auto_update=_BOOLEAN, enable=_BOOLEAN),
    "model_id": _STRING,
    "qa_model_id": _STRING,
    "tools": _LIST,
    "flows": _LIST,
    "rag_flows": _LIST,
    "data_sets": _LIST,
    "suggest_query": _STRINGS,
    "mcp_servers": _LIST,
    "isEnable": Field(Shape.BOOLEAN, unset=(False,)),
    "asset_status": _SERVER_STRING,
    "type": Field(Shape.NUMBER, Trait.SERVER),
    "id": _SERVER_STRING,
    "agent_uri": _SERVER_STRING,
    "web_uri": _SERVER_STRING,
    "api_key": Field(Shape.STRING, Trait.SERVER | Trait.SECRET, unset=("",)),
}

DOCUMENTS = frozenset(name for name, rule in _PROPERTIES.items() if rule.shape is Shape.DOCUMENT)
"""The properties that are JSON documents inside strings."""

SECRET_NAMES = frozenset(
    {
        "apikey",
        "accesskey",
        "secretkey",
        "accesstoken",
        "token",
        "password",
        "passwd",
        "privatekey",
        "credential",
        "cookie",
        "secret",
        "authorization",
    }
)
"""Member names whose live value is a secret wherever it stands, as `secret_name` writes them.

`api_key` is the one that a page names; the others are how tools and model services, whose items no
page describes, spell what nobody should see. `max_tokens` is none of them: whole names count.
"""

RULES = Rules(
    root=Field(
        Shape.OBJECT,
        members={
            "agentId": Field(Shape.STRING),
            "region": Field(Shape.STRING, Trait.UNRELIABLE, unset=("",)),
            "tags": Field(
                Shape.LIST,
                Trait.UNRELIABLE | Trait.UNORDERED | Trait.TAGS,
                item=Field(Shape.STRING),
                unset=([],),
            ),
            "properties": Field(Shape.OBJECT, members=_PROPERTIES, open=True, unset=({},)),
        },
    ),
    body=BodyStyle.WHOLE,
    readiness=Readiness.VALUES,
    parameters=("agentId",),
    required=("region", "tags", "properties"),
    cannot_create=(
        "AppStage documents no call that creates an agent; create it in the console "
        "and put its id in spec.agentId"
    ),
    secret_names=SECRET_NAMES,
)
