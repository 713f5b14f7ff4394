"""The simulated cloud: its truth, its own history of it, and what reads are shown of that.

Everything that happens is an entry with a time, whoever did it; the oracle reads nothing else.
Effects are bound to times, not to callers: a caller that dies does not take its write back.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from math import floor, inf
from random import Random

from reconciler.model.live import Absent, Found, Health, Live
from tests.simulation.fields import PATHS, Tree, console_value, first, put, value_at
from tests.simulation.schedule import Agent, Edit, Schedule
from tests.support.virtual import EPOCH

LONG_AGO = -86_400.0
_CALM_RESTART = 20.0
_BEFORE = -20.0
"""When the agent was changed that is still busy when the run begins."""


@dataclass(slots=True)
class Entry:
    """One state of an agent. `who`: `origin`, `console`, or `us`; then `write` is its number."""

    at: float
    tree: Tree
    who: str
    write: int = -1


@dataclass(slots=True)
class Restart:
    """One restart. `ending`: ok, failed or stuck."""

    begin: float
    end: float
    who: str
    ending: str
    write: int = -1

    def covers(self, at: float) -> bool:
        """Whether it is under way."""
        return self.begin <= at < self.end


@dataclass(slots=True)
class Write:
    """A request of ours, `asked` for and, after it had its turn, `sent`. `shown`: the entry that our last read of the agent was shown, -1: absent,
    None: no read. `answer`: success, lost, or no; None while there is none. `seen_equal`: that read
    was shown everything as declared, `seen_failed`: a failed agent.
    """

    number: int
    run: int
    agent: int
    create: bool
    asked: float
    sent: float
    body: Tree
    shown: int | None
    seen_equal: bool
    seen_failed: bool
    recorded: bool
    effect: float | None = None
    answered: float | None = None
    answer: str | None = None
    fault: str = ""


@dataclass(slots=True)
class Read:
    """A read and what it showed. `entry` -1: absent, None: it failed."""

    run: int
    agent: int
    asked: float
    at: float
    entry: int | None
    health: str = ""
    equal: bool = False


@dataclass(slots=True)
class History:
    """All that ever became of one agent."""

    entries: list[Entry] = field(default_factory=list)
    restarts: list[Restart] = field(default_factory=list)

    def at(self, moment: float) -> int:
        """The entry of this moment, -1 where it did not exist yet."""
        found = -1
        for index, entry in enumerate(self.entries):
            if entry.at <= moment:
                found = index
        return found

    def busy(self, moment: float) -> bool:
        """Whether a restart is under way."""
        return any(restart.covers(moment) for restart in self.restarts)


class Cloud:
    """See the module. `now` is virtual time."""

    def __init__(self, schedule: Schedule, now: Callable[[], float]) -> None:
        self.schedule = schedule
        self.now = now
        self.histories = [_origin(agent) for agent in schedule.agents]
        self.writes: list[Write] = []
        self.reads: list[Read] = []
        self.requests: list[tuple[int, str, float, float]] = []
        self.calm = False
        self._chance = Random(schedule.seed)
        self._pending: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._edits = count(1)
        self._endings = [list(agent.endings) for agent in schedule.agents]
        for edit in schedule.edits:
            if not edit.after:
                self.at(edit.delay, lambda edit=edit: self._edit(edit))  # type: ignore[misc]

    def at(self, moment: float, what: Callable[[], None]) -> None:
        """Let something happen at a moment, now or later."""
        heappush(self._pending, (moment, next(self._numbers), what))

    def advance(self, to: float | None = None) -> None:
        """Let everything happen that is due."""
        now = self.now() if to is None else to
        while self._pending and self._pending[0][0] <= now:
            moment, _, what = heappop(self._pending)
            self._moment = moment
            what()

    def anchored(self, agent: int, after: str, nth: int) -> None:
        """Edits that wait for this read or write are due from now on."""
        for edit in self.schedule.edits:
            if (edit.agent, edit.after, edit.nth) == (agent, after, nth):
                self.at(self.now() + edit.delay, lambda edit=edit: self._edit(edit))  # type: ignore[misc]

    def settle_down(self) -> None:
        """From now on nothing goes wrong any more, and what hangs comes to its end."""
        self.calm = True
        for history in self.histories:
            for restart in history.restarts:
                if restart.end == inf:
                    restart.end = self.now()

    def effect(self, write: Write) -> Callable[[], None]:
        """What carrying out this write does."""

        def happen() -> None:
            history = self.histories[write.agent]
            if write.create == bool(history.entries):
                return  # a creation that came too late, or an update of nothing
            write.effect = self._moment
            old = history.entries[-1].tree if history.entries else {}
            tree = {**old, **copy.deepcopy(write.body)}
            if not self.calm:
                for name in self.schedule.agents[write.agent].not_kept:
                    if value_at(old, PATHS[name]) is not None:
                        put(tree, PATHS[name], value_at(old, PATHS[name]))
            self._become(write.agent, Entry(self._moment, tree, "us", write.number))

        return happen

    def _edit(self, edit: Edit) -> None:
        history = self.histories[edit.agent]
        if self.calm or not history.entries:
            return
        tree = copy.deepcopy(history.entries[-1].tree)
        put(tree, PATHS[edit.field], console_value(edit.field, next(self._edits)))
        self._become(edit.agent, Entry(self._moment, tree, "console"))

    def _become(self, index: int, entry: Entry) -> None:
        agent, history = self.schedule.agents[index], self.histories[index]
        history.entries.append(entry)
        if agent.kind == "prompt":
            return
        queue = self._endings[index]
        ending = queue.pop(0) if queue and entry.who == "us" and not self.calm else "ok"
        begin = entry.at + (0.0 if self.calm else agent.start_delay)
        lasts = min(agent.restart_seconds, _CALM_RESTART) if self.calm else agent.restart_seconds
        end = inf if ending == "stuck" else begin + lasts
        history.restarts.append(Restart(begin, end, entry.who, ending, entry.write))

    def image(self, index: int) -> tuple[Found, int]:
        """What a read is shown now, and the entry that it comes from."""
        agent, history, now = self.schedule.agents[index], self.histories[index], self.now()
        lag = 0.0 if self.calm else self._chance.choice(agent.lags)
        shown = now - lag
        entry = history.at(shown)
        if entry < 0:
            return Absent(), -1
        calm = self.calm
        values = max(0, history.at(shown - (0.0 if calm else agent.late_values)))
        health = self._health(agent, history, shown - (0.0 if calm else agent.stale_status))
        stamp = _stamp(agent, history, entry, shown)
        tree = history.entries[values].tree
        failed = health is Health.FAILED
        live = Live(
            f"id-{index}",
            copy.deepcopy(tree),
            Health.NONE if agent.kind == "prompt" else health,
            status="" if agent.kind == "prompt" else health.name,
            status_reason="the image cannot be pulled" if failed else "",
            stamp=None if stamp is None else EPOCH + stamp + self.schedule.skew,
            age_seconds=now - stamp if agent.tells_age and stamp is not None else None,
        )
        return live, values

    def _health(self, agent: Agent, history: History, at: float) -> Health:
        begun = [restart for restart in history.restarts if restart.begin <= at]
        for restart in begun:
            if at < restart.end:
                middle = restart.begin + (restart.end - restart.begin) / 2
                flaps = not self.calm and agent.flap and restart.end - restart.begin > 4
                return Health.READY if flaps and 0 <= at - middle < agent.flap else Health.BUSY
        failed = begun[-1].ending == "failed" if begun else agent.failed
        return Health.FAILED if failed else Health.READY


def _stamp(agent: Agent, history: History, entry: int, shown: float) -> float | None:
    stamp = history.entries[entry].at
    match agent.stamp:
        case "still":
            return history.entries[0].at
        case "seconds":
            return float(floor(stamp))
        case "end":
            ended = [r.end for r in history.restarts if r.end <= shown and r.begin >= stamp]
            return max([stamp, *ended])
        case _:
            return stamp


def _origin(agent: Agent) -> History:
    if not agent.exists:
        return History()
    tree = first(agent)
    history = History([Entry(LONG_AGO, tree, "origin")])
    if agent.busy_for:
        history.entries.append(Entry(_BEFORE, tree, "console"))
        history.restarts.append(Restart(_BEFORE, agent.busy_for, "console", "ok"))
    return history
