"""Every member of a record, as it is read back: each has its own value here, so none is mixed up."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconciler.applier.runs import find_run, read_run, run_files
from reconciler.model.errors import InputError
from reconciler.model.manifest import Address
from reconciler.model.run import AgentRecord, Checkout, RunRecord, RunState, Write

KEY = "example/v1/Runtime/bot"
BOT = Address("example/v1", "Runtime", "bot")
BARE = {"event": "run-started", "formatVersion": "1", "target": "prod"}
START = {
    **BARE,
    "at": 1.5,
    "command": "rollback",
    "of": "0",
    "host": "ci-7",
    "pid": 4242,
    "commit": {"rev": "abc", "dirty": True},
}
INTENT = {
    "at": 2.5,
    "event": "write-intended",
    "key": KEY,
    "operation": "update",
    "id": "ar-1",
    "stamp": 2.25,
    "manifest": "digest",
    "where": {"region": "here"},
    "files": ["bot.yaml"],
    "paths": ["/cpu"],
    "before": {"/cpu": 2},
    "hidden": ["/key"],
    "unset": ["/port"],
    "after": {"/cpu": 4},
    "sealed": ["/token"],
    "supplied": {"/region": "here"},
    "references": {"/token": "env:TOKEN"},
    "secrets": ["/cpu"],
}
ANSWERED = {"at": 3.5, "event": "write-answered", "key": KEY, "answer": "success", "detail": "ok"}
ENDED = {
    "at": 8.5,
    "event": "write-ended",
    "key": KEY,
    "result": "failed",
    "reason": "it did not come back",
    "stamp": 8.25,
    "seconds": 6.0,
    "busySeconds": 5.5,
    "restarts": 1,
}
OVER = {"at": 9.5, "event": "run-ended", "interrupted": False, "results": {"changed": 1, "x": "y"}}
PLANNED = {"at": 2.0, "event": "run-planned", "agents": 3}

WRITE = Write(
    line=3,
    at=2.5,
    operation="update",
    back=False,
    id="ar-1",
    stamp=2.25,
    manifest="digest",
    where={"region": "here"},
    files=("bot.yaml",),
    paths=("/cpu",),
    before={"/cpu": 2},
    hidden=("/key",),
    unset=("/port",),
    after={"/cpu": 4},
    sealed=("/token",),
    supplied={"/region": "here"},
    references={"/token": "env:TOKEN"},
    secrets=("/cpu",),
    answer="success",
    detail="ok",
    ended_at=8.5,
    result="failed",
    reason="it did not come back",
    left_stamp=8.25,
    seconds=6.0,
    busy_seconds=5.5,
    restarts=1,
)


def read(folder: Path, *lines: dict[str, Any], run: str = "1", target: str | None = None) -> Any:
    """What a record of these lines comes to."""
    path = folder / f"{run}.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return read_run(path, target)


def test_every_member_of_a_run_is_read_back(tmp_path: Path) -> None:
    """Its first line, its plan, one write from intent to end, and its last line."""
    assert read(tmp_path, START, PLANNED, INTENT, ANSWERED, ENDED, OVER) == RunRecord(
        id="1",
        target="prod",
        state=RunState.ENDED,
        started_at=1.5,
        ended_at=9.5,
        command="rollback",
        of="0",
        host="ci-7",
        pid=4242,
        checkout=Checkout("abc", dirty=True),
        planned=3,
        results={"changed": 1},
        agents=(AgentRecord(BOT, (WRITE,)),),
    )


def test_a_way_back_is_a_write_of_its_own_that_is_answered_and_ended_by_its_own_lines(
    tmp_path: Path,
) -> None:
    """What it is answered with is not put down to the write before it."""
    back = [
        {**INTENT, "event": "rollback-intended", "id": "ar-2"},
        {**ANSWERED, "event": "rollback-answered", "answer": "lost", "detail": "reset"},
        {**ENDED, "event": "rollback-ended", "result": "rolled-back", "reason": ""},
    ]
    run = read(tmp_path, START, PLANNED, INTENT, ANSWERED, ENDED, *back)
    second = replace(WRITE, line=6, back=True, id="ar-2", answer="lost", detail="reset")
    second = replace(second, result="rolled-back", reason="")
    assert run.agents == (AgentRecord(BOT, (WRITE, second)),)
    assert run.state is RunState.KILLED


def test_what_a_record_does_not_say_is_left_open(tmp_path: Path) -> None:
    """A killed run: no plan, no end, and an intent that names its agent alone."""
    run = read(tmp_path, BARE, {"event": "write-intended", "key": KEY})
    bare = Write(line=2, at=0.0, operation="")
    assert run == RunRecord(
        "1", "prod", RunState.KILLED, agents=(AgentRecord(BOT, (bare,)),), torn=False
    )


def test_members_of_another_shape_count_as_absent(tmp_path: Path) -> None:
    """A number where a text should be, a text where a number should be, and no list of anything."""
    odd = dict.fromkeys(INTENT, 7) | {"event": "write-intended", "key": KEY, "at": "soon"}
    strange = dict.fromkeys(ENDED, "x") | {"event": "write-ended", "key": KEY, "reason": 7}
    start = {**BARE, "pid": "4242", "commit": "abc", "at": True, "host": 7}
    over = {"event": "run-ended", "at": 1e999, "results": [1], "interrupted": "yes"}
    run = read(tmp_path, start, {**PLANNED, "agents": "3"}, odd, strange, over)
    write = Write(line=3, at=0.0, operation="", stamp=7.0, result="x")
    assert run == RunRecord("1", "prod", RunState.ENDED, agents=(AgentRecord(BOT, (write,)),))


def test_a_clean_commit_is_clean(tmp_path: Path) -> None:
    """Only what says so was made from a work tree with changes; without a commit there is none."""
    clean = {**BARE, "commit": {"rev": "abc", "dirty": False}}
    assert read(tmp_path, clean).checkout == Checkout("abc")
    assert read(tmp_path, {**BARE, "commit": {"rev": "abc"}}).checkout == Checkout("abc")
    assert read(tmp_path, {**BARE, "commit": {"dirty": True}}).checkout is None


def test_a_record_of_one_line_is_whole(tmp_path: Path) -> None:
    """Killed before anything was planned: nothing of it is torn or unread."""
    assert read(tmp_path, BARE) == RunRecord("1", "prod", RunState.KILLED)


def test_answers_and_ends_without_an_intent_make_no_agent(tmp_path: Path) -> None:
    """They belong to no write; another agent's follow all the same."""
    other = {**INTENT, "key": "example/v1/Runtime/other"}
    stray = {**ENDED, "key": "not a key"}
    run = read(tmp_path, BARE, ANSWERED, stray, ENDED, other)
    assert [agent.address.name for agent in run.agents] == ["other"]


def test_a_record_of_another_target_is_none(tmp_path: Path) -> None:
    """Asked for by name, it is passed over; without a name every run is told."""
    assert read(tmp_path, BARE, target="test") is None
    assert read(tmp_path, BARE, target="prod").target == "prod"


def test_records_are_listed_newest_first_and_nothing_else_is(tmp_path: Path) -> None:
    """A folder that is not there holds none."""
    for name in ("1.jsonl", "3.jsonl", "2.jsonl", "notes.txt"):
        (tmp_path / name).write_text("")
    assert [path.name for path in run_files(tmp_path)] == ["3.jsonl", "2.jsonl", "1.jsonl"]
    assert run_files(tmp_path / "nowhere") == []


def test_several_runs_that_begin_alike_are_told(tmp_path: Path) -> None:
    """Five of them, the newest first, and what to do about it."""
    for number in range(7):
        read(tmp_path, BARE, run=f"2026-{number}")
    said = "7 runs begin with '2026': 2026-6, 2026-5, 2026-4, 2026-3, 2026-2; type more of it"
    with pytest.raises(InputError) as error:
        find_run(tmp_path, "2026")
    assert str(error.value) == said
    with pytest.raises(InputError) as error:
        find_run(tmp_path, "2028")
    assert str(error.value) == (
        f"there is no run '2028' in {tmp_path}; `reconcile runs` lists them"
    )
