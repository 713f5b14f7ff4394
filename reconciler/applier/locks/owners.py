"""Who holds a lock: as text for people, and as JSON for the next one who wants it."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from reconciler.ports import Holder, Owner

MAX_TEXT = 200
"""How many characters of each text are kept: another program may have written it."""


def encode_owner(name: str, owner: Owner) -> bytes:
    """What is left beside a lock that was taken."""
    return (json.dumps({"name": name, **asdict(owner)}, ensure_ascii=False) + "\n").encode(
        "utf-8", "backslashreplace"
    )


def decode_owner(data: bytes) -> Owner | None:
    """The owner that was left, None where nothing whole stands there."""
    try:
        found = json.loads(data)
    except ValueError:
        return None
    return owner_of(found) if isinstance(found, dict) else None


def owner_of(found: dict[str, Any]) -> Owner | None:
    """An owner out of what another process left; None where a part is missing or strange."""
    texts = [found.get(part) for part in ("user", "host", "run", "command")]
    pid, since = found.get("pid"), found.get("since")
    if not all(isinstance(text, str) for text in texts):
        return None
    if not isinstance(pid, int) or not isinstance(since, int | float):
        return None
    user, host, run, command = (str(text)[:MAX_TEXT] for text in texts)
    return Owner(user, host, pid, run, command, float(since))


def described(holder: Holder, now: float) -> str:
    """`alice@build-7, process 4711, since 2026-… (3 min): apply, target prod, run …`."""
    owner = holder.owner
    if owner is None:
        return f"somebody who left no name ({holder.alive})"
    return (
        f"{owner.user}@{owner.host}, process {owner.pid}, since {_moment(owner.since)}"
        f" ({_ago(now - owner.since)}): {owner.command}, run {owner.run} ({holder.alive})"
    )


def _moment(seconds: float) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError, OSError):
        return "an unknown time"


def _ago(seconds: float) -> str:
    seconds = max(0.0, seconds)
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
