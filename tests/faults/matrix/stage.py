"""One cloud with its agents behind a server that can be disturbed, and the program in front of it.

The program is `main(argv)`, whole, with its real HTTP client on real loopback sockets; the cloud
is the sandbox; time is virtual, so that waiting for a timeout costs nothing.
"""

import os
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any, Final

from reconciler.cli import main
from reconciler.sandbox import control, seeds
from reconciler.sandbox.store import Store
from tests.support.cli import Ran
from tests.support.sandbox import sandbox_transport
from tests.support.virtual import EPOCH, VirtualClock
from tests.support.wired import Line, Request, Server, served_by

CLOUDS: Final = ("agentrun", "appstage")
SECRET: Final = "matrix-secret-7f3a91"
KEYS: Final = {
    "agentrun": {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "sandbox",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "sandbox",
    },
    "appstage": {
        "HW_USER_NAME": "sandbox",
        "HW_USER_PASSWORD": "sandbox",
        "HW_DOMAIN_NAME": "sandbox",
    },
}
WANTED: Final = "as declared"
_OTHERS: Final = ("first", "second", "third")
_OTHER_AGENT: Final = "f" * 32

_RUNTIME: Final = """\
apiVersion: agentrun.aliyun.com/v1
kind: AgentRuntime
metadata: {{name: {name}}}
spec: {{{spec}}}
---
"""
_AGENT: Final = """\
apiVersion: appstage.myhuaweicloud.com/v1
kind: Agent
metadata: {{name: {name}}}
spec:
  agentId: "{id}"
  region: cn-north-5
  tags: []
  properties: {{prologue: {prologue}}}
---
"""

Disturb = Callable[["Stage", Request, Line], Awaitable[bool]]
"""What comes between: true when it has answered itself."""


class StageClock(VirtualClock):
    """Virtual time that also has an answer where no event loop runs: when the last one ended."""

    def __init__(self) -> None:
        self._last = 0.0

    def monotonic(self) -> float:
        try:
            self._last = super().monotonic()
        except RuntimeError:  # anyio's NoEventLoopError
            return self._last
        return self._last

    def wall(self) -> float:
        return EPOCH + self.monotonic()


@dataclass
class Stage:
    """A cloud, a folder with manifests, and what was asked."""

    cloud: str
    folder: Path
    store: Store
    clock: StageClock
    asked: list[Request] = field(default_factory=list)
    connections: int = 0
    _before: int = 0

    def __post_init__(self) -> None:
        self._before = sum(control.write_counts(self.store).values())

    def value(self) -> Any:
        """What the agent truly has in the field that the manifest changes."""
        now = self.clock.wall()
        if self.cloud == "agentrun":
            return control.value_of(self.store, seeds.RUNTIME_NAME, "/description", now)
        return control.value_of(self.store, seeds.AGENT_ID, "/properties/prologue", now)

    def writes(self) -> int:
        """How many writes took effect, on whichever agent."""
        return sum(control.write_counts(self.store).values()) - self._before

    def restarts(self) -> int:
        """How many restarts there were."""
        return sum(control.restart_counts(self.store).values())


@contextmanager
def stage(cloud: str, **switches: Any) -> Iterator[Stage]:
    """A new cloud with one agent that is not as declared, among others that are."""
    with tempfile.TemporaryDirectory() as name, Store(None) as store:
        for switch, value in switches.items():
            control.set_quirk(store, switch, value)
        folder = Path(name)
        (folder / "manifests").mkdir()
        text = _agentrun(store) if cloud == "agentrun" else _appstage(store)
        (folder / "manifests" / "agents.yaml").write_text(text, encoding="utf-8")
        yield Stage(cloud, folder, store, StageClock())


def _agentrun(store: Store) -> str:
    control.set_quirk(store, "page_size_limit", 2)
    control.set_quirk(store, "page_over_limit", "cap")
    documents = [_RUNTIME.format(name=seeds.RUNTIME_NAME, spec=f"description: {WANTED}")]
    for name in _OTHERS:
        body = {**seeds.RUNTIME, "agentRuntimeName": name, "description": name}
        control.add_runtime(store, body, EPOCH - 86_400)
        documents.append(_RUNTIME.format(name=name, spec=f"description: {name}"))
    return "".join(documents)


def _appstage(store: Store) -> str:
    properties = {**seeds.PROPERTIES, "name": "other", "prologue": "other"}
    body = {**seeds.AGENT, "properties": properties}
    control.add_agent(store, _OTHER_AGENT, body, EPOCH - 86_400)
    return _AGENT.format(name="bot", id=seeds.AGENT_ID, prologue=WANTED) + _AGENT.format(
        name="other", id=_OTHER_AGENT, prologue="other"
    )


def perform(
    scene: Stage,
    arguments: tuple[str, ...] = ("apply", "manifests", "--yes"),
    disturb: Disturb | None = None,
    connecting: Callable[[], Awaitable[None]] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Ran:
    """Run a command line against the stage."""
    transport = sandbox_transport(scene.store, scene.clock.wall)

    async def answer(request: Request, line: Line) -> None:
        scene.asked.append(request)
        if disturb is not None and await disturb(scene, request, line):
            return
        await line.send((await served_by(transport, request)).encoded())

    async def connect() -> None:
        scene.connections += 1
        if connecting is not None:
            await connecting()

    server = Server(answer, connect)
    url = f"http://127.0.0.1:{server.port}"
    (scene.folder / "manifests" / "reconcile.yaml").write_text(_config(url), encoding="utf-8")
    out, err = StringIO(), StringIO()
    state = {"XDG_STATE_HOME": str(scene.folder / "state"), "HOME": str(scene.folder)}
    before = Path.cwd()
    os.chdir(scene.folder)
    try:
        code = main(
            arguments,
            environ={**KEYS[scene.cloud], **state, **(environ or {})},
            stdin=StringIO(),
            stdout=out,
            stderr=err,
            clock=scene.clock,
            loop_options={"loop_factory": server.loop},
        )
    finally:
        os.chdir(before)
        server.close()
    return Ran(code, out.getvalue(), err.getvalue())


def _config(url: str) -> str:
    return (
        "defaultTarget: there\ntargets:\n  there:\n"
        f"    agentrun: {{endpoint: '{url}'}}\n"
        f"    appstage: {{endpoint: '{url}', iam: {{endpoint: '{url}'}}}}\n"
        "    wait: {timeout: 600s}\n"
    )
