"""Who signs in, and with what."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from reconciler.model.errors import CredentialsMissing
from reconciler.providers.appstage.credentials import (
    AccessKey,
    GivenToken,
    Password,
    describe,
    find,
    token_request,
)
from reconciler.providers.appstage.settings import IamSettings
from reconciler.wire.encode import encode
from tests.support.appstage import BY_KEY, BY_PASSWORD

DEFAULTS = IamSettings()


def request(environ: Mapping[str, str], iam: IamSettings = DEFAULTS) -> Any:
    found = find(environ, iam)
    assert not isinstance(found, GivenToken)
    return json.loads(encode(token_request(found, iam)))


def test_the_password_request_is_the_documented_one() -> None:
    """An IAM user's password asks for a token of the project that has the region's name."""
    assert request(BY_PASSWORD) == {
        "auth": {
            "identity": {
                "methods": ["password"],
                "password": {
                    "user": {
                        "domain": {"name": "acme"},
                        "name": "deployer",
                        "password": "canary-password",
                    }
                },
            },
            "scope": {"project": {"name": "cn-north-4"}},
        }
    }


def test_the_access_key_request() -> None:
    """An access key pair goes as hw_ak_sk, the security token of a temporary one beside it."""
    assert request(BY_KEY)["auth"]["identity"] == {
        "methods": ["hw_ak_sk"],
        "hw_ak_sk": {"access": {"key": "AKEXAMPLE"}, "secret": {"key": "canary-secret-key"}},
    }
    temporary = request({**BY_KEY, "HUAWEICLOUD_SDK_SECURITY_TOKEN": "st"})
    assert temporary["auth"]["identity"]["hw_ak_sk"]["security_token"] == {"key": "st"}


@pytest.mark.parametrize(
    ("settings", "project"),
    [
        ({}, {"name": "cn-north-4"}),
        ({"region": "cn-north-9"}, {"name": "cn-north-9"}),
        ({"project": "cn-north-4_team"}, {"name": "cn-north-4_team"}),
        (
            {"project": "0123456789abcdef0123456789abcdef"},
            {"id": "0123456789abcdef0123456789abcdef"},
        ),
        ({"domain": "other"}, {"name": "cn-north-4"}),
    ],
)
def test_the_scope_is_one_project(settings: dict[str, str], project: dict[str, str]) -> None:
    """Exactly one project, by name or by id, never a domain beside it."""
    asked = request(BY_PASSWORD, IamSettings.model_validate(settings))
    assert asked["auth"]["scope"] == {"project": project}


def test_the_configured_domain_goes_before_the_variable() -> None:
    """A target can name the account; the variable is then not needed."""
    iam = IamSettings(domain="target-account")
    without = {name: value for name, value in BY_PASSWORD.items() if name != "HW_DOMAIN_NAME"}
    for environ in (BY_PASSWORD, without):
        user = request(environ, iam)["auth"]["identity"]["password"]["user"]
        assert user["domain"] == {"name": "target-account"}


@pytest.mark.parametrize(
    ("environ", "kind"),
    [
        ({"HUAWEICLOUD_AUTH_TOKEN": "t", **BY_PASSWORD, **BY_KEY}, GivenToken),
        ({"HUAWEICLOUD_AUTH_TOKEN": "", **BY_PASSWORD, **BY_KEY}, Password),
        (BY_KEY, AccessKey),
        ({**BY_KEY, "HW_USER_NAME": "half", "HW_DOMAIN_NAME": "acme"}, AccessKey),
    ],
)
def test_the_best_complete_set_wins(environ: Mapping[str, str], kind: type[object]) -> None:
    """A given token, then the password, then the access key; empty variables are not set."""
    assert isinstance(find(environ, DEFAULTS), kind)


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        (
            {"HW_USER_NAME": "u"},
            "HW_USER_NAME set, but not HW_USER_PASSWORD and HW_DOMAIN_NAME",
        ),
        (
            {"HW_USER_PASSWORD": "p", "HW_DOMAIN_NAME": "d"},
            "HW_USER_PASSWORD and HW_DOMAIN_NAME set, but not HW_USER_NAME",
        ),
        ({"HUAWEICLOUD_SDK_AK": "a"}, "HUAWEICLOUD_SDK_AK set, but not HUAWEICLOUD_SDK_SK"),
        ({"HUAWEICLOUD_SDK_SK": "s"}, "HUAWEICLOUD_SDK_SK set, but not HUAWEICLOUD_SDK_AK"),
    ],
)
def test_half_a_set_names_what_is_missing(environ: dict[str, str], told: str) -> None:
    """The error names the variables that are still to be set, never a value."""
    with pytest.raises(CredentialsMissing) as caught:
        find(environ, DEFAULTS)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "environ", [{}, {"HW_DOMAIN_NAME": "d"}, {"HUAWEICLOUD_SDK_SECURITY_TOKEN": "s"}]
)
def test_no_credentials_names_every_way(environ: dict[str, str]) -> None:
    """Without any the error lists all variables that would do."""
    with pytest.raises(CredentialsMissing) as caught:
        find(environ, DEFAULTS)
    for name in ("HUAWEICLOUD_AUTH_TOKEN", *BY_PASSWORD, *BY_KEY):
        assert name in str(caught.value)


@pytest.mark.parametrize("token", ["a b", "line\nbreak", "令牌", "a\x00b"])
def test_a_token_that_no_header_can_hold_is_refused(token: str) -> None:
    """A damaged token is told by its variable, not by its text."""
    with pytest.raises(CredentialsMissing) as caught:
        find({"HUAWEICLOUD_AUTH_TOKEN": token}, DEFAULTS)
    assert token not in str(caught.value)


def test_a_line_break_after_a_token_does_no_harm() -> None:
    """A token read from a file keeps its last line break, and is good all the same."""
    found = find({"HUAWEICLOUD_AUTH_TOKEN": "canary-token\n"}, DEFAULTS)
    assert isinstance(found, GivenToken)
    assert found.token.reveal() == "canary-token"


@pytest.mark.parametrize(
    "environ", [{"HUAWEICLOUD_AUTH_TOKEN": "canary-token"}, BY_PASSWORD, BY_KEY]
)
def test_no_secret_shows_in_credentials(environ: Mapping[str, str]) -> None:
    """Neither the value nor its description holds a secret."""
    found = find(environ, DEFAULTS)
    assert "canary" not in repr(found) + describe(found)
    if not isinstance(found, GivenToken):
        assert "canary" not in repr(token_request(found, DEFAULTS))


def test_the_undocumented_way_says_so() -> None:
    """Signing in by access key is announced as what it is."""
    assert "not documented" in describe(find(BY_KEY, DEFAULTS))
