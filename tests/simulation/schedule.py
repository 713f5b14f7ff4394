"""What one simulated run is made of, as data: agents, faults, edits, limits, a crash.

A schedule can be drawn from a seed, written as JSON, read back and made smaller. Times are seconds
of virtual time; the run begins at 0.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any, Final, get_type_hints

READ_FAULTS: Final = ("unread", "slow", "throttled")
WRITE_FAULTS: Final = (
    "reset-before",
    "reset-after",
    "timeout-before",
    "timeout-after",
    "server-before",
    "server-after",
    "late",
    "throttled",
    "slow",
    "unreachable",
    "refused",
    "denied",
)
LOST: Final = frozenset(
    {*("reset-before", "reset-after", "timeout-before", "timeout-after"), *WRITE_FAULTS[4:7]}
)
"""Faults of a write after which nobody can know whether it happened."""

NO_EFFECT: Final = frozenset({"throttled", "unreachable", "refused", "denied"})
"""Faults of a write that say for certain that nothing happened."""

FAILURES: Final = ("stop", "continue", "rollback")


@dataclass(frozen=True)
class Agent:
    """One agent, and how its cloud treats it.

    `kind`: `runtime` restarts, `prompt` does not. `changes` are the fields by which the manifest
    differs from what is live. `endings` are those of its restarts in their order (`ok`, `failed`,
    `stuck`), `ok` after the last. `lags`: each read is answered by a replica that is one of these
    behind. `stale_status`: new values and a new stamp are shown with the status of before for so
    long; `late_values`: a new stamp and status with the values of before. `start_delay`: the
    restart begins so much after the effect. `flap`: in the middle of a restart READY shows for so
    long. `stamp`: it `moves` with every write, in whole `seconds`, again at the `end` of a restart,
    or stands `still`. `past` is what its earlier restarts are on record to have taken.
    """

    kind: str = "runtime"
    exists: bool = True
    changes: tuple[str, ...] = ("description",)
    failed: bool = False
    busy_for: float = 0.0
    restart_seconds: float = 5.0
    endings: tuple[str, ...] = ()
    not_kept: tuple[str, ...] = ()
    lags: tuple[float, ...] = (0.0,)
    stale_status: float = 0.0
    late_values: float = 0.0
    start_delay: float = 0.0
    flap: float = 0.0
    stamp: str = "moves"
    tells_age: bool = True
    refuses_busy: bool = False
    wave: int = 0
    timeout: float | None = None
    on_failure: str = "stop"
    past: tuple[float, ...] = ()

    @property
    def behind(self) -> float:
        """The most by which a read can be behind the truth."""
        return max(self.lags) + self.stale_status + self.late_values + self.start_delay


@dataclass(frozen=True)
class Fault:
    """What hits the `nth` read or write (`op`, from 0) of an agent. `seconds`: how slow, how late."""

    agent: int
    op: str
    nth: int
    kind: str
    seconds: float = 0.0


@dataclass(frozen=True)
class Edit:
    """Somebody at the console sets a field of an agent.

    `delay` seconds after the run began (`after` is empty), or after the `nth` read or write of it.
    """

    agent: int
    field: str
    delay: float
    after: str = ""
    nth: int = 0


@dataclass(frozen=True)
class Crash:
    """The tool dies at its `point`th step and is started again `delay` seconds later.

    Without `record` what it wrote down is gone; `torn`: a line that was being written is cut in
    half. `skew`: the second machine's clock is so far ahead of the first one's.
    """

    point: int
    delay: float
    record: bool = True
    torn: bool = False
    skew: float = 0.0


@dataclass(frozen=True)
class Schedule:
    """One run. `stop` is when SIGINT comes, `crash` how it dies, `share` a percentage of slots.

    `skew`: the cloud's clock is so far ahead of the machine's.
    """

    seed: int
    agents: tuple[Agent, ...]
    faults: tuple[Fault, ...] = ()
    edits: tuple[Edit, ...] = ()
    settle: float = 15.0
    in_doubt: float = 15.0
    timeout: float = 120.0
    slots: int = 2
    share: bool = False
    max_failures: int = 1
    max_restarts: int | None = None
    canary: int = 0
    wave_pause: float = 0.0
    rate: float = 10.0
    burst: int = 20
    latency: float = 0.02
    skew: float = 0.0
    stop: float | None = None
    crash: Crash | None = None
    heal: bool = False

    @property
    def within_bounds(self) -> bool:
        """Whether everything stays inside what semantics 8 promises to see through.

        Reads are behind by less than the settle window and, where a reply is lost, the effect
        shows within the in-doubt time. They are late in one way at a time: where replicas differ,
        each of them shows the newest state that it has. A READY in the middle of a restart is
        shorter than the second that confirms. Who comes back soon may meet
        a replica that is behind what was seen before. Who comes back without a record must be able to see how old things
        are, on reads that are not old themselves.
        """
        for index, agent in enumerate(self.agents):
            late = max((f.seconds for f in self.lateness(index)), default=0.0)
            if agent.behind > self.settle - 2 or agent.behind + late > self.in_doubt - 3:
                return False
            spread = max(agent.lags) - min(agent.lags)
            hidden = agent.stale_status or agent.late_values or agent.start_delay
            if self.crash and self.crash.delay < spread:
                return False
            if agent.flap + spread * bool(agent.flap) >= 0.9 or (spread and hidden):
                return False
            if self.crash and not self.crash.record:
                blind = agent.stamp == "still" or not agent.tells_age
                if max(agent.lags) or late or blind or agent.late_values:
                    return False
        return True

    def lateness(self, index: int) -> list[Fault]:
        """The writes of an agent whose effect comes late."""
        return [f for f in self.faults if f.agent == index and f.kind == "late"]


def dumps(schedule: Schedule) -> str:
    """As JSON, without what is as it is by default."""
    return json.dumps(_lean(asdict(schedule), Schedule), indent=1) + "\n"


def loads(text: str) -> Schedule:
    """Back from JSON."""
    data: Any = _tuples(json.loads(text))
    agents = tuple(Agent(**agent) for agent in data.pop("agents"))
    faults = tuple(Fault(**fault) for fault in data.pop("faults", ()))
    edits = tuple(Edit(**edit) for edit in data.pop("edits", ()))
    crash = data.pop("crash", None)
    return Schedule(
        agents=agents, faults=faults, edits=edits, crash=Crash(**crash) if crash else None, **data
    )


def _lean(data: dict[str, Any], kind: type) -> dict[str, Any]:
    lean = {}
    parts = {"agents": Agent, "faults": Fault, "edits": Edit}
    defaults = {name: getattr(kind, name, None) for name in get_type_hints(kind)}
    for name, value in data.items():
        if name in parts and kind is Schedule:
            value = [_lean(one, parts[name]) for one in value]
        if value not in (defaults.get(name), [] if name != "agents" else None):
            lean[name] = value
    return lean


def _tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_tuples(one) for one in value)
    if isinstance(value, dict):
        return {name: _tuples(member) for name, member in value.items()}
    return value
