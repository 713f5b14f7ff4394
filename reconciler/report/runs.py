"""Runs out of their records, as text for people and as the document that programs read. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from reconciler.differ.moved import told
from reconciler.model.binding import PLAN_FORMAT
from reconciler.model.manifest import Address
from reconciler.model.plan import NOTHING
from reconciler.model.run import AgentRecord, RunRecord, RunState, Write
from reconciler.report.count import counted
from reconciler.report.ink import Ink, Style
from reconciler.report.plain import capped, plain

_STYLES: Final = {
    RunState.RUNNING: Style.CHANGED,
    RunState.ENDED: Style.DIM,
    RunState.INTERRUPTED: Style.CHANGED,
    RunState.KILLED: Style.WARNING,
}
_HEAD: Final = ("RUN", "STARTED (UTC)", "TARGET", "COMMAND", "STATE", "AGENTS", "RESULTS")
_NO_END: Final = "no end on record"
_BACK: Final = frozenset({"changed", "unchanged"})

Held = Collection[Address]
"""The agents of a run whose manifests of then are quarantined still."""


def render_runs(runs: Sequence[RunRecord], held: Mapping[str, Held], *, color: bool) -> str:
    """One line for each run, then what is to be known of it."""
    ink = Ink(color)
    rows = [_HEAD, *(_row(run) for run in runs)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD) - 1)]
    lines = []
    for row, run in zip(rows, [None, *runs], strict=True):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        if run is None:
            lines.append(ink.paint(Style.DIM, "  ".join([*cells, row[-1]])))
            continue
        cells[4] = ink.paint(_STYLES[run.state], cells[4])
        lines.append("  ".join([*cells, row[-1]]).rstrip())
        lines += [f"    {note}" for note in _notes(run, held.get(run.id, ()))]
    return "".join(f"{line}\n" for line in lines)


def render_run(run: RunRecord, held: Held, *, color: bool) -> str:
    """Everything that the record says of one run."""
    ink = Ink(color)
    state = ink.paint(_STYLES[run.state], run.state.value)
    lines = [
        f"Run {plain(run.id)}: {plain(run.command or 'apply')} on {plain(run.target)}, {state}"
    ]
    lines += [f"  {line}" for line in (*_head(run), *_notes(run, held))]
    for agent in run.agents:
        lines += ["", *_agent(agent, ink)]
    return "".join(f"{line}\n" for line in lines)


def runs_document(
    runs: Sequence[RunRecord],
    held: Mapping[str, Held],
    *,
    older: int,
    not_records: Sequence[tuple[str, str]],
) -> dict[str, Any]:
    """The document of `runs -o json`."""
    return {
        "formatVersion": PLAN_FORMAT,
        "runs": [_document(run, held.get(run.id, ())) for run in runs],
        "older": older,
        "notRecords": [{"file": file, "reason": reason} for file, reason in not_records],
    }


def run_document(run: RunRecord, held: Held) -> dict[str, Any]:
    """The document of `runs show ID -o json`."""
    document = _document(run, held)
    document["writes"] = [
        {**_named(agent.address), **_write_document(write)}
        for agent in run.agents
        for write in agent.writes
    ]
    return {"formatVersion": PLAN_FORMAT, "runs": [document], "older": 0, "notRecords": []}


def moment(seconds: float | None) -> str:
    """A time in UTC, as people read it; `-` for none."""
    if seconds is None:
        return "-"
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"
    except (OverflowError, ValueError, OSError):
        return "-"


def _row(run: RunRecord) -> tuple[str, ...]:
    results = ", ".join(f"{count} {plain(word)}" for word, count in run.results.items())
    agents = "-" if run.planned is None else str(run.planned)
    shown = (run.id, moment(run.started_at), run.target, run.command or "apply", run.state.value)
    return (*map(plain, shown), agents, results or "-")


def _notes(run: RunRecord, held: Held) -> Iterator[str]:
    """What a user has to know beyond the numbers."""
    if run.unfinished:
        names = ", ".join(plain(str(address)) for address in run.unfinished)
        yield f"without an end on record: {names}"
    if held:
        names = ", ".join(sorted(plain(str(address)) for address in held))
        yield f"quarantined until `reconcile runs release {plain(run.id)}`: {names}"
    if run.torn and run.state is not RunState.RUNNING:
        yield "its last line was cut short, and is passed over"
    if run.unread:
        yield f"{counted(run.unread, 'line')} cannot be read, and passed over"


def _head(run: RunRecord) -> Iterator[str]:
    began = f"started {moment(run.started_at)} UTC"
    if run.ended_at is not None and run.started_at is not None:
        began += f", ended after {run.ended_at - run.started_at:.1f} s"
    if run.host:
        began += f", on {plain(run.host)}" + (f", process {run.pid}" if run.pid else "")
    yield began
    if run.of:
        yield f"about run {plain(run.of)}"
    if run.checkout is not None:
        dirty = ", with changes that no commit has" if run.checkout.dirty else ""
        yield f"commit {plain(run.checkout.commit)}{dirty}"
    if run.planned is not None:
        results = ", ".join(f"{count} {plain(word)}" for word, count in run.results.items())
        yield f"{counted(run.planned, 'agent')}" + (f": {results}" if results else "")


def _agent(agent: AgentRecord, ink: Ink) -> Iterator[str]:
    word = ink.paint(Style.STRONG, plain(_word(agent)))
    yield f"{plain(str(agent.address))}: {word}{_costs(agent)}"
    for write in agent.writes:
        what = "going back" if write.back else write.operation or "write"
        again = "" if write.paths else ", the same state again"
        yield f"  {moment(write.at)[11:]} {plain(what)}{again}"
        yield from (f"    {plain(line)}" for line in _changes(write))
        detail = f": {plain(capped(write.detail))}" if write.detail else ""
        yield f"    answered: {plain(write.answer) or 'no answer on record'}{detail}"
        reason = f": {plain(capped(write.reason))}" if write.reason else ""
        yield f"    ended: {plain(write.result) or _NO_END}{reason}"


def _word(agent: AgentRecord) -> str:
    """How it ended: its own write, and what came of taking that back."""
    last = agent.writes[-1]
    own = [write.result for write in agent.writes if not write.back]
    if not last.back or not own:
        return last.result or _NO_END
    back = last.result or "without an end"
    how = "taken back" if back in _BACK else f"{back} on its way back"
    return f"{own[-1] or _NO_END}, then {how}"


def _costs(agent: AgentRecord) -> str:
    seconds = [write.seconds for write in agent.writes if write.seconds is not None]
    restarts = sum(write.restarts or 0 for write in agent.writes)
    costs = [f"{sum(seconds):.1f} s"] if seconds else []
    costs += [counted(restarts, "restart")] if restarts else []
    return f", {', '.join(costs)}" if costs else ""


def _changes(write: Write) -> Iterator[str]:
    """Each touched field; without values where the record has none of them."""
    touched = [*write.before, *write.unset, *write.hidden]
    for path in touched:
        yield f"{path}: {told(_before(write, path))} -> {told(_after(write, path))}"
    if not touched:
        yield from write.paths


def _before(write: Write, path: str) -> Any:
    if path in write.hidden:
        return "(hidden)"
    return write.before.get(path, NOTHING)


def _after(write: Write, path: str) -> Any:
    if path in write.sealed:
        return "(sealed)"
    return write.after.get(path, NOTHING)


def _document(run: RunRecord, held: Held) -> dict[str, Any]:
    checkout = run.checkout
    return {
        "id": run.id,
        "target": run.target,
        "command": run.command or "apply",
        "state": run.state.value,
        "startedAt": _stamp(run.started_at),
        "endedAt": _stamp(run.ended_at),
        "host": run.host,
        "pid": run.pid,
        "of": run.of or None,
        "commit": None if checkout is None else {"rev": checkout.commit, "dirty": checkout.dirty},
        "agents": run.planned,
        "results": dict(run.results),
        "unfinished": [_named(address) for address in run.unfinished],
        "quarantined": [_named(address) for address in sorted(held)],
    }


def _named(address: Address) -> dict[str, Any]:
    return {"apiVersion": address.api_version, "kind": address.kind, "name": address.name}


def _write_document(write: Write) -> dict[str, Any]:
    return {
        "id": write.id,
        "operation": write.operation,
        "rollback": write.back,
        "intendedAt": _stamp(write.at),
        "paths": list(write.paths),
        "before": write.before,
        "after": write.after,
        "unset": list(write.unset),
        "hidden": list(write.hidden),
        "sealed": list(write.sealed),
        "answer": write.answer or None,
        "detail": write.detail,
        "endedAt": _stamp(write.ended_at),
        "result": write.result or None,
        "reason": write.reason,
        "seconds": write.seconds,
        "busySeconds": write.busy_seconds,
        "restarts": write.restarts,
    }


def _stamp(seconds: float | None) -> str | None:
    text = moment(seconds)
    return None if text == "-" else text.replace(" ", "T") + "Z"
