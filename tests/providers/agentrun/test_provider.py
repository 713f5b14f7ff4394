"""What the cloud declares of itself: credentials, settings, discovery."""

import subprocess
import sys
from typing import Any

import anyio
import pytest
from pydantic import ValidationError

from reconciler.model.errors import CredentialsMissing, GuardError, InputError
from reconciler.ports import Access
from reconciler.providers import discover
from reconciler.providers.agentrun.provider import PROVIDER
from reconciler.providers.agentrun.settings import AgentRunSettings
from tests.support.wire import KEYS, AgentRunCloud, Bench, desired, gateway_failure, runtime

KEY_ID, KEY_SECRET = PROVIDER.credentials[0]


def connect(bench: Bench, **settings: Any) -> str:
    """Open a session and read one agent; the account in words."""
    chosen = {"endpoint": "http://127.0.0.1:1", "workspace": "ws-00000000000000aa"} | settings

    async def main() -> str:
        async with PROVIDER.connect(AgentRunSettings(**chosen), bench.context()) as session:
            await session.fetch([desired("bot")])
            return session.account

    return anyio.run(main)


def test_a_provider_is_a_folder_that_is_found() -> None:
    """The cloud is found without being named anywhere, with its kind and its calls."""
    found = {provider.name: provider for provider in discover()}
    assert found["agentrun"] is PROVIDER
    assert list(found) == sorted(found)
    (kind,) = PROVIDER.kinds
    assert (kind.api_version, kind.name) == ("agentrun.aliyun.com/v1", "AgentRuntime")
    assert kind.not_yet == ("endpoints",)


def test_every_call_is_declared_for_what_it_does() -> None:
    """Update and create write; all other calls read."""
    writes = {name for name, access in PROVIDER.calls.items() if access is Access.WRITE}
    assert writes == {"UpdateAgentRuntime", "CreateAgentRuntime"}
    assert set(PROVIDER.calls.values()) == {Access.READ, Access.WRITE}


def test_finding_the_clouds_loads_no_http_client() -> None:
    """What checks manifests does not pay for an HTTP client."""
    code = (
        "import sys, reconciler.providers.agentrun.provider\n"
        "sys.exit(any(name in sys.modules for name in ('httpx', 'anyio', 'h11')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("environ", "named", "unnamed"),
    [
        ({}, [KEY_ID, KEY_SECRET], []),
        ({KEY_ID: "AK"}, [KEY_SECRET], [f"set {KEY_ID}"]),
        ({KEY_SECRET: "canary"}, [KEY_ID], ["canary", f"and {KEY_SECRET}"]),
        ({KEY_ID: "", KEY_SECRET: ""}, [KEY_ID, KEY_SECRET], []),
    ],
)
def test_missing_credentials_are_named_before_anything_is_sent(
    environ: dict[str, str], named: list[str], unnamed: list[str]
) -> None:
    """Without a whole set of variables the error names those that are missing."""
    cloud = AgentRunCloud()
    with pytest.raises(CredentialsMissing) as caught:
        connect(Bench(cloud, environ=environ))
    assert all(name in str(caught.value) for name in named)
    assert not any(text in str(caught.value) for text in unnamed)
    assert cloud.requests == []


@pytest.mark.parametrize("value", ["canary\n", "canary key", "canary\r\nx: y", "canаry"])
@pytest.mark.parametrize("name", [*KEYS, "ALIBABA_CLOUD_SECURITY_TOKEN"])
def test_a_key_with_a_line_break_is_named_and_not_shown(name: str, value: str) -> None:
    """A variable with characters that no key has is an error that shows none of it."""
    with pytest.raises(CredentialsMissing, match=name) as caught:
        connect(Bench(AgentRunCloud(), environ=KEYS | {name: value}))
    assert "can" not in str(caught.value).replace("character", "")


def test_a_secret_that_the_cloud_repeats_is_sealed() -> None:
    """The key's secret and token are sealed in whatever the cloud sends back."""
    environ = KEYS | {"ALIBABA_CLOUD_SECURITY_TOKEN": "canary-token-0123"}
    text = f"secret {KEYS[KEY_SECRET]} token canary-token-0123"
    bench = Bench(lambda _: gateway_failure(403, "Forbidden", text), environ=environ)
    with pytest.raises(Exception, match="sealed") as caught:
        connect(bench)
    assert "canary" not in str(caught.value)
    assert "canary" not in "".join(bench.lines)


def test_a_temporary_key_is_signed_with_its_token() -> None:
    """With a security token the request carries and signs it."""
    environ = KEYS | {"ALIBABA_CLOUD_SECURITY_TOKEN": "token-0123"}
    cloud = AgentRunCloud([runtime(1, "bot")])
    connect(Bench(cloud, environ=environ))
    headers = cloud.requests[0].headers
    assert headers["x-acs-security-token"] == "token-0123"
    assert "x-acs-accesskey-id;" in headers["authorization"]
    assert headers["x-acs-date"] == "2025-09-10T12:00:00Z"


def test_the_endpoint_follows_the_region() -> None:
    """Without an endpoint requests go to the region's own; another host is refused."""
    cloud = AgentRunCloud([runtime(1, "bot")])
    assert connect(Bench(cloud), endpoint=None, region="cn-shanghai").startswith("cn-shanghai, ")
    assert str(cloud.requests[0].url.host) == "agentrun.cn-shanghai.aliyuncs.com"
    with pytest.raises(GuardError, match="RECONCILE_ALLOW_HOSTS"):
        connect(Bench(cloud), endpoint="https://agentrun.evil.example.com")
    assert len(cloud.requests) == 1


@pytest.mark.parametrize(
    ("environ", "region"),
    [
        ({}, "cn-hangzhou"),
        ({"FC_REGION": "cn-beijing"}, "cn-beijing"),
        ({"AGENTRUN_REGION": "cn-shanghai", "FC_REGION": "cn-beijing"}, "cn-shanghai"),
        ({"AGENTRUN_REGION": ""}, "cn-hangzhou"),
    ],
)
def test_without_a_file_the_region_comes_from_the_environment(
    environ: dict[str, str], region: str
) -> None:
    """The region variables of the vendor's tools count, and cn-hangzhou where there is none."""
    assert PROVIDER.implied_settings(environ).region == region


def test_a_region_variable_that_is_no_region_is_named() -> None:
    """A region that could change the host is refused, with its variable."""
    with pytest.raises(InputError, match="AGENTRUN_REGION"):
        PROVIDER.implied_settings({"AGENTRUN_REGION": "x.evil.example.com/"})


@pytest.mark.parametrize(
    "settings",
    [
        {"region": "cn-hangzhou.evil.example.com"},
        {"region": "cn-hangzhou\n"},
        {"region": "CN"},
        {"workspace": ""},
        {"endpoint": "agentrun.cn-hangzhou.aliyuncs.com"},
        {"maxConcurrency": 11},
        {"maxConcurrency": 0},
        {"maxConcurrency": "5"},
        {"requestsPerSecond": 0},
        {"nested": "both"},
        {"regoin": "cn-hangzhou"},
    ],
    ids=str,
)
def test_settings_are_checked(settings: dict[str, Any]) -> None:
    """A setting that is out of range or unknown is an error."""
    with pytest.raises(ValidationError):
        AgentRunSettings.model_validate(settings)


def test_nested_merge_changes_one_rule() -> None:
    """`nested: merge` is the user's word that masked members may be left out."""
    (kind,) = PROVIDER.kinds
    assert not PROVIDER.rules(kind, AgentRunSettings()).nested_merge
    assert PROVIDER.rules(kind, AgentRunSettings(nested="merge")).nested_merge


def test_the_sandbox_is_reached_with_its_own_keys() -> None:
    """The emulator is reached at its address with the documented test keys."""
    settings, environ = PROVIDER.sandbox_settings("http://127.0.0.1:8080")
    assert settings.base_url == "http://127.0.0.1:8080"
    assert environ == {KEY_ID: "sandbox", KEY_SECRET: "sandbox"}
