"""A cloud on a socket, a folder, and a program that is killed in it and started again."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

from reconciler.sandbox import control, seeds, serve
from reconciler.sandbox.store import Store
from tests.faults.matrix.stage import KEYS
from tests.support.sandbox import served
from tests.support.virtual import EPOCH

SPEED: Final = 15.0
"""How many seconds of the clouds and of the program pass in a real one."""

WANTED: Final = "as declared"
_ROOT: Final = Path(__file__).parents[3]
_SECOND: Final = "f" * 32


@dataclass
class Scene:
    """See the module. `start` is when time began (of `time.time`)."""

    cloud: str
    folder: Path
    store: Store
    port: int
    process: "subprocess.Popen[bytes]"
    start: float
    runs: int = field(default=0)

    def reset(self) -> None:
        """Everything as it was before, in another folder."""
        control.reset(self.store)
        self.runs += 1
        (self.here / "manifests").mkdir(parents=True)
        control.set_quirk(self.store, "restart_seconds", 6.0)
        text = _agentrun(self.store) if self.cloud == "agentrun" else _appstage(self.store)
        (self.here / "manifests" / "agents.yaml").write_text(text, encoding="utf-8")
        url = f"http://127.0.0.1:{self.port}"
        (self.here / "manifests" / "reconcile.yaml").write_text(
            "defaultTarget: there\ntargets:\n  there:\n"
            f"    agentrun: {{endpoint: '{url}'}}\n"
            f"    appstage: {{endpoint: '{url}', iam: {{endpoint: '{url}'}}}}\n"
            "    wait: {settle: 4s, inDoubt: 4s, timeout: 120s}\n"
            "    limits: {maxUnavailable: 1}\n",
            encoding="utf-8",
        )

    @property
    def here(self) -> Path:
        """The folder of this case."""
        return self.folder / f"case-{self.runs}"

    def apply(self, point: int = 0) -> int:
        """One run, killed at a failpoint (0: not at all); its exit code, negative for a signal."""
        environ = {
            **KEYS[self.cloud],
            "PATH": os.environ["PATH"],
            "HOME": str(self.here),
            "XDG_STATE_HOME": str(self.here / "state"),
        }
        order = {
            "folder": str(self.here),
            "output": str(self.here / "output"),
            "environ": environ,
            "arguments": ["apply", "manifests", "--yes"],
            "point": point,
            "start": self.start,
            "speed": SPEED,
        }
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()
        return int(json.loads(self.process.stdout.readline()))

    def points(self) -> int:
        """How many failpoints the last whole run had."""
        return int((self.here / "output.points").read_text())

    def output(self) -> str:
        """What all runs of this case have written."""
        return (self.here / "output").read_text(encoding="utf-8")

    def state(self) -> list[tuple[str, Any, int, int]]:
        """Each agent: its name, the value that is managed, writes and restarts."""
        now = EPOCH + (time.time() - self.start) * SPEED
        pointer = "/description" if self.cloud == "agentrun" else "/properties/prologue"
        names = (
            (seeds.RUNTIME_NAME, "second")
            if self.cloud == "agentrun"
            else (seeds.AGENT_ID, _SECOND)
        )
        writes, restarts = control.write_counts(self.store), control.restart_counts(self.store)
        counted = _by_agent(self.cloud, writes), _by_agent(self.cloud, restarts)
        return [
            (name, control.value_of(self.store, name, pointer, now), *(c[n] for c in counted))
            for n, name in enumerate(names)
        ]


def _by_agent(cloud: str, counts: Mapping[str, int]) -> list[int]:
    """The counts of the two agents, in the order of their names here."""
    if cloud == "agentrun":
        return [counts[seeds.RUNTIME_NAME], counts["second"]]
    ours = {name: number for name, number in counts.items() if name != seeds.RUNTIME_NAME}
    first = next(name for name in ours if name != "second")
    return [ours[first], ours["second"]]


@contextmanager
def scene(cloud: str, folder: Path) -> Iterator[Scene]:
    """A served cloud and a process that can fork the program."""
    start = time.time()
    fast = SimpleNamespace(time=lambda: EPOCH + (time.time() - start) * SPEED)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.kill.zygote"],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        with (
            Store(folder / "cloud.db") as store,
            patch.object(serve, "time", fast),
            served(store) as port,
        ):
            yield Scene(cloud, folder, store, port, process, start)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()


def _agentrun(store: Store) -> str:
    body = {**seeds.RUNTIME, "agentRuntimeName": "second"}
    control.add_runtime(store, body, EPOCH - 86_400)
    return "".join(
        "apiVersion: agentrun.aliyun.com/v1\nkind: AgentRuntime\n"
        f"metadata: {{name: {name}}}\nspec: {{description: {WANTED}}}\n---\n"
        for name in (seeds.RUNTIME_NAME, "second")
    )


def _appstage(store: Store) -> str:
    properties = {**seeds.PROPERTIES, "name": "second"}
    control.add_agent(store, _SECOND, {**seeds.AGENT, "properties": properties}, EPOCH - 86_400)
    return "".join(
        "apiVersion: appstage.myhuaweicloud.com/v1\nkind: Agent\n"
        f"metadata: {{name: {name}}}\nspec:\n  agentId: '{agent}'\n  region: cn-north-5\n"
        f"  tags: []\n  properties: {{prologue: {WANTED}}}\n---\n"
        for name, agent in (("first", seeds.AGENT_ID), ("second", _SECOND))
    )
