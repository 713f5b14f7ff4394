"""Over a real socket, with real signatures and the real clock: the program and the vendor's SDK."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.sandbox import control, seeds
from reconciler.sandbox.store import Store
from tests.support.sandbox import served

KEYS = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "sandbox",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "sandbox",
    "HW_USER_NAME": "sandbox",
    "HW_USER_PASSWORD": "sandbox",
    "HW_DOMAIN_NAME": "sandbox",
}
MANIFESTS = Path(__file__).parents[2] / "manifests"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A sandbox on the disk that several processes can look into."""
    with Store(tmp_path / "cloud.db") as store:
        control.set_quirk(store, "restart_seconds", 0.5)
        yield store


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Where the tests run in the background SIGINT may be ignored, and children inherit that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)


def target(folder: Path, port: int, settle: str = "2s") -> None:
    """The sample manifests, aimed at this port."""
    manifests = folder / "manifests"
    manifests.mkdir()
    for file in MANIFESTS.glob("*.yaml"):
        if file.name != "reconcile.yaml":
            (manifests / file.name).write_bytes(file.read_bytes())
    url = f"http://127.0.0.1:{port}"
    (manifests / "reconcile.yaml").write_text(
        f"defaultTarget: there\ntargets:\n  there:\n    agentrun: {{endpoint: '{url}'}}\n"
        f"    appstage: {{endpoint: '{url}', iam: {{endpoint: '{url}'}}}}\n"
        f"    wait: {{settle: {settle}, timeout: 60s}}\n"
    )


def start(folder: Path, *arguments: str, **environ: str) -> "subprocess.Popen[str]":
    """The program as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "reconciler", *arguments],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(MANIFESTS.parent),
            "SUPPORT_API_KEY": "a-throwaway-value",
            **KEYS,
            **environ,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_vendors_client_reads_what_was_applied(store: Store, tmp_path: Path) -> None:
    """One PUT per changed agent over the wire; the official SDK sees the same values."""
    from alibabacloud_agentrun20250910 import models
    from alibabacloud_agentrun20250910.client import Client
    from alibabacloud_tea_openapi import utils_models

    with served(store) as port:
        target(tmp_path, port)
        process = start(tmp_path, "apply", "manifests", "-o", "json")
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert [o["result"] for o in json.loads(out)["outcomes"]] == ["changed", "changed"]
        client = Client(
            utils_models.Config(
                access_key_id="sandbox",
                access_key_secret="sandbox",
                region_id="cn-hangzhou",
                endpoint=f"127.0.0.1:{port}",
                protocol="http",
            )
        )
        reply = client.get_agent_runtime(seeds.RUNTIME_ID, models.GetAgentRuntimeRequest())
        runtime = reply.body.data
        assert runtime.status == "READY"
        assert runtime.memory == 4096
        assert runtime.container_configuration.image.endswith(":v3")
        assert runtime.environment_variables["API_KEY"] == "a-throwaway-value"
    lines = control.log_lines(store)
    assert sum(line.method == "PUT" for line in lines) == 2
    assert control.restart_counts(store)[seeds.RUNTIME_NAME] == 1


def puts(store: Store) -> int:
    """How many updates of the runtime the cloud has seen."""
    return sum(
        line.method == "PUT" and "runtimes" in line.target for line in control.log_lines(store)
    )


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_run_that_ended_right_after_its_write_is_taken_up(
    store: Store, tmp_path: Path, how: signal.Signals
) -> None:
    """Killed or interrupted, and started again while the old READY still shows: one restart in
    all, and no success before it is over."""
    control.set_quirk(store, "restart_seconds", 4)
    control.set_quirk(store, "stale_status_seconds", 1.5)
    with served(store) as port:
        target(tmp_path, port)
        first = start(tmp_path, "apply", "manifests", "--name", "customer-service")
        deadline = time.monotonic() + 30
        while not puts(store) and time.monotonic() < deadline:
            assert first.poll() is None, first.communicate()
        written = time.monotonic()
        first.send_signal(how)
        _, err = first.communicate(timeout=30)
        assert first.returncode == (-how if how is signal.SIGKILL else 130), err
        second = start(tmp_path, "apply", "manifests", "--name", "customer-service", "-o", "json")
        out, err = second.communicate(timeout=60)
        assert second.returncode == 0, err
        (outcome,) = json.loads(out)["outcomes"]
        assert outcome["result"] == "unchanged"
        assert time.monotonic() - written >= 4
    assert puts(store) == 1
    assert control.restart_counts(store)[seeds.RUNTIME_NAME] == 1
