"""Which calls are tried again, after which pause, and which never."""

from collections.abc import Generator

import anyio
import httpx
import pytest

from reconciler.model.errors import CloudError, LostReply, ServerFailed, Throttled, Unreachable
from reconciler.wire.call import Call
from reconciler.wire.client import Limiter
from tests.support.wire import NOON_DATE, READ, WRITE, Bench, client, ok, scripted, send


@pytest.mark.parametrize("call", [READ, Call("Token", "POST", "/token", body=b"{}")])
@pytest.mark.parametrize(
    "fault",
    [
        httpx.ConnectError,
        httpx.ReadTimeout,
        httpx.RemoteProtocolError,
        httpx.Response(500),
        httpx.Response(502, text="<html>"),
        httpx.Response(429),
        httpx.Response(200, text="<html>a portal</html>"),
    ],
)
def test_reading_and_signing_in_survive_a_passing_fault(
    call: Call, fault: httpx.Response | type[Exception]
) -> None:
    """A read or a sign-in that fails for a moment is tried again and succeeds."""
    bench = Bench(scripted(fault, fault, ok()))
    assert send(bench, call).data == {"a": 1}
    assert bench.clock.slept == [0.25, 0.5]


@pytest.mark.parametrize(
    "fault",
    [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.Response(429)],
)
def test_a_write_is_repeated_when_it_is_certain_that_it_had_no_effect(
    fault: httpx.Response | type[Exception],
) -> None:
    """A write that was never sent, or was throttled, is sent again."""
    bench = Bench(scripted(fault, ok()))
    assert send(bench, WRITE).status == 200
    assert len(bench.lines) == 2


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (httpx.ReadTimeout, LostReply),
        (httpx.ReadError, LostReply),
        (httpx.WriteError, LostReply),
        (httpx.WriteTimeout, LostReply),
        (httpx.RemoteProtocolError, LostReply),
        (httpx.Response(200, text="<html>"), LostReply),
        (httpx.Response(200, content=b'{"a": 1'), LostReply),
        (httpx.Response(500), ServerFailed),
        (httpx.Response(504, text="gateway"), ServerFailed),
    ],
)
def test_a_write_that_may_have_happened_is_never_repeated(
    fault: httpx.Response | type[Exception], error: type[CloudError]
) -> None:
    """When nobody knows whether a write took effect, it goes out once and the error says so."""
    bench = Bench(scripted(fault))
    with pytest.raises(error) as caught:
        send(bench, WRITE)
    assert caught.value.may_have_happened
    assert len(bench.lines) == 1


def test_five_tries_are_enough() -> None:
    """A cloud that keeps failing is asked five times, with pauses that double up to a bound."""
    bench = Bench(lambda _: httpx.Response(503), jitter=0.999)
    with pytest.raises(ServerFailed, match="HTTP 503"):
        send(bench)
    assert len(bench.lines) == 5
    assert bench.clock.slept == pytest.approx([0.4995, 0.999, 1.998, 3.996])


def test_a_cloud_that_cannot_be_reached_is_named_by_its_host() -> None:
    """The error for an unreachable cloud names the host and that nothing happened."""
    bench = Bench(lambda _: (_ for _ in ()).throw(httpx.ConnectError("no route")))
    with pytest.raises(Unreachable, match=r"cannot reach 127\.0\.0\.1: ConnectError: no route"):
        send(bench, WRITE)
    assert len(bench.lines) == 5


def test_a_bad_certificate_is_not_asked_about_again() -> None:
    """A certificate that cannot be verified ends the call at the first try."""
    bench = Bench(scripted(httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed")))
    with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
        send(bench)
    assert len(bench.lines) == 1


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "Wed, 10 Sep 2025 12:00:09 GMT", "date": NOON_DATE}, 9.0),
        (
            {
                "retry-after": "Wed, 10 Sep 2025 11:00:06 GMT",
                "date": "Wed, 10 Sep 2025 11:00:00 GMT",
            },
            6.0,
        ),
        ({"retry-after": "Wed, 10 Sep 2025 12:00:04 GMT"}, 4.0),
        ({"retry-after": "Wed, 10 Sep 2025 11:00:00 GMT"}, 0.0),
        ({"x-pause-ms": "1500"}, 1.5),
        ({"x-pause-ms": "2000", "retry-after": "30"}, 2.0),
        ({"retry-after": "180"}, 180.0),
        ({"retry-after": "300"}, 300.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "soon"}, 0.0),
    ],
)
def test_the_cloud_says_how_long_to_wait(headers: dict[str, str], pause: float) -> None:
    """Retry-After in seconds or as a date and the vendor's milliseconds are waited for, to 300 s."""
    bench = Bench(scripted(httpx.Response(429, headers=headers), ok()), jitter=0.0)
    send(bench)
    assert sum(bench.clock.slept) == pytest.approx(pause)


@pytest.mark.parametrize("call", [READ, WRITE])
@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"retry-after": "301"}, "wait 301 s"),
        ({"retry-after": "86400"}, "wait 86400 s"),
        ({"x-pause-ms": "400000"}, "wait 400 s"),
        ({"retry-after": "Wed, 10 Sep 2025 13:00:00 GMT", "date": NOON_DATE}, "wait 3600 s"),
        ({"retry-after": "9" * 5000}, "wait 10000000"),
    ],
)
def test_a_longer_pause_ends_the_call_at_once(
    call: Call, headers: dict[str, str], words: str
) -> None:
    """Told to wait for more than five minutes, the call ends and says for how long it was told."""
    bench = Bench(scripted(httpx.Response(429, headers=headers)))
    with pytest.raises(Throttled, match=f"no reason; the cloud asks to {words}"):
        send(bench, call)
    assert (bench.clock.slept, len(bench.lines)) == ([], 1)


def test_nothing_else_is_sent_before_a_long_pause_is_over() -> None:
    """While the cloud wants no requests none goes out, and each says for how long still."""
    bench = Bench(scripted(httpx.Response(429, headers={"retry-after": "3600"}), ok()))

    async def main() -> None:
        async with client(bench) as opened:
            with pytest.raises(Throttled):
                await opened.send(READ)
            bench.clock.now += 600
            with pytest.raises(Throttled, match=r"not sent: .* for another 3000 s"):
                await opened.send(WRITE)
            bench.clock.now += 3000
            await opened.send(WRITE)

    anyio.run(main)
    assert len(bench.lines) == 2


def test_a_server_that_is_down_for_long_is_not_asked_again() -> None:
    """A failure with a long Retry-After ends a read at once, and holds back no other request."""
    bench = Bench(scripted(httpx.Response(503, headers={"retry-after": "7200"}), ok()))

    async def main() -> None:
        async with client(bench) as opened:
            with pytest.raises(ServerFailed, match="wait 7200 s"):
                await opened.send(READ)
            await opened.send(READ)

    anyio.run(main)
    assert len(bench.lines) == 2


def test_throttling_holds_back_every_request_of_the_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After a throttled answer no other request of the account leaves before the told time."""
    sent: list[float] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(bench.clock.now)
        return httpx.Response(429, headers={"retry-after": "20"}) if len(sent) == 1 else ok()

    bench = Bench(handle)

    async def main() -> None:
        limiter = Limiter(bench.clock)
        # So that the first call gives up instead of waiting by itself.
        monkeypatch.setattr(limiter, "spend_retry", lambda: False)
        async with client(bench, limiter=limiter) as one, client(bench, limiter=limiter) as two:
            with pytest.raises(Throttled):
                await one.send(READ)
            await two.send(READ)

    anyio.run(main)
    assert sent == [0, 20]


def test_every_try_is_signed_afresh() -> None:
    """No two tries carry the same signature: a nonce is never used twice."""
    nonces: list[str] = []
    fresh = iter(("n1", "n2", "n3"))

    class Nonce(httpx.Auth):
        def auth_flow(
            self, request: httpx.Request
        ) -> Generator[httpx.Request, httpx.Response, None]:
            request.headers["x-nonce"] = next(fresh)
            yield request

    def handle(request: httpx.Request) -> httpx.Response:
        nonces.append(request.headers["x-nonce"])
        return ok() if len(nonces) == 3 else httpx.Response(503)

    send(Bench(handle), auth=Nonce())
    assert nonces == ["n1", "n2", "n3"]


def test_a_reply_that_never_ends_is_given_up() -> None:
    """A reply that drips on without end is given up after a minute, and the write is in doubt."""

    async def handle(request: httpx.Request) -> httpx.Response:
        for _ in range(1000):
            await bench.clock.sleep(10)
        return ok()

    bench = Bench(handle)
    with pytest.raises(LostReply, match="no whole reply within 300 s"):
        send(bench, WRITE)
    assert bench.clock.now == 300


def cancelled_under_way(call: Call) -> tuple[bool, list[str]]:
    """Cancel a call while the cloud works on it: whether its reply was heard, and the log."""
    at_work, over, heard = anyio.Event(), anyio.Event(), False

    async def handle(request: httpx.Request) -> httpx.Response:
        nonlocal heard
        at_work.set()
        await over.wait()
        heard = True
        return ok()

    bench = Bench(handle)

    async def main() -> None:
        async with client(bench) as opened, anyio.create_task_group() as group:
            group.start_soon(opened.send, call)
            await at_work.wait()
            group.cancel_scope.cancel()
            with anyio.CancelScope(shield=True):
                await anyio.wait_all_tasks_blocked()
                over.set()

    anyio.run(main)
    return heard, bench.lines


def test_a_cancelled_read_is_just_cancelled() -> None:
    """Cancelling a read ends it at once, without another try and without an error of ours."""
    assert cancelled_under_way(READ) == (False, ["GET /things/1 -> no reply in 0 ms (try 1)"])


def test_a_cancelled_write_is_heard_to_its_end() -> None:
    """A write that is under way when it is cancelled is not cut off: what came of it is known."""
    assert cancelled_under_way(WRITE) == (True, ["PUT /things/1 -> 200 in 0 ms (try 1)"])


def test_the_retry_budget_ends_a_storm() -> None:
    """Against a cloud that always fails, retries stay below a fifth of the requests and ten."""
    count = 0

    def handle(request: httpx.Request) -> httpx.Response:
        nonlocal count
        count += 1
        return httpx.Response(503)

    bench = Bench(handle)

    async def main() -> None:
        async with client(bench, limiter=Limiter(bench.clock, 1000, 1000)) as opened:
            for _ in range(100):
                with pytest.raises(ServerFailed):
                    await opened.send(READ)

    anyio.run(main)
    assert 100 < count <= (100 + 10) / 0.8 + 1
