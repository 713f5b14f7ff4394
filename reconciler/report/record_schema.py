"""The published JSON Schema of one line of a run's record, `.reconcile/runs/ID.jsonl`."""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.report.schema_fields import DIALECT, said

_TEXT: Final = {"type": "string"}
_FLAG: Final = {"type": "boolean"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_SECONDS: Final = {"type": "number", "minimum": 0}
_TEXTS: Final = {"type": "array", "items": _TEXT}
_POINTERS: Final = {"type": "array", "items": {"type": "string", "format": "json-pointer"}}
_VALUES: Final = {"type": "object"}
_STAMP: Final = {"type": ["number", "null"]}
_DIGEST: Final = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}

_MEMBERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "at": {
        **said(
            "When the line was written, in seconds since the epoch by this machine's clock.",
            "写入该行的时间，按本机时钟自纪元起的秒数。",
        ),
        "type": "number",
    },
    "formatVersion": {
        **said("Events and members may be added to it.", "版本内可增加事件与成员。"),
        "const": "1",
    },
    "target": {**said("The target of the run.", "本次运行的目标。"), **_TEXT},
    "command": {**said("The verb that was typed.", "所执行的命令。"), **_TEXT},
    "host": {**said("The machine that it runs on.", "运行所在的机器。"), **_TEXT},
    "pid": {**said("The process that writes it.", "写入记录的进程。"), **_COUNT},
    "locked": {
        **said(
            "Whether the process holds a lock on this file (flock) for as long as it lives.",
            "进程存活期间是否持有此文件的锁（flock）。",
        ),
        **_FLAG,
    },
    "commit": {
        **said(
            "The commit that the manifests came from, and whether the work tree held more.",
            "清单所在的提交，以及工作区是否另有改动。",
        ),
        "oneOf": [
            _TEXT,
            {
                "type": "object",
                "properties": {"rev": _TEXT, "dirty": _FLAG},
                "required": ["rev", "dirty"],
            },
        ],
    },
    "of": {
        **said("The earlier run that this is about.", "所涉及的先前运行。"),
        **_TEXT,
    },
    "kind": {
        **said("How the lock is kept: file or postgresql.", "锁的类型：file 或 postgresql。"),
        **_TEXT,
    },
    "names": {**said("The locks that were taken.", "已取得的锁。"), **_TEXTS},
    "waitedSeconds": {**said("How long they were waited for.", "等待锁的时间。"), **_SECONDS},
    "agents": {**said("How many agents the run looks at.", "本次运行涉及的智能体数量。"), **_COUNT},
    "reviewed": {
        **said("The digest of the saved plan that is carried out.", "所执行的已保存计划的摘要。"),
        **_TEXT,
    },
    "noWait": {
        **said(
            "That the agents written to last are not waited for.",
            "最后写入的智能体不再等待。",
        ),
        "const": True,
    },
    "key": {
        **said(
            "The agent: apiVersion, kind and name with slashes between.",
            "智能体：apiVersion、kind 与名称，以斜杠分隔。",
        ),
        "type": "string",
        "pattern": "^[^/]+/[^/]+/[^/]+/",
    },
    "operation": {
        **said("What is sent.", "发送的操作。"),
        "enum": ["create", "update"],
    },
    "id": {
        **said("The agent's id at its cloud.", "智能体在云上的标识。"),
        "type": ["string", "null"],
    },
    "stamp": {
        **said(
            "Its time of last update: before the write, and at its end as far as it was seen.",
            "最后更新时间：写入前；结束时为所见的时间。",
        ),
        **_STAMP,
    },
    "digest": {
        **said("A name for exactly this write.", "此次写入的摘要。"),
        **_TEXT,
    },
    "manifest": {
        **said(
            "The digest of the effective manifest, secrets as references.",
            "有效清单的摘要，密钥仅以引用计入。",
        ),
        **_DIGEST,
    },
    "where": {
        **said(
            "What the manifest declares of where the agent is found.",
            "清单中声明的智能体所在之处。",
        ),
        "type": "object",
        "additionalProperties": _TEXT,
    },
    "files": {
        **said("The files that the manifest comes from.", "清单来自的文件。"),
        **_TEXTS,
    },
    "paths": {
        **said(
            "What differed when it was intended; at the end, what differs still.",
            "写入前存在差异的字段；结束时为仍有差异的字段。",
        ),
        **_POINTERS,
    },
    "changes": {
        **said(
            "A name for each single change that was not kept, by its path.",
            "未被云端保留的每项变更的摘要，按路径列出。",
        ),
        "type": "object",
        "additionalProperties": {"type": "string"},
    },
    "fields": {**said("The top-level fields that are sent.", "发送的顶层字段。"), **_TEXTS},
    "bodyBytes": {
        **said("How long the body is without its secrets.", "请求体的长度（不计密钥）。"),
        **_COUNT,
    },
    "before": {
        **said(
            "What the touched fields were, by their pointers, as far as that may be kept.",
            "所改字段的原值（按指针），仅限可保存者。",
        ),
        **_VALUES,
    },
    "hidden": {
        **said(
            "Touched fields whose former value is secret or was not shown: not kept.",
            "原值为密钥或未显示、因而未保存的字段。",
        ),
        **_POINTERS,
    },
    "unset": {
        **said("Touched fields that had no value before.", "此前没有值的字段。"),
        **_POINTERS,
    },
    "after": {
        **said("What they are to become.", "将要变成的值。"),
        **_VALUES,
    },
    "sealed": {
        **said("Those whose new value is secret: not kept.", "新值为密钥、因而未保存的字段。"),
        **_POINTERS,
    },
    "supplied": {
        **said(
            "Fields that had to go along and that no read shows.",
            "必须一并发送而读取中没有的字段。",
        ),
        **_VALUES,
    },
    "references": {
        **said(
            "The environment variables of secrets that were sent and that no read shows.",
            "已发送而读取中不显示的密钥所引用的环境变量。",
        ),
        "type": "object",
        "additionalProperties": _TEXT,
    },
    "secrets": {
        **said("Where the manifest declares secrets.", "清单中声明密钥的位置。"),
        **_POINTERS,
    },
    "answer": {
        **said("What the cloud answered.", "云端的答复。"),
        "enum": ["success", "refused", "unknown"],
    },
    "detail": {**said("The answer in the cloud's words.", "云端答复的原文。"), **_TEXT},
    "result": {**said("What came of it.", "结果。"), **_TEXT},
    "reason": {**said("Why, empty for a plain success.", "原因；成功时为空。"), **_TEXT},
    "seconds": {
        **said("How long it took, from the sending on.", "自发送起所用的时间。"),
        **_SECONDS,
    },
    "busySeconds": {
        **said("For how long the agent was seen busy.", "所见的忙碌时长。"),
        **_SECONDS,
    },
    "readySeconds": {
        **said("How long after the sending it was first seen ready.", "发送后首次见到就绪的时间。"),
        **_SECONDS,
    },
    "restarts": {
        **said("How many restarts it caused, as far as reads tell.", "引起的重启次数。"),
        **_COUNT,
    },
    "notRestored": {
        **said("Fields that did not go back to what they were.", "未能恢复原状的字段。"),
        **_POINTERS,
    },
    "interrupted": {**said("Whether a signal ended it.", "是否被信号中断。"), **_FLAG},
    "results": {
        **said("How many agents ended in each result.", "各结果的智能体数量。"),
        "type": "object",
        "additionalProperties": _COUNT,
    },
}

_INTENT: Final = (
    (
        *("key", "operation", "id", "stamp", "digest", "manifest", "where", "files"),
        *("paths", "fields", "secrets", "bodyBytes"),
    ),
    ("before", "hidden", "unset", "after", "sealed", "supplied", "references"),
)
_ANSWER: Final = (("key", "answer"), ("detail",))
_END: Final = (
    ("key", "result"),
    (
        *("reason", "seconds", "busySeconds", "readySeconds", "restarts"),
        *("digest", "paths", "changes", "stamp", "notRestored"),
    ),
)

EVENTS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "run-started": (
        ("formatVersion", "target", "locked"),
        ("command", "host", "pid", "commit", "of"),
    ),
    "lock-taken": (("kind", "names", "waitedSeconds"), ()),
    "run-planned": (("agents",), ("reviewed", "noWait")),
    "write-intended": _INTENT,
    "write-answered": _ANSWER,
    "write-ended": _END,
    "rollback-intended": _INTENT,
    "rollback-answered": _ANSWER,
    "rollback-ended": _END,
    "looked-after": (("key", "of", "result"), ()),
    "quarantined": (("key", "of", "manifest", "commit"), ()),
    "released": (("of",), ()),
    "run-ended": (("interrupted", "results"), ()),
}
"""Each event with the members that it must have, and those that it may have."""


def _line(event: str, required: tuple[str, ...], optional: tuple[str, ...]) -> Mapping[str, Any]:
    members = {name: _MEMBERS[name] for name in ("at", *required, *optional)}
    return {
        "title": event,
        "type": "object",
        "properties": {"event": {"const": event}, **members},
        "required": ["at", "event", *required],
    }


RECORD_SCHEMA: Final[Mapping[str, Any]] = {
    "$schema": DIALECT,
    "title": "One line of .reconcile/runs/ID.jsonl, the record of a run",
    "description": (
        "Lines are only ever added, each on the disk before the step that it tells of is taken. "
        "No secret is in them. Events and members may be added, none is renamed."
    ),
    "oneOf": [_line(event, *members) for event, members in EVENTS.items()],
}
"""The schema of a line."""
