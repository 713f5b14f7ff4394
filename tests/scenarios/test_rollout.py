"""Waves, canaries and going back, through the command line and the emulated clouds."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reconciler.cli.schema import schemas
from reconciler.cli.setup import Catalogue
from reconciler.providers import discover
from reconciler.sandbox import control
from reconciler.sandbox.store import Store
from tests.scenarios.test_fleet import fleet, requests
from tests.support.cli import CANARY, SECRETS, Ran, run_cli

PLAN = Draft202012Validator(schemas(Catalogue(discover()))["plan"]())
AGENT = """\
apiVersion: agentrun.aliyun.com/v1
kind: AgentRuntime
metadata: {{name: {name}}}
spec: {spec}
rollout: {rollout}
---
"""
NEW = "{description: new}"
FORMER = "canary-former-77a0"
TOUCHED = ("/description", "/containerConfiguration", "/environmentVariables", "/cpu")
LATER = 9e9
"""Long after every run, by the clock of the sandbox."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def declare(folder: Path, agents: list[tuple[str, str, str]], limits: str = "") -> None:
    """Manifests of name, spec and rollout, and the limits of the sandbox target."""
    (folder / "manifests").mkdir(exist_ok=True)
    text = "".join(AGENT.format(name=n, spec=s, rollout=r) for n, s, r in agents)
    (folder / "manifests" / "fleet.yaml").write_text(text)
    (folder / "manifests" / "reconcile.yaml").write_text(
        "defaultTarget: sandbox\ntargets:\n  sandbox:\n    limits: {maxChange: 100%"
        + limits
        + "}\n"
    )


def run(*arguments: str) -> Ran:
    return run_cli(*arguments, environ=SECRETS)


def quirk(folder: Path, name: str, value: Any) -> None:
    with Store(folder / ".reconcile" / "sandbox.db") as store:
        control.set_quirk(store, name, value)


def live(folder: Path, name: str, *fields: str) -> list[Any]:
    """What the cloud holds of an agent, its secrets included."""
    with Store(folder / ".reconcile" / "sandbox.db") as store:
        return [control.value_of(store, name, field, LATER) for field in fields]


def outcome(ran: Ran, name: str) -> dict[str, Any]:
    found = json.loads(ran.out)
    PLAN.validate(found)
    return next(one for one in found["outcomes"] if one["name"] == name)


def test_a_plan_shows_waves_canaries_and_their_order(folder: Path) -> None:
    """Text, Markdown and JSON say when whose turn is; with one wave nothing is said."""
    names = fleet(folder, 4)
    waves = ("{}", "{wave: 1}", "{wave: 1}", "{wave: 3}")
    declare(folder, [(n, NEW, w) for n, w in zip(names, waves, strict=True)], ", canary: 1")
    text = run("plan", "manifests").out
    order = (
        "Order: wave 0 (1 write, 1 canary first), wave 1 (2 writes, 1 canary first), "
        "wave 3 (1 write, 1 canary first)"
    )
    assert order in text
    assert "wave 1, canary" in text
    assert order in run("plan", "manifests", "--summary").out
    markdown = run("plan", "manifests", "-o", "markdown").out
    assert order in markdown
    assert "(wave 1, canary)" in markdown
    assert order in run("plan", "manifests", "-o", "html").out
    found = json.loads(run("plan", "manifests", "-o", "json").out)
    PLAN.validate(found)
    turns = [(agent["wave"], agent.get("canary", False)) for agent in found["agents"]]
    assert turns == [(0, True), (1, True), (1, False), (3, True)]
    declare(folder, [(name, NEW, "{}") for name in names])
    assert "Order:" not in run("plan", "manifests").out


def test_waves_are_written_in_order_and_the_plan_expects_their_time(folder: Path) -> None:
    """The requests leave by wave; what a plan expects adds the waves and the pause up."""
    names = fleet(folder, 4)
    waves = ("{wave: 2}", "{wave: 1}", "{wave: 1}", "{}")
    agents = [(n, NEW, w) for n, w in zip(names, waves, strict=True)]
    declare(folder, agents, ", wavePause: 100s")
    before = len(requests(folder))
    ran = run("apply", "manifests", "-o", "json", "--yes")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert found["seconds"] >= 3 * 20 + 2 * 100
    puts = [one for one in requests(folder)[before:] if one.startswith("PUT")]
    assert len(puts) == 4
    ids = {one["name"]: one["id"] for one in found["outcomes"]}
    order = [next(name for name in names if ids[name] in put) for put in puts]
    assert (order[0], set(order[1:3]), order[3]) == (names[3], {names[1], names[2]}, names[0])
    declare(folder, [(n, "{description: newer}", w) for n, _, w in agents], ", wavePause: 100s")
    summary = json.loads(run("plan", "manifests", "-o", "json").out)["summary"]
    assert 3 * 20 + 2 * 100 <= summary["expectedSeconds"] <= 3 * 26 + 2 * 100


def test_a_canary_that_fails_leaves_the_others_as_they_are(folder: Path) -> None:
    """`--canary` typed: one restart, exit 5, and the rest says why it was not started."""
    names = fleet(folder, 3)
    quirk(folder, "restart_fails_next", 1)
    declare(folder, [(name, NEW, "{}") for name in names])
    ran = run("apply", "manifests", "--canary", "1", "--yes")
    assert ran.code == 5
    assert f"not started: the canary AgentRuntime/{names[0]} of wave 0 is not back" in ran.out
    assert [live(folder, name, "/description") for name in names] == [["new"], ["old"], ["old"]]


def test_a_failed_update_is_taken_back_and_the_run_still_fails(folder: Path) -> None:
    """Image and secret variable are as before, field by field; no secret is told or recorded."""
    name = fleet(folder, 1)[0]
    spec = (
        "{{description: {0}, containerConfiguration: {{image: 'r.example.com/a:{0}'}}, "
        "environmentVariables: {{KEY: {{secret: 'env:{1}'}}, LEVEL: {0}}}}}"
    )
    environ = {**SECRETS, "FORMER": FORMER}
    declare(folder, [(name, spec.format("v1", "FORMER"), "{}")])
    assert run_cli("apply", "manifests", "--yes", environ=environ).code == 0
    before = live(folder, name, *TOUCHED)
    quirk(folder, "restart_fails_next", 1)
    after = spec.format("v2", "SUPPORT_API_KEY")
    declare(folder, [(name, after, "{onFailure: rollback}")])
    ran = run_cli("apply", "manifests", "--yes", "-o", "json", "-v", environ=environ)
    assert ran.code == 5
    found = outcome(ran, name)
    assert (found["result"], found["restarts"], found["writes"]) == ("failed", 2, 2)
    assert (found["rollback"]["result"], found["rollback"]["complete"]) == ("changed", True)
    paths = [field["path"] for field in found["rollback"]["fields"]]
    assert paths == [
        *("/containerConfiguration/image", "/description"),
        *("/environmentVariables/KEY", "/environmentVariables/LEVEL"),
    ]
    assert live(folder, name, *TOUCHED) == before
    records = "".join(p.read_text() for p in (folder / ".reconcile" / "runs").glob("*.jsonl"))
    for secret in (FORMER, CANARY):
        assert secret not in ran.out + ran.err + records
    assert '"event":"rollback-ended"' in records


def test_what_cannot_go_back_is_told_in_every_format(folder: Path) -> None:
    """A disk size that was unset has no way back: text, JUnit, Markdown and HTML name it."""
    name = fleet(folder, 1)[0]
    quirk(folder, "restart_fails_next", 1)
    declare(folder, [(name, "{description: new, diskSize: 10240}", "{onFailure: rollback}")])
    outputs = ("-o", "junit=r.xml", "-o", "markdown=r.md", "-o", "html=r.html")
    ran = run("apply", "manifests", "--yes", *outputs)
    assert ran.code == 5
    verdict = "rolled back in part: 1 of 2 fields could not be"
    named = "/diskSize (it was unset before, and there is no documented way to clear it)"
    files = (Path(name).read_text() for name in ("r.xml", "r.md", "r.html"))
    for text in (ran.out, *files):
        assert verdict in text
        assert f"not restored: {named}" in text
    assert "restored: /description" in ran.out
    assert live(folder, name, "/description") == ["old"]


def test_the_next_run_knows_that_the_agent_is_back(folder: Path) -> None:
    """After a rollback nothing is in doubt: a corrected manifest is written without a wait."""
    name = fleet(folder, 1)[0]
    quirk(folder, "restart_fails_next", 1)
    declare(folder, [(name, NEW, "{onFailure: rollback}")])
    assert run("apply", "manifests", "--yes").code == 5
    declare(folder, [(name, "{description: corrected}", "{onFailure: rollback}")])
    ran = run("apply", "manifests", "--yes")
    assert ran.code == 0, ran.out + ran.err
    assert "waiting: " not in ran.err
    assert live(folder, name, "/description") == ["corrected"]


@pytest.mark.parametrize(("limit", "restarts"), [(0, 1), (1, 2)])
def test_so_many_failures_are_allowed_and_the_next_one_stops_the_run(
    folder: Path, limit: int, restarts: int
) -> None:
    """With `maxFailures: 0` the first failure is one too many."""
    names = fleet(folder, 3)
    quirk(folder, "restart_fails", names)
    declare(folder, [(n, NEW, "{}") for n in names], f", maxUnavailable: 1, maxFailures: {limit}")
    ran = run("apply", "manifests", "--yes", "-o", "json")
    assert ran.code == 5, ran.err
    outcomes = json.loads(ran.out)["outcomes"]
    assert sum(one["restarts"] for one in outcomes) == restarts
    agents = "1 agent" if restarts == 1 else "2 agents"
    last = f"not started: {agents} failed, more than limits.maxFailures ({limit})"
    assert outcomes[-1]["reason"] == last


def test_a_run_that_took_everything_back_offers_no_second_way_back(folder: Path) -> None:
    """Nothing is left for `rollback --run`, and without a commit there is none to revert."""
    names = fleet(folder, 2)
    quirk(folder, "restart_fails", names[:1])
    declare(folder, [(names[0], NEW, "{onFailure: rollback}")])
    quirk(folder, "restart_fails", [])
    quirk(folder, "restart_fails_next", 1)
    ran = run("apply", "manifests", "--yes")
    assert ran.code == 5
    assert "what was sent and answered: reconcile runs show" in ran.err
    assert "takes it back" not in ran.err
    assert "so there is none to revert" in ran.out
    assert "--git-revert" not in ran.out
    quirk(folder, "restart_fails_next", 1)
    declare(folder, [(names[1], NEW, "{}")])
    assert "takes it back" in run("apply", "manifests", "--yes").err


def test_a_restart_that_fails_leaves_nothing_to_take_back(folder: Path) -> None:
    """The same state was sent: no way back is offered, none is taken, and none is told of."""
    name = fleet(folder, 1)[0]
    declare(folder, [(name, "{description: old}", "{onFailure: rollback}")])
    quirk(folder, "restart_fails_next", 2)
    ran = run("restart", name, "manifests", "--yes")
    assert (ran.code, "takes it back" in ran.err) == (5, False)
    ran = run("apply", "manifests", "--yes", "--retry-failed", "-o", "json")
    assert ran.code == 5
    assert outcome(ran, name)["rollback"] is None
    assert "go back" not in ran.err
    assert "takes it back" not in ran.err


def test_an_agent_whose_way_back_did_not_end_is_told_to_be_held_back_too(folder: Path) -> None:
    """It hangs on its way back: the next run is blocked, and this one says so."""
    name = fleet(folder, 1)[0]
    quirk(folder, "restart_fails_next", 1)
    quirk(folder, "restart_stuck_next", 1)
    declare(folder, [(name, NEW, "{onFailure: rollback, timeout: 60s}")])
    ran = run("apply", "manifests", "--yes")
    assert ran.code in (5, 6)
    held = "The same manifests are not applied to it again until"
    blocked = run("plan", "manifests").out
    assert (held in ran.out) == ("quarantined" in blocked)
    assert held in ran.out


@pytest.mark.parametrize(
    ("option", "said"),
    [("one", "--canary: a whole number from 0 is expected"), ("-1", "--canary")],
)
def test_a_canary_that_is_no_number_is_refused(folder: Path, option: str, said: str) -> None:
    """Usage is told before anything is read."""
    declare(folder, [(fleet(folder, 1)[0], NEW, "{}")])
    ran = run("apply", "manifests", f"--canary={option}")
    assert ran.code == 1
    assert said in ran.err
