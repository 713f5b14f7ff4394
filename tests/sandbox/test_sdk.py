"""The vendor's own client against the sandbox on a socket: it parses everything as it expects.

The client is alibabacloud-agentrun20250910 5.7.5, with an endpoint of host and port and plain HTTP.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from alibabacloud_agentrun20250910 import models as m
from alibabacloud_agentrun20250910.client import Client
from alibabacloud_tea_openapi import utils_models as openapi
from alibabacloud_tea_openapi.exceptions import (
    ClientException,
    ServerException,
    ThrottlingException,
)
from darabonba.exceptions import UnretryableException

from reconciler.sandbox import control, seeds
from reconciler.sandbox.store import Store
from tests.support.sandbox import served


class Cloud(NamedTuple):
    """The sandbox and a client of it."""

    store: Store
    client: Any
    port: int


def client_for(port: int, secret: str = "sandbox", token: str | None = None) -> Any:
    """The official client, pointed at a port."""
    return Client(
        openapi.Config(
            access_key_id="sandbox",
            access_key_secret=secret,
            security_token=token,
            region_id="cn-hangzhou",
            endpoint=f"127.0.0.1:{port}",
            protocol="http",
        )
    )


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """A fresh sandbox on a port, restarts taking no time."""
    with Store(None) as store, served(store) as port:
        control.set_quirk(store, "restart_seconds", 0)
        yield Cloud(store, client_for(port), port)


def new(name: str) -> Any:
    """A request to create a runtime."""
    return m.CreateAgentRuntimeRequest(
        body=m.CreateAgentRuntimeInput(
            agent_runtime_name=name,
            artifact_type="Container",
            cpu=2.0,
            memory=4096,
            port=9000,
            network_configuration=m.NetworkConfiguration(network_mode="PUBLIC"),
            container_configuration=m.ContainerConfiguration(image="registry.example.com/a:1"),
            environment_variables={"语言": "中文 & more"},
        )
    )


def change(**fields: Any) -> Any:
    """A request to update a runtime."""
    return m.UpdateAgentRuntimeRequest(body=m.UpdateAgentRuntimeInput(cpu=2, **fields))


def listed(cloud: Cloud, **query: Any) -> Any:
    """One page of the list."""
    return cloud.client.list_agent_runtimes(m.ListAgentRuntimesRequest(**query)).body.data


def test_create_and_get(cloud: Cloud) -> None:
    """What was created is read back field by field."""
    made = cloud.client.create_agent_runtime(new("night-shift"))
    assert (made.status_code, made.body.code) == (200, "SUCCESS")
    assert len(made.body.request_id) == 36
    runtime_id = made.body.data.agent_runtime_id
    live = cloud.client.get_agent_runtime(runtime_id, m.GetAgentRuntimeRequest()).body.data
    assert (live.agent_runtime_name, live.status) == ("night-shift", "READY")
    assert live.container_configuration.image == "registry.example.com/a:1"
    assert live.environment_variables == {"语言": "中文 & more"}
    assert (live.cpu, live.session_concurrency_limit_per_instance, live.edition) == (2.0, 1, "")


def test_a_list_in_pages_with_exact_and_fuzzy_names(cloud: Cloud) -> None:
    """Totals, page numbers and items arrive; names are fuzzy unless searchMode says exact."""
    for name in ("bot a/ü*~", "bot", "robot"):
        cloud.client.create_agent_runtime(new(name))
    page = listed(cloud, page_number=2, page_size=3)
    assert (page.total, page.page_number, page.page_size) == (4, 2, 3)
    assert [item.agent_runtime_name for item in page.items] == ["robot"]
    assert listed(cloud, agent_runtime_name="bot").total == 3
    exact = listed(cloud, agent_runtime_name="bot a/ü*~", search_mode="exact")
    assert [item.agent_runtime_name for item in exact.items] == ["bot a/ü*~"]
    assert listed(cloud, status="READY", workspace_ids=seeds.WORKSPACE_ID).total == 4


def test_update(cloud: Cloud) -> None:
    """UPDATING in the reply, the rest kept, READY and the new value in the next read."""
    control.set_quirk(cloud.store, "restart_seconds", 3600)
    reply = cloud.client.update_agent_runtime(seeds.RUNTIME_ID, change(description="客服"))
    assert (reply.status_code, reply.body.data.status) == (200, "UPDATING")
    assert reply.body.data.description == "客服"
    assert reply.body.data.environment_variables == {"LOG_LEVEL": "info"}
    assert cloud.store.log_lines()[-1].body == '{"cpu":2,"description":"客服"}'


def test_delete(cloud: Cloud) -> None:
    """Only the id is valid in the reply; then the runtime is gone."""
    reply = cloud.client.delete_agent_runtime(seeds.RUNTIME_ID)
    assert reply.body.data.agent_runtime_id == seeds.RUNTIME_ID
    with pytest.raises(ClientException) as caught:
        cloud.client.delete_agent_runtime(seeds.RUNTIME_ID)
    assert caught.value.status_code == 404


def test_workspaces(cloud: Cloud) -> None:
    """The default workspace with its id."""
    data = cloud.client.list_workspaces(m.ListWorkspacesRequest(page_size="50")).body.data
    assert [(item.workspace_id, item.is_default) for item in data.workspaces] == [
        (seeds.WORKSPACE_ID, True)
    ]


def test_not_found_and_conflict(cloud: Cloud) -> None:
    """404 and 409 come as the client's exception, with the product's code and request id."""
    with pytest.raises(ClientException) as absent:
        cloud.client.get_agent_runtime("ar-none", m.GetAgentRuntimeRequest())
    assert (absent.value.status_code, absent.value.code) == (404, "ERR_NOT_FOUND")
    assert "does not exist" in absent.value.message
    assert len(absent.value.request_id) == 36
    with pytest.raises(ClientException) as taken:
        cloud.client.create_agent_runtime(new(seeds.RUNTIME_NAME))
    assert (taken.value.status_code, taken.value.code) == (409, "ERR_ALREADY_EXISTS")
    assert "already exists" in taken.value.message


def test_throttling_with_a_time_to_wait(cloud: Cloud) -> None:
    """429 with x-acs-retry-after is the throttling exception, its wait in milliseconds."""
    control.set_quirk(cloud.store, "throttle_next", 1)
    control.set_quirk(cloud.store, "throttle_header", "x-acs-retry-after")
    control.set_quirk(cloud.store, "throttle_wait_ms", 1500)
    with pytest.raises(ThrottlingException) as caught:
        listed(cloud)
    assert (caught.value.status_code, caught.value.code) == (429, "Throttling.User")
    assert caught.value.retry_after == 1500


def test_throttling_as_400(cloud: Cloud) -> None:
    """Without that header it is a client exception with the code Throttling.User."""
    control.set_quirk(cloud.store, "throttle_next", 1)
    control.set_quirk(cloud.store, "throttle_style", "400")
    with pytest.raises(ClientException) as caught:
        cloud.client.update_agent_runtime(seeds.RUNTIME_ID, change())
    assert (caught.value.status_code, caught.value.code) == (400, "Throttling.User")
    assert control.restart_counts(cloud.store)[seeds.RUNTIME_NAME] == 0


def test_server_errors_and_lost_replies(cloud: Cloud) -> None:
    """5xx is the server exception; a closed connection is the client's network error."""
    control.set_quirk(cloud.store, "error_reads_next", 1)
    with pytest.raises(ServerException) as caught:
        listed(cloud)
    assert (caught.value.status_code, caught.value.code) == (500, "ERR_INTERNAL_SERVER_ERROR")
    control.set_quirk(cloud.store, "lost_writes_next", 1)
    control.set_quirk(cloud.store, "write_effect", "after")
    with pytest.raises(UnretryableException):
        cloud.client.update_agent_runtime(seeds.RUNTIME_ID, change())
    assert control.restart_counts(cloud.store)[seeds.RUNTIME_NAME] == 1


def test_wrong_credentials(cloud: Cloud) -> None:
    """The gateway's envelope is understood, and nothing of the secret is in it."""
    with pytest.raises(ClientException) as caught:
        client_for(cloud.port, secret="wrong-secret").list_workspaces(m.ListWorkspacesRequest())
    assert (caught.value.status_code, caught.value.code) == (400, "SignatureDoesNotMatch")
    assert "wrong-secret" not in str(caught.value)


def test_temporary_credentials(cloud: Cloud) -> None:
    """The documented security token is taken, any other refused."""
    good = client_for(cloud.port, token="sandbox").list_workspaces(m.ListWorkspacesRequest())
    assert good.status_code == 200
    with pytest.raises(ClientException) as caught:
        client_for(cloud.port, token="other").list_workspaces(m.ListWorkspacesRequest())
    assert caught.value.code == "InvalidSecurityToken.Malformed"
