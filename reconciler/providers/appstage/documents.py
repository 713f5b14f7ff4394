"""The properties that are JSON documents inside strings on the wire, as they are typed in YAML.

Each takes a mapping or the string itself. Only the example of the vendor's page shows their
members, and no page limits them: so every member is optional, and unknown ones pass.
"""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from reconciler.providers.appstage.text import compact
from reconciler.providers.fields import OpenSpec, parse_document

KNOWLEDGE_SETTING_LIMIT = 5000
"""`knowledge_setting` must stay below this many characters in its encoded form."""


class KnowledgeSetting(OpenSpec):
    """How the agent looks things up in its knowledge bases."""

    call_method: str | None = Field(None, description="When knowledge is looked up, e.g. auto.")
    knowledge_prompt: str | None = Field(None, description="Prompt for the use of knowledge.")
    maximum_recalls: float | None = Field(None, description="How many passages are recalled.")
    prompt_conf: str | None = Field(None, description="Which prompt is used, e.g. custom.")
    retrieval_method: str | None = Field(None, description="How to search, e.g. full-text.")
    similarity_min: float | None = Field(None, description="Similarity that a passage must reach.")


class ModelSetting(OpenSpec):
    """Sampling parameters of a model."""

    frequency_penalty: float | None = Field(None, description="Penalty for frequent tokens.")
    max_tokens: float | None = Field(None, description="Most tokens in one answer.")
    presence_penalty: float | None = Field(None, description="Penalty for tokens already used.")
    temperature: float | None = Field(None, description="Sampling temperature.")
    top_p: float | None = Field(None, description="Nucleus sampling threshold.")


class VariableSettings(OpenSpec):
    """The variables of the agent."""

    content: list[Any] | None = Field(None, description="The variables; items undocumented.")


class WorkflowSettings(OpenSpec):
    """How the agent uses its workflows."""

    call_method: str | None = Field(None, description="How workflows are called, e.g. summary.")


class FileBox(OpenSpec):
    """The file box."""

    is_open: bool | None = Field(None, description="Whether the file box is open.")


class AudioSettings(OpenSpec):
    """Speech. The wire spells these booleans as strings: "true" and "false"."""

    audio_input: str | None = Field(None, description='Speech input: "true" or "false", quoted.')
    audio_output: str | None = Field(None, description='Speech output: "true" or "false", quoted.')


class FragmentMemorySettings(OpenSpec):
    """Memory fragments."""

    auto_update: bool | None = Field(None, description="Whether fragments update by themselves.")
    enable: bool | None = Field(None, description="Whether fragment memory is on.")


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
