"""Durations and percentages as people write them. A bare number is refused: its unit is a guess."""

import math
import re
from typing import Final

_SECONDS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_DURATION: Final = re.compile(r"(?:\d{1,9}(?:\.\d{1,9})?(?:ms|s|m|h))+", re.ASCII)
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)", re.ASCII)
_PERCENT: Final = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)%", re.ASCII)

MAX_SECONDS: Final = 7 * 24 * 3600.0


def parse_duration(value: object) -> float:
    """Seconds of `10m`, `15s`, `1h30m`, `500ms`. Raises ValueError with a sentence."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError(f"a duration has a unit: {value}s or {value}m")  # noqa: TRY004 - one kind
    if not isinstance(value, str) or not _DURATION.fullmatch(value):
        raise ValueError("a duration is written like 15s, 10m, 1h30m or 500ms")
    parts = _PART.findall(value)
    units = [list(_SECONDS).index(unit) for _, unit in parts]
    if units != sorted(set(units)):
        raise ValueError("a duration names each unit once, the largest first: 1h30m")
    seconds = math.fsum(float(number) * _SECONDS[unit] for number, unit in parts)
    if seconds > MAX_SECONDS:
        raise ValueError("a duration is at most 168h")
    return seconds


def parse_percent(value: object) -> float:
    """The number of `30%`, from 0 to 100. Raises ValueError with a sentence."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError(f"a percentage has its sign: {value}%")  # noqa: TRY004 - one kind
    match = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if match is None or float(match.group(1)) > 100:
        raise ValueError("a percentage is written like 30%, from 0% to 100%")
    return float(match.group(1))
