"""The ASGI door: bytes in, bytes out, one port for AgentRun, AppStage and IAM.

It serves in process (`httpx.ASGITransport`) and over a socket (`serve`) alike. A reply that is to
be lost raises `ReplyLost` in process, and closes the connection on a socket.
"""

import uuid
from collections.abc import Callable
from email.utils import formatdate
from typing import Final

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from reconciler.sandbox.emulator import handle
from reconciler.sandbox.message import Answer, Received, encode
from reconciler.sandbox.store import Store

DROP: Final = "sandbox.drop_connection"
"""Where the server's protocol leaves the function that closes the connection (`scope["state"]`)."""


class ReplyLost(httpx.RemoteProtocolError):
    """The connection closed without a reply, as a client on a socket would be told."""

    def __init__(self) -> None:
        super().__init__("Server disconnected without sending a response.")


def create_app(store: Store, *, now: Callable[[], float]) -> Starlette:
    """Both clouds as one ASGI app over a store.

    `now` returns seconds since the epoch: the `Date` of replies, the age of signatures and tokens
    and the ends of restarts all come from it.
    """

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        moment = now()
        answered = handle(store, await _received(request), moment)
        if answered is not None:
            await _response(answered, moment)(scope, receive, send)
            return
        drop: Callable[[], None] | None = scope.get("state", {}).get(DROP)
        if drop is None:
            raise ReplyLost
        drop()

    return Starlette(routes=[Mount("/", app=answer)])


async def _received(request: Request) -> Received:
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return Received(
        method=request.method,
        raw_path=request.scope["raw_path"].decode("ascii"),
        query_string=request.scope["query_string"].decode("ascii"),
        headers=headers,
        body=await request.body(),
    )


def _response(answer: Answer, moment: float) -> Response:
    headers = {
        "Date": formatdate(moment, usegmt=True),
        "X-Request-Id": str(uuid.uuid4()).upper(),
        "Content-Type": "application/json; charset=utf-8",
    }
    named = {name.title(): value for name, value in answer.headers.items()}
    content = encode(answer.content)
    return Response(content, answer.status, {**headers, **named})
