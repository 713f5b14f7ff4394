"""What came of writing back what an agent was before its update, for people."""

from collections.abc import Iterator
from typing import Final

from reconciler.model.outcome import Restored, Result, Rollback

_SENT: Final = {
    Result.FAILED: "it failed",
    Result.TIMED_OUT: "not back in time",
    Result.NOT_KEPT: "not all of it was kept",
    Result.UNKNOWN: "what came of it is not known",
}


def rollback_lines(rollback: Rollback, *, restored: bool = True) -> Iterator[str]:
    """The verdict, then a line for each field; without `restored` only for those that are not.

    Not yet harmless: a cloud's own words may stand in it.
    """
    yield verdict(rollback)
    yield from (_line(field) for field in rollback.fields if restored or not field.restored)


def verdict(rollback: Rollback) -> str:
    """One sentence: whether it is back as it was before, and if not, why."""
    words = _words(rollback)
    return f"{words}: {rollback.reason}" if rollback.reason else words


def _words(rollback: Rollback) -> str:
    match rollback.result:
        case Result.CHANGED if rollback.complete:
            return "rolled back: it is as it was before"
        case Result.CHANGED:
            left = sum(not field.restored for field in rollback.fields)
            return f"rolled back in part: {left} of {len(rollback.fields)} fields could not be"
        case Result.INTERRUPTED:
            return "its rollback was interrupted"
        case result if result in _SENT:
            return f"rolled back, and {_SENT[result]}"
        case _:
            return "not rolled back"


def _line(field: Restored) -> str:
    word = "restored" if field.restored else "not restored"
    return f"{word}: {field.path}" + (f" ({field.reason})" if field.reason else "")
