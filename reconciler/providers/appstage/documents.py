"""The properties that are JSON documents inside strings on the wire, as they are typed in YAML.

Each takes a mapping or the string itself. Only the example of the vendor's page shows their
members, and no page limits them: so every member is optional, and unknown ones pass.
"""

from functools import partial
from typing import Annotated, Any, Final

from pydantic import BeforeValidator

from reconciler.providers.appstage.text import compact
from reconciler.providers.fields import OpenSpec, documented, parse_document

UPDATE_PAGE: Final = "https://support.huaweicloud.com/api-appstage/updateAgent.html"
"""The vendor's page of the request, as of 2025-08-04."""

field = partial(documented, page=UPDATE_PAGE)
"""A field of this API."""

KNOWLEDGE_SETTING_LIMIT = 5000
"""`knowledge_setting` must stay below this many characters in its encoded form."""


class KnowledgeSetting(OpenSpec):
    """How the agent looks things up in its knowledge bases."""

    call_method: str | None = field(
        "When knowledge is looked up, e.g. auto. Other values are not established.",
        "何时检索知识，例如 auto。其他取值尚未证实。",
    )
    knowledge_prompt: str | None = field(
        "Prompt for the use of knowledge.",
        "使用知识的提示词。",
    )
    maximum_recalls: float | None = field(
        "How many passages are recalled, e.g. 3. Its limits are not established.",
        "召回的片段数，例如 3。取值范围尚未证实。",
    )
    prompt_conf: str | None = field(
        "Which prompt is used, e.g. custom. Other values are not established.",
        "使用哪种提示词，例如 custom。其他取值尚未证实。",
    )
    retrieval_method: str | None = field(
        "How to search, e.g. full-text. Other values are not established.",
        "检索方式，例如 full-text。其他取值尚未证实。",
    )
    similarity_min: float | None = field(
        "Similarity that a passage must reach, e.g. 0.7. Its limits are not established.",
        "片段须达到的相似度，例如 0.7。取值范围尚未证实。",
    )


class ModelSetting(OpenSpec):
    """Sampling parameters of a model."""

    frequency_penalty: float | None = field(
        "Penalty for tokens by how often they were used. Its limits are not established.",
        "按出现频率对词元的惩罚。取值范围尚未证实。",
    )
    max_tokens: float | None = field(
        "Most tokens in one answer, e.g. 2048. Its limits are not established.",
        "单次回答的最大词元数，例如 2048。取值范围尚未证实。",
    )
    presence_penalty: float | None = field(
        "Penalty for tokens that were used at all. Its limits are not established.",
        "对已出现词元的惩罚。取值范围尚未证实。",
    )
    temperature: float | None = field(
        "Sampling temperature, e.g. 0.3. Its limits are not established.",
        "采样温度，例如 0.3。取值范围尚未证实。",
    )
    top_p: float | None = field(
        "Nucleus sampling threshold, e.g. 0.3. Its limits are not established.",
        "核采样阈值，例如 0.3。取值范围尚未证实。",
    )


class VariableSettings(OpenSpec):
    """The variables of the agent."""

    content: list[Any] | None = field(
        "The variables, held whole. What an item looks like is not established.",
        "变量列表，整体管理。列表项的结构尚未证实。",
    )


class WorkflowSettings(OpenSpec):
    """How the agent uses its workflows."""

    call_method: str | None = field(
        "How workflows are called, e.g. summary. Other values are not established.",
        "工作流的调用方式，例如 summary。其他取值尚未证实。",
    )


class FileBox(OpenSpec):
    """The file box."""

    is_open: bool | None = field(
        "Whether the file box is open.",
        "是否开启文件盒子。",
    )


class AudioSettings(OpenSpec):
    """Speech. The wire spells these booleans as strings: "true" and "false"."""

    audio_input: str | None = field(
        'Speech input: "true" or "false", in quotes, for the wire has strings here.',
        '语音输入："true" 或 "false"，需加引号，因为传输时是字符串。',
    )
    audio_output: str | None = field(
        'Speech output: "true" or "false", in quotes, for the wire has strings here.',
        '语音输出："true" 或 "false"，需加引号，因为传输时是字符串。',
    )


class FragmentMemorySettings(OpenSpec):
    """Memory fragments."""

    auto_update: bool | None = field(
        "Whether memory fragments update by themselves.",
        "片段记忆是否自动更新。",
    )
    enable: bool | None = field(
        "Whether memory fragments are on.",
        "是否开启片段记忆。",
    )


def _parse_knowledge(value: Any) -> Any:
    decoded = parse_document(value)
    if isinstance(decoded, dict):
        length = len(compact(decoded))
        if length >= KNOWLEDGE_SETTING_LIMIT:
            raise ValueError(
                f"{length} characters as encoded for the wire, "
                f"must be fewer than {KNOWLEDGE_SETTING_LIMIT}"
            )
    return decoded


_parsed = BeforeValidator(parse_document)

KnowledgeDocument = Annotated[KnowledgeSetting | None, BeforeValidator(_parse_knowledge)]
ModelDocument = Annotated[ModelSetting | None, _parsed]
VariableDocument = Annotated[VariableSettings | None, _parsed]
WorkflowDocument = Annotated[WorkflowSettings | None, _parsed]
FileBoxDocument = Annotated[FileBox | None, _parsed]
AudioDocument = Annotated[AudioSettings | None, _parsed]
FragmentMemoryDocument = Annotated[FragmentMemorySettings | None, _parsed]
