"""AppStage as a provider: settings, declared calls, sandbox."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from reconciler.ports import Access
from reconciler.providers.appstage.provider import PROVIDER
from reconciler.providers.appstage.settings import AppStageSettings, IamSettings


def test_every_call_is_declared_with_what_it_does() -> None:
    """One call reads, one writes, one signs in; there is no other."""
    assert dict(PROVIDER.calls) == {
        "GetAgent": Access.READ,
        "UpdateAgent": Access.WRITE,
        "CreateToken": Access.AUTHENTICATE,
    }


def test_the_kind_is_the_one_of_the_manifests() -> None:
    """`kind: Agent` of `appstage.myhuaweicloud.com/v1` belongs here, with the rules of the kind."""
    (kind,) = PROVIDER.kinds
    assert (kind.api_version, kind.name) == ("appstage.myhuaweicloud.com/v1", "Agent")
    assert PROVIDER.rules(kind, AppStageSettings()) is kind.rules
    assert kind.rules.cannot_create is not None


def test_settings_default_to_the_published_endpoint() -> None:
    """Without a word in the file, requests go to the one region that AppStage is in."""
    settings = PROVIDER.implied_settings({"HW_REGION_NAME": "eu-west-101"})
    assert settings.endpoint == "https://aiae.appstage.myhuaweicloud.com"
    assert settings.iam.base_url == "https://iam.cn-north-4.myhuaweicloud.com"


def test_an_iam_endpoint_goes_before_the_region() -> None:
    """The endpoint that is written is the one that is asked."""
    iam = IamSettings(endpoint="https://iam.myhuaweicloud.com", region="cn-south-1")
    assert iam.base_url == "https://iam.myhuaweicloud.com"


@pytest.mark.parametrize("region", ["evil.com/", "a.b", "cn-north-4.evil", "", "CN", "x@y", "-a"])
def test_a_region_cannot_turn_into_another_host(region: str) -> None:
    """A region becomes part of a host name, so it is letters, digits and hyphens only."""
    with pytest.raises(ValidationError):
        IamSettings.model_validate({"region": region})


@pytest.mark.parametrize(
    "section",
    [
        {"maxConcurrency": 0},
        {"maxConcurrency": 11},
        {"requestsPerSecond": 0},
        {"iam": {"projekt": "x"}},
        {"endpoints": "x"},
        {"iam": {"project": ""}},
    ],
)
def test_settings_that_make_no_sense_are_refused(section: dict[str, object]) -> None:
    """Unknown keys and impossible numbers are errors."""
    with pytest.raises(ValidationError):
        AppStageSettings.model_validate(section)


def test_the_sandbox_takes_both_endpoints_and_its_fixed_user() -> None:
    """One address serves agents and tokens, for the user, password and domain `sandbox`."""
    settings, environ = PROVIDER.sandbox_settings("http://127.0.0.1:8080")
    assert settings.endpoint == settings.iam.base_url == "http://127.0.0.1:8080"
    assert dict(environ) == dict.fromkeys(
        ("HW_USER_NAME", "HW_USER_PASSWORD", "HW_DOMAIN_NAME"), "sandbox"
    )
    assert any(set(names) <= set(environ) for names in PROVIDER.credentials)


def test_looking_at_the_provider_does_not_load_the_network() -> None:
    """Validating manifests never imports the HTTP client."""
    script = (
        "import sys; import reconciler.providers.appstage.provider; "
        "sys.exit('httpx' in sys.modules or 'anyio' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
