"""Secrets that only a later read shows."""

from typing import Any

from reconciler.cli.seal import Redactor
from reconciler.cli.sealing import SealingSession
from reconciler.model.live import Found, Health, Live
from tests.support.memory import MemoryCloud
from tests.support.shapes import RUNTIME, desired
from tests.support.virtual import VirtualClock, run


class Telling(MemoryCloud):
    """A cloud whose reasons repeat a variable that was set in the console."""

    async def read(self, wanted: Any, agent_id: str | None) -> Found:
        tree = {"environmentVariables": {"DBPW": "ConsoleCanary99"}}
        return Live("ar-1", tree, Health.FAILED, "FAILED", "login with ConsoleCanary99 failed")


def test_a_reason_is_sealed_by_the_very_read_that_tells_it() -> None:
    """The value of an undeclared variable appears in no sentence, from the first read on."""

    async def scene() -> Found:
        session = SealingSession(Telling(VirtualClock()), RUNTIME, Redactor())
        (fetched,) = await session.fetch([desired({})])
        assert fetched == await session.read(desired({}), None)
        return fetched

    found = run(scene)
    assert isinstance(found, Live)
    assert found.status_reason == "login with (sealed) failed"
