"""A manifest that was taken back is not written again, whatever the plan said."""

from typing import Any

import pytest

from reconciler.differ.binding import bind
from reconciler.model.manifest import Desired
from reconciler.model.outcome import Cause, Outcome, Result
from reconciler.model.sealed import Sealed
from reconciler.ports import History, Quarantine
from tests.support.applying import MemoryJournal, applied, cloud, wanted
from tests.support.shapes import RUNTIME

KEY = "example/v1/Runtime/bot"
BAD: dict[str, Any] = {
    "description": "new",
    "environmentVariables": {"KEY": Sealed("one", "env:KEY")},
}


def held(desired: Desired) -> History:
    """A history in which this manifest was taken back."""
    digest = bind(desired, RUNTIME, (), ()).manifest
    return History(quarantine={KEY: {digest: Quarantine("run-1", "0123456789abcdef")}})


def outcome(spec: dict[str, Any], of: dict[str, Any]) -> tuple[Outcome, int]:
    """What an apply of `spec` comes to after `of` was taken back, and how many writes it sent."""
    writes: list[int] = []

    async def scene() -> Outcome:
        memory, applying = cloud()
        applying.journal = MemoryJournal(earlier=held(wanted("bot", of)))
        (one,) = await applying.apply({"bot": spec})
        writes.append(len(memory.writes))
        return one

    return applied(scene), writes[0]


def test_the_same_manifest_is_blocked_and_says_how_to_release_it() -> None:
    """Nothing is sent; the run, the commit and the command are named."""
    found, writes = outcome(BAD, BAD)
    assert (found.result, found.cause, writes) == (Result.BLOCKED, Cause.GUARD, 0)
    assert "run run-1 took back what this manifest wants (commit 0123456789ab)" in found.reason
    assert "reconcile runs release run-1" in found.reason


def test_another_value_of_the_same_secret_is_the_same_manifest() -> None:
    """Secrets count as references: whether a rotation mends it is for somebody to say."""
    rotated = {**BAD, "environmentVariables": {"KEY": Sealed("two", "env:KEY")}}
    assert outcome(rotated, BAD)[0].result is Result.BLOCKED


@pytest.mark.parametrize(
    "mended",
    [
        {**BAD, "description": "mended"},
        {"description": "new"},
        {**BAD, "environmentVariables": {"KEY": Sealed("one", "env:OTHER")}},
    ],
)
def test_a_manifest_that_wants_something_else_is_written(mended: dict[str, Any]) -> None:
    """Whatever was changed in it, it is another one."""
    found, writes = outcome(mended, BAD)
    assert (found.result, writes) == (Result.CHANGED, 1)


def test_an_agent_that_is_as_its_manifest_says_is_not_blocked() -> None:
    """There is nothing to write, so nothing is held back."""
    base = {"description": "old"}
    assert outcome(base, base)[0].result is Result.UNCHANGED
