"""`reconcile runs`: the list, one run, and what is told of files that are no records."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reconciler.report.record_schema import EVENTS, RECORD_SCHEMA
from reconciler.report.runs_schema import RUNS_SCHEMA
from tests.support.cli import CANARY, SECRETS, Ran, Tty, run_cli, write_manifests
from tests.support.records import RUNS, complaints, records

ROOT = Path(__file__).parents[2]
SCHEMA = Draft202012Validator(RUNS_SCHEMA)
LINE = Draft202012Validator(RECORD_SCHEMA)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def apply() -> Ran:
    """One apply of the sample manifests."""
    write_manifests(Path.cwd())
    return run_cli("apply", "manifests", "--target", "sandbox", environ=SECRETS)


def foreign(run: str, *lines: object, text: str = "") -> None:
    """A record of these lines, or a file with this text."""
    RUNS.mkdir(parents=True, exist_ok=True)
    body = "".join(json.dumps(line) + "\n" for line in lines)
    (RUNS / f"{run}.jsonl").write_text(body + text)


def started(target: str = "prod", **more: Any) -> dict[str, Any]:
    """The first line of a record."""
    line = {"at": 1e9, "event": "run-started", "formatVersion": "1", "target": target}
    return {**line, "locked": True, **more}


def document(*arguments: str) -> dict[str, Any]:
    """The JSON document of a `runs` command, as its schema says."""
    ran = run_cli("runs", *arguments, "-o", "json")
    assert ran.code == 0, ran.err
    found: dict[str, Any] = json.loads(ran.out)
    assert list(SCHEMA.iter_errors(found)) == []
    return found


def test_without_a_record_there_is_nothing_to_list(folder: Path) -> None:
    """No folder is made by looking."""
    ran = run_cli("runs")
    assert (ran.code, ran.out) == (0, "no runs in .reconcile/runs\n")
    assert not (folder / ".reconcile").exists()


def test_a_run_is_listed_with_what_came_of_it() -> None:
    """When, where, how many, how it ended; the newest first."""
    assert apply().code == 0
    assert apply().code == 0
    newest, oldest = document()["runs"]
    assert (oldest["results"], newest["results"]) == ({"changed": 2}, {"unchanged": 2})
    assert (newest["state"], newest["target"], newest["command"], newest["agents"]) == (
        "ended",
        "sandbox",
        "apply",
        2,
    )
    head, first, second = run_cli("runs").out.splitlines()
    assert head.split()[0] == "RUN"
    assert first.startswith(newest["id"])
    assert first.endswith("apply    ended  2       2 unchanged")
    assert second.endswith("2 changed")


def test_one_run_is_shown_with_each_agent(folder: Path) -> None:
    """What was intended, from what to what, what was answered, how it ended; no secret."""
    assert apply().code == 0
    (run,) = records(folder)
    ran = run_cli("runs", "show", run[:8])
    assert ran.code == 0
    for text in (
        f"Run {run}: apply on sandbox, ended",
        "AgentRuntime/customer-service: changed, ",
        " s, 1 restart",
        "    /memory: 2048 -> 4096",
        "    /environmentVariables/API_KEY: (absent) -> (sealed)",
        "    answered: success",
        "    ended: changed",
    ):
        assert text in ran.out
    (shown,) = document("show", run)["runs"]
    write = next(one for one in shown["writes"] if one["kind"] == "AgentRuntime")
    assert (write["before"]["/memory"], write["after"]["/memory"]) == (2048, 4096)
    assert (write["sealed"], write["result"]) == (["/environmentVariables/API_KEY"], "changed")
    assert CANARY not in ran.out + json.dumps(shown)


@pytest.mark.parametrize(
    ("back", "head"),
    [
        ("changed", "failed, then taken back"),
        ("timed-out", "failed, then timed-out on its way back"),
        ("", "failed, then without an end on its way back"),
    ],
)
def test_an_update_that_was_taken_back_is_not_called_a_success(back: str, head: str) -> None:
    """The head of an agent says how its update ended, and then how the way back did."""
    own = {"at": 1e9, "key": "a/v1/K/bot"}
    lines = [
        {**own, "event": "write-intended", "operation": "update"},
        {**own, "event": "write-ended", "result": "failed"},
        {**own, "event": "rollback-intended"},
    ]
    ended = {**own, "event": "rollback-ended", "result": back}
    foreign("2001", started(), *lines, *([ended] if back else []))
    assert f"K/bot: {head}\n" in run_cli("runs", "show", "2001").out


def test_a_report_goes_to_a_file_too(folder: Path) -> None:
    """`-o json=FILE` beside the text, without colour."""
    assert apply().code == 0
    screen = Tty()
    ran = run_cli("runs", "-o", "json=runs.json", "-o", "text=runs.txt", stdout=screen)
    assert ran.code == 0
    assert json.loads((folder / "runs.json").read_text())["runs"][0]["state"] == "ended"
    assert "\x1b" not in (folder / "runs.txt").read_text()
    assert "\x1b[" in screen.getvalue()
    assert "\x1b[" not in run_cli("runs", "--no-color", stdout=Tty()).out


def test_other_targets_are_kept_apart_and_older_runs_counted() -> None:
    """`--target` lists one target's runs, `--last` so many."""
    for number in range(3):
        foreign(f"2001-{number}", started("prod"))
    foreign("2002", started("staging"))
    assert [one["id"] for one in document("--target", "prod")["runs"]] == [
        "2001-2",
        "2001-1",
        "2001-0",
    ]
    short = document("--target", "prod", "--last", "1")
    assert (len(short["runs"]), short["older"]) == (1, 2)
    assert (
        "2 older runs: --last N shows more"
        in run_cli("runs", "--target", "prod", "--last", "1").out
    )


def test_what_is_no_record_is_named_and_the_others_are_listed() -> None:
    """A foreign or damaged file stops nobody."""
    foreign("2001", started())
    foreign("empty")
    foreign("other", text="hello\n")
    ran = run_cli("runs")
    assert (ran.code, "2001" in ran.out) == (0, True)
    assert "note: empty.jsonl is no record of a run, and passed over: it is empty" in ran.err
    assert "note: other.jsonl is no record of a run" in ran.err
    assert {one["file"] for one in document()["notRecords"]} == {"empty.jsonl", "other.jsonl"}
    assert run_cli("runs", "show", "other").code == 1


def test_a_torn_and_an_odd_line_are_told() -> None:
    """The rest of the record counts."""
    foreign("2001", started(), text='?\n{"event":"run-en')
    ran = run_cli("runs", "show", "2001")
    assert "killed" in ran.out
    assert "its last line was cut short" in ran.out
    assert "1 line cannot be read" in ran.out


def test_what_a_record_holds_does_nothing_on_the_screen() -> None:
    """Names and reasons in a record are foreign text."""
    key = "a/v1/K/\x1b[31mbot\u202e"
    evil = {"event": "write-intended", "key": key, "operation": "\r\nupdate", "at": 1e30}
    ended = {"event": "write-ended", "key": key, "result": "\x1b[2J", "reason": "##[error]\u2028"}
    foreign("2001", started("\x1b]8;;x", command="\x07"), evil, ended)
    for ran in (run_cli("runs"), run_cli("runs", "show", "2001")):
        assert ran.code == 0
        assert not set(ran.out) & set("\x1b\r\x07\u202e\u2028"), ran.out
        assert "##[" not in ran.out


KILLED = """
import os, signal
from reconciler.applier import agent
from tests.support.cli import SECRETS, run_cli

def die(*arguments, **options):
    os.kill(os.getpid(), signal.SIGKILL)

agent.follow = die
run_cli("apply", "manifests", "--target", "sandbox", "--name", "customer-service", environ=SECRETS)
"""


def test_a_killed_apply_is_told_apart_and_the_next_one_says_what_it_found(folder: Path) -> None:
    """Killed with a write under way: listed so, named by the next apply, settled by it."""
    write_manifests(folder)
    process = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=folder, env=_environ(), check=False
    )
    assert process.returncode == -signal.SIGKILL
    (run,) = document()["runs"]
    assert (run["state"], [one["name"] for one in run["unfinished"]]) == (
        "killed",
        ["customer-service"],
    )
    assert "without an end on record: AgentRuntime/customer-service" in run_cli("runs").out
    again = apply()
    assert again.code == 0
    assert (
        f"run {run['id']} was killed and left 1 agent with a write without an end "
        "(AgentRuntime/customer-service); each is read and waited for" in again.err
    )
    assert "without an end" not in apply().err


def _environ() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def test_releasing_what_is_not_held_back_is_a_mistake() -> None:
    """Nothing is quarantined by that run: 1, and no record is made of it."""
    foreign("2001", started())
    ran = run_cli("runs", "release", "2001")
    assert (ran.code, "nothing is quarantined by run 2001" in ran.err) == (1, True)
    assert len(document()["runs"]) == 1


def test_whoever_releases_the_run_that_took_back_is_told_which_one_is_meant() -> None:
    """The later rollback is the newest in the list, and the run that it took back is held."""
    assert apply().code == 0
    (run,) = records(Path.cwd())
    back = run_cli("rollback", "--run", run)
    assert f"not applied to them again until `reconcile runs release {run}`" in back.out
    ran = run_cli("runs", "release", [*records(Path.cwd())][-1])
    assert (ran.code, f"it took run {run} back, so release that one" in ran.err) == (1, True)
    assert run_cli("runs", "release", run).code == 0


def test_every_line_of_an_apply_is_as_the_published_schema_says(folder: Path) -> None:
    """Exactly one kind of line fits each; a line that is none of them does not."""
    assert apply().code == 0
    (lines,) = records(folder).values()
    assert {line["event"] for line in lines} >= {"run-started", "write-intended", "run-ended"}
    for line in lines:
        assert complaints(line) == []
        assert list(LINE.iter_errors(line)) == []
    assert list(LINE.iter_errors({"event": "write-ended"}))
    assert complaints({"event": "other"}) == ["there is no event 'other'"]
    assert complaints({**lines[0], "secret": "x"}) == ["secret is not in the schema"]
    assert len(EVENTS) == len(RECORD_SCHEMA["oneOf"])
