"""How agents are, for people and for programs."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from reconciler.model.binding import PLAN_FORMAT
from reconciler.model.status import State, Status
from reconciler.report.count import counted
from reconciler.report.ink import Ink, Style
from reconciler.report.plain import capped, plain

_STYLES: Final = {
    State.READY: Style.ADDED,
    State.RESTARTING: Style.CHANGED,
    State.FAILED: Style.WARNING,
    State.UNKNOWN: Style.WARNING,
    State.NO_STATUS: Style.DIM,
    State.ABSENT: Style.CHANGED,
    State.AMBIGUOUS: Style.WARNING,
    State.UNREADABLE: Style.WARNING,
}
_WIDTH: Final = max(len(state.value) for state in State)
_UNITS: Final = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"))


def render_status(statuses: Sequence[Status], *, now: float, color: bool) -> str:
    """A line for each agent, what is to be known of it below, and the numbers at the end.

    `now` is seconds since the epoch.
    """
    ink = Ink(color)
    lines = [line for status in statuses for line in _lines(status, now, ink)]
    numbers = Counter(status.state for status in statuses)
    told = ", ".join(f"{numbers[state]} {state.value}" for state in State if numbers[state])
    agents = counted(len(statuses), "agent")
    lines.append(ink.paint(Style.STRONG, f"Status: {agents}: {told}" if told else "Status: none"))
    return "".join(f"{line}\n" for line in lines)


def status_document(target: str, statuses: Sequence[Status]) -> dict[str, Any]:
    """The document of `status -o json`."""
    numbers = Counter(status.state for status in statuses)
    return {
        "formatVersion": PLAN_FORMAT,
        "target": target,
        "summary": {state.value: numbers[state] for state in State},
        "agents": [_agent(status) for status in statuses],
    }


def _agent(status: Status) -> dict[str, Any]:
    return {
        "apiVersion": status.address.api_version,
        "kind": status.address.kind,
        "name": status.address.name,
        "id": status.id,
        "state": status.state.value,
        "status": status.word,
        "reason": status.reason,
        "version": status.version,
        "since": status.since,
        "ageSeconds": status.age_seconds,
        "leftSeconds": status.left_seconds,
        "unfinished": None
        if status.open is None
        else {
            "run": status.open.run,
            "at": moment_text(status.open.at),
            "running": status.open.running,
        },
    }


def _lines(status: Status, now: float, ink: Ink) -> Iterator[str]:
    word = ink.paint(_STYLES[status.state], status.state.value.ljust(_WIDTH))
    facts = [
        status.word,
        f"version {status.version}" if status.version else "",
        _since(status),
        _left(status),
    ]
    told = ", ".join(plain(fact) for fact in facts if fact)
    yield f"{word}  {plain(str(status.address))}{f'  {told}' if told else ''}"
    if status.reason:
        yield f"    {plain(capped(status.reason))}"
    if status.open is not None:
        ago = ago_text(max(0.0, now - status.open.at))
        run = f"    run {plain(status.open.run)}"
        if status.open.running:
            yield f"{run} wrote to it {ago} ago and waits for it"
        else:
            yield f"{run} left a write without an end {ago} ago; the next apply looks after it"


def _since(status: Status) -> str:
    if not status.since:
        return ""
    ago = "" if status.age_seconds is None else f" ({ago_text(status.age_seconds)} ago)"
    return f"since {status.since}{ago}"


def _left(status: Status) -> str:
    if status.state is not State.RESTARTING:
        return ""
    if status.left_seconds is None:
        return "time left unknown"
    return f"about {ago_text(status.left_seconds)} left"


def ago_text(seconds: float) -> str:
    """A length of time in its largest unit."""
    for size, unit in _UNITS:
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def moment_text(seconds: float) -> str:
    """A time since the epoch as ISO 8601, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
