"""Hand-made plans for the renderers, and a way to run a command line inside the test."""

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Final

import anyio

from reconciler.cli import main
from reconciler.model.manifest import Address, Place
from reconciler.model.outcome import Cause, Outcome, Result
from reconciler.model.plan import (
    NOTHING,
    About,
    AgentPlan,
    Blocked,
    Change,
    Create,
    Delete,
    InSync,
    Plan,
    Unhealthy,
    Unreadable,
    Update,
)
from reconciler.ports import Provider
from tests.support.virtual import EPOCH, VirtualClock, VirtualLoop

FILE = "manifests/agents.yaml"
API_VERSION = "cloud.example.com/v1"


MANIFESTS: Final = """\
apiVersion: agentrun.aliyun.com/v1
kind: AgentRuntime
metadata: {name: customer-service, labels: {team: support}}
spec:
  cpu: 2
  memory: 4096
  port: 8080
  containerConfiguration: {image: "registry.example.com/support/agent:v3"}
  environmentVariables: {LOG_LEVEL: info, API_KEY: {secret: "env:SUPPORT_API_KEY"}}
---
apiVersion: appstage.myhuaweicloud.com/v1
kind: Agent
metadata: {name: reviewer, labels: {team: review}}
spec:
  agentId: "0123456789abcdef0123456789abcdef"
  region: cn-north-5
  tags: []
  properties:
    prologue: 你好,请贴出改动
    model_setting: {temperature: 0.5}
"""
"""One agent of each cloud; both differ from what a new sandbox holds."""

CANARY: Final = "canary-5e0b1d"
SECRETS: Final = {"SUPPORT_API_KEY": CANARY}

_starts = itertools.count(EPOCH, 1000.0)


class Tty(StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


class LaterClock(VirtualClock):
    """A virtual clock that begins later than the one of every run before."""

    def __init__(self) -> None:
        self._start = next(_starts)

    def wall(self) -> float:
        try:
            return self._start + anyio.current_time()
        except RuntimeError:  # a verb that needs no event loop
            return self._start


@dataclass(frozen=True)
class Ran:
    """What a command line left behind."""

    code: int
    out: str
    err: str


def run_cli(
    *arguments: str,
    environ: Mapping[str, str] | None = None,
    stdin: StringIO | None = None,
    stdout: StringIO | None = None,
    stderr: StringIO | None = None,
    providers: Callable[[], tuple[Provider, ...]] | None = None,
) -> Ran:
    """Run one command line in this process and this working folder, in virtual time."""
    out, err = stdout or StringIO(), stderr or StringIO()
    code = main(
        arguments,
        environ=environ or {},
        stdin=stdin or StringIO(),
        stdout=out,
        stderr=err,
        clock=LaterClock(),
        providers=providers,
        loop_options={"loop_factory": VirtualLoop},
    )
    return Ran(code, out.getvalue(), err.getvalue())


def one_spaced(text: str) -> str:
    """A text without its columns: one space where there are several."""
    return re.sub(" +", " ", text)


def write_manifests(folder: Path, text: str = MANIFESTS, config: str | None = None) -> None:
    """A folder `manifests` with one file, and a `reconcile.yaml` where `config` is given."""
    manifests = folder / "manifests"
    manifests.mkdir(exist_ok=True)
    (manifests / "agents.yaml").write_text(text, encoding="utf-8")
    if config is not None:
        (manifests / "reconcile.yaml").write_text(config, encoding="utf-8")


def address(name: str = "bot") -> Address:
    """An agent of a kind that no provider has."""
    return Address(API_VERSION, "Agent", name)


def place(line: int = 1, column: int = 1) -> Place:
    """A position in a manifest."""
    return Place(FILE, line, column)


def about(
    name: str = "bot",
    *,
    line: int = 1,
    agent_id: str | None = "id-1",
    status: str = "READY",
    unobservable: Sequence[tuple[str, str]] = (),
    not_managed: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> About:
    """What an entry says of its agent."""
    return About(
        address(name),
        place(line),
        agent_id,
        status,
        tuple(unobservable),
        tuple(not_managed),
        tuple(notes),
    )


def change(
    path: str, before: object = NOTHING, after: object = NOTHING, *, line: int = 5, note: str = ""
) -> Change:
    """One field that differs."""
    return Change(path, before, after, place(line, 12), note)


def update(*changes: Change, of: About | None = None, restarts: bool = True) -> Update:
    """An agent that would be updated."""
    patch = tuple({"op": "replace", "path": c.path, "value": c.after} for c in changes)
    body = {c.path.split("/")[1]: c.after for c in changes}
    return Update(of or about(), changes, patch, body, restarts)


def every_entry() -> tuple[AgentPlan, ...]:
    """One of each kind of entry."""
    image = change("/containerConfiguration/image", "registry/agent:v2", "registry/agent:v3")
    return (
        InSync(about("calm", line=1)),
        Create(
            about("new", line=10, agent_id=None, status=""),
            (change("/cpu", after=2, line=12),),
            ({"op": "add", "path": "/cpu", "value": 2},),
            {"cpu": 2},
        ),
        update(
            image,
            change("/description", "old", None, line=6, note="clears, undocumented"),
            of=about(
                "support",
                line=20,
                agent_id="id-3",
                unobservable=[("/license", "no read shows it")],
                not_managed=["/logs", "/disk"],
                notes=["busy now: UPDATING"],
            ),
        ),
        Delete(about("left-over", line=30)),
        Unhealthy(about("ill", line=40, status="FAILED"), "FAILED", "image could not be pulled"),
        Blocked(about("stuck", line=50), "it is published", (change("/mode", "a", "b", line=51),)),
        Unreadable(
            about("unseen", line=60, agent_id=None, status=""), "no permission", Cause.CREDENTIALS
        ),
    )


def every_outcome() -> tuple[Outcome, ...]:
    """One outcome of each result."""
    return tuple(
        Outcome(
            address(str(result)),
            f"id-{number}",
            result,
            seconds=number + 0.25,
            restarts=number % 2,
            writes=1,
            reason="" if number < 3 else f"reason {number}",
            notes=("a note",) if number == 4 else (),
        )
        for number, result in enumerate(Result)
    )


def plan_of(*agents: AgentPlan) -> Plan:
    """A plan of these entries."""
    return Plan("staging", agents)
