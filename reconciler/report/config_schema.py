"""The published JSON Schema of `reconcile.yaml`: where manifests go."""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.report.policy_schema import POLICY, POLICY_AGAIN
from reconciler.report.schema import DURATION, NOT_ZERO
from reconciler.report.schema_fields import DIALECT, Publishing, said

SANDBOX: Final = "sandbox"
"""The target that is built in: it takes no settings of a cloud."""

_PERCENT: Final = {
    "type": "string",
    "pattern": r"^(100(\.0{1,6})?|0?\d{1,2}(\.\d{1,6})?)%$",
}
_COUNT: Final = {"type": "integer", "minimum": 1}

_WAIT: Final = {
    "timeout": {
        **said(
            "How long an agent may take to be back, from its own write; default 10m.",
            "从写入算起，等待智能体恢复就绪的最长时间；默认 10m。",
        ),
        **DURATION,
        **NOT_ZERO,
    },
    "settle": {
        **said(
            "How long after a write a READY from before the restart may still show; default 15s, "
            "at least 100ms. Below what your cloud needs, the two cannot be told apart.",
            "写入之后仍可能看到重启前的 READY 的时间；默认 15s，至少 100ms。"
            "短于云端实际所需时，两者无法区分。",
        ),
        **DURATION,
    },
    "inDoubt": {
        **said(
            "How long a write whose reply was lost may still take effect; default: as settle, at "
            "least 100ms. After it, the write is sent once more.",
            "响应丢失的写入仍可能生效的时间；默认与 settle 相同，至少 100ms。之后会再写一次。",
        ),
        **DURATION,
    },
}
_LIMITS: Final = {
    "maxChange": {
        **said(
            "Largest share of the selected agents that one run may update or delete, once those "
            "are 10 or more; default 30%.",
            "选中的智能体达到 10 个时，单次运行最多可更新或删除的比例；默认 30%。",
        ),
        **_PERCENT,
    },
    "maxUnavailable": {
        **said(
            "How many agents may be restarting at a time, from 1; default 5. Or a share of the "
            "selected agents of the account that exist, rounded down and at least 1: 25%.",
            "同时处于重启中的智能体数量上限，从 1 起；默认 5。"
            "也可写占该账号下已存在的选中智能体的比例，向下取整且至少为 1：25%。",
        ),
        "anyOf": [_COUNT, {**_PERCENT, "not": {"pattern": r"^0+(\.0+)?%$"}}],
    },
    "maxRestarts": {
        **said(
            "How many agents one run may restart, 0 for none; without it as many as differ. A plan "
            "that needs more is refused before the first write.",
            "单次运行最多可重启的智能体数量，0 表示不允许重启；不写则不限。"
            "计划需要更多重启时，在首次写入前即被拒绝。",
        ),
        "type": "integer",
        "minimum": 0,
    },
    "maxFailures": {
        **said(
            "How many agents may fail before nothing new is started: with 1 the second failure stops "
            "the run, with 0 the first one does. Default 1.",
            "允许失败的智能体数量，超过后不再开始新的更新：1 表示出现第二个失败时停止，"
            "0 表示第一个失败即停止。默认 1。",
        ),
        "type": "integer",
        "minimum": 0,
    },
    "canary": {
        **said(
            "How many agents of each wave are written first; the others begin when these are back "
            "and as declared. Where one of them is not, nothing new is started. Default 0: all "
            "begin together.",
            "每个批次先写入的智能体数量；待其恢复就绪并与声明一致后，其余才开始。"
            "若有一个未能做到，则不再开始新的更新。默认 0：同时开始。",
        ),
        "type": "integer",
        "minimum": 0,
    },
    "wavePause": {
        **said(
            "How long to pause between a wave in which something was written and the next, such as "
            "30s or 5m; default 0s.",
            "有写入的批次与下一批次之间的暂停时间，例如 30s 或 5m；默认 0s。",
        ),
        **DURATION,
    },
}
_OVERLAYS: Final = {
    **said(
        "Folders of partial manifests that are merged over the manifests, in this order; relative "
        "to this file.",
        "存放部分清单的目录，按此顺序合并到清单之上；相对于本文件。",
    ),
    "type": ["array", "null"],
    "items": {"type": "string", "pattern": r"^\s*[^/\s]"},
    "uniqueItems": True,
}
_VARS: Final = {
    **said(
        "What ${var.NAME} in strings of manifests stands for. Not for secrets.",
        "清单字符串中 ${var.NAME} 所代表的内容。不可用于机密。",
    ),
    "type": ["object", "null"],
    "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_-]*$"},
    "additionalProperties": {"type": ["string", "number", "boolean"]},
}


_TEXT: Final = {"type": "string", "pattern": r"\S"}
_IGNORE: Final = {
    **said(
        "Fields that are not compared: the live value stays, and creating uses the manifest's.",
        "不比较的字段：保留线上的值；创建时使用清单中的值。",
    ),
    "type": ["array", "null"],
    "items": {
        "type": "object",
        "properties": {
            "path": {
                **said(
                    "A JSON Pointer below spec; it holds for all that is below, too. * stands for "
                    "a part of one step, ** for any number of steps: /environmentVariables/FC_*.",
                    "spec 之下的 JSON Pointer，其下的内容也包括在内。* 代表一级名称中的任意部分，"
                    "** 代表任意多级：/environmentVariables/FC_*。",
                ),
                "type": "string",
                "pattern": r"^/(?!spec(/|$))([^~]|~[012])*$",
            },
            "reason": {
                **said(
                    "Why, for whoever reads it later.",
                    "原因，供日后查看的人参考。",
                ),
                **_TEXT,
            },
            "kind": {
                **said(
                    "Only agents of this kind.",
                    "仅用于该类型的智能体。",
                ),
                "type": ["string", "null"],
                "pattern": r"\S",
            },
            "names": {
                **said(
                    "Only agents of these names; * stands for anything.",
                    "仅用于这些名称的智能体；* 代表任意内容。",
                ),
                "type": ["array", "null"],
                "items": {"type": "string"},
                "minItems": 1,
            },
            "selector": {
                **said(
                    "Only agents with these labels, as after -l: team=support,tier!=test.",
                    "仅用于带有这些标签的智能体，写法与 -l 相同：team=support,tier!=test。",
                ),
                "type": ["string", "null"],
                "pattern": r"\S",
            },
            "expires": {
                **said(
                    "From this day on (UTC) the rule no longer works and is warned about.",
                    "自该日（UTC）起规则失效，并给出警告。",
                ),
                "type": ["string", "null"],
                "pattern": r"^\d{4}-\d{2}-\d{2}$",
            },
        },
        "required": ["path", "reason"],
        "additionalProperties": False,
    },
}


def config_schema(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The schema of the configuration; `settings` has each cloud's JSON Schema by its key."""
    clouds = {name: _cloud(name, schema) for name, schema in settings.items()}
    common = {
        "wait": _section("How long to wait for agents.", "等待智能体的时间。", _WAIT),
        "limits": _section("What one run may do at most.", "单次运行的上限。", _LIMITS),
        "overlays": _OVERLAYS,
        "vars": _VARS,
        "policy": POLICY_AGAIN,
    }
    target = said(
        "A target: at most one account and region of each cloud, and how to go about it.",
        "一个目标：每个云至多一个账号和地域，以及如何操作。",
    )
    return {
        "$schema": DIALECT,
        "title": "reconcile.yaml",
        "type": "object",
        "properties": {
            "defaultTarget": {
                **said(
                    "The target where --target names none.",
                    "未用 --target 指定时所用的目标。",
                ),
                "type": ["string", "null"],
            },
            "targets": {
                **said(
                    "The targets by name. sandbox always exists: it emulates both clouds.",
                    "各目标，以名称为键。sandbox 始终存在：它模拟两个云。",
                ),
                "type": ["object", "null"],
                "properties": {SANDBOX: {**target, **_members(common)}},
                "additionalProperties": {**target, **_members({**clouds, **common})},
            },
            "ignore": _IGNORE,
            "policy": POLICY,
        },
        "additionalProperties": False,
    }


def _cloud(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    publishing = Publishing(schema.get("$defs", {}), references=False)
    plain = publishing.field({**schema, "description": ""}, None)
    words = said(
        f"How {name} is reached, and how fast to go.",
        f"如何访问 {name}，以及请求的快慢。",
    )
    return {**plain, **words, "type": ["object", "null"]}


def _section(english: str, chinese: str, members: Mapping[str, Any]) -> dict[str, Any]:
    return {**said(english, chinese), **_members(members)}


def _members(members: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": ["object", "null"],
        "properties": dict(members),
        "additionalProperties": False,
    }
