"""Waves and canaries, as a plan shows them."""

from reconciler.differ.waves import Turn, canaries, placed
from reconciler.model.manifest import Address, Place
from reconciler.model.plan import About, AgentPlan, InSync
from reconciler.model.target import Limits


def turns(*waves: int, quiet: frozenset[int] = frozenset()) -> list[Turn]:
    """Agents of these waves; those at the `quiet` positions are not written to."""
    return [Turn(wave, position not in quiet) for position, wave in enumerate(waves)]


def shown(*waves: int, canary: int = 0) -> list[tuple[str, int | None, bool]]:
    """Name, wave and whether it leads, of each entry of a plan."""
    agents: list[AgentPlan] = [
        InSync(About(Address("v1", "Runtime", f"bot{n}"), Place("bot.yaml", n + 1, 1)))
        for n in range(len(waves))
    ]
    found = placed(agents, turns(*waves), Limits(canary=canary))
    return [(one.about.address.name, one.about.wave, one.about.leads) for one in found]


def test_the_first_writes_of_each_wave_lead() -> None:
    """In the order of the plan, whatever the waves are called; who is not written to leads nobody."""
    assert canaries(turns(0, 0, 5, 5, 5, 0), 2) == {0, 1, 2, 3}
    assert canaries(turns(0, 0, 0, 5, quiet=frozenset({0})), 1) == {1, 3}
    assert canaries(turns(0, 0), 9) == {0, 1}
    assert canaries(turns(0, 0), 0) == frozenset()


def test_waves_are_shown_where_there_are_several() -> None:
    """Each entry with its own, in the order that they came in."""
    assert shown(0, 5, 0) == [("bot0", 0, False), ("bot1", 5, False), ("bot2", 0, False)]


def test_one_wave_is_none() -> None:
    """Nothing is told that holds for all; a canary is one all the same."""
    assert shown(3, 3) == [("bot0", None, False), ("bot1", None, False)]
    assert shown(3, 3, canary=1) == [("bot0", None, True), ("bot1", None, False)]


def test_canaries_are_shown_in_each_wave() -> None:
    """Together with the wave."""
    assert shown(0, 5, 0, 5, canary=1) == [
        ("bot0", 0, True),
        ("bot1", 5, True),
        ("bot2", 0, False),
        ("bot3", 5, False),
    ]
