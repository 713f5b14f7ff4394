"""ACS3-HMAC-SHA256: how requests to this cloud are signed.

The signature is a pure function of the request; date and nonce come from outside. Source: the
vendor's page "V3 request structure and signature", and vectors made with the vendor's own client.
Nothing here is printed: the secret is sealed until the moment it becomes a key.
"""

import hashlib
import hmac
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, unquote

import httpx

from reconciler.model.sealed import Sealed
from reconciler.providers.agentrun.operations import API_VERSION

ALGORITHM: Final = "ACS3-HMAC-SHA256"

_SIGNED: Final = frozenset({"accept", "content-type", "host", "user-agent"})
_SIGNED_PREFIX: Final = "x-acs-"


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key, with a security token when it is a temporary one."""

    access_key_id: str
    access_key_secret: Sealed
    security_token: Sealed | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """The two texts that a signature rests on, for comparison with published ones."""

    canonical_request: str
    authorization: str


def canonical_query(raw_query: str) -> str:
    """The query as it is signed: sorted by name, encoded by RFC 3986, whatever the wire has."""
    pairs = (part.partition("=") for part in raw_query.split("&") if part)
    # Sorted by plain name: the rule is stated for names before their encoding.
    decoded = sorted((_decode(name), _decode(value)) for name, _, value in pairs)
    return "&".join(f"{quote(n, safe='~')}={quote(v, safe='~')}" for n, v in decoded)


def _decode(text: str) -> str:
    return unquote(text.replace("+", "%20"), errors="strict")


def sign(
    method: str,
    path: str,
    raw_query: str,
    headers: Mapping[str, str],
    credentials: Credentials,
) -> Signed:
    """Sign one request.

    `path` is encoded as on the wire. `headers` are those to sign, all of them, lower-case, with
    `x-acs-content-sha256` among them.
    """
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    content = headers["x-acs-content-sha256"]
    canonical = f"{method}\n{path}\n{canonical_query(raw_query)}\n{lines}\n{names}\n{content}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = credentials.access_key_secret.reveal().encode()
    signature = hmac.new(key, f"{ALGORITHM}\n{digest}".encode(), hashlib.sha256).hexdigest()
    return Signed(
        canonical,
        f"{ALGORITHM} Credential={credentials.access_key_id},"
        f"SignedHeaders={names},Signature={signature}",
    )


class Acs3(httpx.Auth):
    """Signs each request, with its own date and nonce, for the operation in its `extensions`.

    `now` is the time in seconds since the epoch; the cloud takes 15 minutes of difference.
    `nonce` must never return the same text twice.
    """

    requires_request_body = True

    def __init__(
        self, credentials: Credentials, now: Callable[[], float], nonce: Callable[[], str]
    ) -> None:
        self._credentials = credentials
        self._now = now
        self._nonce = nonce

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """See `httpx.Auth.auth_flow`."""
        self._stamp(request)
        signed = {
            name: value
            for name, value in request.headers.items()
            if name in _SIGNED or name.startswith(_SIGNED_PREFIX)
        }
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        result = sign(request.method, path, query, signed, self._credentials)
        request.headers["authorization"] = result.authorization
        yield request

    def _stamp(self, request: httpx.Request) -> None:
        """Set the headers that the signature covers."""
        headers = request.headers
        moment = datetime.fromtimestamp(self._now(), UTC)
        headers["x-acs-version"] = API_VERSION
        headers["x-acs-action"] = str(request.extensions["operation"])
        headers["x-acs-date"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        headers["x-acs-signature-nonce"] = self._nonce()
        headers["x-acs-content-sha256"] = hashlib.sha256(request.content).hexdigest()
        token = self._credentials.security_token
        headers["x-acs-credentials-provider"] = "static_sts" if token else "static_ak"
        if token:
            headers["x-acs-accesskey-id"] = self._credentials.access_key_id
            headers["x-acs-security-token"] = token.reveal()
