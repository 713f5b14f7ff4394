"""Looking at runtimes that are waited for: as few requests as they can be had for, and all fresh."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import pytest

from reconciler.model.errors import AccessDenied, CloudError, Refused, ServerFailed
from reconciler.model.live import Absent, Found, Health, Live, Unread
from reconciler.model.outcome import Cause
from reconciler.providers.agentrun.polling import BUSY_STATUSES, Sources, look_at
from reconciler.sandbox import control
from tests.support.clouds import Cloud, cloud
from tests.support.virtual import run


class Lists:
    """A cloud of runtimes by id, some of them busy, that counts what it is asked."""

    def __init__(self, agents: Mapping[str, Health], pages: int, busy: Sequence[str] = ()) -> None:
        self.agents, self.pages, self.busy = agents, pages, busy
        self.asked: list[str] = []
        self.error: CloudError | None = None

    async def sweep(self, status: str) -> Mapping[str, Found]:
        self.asked += ["busy"] if status else ["page"] * self.pages
        assert status in ("", BUSY_STATUSES)
        if self.error is not None:
            raise self.error
        shown = {one for one, health in self.agents.items() if not status or health is Health.BUSY}
        return {one: Live(one, {}, self.agents[one]) for one in shown}

    async def reads(self, ids: Sequence[str]) -> Mapping[str, Found]:
        self.asked += ["read"] * len(ids)
        return {
            one: Live(one, {}, self.agents[one]) if one in self.agents else Absent() for one in ids
        }

    def look(self, *wanted: str) -> dict[str, Found]:
        sources = Sources(self.sweep, self.reads, self.pages, self.busy)
        return run(lambda: look_at(wanted, sources))


def fleet(busy: int, ready: int = 0) -> dict[str, Health]:
    """So many busy and ready runtimes, by id."""
    found = {f"b{number}": Health.BUSY for number in range(busy)}
    return found | {f"r{number}": Health.READY for number in range(ready)}


def test_one_is_read_by_itself() -> None:
    """A list of one page would be no less."""
    lists = Lists(fleet(5), pages=1)
    assert lists.look("b0")["b0"] == Live("b0", {}, Health.BUSY)
    assert lists.asked == ["read"]


def test_two_of_a_small_fleet_are_one_page() -> None:
    """Everything that is on one page is one request, however many are looked at."""
    lists = Lists(fleet(20, 20), pages=1)
    found = lists.look(*lists.agents)
    assert set(found) == set(lists.agents)
    assert lists.asked == ["page"]


def test_a_few_of_a_large_fleet_are_read_one_by_one() -> None:
    """Ten pages would be more requests than three reads."""
    lists = Lists(fleet(3, 3), pages=10)
    assert len(lists.look("r0", "r1", "r2")) == 3
    assert lists.asked == ["read"] * 3


def test_those_who_are_busy_are_one_page_of_a_list_by_status() -> None:
    """Fifty of a thousand were busy and still are: one request."""
    lists = Lists(fleet(50), pages=10, busy=[f"b{n}" for n in range(50)])
    assert {one.health for one in lists.look(*lists.agents).values() if isinstance(one, Live)} == {
        Health.BUSY
    }
    assert lists.asked == ["busy"]


def test_those_who_are_not_busy_any_more_are_read() -> None:
    """Not to be on that page proves nothing; four of them are read, twenty come from the pages."""
    lists = Lists(fleet(30, 4), pages=10, busy=[f"b{n}" for n in range(30)])
    assert len(lists.look(*lists.agents)) == 34
    assert lists.asked == ["busy", *["read"] * 4]
    lists = Lists(fleet(30, 20), pages=10, busy=[f"b{n}" for n in range(30)])
    assert len(lists.look(*lists.agents)) == 50
    assert lists.asked == ["busy", *["page"] * 10]


def test_what_no_list_shows_is_read_by_itself() -> None:
    """A list proves no absence; the read of the id does."""
    lists = Lists(fleet(1, 2), pages=1)
    found = lists.look("b0", "r0", "gone")
    assert found["gone"] == Absent()
    assert lists.asked == ["page", "read"]


def test_a_list_that_fails_for_now_is_a_read_that_failed_for_each() -> None:
    """A cloud in trouble is not asked for more than that."""
    lists = Lists(fleet(3), pages=1)
    lists.error = ServerFailed("List", "HTTP 503", status=503)
    found = lists.look("b0", "b1")
    assert {type(one) for one in found.values()} == {Unread}
    assert lists.asked == ["page"]


@pytest.mark.parametrize("kind", [AccessDenied, Refused])
def test_a_list_that_is_refused_is_told(kind: type[CloudError]) -> None:
    """Whoever may not list may still read: the session goes on without lists."""
    lists = Lists(fleet(3), pages=1)
    lists.error = kind("List", "no", status=403)
    with pytest.raises(kind):
        lists.look("b0", "b1")


def requests(world: Cloud, of: Callable[[Any], Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
    """What `of` asked of the sandbox: methods with the operation."""

    async def counted() -> tuple[Any, list[str]]:
        before = len(control.log_lines(world.store))
        result = await of(world)
        lines = control.log_lines(world.store)
        return result, [line.operation for line in lines[before:]]

    return counted


async def many(world: Cloud, count: int) -> list[tuple[Any, str]]:
    """So many runtimes with their ids, after a fetch of all of them."""
    targets = []
    for number in range(count):
        body = {"cpu": 1, "memory": 512, "port": 80, "artifactType": "Container"}
        target = world.desired(f"n{number}", {"cpu": 1})
        await world.session.create(
            target,
            {
                **body,
                "containerConfiguration": {"image": "registry.example.com/a:1"},
                "networkConfiguration": {"networkMode": "PUBLIC"},
            },
        )
        targets.append(target)
    await world.clock.sleep(60)
    found = await world.session.fetch(targets)
    return [(t, f.id) for t, f in zip(targets, found, strict=True) if isinstance(f, Live)]


def test_a_poll_of_many_is_one_list_and_of_one_is_one_read() -> None:
    """Over the whole session: twelve runtimes on one page."""

    async def scene() -> None:
        async with cloud("agentrun") as world:
            wanted = await many(world, 12)
            assert len(wanted) == 12
            found, asked = await requests(world, lambda w: w.session.poll(wanted))()
            assert [one.id for one in found] == [agent_id for _, agent_id in wanted]
            assert asked == ["ListAgentRuntimes"]
            (one,), asked = await requests(world, lambda w: w.session.poll(wanted[:1]))()
            assert (one.id, asked) == (wanted[0][1], ["GetAgentRuntime"])

    run(scene)


def test_a_poll_shows_what_a_read_shows() -> None:
    """While it restarts and afterwards, with and without its id, and when it is gone."""

    async def scene() -> None:
        async with cloud("agentrun") as world:
            wanted = await many(world, 5)
            world.quirks(restart_seconds=20)
            await world.session.update(wanted[0][0], wanted[0][1], {"cpu": 2})
            for _ in range(2):
                polled = await world.session.poll([*wanted, (wanted[1][0], None)])
                read = [await world.session.read(*one) for one in wanted]
                assert [p.health for p in polled[:5]] == [r.health for r in read]  # type: ignore[union-attr]
                assert [p.tree for p in polled[:5]] == [r.tree for r in read]  # type: ignore[union-attr]
                assert polled[5].id == wanted[1][1]  # type: ignore[union-attr]
                await world.clock.sleep(30)
            gone = [*wanted[:2], (wanted[2][0], "ar-0000000000000000")]
            assert (await world.session.poll(gone))[2] == Absent()

    run(scene)


def test_without_the_right_to_list_each_is_read() -> None:
    """A key that may not list goes on with single reads, and asks for no list again."""

    async def scene() -> None:
        async with cloud("agentrun") as world:
            wanted = await many(world, 5)

            async def refused(_status: str) -> Mapping[str, Found]:
                raise AccessDenied("ListAgentRuntimes", "Forbidden", status=403)

            session: Any = world.session
            session._sweep = lambda _workspace, status: refused(status)
            for _ in range(2):
                found, asked = await requests(world, lambda w: w.session.poll(wanted))()
                assert {type(one) for one in found} == {Live}
                assert asked == ["GetAgentRuntime"] * 5

    run(scene)


def test_a_cloud_in_trouble_is_unread_for_now() -> None:
    """What a poll cannot learn is a value, as with a read."""

    async def scene() -> None:
        async with cloud("agentrun") as world:
            wanted = await many(world, 5)
            world.quirks(error_reads_next=99, error_status="503")
            found = await world.session.poll(wanted)
            assert {one.cause for one in found if isinstance(one, Unread)} == {Cause.CLOUD}
            assert len(found) == 5

    run(scene)
