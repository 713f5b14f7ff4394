"""Real sockets in virtual time: client and server share one event loop whose clock jumps when idle.

What one side sends the other finds at once, since both are in this process; when nobody has
anything to read, nothing can come any more, and time moves on to the next timer.
"""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, cast

import httpx

from tests.support.virtual import Deadlock, VirtualLoop

GRACE_SECONDS: Final = 0.0005
"""Real seconds that the kernel is given to hand over what was sent."""


class WiredLoop(VirtualLoop):
    """See the module. `connecting` is asked before each connection; it may raise OSError."""

    def __init__(self, connecting: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._connecting = connecting
        selector = cast(Any, self)._selector
        plain: Callable[[float | None], list[Any]]
        plain = super(type(selector), selector).select  # type: ignore[misc]  # the real one

        def select(timeout: float | None = None) -> list[Any]:
            ready: list[Any] = plain(0)
            if ready or timeout == 0:
                return ready
            ready = plain(GRACE_SECONDS)
            if ready:
                return ready
            if timeout is None:
                raise Deadlock("all tasks wait, and no timer is set")
            self.jump(timeout)
            return ready

        selector.select = select

    async def create_connection(self, *more: Any, **named: Any) -> Any:
        """As ever, after it was asked whether it can be had."""
        await self._connecting()
        return await super().create_connection(*more, **named)


@dataclass(frozen=True)
class Request:
    """A request as it arrived; `number` counts from 0."""

    number: int
    method: str
    target: str
    headers: list[tuple[bytes, bytes]] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Reply:
    """A reply that is about to leave."""

    status: int
    headers: dict[str, str]
    body: bytes

    def encoded(self) -> bytes:
        """The bytes on the wire."""
        headers = {**self.headers, "content-length": str(len(self.body)), "connection": "close"}
        headers |= self.headers
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"HTTP/1.1 {self.status} Said\r\n{lines}\r\n".encode("latin-1") + self.body


class Line:
    """One connection, and what can be done to it."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def send(self, data: bytes) -> None:
        """Send some bytes."""
        self._writer.write(data)
        await self._writer.drain()

    def reset(self) -> None:
        """Break the connection so that the other side gets ECONNRESET."""
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def pause(self, seconds: float) -> None:
        """Let time pass before the next bytes."""
        await asyncio.sleep(seconds)  # noqa: TID251 - the server's own time

    async def hang(self) -> None:
        """Say nothing for as long as anybody may wait."""
        await asyncio.sleep(3600)  # noqa: TID251 - the server's own time


Answer = Callable[[Request, Line], Awaitable[None]]


class Server:
    """Hands each request to `answer`, one for each connection. `loop` makes its event loop."""

    def __init__(self, answer: Answer, connecting: Callable[[], Awaitable[None]]) -> None:
        self._answer = answer
        self._connecting = connecting
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.count = 0

    def loop(self) -> asyncio.AbstractEventLoop:
        """A loop in which this server listens from the beginning."""
        loop = WiredLoop(self._connecting)
        self._task = loop.create_task(self._serve())
        return loop

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._connected, sock=self._listener.dup())
        async with server:
            await server.serve_forever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await self._request(reader)
            if request is not None:
                await self._answer(request, Line(writer))
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client has gone, or the run is over
        finally:
            writer.close()

    async def _request(self, reader: asyncio.StreamReader) -> Request | None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")[:-2]
        method, target, _ = first.split(" ")
        headers = [(n.lower(), v.strip()) for n, _, v in (line.partition(":") for line in lines)]
        length = int(dict(headers).get("content-length", "0"))
        body = await reader.readexactly(length)
        number, self.count = self.count, self.count + 1
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return Request(number, method, target, raw, body)


async def served_by(app: httpx.ASGITransport, request: Request) -> Reply:
    """What an ASGI application answers."""
    url = f"http://127.0.0.1{request.target}"
    sent = httpx.Request(request.method, url, headers=request.headers, content=request.body)
    answer = await app.handle_async_request(sent)
    body = await answer.aread()
    left_out = ("content-length", "connection", "transfer-encoding")
    headers = {n: v for n, v in answer.headers.items() if n not in left_out}
    return Reply(answer.status_code, headers, body)
