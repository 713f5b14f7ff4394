"""A clock that is wrong is told with how wrong it is, before it does harm and when it does."""

import httpx
import pytest

from reconciler.model.errors import AccessDenied, CloudError
from reconciler.ports import Context
from reconciler.wire.call import Call, Reply
from reconciler.wire.client import Client, Limiter
from reconciler.wire.skew import Skew
from tests.support.virtual import run
from tests.support.wire import CALLS, NOON, READ, Bench, ok

DAY = "Wed, 10 Sep 2025"


def refusing(call: Call, reply: Reply) -> CloudError | None:
    """401 is about the credentials."""
    return AccessDenied(call.operation, "expired", status=401) if reply.status == 401 else None


def told(*replies: httpx.Response) -> tuple[list[str], list[str]]:
    """The warnings, and the errors of as many calls as there are replies; it is noon here."""
    warnings: list[str] = []
    errors: list[str] = []
    rest = iter(replies)

    async def main() -> None:
        bench = Bench(lambda _: next(rest))
        base = bench.context()
        context = Context(
            environ={},
            clock=base.clock,
            writable=True,
            seal=base.seal,
            learn_secret=base.learn_secret,
            log=base.log,
            jitter=base.jitter,
            transport=base.transport,
            warn=warnings.append,
        )
        client = Client(
            base_url="http://127.0.0.1",
            calls=CALLS,
            judge=refusing,
            context=context,
            limiter=Limiter(bench.clock),
            domains=("example.com",),
        )
        for _ in replies:
            try:
                await client.send(READ)
            except AccessDenied as error:
                errors.append(str(error))

    run(main)
    return warnings, errors


@pytest.mark.parametrize(
    ("time", "words"),
    [("11:40:00", "1200 s ahead of"), ("12:20:00", "1200 s behind"), ("12:01:30", "90 s behind")],
)
def test_a_clock_that_is_off_is_told_once_though_calls_succeed(time: str, words: str) -> None:
    """The first reply whose date is a minute off brings one warning with the difference."""
    reply = {"date": f"{DAY} {time} GMT"}
    warnings, _ = told(ok(headers=reply), ok(headers=reply))
    assert len(warnings) == 1
    assert f"this machine's clock is {words} that of 127.0.0.1" in warnings[0]


@pytest.mark.parametrize(
    "headers",
    [
        {"date": f"{DAY} 12:00:59 GMT"},
        {"date": f"{DAY} 11:59:01 GMT"},
        {"date": "soon"},
        {},
        {"date": f"{DAY} 09:00:00 GMT", "age": "10800"},
    ],
)
def test_a_clock_that_is_right_is_not_told(headers: dict[str, str]) -> None:
    """Less than a minute, no date, and a reply out of a cache say nothing of this clock."""
    assert told(ok(headers=headers), httpx.Response(401, headers=headers))[0] == []


def test_a_refusal_names_the_clock_as_its_likely_reason() -> None:
    """Credentials that are refused while the clock is off: the error says how far."""
    off = {"date": f"{DAY} 12:30:00 GMT"}
    _, (error,) = told(httpx.Response(401, headers=off))
    assert "expired; this machine's clock is 1800 s behind that of 127.0.0.1: set it right" in error
    right = {"date": f"{DAY} 12:00:00 GMT"}
    _, (error,) = told(httpx.Response(401, headers=right))
    assert "clock" not in error


def test_a_slow_reply_leaves_its_half_in_doubt() -> None:
    """Of a reply that took five minutes nobody knows when it was dated: only what is sure counts."""
    warnings: list[str] = []
    skew = Skew("host", warnings.append)
    skew.learn(date=NOON - 300, now=NOON, took_seconds=300)
    assert (warnings, skew.explained) == ([], "")
    skew.learn(date=NOON - 600, now=NOON, took_seconds=300)
    assert len(warnings) == 1


def test_a_clock_that_was_set_right_is_forgiven() -> None:
    """The newest reply decides what an error says."""
    skew = Skew("host", lambda _: None)
    skew.learn(date=NOON - 3600, now=NOON, took_seconds=0)
    assert "s ahead of that of host" in skew.explained
    skew.learn(date=NOON, now=NOON, took_seconds=0)
    assert skew.explained == ""
