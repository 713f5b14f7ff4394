"""Many applies at once, each a process of its own, against one cloud over real HTTP.

The oracle is the cloud's own request log: when which writer's update came, and how far apart.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from reconciler.sandbox import control, seeds
from reconciler.sandbox.store import Store
from tests.support.postgres import PASSWORD, postgres
from tests.support.repos import remote
from tests.support.sandbox import served

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-m", "reconciler")
RESTART_SECONDS = 0.4
MANY = [2, pytest.param(8, marks=pytest.mark.slow), pytest.param(32, marks=pytest.mark.slow)]
MANIFEST = """\
apiVersion: agentrun.aliyun.com/v1
kind: AgentRuntime
metadata: {name: customer-service}
spec:
  description: WRITER
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A sandbox on the disk."""
    with Store(tmp_path / "cloud.db") as store:
        control.set_quirk(store, "restart_seconds", RESTART_SECONDS)
        yield store


def config(port: int) -> str:
    """A target at this port. The name of the workspace is asked for, as in a real account."""
    return (
        "defaultTarget: there\ntargets:\n  there:\n"
        f"    agentrun: {{endpoint: 'http://127.0.0.1:{port}'}}\n"
        "    wait: {settle: 1s, timeout: 5m}\n"
    )


def start(folder: Path, home: Path, **environ: str) -> "subprocess.Popen[str]":
    """An apply of the folder's manifests as a process of its own."""
    return subprocess.Popen(
        # A busy machine must not decide who gets a turn: nobody gives up waiting.
        [*PROGRAM, "apply", "manifests", "-o", "json", "--lock-timeout", "20m"],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOME": str(home),
            "ALIBABA_CLOUD_ACCESS_KEY_ID": "sandbox",
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "sandbox",
            **environ,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(processes: Mapping[str, "subprocess.Popen[str]"]) -> dict[str, tuple[int, str]]:
    """Exit code and error output of each."""
    ends = {}
    for name, process in processes.items():
        out, err = process.communicate(timeout=900)
        assert PASSWORD not in out + err
        ends[name] = (process.returncode, err)
    return ends


def writes(store: Store) -> list[tuple[float, str]]:
    """When an update came, and which writer's it was."""
    return [
        (line.at, json.loads(line.body)["description"])
        for line in control.log_lines(store)
        if line.method == "PUT"
    ]


def assert_one_writer_at_a_time(store: Store) -> None:
    """No update came before the restart of the one before was over."""
    moments = [at for at, _ in writes(store)]
    gaps = [after - before for before, after in pairwise(moments)]
    assert all(gap >= RESTART_SECONDS for gap in gaps), gaps


@pytest.mark.parametrize("count", MANY)
def test_under_one_lock_an_agent_has_one_writer_at_a_time(
    store: Store, tmp_path: Path, count: int
) -> None:
    """Applies from as many checkouts, started at once, write one after the other: each waits until
    the one before has its agent back, and each gets its turn."""
    with served(store) as port:
        processes = {}
        for number in range(count):
            folder = tmp_path / f"checkout-{number}"
            (folder / "manifests").mkdir(parents=True)
            # Other names for one account: the lock is the account's, not the name's.
            named = config(port).replace("there", f"target-{number % 3}")
            (folder / "manifests/reconcile.yaml").write_text(named)
            text = MANIFEST.replace("WRITER", f"writer-{number}")
            (folder / "manifests/agent.yaml").write_text(text)
            processes[f"writer-{number}"] = start(folder, tmp_path)
        ends = finished(processes)
    assert {name: code for name, (code, _) in ends.items()} == dict.fromkeys(processes, 0), ends
    assert sorted(name for _, name in writes(store)) == sorted(processes)
    assert_one_writer_at_a_time(store)


@pytest.mark.parametrize("count", MANY)
def test_with_postgresql_the_newest_commit_wins(store: Store, tmp_path: Path, count: int) -> None:
    """Applies of as many commits at once, in any order: one writer at a time, no commit after a
    newer one, and the newest is what stays; the others were applied before it or refused."""
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    origin = remote(tmp_path / "origin")
    with postgres() as server, served(store) as port:
        folders = {}
        for number in range(count):
            (origin.author / "manifests").mkdir(exist_ok=True)
            (origin.author / "manifests/reconcile.yaml").write_text(config(port))
            origin.commit(f"commit {number}", MANIFEST.replace("WRITER", f"commit-{number:02}"))
            folders[f"commit-{number:02}"] = origin.clone(tmp_path / f"clone-{number}")
        order = list(folders)
        random.Random(seed).shuffle(order)
        dsn = {"RECONCILE_LOCK_DSN": server.dsn}
        ends = finished({name: start(folders[name], tmp_path, **dsn) for name in order})
    names = [name for _, name in writes(store)]
    assert names == sorted(names)
    assert names[-1] == max(order)
    assert_one_writer_at_a_time(store)
    for name, (code, err) in ends.items():
        assert code == (0 if name in names else 7), (name, err)
        assert name in names or "older than" in err
    last = control.value_of(store, seeds.RUNTIME_NAME, "/description", time.time())
    assert last == max(order)


def test_a_run_that_loses_its_connection_writes_nothing_more(store: Store, tmp_path: Path) -> None:
    """`unlock --force` ends the connection of a run that waits for an agent: it goes on with what it
    sent, starts nothing more, says why, and ends with exit 7."""
    names = ["customer-service", "second"]
    now = time.time() - 3600
    body = {"agentRuntimeName": "second", "artifactType": "Container", "cpu": 2, "memory": 2048}
    control.add_runtime(store, {**body, "port": 8080, "description": "old"}, now)
    control.set_value(store, "second", "/status", "READY", now + 60)
    control.set_quirk(store, "restart_stuck_next", 1)
    folder = tmp_path / "checkout"
    (folder / "manifests").mkdir(parents=True)
    with postgres() as server, served(store) as port:
        text = config(port) + "    limits: {maxUnavailable: 1}\n"
        (folder / "manifests/reconcile.yaml").write_text(text)
        agents = [MANIFEST.replace("customer-service", name) for name in names]
        (folder / "manifests/agents.yaml").write_text("---\n".join(agents))
        dsn = {"RECONCILE_LOCK_DSN": server.dsn}
        run = start(folder, tmp_path, **dsn)
        while not writes(store):
            assert run.poll() is None, run.communicate()
            time.sleep(0.05)  # noqa: TID251 - a real process is waited for
        shown = unlock(folder, tmp_path, dsn)
        assert shown.returncode == 7
        assert f"process {run.pid}" in shown.stdout
        assert "--force" in shown.stderr
        forced = unlock(folder, tmp_path, dsn, "--force")
        assert forced.returncode == 0, forced.stderr
        (first,) = [line.agent for line in control.log_lines(store) if line.method == "PUT"]
        control.set_value(store, first, "/status", "READY", time.time())
        out, err = run.communicate(timeout=60)
    assert run.returncode == 7, err
    results = [one["result"] for one in json.loads(out)["outcomes"]]
    assert sorted(results) == ["changed", "skipped"]
    assert "the lock of this run is lost" in err
    assert len(writes(store)) == 1


def unlock(
    folder: Path, home: Path, dsn: Mapping[str, str], *arguments: str
) -> "subprocess.CompletedProcess[str]":
    """`reconcile unlock` as a process of its own."""
    return subprocess.run(
        [*PROGRAM, "unlock", "manifests", *arguments],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOME": str(home),
            "ALIBABA_CLOUD_ACCESS_KEY_ID": "sandbox",
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "sandbox",
            **dsn,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
