"""After a write the rules hold as they did before it: what is ignored is nobody's finding."""

from dataclasses import replace
from typing import Any

import pytest

from reconciler.applier.follow import observed
from reconciler.applier.job import Job, Run
from reconciler.applier.stop import Stop
from reconciler.differ.options import Options
from reconciler.model.live import Health, Live
from reconciler.model.manifest import Desired
from reconciler.model.outcome import Outcome, Result
from reconciler.model.plan import About, InSync
from reconciler.model.target import Limits, Wait
from tests.support.applying import BASE, MemoryJournal, Watcher, applied, cloud, wanted
from tests.support.ignoring import rules
from tests.support.shapes import PROMPT
from tests.support.virtual import run


def target(spec: dict[str, Any], *paths: str) -> Desired:
    """What is wanted of `bot` under these rules."""
    return replace(wanted("bot", spec), ignore=rules(*paths))


@pytest.mark.parametrize("covered", [False, True])
def test_a_field_that_goes_away_is_no_finding_where_it_is_ignored(covered: bool) -> None:
    """The cloud drops what it is not sent: that halts the run, unless a rule covers the field."""

    async def scene() -> Outcome:
        memory, applying = cloud(replaces=True)
        memory.add("bot", {**BASE, "diskSize": 5})
        paths = ["/diskSize"] if covered else []
        (outcome,) = await applying.carry([target({**BASE, "description": "new"}, *paths)])
        return outcome

    outcome = applied(scene)
    assert outcome.result is (Result.CHANGED if covered else Result.NOT_KEPT), outcome
    assert ("/diskSize" in outcome.reason) is not covered


@pytest.mark.parametrize("covered", [False, True])
def test_a_field_that_is_not_kept_is_no_finding_where_it_is_ignored(covered: bool) -> None:
    """One of two fields is not kept: with a rule for it the update is a success."""

    async def scene() -> Outcome:
        _, applying = cloud(not_kept=frozenset({"diskSize"}))
        paths = ["/diskSize"] if covered else []
        spec = {**BASE, "description": "new", "diskSize": 9}
        (outcome,) = await applying.carry([target(spec, *paths)])
        return outcome

    outcome = applied(scene)
    expected = (Result.CHANGED, ()) if covered else (Result.NOT_KEPT, ("/diskSize",))
    assert (outcome.result, outcome.not_kept) == expected


@pytest.mark.parametrize("covered", [False, True])
def test_a_read_that_shows_little_is_compared_without_what_is_ignored(covered: bool) -> None:
    """AppStage without properties: a name that a rule covers is not what is still missing."""
    read = Live("1", {"properties": {"name": "old"}}, Health.NONE, partial=True)

    async def scene() -> list[str]:
        memory, applying = cloud()
        want = target(
            {"agentId": "1", "properties": {"name": "new"}},
            *(["/properties/name"] if covered else []),
        )
        state = Run(
            clock=applying.clock,
            journal=MemoryJournal(),
            observer=Watcher(),
            wait=Wait(),
            limits=Limits(),
            options=Options(),
            stop=Stop(),
        )
        job = Job(want, PROMPT, memory, read, InSync(About(want.address, want.place)))
        comparison, _ = observed(job, state, read)
        return [difference.path for difference in comparison.differences]

    assert run(scene) == ([] if covered else ["/properties/name"])
