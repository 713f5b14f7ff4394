"""Reading and writing agents against a cloud with a memory."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from reconciler.model.errors import (
    CloudError,
    CredentialsMissing,
    GuardError,
    Locked,
    LostReply,
    Refused,
    ServerFailed,
)
from reconciler.model.live import Absent, Live, Unread
from reconciler.model.outcome import Cause
from reconciler.ports import Session
from reconciler.providers.appstage.settings import AppStageSettings
from tests.support.appstage import (
    AGENT,
    BODY,
    BY_KEY,
    BY_PASSWORD,
    EXAMPLE,
    GIVEN,
    Answer,
    Cloud,
    desired,
    during,
    lost,
    read,
    refusal,
    reply,
    update,
)


def test_one_get_per_agent_in_the_order_asked(cloud: Cloud) -> None:
    """Each agent costs one GET, and the answers come in the order of the manifests."""
    ids = [f"{n:032x}" for n in range(40)]
    for n, agent in enumerate(ids[:-1]):
        cloud.agents[agent] = {**EXAMPLE["request"], "region": f"r{n}", "update_time": 1}
    found = during(cloud, lambda s: s.fetch([desired(i) for i in ids]))
    assert [f.tree["region"] for f in found if isinstance(f, Live)] == [f"r{n}" for n in range(39)]
    assert found[-1] == Absent()
    assert (cloud.count("GET"), cloud.count("PUT"), cloud.count("token")) == (40, 0, 1)


@pytest.mark.parametrize("shape", ["top", "data", "metadata"])
def test_a_read_takes_every_shape(cloud: Cloud, shape: str) -> None:
    """Properties at the top, below data, or not shown: each is read for what it is."""
    cloud.shape = shape
    found = during(cloud, read)
    assert isinstance(found, Live)
    assert found.id == AGENT
    assert found.partial == (shape == "metadata")


def test_an_update_sends_the_body_as_it_is(cloud: Cloud) -> None:
    """The PUT carries exactly the given body, and the next read shows it."""
    during(cloud, update)
    assert cloud.body("PUT") == BODY
    assert cloud.last("PUT").url.path == f"/open/user/agent/{AGENT}"
    assert cloud.last("PUT").headers["content-type"].startswith("application/json")
    found = during(cloud, read)
    assert found.tree == BODY


def test_what_was_read_can_be_sent_back(cloud: Cloud) -> None:
    """A live key is sealed in between and arrives at the cloud as it was."""
    properties = {**EXAMPLE["request"]["properties"], "api_key": "sk-canary"}
    cloud.agents[AGENT] |= {"properties": properties}

    async def round_trip(session: Session) -> None:
        found = await session.read(desired(), AGENT)
        assert isinstance(found, Live)
        assert "sk-canary" not in repr(found)
        await session.update(desired(), AGENT, found.tree)

    during(cloud, round_trip)
    assert cloud.body("PUT")["properties"] == properties


def test_creating_is_refused_without_a_request(cloud: Cloud) -> None:
    """No page documents a create call, so none is made up."""
    with pytest.raises(Refused, match="documents no call that creates"):
        during(cloud, lambda s: s.create(desired(), {}))
    assert cloud.sent == []


def test_nothing_wanted_nothing_sent(cloud: Cloud) -> None:
    """Without an agent there is no sign-in either."""
    assert during(cloud, lambda s: s.fetch([])) == []
    assert cloud.sent == []


def test_a_reading_verb_cannot_write(cloud: Cloud) -> None:
    """Where writes are off, the PUT does not leave."""
    with pytest.raises(GuardError):
        during(cloud, update, writable=False)
    assert cloud.count("PUT") == 0


def test_one_broken_agent_does_not_hide_the_others(cloud: Cloud) -> None:
    """An agent that cannot be read is told with its cause; the rest is read."""
    cloud.planned["GET"] = [refusal("AIAE.22001001", 200)]
    one = AppStageSettings(maxConcurrency=1)
    found = during(cloud, lambda s: s.fetch([desired(), desired()]), settings=one)
    assert isinstance(found[0], Unread)
    assert found[0].cause is Cause.CLOUD
    assert "AIAE.22001001" in found[0].reason
    assert isinstance(found[1], Live)


def test_a_missing_permission_on_one_agent_is_its_own(cloud: Cloud) -> None:
    """403 on the only agent is that agent's answer, with the exit code of permissions."""
    cloud.planned["GET"] = [refusal("APIGW.0302", 403)]
    (found,) = during(cloud, lambda s: s.fetch([desired()]))
    assert isinstance(found, Unread)
    assert found.cause is Cause.CREDENTIALS


@pytest.mark.parametrize(
    "data", [{"error_code": "AIAE.20002023"}, [{"error_code": "AIAE.20002023"}]]
)
@pytest.mark.parametrize("status", [400, 200, 404])
def test_not_found_is_absent(cloud: Cloud, status: int, data: Any) -> None:
    """The vendor's not-found is a 400 with a code, in whichever envelope."""
    cloud.planned["GET"] = [reply(status, data)]
    assert during(cloud, read) == Absent()


def test_a_404_of_the_gateway_does_not_prove_absence(cloud: Cloud) -> None:
    """ "API not published" is no word about an agent."""
    cloud.planned["GET"] = [refusal("APIGW.0101", 404)]
    assert isinstance(during(cloud, read), Unread)


@pytest.mark.parametrize(
    ("answer", "error", "in_doubt"),
    [
        (reply(400, [{"error_code": "AIAE.20002042", "error_msg": "已发布"}]), Locked, False),
        (refusal("AIAE.20002053", 400), Refused, False),
        (refusal("AIAE.22001005", 200), ServerFailed, True),
        (refusal("AIAE.22009001", 200), ServerFailed, True),
        (refusal("AIAE.00001500", 500), ServerFailed, True),
        (lost, LostReply, True),
    ],
)
def test_a_failed_write_is_sent_once(
    cloud: Cloud, answer: Answer, error: type[CloudError], in_doubt: bool
) -> None:
    """What a write met is told with whether it may have happened, and it is never repeated."""
    cloud.planned["PUT"] = [answer] * 3
    with pytest.raises(error) as caught:
        during(cloud, update)
    assert caught.value.may_have_happened is in_doubt
    assert cloud.count("PUT") == 1


def test_a_throttled_write_is_sent_again(cloud: Cloud) -> None:
    """The gateway's throttling means that nothing happened, so it waits and repeats."""
    cloud.planned["PUT"] = [
        reply(429, {"error_code": "APIGW.0308", "error_msg": "slow"}, **{"Retry-After": "7"})
    ]
    during(cloud, update)
    assert cloud.count("PUT") == 2
    assert cloud.clock.elapsed >= 7


def test_a_success_without_a_body_is_a_success(cloud: Cloud) -> None:
    """200 without an error_code is taken; the read afterwards proves it."""
    cloud.planned["PUT"] = [reply(200, None)]
    during(cloud, update)
    assert cloud.count("PUT") == 1


def test_no_credentials_nothing_sent(cloud: Cloud) -> None:
    """Missing credentials are told before a single request."""
    with pytest.raises(CredentialsMissing):
        during(cloud, read, {})
    assert cloud.sent == []


@pytest.mark.parametrize(
    "settings",
    [
        {"endpoint": "https://evil.example"},
        {"endpoint": "http://aiae.appstage.myhuaweicloud.com"},
        {"iam": {"endpoint": "https://myhuaweicloud.com.evil.example"}},
    ],
)
def test_credentials_go_to_the_vendor_only(cloud: Cloud, settings: dict[str, Any]) -> None:
    """An endpoint elsewhere is refused before a password or a token leaves."""
    with pytest.raises(GuardError):
        during(cloud, read, settings=AppStageSettings.model_validate(settings))
    assert cloud.sent == []


@pytest.mark.parametrize(
    ("environ", "account"),
    [
        (
            BY_PASSWORD,
            "aiae.appstage.myhuaweicloud.com, IAM cn-north-4, user deployer by password",
        ),
        (
            BY_KEY,
            "aiae.appstage.myhuaweicloud.com, IAM cn-north-4, access key from HUAWEICLOUD_SDK_AK "
            "(hw_ak_sk, not documented by the vendor)",
        ),
        (GIVEN, "aiae.appstage.myhuaweicloud.com, token from HUAWEICLOUD_AUTH_TOKEN"),
    ],
)
def test_the_account_says_where_and_who(
    cloud: Cloud, environ: Mapping[str, str], account: str
) -> None:
    """The first line of every command names the place and the way of signing in."""

    async def name(session: Session) -> str:
        return session.account

    assert during(cloud, name, environ) == account


@pytest.mark.parametrize(
    ("environ", "remark"),
    [
        (
            {**BY_PASSWORD, "HUAWEICLOUD_SDK_AK": "AKHALF"},
            "; HUAWEICLOUD_SDK_SK is missing, so the access key is not used",
        ),
        (
            {**BY_PASSWORD, "HUAWEICLOUD_SDK_SK": "canary-half"},
            "; HUAWEICLOUD_SDK_AK is missing, so the access key is not used",
        ),
        (
            {**BY_KEY, "HW_USER_NAME": "deployer"},
            "; HW_USER_PASSWORD and HW_DOMAIN_NAME are missing, "
            "so the IAM user's password is not used",
        ),
        (
            {**GIVEN, "HW_USER_NAME": "u", "HW_USER_PASSWORD": "canary-half"},
            "; HW_DOMAIN_NAME is missing, so the IAM user's password is not used",
        ),
        ({**BY_PASSWORD, **BY_KEY}, ""),
        ({**BY_KEY, "HW_DOMAIN_NAME": "acme"}, ""),
    ],
)
def test_the_account_names_half_a_set_that_is_not_used(
    cloud: Cloud, environ: Mapping[str, str], remark: str
) -> None:
    """Beside a whole set, half of another is no error, but nobody has to guess what is used."""

    async def name(session: Session) -> str:
        return session.account

    whole, half = during(cloud, name, environ), remark.removeprefix("; ")
    assert whole.endswith(remark)
    assert ("missing" in whole) is bool(half)
    assert "canary" not in whole


def test_the_words_of_an_agent_that_is_locked_are_cut_but_not_what_to_do(cloud: Cloud) -> None:
    """A page of HTML in an error stays a message, and the way out stays in it."""
    cloud.planned["PUT"] = [
        reply(400, [{"error_code": "AIAE.20002042", "error_msg": "x" * 100_000}])
    ]
    with pytest.raises(Locked, match="copy it there and manage the copy") as caught:
        during(cloud, update)
    assert len(str(caught.value)) < 700


def test_secrets_show_nowhere(cloud: Cloud) -> None:
    """Password, tokens and live keys are in no log line, error or value, even if the cloud echoes."""
    properties = {**EXAMPLE["request"]["properties"], "api_key": "sk-canary"}
    cloud.agents[AGENT] |= {"properties": properties}
    echo = "canary-password canary-token-0001 sk-canary"
    seen: list[str] = []

    async def look(session: Session) -> None:
        seen.append(repr(await session.read(desired(), AGENT)))
        cloud.planned["GET"] = [reply(400, {"error_code": "AIAE.1", "error_msg": echo})]
        seen.append(repr(await session.read(desired(), AGENT)))
        cloud.planned["PUT"] = [reply(400, [{"error_code": "AIAE.1", "error_msg": echo}])]
        with pytest.raises(Refused) as caught:
            await session.update(desired(), AGENT, BODY)
        seen.extend([str(caught.value), repr(caught.value.__dict__), session.account])

    during(cloud, look)
    assert "(sealed)" in seen[1]
    assert "canary" not in json.dumps([*seen, *cloud.logged])
