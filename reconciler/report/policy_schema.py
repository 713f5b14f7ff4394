"""The part of the published JSON Schema of `reconcile.yaml` that is the section `policy`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from reconciler.model.policy import Level
from reconciler.report.schema import DURATION, NOT_ZERO
from reconciler.report.schema_fields import said

_TEXT: Final = {"type": "string", "pattern": r"\S", "maxLength": 500}
_LEVELS: Final = [*(level.value for level in Level), "off"]
_LEVEL: Final = {
    **said(
        "deny refuses the whole run, warn only says so, off does neither; default deny.",
        "deny 拒绝整次运行，warn 仅提示，off 关闭；默认 deny。",
    ),
    "enum": [*_LEVELS, None],
}
_MESSAGE: Final = {
    **said("What to tell whoever breaks the rule.", "违反规则时显示的说明。"),
    **_TEXT,
}
_SCOPE: Final = {
    "names": {
        **said(
            "Only agents of these names; * stands for anything.",
            "仅用于这些名称的智能体；* 代表任意内容。",
        ),
        "type": ["array", "null"],
        "items": _TEXT,
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
}
_COMMON: Final = {"level": _LEVEL, "message": {**_MESSAGE, "type": ["string", "null"]}, **_SCOPE}
_CEL: Final = {"type": "string", "pattern": r"\S", "maxLength": 1000}
_MOMENT: Final = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}(T.+)?$"}
_RULES: Final = {"type": ["array", "null"], "items": _TEXT}


def _object(
    members: Mapping[str, Any], required: Sequence[str] = (), *, null: bool = False
) -> dict[str, Any]:
    return {
        "type": ["object", "null"] if null else "object",
        "properties": dict(members),
        **({"required": list(required)} if required else {}),
        "additionalProperties": False,
    }


_RULE: Final = {
    **_object(
        {
            "name": {**said("The rule's name, for messages.", "规则名称，用于提示。"), **_TEXT},
            "when": {
                **said(
                    "CEL: the rule is asked only where this is true.",
                    "CEL 表达式：仅当其为真时才检查该规则。",
                ),
                **_CEL,
                "type": ["string", "null"],
            },
            "deny": {
                **said(
                    "CEL that must not be true of an agent that would be written; the run is "
                    "refused. It sees agent (kind, name, labels, action, restarts, changes, "
                    "desired), plan, target and now; secrets are (sealed).",
                    "对将要写入的智能体不得为真的 CEL 表达式，否则拒绝运行。可用变量：agent（kind、"
                    "name、labels、action、restarts、changes、desired）、plan、target、now；"
                    "机密显示为 (sealed)。",
                ),
                **_CEL,
            },
            "warn": {
                **said(
                    "The same, but the run only says so.",
                    "同上，但仅提示。",
                ),
                **_CEL,
            },
            "message": _MESSAGE,
            **_SCOPE,
        },
        ("name", "message"),
    ),
    "oneOf": [{"required": [level.value]} for level in Level],
}
_SWITCH: Final = {"anyOf": [{"enum": _LEVELS}, _object(_COMMON)]}
_LIMIT: Final = {
    **said("What is allowed at most.", "允许的最大值。"),
    "type": "number",
    "exclusiveMinimum": 0,
}
_MODELS: Final = {
    **said("The models that are allowed.", "允许的模型。"),
    "type": "array",
    "items": _TEXT,
}
_FREEZE: Final = _object(
    {
        "name": {
            **said("Its name; default freeze.", "名称；默认 freeze。"),
            **_TEXT,
            "type": ["string", "null"],
        },
        "cron": {
            **said(
                "When a window begins: minute, hour, day of month, month, day of week.",
                "冻结开始的时刻：分、时、日、月、星期。",
            ),
            "type": "string",
            "pattern": r"^\s*(\S+\s+){4}\S+\s*$",
        },
        "for": {
            **said("How long it lasts, in elapsed time.", "持续时间，按实际流逝计算。"),
            **DURATION,
            **NOT_ZERO,
        },
        "timezone": {
            **said("The IANA time zone of cron.", "cron 所用的 IANA 时区。"),
            **_TEXT,
        },
        **_COMMON,
    },
    ("cron", "for", "timezone"),
)
_BUILTIN: Final = _object(
    {
        "image-pinned": {
            **said(
                "Images have a digest, or a tag other than latest.",
                "镜像须带摘要，或使用 latest 以外的标签。",
            ),
            **_SWITCH,
        },
        "no-public-network": {
            **said(
                "The network mode is set to one without the public network.",
                "网络模式须明确设为不含公网的模式。",
            ),
            **_SWITCH,
        },
        "max-memory": {
            **said("At most so many MB of memory.", "内存上限（MB）。"),
            **_object({"limit": _LIMIT, **_COMMON}, ("limit",)),
        },
        "max-cpu": {
            **said("At most so many cores.", "CPU 核数上限。"),
            **_object({"limit": _LIMIT, **_COMMON}, ("limit",)),
        },
        "allowed-models": {
            **said(
                "Only these models; * stands for anything.",
                "仅允许这些模型；* 代表任意内容。",
            ),
            **_object({"models": _MODELS, **_COMMON}, ("models",)),
        },
        "freeze": {
            **said("When nothing is written.", "不进行任何写入的时间段。"),
            "type": "array",
            "items": _FREEZE,
        },
        "protected": {
            **said(
                "The agents of these names and labels are neither updated nor deleted.",
                "这些名称和标签的智能体不得更新或删除。",
            ),
            **_object(_COMMON),
            "anyOf": [{"required": ["names"]}, {"required": ["selector"]}],
        },
    },
    null=True,
)
_GLASS: Final = _object(
    {
        "reason": {**said("Why, for whoever reads it later.", "原因，供日后查看。"), **_TEXT},
        "expires": {
            **said(
                "From this day (UTC) or time on it allows nothing and is warned about.",
                "自该日（UTC）或该时刻起失效，并给出警告。",
            ),
            **_MOMENT,
        },
        "allow": {
            **said("The rules that do not deny until then.", "在此之前不再拒绝的规则。"),
            "type": "array",
            "items": _TEXT,
        },
    },
    ("reason", "expires", "allow"),
)
_FREE: Final = {"type": ["object", "null"]}
_OPTIONAL: Final = {"type": ["string", "null"]}
_SAMPLE: Final = _object(
    {
        "name": {**said("What it shows.", "示例说明。"), **_TEXT},
        "agent": {
            **said(
                "The agent as rules see it; the action is update where none is said.",
                "规则所见的智能体；未写 action 时为 update。",
            ),
            **_object(
                {
                    "kind": {**said("Its kind.", "类型。"), "type": "string"},
                    "apiVersion": {**said("Its apiVersion.", "apiVersion 的值。"), **_OPTIONAL},
                    "name": {**said("Its name.", "名称。"), **_OPTIONAL},
                    "id": {**said("Its id in the cloud.", "云端的 ID。"), **_OPTIONAL},
                    "status": {
                        **said("The cloud's word for its state.", "云端的状态。"),
                        **_OPTIONAL,
                    },
                    "labels": {
                        **said("Its labels.", "标签。"),
                        **_FREE,
                        "additionalProperties": {"type": "string"},
                    },
                    "action": {
                        **said("What would happen to it.", "将要执行的操作。"),
                        "enum": ["create", "update", "delete"],
                    },
                    "restarts": {
                        **said("Whether that restarts it.", "是否会因此重启。"),
                        "type": ["boolean", "null"],
                    },
                    "changes": {
                        **said(
                            "What differs: path, from and to; an absent side is left out.",
                            "差异：path、from 与 to；不存在的一方省略。",
                        ),
                        "type": ["array", "null"],
                        "items": {
                            "type": "object",
                            "properties": {
                                "path": {
                                    **said("Where, as a JSON Pointer.", "位置，JSON Pointer。"),
                                    "type": "string",
                                }
                            },
                            "required": ["path"],
                        },
                    },
                    "desired": {**said("Its spec.", "spec 的内容。"), **_FREE},
                },
                ("kind",),
            ),
        },
        "plan": {
            **said(
                "The plan's numbers (update, restarts, …), 0 where they are not said.",
                "计划的数量（update、restarts 等），未写的为 0。",
            ),
            "type": ["object", "null"],
            "additionalProperties": {"type": "integer"},
        },
        "target": {
            **said("The target whose rules hold.", "使用其规则的目标。"),
            **_OPTIONAL,
        },
        "now": {
            **said(
                "The time; without it no freeze window is asked.",
                "时间；未写时不检查冻结时间段。",
            ),
            **_MOMENT,
            "type": ["string", "null"],
        },
        "expect": {
            **said(
                "The rules that deny and that warn, all of them.",
                "应拒绝和应提示的全部规则。",
            ),
            **_object(
                {
                    "deny": {**said("The rules that deny.", "应拒绝的规则。"), **_RULES},
                    "warn": {**said("The rules that warn.", "应提示的规则。"), **_RULES},
                }
            ),
        },
    },
    ("name", "agent", "expect"),
)

POLICY: Final = {
    **said(
        "What may be written, and when. The rules at the top and those of a target add up; they "
        "are asked of agents that would be created, updated or deleted.",
        "允许写入的内容与时间。顶层规则与目标的规则叠加；仅检查将被创建、更新或删除的智能体。",
    ),
    **_object(
        {
            "rules": {
                **said(
                    "Rules of one's own in CEL; they need the extra policy.",
                    "自定义的 CEL 规则；需要安装可选依赖 policy。",
                ),
                "type": ["array", "null"],
                "items": _RULE,
            },
            "builtin": {
                **said("Rules that are there to be switched on.", "可直接启用的内置规则。"),
                **_BUILTIN,
            },
            "breakGlass": {
                **said(
                    "Lets rules be broken, for a reason and for a time; one or several.",
                    "在限定时间内因某原因允许违反规则；可写一个或多个。",
                ),
                "anyOf": [_GLASS, {"type": "array", "items": _GLASS}, {"type": "null"}],
            },
            "tests": {
                **said(
                    "Examples that reconcile policy test runs.",
                    "由 reconcile policy test 运行的示例。",
                ),
                "type": ["array", "null"],
                "items": _SAMPLE,
            },
        },
        null=True,
    ),
}
"""The schema of the section at the top of the file."""

POLICY_AGAIN: Final = {
    **said(
        "Rules that hold in this target beside those at the top of the file.",
        "除文件顶层的规则外，仅在此目标中生效的规则。",
    ),
    "$ref": "#/properties/policy",
}
"""The schema of the section in a target."""
