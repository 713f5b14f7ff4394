"""AppStage's limits on what an update may carry, as the vendor's page of the PUT states them.

Lengths are in code points. Properties that the page does not limit are taken as they come.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Json = Any

DOCUMENTS: Final = (
    "knowledge_setting",
    "model_setting",
    "qa_model_setting",
    "variable_settings",
    "workflow_settings",
    "file_box",
    "audio_settings",
    "fragment_memory_settings",
)
"""Properties that are JSON documents inside strings."""

BAD_PARAMETER: Final = "AIAE.31001701"
NO_FILE_BOX: Final = "AIAE.20002037"

_NAME: Final = re.compile(r"[A-Za-z\u4e00-\u9fff][A-Za-z0-9_\u4e00-\u9fff]{0,19}")
_SHORTER_THAN: Final[Mapping[str, int]] = {
    "description": 200,
    "knowledge_setting": 5000,
    "instructions": 4000,
    "prologue": 200,
}
_WORK_TYPES: Final = ("agent_llm", "agent_single_workflow", "agent_operator")
_TAG_COUNT: Final = 15
_TAG_FORBIDDEN: Final = re.compile(r"[<>*/%&:\\?+\x00-\x1f\x7f]")
_TAG_LENGTH: Final = 512


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why an update is not taken: the vendor's code and a sentence."""

    code: str
    message: str


def complaints(body: Mapping[str, Json]) -> Iterator[Complaint]:
    """All that is wrong with an update's body, the first being what is answered."""
    region, tags, properties = (body.get(name) for name in ("region", "tags", "properties"))
    if region is not None and not isinstance(region, str):
        yield Complaint(BAD_PARAMETER, "region is not a string")
    yield from _tags(tags)
    if properties is None:
        return
    if not isinstance(properties, dict):
        yield Complaint(BAD_PARAMETER, "properties is not an object")
        return
    yield from _texts(properties)
    yield from _work_type(properties)


def _tags(tags: Json) -> Iterator[Complaint]:
    if tags is None:
        return
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        yield Complaint(BAD_PARAMETER, "tags is not a list of strings")
        return
    if len(tags) > _TAG_COUNT:
        yield Complaint(BAD_PARAMETER, f"more than {_TAG_COUNT} tags")
    if any(_TAG_FORBIDDEN.search(tag) or len(tag) > _TAG_LENGTH for tag in tags):
        yield Complaint(BAD_PARAMETER, "a tag is too long or has a forbidden character")


def _texts(properties: Mapping[str, Json]) -> Iterator[Complaint]:
    name = properties.get("name")
    if name is not None and not (isinstance(name, str) and _NAME.fullmatch(name)):
        yield Complaint(BAD_PARAMETER, "name must have 1 to 20 characters and begin with a letter")
    for key in ("description", "instructions", "prologue", *DOCUMENTS):
        value = properties.get(key)
        if value is not None and not isinstance(value, str):
            yield Complaint(BAD_PARAMETER, f"{key} is not a string")
        elif value and len(value) >= _SHORTER_THAN.get(key, len(value) + 1):
            yield Complaint(
                BAD_PARAMETER, f"{key} must have fewer than {_SHORTER_THAN[key]} characters"
            )
        elif value and key in DOCUMENTS and not _is_json(value):
            yield Complaint(BAD_PARAMETER, f"{key} is not JSON")


def _work_type(properties: Mapping[str, Json]) -> Iterator[Complaint]:
    work_type = properties.get("agent_work_type")
    if work_type is not None and work_type not in _WORK_TYPES:
        yield Complaint(BAD_PARAMETER, f"agent_work_type must be one of {', '.join(_WORK_TYPES)}")
    elif work_type not in (None, "agent_llm") and properties.get("file_box"):
        yield Complaint(NO_FILE_BOX, "Agent当前工作模式类型不支持文件盒子")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
