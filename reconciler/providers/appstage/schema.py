"""What a person may write into `spec` of an AppStage agent, with the vendor's limits.

Source: the vendor's page "更新Agent(Token认证)" (updateAgent, 2025-08-04). Its prose spells some
constraints in camelCase (`knowledgeSetting`); the wire is snake_case but for `isEnable`. The page
says that an agentId has 32 characters while its own example shows 19, so the length is not
enforced: another one is a warning. No limit that only an example suggests is enforced.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from reconciler.providers.appstage.documents import (
    AudioDocument,
    FileBox,
    FileBoxDocument,
    FragmentMemoryDocument,
    KnowledgeDocument,
    ModelDocument,
    VariableDocument,
    WorkflowDocument,
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


class Properties(OpenSpec):
    """The user-defined properties of an agent. Unknown ones pass: they are the user's own."""

    name: AgentName | None = Field(
        None,
        description="1-20 characters: Chinese, letters, digits, underscore; "
        "begins with a letter or a Chinese character; unique per tenant.",
    )
    description: Below200 | None = Field(None, description="Fewer than 200 characters.")
    logo: str | None = Field(None, description="The avatar.")
    instructions: Below4000 | None = Field(
        None, description="Persona and reply logic; fewer than 4000 characters."
    )
    prologue: Below200 | None = Field(None, description="Opening words; fewer than 200 characters.")
    knowledge_setting: KnowledgeDocument = Field(
        None, description="Knowledge retrieval; fewer than 5000 characters once encoded."
    )
    model_setting: ModelDocument = Field(None, description="Sampling of the main model.")
    qa_model_setting: ModelDocument = Field(None, description="Sampling of the question model.")
    variable_settings: VariableDocument = Field(None, description="Variables of the agent.")
    workflow_settings: WorkflowDocument = Field(None, description="Use of workflows.")
    agent_work_type: Literal["agent_llm", "agent_single_workflow", "agent_operator"] | None = Field(
        None, description="How the agent works; may be fixed when it is created."
    )
    file_box: FileBoxDocument = Field(
        None, description="File box; only where agent_work_type is agent_llm, else empty."
    )
    audio_settings: AudioDocument = Field(None, description="Speech input and output.")
    fragment_memory_settings: FragmentMemoryDocument = Field(None, description="Memory fragments.")
    model_id: str | None = Field(None, description="The main model, e.g. publisher:zhipu:glm-4.")
    qa_model_id: str | None = Field(None, description="The model that suggests questions.")
    tools: list[Any] | None = Field(None, description="Tools; items undocumented.")
    flows: list[Any] | None = Field(None, description="Workflows; items undocumented.")
    rag_flows: list[Any] | None = Field(None, description="Retrieval flows; items undocumented.")
    data_sets: list[Any] | None = Field(None, description="Knowledge bases; items undocumented.")
    suggest_query: list[str] | None = Field(None, description="Suggested questions.")
    mcp_servers: list[Any] | None = Field(None, description="MCP services; items undocumented.")
    isEnable: bool | None = Field(  # the wire's spelling
        None, description="In the vendor's example; its effect is not documented."
    )
    asset_status: str | None = Field(None, description="Set by the cloud.")
    type: int | None = Field(None, description="Set by the cloud.")
    id: str | None = Field(None, description="Set by the cloud.")
    agent_uri: str | None = Field(None, description="Set by the cloud when published.")
    web_uri: str | None = Field(None, description="Set by the cloud when published.")
    api_key: str | None = Field(None, description="Set by the cloud when published; a secret.")

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

    agentId: AgentId = Field(
        description="The agent's unique id, from the address bar of the console's editor; "
        "documented as 32 letters and digits.",
        json_schema_extra={"usualLength": 32},
    )
    region: str | None = Field(None, description="The region that the asset belongs to.")
    tags: list[TagText] | None = Field(
        None,
        max_length=15,
        description="At most 15 tags, without < > * / % & : \\ ? + and control characters.",
    )
    properties: Properties | None = Field(None, description="The agent's own properties.")
