"""What a plan costs, and the limits that hold it back, through the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reconciler.cli.schema import schemas
from reconciler.cli.setup import Catalogue
from reconciler.providers import discover
from tests.scenarios.test_fleet import counts, declare, fleet, requests
from tests.support.cli import SECRETS, Ran, run_cli, write_manifests

PLAN = Draft202012Validator(schemas(Catalogue(discover()))["plan"]())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def limit(folder: Path, text: str) -> None:
    """A configuration with these limits."""
    (folder / "manifests" / "reconcile.yaml").write_text(
        f"defaultTarget: sandbox\ntargets:\n  sandbox:\n    limits: {{{text}}}\n"
    )


def run(*arguments: str) -> Ran:
    """One command line, no credentials."""
    return run_cli(*arguments, environ={})


def document(*arguments: str) -> dict[str, Any]:
    """The JSON document of a command line; the published schema takes it."""
    ran = run(*arguments, "-o", "json")
    found: dict[str, Any] = json.loads(ran.out)
    PLAN.validate(found)
    return found


def records(folder: Path) -> list[Path]:
    """The records of runs."""
    return sorted((folder / ".reconcile" / "runs").glob("*.jsonl"))


def test_nothing_is_known_before_the_first_run(folder: Path) -> None:
    """Without a record the plan says that it does not know, and asks nobody else."""
    declare(folder, fleet(folder, 3), changed=2)
    ran = run("plan", "manifests")
    assert "Plan: 2 to update, 1 unchanged; 2 restarts, 2 requests, " in ran.out
    assert ran.out.rstrip().endswith("expected seconds unknown")
    found = document("plan", "manifests")
    assert found["summary"]["expectedSeconds"] is None
    assert found["summary"]["recordedRuns"] == 0
    assert [agent["expectedSeconds"] for agent in found["agents"]] == [None] * 3


def test_what_earlier_runs_took_tells_what_the_next_will_take(folder: Path) -> None:
    """Seven restarts of 20 s in five slots: what the plan expects is what the run then takes."""
    names = fleet(folder, 7)
    declare(folder, names, changed=1)
    assert run("apply", "manifests").code == 0
    declare(folder, names, changed=7)
    (folder / "manifests" / "fleet.yaml").write_text(
        (folder / "manifests" / "fleet.yaml").read_text().replace("new", "newer")
    )
    planned = document("plan", "manifests")
    assert planned["summary"]["recordedRuns"] == 1
    assert all(20 <= agent["expectedSeconds"] <= 30 for agent in planned["agents"])
    assert "expected (from 1 recorded run)" in run("plan", "manifests").out
    applied = document("apply", "manifests")
    assert applied["summary"]["restarts"] == 7
    assert planned["summary"]["expectedSeconds"] == pytest.approx(applied["seconds"], rel=0.1)


def test_an_agents_own_past_counts_before_its_kinds_and_its_targets_before_all(
    folder: Path,
) -> None:
    """A slow agent is expected to be slow again; one without a past is taken for a middling one."""
    declare(folder, fleet(folder, 3), changed=3)
    runs = folder / ".reconcile" / "runs"
    runs.mkdir()
    for target, slow, fast in (("sandbox", 100, 10), ("prod", 7000, 7000)):
        lines: list[dict[str, Any]] = [
            {"at": 0, "event": "run-started", "formatVersion": "1", "target": target}
        ]
        for name, seconds in (("agent-0000", slow), ("agent-0001", fast)):
            key = f"agentrun.aliyun.com/v1/AgentRuntime/{name}"
            lines.append({"at": 1, "event": "write-intended", "key": key, "operation": "update"})
            lines.append(
                {"at": 1 + seconds, "event": "write-ended", "key": key, "result": "changed"}
            )
        (runs / f"{target}.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in lines))
    found = document("plan", "manifests")
    assert [agent["expectedSeconds"] for agent in found["agents"]] == [100, 10, 55]
    assert (found["summary"]["expectedSeconds"], found["summary"]["recordedRuns"]) == (100, 1)
    assert "about 1 min 40 s expected" in run("plan", "manifests").out


def test_unchanged_manifests_say_that_nothing_will_restart(folder: Path) -> None:
    """No time, no restart, and no record is read for it."""
    declare(folder, fleet(folder, 3))
    runs = folder / ".reconcile" / "runs"
    runs.mkdir()
    (runs / "9.jsonl").write_text("damaged")
    ran = run("plan", "manifests", "-v")
    assert "nothing will restart" in ran.out
    assert "9.jsonl" not in ran.out + ran.err
    summary = document("plan", "manifests")["summary"]
    assert (summary["restarts"], summary["requests"], summary["expectedSeconds"]) == (0, 0, 0)


def test_a_damaged_record_stops_no_plan_and_is_told_on_request(folder: Path) -> None:
    """The others still count; its name stands under -v."""
    names = fleet(folder, 2)
    declare(folder, names, changed=1)
    assert run("apply", "manifests").code == 0
    declare(folder, names, changed=2)
    (folder / ".reconcile" / "runs" / "9.jsonl").write_text("\x1b[31mdamaged")
    quiet, verbose = run("plan", "manifests"), run("plan", "manifests", "-v")
    assert (quiet.code, verbose.code) == (0, 0)
    assert "9.jsonl" not in quiet.out + quiet.err
    assert "note: the record 9.jsonl was passed over: " in verbose.out
    assert "expected (from 1 recorded run)" in quiet.out


def test_each_update_says_whether_it_restarts_and_why(folder: Path) -> None:
    """One cloud restarts at every update, the other has no restart at all."""
    write_manifests(folder)
    ran = run_cli("plan", "manifests", "--target", "sandbox", environ=SECRETS)
    assert "this restarts the runtime (every update does)" in ran.out
    assert "nothing restarts (this cloud has no restart)" in ran.out
    assert "1 restart, 2 requests" in ran.out
    written = run_cli("plan", "manifests", "--target", "sandbox", "-o", "json", environ=SECRETS).out
    agents = json.loads(written)["agents"]
    assert [(agent["restarts"], agent["restartReason"]) for agent in agents] == [
        (True, "every update does"),
        (False, "this cloud has no restart"),
    ]


def test_all_edits_of_an_agent_are_one_request_and_one_restart(folder: Path) -> None:
    """Five fields, one PUT."""
    names = fleet(folder, 1)
    declare(folder, names)
    edits = "cpu: 4, memory: 4096, port: 9090, environmentVariables: {A: b}, description: new"
    manifest = folder / "manifests" / "fleet.yaml"
    manifest.write_text(manifest.read_text().replace("description: old", edits))
    found = document("plan", "manifests")
    assert len(found["agents"][0]["changes"]) == 5
    assert (found["summary"]["restarts"], found["summary"]["requests"]) == (1, 1)
    assert run("apply", "manifests").code == 0
    assert counts(folder) == (1, 1)


def test_more_restarts_than_allowed_are_refused_before_the_first_write(folder: Path) -> None:
    """Exit 7, nothing written, and the message is the line to type; what it says then works."""
    declare(folder, fleet(folder, 4), changed=3)
    limit(folder, "maxRestarts: 2")
    ran = run("apply", "manifests")
    assert (ran.code, counts(folder)) == (7, (0, 0))
    assert (
        "error: 3 agents would restart, more than 2 (limits.maxRestarts); "
        "--max-restarts 3 allows it\n" in ran.err
    )
    assert run("apply", "manifests", "--max-restarts", "3").code == 0
    assert counts(folder) == (3, 3)


def test_no_restart_at_all_lets_a_run_without_any_pass(folder: Path) -> None:
    """`maxRestarts: 0` holds what restarts, and nothing else."""
    names = fleet(folder, 2)
    declare(folder, names)
    limit(folder, "maxRestarts: 0")
    assert run("apply", "manifests").code == 0
    declare(folder, names, changed=1)
    limit(folder, "maxRestarts: 0")
    assert run("apply", "manifests").code == 7
    assert run("apply", "manifests", "--max-restarts", "0").code == 7
    assert counts(folder) == (0, 0)
    assert run("apply", "manifests", "--max-restarts", "1").code == 0


def test_an_option_is_stricter_than_the_file_where_it_says_so(folder: Path) -> None:
    """What is typed counts, without a limit in the file as well."""
    declare(folder, fleet(folder, 2), changed=2)
    assert run("apply", "manifests", "--max-restarts", "1").code == 7
    assert counts(folder) == (0, 0)


@pytest.mark.parametrize("given", ["-1", "1.5", "many", "", "1_0", "５"])
def test_what_is_no_number_of_restarts_is_refused(folder: Path, given: str) -> None:
    """A usage error, before anything is read."""
    declare(folder, fleet(folder, 1), changed=1)
    ran = run("apply", "manifests", f"--max-restarts={given}")
    assert (ran.code, requests(folder)) == (1, [])
    assert "--max-restarts: a whole number from 0 is expected" in ran.err


@pytest.mark.parametrize("extra", [(), ("--summary",), ("-q",)])
def test_a_plan_says_that_apply_would_refuse_it(folder: Path, extra: tuple[str, ...]) -> None:
    """Every guard that would, with what to type; the plan itself is no failure."""
    declare(folder, fleet(folder, 10), changed=4)
    limit(folder, "maxRestarts: 1")
    ran = run("plan", "manifests", *extra)
    assert ran.code == 0
    assert "Limits: apply refuses this plan\n" in ran.out
    changes = ran.out.index("--max-change 100% allows it")
    assert changes < ran.out.index("--max-restarts 4 allows it")
    if not extra:
        assert document("plan", "manifests")["refusals"] == [
            {
                "guard": "max-change",
                "reason": "4 of 10 agents would change (40 %), more than 30 % (limits.maxChange)",
                "allow": "--max-change 100%",
            },
            {
                "guard": "max-restarts",
                "reason": "4 agents would restart, more than 1 (limits.maxRestarts)",
                "allow": "--max-restarts 4",
            },
        ]


def test_a_quiet_plan_keeps_to_the_columns_too(folder: Path) -> None:
    """Policy, limits and the summary are wrapped as the rest is where COLUMNS says how wide."""
    declare(folder, fleet(folder, 4), changed=4)
    limit(folder, "maxRestarts: 1")
    ran = run_cli("plan", "manifests", "-q", environ={"COLUMNS": "50"})
    assert "--max-restarts 4" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 50


def test_all_that_refuses_is_told_in_one_refusal(folder: Path) -> None:
    """Both limits at once; allowing one leaves the other."""
    declare(folder, fleet(folder, 10), changed=4)
    limit(folder, "maxRestarts: 1")
    ran = run("apply", "manifests")
    (line,) = [line for line in ran.err.splitlines() if line.startswith("error:")]
    assert line.index("--max-change 100%") < line.index("--max-restarts 4")
    ran = run("apply", "manifests", "--max-change", "100%")
    assert ran.code == 7
    assert "--max-change" not in ran.err
    assert "--max-restarts 4" in ran.err
    assert counts(folder) == (0, 0)
    both = ("--max-change", "100%", "--max-restarts", "4")
    assert run("apply", "manifests", *both).code == 0


@pytest.mark.parametrize(("share", "waves"), [("50%", 2), ("26%", 4), ("1%", 8), ("100%", 1)])
def test_a_share_of_the_agents_restarts_at_a_time(folder: Path, share: str, waves: int) -> None:
    """Rounded down and at least one: 8 agents take 2, 4, 8 or 1 times as long as one."""
    names = fleet(folder, 8)
    declare(folder, names, changed=8)
    limit(folder, f"maxUnavailable: {share}")
    found = document("apply", "manifests")
    assert counts(folder) == (8, 8)
    assert waves * 20 <= found["seconds"] <= waves * 25
    assert len(records(folder)) == 1


def test_a_reviewed_plan_is_held_back_by_the_same_limits(folder: Path) -> None:
    """Somebody's review of a plan is no word about how many may restart today."""
    declare(folder, fleet(folder, 3), changed=3)
    assert run("plan", "manifests", "-o", "json=plan.json").code == 0
    limit(folder, "maxRestarts: 2")
    ran = run("apply", "manifests", "--plan", "plan.json")
    assert (ran.code, counts(folder)) == (7, (0, 0))
    assert "--max-restarts 3 allows it" in ran.err
    assert run("apply", "manifests", "--plan", "plan.json", "--max-restarts", "3").code == 0
    assert counts(folder) == (3, 3)
