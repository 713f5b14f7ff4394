"""Which workspace agents are looked for in."""

from typing import Any

import anyio
import httpx
import pytest

from reconciler.differ.decide import decide
from reconciler.model.errors import CloudError, Refused
from reconciler.model.live import Absent, Ambiguous, Found, Live
from reconciler.model.plan import Blocked
from reconciler.providers.agentrun.provider import PROVIDER
from reconciler.providers.agentrun.rules import RULES
from reconciler.providers.agentrun.settings import AgentRunSettings
from tests.support.wire import AgentRunCloud, Bench, desired, failure, runtime, success

HOME = "ws-00000000000000aa"
TEAM = "ws-00000000000000bb"
BOT_HOME, BOT_TEAM = f"ar-{1:016x}", f"ar-{2:016x}"


def cloud_of_two() -> AgentRunCloud:
    """A cloud where two workspaces have a bot each."""
    return AgentRunCloud([runtime(1, "bot"), runtime(2, "bot", workspaceId=TEAM)])


def find(cloud: Any, workspace: str | None, **spec: Any) -> tuple[Found, str, str]:
    """The bot, and the account in words before and after."""
    settings = AgentRunSettings(endpoint="http://127.0.0.1:1", workspace=workspace)

    async def main() -> tuple[Found, str, str]:
        async with PROVIDER.connect(settings, Bench(cloud).context()) as session:
            before = session.account
            (found,) = await session.fetch([desired("bot", **spec)])
            return found, before, session.account

    return anyio.run(main)


@pytest.mark.parametrize(
    ("workspace", "bot", "words"),
    [
        (None, BOT_HOME, f"workspace default ({HOME})"),
        ("default", BOT_HOME, f"workspace default ({HOME})"),
        ("team", BOT_TEAM, f"workspace team ({TEAM})"),
        (TEAM, BOT_TEAM, f"workspace {TEAM}"),
    ],
)
def test_a_workspace_is_named_given_by_id_or_the_default(
    workspace: str | None, bot: str, words: str
) -> None:
    """The same name in two workspaces: only the one that was asked for is found."""
    found, _, account = find(cloud_of_two(), workspace)
    assert isinstance(found, Live)
    assert found.id == bot
    assert account == f"cn-hangzhou at http://127.0.0.1:1, {words}"


@pytest.mark.parametrize("workspace", [TEAM, "12345678-1234-1234-1234-123456789abc"])
def test_an_id_needs_no_lookup(workspace: str) -> None:
    """Both forms of id are taken as they are."""
    cloud = cloud_of_two()
    find(cloud, workspace)
    assert cloud.count("ListWorkspaces") == 0


def test_a_workspace_is_resolved_once() -> None:
    """However many agents are read, workspaces are listed once."""
    cloud = cloud_of_two()
    settings = AgentRunSettings(endpoint="http://127.0.0.1:1", workspace="team")

    async def main() -> None:
        async with PROVIDER.connect(settings, Bench(cloud).context()) as session:
            async with anyio.create_task_group() as group:
                for _ in range(5):
                    group.start_soon(session.read, desired("bot"), None)
            await session.fetch([desired("bot")])

    anyio.run(main)
    assert cloud.count("ListWorkspaces") == 1


def test_an_id_goes_before_a_name() -> None:
    """A workspace whose id is the given text wins over one that is called so."""
    cloud = cloud_of_two()
    cloud.workspaces = [
        {"workspaceId": HOME, "name": "x-1"},
        {"workspaceId": "x-1", "name": "other"},
    ]
    assert find(cloud, "x-1")[2].endswith("workspace x-1")


def test_an_unknown_workspace_is_told_with_the_known_ones() -> None:
    """A name that no workspace has is an error that lists the names."""
    with pytest.raises(Refused, match="no workspace is called taem; known: default, team"):
        find(cloud_of_two(), "taem")


def test_two_workspaces_of_one_name_need_an_id() -> None:
    """When two workspaces share a name, the error gives their ids."""
    cloud = cloud_of_two()
    cloud.workspaces[0]["name"] = "team"
    with pytest.raises(Refused, match=f"2 workspaces are called team: .*{HOME}, {TEAM}"):
        find(cloud, "team")


@pytest.mark.parametrize(
    "answer",
    [
        failure(403, "NoPermission", "not allowed"),
        failure(404, "ERR", "not found"),
        failure(400, "ERR", "bad"),
        httpx.Response(404, text="Not Found"),
        success({"unexpected": 1}),
        success({"workspaces": [], "total": 0}),
        success({"workspaces": [{"workspaceId": HOME, "name": "a"}], "total": 1}),
    ],
)
def test_without_a_known_default_all_workspaces_are_looked_through_and_it_is_said(
    answer: httpx.Response,
) -> None:
    """Where the default can't be established, a single bot is found with a hint."""
    cloud = AgentRunCloud([runtime(1, "bot", workspaceId=TEAM)])
    cloud.faults["ListWorkspaces"] = [answer]
    found, before, after = find(cloud, None)
    assert isinstance(found, Live)
    assert "default workspace could not be established" in found.hints[0]
    assert before.endswith("workspace default")
    assert after.endswith("all workspaces")


def test_without_a_known_default_two_of_a_name_are_ambiguous() -> None:
    """Where the default can't be established, two bots of one name are never guessed between."""
    cloud = cloud_of_two()
    cloud.faults["ListWorkspaces"] = [failure(403, "NoPermission", "not allowed")]
    assert find(cloud, None)[0] == Ambiguous((BOT_HOME, BOT_TEAM))


def test_a_named_workspace_that_cannot_be_resolved_is_an_error() -> None:
    """A workspace that somebody named is never replaced by all of them."""
    cloud = cloud_of_two()
    cloud.faults["ListWorkspaces"] = [failure(403, "NoPermission", "not allowed")]
    with pytest.raises(CloudError, match="not allowed"):
        find(cloud, "team")


def test_a_workspace_in_the_manifest_is_where_its_agent_is_looked_for() -> None:
    """An agent that declares its workspace is found there, not in the target's."""
    found, _, _ = find(cloud_of_two(), "default", workspaceId=TEAM)
    assert isinstance(found, Live)
    assert found.id == BOT_TEAM
    cloud = AgentRunCloud([runtime(1, "other"), runtime(2, "bot", workspaceId=TEAM)])
    assert find(cloud, None, workspaceId="ws-00000000000000cc")[0] == Absent()


@pytest.mark.parametrize("workspace", [None, "default", HOME])
@pytest.mark.parametrize("more", [0, 5], ids=["by name", "by list"])
def test_an_agent_that_is_still_in_the_targets_workspace_is_found_there(
    workspace: str | None, more: int
) -> None:
    """A manifest that names another workspace than its agent's means that agent, not a new one."""
    settings = AgentRunSettings(endpoint="http://127.0.0.1:1", workspace=workspace)
    crowd = [runtime(10 + n, workspaceId=TEAM) for n in range(more)]
    cloud = AgentRunCloud([runtime(1, "bot"), *crowd])
    wanted = [
        desired(name, workspaceId=TEAM)
        for name in ("bot", *(f"agent-{10 + n}" for n in range(more)))
    ]

    async def main() -> list[Found]:
        async with PROVIDER.connect(settings, Bench(cloud).context()) as session:
            return [*await session.fetch(wanted), await session.read(wanted[0], None)]

    found = anyio.run(main)
    assert [one.tree["workspaceId"] for one in found if isinstance(one, Live)] == [
        HOME,
        *[TEAM] * more,
        HOME,
    ]


def test_a_manifest_that_names_another_workspace_is_blocked() -> None:
    """An update can't move an agent, so the plan says that it is blocked and creates nothing."""
    cloud = AgentRunCloud([runtime(1, "bot")])
    plan = decide(desired("bot", workspaceId=TEAM), find(cloud, HOME, workspaceId=TEAM)[0], RULES)
    assert isinstance(plan.plan, Blocked)
    assert "workspaceId" in plan.plan.reason


def test_two_of_a_name_in_the_targets_workspace_are_told_from_there() -> None:
    """What the target's workspace answers stands, an ambiguity too."""
    cloud = AgentRunCloud([runtime(1, "bot"), runtime(2, "bot")])
    assert find(cloud, HOME, workspaceId=TEAM)[0] == Ambiguous((BOT_HOME, BOT_TEAM))


def test_the_targets_workspace_is_not_asked_twice() -> None:
    """An absent agent that declares the very workspace of the target costs one lookup."""
    cloud = AgentRunCloud([])
    assert find(cloud, TEAM, workspaceId=TEAM)[0] == Absent()
    assert len(cloud.requests) == 1


def test_workspaces_at_the_top_of_the_reply_are_read_too() -> None:
    """The list of workspaces may stand below data or beside the code."""
    cloud = cloud_of_two()
    body = {"code": "SUCCESS", "workspaces": cloud.workspaces}
    cloud.faults["ListWorkspaces"] = [httpx.Response(200, json=body)]
    assert find(cloud, "team")[2].endswith(f"workspace team ({TEAM})")


def test_all_pages_of_workspaces_are_read() -> None:
    """The hundred-and-first workspace is known by name as well."""
    listed = [{"workspaceId": f"w{n}", "name": f"n{n}"} for n in range(130)]

    def cloud(request: httpx.Request) -> httpx.Response:
        if "/workspaces" not in request.url.path:
            return success({"items": [], "total": 0})
        start = (int(request.url.params["pageNumber"]) - 1) * 100
        return success({"workspaces": listed[start : start + 100], "total": 130})

    assert find(cloud, "n129")[2].endswith("workspace n129 (w129)")
