"""Tokens: fetched once for many, replaced in time, renewed once when refused."""

from collections.abc import Mapping
from typing import Any

import anyio
import pytest

from reconciler.model.errors import AccessDenied, CloudError, Unreachable
from reconciler.model.live import Live, Unread
from reconciler.model.outcome import Cause
from reconciler.ports import Session
from reconciler.providers.appstage.settings import AppStageSettings
from tests.support.appstage import (
    BY_PASSWORD,
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


def test_the_token_is_asked_for_once(cloud: Cloud) -> None:
    """Twenty reads at the same moment share one sign-in."""

    async def many(session: Session) -> None:
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(read, session)

    during(cloud, many)
    assert (cloud.count("GET"), cloud.count("token")) == (20, 1)
    asked = cloud.last("token")
    assert asked.url.host == "iam.cn-north-4.myhuaweicloud.com"
    assert asked.url.query == b"nocatalog=true"


def at(cloud: Cloud, *seconds: float, environ: Mapping[str, str] = BY_PASSWORD) -> int:
    """How many tokens were asked for by reads at these times after the first one."""

    async def over_time(session: Session) -> None:
        await read(session)
        start = cloud.clock.elapsed
        for moment in seconds:
            cloud.clock.elapsed = start + moment
            await read(session)

    during(cloud, over_time, environ)
    return cloud.count("token")


@pytest.mark.parametrize(
    ("lifetime", "kept"),
    [(86_400.0, 84_000.0), (7_200.0, 4_800.0), (1_000.0, 500.0), (None, 82_800.0), (-5.0, 60.0)],
)
def test_a_token_is_replaced_before_it_expires(
    cloud: Cloud, lifetime: float | None, kept: float
) -> None:
    """40 minutes before its expiry, or after half a shorter life, or after 23 hours untold."""
    cloud.token_seconds = lifetime
    assert at(cloud, kept - 2) == 1
    cloud.sent.clear()
    assert at(cloud, kept + 2) == 2


@pytest.mark.parametrize("ahead_seconds", [-50_000.0, 50_000.0])
@pytest.mark.parametrize("with_date", [True, False])
def test_expiry_counts_by_the_clock_of_iam(
    cloud: Cloud, ahead_seconds: float, with_date: bool
) -> None:
    """A local clock that is hours off asks neither too often nor too late."""
    cloud.ahead_seconds, cloud.with_date = ahead_seconds, with_date
    assert at(cloud, 83_990.0, 84_010.0) == 2


TOKEN_REFUSALS = [
    (401, "APIGW.0301"),
    (401, "APIG.0301"),
    (401, "APIGW.0307"),
    (401, "APIC.0307"),
    (403, "APIGW.0307"),
    (200, "AIAE.22001002"),
    (200, "AIAE.22001003"),
    (401, "whatever"),
]


@pytest.mark.parametrize("act", [read, update])
@pytest.mark.parametrize(("status", "code"), TOKEN_REFUSALS)
def test_a_refused_token_is_renewed_once(cloud: Cloud, status: int, code: str, act: Any) -> None:
    """After one refusal a read and a write succeed with a new token, sent once more."""
    method = "PUT" if act is update else "GET"
    cloud.planned[method] = [refusal(code, status)]
    found = during(cloud, act)
    assert not isinstance(found, Unread)
    assert (cloud.count(method), cloud.count("token")) == (2, 2)
    assert cloud.tokens == ["canary-token-0001", "canary-token-0002"]


@pytest.mark.parametrize(("status", "code"), TOKEN_REFUSALS)
def test_a_second_refusal_is_final(cloud: Cloud, status: int, code: str) -> None:
    """Two refusals end in "access denied": no third try, and no write happened."""
    cloud.planned["PUT"] = [refusal(code, status), refusal(code, status)]
    with pytest.raises(AccessDenied) as caught:
        during(cloud, update)
    assert (cloud.count("PUT"), cloud.count("token")) == (2, 2)
    assert not caught.value.may_have_happened
    assert ("another region" in str(caught.value)) == code.endswith(".0307")


def test_tokens_that_are_never_taken_do_not_ask_iam_for_each_agent(cloud: Cloud) -> None:
    """With tokens of the wrong region a big folder costs two sign-ins, not thousands."""
    cloud.planned["GET"] = [refusal("APIGW.0307")] * 200
    with pytest.raises(AccessDenied, match="another region"):
        during(cloud, lambda s: s.fetch([desired(f"{n:032x}") for n in range(50)]))
    assert cloud.count("token") == 2


def test_a_token_that_goes_bad_later_is_renewed_again(cloud: Cloud) -> None:
    """Once a renewed token has worked, it may be renewed in its turn."""

    async def twice(session: Session) -> list[Any]:
        found = [await read(session)]
        for _ in range(3):
            cloud.good.clear()
            found.append(await read(session))
        return found

    assert all(isinstance(f, Live) for f in during(cloud, twice))
    assert cloud.count("token") == 4


def test_a_token_revoked_under_many_is_renewed_once(cloud: Cloud) -> None:
    """Ten readers that meet the same expiry share one new token."""

    async def many(session: Session) -> None:
        await read(session)
        cloud.good.clear()
        async with anyio.create_task_group() as group:
            for _ in range(10):
                group.start_soon(read, session)

    during(cloud, many)
    assert cloud.count("token") == 2


def test_a_given_token_is_used_and_never_renewed(cloud: Cloud) -> None:
    """A token from the environment goes to the agents only, and IAM is not asked."""
    cloud.good.add("canary-given")
    assert isinstance(during(cloud, read, GIVEN), Live)
    cloud.good.clear()
    found = during(cloud, read, GIVEN)
    assert isinstance(found, Unread)
    assert found.cause is Cause.CREDENTIALS
    assert "HUAWEICLOUD_AUTH_TOKEN has expired" in found.reason
    assert (cloud.count("token"), cloud.count("GET")) == (0, 2)


def test_a_refused_given_token_fails_the_whole_read(cloud: Cloud) -> None:
    """Where no agent can be read for the token's sake, that is one error, not one each."""
    with pytest.raises(AccessDenied, match="HUAWEICLOUD_AUTH_TOKEN"):
        during(cloud, lambda s: s.fetch([desired(), desired("a")]), GIVEN)


def test_a_token_that_expires_halfway_keeps_what_was_read(cloud: Cloud) -> None:
    """Agents read before a given token expired stay read; the others say why they are not."""
    cloud.good.add("canary-given")
    cloud.planned["GET"] = [refusal("APIGW.0301")]
    one = AppStageSettings(maxConcurrency=1)
    found = during(cloud, lambda s: s.fetch([desired(), desired()]), GIVEN, settings=one)
    assert [type(answer) for answer in found] == [Unread, Live]


@pytest.mark.parametrize(
    "answer",
    [
        reply(401, {"error": {"code": 401, "message": "wrong canary-password", "title": "Un"}}),
        reply(400, {"error_code": "1103", "error_msg": "wrong canary-password"}),
    ],
)
def test_a_wrong_password_is_sent_once(cloud: Cloud, answer: Answer) -> None:
    """A password that IAM refuses is not repeated for every agent: that would lock the user out."""
    cloud.planned["token"] = [answer] * 50

    async def stubborn(session: Session) -> None:
        for _ in range(5):
            with pytest.raises(AccessDenied, match=r"wrong \(sealed\)") as caught:
                await session.fetch([desired(), desired("a"), desired("b")])
            assert "canary" not in str(caught.value)

    during(cloud, stubborn)
    assert (cloud.count("token"), cloud.count("GET")) == (1, 0)


def test_iam_that_cannot_be_reached_leaves_no_write_in_doubt(cloud: Cloud) -> None:
    """Without a token nothing was sent, so nothing can have happened."""
    cloud.planned["token"] = [lost] * 9
    with pytest.raises(Unreachable) as caught:
        during(cloud, update)
    assert caught.value.operation == "CreateToken"
    assert not caught.value.may_have_happened
    assert (cloud.count("token"), cloud.count("PUT")) == (5, 0)


def test_a_whole_folder_asks_a_dead_iam_once(cloud: Cloud) -> None:
    """Fifty agents behind an IAM that is down are one error after one sign-in's tries."""
    cloud.planned["token"] = [lost] * 300
    with pytest.raises(Unreachable):
        during(cloud, lambda s: s.fetch([desired(f"{n:032x}") for n in range(50)]))
    assert (cloud.count("token"), cloud.count("GET")) == (5, 0)


def test_iam_that_fails_for_a_moment_is_asked_again(cloud: Cloud) -> None:
    """A 503 of IAM is retried before anybody hears of it."""
    cloud.planned["token"] = [reply(503, None), lost]
    assert isinstance(during(cloud, read), Live)
    assert cloud.count("token") == 3


def test_a_failure_of_iam_is_shared_by_all_who_waited(cloud: Cloud) -> None:
    """Ten readers behind one broken sign-in do not repeat its tries one after the other."""
    cloud.planned["token"] = [lost] * 50

    async def many(session: Session) -> list[Any]:
        found: list[Any] = []

        async def one() -> None:
            found.append(await read(session))

        async with anyio.create_task_group() as group:
            for _ in range(10):
                group.start_soon(one)
        return found

    assert all(isinstance(f, Unread) for f in during(cloud, many))
    assert cloud.count("token") == 5


@pytest.mark.parametrize("token", ["", "two words", "x\x7f"])
def test_a_success_of_iam_without_a_token_is_an_error(cloud: Cloud, token: str) -> None:
    """201 without a usable X-Subject-Token is told as what it is."""
    cloud.planned["token"] = [reply(201, {"token": {}}, **{"X-Subject-Token": token})]
    with pytest.raises(CloudError, match="X-Subject-Token"):
        during(cloud, lambda s: s.fetch([desired()]))


def test_a_token_of_32_kilobytes_passes(cloud: Cloud) -> None:
    """Tokens may be as long as the vendor says."""
    token = "t" * 32_768
    cloud.good.add(token)
    cloud.planned["token"] = [reply(200, None, **{"X-Subject-Token": token})]
    assert isinstance(during(cloud, read), Live)
