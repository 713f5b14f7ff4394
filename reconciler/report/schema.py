"""The published JSON Schemas (2020-12) of what people write: whole manifests, and overlays.

They accept what the loader accepts and refuse what it refuses, as far as a schema can say it. What
it cannot: a field that `metadata.allowUnknown` lets through, the length of a JSON document once it
is encoded, `2048.0` where a whole number is wanted.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from reconciler.model.manifest import OnFailure
from reconciler.model.rules import Field
from reconciler.report.plan_schema import PLAN_SCHEMA
from reconciler.report.schema_fields import DIALECT, VARIABLE, Publishing, said

__all__ = ["DIALECT", "DURATION", "NOT_ZERO", "PLAN_SCHEMA", "SECRET_REFERENCE", "manifest_schema"]

_REFERENCE: Final = "|".join(
    (
        r"^env:[A-Za-z_][A-Za-z0-9_]*$",
        r"^file:\s*[^/\s]",
        r"^exec:\s*\S",
        r"^sops:\s*[^/\s#].*#/",
        r"^(env|file|exec|sops):.*\$\{var\.",
    )
)
SECRET_REFERENCE: Final = {
    **said(
        "A secret is referred to, never written down: env:NAME, file:PATH (relative to this file), "
        "exec:COMMAND or sops:FILE#/POINTER.",
        "机密只引用、不写明文：env:NAME、file:PATH（相对于本文件）、exec:COMMAND 或 "
        "sops:FILE#/POINTER。",
    ),
    "type": "object",
    "properties": {"secret": {"type": "string", "pattern": _REFERENCE}},
    "required": ["secret"],
    "additionalProperties": False,
}

_PART: Final = r"\d{1,9}(\.\d{1,9})?"
DURATION: Final = {
    "type": "string",
    "minLength": 2,
    "pattern": f"^({_PART}h)?({_PART}m)?({_PART}s)?({_PART}ms)?$",
}
"""`10m`, `15s`, `1h30m`, `500ms`. At most 168 h, which no pattern says."""

NOT_ZERO: Final = {"not": {"type": "string", "pattern": r"^[0.hms]*$"}}
"""A duration that is longer than nothing."""


def manifest_schema(
    *,
    api_version: str,
    kind: str,
    spec: Mapping[str, Any],
    root: Field,
    parameters: Sequence[str] = (),
    overlay: bool = False,
) -> dict[str, Any]:
    """The schema of a whole manifest document, or of an overlay of one.

    `spec` is the JSON Schema of its `spec`, `root` the rules of the same fields: they say where
    only a secret reference may stand and where a JSON document may be written as a string.
    `parameters` are the fields of `spec` that take no secret. An overlay holds only what it
    changes, so it must have no more than what tells whose it is.
    """
    publishing = Publishing(spec.get("$defs", {}), parameters=parameters, partial=overlay)
    return {
        "$schema": DIALECT,
        "title": f"{kind} ({api_version})" + (", overlay" if overlay else ""),
        "type": "object",
        "properties": {
            "apiVersion": {**_API_VERSION, "const": api_version},
            "kind": {**_KIND, "const": kind},
            "metadata": _METADATA,
            "spec": {**_SPEC, **publishing.field(_undescribed(spec), root)},
            "rollout": _ROLLOUT,
        },
        "required": ["kind", "metadata"] if overlay else ["apiVersion", "kind", "metadata", "spec"],
        "additionalProperties": False,
        "$defs": {"SecretReference": SECRET_REFERENCE},
    }


def _undescribed(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in spec.items() if name != "description"}


_API_VERSION: Final = said(
    "Which cloud's API the manifest is written for.",
    "清单所针对的云 API。",
)
_KIND: Final = said(
    "What is described: the kind of agent.",
    "所描述的对象：智能体的种类。",
)
_SPEC: Final = said(
    "The request in the vendor's spelling. A field that is absent is not managed: never compared, "
    "never changed. null asks for a field to be cleared.",
    "按厂商拼写的请求内容。未写的字段不受管理：不比较，也不修改。null 表示请求清空该字段。",
)
_PATHS: Final = {
    "type": ["array", "null"],
    "items": {
        "anyOf": [
            {"type": "string", "pattern": r"^((/[^/]+)+|[^/.][^.]*(\.[^.]+)*)$"},
            VARIABLE,
        ]
    },
}
_METADATA: Final = {
    **said("Whose manifest this is, and how it is read.", "这份清单属于谁、如何读取。"),
    "type": "object",
    "properties": {
        "name": {
            **said(
                "Name of the agent, 1 to 256 characters. On AgentRun the agent is found by exactly "
                "this name; on AppStage it is the handle in reports only.",
                "智能体的名称，1 到 256 个字符。在 AgentRun 上按此名称精确查找；"
                "在 AppStage 上只用于报告。",
            ),
            "anyOf": [
                {"type": "string", "maxLength": 256, "pattern": r"^\S([\s\S]*\S)?$"},
                VARIABLE,
            ],
        },
        "labels": {
            **said(
                "Labels for choosing agents, as in -l team=support. Never sent to a cloud.",
                "用于选择智能体的标签，例如 -l team=support。从不发送到云端。",
            ),
            "type": ["object", "null"],
            "additionalProperties": {"type": "string"},
        },
        "allowUnknown": {
            **said(
                "Fields below spec that are let through though this version does not know them, "
                "as dotted paths or JSON Pointers, like nasConfig.newField.",
                "spec 之下本版本尚不认识、但允许放行的字段，写成点分路径或 JSON Pointer，"
                "例如 nasConfig.newField。",
            ),
            **_PATHS,
        },
        "allowPlaintext": {
            **said(
                "Strings below spec that look like a secret and are none, as paths like those of "
                "allowUnknown: no warning is given there.",
                "spec 之下看似机密而实非机密的字符串，路径写法与 allowUnknown 相同：对这些位置不再警告。",
            ),
            **_PATHS,
        },
        "complete": {
            **said(
                "Whether the manifest holds every property of the agent. With --write-unverifiable "
                "it is then written even where the cloud shows none to compare.",
                "清单是否包含智能体的全部属性。若是，加 --write-unverifiable 时，"
                "即使云端不返回可比较的属性也会写入。",
            ),
            "type": "boolean",
        },
    },
    "required": ["name"],
    "additionalProperties": False,
}
_ROLLOUT: Final = {
    **said("How the agent is brought to a new state.", "如何将智能体更新到新状态。"),
    "type": "object",
    "properties": {
        "wave": {
            **said(
                "Which wave the agent belongs to, from 0; default 0. A wave begins when all agents "
                "of the waves below it have ended.",
                "智能体所属的批次，从 0 起；默认 0。较小批次中的智能体全部结束后，下一批次才开始。",
            ),
            "type": "integer",
            "minimum": 0,
        },
        "timeout": {
            **said(
                "How long to wait for the agent after its write, longer than 0s, such as 10m or "
                "1h30m; at most 168h. Overrides wait.timeout of the target.",
                "写入后等待智能体就绪的最长时间，须大于 0s，例如 10m 或 1h30m；最长 168h。"
                "优先于目标的 wait.timeout。",
            ),
            "anyOf": [{**DURATION, **NOT_ZERO}, VARIABLE],
        },
        "onFailure": {
            **said(
                "What follows when the agent does not come back from its update: stop (default) "
                "counts it towards limits.maxFailures, continue does not, rollback counts it and "
                "writes back what the update changed.",
                "更新后智能体未恢复就绪时的处理：stop（默认）计入 limits.maxFailures；"
                "continue 不计入；rollback 计入，并写回更新前的值。",
            ),
            "anyOf": [{"enum": [one.value for one in OnFailure]}, VARIABLE],
        },
    },
    "additionalProperties": False,
}
