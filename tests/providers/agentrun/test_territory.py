"""What the lock of a run on AgentRun is called: where its agents are, however that is spelt."""

from typing import Any

import anyio
import httpx
import pytest

from reconciler.model.errors import AccessDenied
from reconciler.providers.agentrun.provider import PROVIDER
from reconciler.providers.agentrun.settings import AgentRunSettings
from tests.support.wire import AgentRunCloud, Bench, desired, gateway_failure

HOME, TEAM = "ws-00000000000000aa", "ws-00000000000000bb"
HERE = "agentrun agentrun.cn-hangzhou.aliyuncs.com:443"


def territory(cloud: AgentRunCloud, *workspaces: str, **settings: Any) -> frozenset[str]:
    """The names for one agent of each workspace, empty for one that declares none."""
    wanted = [
        desired(f"agent-{number}", **({"workspaceId": one} if one else {}))
        for number, one in enumerate(workspaces)
    ]

    async def main() -> frozenset[str]:
        context = Bench(cloud).context()
        async with PROVIDER.connect(AgentRunSettings(**settings), context) as session:
            return await session.territory(wanted)

    return anyio.run(main)


@pytest.mark.parametrize("workspace", [None, "default", HOME])
def test_one_workspace_has_one_name_however_it_is_meant(workspace: str | None) -> None:
    """The default workspace, its name and its id are one place."""
    cloud = AgentRunCloud()
    assert territory(cloud, "", workspace=workspace) == {f"{HERE} {HOME}"}
    assert cloud.count("ListWorkspaces") == (0 if workspace == HOME else 1)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://agentrun.cn-hangzhou.aliyuncs.com",
        "https://AgentRun.cn-hangzhou.aliyuncs.com/",
        "https://agentrun.cn-hangzhou.aliyuncs.com:443",
    ],
)
def test_one_endpoint_has_one_name_however_it_is_spelt(endpoint: str) -> None:
    """An endpoint that is the region's own is no other place."""
    assert territory(AgentRunCloud(), "", endpoint=endpoint) == {f"{HERE} {HOME}"}


def test_another_region_or_workspace_is_another_place() -> None:
    """What can't write the same agents does not wait for each other."""
    beijing = {f"agentrun agentrun.cn-beijing.aliyuncs.com:443 {HOME}"}
    assert territory(AgentRunCloud(), "", region="cn-beijing") == beijing
    assert territory(AgentRunCloud(), "", workspace="team") == {f"{HERE} {TEAM}"}


def test_a_declared_workspace_is_a_place_beside_home() -> None:
    """An agent that declares a workspace may still be found at home, so both are locked."""
    assert territory(AgentRunCloud(), TEAM) == {f"{HERE} {HOME}", f"{HERE} {TEAM}"}


def test_where_workspaces_are_not_shown_all_of_them_are_one_place() -> None:
    """Without the permission to list workspaces, every run without it shares one lock."""
    denied = gateway_failure(403, "NoPermission", "not allowed")
    cloud = AgentRunCloud(faults={"ListWorkspaces": [denied]})
    assert territory(cloud, "") == {f"{HERE} all workspaces"}


def test_wrong_credentials_are_an_error_and_no_lock() -> None:
    """Who can't sign in at all is told so before any lock is asked for."""
    wrong = httpx.Response(404, json={"Code": "InvalidAccessKeyId.NotFound", "Message": "no"})
    cloud = AgentRunCloud(faults={"ListWorkspaces": [wrong]})
    with pytest.raises(AccessDenied):
        territory(cloud, "")
