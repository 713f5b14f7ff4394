"""A fleet through the command line: how many requests, writes and restarts each run costs."""

import json
from math import ceil
from pathlib import Path

import pytest

from reconciler.sandbox import control
from reconciler.sandbox.store import Store
from tests.support.cli import Ran, run_cli

AGENT = """\
apiVersion: agentrun.aliyun.com/v1
kind: AgentRuntime
metadata: {{name: {name}, labels: {{parity: {parity}}}}}
spec: {{description: {description}}}
---
"""
WORKSPACE = "ws-0123456789abcdef"
LONG_AGO = 1_700_000_000.0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def declare(folder: Path, names: list[str], changed: int = 0) -> None:
    """Manifests for these agents, of which the first so many differ from what is live."""
    (folder / "manifests").mkdir(exist_ok=True)
    text = "".join(
        AGENT.format(
            name=name,
            parity="even" if index % 2 == 0 else "odd",
            description="new" if index < changed else "old",
        )
        for index, name in enumerate(names)
    )
    (folder / "manifests" / "fleet.yaml").write_text(text)
    (folder / "manifests" / "reconcile.yaml").write_text(
        "defaultTarget: sandbox\ntargets:\n  sandbox:\n    limits: {maxChange: 100%}\n"
    )


def fleet(folder: Path, count: int, live: int | None = None) -> list[str]:
    """So many declared agents; `live` of them (all, if None) and the seed are in the cloud."""
    names = [f"agent-{number:04}" for number in range(count)]
    database = folder / ".reconcile" / "sandbox.db"
    with Store(database) as store:
        control.set_quirk(store, "restart_seconds", 20)
        for name in names[: count if live is None else live]:
            body = {
                "agentRuntimeName": name,
                "description": "old",
                "artifactType": "Container",
                "cpu": 2,
                "memory": 2048,
                "port": 8080,
                "workspaceId": WORKSPACE,
            }
            control.add_runtime(store, body, LONG_AGO)
    return names


def requests(folder: Path) -> list[str]:
    """`METHOD path` of every request that the sandbox has seen, lists with their page."""
    with Store(folder / ".reconcile" / "sandbox.db") as store:
        return [f"{line.method} {line.target}" for line in control.log_lines(store)]


def counts(folder: Path) -> tuple[int, int]:
    """(writing requests, restarts) of the whole sandbox."""
    writes = [line for line in requests(folder) if not line.startswith("GET ")]
    with Store(folder / ".reconcile" / "sandbox.db") as store:
        return len(writes), sum(control.restart_counts(store).values())


def run(*arguments: str) -> Ran:
    """One command line, no credentials."""
    return run_cli(*arguments, environ={})


@pytest.mark.parametrize("count", [4, 99, 100, 230])
def test_a_quiet_plan_reads_each_list_page_once(folder: Path, count: int) -> None:
    """ceil(live / 100) list requests, the default workspace once, and no write (law P4)."""
    names = fleet(folder, count)
    declare(folder, names)
    assert run("plan", "manifests").code == 0
    seen = requests(folder)
    pages = [line for line in seen if line.startswith("GET /2025-09-10/agents/runtimes?")]
    assert len(pages) == ceil((count + 1) / 100)  # and the one that every sandbox holds
    assert len(seen) == len(pages) + 1
    assert counts(folder) == (0, 0)


def test_a_workspace_that_is_named_by_its_id_is_not_looked_up(folder: Path) -> None:
    """With an id in the target the pages are all that is asked for."""
    from tests.support.clouds import cloud
    from tests.support.virtual import run as virtually

    async def scene() -> list[str]:
        async with cloud("agentrun", settings={"workspace": WORKSPACE}) as world:
            await world.session.fetch([world.desired(f"n{i}", {}) for i in range(4)])
            return [line.target for line in control.log_lines(world.store)]

    assert not any("workspaces" in target.split("?")[0] for target in virtually(scene))


def test_an_apply_writes_what_differs_and_restarts_no_other(folder: Path) -> None:
    """Of 40 agents 7 differ: 7 writes, 7 restarts, at most 5 at once; then none."""
    names = fleet(folder, 40)
    declare(folder, names, changed=7)
    ran = run("apply", "manifests", "-o", "json")
    assert ran.code == 0, ran.err
    document = json.loads(ran.out)
    assert document["summary"]["restarts"] == 7
    results = [outcome["result"] for outcome in document["outcomes"]]
    assert (results.count("changed"), results.count("unchanged")) == (7, 33)
    assert counts(folder) == (7, 7)
    assert 40 <= document["seconds"] < 60  # 7 restarts of 20 s in 5 slots
    again = run("apply", "manifests")
    assert (again.code, counts(folder)) == (0, (7, 7))
    assert "No changes." in again.out


def test_the_threshold_holds_back_and_says_how_to_go_on(folder: Path) -> None:
    """Past 30 % of 10 or more agents nothing is written and the exit code is 7."""
    names = fleet(folder, 10)
    declare(folder, names, changed=4)
    (folder / "manifests" / "reconcile.yaml").write_text("defaultTarget: sandbox\n")
    ran = run("apply", "manifests")
    assert (ran.code, counts(folder)) == (7, (0, 0))
    assert "--max-change" in ran.err
    assert run("apply", "manifests", "--max-change", "100%").code == 0
    assert counts(folder) == (4, 4)


def test_a_fleet_that_is_not_there_is_blocked_not_invented(folder: Path) -> None:
    """An absent agent whose manifest lacks what creating needs is blocked with the lines to add."""
    names = fleet(folder, 6, live=4)
    declare(folder, names)
    ran = run("apply", "manifests")
    assert (ran.code, counts(folder)) == (7, (0, 0))
    assert "creating needs spec.artifactType" in ran.out


def test_failures_stop_what_has_not_begun(folder: Path) -> None:
    """More failures than allowed: the rest is skipped, and the worst cause decides: 5."""
    names = fleet(folder, 12)
    declare(folder, names, changed=12)
    with Store(folder / ".reconcile" / "sandbox.db") as store:
        control.set_quirk(store, "restart_fails_next", 99)
    ran = run("apply", "manifests", "-o", "json")
    assert ran.code == 5
    results = [outcome["result"] for outcome in json.loads(ran.out)["outcomes"]]
    assert results.count("failed") == 5  # all that were restarting when the second one failed
    assert results.count("skipped") == 7


def test_the_samples_are_planned_without_their_secret(folder: Path) -> None:
    """A stranger's first plan, with no variable set: both agents, and what cannot be compared."""
    samples = Path(__file__).parents[2] / "manifests"
    ran = run("plan", str(samples))
    assert ran.code == 0, ran.err
    assert "env:SUPPORT_API_KEY has no value here" in ran.out
    assert "Plan: 2 to update" in ran.out
    assert run("apply", str(samples)).code == 1
    assert counts(folder)[1] == 0
