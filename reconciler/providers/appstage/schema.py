"""What a person may write into `spec` of an AppStage agent, with the vendor's limits.

Source: the vendor's page "更新Agent(Token认证)" (updateAgent, 2025-08-04). Its prose spells some
constraints in camelCase (`knowledgeSetting`); the wire is snake_case but for `isEnable`. The page
says that an agentId has 32 characters while its own example shows 19, so the length is not
enforced: another one is a warning. No limit that only an example suggests is enforced.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

from reconciler.providers.appstage.documents import (
    AudioDocument,
    FileBox,
    FileBoxDocument,
    FragmentMemoryDocument,
    KnowledgeDocument,
    ModelDocument,
    VariableDocument,
    WorkflowDocument,
    field,
)
from reconciler.providers.fields import OpenSpec, Spec

FILE_BOX_MODE = "agent_llm"
"""The only `agent_work_type` that has a file box (otherwise AIAE.20002037)."""

AgentId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,64}$")]
AgentName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z\u4e00-\u9fff][A-Za-z0-9_\u4e00-\u9fff]{0,19}$")
]
# A tag is a key of at most 512 and a value of at most 256 characters; how the two are joined in
# one string is not documented, so one separator is allowed for.
TagText = Annotated[
    str,
    StringConstraints(max_length=769, pattern=r"^[^<>*/%&:\\?+\x00-\x1f\x7f-\x9f]*$"),
]
Below200 = Annotated[str, StringConstraints(max_length=199)]
Below4000 = Annotated[str, StringConstraints(max_length=3999)]

_NO_BOX: Final[tuple[dict[str, Any], ...]] = (
    {"type": "null"},
    {"type": "object", "maxProperties": 0},
    {"type": "string", "pattern": r"^\s*(\{\s*\})?\s*$"},
    {"type": "object", "properties": {"secret": {"type": "string"}}, "required": ["secret"]},
)
_FILE_BOX_RULE: Final[dict[str, Any]] = {
    "if": {
        "properties": {"agent_work_type": {"enum": ["agent_single_workflow", "agent_operator"]}},
        "required": ["agent_work_type"],
    },
    "then": {"properties": {"file_box": {"anyOf": list(_NO_BOX)}}},
}
"""What `_only_where_documented` checks, for the published JSON Schema."""


class Properties(OpenSpec):
    """The user-defined properties of an agent. Unknown ones pass: they are the user's own."""

    model_config = ConfigDict(json_schema_extra={"allOf": [_FILE_BOX_RULE]})

    name: AgentName | None = field(
        "Name of the agent, 1 to 20 characters: Chinese, letters, digits, underscore, beginning "
        "with a letter or a Chinese character. Unique per tenant.",
        "智能体名称，1 到 20 个字符：中文、字母、数字、下划线，以字母或中文开头。同一租户内唯一。",
    )
    description: Below200 | None = field(
        "What the agent is for; fewer than 200 characters.",
        "智能体的描述，少于 200 个字符。",
    )
    logo: str | None = field(
        "The avatar.",
        "智能体的头像。",
    )
    instructions: Below4000 | None = field(
        "Persona and reply logic; fewer than 4000 characters. Whether the cloud keeps line breaks "
        "or turns them into <br> is not established.",
        "人设与回复逻辑，少于 4000 个字符。云端是保留换行还是转为 <br> 尚未证实。",
    )
    prologue: Below200 | None = field(
        "Opening words; fewer than 200 characters.",
        "开场白，少于 200 个字符。",
    )
    knowledge_setting: KnowledgeDocument = field(
        "Knowledge retrieval, a mapping here and a JSON string on the wire; "
        "fewer than 5000 characters once encoded. May be empty.",
        "知识检索设置，此处写成映射，传输时为 JSON 字符串；编码后少于 5000 个字符。可以为空。",
    )
    model_setting: ModelDocument = field(
        "Sampling of the main model, a mapping here and a JSON string on the wire.",
        "主模型的采样参数，此处写成映射，传输时为 JSON 字符串。",
    )
    qa_model_setting: ModelDocument = field(
        "Sampling of the question model, a mapping here and a JSON string on the wire.",
        "问答模型的采样参数，此处写成映射，传输时为 JSON 字符串。",
    )
    variable_settings: VariableDocument = field(
        "Variables of the agent, a mapping here and a JSON string on the wire.",
        "智能体的变量，此处写成映射，传输时为 JSON 字符串。",
    )
    workflow_settings: WorkflowDocument = field(
        "Use of workflows, a mapping here and a JSON string on the wire.",
        "工作流的使用方式，此处写成映射，传输时为 JSON 字符串。",
    )
    agent_work_type: Literal["agent_llm", "agent_single_workflow", "agent_operator"] | None = field(
        "How the agent works. Whether it can change after the agent was created is not established.",
        "智能体的工作模式。创建之后能否修改尚未证实。",
    )
    file_box: FileBoxDocument = field(
        "File box, a mapping here and a JSON string on the wire. "
        "Only where agent_work_type is agent_llm, else empty.",
        "文件盒子，此处写成映射，传输时为 JSON 字符串。仅 agent_work_type 为 agent_llm 时可用，否则为空。",
    )
    audio_settings: AudioDocument = field(
        "Speech input and output, a mapping here and a JSON string on the wire.",
        "语音输入与输出，此处写成映射，传输时为 JSON 字符串。",
    )
    fragment_memory_settings: FragmentMemoryDocument = field(
        "Memory fragments, a mapping here and a JSON string on the wire.",
        "片段记忆，此处写成映射，传输时为 JSON 字符串。",
    )
    model_id: str | None = field(
        "The main model, e.g. publisher:zhipu:glm-4.",
        "主模型，例如 publisher:zhipu:glm-4。",
    )
    qa_model_id: str | None = field(
        "The question model.",
        "问答模型。",
    )
    tools: list[Any] | None = field(
        "Tools, held whole. What an item looks like is not established.",
        "工具，整体管理。列表项的结构尚未证实。",
    )
    flows: list[Any] | None = field(
        "Workflows, held whole. What an item looks like is not established.",
        "工作流，整体管理。列表项的结构尚未证实。",
    )
    rag_flows: list[Any] | None = field(
        "Retrieval flows, held whole. What an item looks like is not established.",
        "检索流程，整体管理。列表项的结构尚未证实。",
    )
    data_sets: list[Any] | None = field(
        "Knowledge bases, held whole. What an item looks like is not established.",
        "知识库，整体管理。列表项的结构尚未证实。",
    )
    suggest_query: list[str] | None = field(
        "Suggested questions, held whole.",
        "推荐问题，整体管理。",
    )
    mcp_servers: list[Any] | None = field(
        "MCP services, held whole. What an item looks like is not established; their number has a "
        "limit that the vendor does not name.",
        "MCP 服务，整体管理。列表项的结构尚未证实；数量有上限，厂商未写明。",
    )
    isEnable: bool | None = field(  # the wire's spelling
        "Stands in the vendor's example; its effect is not established.",
        "出现在厂商的示例中；作用尚未证实。",
    )
    asset_status: str | None = field(
        "State of the asset, set by the cloud. What its values mean is not established.",
        "资产状态，由云端设置。各取值的含义尚未证实。",
    )
    type: int | None = field(
        "Type of the asset, set by the cloud.",
        "资产类型，由云端设置。",
    )
    id: str | None = field(
        "Id of the asset, set by the cloud. Whether it is the agentId is not established.",
        "资产 ID，由云端设置。是否就是 agentId 尚未证实。",
    )
    agent_uri: str | None = field(
        "Address of the agent, set by the cloud, it seems when it is published.",
        "智能体的地址，由云端设置，应在发布时产生。",
    )
    web_uri: str | None = field(
        "Address of the agent's web page, set by the cloud, it seems when it is published.",
        "智能体网页的地址，由云端设置，应在发布时产生。",
    )
    api_key: str | None = field(
        "Key of the published agent: a secret that the cloud sets. Never shown.",
        "已发布智能体的密钥：由云端设置的机密，从不显示。",
    )

    @field_validator("file_box", mode="after")
    @classmethod
    def _only_where_documented(cls, box: FileBox | None, info: ValidationInfo) -> FileBox | None:
        mode = info.data.get("agent_work_type")
        if box is not None and box.model_fields_set and mode not in (None, FILE_BOX_MODE):
            raise ValueError(
                f"only an agent with agent_work_type {FILE_BOX_MODE} has a file box; "
                f"leave it empty for {mode}"
            )
        return box


class AgentSpec(Spec):
    """The request of an update: the path parameter and the body."""

    agentId: AgentId = field(
        "The agent's unique id: 1 to 64 letters and digits, 32 by the vendor's page. It stands in "
        "the address bar of the console's editor. Required: the agent is found by nothing else.",
        "智能体的唯一 ID：1 到 64 个字母或数字，厂商页面写明为 32 个。可在控制台编辑页的地址栏查看。"
        "必填：没有其他查找方式。",
        default=...,
        usualLength=32,
    )
    region: str | None = field(
        "The region that the asset belongs to, e.g. cn-north-5. Not where AppStage is reached.",
        "资产所属的地区，例如 cn-north-5。不是 AppStage 的访问地区。",
    )
    tags: Annotated[list[TagText], Field(max_length=15)] | None = field(
        "Tags, at most 15, in no order; without < > * / % & : \\ ? + and control characters. "
        "A key has at most 512 and a value at most 256 characters; "
        "how a string joins the two is not established.",
        "标签，最多 15 个，不分先后；不能包含 < > * / % & : \\ ? + 和控制字符。"
        "键最多 512 个字符，值最多 256 个字符；两者在字符串中如何拼接尚未证实。",
    )
    properties: Properties | None = field(
        "The agent's own properties. One that no page names passes with a warning.",
        "智能体自身的属性。厂商页面未列出的属性会警告并放行。",
    )
