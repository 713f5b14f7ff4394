"""The token on every request, and one second try with a new one.

The replay is right for a write too: what refuses a token refuses it before the agent is touched.
It is never sent more than once, and not at all where no other token is to be had.
"""

from collections.abc import AsyncGenerator, Generator
from typing import NoReturn

import httpx

from reconciler.providers.appstage.judge import refuses_token
from reconciler.providers.appstage.tokens import Tokens
from reconciler.wire.call import Reply
from reconciler.wire.encode import decode

HEADER = "X-Auth-Token"


class TokenAuth(httpx.Auth):
    """Puts a token on each request. Raises what `Tokens` raises."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """See `httpx.Auth.async_auth_flow`."""
        token = await self._tokens.token()
        request.headers[HEADER] = token.reveal()
        response = yield request
        if not await _refused(response):
            self._tokens.accepted(token)
            return
        other = await self._tokens.renewed(token)
        if other is None:
            return
        request.headers[HEADER] = other.reveal()
        response = yield request
        if not await _refused(response):
            self._tokens.accepted(other)

    def sync_auth_flow(
        self,
        request: httpx.Request,  # noqa: ARG002 - httpx's signature
    ) -> Generator[httpx.Request, httpx.Response, NoReturn]:
        """Refused: tokens are fetched asynchronously."""
        raise RuntimeError("only asynchronous clients are served")


async def _refused(response: httpx.Response) -> bool:
    content = await response.aread()  # in memory already, within the bound of the wire
    try:
        data = decode(content)
    except ValueError:
        data = None
    return refuses_token(Reply(response.status_code, response.headers, data, None))
