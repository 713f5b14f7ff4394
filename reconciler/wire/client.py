"""The one HTTP client recipe: sign, send, judge, retry what may be retried, translate errors.

Every try is a request of its own, signed afresh. A write is repeated here only when it is certain
that it had no effect: throttled, or never sent. What else may have happened is for the applier to
find out by reading.

Not honoured, on purpose: the proxy variables of the environment, redirects (an error, never
followed), cookies, and certificates other than those of the `certifi` bundle.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import certifi
import httpx

from reconciler import __version__
from reconciler.model.errors import (
    AccessDenied,
    CloudError,
    GuardError,
    LostReply,
    Refused,
    ServerFailed,
    Throttled,
    Unreachable,
)
from reconciler.ports import Access, Context
from reconciler.wire.call import Call, Judge, Reply
from reconciler.wire.encode import decode, encode_query, parse_http_date
from reconciler.wire.guard import Guard, ReplyTooLarge, check_origin
from reconciler.wire.limiter import Limiter
from reconciler.wire.retry import (
    MAX_THROTTLED_TRIES,
    MAX_TOLD_SECONDS,
    MAX_TRIES,
    backoff_seconds,
    told_seconds,
)
from reconciler.wire.skew import Skew

__all__ = ["Client", "Limiter"]

USER_AGENT: Final = f"reconcile/{__version__}"
TIMEOUT: Final = httpx.Timeout(connect=5.0, read=30.0, write=30.0, pool=None)
MAX_CONNECTIONS: Final = 10  # the costs of httpx's pool grow with the square of this

MAX_TEXT: Final = 500
"""How many characters of a text that a cloud sent an error repeats …"""

_TEXT_END: Final = 150  # … its end among them, where a provider says what to do about it

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, slots=True)
class _Failure:
    """A try that failed; `again`: another is harmless, after `told_seconds` where told."""

    error: CloudError
    again: bool
    told_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class _Sent:
    """When a try went out (monotonic seconds), and the how-manieth it was."""

    at: float
    attempt: int


class Client:
    """Calls to one origin under one account.

    `calls` declares every operation and what it does. `judge` says what a reply means; its error
    is rebuilt with the cloud's texts sealed, so its class must take the arguments of `CloudError`.
    `domains` are the vendor's own (`example.com` admits every host below it). `auth` signs; what
    it sends must carry the `extensions` of the request it was given. `milliseconds_header` names
    the vendor's header that asks for a pause. Raises GuardError for an origin that isn't allowed.
    """

    def __init__(
        self,
        *,
        base_url: str,
        calls: Mapping[str, Access],
        judge: Judge,
        context: Context,
        limiter: Limiter,
        domains: tuple[str, ...],
        auth: httpx.Auth | None = None,
        user_agent: str = USER_AGENT,
        milliseconds_header: str = "",
    ) -> None:
        self._base = _parse_base(base_url)
        check_origin(self._base, domains, context.allowed_hosts)
        self._judge = judge
        self._context = context
        self._limiter = limiter
        self._milliseconds_header = milliseconds_header
        self._skew = Skew(str(self._base.host), context.warn)
        self._guard = Guard(
            context.transport or _sockets(),
            origin=self._base,
            calls=calls,
            writable=context.writable,
            clock=context.clock,
            limiter=limiter,
            owns_inner=context.transport is None,
        )
        self._http = httpx.AsyncClient(
            transport=self._guard,
            auth=auth,
            headers={
                "accept": "application/json",
                "accept-encoding": "identity",
                "user-agent": user_agent,
            },
            timeout=TIMEOUT,
            follow_redirects=False,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._http.__aexit__(exc_type, exc, traceback)

    async def send(self, call: Call) -> Reply:
        """Send `call` and return the reply that the judge holds a success.

        Raises GuardError before anything leaves, else a CloudError. Cancelling ends a read at once;
        a write that is under way is heard to its end first.
        """
        access = self._guard.access(call.operation)
        attempt = 1
        while True:
            outcome = await self._try(call, access, attempt)
            if isinstance(outcome, Reply):
                return outcome
            throttled = isinstance(outcome.error, Throttled)
            tries = MAX_THROTTLED_TRIES if throttled else MAX_TRIES
            if not outcome.again or attempt >= tries or not self._limiter.spend_retry():
                raise outcome.error
            pause = backoff_seconds(attempt, self._context.jitter())
            await self._context.clock.sleep(pause + (outcome.told_seconds or 0.0))
            attempt += 1

    def _check_open(self, call: Call) -> None:
        """Return when requests may go out. Raises Throttled while the cloud wants none."""
        seconds = self._limiter.closed_seconds()
        if seconds > 0:
            text = f"not sent: the cloud asked for no requests for another {seconds:.0f} s"
            raise Throttled(call.operation, text)

    async def _try(self, call: Call, access: Access, attempt: int) -> Reply | _Failure:
        clock = self._context.clock
        counted, writes = access is not Access.AUTHENTICATE, access is Access.WRITE
        async with self._limiter.slot(counted=counted, writes=writes):
            self._check_open(call)
            started = clock.monotonic()
            ending = "no reply"
            outcome: Reply | _Failure
            try:
                response = await self._http.send(self._request(call))
                ending = str(response.status_code)
                outcome = self._read(call, access, response, _Sent(started, attempt))
            except httpx.RequestError as error:
                ending = type(error).__name__
                outcome = self._not_answered(call, access, error)
            finally:
                milliseconds = (clock.monotonic() - started) * 1000
                self._context.log(
                    f"{call.method} {call.path} -> {ending} in {milliseconds:.0f} ms"
                    f" (try {attempt})"
                )
            return outcome

    def _request(self, call: Call) -> httpx.Request:
        path = self._base.raw_path.rstrip(b"/") + call.path.encode("ascii")
        if call.query:
            path += b"?" + encode_query(call.query).encode("ascii")
        headers = dict(call.headers)
        if call.body is not None and "content-type" not in {name.lower() for name in headers}:
            headers["content-type"] = "application/json; charset=utf-8"
        return self._http.build_request(
            call.method,
            self._base.copy_with(raw_path=path),
            content=call.body,
            headers=headers,
            extensions={"operation": call.operation, "admitted": True},
        )

    def _read(
        self, call: Call, access: Access, response: httpx.Response, sent: _Sent
    ) -> Reply | _Failure:
        """What a reply that arrived whole means."""
        status = response.status_code
        writes = access is Access.WRITE
        date = parse_http_date(response.headers.get("date"))
        clock = self._context.clock
        if date is not None and "age" not in response.headers:  # not one from a cache
            self._skew.learn(date, clock.wall(), clock.monotonic() - sent.at)
        data = None
        error: CloudError | None
        try:
            data = decode(response.content)
            readable = True
        except ValueError:
            readable = False
        if 300 <= status < 400:
            redirect = "the reply is a redirect, and those are never followed"
            error = Refused(call.operation, redirect, status=status)
        elif not readable and status < 300:
            kind = LostReply if writes else ServerFailed
            error = kind(call.operation, "the reply is not JSON", status=status)
        else:
            reply = Reply(status, response.headers, data, date)
            error = self._judge(call, reply)
            if error is None and status < 300:
                return reply
            error = error or Refused(call.operation, "the call was refused", status=status)
        told = told_seconds(
            response.headers, date, self._context.clock.wall(), self._milliseconds_header
        )
        throttled = isinstance(error, Throttled)
        again = throttled or (not writes and isinstance(error, ServerFailed | LostReply))
        if again and told is not None and told > MAX_TOLD_SECONDS:
            return self._given_up(error, told)
        if throttled:
            pause = told
            if pause is None:
                pause = backoff_seconds(sent.attempt, self._context.jitter())
            self._limiter.throttled(pause, sent.at)
        more = self._skew.explained if isinstance(error, AccessDenied) else ""
        return _Failure(self._sealed(error, more), again, told)

    def _given_up(self, error: CloudError, told: float) -> _Failure:
        """What it means that the cloud asks for a pause that nobody waits for."""
        if isinstance(error, Throttled):
            self._limiter.close(told)
        return _Failure(self._sealed(error, f"; the cloud asks to wait {told:.0f} s"), again=False)

    def _not_answered(self, call: Call, access: Access, error: httpx.RequestError) -> _Failure:
        """What it means that no whole reply arrived."""
        name = type(error).__name__
        # h11 quotes the header that it refuses, and a header may hold a token.
        quoting = isinstance(error, httpx.LocalProtocolError)
        detail = "" if quoting else self._context.seal(str(error))
        text = f"{name}: {detail}" if detail else name
        if isinstance(error, _NOT_SENT):
            # A certificate does not become right by asking again.
            again = "CERTIFICATE_VERIFY_FAILED" not in detail
            host = self._base.host
            return _Failure(Unreachable(call.operation, f"cannot reach {host}: {text}"), again)
        again = access is not Access.WRITE and not isinstance(error, ReplyTooLarge)
        return _Failure(LostReply(call.operation, f"no usable reply: {text}"), again)

    def _sealed(self, error: CloudError, more: str = "") -> CloudError:
        """The same error, `more` after its message, without a secret or a text of any length."""
        return type(error)(
            error.operation,
            self._text(error.message) + more,
            status=error.status,
            code=self._text(error.code),
            request_id=self._text(error.request_id),
        )

    def _text(self, text: str) -> str:
        # Sealed before it is cut: half a secret is not found any more.
        sealed = self._context.seal(text)
        if len(sealed) <= MAX_TEXT:
            return sealed
        return f"{sealed[: MAX_TEXT - _TEXT_END - 1]}…{sealed[-_TEXT_END:]}"


def _parse_base(base_url: str) -> httpx.URL:
    try:
        return httpx.URL(base_url)
    except (httpx.InvalidURL, ValueError):
        # Unparsable text may hold a password, so it is not shown.
        invalid = "the endpoint is not a URL"
    raise GuardError(invalid)


def _trusted() -> ssl.SSLContext:
    """Certificates of the `certifi` bundle for the very host, by its subject alternative names.

    A name in the subject alone proves nothing any more (RFC 9110, 4.3.4), and Python takes it by
    default. No variable of the environment is read: none may add an authority or copy the keys.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    context.load_verify_locations(cafile=certifi.where())
    return context


def _sockets() -> httpx.AsyncHTTPTransport:
    return httpx.AsyncHTTPTransport(
        verify=_trusted(),
        trust_env=False,
        limits=httpx.Limits(
            max_connections=MAX_CONNECTIONS,
            max_keepalive_connections=MAX_CONNECTIONS,
            keepalive_expiry=5.0,
        ),
    )
