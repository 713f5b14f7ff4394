"""Earlier events, oldest first, folded into what is still true after the last. Pure."""

from typing import Any, Final

from reconciler.applier.lines import Lines
from reconciler.ports import History, Quarantine, Unfinished

INTENTS: Final = ("write-intended", "rollback-intended")
ANSWERS: Final = ("write-answered", "rollback-answered")
ENDS: Final = ("write-ended", "rollback-ended")

_ENDED: Final = frozenset(
    {"changed", "created", "failed", "not-kept", "blocked", "refused", "rolled-back"}
)
"""Results after which a write needs no further looking after."""


MEMBERS: Final = (
    *(
        "at",
        "event",
        "key",
        "of",
        "stamp",
        "result",
        "digest",
        "paths",
        "changes",
        "manifest",
        "commit",
    ),
)
"""Of each event: what is asked of it here."""


class Replay:
    """`take` every record of one target, the oldest first; `history` is what they come to."""

    def __init__(self) -> None:
        self._unfinished: dict[str, Unfinished] = {}
        self._seen_back: dict[str, float] = {}
        self._not_kept: dict[str, dict[str, tuple[str, ...]]] = {}
        self._quarantine: dict[str, dict[str, Quarantine]] = {}

    def history(self) -> History:
        """What is still true."""
        held = {key: digests for key, digests in self._quarantine.items() if digests}
        return History(self._unfinished, self._seen_back, self._not_kept, held)

    def take(self, run: str, lines: Lines) -> None:
        """Take in one record."""
        commit = checkout_of(lines.start).get("rev")
        came_from = Quarantine(run, commit if isinstance(commit, str) else "")
        wanted: dict[str, str] = {}
        for _, event in lines.events:
            key, kind = event.get("key"), event.get("event")
            if kind == "released":
                self._release(event.get("of"))
            elif not isinstance(key, str):
                continue
            elif kind == "write-intended":
                wanted[key] = text(event.get("manifest"))
            elif kind == "rollback-intended" and wanted.get(key):
                self._quarantine.setdefault(key, {})[wanted[key]] = came_from
            elif kind == "quarantined":
                back = Quarantine(text(event.get("of")), text(event.get("commit")))
                self._quarantine.setdefault(key, {})[text(event.get("manifest"))] = back
            if isinstance(key, str):
                self._write(run, key, event)

    def _release(self, run: object) -> None:
        for digests in self._quarantine.values():
            for digest in [one for one, held in digests.items() if held.run == run]:
                del digests[digest]

    def _write(self, run: str, key: str, event: dict[str, Any]) -> None:
        kind, at = event.get("event"), number(event.get("at")) or 0.0
        if kind in INTENTS:
            stamp = number(event.get("stamp"))
            self._unfinished[key] = Unfinished(run, at, stamp, answered=False)
            self._seen_back.pop(key, None)
        elif kind in ANSWERS and key in self._unfinished:
            before = self._unfinished[key]
            self._unfinished[key] = Unfinished(run, at or before.written_at, before.stamp)
        elif kind in ENDS and str(event.get("result")) in _ENDED:
            self._ended(key, event)
        elif kind == "looked-after":
            self._unfinished.pop(key, None)

    def _ended(self, key: str, event: dict[str, Any]) -> None:
        self._unfinished.pop(key, None)
        stamp = number(event.get("stamp"))
        if stamp is not None:
            self._seen_back[key] = stamp
        if event.get("result") == "not-kept":
            self._lost(key, event)
        elif event.get("result") in ("changed", "created"):
            self._not_kept.pop(key, None)

    def _lost(self, key: str, event: dict[str, Any]) -> None:
        """Remember what was not kept: the write as a whole, and each of its changes."""
        known, changes = self._not_kept.setdefault(key, {}), event.get("changes")
        if digest := text(event.get("digest")):
            known[digest] = texts(event.get("paths"))
        if isinstance(changes, dict):
            known |= {str(name): (path,) for path, name in changes.items()}


def checkout_of(start: dict[str, Any]) -> dict[str, Any]:
    """What a first line says of the commit that the manifests came from."""
    commit = start.get("commit")
    return commit if isinstance(commit, dict) else {}


def number(value: object) -> float | None:
    """A number of a record, None for what is none."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def text(value: object) -> str:
    """A text of a record, empty for what is none."""
    return value if isinstance(value, str) else ""


def texts(value: object) -> tuple[str, ...]:
    """A list of texts of a record."""
    return tuple(str(one) for one in value) if isinstance(value, list) else ()
