"""The innermost transport: what may leave, where to, and how much may come back.

Every request of the program passes here, those of authentication flows included, so a rule that
stands here can't be got round: only declared operations, no write in a reading verb, one origin
for each client, credentials only to the vendor's own domains, loopback, or hosts that the
environment (never the tree) allows. Replies are read whole within a bound; what would make the
client act by itself (redirects, cookies) is taken off them.
"""

import ipaddress
from collections.abc import Mapping
from typing import Final

import anyio
import httpx

from reconciler.model.errors import GuardError
from reconciler.ports import Access, Clock
from reconciler.wire.limiter import Limiter

MAX_REPLY_BYTES: Final = 64 * 1024 * 1024

WHOLE_SECONDS: Final[Mapping[Access, float]] = {
    Access.READ: 60.0,
    Access.AUTHENTICATE: 30.0,
    Access.WRITE: 300.0,
}
"""How long one exchange may take in all: a reply that drips byte by byte ends too."""

_LEFT_OUT = frozenset({"location", "set-cookie", "content-encoding", "transfer-encoding"})


class ReplyTooLarge(httpx.TransportError):
    """The reply does not fit in `MAX_REPLY_BYTES`."""


def check_origin(url: httpx.URL, domains: tuple[str, ...], allowed: frozenset[str]) -> None:
    """Return when credentials may go to `url`; raises GuardError with the way to allow it."""
    host = url.raw_host.decode("ascii", "replace").lower()
    named = f"{host}:{url.port}" if url.port else host
    if url.userinfo or url.query or url.fragment or not host:
        raise GuardError(f"endpoint {_shown(url)}: only scheme, host, port and path may stand here")
    if url.scheme not in ("http", "https"):
        raise GuardError(f"endpoint {_shown(url)}: only https:// (http:// for loopback) is spoken")
    if _is_loopback(host):
        return
    if url.scheme == "http":
        raise GuardError(f"endpoint {_shown(url)}: http:// is only for loopback, use https://")
    if any(host.endswith(f".{domain}") for domain in domains):
        return
    if {host, named} & {entry.lower() for entry in allowed}:
        return
    raise GuardError(
        f"credentials do not go to {host}: it is none of "
        f"{', '.join(f'*.{domain}' for domain in domains)}; "
        f"to allow it, set RECONCILE_ALLOW_HOSTS={host}"
    )


def _shown(url: httpx.URL) -> str:
    """The endpoint without what may be a password."""
    return f"{url.scheme}://{url.host}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Guard(httpx.AsyncBaseTransport):
    """Lets declared requests to one origin through to `inner`.

    A request names its operation in `extensions["operation"]`; one that already holds the
    limiter's permission says so in `extensions["admitted"]`, once: what an authentication flow
    sends after that waits for its own.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        *,
        origin: httpx.URL,
        calls: Mapping[str, Access],
        writable: bool,
        clock: Clock,
        limiter: Limiter,
        owns_inner: bool,
    ) -> None:
        self._inner = inner
        self._origin = (origin.scheme, origin.raw_host, origin.port)
        self._calls = calls
        self._writable = writable
        self._clock = clock
        self._limiter = limiter
        self._owns_inner = owns_inner

    def access(self, operation: object) -> Access:
        """What the operation does. Raises GuardError unless it is declared and allowed here."""
        access = self._calls.get(operation) if isinstance(operation, str) else None
        if access is None:
            raise GuardError(f"operation {operation!r} is not declared by its provider; not sent")
        if access is Access.WRITE and not self._writable:
            raise GuardError(f"{operation} writes, and this command only reads; not sent")
        return access

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See `httpx.AsyncBaseTransport`. Raises GuardError, `ReplyTooLarge`, transport errors."""
        access = self.access(request.extensions.get("operation"))
        url = request.url
        if (url.scheme, url.raw_host, url.port) != self._origin:
            raise GuardError(f"a request to {_shown(url)} does not belong to this client; not sent")
        if not request.extensions.pop("admitted", False):
            await self._limiter.admit()
        seconds = WHOLE_SECONDS[access]
        # A write that is under way is not cut off by whoever stops waiting: its reply is read.
        with anyio.CancelScope(shield=access is Access.WRITE), self._clock.timeout(seconds):
            return await self._exchange(request)
        raise httpx.ReadTimeout(f"no whole reply within {seconds:.0f} s", request=request)

    async def _exchange(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        chunks, size = [], 0
        try:
            async for chunk in response.aiter_bytes():
                size += len(chunk)
                if size > MAX_REPLY_BYTES:
                    raise ReplyTooLarge(f"the reply is larger than {MAX_REPLY_BYTES >> 20} MiB")
                chunks.append(chunk)
        finally:
            await response.aclose()
        headers = [(k, v) for k, v in response.headers.multi_items() if k not in _LEFT_OUT]
        return httpx.Response(
            response.status_code, headers=headers, content=b"".join(chunks), request=request
        )

    async def __aenter__(self) -> "Guard":
        """Open `inner`, unless it belongs to somebody else."""
        if self._owns_inner:
            await self._inner.__aenter__()
        return self

    async def aclose(self) -> None:
        """Close `inner`, unless it belongs to somebody else."""
        if self._owns_inner:
            await self._inner.aclose()
