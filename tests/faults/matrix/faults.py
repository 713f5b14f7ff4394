"""What can go wrong with one exchange: each fault is what a server, or the net, does instead.

`before`: nothing happens at the cloud. `after`: the request is carried out, and only its reply is
lost or broken.
"""

import json
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from tests.support.wired import Line, Reply

Real = Callable[[], Awaitable[Reply]]
Act = Callable[[str, Line, Real], Awaitable[None]]


class Sort(Enum):
    """What a fault means, whoever meets it."""

    HARMLESS = "slow, and whole in the end"
    LOST = "no usable reply; a write may have happened"
    THROTTLED = "certainly not done, come again later"
    UNSENT = "certainly never sent"
    REFUSED = "a final no"
    DENIED = "a final no, for want of permission"
    TOKEN = "the credentials of this request are not good"
    SHAPELESS = "a success that says nothing of use: asking again would bring the same"


@dataclass(frozen=True)
class Fault:
    """One fault. `act` answers in the server's place; `connect` fails before anything is sent."""

    name: str
    sort: Sort
    act: Act | None = None
    connect: Callable[[], OSError | float] | None = None
    happens: bool = False


def said(status: int, body: bytes | str | dict[str, Any] = b"", **headers: str) -> Act:
    """An answer in the cloud's place: nothing happens."""

    async def act(cloud: str, line: Line, real: Real) -> None:
        await line.send(_reply(status, body, headers).encoded())

    return act


def _reply(status: int, body: bytes | str | dict[str, Any], headers: dict[str, str]) -> Reply:
    content = json.dumps(body).encode() if isinstance(body, dict) else body
    content = content.encode() if isinstance(content, str) else content
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"content-type": "application/json", **names}, content)


def by_cloud(agentrun: Act, appstage: Act) -> Act:
    """Each cloud has its own words."""

    async def act(cloud: str, line: Line, real: Real) -> None:
        await (agentrun if cloud == "agentrun" else appstage)(cloud, line, real)

    return act


def error(status: int, code: str, huawei: str, **headers: str) -> Act:
    """An error as either cloud words it."""
    return by_cloud(
        said(status, {"code": code, "message": "so it is", "requestId": "r-1"}, **headers),
        said(status, {"error_code": huawei, "error_msg": "so it is"}, **headers),
    )


async def _reset_before(cloud: str, line: Line, real: Real) -> None:
    line.reset()


async def _reset_after(cloud: str, line: Line, real: Real) -> None:
    await real()
    line.reset()


async def _closed_before(cloud: str, line: Line, real: Real) -> None:
    """The connection ends without a byte."""


async def _closed_after(cloud: str, line: Line, real: Real) -> None:
    await real()


async def _silent_before(cloud: str, line: Line, real: Real) -> None:
    await line.hang()


async def _silent_after(cloud: str, line: Line, real: Real) -> None:
    await real()
    await line.hang()


async def _cut_head(cloud: str, line: Line, real: Real) -> None:
    await line.send((await real()).encoded()[:25])


async def _cut_body(cloud: str, line: Line, real: Real) -> None:
    data = (await real()).encoded()
    await line.send(data[: -max(2, len(data) // 10)])


async def _short_length(cloud: str, line: Line, real: Real) -> None:
    reply = await real()
    wrong = {**reply.headers, "content-length": str(max(1, len(reply.body) - 5))}
    await line.send(Reply(reply.status, wrong, reply.body).encoded())


async def _broken_chunks(cloud: str, line: Line, real: Real) -> None:
    reply = await real()
    head = f"HTTP/1.1 {reply.status} Said\r\ntransfer-encoding: chunked\r\n\r\n"
    await line.send(head.encode() + b"5\r\n" + reply.body[:5] + b"\r\nzz\r\n")


async def _dripping(cloud: str, line: Line, real: Real) -> None:
    data = (await real()).encoded()
    for start in range(0, len(data), 200):
        await line.send(data[start : start + 200])
        await line.pause(0.5)


async def _endless(cloud: str, line: Line, real: Real) -> None:
    reply = await real()
    await line.send(Reply(reply.status, {"content-length": "100000"}, b"").encoded())
    for _ in range(400):
        await line.send(b" ")
        await line.pause(1.0)


async def _garbage(cloud: str, line: Line, real: Real) -> None:
    await real()
    await line.send(b"\x16\x03\x01\x02\x00 this is not HTTP\r\n\r\n")


def _instead(status: int, body: bytes | str | dict[str, Any], **headers: str) -> Act:
    """Another answer than the cloud's, after it did what it was asked."""

    async def act(cloud: str, line: Line, real: Real) -> None:
        await real()
        await line.send(_reply(status, body, headers).encoded())

    return act


HTML: Final = "<html><body><h1>Service busy</h1></body></html>"


def _refused() -> OSError:
    return ConnectionRefusedError(111, "Connection refused")


def _unknown_host() -> OSError:
    return socket.gaierror(-2, "Name or service not known")


def _no_route() -> OSError:
    return OSError(113, "No route to host")


def _bad_tls() -> OSError:
    return ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")


FAULTS: Final = (
    Fault("reset before", Sort.LOST, _reset_before),
    Fault("reset after", Sort.LOST, _reset_after, happens=True),
    Fault("closed before", Sort.LOST, _closed_before),
    Fault("closed after", Sort.LOST, _closed_after, happens=True),
    Fault("silent before", Sort.LOST, _silent_before),
    Fault("silent after", Sort.LOST, _silent_after, happens=True),
    Fault("head cut off", Sort.LOST, _cut_head, happens=True),
    Fault("body cut off", Sort.LOST, _cut_body, happens=True),
    Fault("wrong length", Sort.LOST, _short_length, happens=True),
    Fault("broken chunks", Sort.LOST, _broken_chunks, happens=True),
    Fault("slow drip", Sort.HARMLESS, _dripping, happens=True),
    Fault("endless drip", Sort.LOST, _endless, happens=True),
    Fault("not HTTP", Sort.LOST, _garbage, happens=True),
    Fault("bad JSON", Sort.LOST, _instead(200, b'{"code": "SUCC'), happens=True),
    Fault("HTML page", Sort.LOST, _instead(200, HTML, content_type="text/html"), happens=True),
    Fault("bytes", Sort.LOST, _instead(200, b"\xff\xfe\x00\x01"), happens=True),
    Fault("empty body", Sort.LOST, _instead(200, b""), happens=True),
    Fault(
        "other shape",
        Sort.SHAPELESS,
        by_cloud(_instead(200, {"code": "SUCCESS", "data": [1]}), _instead(200, '"text"')),
        happens=True,
    ),
    Fault(
        "hidden error",
        Sort.LOST,
        error(200, "ERR_INTERNAL_SERVER_ERROR", "AIAE.22001005"),
    ),
    Fault("500", Sort.LOST, error(500, "ERR_INTERNAL_SERVER_ERROR", "AIAE.00001500")),
    Fault("502 page", Sort.LOST, said(502, HTML, content_type="text/html")),
    Fault("503", Sort.LOST, error(503, "ServiceUnavailable", "APIGW.0201", retry_after="2")),
    Fault("504 after", Sort.LOST, _instead(504, b""), happens=True),
    Fault("429", Sort.THROTTLED, said(429, b"")),
    Fault("429 in seconds", Sort.THROTTLED, said(429, b"", retry_after="3")),
    Fault(
        "429 at a date", Sort.THROTTLED, said(429, b"", retry_after="Mon, 21 Sep 2026 13:47:00 GMT")
    ),
    Fault("429 in ms", Sort.THROTTLED, said(429, b"", x_acs_retry_after="1500")),
    Fault(
        "throttling code",
        Sort.THROTTLED,
        by_cloud(
            said(400, {"Code": "Throttling.User", "Message": "denied", "RequestId": "r"}),
            said(429, {"error_code": "APIGW.0308", "error_msg": "throttled"}),
        ),
    ),
    Fault("401", Sort.TOKEN, error(401, "InvalidAccessKeyId.NotFound", "APIGW.0301")),
    Fault("403", Sort.DENIED, error(403, "NoPermission", "AIAE.22001008")),
    Fault("400", Sort.REFUSED, error(400, "ERR_VALIDATION_FAILED", "AIAE.00001400")),
    Fault("redirect", Sort.REFUSED, said(302, b"", location="http://127.0.0.1:9/elsewhere")),
    Fault("connection refused", Sort.UNSENT, connect=_refused),
    Fault("unknown host", Sort.UNSENT, connect=_unknown_host),
    Fault("no route", Sort.UNSENT, connect=_no_route),
    Fault("bad TLS", Sort.UNSENT, connect=_bad_tls),
    Fault("connecting takes too long", Sort.UNSENT, connect=lambda: 60.0),
)
