"""What one call does: what is sent, what a reply means, and the words for what went wrong."""

from collections.abc import AsyncIterator, Generator

import anyio
import httpx
import pytest

from reconciler.model.errors import GuardError, LostReply, Refused, ServerFailed, Unreachable
from reconciler.wire.call import Call
from reconciler.wire.client import Client, Limiter
from tests.support.wire import (
    CALLS,
    NOON,
    NOON_DATE,
    READ,
    WRITE,
    Bench,
    judge,
    ok,
    scripted,
    send,
)


def test_a_success_gives_the_decoded_document_and_the_date_of_the_reply() -> None:
    """A reply carries its JSON and its own Date in seconds since the epoch."""
    reply = send(Bench(scripted(ok(headers={"date": NOON_DATE}))))
    assert (reply.status, reply.data, reply.date) == (200, {"a": 1}, NOON)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 304])
@pytest.mark.parametrize("call", [READ, WRITE])
def test_a_redirect_is_an_error_and_is_never_followed(status: int, call: Call) -> None:
    """No request goes where a redirect points to, so no credential does."""
    hosts: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(status, headers={"location": "https://evil.example.net/steal"})

    with pytest.raises(Refused, match="redirect"):
        send(Bench(handle), call)
    assert hosts == ["127.0.0.1"]


@pytest.mark.parametrize("location", ["http://[", "ftp://x/", "//", "\x7f"])
def test_a_malformed_redirect_is_the_same_error(location: str) -> None:
    """A redirect to something that is no address is refused like any other."""
    with pytest.raises(Refused, match="redirect"):
        send(Bench(scripted(httpx.Response(302, headers={"location": location}))))


def test_other_client_errors_are_final() -> None:
    """A 4xx is told at once, with the vendor's code, message and request id."""
    body = {"code": "ERR_VALIDATION_FAILED", "message": "cpu too big", "request_id": "R-1"}
    bench = Bench(scripted(httpx.Response(400, json=body)))
    with pytest.raises(Refused) as caught:
        send(bench)
    assert str(caught.value) == (
        "Get: cpu too big (HTTP 400, code ERR_VALIDATION_FAILED, request id R-1)"
    )


def test_secrets_in_what_the_cloud_says_are_sealed() -> None:
    """A message, code or request id that repeats a secret is sealed before it is an error."""
    body = {"code": "bad-hunter2", "message": "password hunter2 is weak", "request_id": "hunter2"}
    bench = Bench(scripted(httpx.Response(400, json=body)))
    bench.secrets.append("hunter2")
    with pytest.raises(Refused) as caught:
        send(bench)
    assert "hunter2" not in str(caught.value)
    assert "password (sealed) is weak" in str(caught.value)


def test_a_refused_header_is_not_quoted() -> None:
    """When the HTTP library refuses a header and quotes it, the quote is left out."""
    fault = httpx.LocalProtocolError("Illegal header value b'hunter2'")
    bench = Bench(scripted(fault))
    with pytest.raises(LostReply) as caught:
        send(bench, WRITE)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_log_has_a_line_for_each_try_without_query_headers_and_body() -> None:
    """The log names method, path, status, time and try; nothing that could hold a secret."""
    bench = Bench(scripted(httpx.Response(503), ok()))
    call = Call(
        "Get", "GET", "/a", query={"q": "hunter2"}, headers={"x": "hunter2"}, body=b"hunter2"
    )
    send(bench, call)
    assert bench.lines == [
        "GET /a -> 503 in 0 ms (try 1)",
        "GET /a -> 200 in 0 ms (try 2)",
    ]
    assert "hunter2" not in repr(call)


def test_an_error_raised_while_signing_in_is_passed_on() -> None:
    """A sign-in that was refused ends the call with its own error, not with another."""

    class Refusing(httpx.Auth):
        def auth_flow(
            self, request: httpx.Request
        ) -> Generator[httpx.Request, httpx.Response, None]:
            if request.method:
                raise Refused("Token", "no such user")
            yield request

    with pytest.raises(Refused, match="no such user"):
        send(Bench(scripted()), auth=Refusing())


def test_a_long_message_of_the_cloud_is_cut() -> None:
    """Of a page of words the beginning and the end are told, the same for codes and ids."""
    words = {"message": "begin" + "x" * 5000 + "end", "code": "C" * 5000, "request_id": "r" * 5000}
    with pytest.raises(Refused) as caught:
        send(Bench(lambda _: httpx.Response(400, json=words)))
    message = caught.value.message
    assert (len(message), message[:5], message[-3:]) == (500, "begin", "end")
    assert "x…x" in message
    assert len(caught.value.code) == len(caught.value.request_id) == 500


def test_a_message_of_the_longest_length_is_told_whole() -> None:
    """500 characters are not cut."""
    with pytest.raises(Refused) as caught:
        send(Bench(lambda _: httpx.Response(400, json={"message": "x" * 500})))
    assert caught.value.message == "x" * 500


@pytest.mark.parametrize("before", range(330, 352, 3))
def test_a_secret_where_a_message_is_cut_shows_in_no_part(before: int) -> None:
    """Secrets are sealed before a message is cut, so that no half of one is left."""
    secret = "canary-0123456789"
    bench = Bench(
        lambda _: httpx.Response(400, json={"message": "x" * before + secret + "y" * 1000}),
        secrets=[secret],
    )
    with pytest.raises(Refused) as caught:
        send(bench)
    assert "can" not in caught.value.message
    assert len(caught.value.message) == 500


def test_a_reply_over_the_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reply larger than the bound is not kept in memory and not asked for again."""
    monkeypatch.setattr("reconciler.wire.guard.MAX_REPLY_BYTES", 1 << 20)
    chunks = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal chunks
        while True:
            chunks += 1
            yield b"x" * 65536

    bench = Bench(lambda _: httpx.Response(200, content=endless()))
    with pytest.raises(LostReply, match="larger than 1 MiB"):
        send(bench)
    assert (chunks, len(bench.lines)) == (17, 1)


@pytest.mark.parametrize(
    "content", [b"{", b"NaN", b"[Infinity]", b"\xff\xfe", b"[" * 200_000, b"1" * 5000]
)
def test_a_success_that_is_no_json_is_a_failure_of_the_cloud(content: bytes) -> None:
    """Whatever a cloud sends instead of JSON, a read ends in one clear error."""
    bench = Bench(lambda _: httpx.Response(200, content=content))
    with pytest.raises(ServerFailed, match="not JSON"):
        send(bench)


def test_an_empty_success_has_no_document() -> None:
    """A success without a body is a success whose document is empty."""
    assert send(Bench(scripted(httpx.Response(204))), WRITE).data is None


def test_long_headers_go_both_ways() -> None:
    """Tokens of 32 kB fit into a request and a reply."""

    def handle(request: httpx.Request) -> httpx.Response:
        return ok(headers={"x-subject-token": request.headers["x-auth-token"]})

    reply = send(Bench(handle), Call("Get", "GET", "/", headers={"x-auth-token": "t" * 32_768}))
    assert reply.headers["x-subject-token"] == "t" * 32_768
    assert "ttt" not in repr(reply)


def test_cookies_are_not_kept() -> None:
    """A cookie that one reply sets is not sent with the next request."""
    seen: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("cookie", ""))
        return httpx.Response(503 if len(seen) == 1 else 200, headers={"set-cookie": "a=b"})

    send(Bench(handle))
    assert seen == ["", ""]


def test_paths_and_queries_reach_the_wire_encoded_once() -> None:
    """What is percent-encoded stays so, and a query is encoded by RFC 3986."""
    raw: list[bytes] = []

    def handle(request: httpx.Request) -> httpx.Response:
        raw.append(request.url.raw_path)
        return ok()

    query = {"name": "my agent/测试~*", "page": "1"}
    send(Bench(handle), Call("Get", "GET", "/a%2Fb", query=query))
    assert raw == [b"/a%2Fb?name=my%20agent%2F%E6%B5%8B%E8%AF%95~%2A&page=1"]


def test_a_path_in_the_endpoint_is_kept() -> None:
    """An endpoint may stand below a path, with or without a slash at its end."""
    raw: list[bytes] = []

    def handle(request: httpx.Request) -> httpx.Response:
        raw.append(request.url.raw_path)
        return ok()

    for base in ("http://127.0.0.1:1/proxy", "http://127.0.0.1:1/proxy/"):
        send(Bench(handle), base_url=base)
    assert raw == [b"/proxy/things/1"] * 2


def test_what_every_request_says_of_itself() -> None:
    """Requests name the program, accept JSON and no compression, and type their body."""
    sent: list[httpx.Headers] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers)
        return ok()

    send(Bench(handle), WRITE)
    assert sent[0]["user-agent"].startswith("reconcile/")
    assert (sent[0]["accept"], sent[0]["accept-encoding"]) == ("application/json", "identity")
    assert sent[0]["content-type"] == "application/json; charset=utf-8"


def test_an_undeclared_operation_is_not_sent() -> None:
    """An operation that its provider did not declare never leaves."""
    with pytest.raises(GuardError, match="DropEverything"):
        send(Bench(scripted()), Call("DropEverything", "DELETE", "/"))


def test_real_sockets_are_used_when_no_transport_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over a real socket a refused connection is `Unreachable`; proxy variables change nothing."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    bench = Bench(scripted())

    async def main() -> None:
        listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
        port = listener.extra(anyio.abc.SocketAttribute.local_port)
        await listener.aclose()
        context = bench.context()
        opened = Client(
            base_url=f"http://127.0.0.1:{port}",
            calls=CALLS,
            judge=judge,
            context=type(context)(
                **{
                    name: getattr(context, name)
                    for name in context.__slots__
                    if name != "transport"
                }
            ),
            limiter=Limiter(bench.clock),
            domains=(),
        )
        async with opened:
            with pytest.raises(Unreachable):
                await opened.send(READ)

    anyio.run(main)
    assert all("ConnectError" in line for line in bench.lines)
    assert len(bench.lines) == 5
