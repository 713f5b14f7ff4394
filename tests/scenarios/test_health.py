"""How agents are: `status`, `wait`, `restart` and `apply --no-wait`, through the command line."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reconciler.cli.schema import schemas
from reconciler.cli.setup import Catalogue
from reconciler.providers import discover
from tests.support.cli import SECRETS, Ran, Tty, run_cli, write_manifests

STATUS = Draft202012Validator(schemas(Catalogue(discover()))["status"]())
RUNTIME, AGENT = "customer-service", "reviewer"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder of its own with one agent of each cloud in it."""
    monkeypatch.chdir(tmp_path)
    write_manifests(tmp_path, config="defaultTarget: sandbox\n")
    return tmp_path


def run(*arguments: str) -> Ran:
    """One command line that knows the manifests' secrets."""
    return run_cli(*arguments, environ=SECRETS)


def quirk(*switches: str) -> None:
    """Set switches of the sandbox."""
    for switch in switches:
        assert run("sandbox", "quirk", switch).code == 0


def states(*arguments: str, verb: str = "status") -> dict[str, dict[str, Any]]:
    """The agents of the JSON document by name; the published schema takes it."""
    ran = run(verb, "manifests", *arguments, "-o", "json")
    document = json.loads(ran.out)
    STATUS.validate(document)
    return {agent["name"]: agent for agent in document["agents"]}


def writes() -> list[dict[str, Any]]:
    """Every PUT and POST that the sandbox has seen."""
    lines = json.loads(run("sandbox", "log", "-o", "json").out)["requests"]
    return [
        one
        for one in lines
        if one["operation"].startswith(("Update", "Create")) and one["cloud"] != "iam"
    ]


def records() -> list[dict[str, Any]]:
    """The lines of all records, oldest first."""
    files = sorted(Path(".reconcile/runs").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def test_status_tells_health_version_and_since_when() -> None:
    """Each agent with the cloud's word, its version where there is one, and its last update."""
    ran = run("status", "manifests")
    assert ran.code == 0
    assert "Status: 2 agents: 1 ready, 1 no-status\n" in ran.out
    assert f"ready       AgentRuntime/{RUNTIME}" in ran.out
    assert "READY, version 1, since " in ran.out
    found = states()
    assert (found[RUNTIME]["state"], found[RUNTIME]["version"]) == ("ready", "1")
    assert (found[AGENT]["state"], found[AGENT]["version"]) == ("no-status", "")
    assert all(agent["since"] and agent["unfinished"] is None for agent in found.values())
    assert writes() == []


def test_status_needs_no_secret_and_takes_names_and_labels() -> None:
    """Nothing is compared, so nothing has to be resolved; `--name` and `-l` select as ever."""
    for selection in (("--name", RUNTIME), ("-l", "team=support")):
        ran = run_cli("status", "manifests", *selection, environ={})
        assert ran.code == 0
        assert "Status: 1 agent: 1 ready\n" in ran.out


def test_a_failed_agent_is_exit_code_5() -> None:
    """An agent that failed is told with the cloud's reason, though its manifest may be met."""
    quirk("restart_fails_next=1")
    assert run("apply", "manifests", "--yes").code == 5
    ran = run("status", "manifests")
    assert ran.code == 5
    assert "failed " in ran.out
    assert "UPDATE_FAILED" in ran.out
    assert "image could not be pulled" in ran.out
    assert states()[RUNTIME]["state"] == "failed"


def test_an_agent_that_is_not_there_is_absent(folder: Path) -> None:
    """Not an error of reading, and not ready either."""
    text = (folder / "manifests" / "agents.yaml").read_text()
    (folder / "manifests" / "agents.yaml").write_text(text.replace(RUNTIME, "nobody"))
    assert states()["nobody"]["state"] == "absent"
    assert run("wait", "manifests", "--timeout", "5s").code == 6


def test_no_wait_writes_and_leaves_the_rest_to_the_next_run() -> None:
    """Written, answered, and said to be so: not "changed", and on record as open."""
    quirk("restart_seconds=3300")  # each command line here begins 1,000 s after the one before
    ran = run("apply", "manifests", "--yes", "--no-wait", "-o", "json")
    assert ran.code == 0
    outcomes = {one["name"]: one for one in json.loads(ran.out)["outcomes"]}
    assert {one["result"] for one in outcomes.values()} == {"written"}
    assert outcomes[RUNTIME]["seconds"] < 2
    assert "not waited for" in outcomes[RUNTIME]["reason"]
    assert any(line.get("noWait") for line in records())
    found = states()[RUNTIME]
    assert found["state"] == "restarting"
    assert found["unfinished"]["run"]
    count = len(writes())
    after = run("apply", "manifests", "--yes")
    assert after.code == 0
    assert "No changes" in after.out
    assert len(writes()) == count
    assert states()[RUNTIME]["unfinished"] is None


def test_a_failed_write_is_no_success_without_waiting_either() -> None:
    """What the cloud refuses is told with its exit code."""
    quirk("error_writes_next=9", "error_status=500", "fault_cloud=agentrun")
    ran = run("apply", "manifests", "--yes", "--no-wait", "--name", RUNTIME)
    assert ran.code == 4


def test_wait_returns_when_all_are_back() -> None:
    """A restart that shows is waited for; exit code 0 and the status of each."""
    quirk("restart_seconds=1300")
    run("apply", "manifests", "--yes", "--no-wait")
    ran = run("wait", "manifests")
    assert ran.code == 0
    assert "Status: 2 agents: 1 ready, 1 no-status\n" in ran.out
    assert "waiting: " in ran.err
    assert len(writes()) == 2


def remember(seconds: float) -> None:
    """The record of an earlier run in which the runtime's restart took so long."""
    about = {"key": f"agentrun.aliyun.com/v1/AgentRuntime/{RUNTIME}"}
    intent = {"id": "ar-0", "stamp": None, "digest": "0" * 64, "manifest": "sha256:" + "0" * 64}
    what = {"files": [], "paths": [], "fields": [], "bodyBytes": 2, "where": {}}
    start = {"formatVersion": "1", "target": "sandbox", "locked": False}
    seen = {"busySeconds": seconds - 5, "readySeconds": seconds, "result": "changed"}
    lines: list[dict[str, Any]] = [
        {"at": 0, "event": "run-started", **start},
        {"at": 0, "event": "write-intended", "operation": "update", **about, **intent, **what},
        {"at": seconds, "event": "write-ended", **about, **seen},
    ]
    folder = Path(".reconcile/runs")
    folder.mkdir(parents=True)
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "20200101T000000000Z-000000.jsonl").write_text(text)


def test_a_restart_on_record_tells_how_much_longer_this_one_takes() -> None:
    """1,300 s before, 1,000 s by now, and 2,000 s at the next look: about 300 left, then unknown."""
    remember(1300)
    quirk("restart_seconds=2300")
    run("apply", "manifests", "--yes", "--no-wait")
    waited = run("wait", "manifests", "--timeout", "30s")
    assert waited.code == 6
    assert re.search(r"\(waiting, (9|10) s, about 5 min left\)", waited.err)
    assert states()[RUNTIME]["leftSeconds"] is None
    assert "about 4 min left" in waited.out


def test_wait_tells_a_failure_with_5_and_a_lack_of_time_with_6() -> None:
    """One that ends failed, and one that never ends."""
    quirk("restart_seconds=1200", "restart_fails_next=1")
    run("apply", "manifests", "--yes", "--no-wait")
    assert run("wait", "manifests").code == 5
    quirk("restart_stuck_next=1")
    run("apply", "manifests", "--yes", "--no-wait", "--retry-failed")
    ran = run("wait", "manifests", "--timeout", "45s", "-v")
    assert ran.code == 6
    assert states("--timeout", "5s", verb="wait")[RUNTIME]["state"] == "restarting"


@pytest.mark.parametrize("text", ["5", "soon", "-1s"])
def test_a_time_without_a_unit_is_refused(text: str) -> None:
    """Bad usage is exit code 1, before anything is asked."""
    ran = run("wait", "manifests", f"--timeout={text}")
    assert ran.code == 1
    assert "--timeout: a duration is written like 15s" in ran.err


def test_restart_sends_what_the_agent_has_and_nothing_of_the_manifest() -> None:
    """One write of the live values, waited for; what differs stays for apply."""
    before = run("plan", "manifests", "-o", "json").out
    ran = run("restart", RUNTIME, "manifests", "--yes")
    assert ran.code == 0
    assert "nothing differs: the same state is sent once more" in ran.out
    assert f"changed      AgentRuntime/{RUNTIME}" in ran.out
    (write,) = writes()
    assert write["target"].endswith("/ar-0123456789abcdef")
    (intended,) = (line for line in records() if line["event"] == "write-intended")
    assert intended["fields"] == ["cpu", "memory", "port"]
    (first, *_) = records()
    assert first["command"] == "restart"
    changes = [agent["changes"] for agent in json.loads(before)["agents"]]
    after = json.loads(run("plan", "manifests", "-o", "json").out)["agents"]
    assert [agent["changes"] for agent in after] == changes


def test_restart_heals_a_failed_agent() -> None:
    """The same state once more: FAILED becomes READY."""
    quirk("restart_fails_next=1")
    assert run("apply", "manifests", "--yes").code == 5
    assert run("restart", RUNTIME, "--yes").code == 0
    assert states()[RUNTIME]["state"] == "ready"


def test_restart_asks_on_a_terminal() -> None:
    """Anything but yes writes nothing and is refused by us."""
    screen = Tty()
    ran = run_cli("restart", RUNTIME, "manifests", stdin=Tty("n\n"), stdout=screen)
    assert ran.code == 7
    assert "[y/N]" in screen.getvalue()
    assert writes() == []


def test_restart_wants_to_know_which() -> None:
    """Without a name or a label nobody's agents are restarted."""
    for arguments in ((), ("manifests",)):
        ran = run("restart", *arguments, "--yes")
        assert ran.code == 1
        assert "which agents?" in ran.err
    ran = run("restart", "custmer-service", "manifests", "--yes")
    assert ran.code == 1
    assert RUNTIME in ran.err
    assert writes() == []


def test_restart_by_label_leaves_the_others_alone() -> None:
    """`-l` selects as everywhere."""
    assert run("restart", "-l", "team=support", "manifests", "--yes").code == 0
    assert len(writes()) == 1


def test_a_cloud_without_a_restart_refuses_one() -> None:
    """An AppStage agent is blocked, with the reason, and the exit code says that it is left over."""
    ran = run("restart", AGENT, "manifests", "--yes")
    assert ran.code == 7
    assert "this cloud has no restart" in ran.out
    assert writes() == []


def test_what_is_not_there_is_not_restarted(folder: Path) -> None:
    """An agent that does not exist is not created by it."""
    text = (folder / "manifests" / "agents.yaml").read_text()
    (folder / "manifests" / "agents.yaml").write_text(text.replace(RUNTIME, "nobody"))
    ran = run("restart", "nobody", "manifests", "--yes")
    assert ran.code == 7
    assert "it does not exist" in ran.out
    assert writes() == []


def test_the_budget_of_restarts_holds_here_too() -> None:
    """`--max-restarts 0` refuses, and says what allows it."""
    ran = run("restart", RUNTIME, "manifests", "--yes", "--max-restarts", "0")
    assert ran.code == 7
    assert "--max-restarts 1" in ran.err
    assert writes() == []
