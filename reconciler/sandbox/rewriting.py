"""Other ways to show the same values: another order, other JSON, and defaults that nobody wrote.

What is a set and what is JSON in a text is as the vendors' pages have it: tags, switches, mount points
(found by `mountDir`) and protocols (found by `type`) on AgentRun; tags and eight properties on
AppStage.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from reconciler.sandbox.quirks import Quirks

Json = Any

_SETS: Final = frozenset({"systemTags", "tags", "vswitchIds", "mountPoints", "protocolSettings"})
_JSON: Final = frozenset(
    {
        *("knowledge_setting", "model_setting", "qa_model_setting", "variable_settings"),
        *("workflow_settings", "file_box", "audio_settings", "fragment_memory_settings"),
        *("config", "inputBodyJsonSchema", "outputBodyJsonSchema", "a2aAgentCard", "A2AAgentCard"),
    }
)
_DECIMALS: Final = frozenset({"cpu"})


def rewritten(tree: dict[str, Json], quirks: Quirks) -> dict[str, Json]:
    """What a read shows, as the switches have it shown."""
    if quirks.reserialises:
        tree = reserialised(tree)
    return reordered(tree) if quirks.reorders else tree


def reordered(value: Json, name: str = "") -> Json:
    """The same with all members, and the elements of sets, in the opposite order."""
    if isinstance(value, dict):
        return {key: reordered(value[key], key) for key in reversed(value)}
    if isinstance(value, list):
        elements = [reordered(element) for element in value]
        return elements[::-1] if name in _SETS else elements
    return value


def reserialised(value: Json, name: str = "") -> Json:
    """The same with JSON in texts written otherwise, and decimals where the type is decimal."""
    if isinstance(value, dict):
        return {key: reserialised(member, key) for key, member in value.items()}
    if isinstance(value, list):
        return [reserialised(element) for element in value]
    if name in _JSON and isinstance(value, str):
        return _rewritten(value)
    if name in _DECIMALS and type(value) is int:
        return float(value)
    return value


def _rewritten(text: str) -> str:
    """A JSON text with sorted members, escapes, spaces and decimals; another text as it is."""
    try:
        value = json.loads(text, parse_int=_decimal)
    except (ValueError, RecursionError):
        return text
    return json.dumps(value, sort_keys=True, indent=1)


def _decimal(digits: str) -> int | float:
    """A whole number as `2.0`, unless a decimal cannot hold it."""
    number = int(digits)
    return float(number) if abs(number) < 2**53 else number


def completed(defaults: Mapping[str, Json], held: Mapping[str, Json]) -> dict[str, Json]:
    """What is held, with defaults where it has nothing, in objects and JSON texts as well."""
    whole = {**defaults, **held}
    for name, default in defaults.items():
        if name in held:
            whole[name] = _filled(default, held[name])
    return whole


def _filled(default: Json, held: Json) -> Json:
    if isinstance(default, dict) and isinstance(held, dict) and held:
        return completed(default, held)
    if isinstance(default, str) and isinstance(held, str) and held.startswith("{"):
        try:
            inner, given = json.loads(default), json.loads(held)
        except (ValueError, RecursionError):
            return held
        if isinstance(inner, dict) and isinstance(given, dict) and given:
            whole = completed(inner, given)
            return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    return held
