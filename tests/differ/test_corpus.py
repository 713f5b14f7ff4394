"""The corpus: what is equal on both clouds and what is not, through the real codecs and rules."""

import copy
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from reconciler.differ.decide import Decision, decide
from reconciler.model.live import Live
from reconciler.model.manifest import Address, Desired, Place
from reconciler.model.plan import Blocked, InSync, Update
from reconciler.providers import discover
from reconciler.providers.agentrun.codec import to_live
from reconciler.providers.appstage.codec import decode_agent
from reconciler.wire.call import Reply
from tests.differ.corpus import (
    agentrun_collections,
    agentrun_different,
    agentrun_equal,
    appstage_different,
    appstage_equal,
)
from tests.differ.corpus.case import Case

RULES = {provider.name: provider.kinds[0].rules for provider in discover()}
RUNTIME = {
    "agentRuntimeId": "ar-0123456789abcdef",
    "agentRuntimeName": "bot",
    "status": "READY",
    "statusReason": "",
    "createdAt": "2025-01-10T10:30:00Z",
    "lastUpdatedAt": "2025-01-10T11:45:00Z",
    "cpu": 1,
    "memory": 1024,
    "port": 80,
}
AGENT = {
    "region": "cn-north-5",
    "tags": ["t"],
    "properties": {"name": "n"},
    "update_time": 1754269200000,
}
AGENT_ID = "0123456789abcdef0123456789abcdef"

EQUAL = [("agentrun", case) for case in agentrun_equal.EQUAL] + [
    ("appstage", case) for case in appstage_equal.EQUAL
]
DIFFERENT = [
    ("agentrun", case) for case in (*agentrun_different.DIFFERENT, *agentrun_collections.DIFFERENT)
] + [("appstage", case) for case in appstage_different.DIFFERENT]


def names(cases: list[tuple[str, Case]]) -> Iterator[str]:
    """What each test is called."""
    return (f"{cloud}: {case.reason}" for cloud, case in cases)


def decided(cloud: str, case: Case) -> Decision:
    """The decision on this pair, the live side as its codec makes it of the wire object."""
    live: Any
    if cloud == "agentrun":
        spec = case.spec
        live = to_live(copy.deepcopy({**RUNTIME, **case.live}), None, str)
    else:
        spec = {"agentId": AGENT_ID, **case.spec}
        wire = {**AGENT, **case.live}
        wire["properties"] = {**AGENT["properties"], **wire["properties"]}  # type: ignore[dict-item]
        live = decode_agent(
            AGENT_ID, Reply(200, httpx.Headers(), copy.deepcopy(wire), None), lambda _: None
        )
    assert isinstance(live, Live), live
    desired = Desired(Address("v1", "K", "bot"), Place("bot.yaml", 1, 1), spec, {})
    return decide(desired, live, RULES[cloud])


def test_the_corpus_is_large_enough_and_each_pair_is_another() -> None:
    """At least 60 of each, no reason or pair twice on one cloud, each with its source."""
    assert len(EQUAL) >= 60
    assert len(DIFFERENT) >= 60
    assert all(case.source and case.reason for _, case in EQUAL + DIFFERENT)
    pairs = [repr((cloud, case.spec, case.live)) for cloud, case in EQUAL + DIFFERENT]
    assert len(set(pairs)) == len(pairs)


@pytest.mark.parametrize(("cloud", "case"), EQUAL, ids=names(EQUAL))
def test_equal_pairs_are_in_sync(cloud: str, case: Case) -> None:
    """Nothing would be sent, and what cannot be compared is told as such and no more."""
    plan = decided(cloud, case).plan
    assert isinstance(plan, InSync), plan
    assert tuple(path for path, _ in plan.about.unobservable) == case.unobservable


@pytest.mark.parametrize(("cloud", "case"), DIFFERENT, ids=names(DIFFERENT))
def test_different_pairs_differ_where_they_do(cloud: str, case: Case) -> None:
    """Exactly these paths differ; nothing else is told, and nothing is sent where it is blocked."""
    decision = decided(cloud, case)
    plan = decision.plan
    assert isinstance(plan, Blocked if case.blocked else Update), plan
    assert isinstance(plan, Blocked | Update)
    assert tuple(sorted(change.path for change in plan.changes)) == tuple(sorted(case.paths))
    assert tuple(path for path, _ in plan.about.unobservable) == case.unobservable
    assert (decision.body is None) is case.blocked
