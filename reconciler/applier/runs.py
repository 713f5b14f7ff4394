"""Runs as their records tell them; see `model.run`."""

from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import Any, Final

from reconciler.applier.lines import Lines, read_lines
from reconciler.applier.replay import ANSWERS, ENDS, INTENTS, checkout_of, number, text, texts
from reconciler.model.errors import InputError
from reconciler.model.manifest import Address
from reconciler.model.run import AgentRecord, Checkout, RunRecord, RunState, Write
from reconciler.model.tree import Tree

_PARTS: Final = 4
"""Of the key of an agent: the group and version of its kind, the kind, and its name."""


def read_run(path: Path, target: str | None = None) -> RunRecord | None:
    """The run of this record, None where it is of another target.

    Raises InputError, see `read_lines`.
    """
    lines = read_lines(path, target)
    return None if lines is None else _run(path.stem, lines)


def run_files(folder: Path) -> list[Path]:
    """Every file that may be a record, the newest first."""
    try:
        return sorted(folder.glob("*.jsonl"), reverse=True)
    except OSError:
        return []


def find_run(folder: Path, prefix: str) -> RunRecord:
    """The one run whose id begins so. Raises InputError for none, for several, and for no record."""
    files = [path for path in run_files(folder) if path.stem.startswith(prefix)]
    exact = [path for path in files if path.stem == prefix]
    if not files or not prefix:
        raise InputError(f"there is no run {prefix!r} in {folder}; `reconcile runs` lists them")
    if len(files) > 1 and not exact:
        ids = ", ".join(path.stem for path in files[:5])
        raise InputError(f"{len(files)} runs begin with {prefix!r}: {ids}; type more of it")
    path = (exact or files)[0]
    try:
        found = read_run(path)
    except InputError as error:
        raise InputError(f"{path} is no record of a run: {error}") from error
    assert found is not None  # noqa: S101 - None is for another target, and none was asked for
    return found


def address_of(key: str) -> Address | None:
    """The agent that a record means; None for what is no key."""
    parts = key.split("/", _PARTS - 1)
    if len(parts) < _PARTS:
        return None
    group, version, kind, name = parts
    return Address(f"{group}/{version}", kind, name)


def _run(name: str, lines: Lines) -> RunRecord:
    start, events = lines.start, [event for _, event in lines.events]
    planned = next((one for one in events if one.get("event") == "run-planned"), {})
    ended = next((one for one in events if one.get("event") == "run-ended"), None)
    agents = planned.get("agents")
    pid = start.get("pid")
    results = (ended or {}).get("results")
    return RunRecord(
        id=name,
        target=text(start.get("target")),
        state=_state(ended, held=lines.held),
        started_at=_seconds(start.get("at")),
        ended_at=_seconds((ended or {}).get("at")),
        command=text(start.get("command")),
        of=text(start.get("of")),
        host=text(start.get("host")),
        pid=pid if isinstance(pid, int) else None,
        checkout=_checkout(start),
        planned=agents if isinstance(agents, int) else None,
        results={
            str(word): count
            for word, count in (results.items() if isinstance(results, dict) else ())
            if isinstance(count, int)
        },
        agents=_agents(lines),
        unread=lines.unread,
        torn=lines.torn,
    )


def _state(ended: Tree | None, *, held: bool) -> RunState:
    if ended is None:
        return RunState.RUNNING if held else RunState.KILLED
    return RunState.INTERRUPTED if ended.get("interrupted") is True else RunState.ENDED


def _checkout(start: Tree) -> Checkout | None:
    commit = checkout_of(start)
    rev = text(commit.get("rev"))
    return Checkout(rev, commit.get("dirty") is True) if rev else None


def _agents(lines: Lines) -> tuple[AgentRecord, ...]:
    writes: dict[Address, list[Write]] = {}
    for line, event in lines.events:
        address = address_of(text(event.get("key")))
        if address is None:
            continue
        own = writes.setdefault(address, [])
        kind = event.get("event")
        if kind in INTENTS:
            own.append(_write(line, event))
        elif own and kind in ANSWERS:
            own[-1] = replace(
                own[-1], answer=text(event.get("answer")), detail=text(event.get("detail"))
            )
        elif own and kind in ENDS:
            own[-1] = _ended(own[-1], event)
    return tuple(AgentRecord(address, tuple(own)) for address, own in writes.items() if own)


def _write(line: int, event: dict[str, Any]) -> Write:
    agent_id = event.get("id")
    return Write(
        line=line,
        at=_seconds(event.get("at")) or 0.0,
        operation=text(event.get("operation")),
        back=event.get("event") == "rollback-intended",
        id=agent_id if isinstance(agent_id, str) else None,
        stamp=_seconds(event.get("stamp")),
        manifest=text(event.get("manifest")),
        where=_tree(event.get("where")),
        files=texts(event.get("files")),
        paths=texts(event.get("paths")),
        before=_tree(event.get("before")),
        hidden=texts(event.get("hidden")),
        unset=texts(event.get("unset")),
        after=_tree(event.get("after")),
        sealed=texts(event.get("sealed")),
        supplied=_tree(event.get("supplied")),
        references={path: text(one) for path, one in _tree(event.get("references")).items()},
        secrets=texts(event.get("secrets")),
    )


def _ended(write: Write, event: dict[str, Any]) -> Write:
    restarts = event.get("restarts")
    return replace(
        write,
        ended_at=_seconds(event.get("at")),
        result=text(event.get("result")),
        reason=text(event.get("reason")),
        left_stamp=_seconds(event.get("stamp")),
        seconds=_seconds(event.get("seconds")),
        busy_seconds=_seconds(event.get("busySeconds")),
        restarts=restarts if isinstance(restarts, int) else None,
    )


def _tree(value: object) -> Tree:
    return value if isinstance(value, dict) else {}


def _seconds(value: object) -> float | None:
    found = number(value)
    return found if found is not None and isfinite(found) else None
