"""Making a failing schedule smaller: drop whatever it still fails without."""

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Final, TypeVar

from tests.simulation.oracle import failures
from tests.simulation.schedule import Agent, Schedule
from tests.simulation.world import play

T = TypeVar("T")

_PLAIN: Final = Agent()
_SIMPLE: Final = Schedule(0, ())
_FIXED: Final = ("kind",)  # what an agent has depends on it
_KEPT: Final = frozenset({"seed", "agents", "faults", "edits"})


def laws_broken(schedule: Schedule) -> frozenset[str]:
    """The names of the laws that a schedule breaks; a run that cannot end breaks one as well."""
    try:
        return frozenset(one.law for one in failures(play(schedule)))
    except Exception as error:  # noqa: BLE001 - whatever it was, it is what is looked for
        return frozenset({type(error).__name__})


def shrunk(
    schedule: Schedule, broken: Callable[[Schedule], frozenset[str]] = laws_broken
) -> Schedule:
    """The smallest schedule that can be had by leaving out, and that breaks one of the same laws."""
    laws = broken(schedule)
    again = True
    while again:
        again = False
        for smaller in _smaller(schedule):
            if broken(smaller) & laws:
                schedule, again = smaller, True
                break
    return schedule


def _smaller(schedule: Schedule) -> Iterator[Schedule]:
    """Everything that is one step smaller, the largest steps first."""
    for index in range(len(schedule.agents)):
        if len(schedule.agents) > 1:
            yield _without(schedule, index)
    if schedule.crash is not None:
        yield replace(schedule, crash=None)
    for index in range(len(schedule.faults)):
        yield replace(schedule, faults=_less(schedule.faults, index))
    for index in range(len(schedule.edits)):
        yield replace(schedule, edits=_less(schedule.edits, index))
    for name in (field.name for field in fields(Schedule) if field.name not in _KEPT):
        if getattr(schedule, name) != getattr(_SIMPLE, name):
            yield replace(schedule, **{name: getattr(_SIMPLE, name)})
    for index, agent in enumerate(schedule.agents):
        for name in (field.name for field in fields(Agent) if field.name not in _FIXED):
            if getattr(agent, name) != getattr(_PLAIN, name):
                plain = replace(agent, **{name: getattr(_PLAIN, name)})
                agents = (*schedule.agents[:index], plain, *schedule.agents[index + 1 :])
                yield replace(schedule, agents=agents)


def _without(schedule: Schedule, index: int) -> Schedule:
    def moved(number: int) -> int:
        return number - (number > index)

    return replace(
        schedule,
        agents=_less(schedule.agents, index),
        faults=tuple(replace(f, agent=moved(f.agent)) for f in schedule.faults if f.agent != index),
        edits=tuple(replace(e, agent=moved(e.agent)) for e in schedule.edits if e.agent != index),
    )


def _less(some: tuple[T, ...], index: int) -> tuple[T, ...]:
    return some[:index] + some[index + 1 :]
