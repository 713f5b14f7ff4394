"""Tokens: asked for once for many, kept until shortly before they expire, renewed once if refused.

Facts of the vendor's page on tokens: one lives 24 hours, is to be cached, and a new one leaves the
old one good. Nothing here is written to a disk, and no token appears in an error.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Protocol

import anyio

from reconciler.model.errors import AccessDenied, CloudError, Refused, Unreachable
from reconciler.model.sealed import Sealed
from reconciler.model.tree import Json, Tree
from reconciler.ports import Clock
from reconciler.providers.appstage.calls import CREATE_TOKEN
from reconciler.providers.appstage.credentials import is_token
from reconciler.wire.call import Call, Reply
from reconciler.wire.client import Client
from reconciler.wire.encode import encode

MARGIN_SECONDS: Final = 40 * 60.0
"""How long before its expiry a token is replaced, as the vendor's own client does."""

DEFAULT_SECONDS: Final = 23 * 3600.0
"""How long a token is kept that does not say when it expires; documented are 24 hours."""

SHORTEST_SECONDS: Final = 60.0
"""A token is used for this long whatever it says: a wrong clock must not ask for one per call."""


class Tokens(Protocol):
    """Where tokens come from."""

    async def token(self) -> Sealed:
        """A token that should be good. Raises CloudError when there is none to be had."""
        ...

    async def renewed(self, refused: Sealed) -> Sealed | None:
        """Another token than the refused one, or None where another would be no use."""
        ...

    def accepted(self, token: Sealed) -> None:
        """The cloud took this token."""
        ...


class GivenTokens:
    """The one token that the environment holds. See `Tokens`."""

    def __init__(self, token: Sealed) -> None:
        self._token = token

    async def token(self) -> Sealed:
        """See `Tokens.token`."""
        return self._token

    async def renewed(self, refused: Sealed) -> Sealed | None:  # noqa: ARG002 - nothing to renew
        """See `Tokens.renewed`: never another one."""
        return None

    def accepted(self, token: Sealed) -> None:
        """See `Tokens.accepted`: changes nothing."""


class IamTokens:
    """Tokens that IAM issues for `request`. See `Tokens`.

    One caller asks, all who came meanwhile share its answer, an error too. A final no is final for
    as long as this object lives: a wrong password is sent once, because repeating it locks users
    out. `learn_secret` is told every token.
    """

    def __init__(
        self, client: Client, request: Tree, clock: Clock, learn_secret: Callable[[str], None]
    ) -> None:
        self._client = client
        self._request = request
        self._clock = clock
        self._learn_secret = learn_secret
        self._lock = anyio.Lock()
        self._token: Sealed | None = None
        self._good_until = 0.0
        self._unproven_renewal = False
        self._asked = 0
        self._error: CloudError | None = None

    async def token(self) -> Sealed:
        """See `Tokens.token`."""
        return self._fresh() or await self._shared(None)

    async def renewed(self, refused: Sealed) -> Sealed | None:
        """See `Tokens.renewed`: None when a renewed token was refused before any was taken."""
        if self._token is not None and self._token == refused and self._unproven_renewal:
            return None
        return await self._shared(refused)

    def accepted(self, token: Sealed) -> None:
        """See `Tokens.accepted`."""
        if self._unproven_renewal and self._token == token:
            self._unproven_renewal = False

    def _fresh(self) -> Sealed | None:
        return self._token if self._clock.wall() < self._good_until else None

    async def _shared(self, refused: Sealed | None) -> Sealed:
        asked_before = self._asked
        async with self._lock:
            current = self._fresh()
            if current is not None and (refused is None or current != refused):
                return current
            if self._error is not None and (
                self._asked != asked_before or isinstance(self._error, AccessDenied)
            ):
                raise _again(self._error)
            return await self._ask(renewal=refused is not None)

    async def _ask(self, *, renewal: bool) -> Sealed:
        self._error = None
        try:
            reply = await self._client.send(
                Call(
                    CREATE_TOKEN,
                    "POST",
                    "/v3/auth/tokens",
                    query={"nocatalog": "true"},
                    body=encode(self._request),
                )
            )
            text = _token_in(reply)
        except CloudError as error:
            self._asked += 1
            self._error = _harmless(error)
            raise self._error from error
        self._asked += 1
        self._learn_secret(text)
        self._token = Sealed(text, "IAM")
        self._good_until = self._clock.wall() + usable_seconds(reply, self._clock.wall())
        self._unproven_renewal = renewal
        return self._token


def _token_in(reply: Reply) -> str:
    text: str = reply.headers.get("x-subject-token", "").strip()
    if not is_token(text):
        raise Refused(
            CREATE_TOKEN, "IAM answered without a usable X-Subject-Token", status=reply.status
        )
    return text


def _harmless(error: CloudError) -> CloudError:
    """The same error, but never one that leaves open whether a write has happened.

    It is raised in the place of the call that wanted the token, and that one had no effect.
    """
    if not error.may_have_happened:
        return error
    return _again(error, Unreachable, "no token from IAM: ")


def _again(error: CloudError, kind: type[CloudError] | None = None, prefix: str = "") -> CloudError:
    """A copy to raise: one exception object must not collect the tracebacks of many callers."""
    return (kind or type(error))(
        error.operation,
        prefix + error.message,
        status=error.status,
        code=error.code,
        request_id=error.request_id,
    )


def usable_seconds(reply: Reply, now: float) -> float:
    """How long to use the token of this reply.

    Until 40 minutes before `expires_at`, or half its life where that is shorter. The life counts
    from the reply's `Date`, else from `issued_at`, both by IAM's clock; `now` is only the last
    resort.
    """
    body = reply.data.get("token") if isinstance(reply.data, dict) else None
    body = body if isinstance(body, dict) else {}
    expires = _moment(body.get("expires_at"))
    if expires is None:
        return DEFAULT_SECONDS
    bases = (reply.date, _moment(body.get("issued_at")), now)
    lifetime = expires - next(base for base in bases if base is not None)
    return max(lifetime - min(MARGIN_SECONDS, lifetime / 2), SHORTEST_SECONDS)


def _moment(value: Json) -> float | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
