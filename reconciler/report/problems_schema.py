"""The published JSON Schema (2020-12) of the document that `validate -o json` prints."""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.report.schema_fields import DIALECT, said

_COUNT: Final = {"type": "integer", "minimum": 0}
_ONE: Final = {"type": "integer", "minimum": 1}
_TEXT: Final = {"type": "string"}

_PROBLEM: Final[Mapping[str, Mapping[str, Any]]] = {
    "file": {
        **said(
            "The file as it was named, or the option or variable that is wrong (--target).",
            "文件名（与输入时相同），或出错的选项或变量（--target）。",
        ),
        **_TEXT,
    },
    "line": {**said("Its line, from 1.", "行号，从 1 开始。"), **_ONE},
    "column": {
        **said("Its column, from 1, in code points.", "列号，从 1 开始，按码点计。"),
        **_ONE,
    },
    "length": {
        **said(
            "How many code points from there are meant, on that line.",
            "从该处起、同一行内所指的码点数。",
        ),
        **_ONE,
    },
    "severity": {
        **said(
            "Whether the run failed because of it.", "error 表示运行因此失败，warning 则不影响。"
        ),
        "enum": ["error", "warning"],
    },
    "code": {
        **said(
            "A stable code; `reconcile explain CODE` tells its story.",
            "稳定的代码；用 reconcile explain CODE 查看详细说明。",
        ),
        "type": "string",
        "pattern": "^[a-z]+(-[a-z]+)*$",
    },
    "text": {**said("What is wrong, in one sentence.", "问题所在，一句话。"), **_TEXT},
    "help": {
        **said("The way out; empty where the text says it.", "解决办法；正文已说明时为空。"),
        **_TEXT,
    },
}

PROBLEMS_SCHEMA: Final[Mapping[str, Any]] = {
    "$schema": DIALECT,
    "title": "The document of `validate -o json`",
    "description": "Fields may be added, none is renamed.",
    "type": "object",
    "properties": {
        "formatVersion": {"const": "1"},
        "agents": {
            **said("How many agents could be loaded.", "成功加载的智能体数量。"),
            **_COUNT,
        },
        "files": {
            **said("In how many files they stand.", "这些智能体所在的文件数量。"),
            **_COUNT,
        },
        "problems": {
            **said("Errors and warnings, sorted by place.", "错误和警告，按位置排序。"),
            "type": "array",
            "items": {"type": "object", "properties": _PROBLEM, "required": list(_PROBLEM)},
        },
    },
    "required": ["formatVersion", "agents", "files", "problems"],
}
"""The schema of the problems document."""
