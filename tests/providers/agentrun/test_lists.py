"""How many requests the lists of this cloud cost, and that nothing on them is left out."""

from typing import Any

import anyio
import httpx
import pytest

from reconciler.model.live import Found, Live
from reconciler.providers.agentrun.provider import PROVIDER
from reconciler.providers.agentrun.settings import AgentRunSettings
from tests.support.wire import AgentRunCloud, Bench, desired, runtime, success

HOME = "ws-00000000000000aa"


def fetch(cloud: Any, *names: str) -> list[Found]:
    """What a session in one workspace finds under these names."""
    bench = cloud if isinstance(cloud, Bench) else Bench(cloud)
    settings = AgentRunSettings(
        endpoint="http://127.0.0.1:1", requestsPerSecond=1000, workspace=HOME
    )

    async def main() -> list[Found]:
        async with PROVIDER.connect(settings, bench.context()) as session:
            return await session.fetch([desired(name) for name in names])

    return anyio.run(main)


def ids(found: list[Found]) -> list[str]:
    return [one.id if isinstance(one, Live) else type(one).__name__ for one in found]


def names(count: int) -> list[str]:
    return [f"agent-{number}" for number in range(1, count + 1)]


def many(count: int) -> list[dict[str, Any]]:
    return [runtime(number) for number in range(1, count + 1)]


@pytest.mark.parametrize(
    ("live", "pages"), [(4, 1), (99, 1), (100, 1), (101, 2), (200, 2), (1000, 10)]
)
def test_many_agents_cost_one_request_for_each_page_of_a_hundred(live: int, pages: int) -> None:
    """More than three names cost exactly the pages of the list, and no lookup of single ones."""
    cloud = AgentRunCloud(many(live))
    found = fetch(cloud, *names(live))
    assert ids(found) == [f"ar-{number:016x}" for number in range(1, live + 1)]
    assert len(cloud.requests) == pages


def test_overlapping_pages_show_each_agent_once() -> None:
    """Items that two pages show are one agent, and those pushed out are found all the same."""
    cloud = AgentRunCloud(many(250), overlap=2)
    found = fetch(cloud, *names(250))
    assert ids(found) == [f"ar-{number:016x}" for number in range(1, 251)]


def test_a_cloud_that_gives_smaller_pages_than_asked_for_is_read_whole() -> None:
    """If a page holds back some items, the walk goes on until all were seen."""
    cloud = AgentRunCloud(many(130), max_page=50)
    found = fetch(cloud, *names(130))
    assert "Absent" not in ids(found)
    assert cloud.count("ListAgentRuntimes") == 3


@pytest.mark.parametrize("live", [99, 100, 250])
def test_a_list_without_total_ends_at_a_short_page(live: int) -> None:
    """Where the reply tells no total, the walk ends at the first short or empty page."""
    cloud = AgentRunCloud(many(live), totals=False)
    assert "Absent" not in ids(fetch(cloud, *names(live)))
    assert cloud.count("ListAgentRuntimes") == live // 100 + 1


def test_a_list_that_repeats_itself_for_ever_ends() -> None:
    """A cloud that answers every page number with the same page does not hang the program."""
    bench = Bench(lambda _: success({"items": many(100)}))
    assert "Absent" not in ids(fetch(bench, *names(100)))
    assert len(bench.lines) == 2


def test_a_list_that_moved_while_it_was_read_is_read_again() -> None:
    """Where the pages show fewer agents than the total, the list is walked once more."""
    shown = [[*many(4), runtime(1)], many(5)]

    def cloud(request: httpx.Request) -> httpx.Response:
        assert "agentRuntimeName" not in request.url.params
        return success({"items": shown.pop(0), "total": 5})

    assert "Absent" not in ids(fetch(cloud, *names(5)))
    assert shown == []


@pytest.mark.parametrize("live", [4, 99, 100, 101, 150, 200])
@pytest.mark.parametrize("total", [1_000, 1_000_000])
def test_a_total_far_above_the_list_does_not_lead_on(live: int, total: int) -> None:
    """Where pages are empty the walk ends soon, whatever the total promises."""
    cloud = AgentRunCloud(many(live), lie=total)
    assert "Absent" not in ids(fetch(cloud, *names(live)))
    assert len(cloud.requests) <= 12


def test_a_total_far_above_costs_a_lookup_one_page_more() -> None:
    """A lookup of one name looks once behind its only item."""
    cloud = AgentRunCloud(many(500), lie=1_000_000)
    assert ids(fetch(cloud, "agent-7")) == [f"ar-{7:016x}"]
    assert len(cloud.requests) == 2


def test_a_page_that_repeats_itself_under_a_high_total_ends() -> None:
    """Pages that bring nothing new end the walk at the second of them, at most a batch later."""
    bench = Bench(lambda _: success({"items": many(100), "total": 1_000_000}))
    assert "Absent" not in ids(fetch(bench, *names(100)))
    assert len(bench.lines) <= 12


def test_a_long_list_is_walked_in_batches_to_its_end() -> None:
    """A list of more pages than one batch costs its pages, and nothing is left out."""
    cloud = AgentRunCloud(many(2450))
    assert "Absent" not in ids(fetch(cloud, *names(2450)))
    assert cloud.count("ListAgentRuntimes") == 25
