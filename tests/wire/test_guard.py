"""What may leave, and where to: rules that no caller and no authentication flow gets round."""

from collections.abc import AsyncGenerator, Generator
from typing import Any

import anyio
import httpx
import pytest

from reconciler.model.errors import CloudError, GuardError
from reconciler.ports import Access
from reconciler.wire.call import Call, Reply
from reconciler.wire.client import Client, Limiter
from tests.support.wire import Bench

CALLS = {"Get": Access.READ, "Put": Access.WRITE, "Token": Access.AUTHENTICATE}


def no_error(call: Call, reply: Reply) -> CloudError | None:
    return None


def open_client(bench: Bench, base_url: str, **more: Any) -> Client:
    return Client(
        base_url=base_url,
        calls=CALLS,
        judge=no_error,
        context=bench.context(),
        limiter=Limiter(bench.clock),
        domains=("aliyuncs.com",),
        **more,
    )


def send(bench: Bench, call: Call, **more: Any) -> Reply:
    async def main() -> Reply:
        async with open_client(bench, "http://127.0.0.1:1", **more) as client:
            return await client.send(call)

    return anyio.run(main)


class Cloud:
    """Answers everything with 200 and keeps what arrived."""

    def __init__(self) -> None:
        self.seen: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        return httpx.Response(200)


@pytest.mark.parametrize(
    "url",
    [
        "https://agentrun.cn-hangzhou.aliyuncs.com",
        "https://AGENTRUN.cn-hangzhou.ALIYUNCS.com",
        "https://agentrun.cn-hangzhou.aliyuncs.com:443/",
        "http://127.0.0.1:8080",
        "http://127.9.9.9",
        "http://[::1]:8080",
        "http://localhost:8080",
        "https://localhost",
        "https://cloud.example.com",
        "https://other.example.com:8443",
    ],
)
def test_credentials_go_to_the_vendor_to_loopback_and_to_allowed_hosts(url: str) -> None:
    """The vendor's domains, this machine, and what the environment allows are reached."""
    allowed = frozenset({"Cloud.example.com", "other.example.com:8443"})
    assert isinstance(open_client(Bench(Cloud(), allowed_hosts=allowed), url), Client)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.com",
        "https://aliyuncs.com",
        "https://aliyuncs.com.evil.example.com",
        "https://evilaliyuncs.com",
        "https://agentrun.aliyuncs.com.",
        "https://agentrun.aliyuncs.com@evil.example.com",
        "https://user:pass@agentrun.aliyuncs.com",
        "https://evil.example.com/.aliyuncs.com",
        "https://evil.example.com#.aliyuncs.com",
        "https://evil.example.com?.aliyuncs.com",
        "https://agentrun.aliyuncs.com?x=1",
        "https://other.example.com:9999",
        "http://agentrun.cn-hangzhou.aliyuncs.com",
        "http://cloud.example.com",
        "http://0.0.0.0:80",
        "http://[::]:80",
        "http://127.0.0.1.evil.example.com",
        "http://localhost.evil.example.com",
        "http://2130706433/",
        "http://169.254.169.254/",
        "ftp://agentrun.aliyuncs.com",
        "file:///etc/passwd",
        "agentrun.aliyuncs.com",
        "https://",
        "",
    ],
)
def test_credentials_go_nowhere_else(url: str) -> None:
    """Any other endpoint is refused before a request exists."""
    bench = Bench(Cloud(), allowed_hosts=frozenset({"cloud.example.com", "other.example.com:8443"}))
    with pytest.raises(GuardError):
        open_client(bench, url)


def test_the_refusal_names_the_host_and_the_way_to_allow_it() -> None:
    """The error says which host, and which variable to set."""
    with pytest.raises(GuardError, match=r"set RECONCILE_ALLOW_HOSTS=evil\.example\.com"):
        open_client(Bench(Cloud()), "https://evil.example.com")


def test_a_password_in_an_endpoint_is_not_repeated() -> None:
    """An endpoint with user and password is refused without showing them."""
    with pytest.raises(GuardError) as caught:
        open_client(Bench(Cloud()), "https://user:hunter2@x.aliyuncs.com")
    assert "hunter2" not in str(caught.value)


def test_a_text_that_is_no_url_is_refused() -> None:
    """An endpoint that cannot be parsed is one clear error."""
    with pytest.raises(GuardError, match="not a URL"):
        open_client(Bench(Cloud()), "http://[::1")


def test_a_reading_verb_cannot_write() -> None:
    """Where only reading is allowed, a write is refused and nothing is sent; reads go on."""
    cloud = Cloud()
    bench = Bench(cloud, writable=False)
    with pytest.raises(GuardError, match="Put writes"):
        send(bench, Call("Put", "PUT", "/a"))
    assert cloud.seen == []
    send(bench, Call("Get", "GET", "/a"))
    send(bench, Call("Token", "POST", "/token"))
    assert len(cloud.seen) == 2


class Smuggler(httpx.Auth):
    """An authentication flow that sends something else first."""

    def __init__(self, url: str, extensions: dict[str, Any]) -> None:
        self.url = url
        self.extensions = extensions

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        yield httpx.Request("PUT", self.url, extensions=self.extensions)
        yield request


@pytest.mark.parametrize(
    ("url", "extensions"),
    [
        ("http://127.0.0.1:1/", {}),
        ("http://127.0.0.1:1/", {"operation": "Other"}),
        ("http://127.0.0.1:1/", {"operation": "Put"}),
        ("http://127.0.0.1:1/", {"operation": ["Get"]}),
        ("http://127.0.0.1:2/", {"operation": "Get"}),
        ("https://127.0.0.1:1/", {"operation": "Get"}),
        ("http://127.0.0.2:1/", {"operation": "Get"}),
        ("https://agentrun.aliyuncs.com/", {"operation": "Get"}),
    ],
)
def test_an_authentication_flow_gets_nothing_past_the_guard(
    url: str, extensions: dict[str, Any]
) -> None:
    """What an authentication flow sends obeys the same rules: declared, reading, same origin."""
    cloud = Cloud()
    with pytest.raises(GuardError):
        send(
            Bench(cloud, writable=False),
            Call("Get", "GET", "/"),
            auth=Smuggler(url, extensions),
        )
    assert cloud.seen == []


def test_repeats_of_an_authentication_flow_count_against_the_rate() -> None:
    """A request that is repeated with a new token waits for its own place in the rate."""
    times: list[float] = []

    class Twice(httpx.Auth):
        async def async_auth_flow(
            self, request: httpx.Request
        ) -> AsyncGenerator[httpx.Request, httpx.Response]:
            yield request
            yield request

    def handle(request: httpx.Request) -> httpx.Response:
        times.append(bench.clock.now)
        return httpx.Response(200)

    bench = Bench(handle)

    async def main() -> None:
        client = Client(
            base_url="http://127.0.0.1:1",
            calls=CALLS,
            judge=no_error,
            context=bench.context(),
            limiter=Limiter(bench.clock, requests_per_second=2, burst=1),
            domains=(),
            auth=Twice(),
        )
        async with client:
            await client.send(Call("Get", "GET", "/"))
            await client.send(Call("Get", "GET", "/"))

    anyio.run(main)
    assert times == pytest.approx([0.0, 0.5, 1.0, 1.5])


def test_a_transport_that_was_handed_in_stays_open() -> None:
    """A transport that belongs to somebody else is not closed with the client."""
    closed: list[bool] = []

    class Lent(httpx.MockTransport):
        async def aclose(self) -> None:
            closed.append(True)

    lent = Lent(Cloud())
    bench = Bench(Cloud())
    context = bench.context()

    async def main() -> None:
        client = Client(
            base_url="http://127.0.0.1:1",
            calls=CALLS,
            judge=no_error,
            context=type(context)(
                **{name: getattr(context, name) for name in context.__slots__} | {"transport": lent}
            ),
            limiter=Limiter(bench.clock),
            domains=(),
        )
        async with client:
            await client.send(Call("Get", "GET", "/"))

    anyio.run(main)
    assert closed == []


def test_a_compressed_bomb_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reply that was compressed although nobody asked is unpacked within the same bound."""
    import gzip

    monkeypatch.setattr("reconciler.wire.guard.MAX_REPLY_BYTES", 1 << 20)
    small = gzip.compress(b'{"a": 1}')
    bomb = gzip.compress(b" " * (1 << 22))

    def handle(request: httpx.Request) -> httpx.Response:
        content = small if request.url.path == "/small" else bomb
        return httpx.Response(
            200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(content)
        )

    assert send(Bench(handle), Call("Get", "GET", "/small")).data == {"a": 1}
    with pytest.raises(CloudError, match="larger than"):
        send(Bench(handle), Call("Get", "GET", "/bomb"))
