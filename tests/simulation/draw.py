"""From a seed to a schedule: which worlds there are, and how often each sort of trouble comes."""

from dataclasses import replace
from random import Random
from typing import Final

from tests.simulation.schedule import (
    LOST,
    NO_EFFECT,
    READ_FAULTS,
    WRITE_FAULTS,
    Agent,
    Crash,
    Edit,
    Fault,
    Schedule,
)

FIELDS: Final = {
    "runtime": ("description", "cpu", "env", "image"),
    "prompt": ("instructions", "name"),
}
"""What manifests declare, and what the console sets; `memory` and `command` only the console."""

CONSOLE: Final = {
    "runtime": ("description", "memory", "env", "image", "command", "isolated"),
    "prompt": ("instructions", "prologue", "name"),
}


def draw(seed: int) -> Schedule:
    """The schedule of a seed; the same one every time."""
    chance = Random(seed)
    settle = chance.choice((15.0, 15.0, 15.0, 6.0, 30.0))
    in_doubt = settle if chance.random() < 0.8 else chance.choice((8.0, 20.0))
    wild = chance.random() < 0.12  # beyond what is promised
    room = (chance.uniform(1, 3) if wild else 0.9) * (min(settle, in_doubt) - 4)
    waves = chance.choice((1, 1, 2, 3))
    agents = tuple(
        _agent(chance, room, waves, wild=wild) for _ in range(chance.choice((1, 1, 2, 3, 4, 6)))
    )
    faults = tuple(
        fault
        for index, agent in enumerate(agents)
        for fault in _faults(chance, index, room - agent.behind)
    )
    edits = tuple(_edit(chance, agents) for _ in range(chance.choice((0, 0, 0, 1, 2))))
    crash = _crash(chance) if chance.random() < 0.25 else None
    drawn = Schedule(
        seed,
        agents,
        faults,
        edits,
        settle,
        in_doubt,
        timeout=chance.choice((60.0, 120.0, 120.0, 300.0)),
        slots=chance.randint(1, 4),
        share=chance.random() < 0.1,
        max_failures=chance.choice((0, 1, 1, 3)),
        max_restarts=chance.choice((None, None, None, 1, 3)),
        canary=chance.choice((0, 0, 1, 2)) if waves > 1 or chance.random() < 0.3 else 0,
        wave_pause=chance.choice((0.0, 0.0, 7.5)),
        rate=chance.choice((10.0, 10.0, 3.0)),
        burst=chance.choice((100, 20, 3)),
        latency=chance.choice((0.02, 0.02, 0.3)),
        skew=chance.choice((0.0, 0.0, 90.0, -90.0, 7200.0, -7200.0)),
        stop=chance.uniform(0, 60) if chance.random() < 0.1 else None,
        crash=crash,
        heal=crash is not None or chance.random() < 0.1,
    )
    return drawn if wild or drawn.within_bounds else _tamed(drawn)


def _tamed(schedule: Schedule) -> Schedule:
    """The same with a crash that the promises of semantics 8 are made for."""
    if schedule.crash is None:
        return schedule
    spread = max(max(agent.lags) - min(agent.lags) for agent in schedule.agents)
    crash = replace(schedule.crash, record=True, delay=max(schedule.crash.delay, spread))
    return replace(schedule, crash=crash)


def _agent(chance: Random, room: float, waves: int, *, wild: bool) -> Agent:
    kind = "prompt" if chance.random() < 0.2 else "runtime"
    exists = kind == "prompt" or chance.random() < 0.93
    fields = FIELDS[kind]
    changes = chance.sample(fields, chance.choice((0, 1, 1, 1, 2)))
    sort = chance.choice(
        ("none", "lag", "mixed", "mixed", "status", "status", "values", "begin", "two")
    )
    some = chance.uniform(0, max(room, 0.0))
    runtime = kind == "runtime"
    two = sort == "two" and wild
    steady = sort not in ("mixed", "two")
    lasts = chance.choice((0.05, 0.9, 3.0, 12.0, 20.0, chance.uniform(1, 100)))
    past = tuple(
        lasts * chance.choice((1, 1.1, 3, 0.3)) for _ in range(chance.choice((0, 0, 1, 5)))
    )
    return Agent(
        kind,
        exists,
        tuple(changes) if exists else fields[:1],
        failed=runtime and exists and chance.random() < 0.08,
        busy_for=chance.uniform(1, 40) if runtime and exists and chance.random() < 0.1 else 0.0,
        restart_seconds=lasts,
        endings=_endings(chance) if runtime else (),
        not_kept=tuple(changes[:1]) if exists and chance.random() < 0.05 else (),
        lags={"lag": (some,), "mixed": (0.0, some), "two": (some / 2, 0.0) if two else (0.0,)}.get(
            sort, (0.0,)
        ),
        stale_status={"status": some, "two": some / 3 if two else 0.0}.get(sort, 0.0)
        if runtime
        else 0.0,
        late_values=some if sort == "values" else 0.0,
        start_delay=some if sort == "begin" and runtime else 0.0,
        flap=chance.uniform(1, 6) if wild else chance.choice((0.0, 0.8)) * steady,
        stamp=chance.choice(("moves", "moves", "moves", "seconds", "end", "still")),
        tells_age=chance.random() < 0.8,
        refuses_busy=chance.random() < 0.4,
        wave=chance.randrange(waves),
        timeout=chance.choice((None, None, 45.0)),
        on_failure=chance.choice(("stop", "stop", "continue", "rollback")),
        past=past,
    )


def _endings(chance: Random) -> tuple[str, ...]:
    if chance.random() > 0.15:
        return ()
    return tuple(
        chance.choice(("failed", "failed", "stuck", "ok")) for _ in range(chance.choice((1, 1, 2)))
    )


def _faults(chance: Random, index: int, room: float) -> list[Fault]:
    faults = []
    if chance.random() < 0.3:
        for nth in range(chance.choice((1, 1, 1, 2))):
            kind = chance.choice((*sorted(LOST), *sorted(LOST), *sorted(NO_EFFECT), "slow"))
            most = max(room, 0.5) if kind == "late" else 20.0
            faults.append(Fault(index, "write", nth, kind, round(chance.uniform(0.1, most), 2)))
    if chance.random() < 0.2:
        first = chance.choice((0, 1, 2, 3, 5, 8))
        kind = chance.choice(READ_FAULTS)
        faults += [
            Fault(index, "read", first + more, kind, round(chance.uniform(0.5, 12), 2))
            for more in range(chance.choice((1, 1, 2, 5)))
        ]
    assert all(fault.kind in {*READ_FAULTS, *WRITE_FAULTS} for fault in faults)
    return faults


def _edit(chance: Random, agents: tuple[Agent, ...]) -> Edit:
    index = chance.randrange(len(agents))
    field = chance.choice(CONSOLE[agents[index].kind])
    if chance.random() < 0.3:
        return Edit(index, field, round(chance.uniform(0, 60), 2))
    after = chance.choice(("read", "read", "write"))
    nth = chance.choice((0, 1, 1, 2)) if after == "read" else 0
    return Edit(index, field, chance.choice((0.0, 0.011, 0.5, 5.0)), after, nth)


def _crash(chance: Random) -> Crash:
    record = chance.random() < 0.75
    return Crash(
        point=chance.choice((chance.randrange(1, 40), chance.randrange(1, 400))),
        delay=chance.choice((0.0, 0.5, 2.0, chance.uniform(0, 40))),
        record=record,
        torn=chance.random() < 0.3,
        skew=chance.choice((0.0, 0.0, -3.0, 2.0)),
    )
