"""The published JSON Schema (2020-12) of the document that `status -o json` prints."""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.model.status import State
from reconciler.report.schema_fields import DIALECT, said

_COUNT: Final = {"type": "integer", "minimum": 0}
_TEXT: Final = {"type": "string"}
_SECONDS: Final = {"type": ["number", "null"], "minimum": 0}

_OPEN: Final = {
    "type": ["object", "null"],
    "properties": {
        "run": {**said("The run.", "运行的编号。"), **_TEXT},
        "at": {**said("When it was sent.", "发送时间。"), "type": "string", "format": "date-time"},
        "running": {
            **said("Whether that run is still at work.", "该运行是否仍在进行。"),
            "type": "boolean",
        },
    },
    "required": ["run", "at", "running"],
}

_AGENT: Final[Mapping[str, Mapping[str, Any]]] = {
    "apiVersion": {**said("As in its manifest.", "与清单一致。"), **_TEXT},
    "kind": {**said("As in its manifest.", "与清单一致。"), **_TEXT},
    "name": {**said("As in its manifest.", "与清单一致。"), **_TEXT},
    "id": {
        **said("The cloud's; null where none was found.", "云端编号；未找到时为 null。"),
        "type": ["string", "null"],
    },
    "state": {
        **said(
            "How it is, in the words of this program.",
            "状态，以本程序的用语表示。",
        ),
        "enum": [state.value for state in State],
    },
    "status": {**said("How it is, in the cloud's word.", "云端返回的状态字。"), **_TEXT},
    "reason": {
        **said("Why, where the cloud or we can say so.", "原因（云端或本程序给出）。"),
        **_TEXT,
    },
    "version": {
        **said("Its version; empty where the cloud shows none.", "版本；云端未给出时为空。"),
        **_TEXT,
    },
    "since": {
        **said(
            "When it was last updated, in UTC; empty where the cloud does not tell.",
            "最近一次更新时间（UTC）；云端未给出时为空。",
        ),
        **_TEXT,
    },
    "ageSeconds": {
        **said(
            "How long before the read that was; null where the cloud does not tell.",
            "距读取时的秒数；云端未给出时为 null。",
        ),
        **_SECONDS,
    },
    "leftSeconds": {
        **said(
            "How much longer its restart is expected to take; null where nothing is known.",
            "预计重启剩余秒数；无记录时为 null。",
        ),
        **_SECONDS,
    },
    "unfinished": {
        **said(
            "The write of a run whose end is not on record; null for none.",
            "没有结束记录的写入；没有时为 null。",
        ),
        **_OPEN,
    },
}

STATUS_SCHEMA: Final[Mapping[str, Any]] = {
    "$schema": DIALECT,
    "title": "The document of `status -o json` and of `wait -o json`",
    "description": "Fields may be added, none is renamed.",
    "type": "object",
    "properties": {
        "formatVersion": {"const": "1"},
        "target": {**said("The name of the target.", "目标名称。"), **_TEXT},
        "summary": {
            **said("How many agents are in each state.", "各状态的智能体数量。"),
            "type": "object",
            "properties": {state.value: _COUNT for state in State},
            "required": [state.value for state in State],
        },
        "agents": {
            **said("In the order of their manifests.", "按清单顺序排列。"),
            "type": "array",
            "items": {"type": "object", "properties": _AGENT, "required": list(_AGENT)},
        },
    },
    "required": ["formatVersion", "target", "summary", "agents"],
}
"""The schema of the status document."""
