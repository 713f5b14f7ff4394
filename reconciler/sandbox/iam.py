"""Huawei Cloud IAM: tokens for a password or a key pair, and whether a token is good.

One user, one password, one domain, one key pair, all of them the word `sandbox`. Tokens are random
text; only their digests are kept. Key pairs (`hw_ak_sk`) work in practice but are documented by no
page of the vendor.
"""

import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from reconciler.sandbox import pointers
from reconciler.sandbox.appstage import failure
from reconciler.sandbox.context import Context
from reconciler.sandbox.message import Answer, Received

Json = Any

USER: Final = "sandbox"
PASSWORD: Final = "sandbox"  # noqa: S105  # the documented test credential
DOMAIN: Final = "sandbox"
ACCESS_KEY: Final = "sandbox"
SECRET_KEY: Final = "sandbox"  # noqa: S105  # the documented test credential

Params = Mapping[str, str]

_REJECTIONS: Final = {
    "APIGW.0301": (401, "Incorrect IAM authentication information: token expires"),
    "APIGW.0307": (401, "The token must be updated"),
    "AIAE.22001002": (200, "IAM认证异常"),
    "AIAE.22001003": (200, "认证失败:token"),
}
_MIN_TOKEN: Final = 32

_PASSWORD_PARTS: Final = (
    ("/auth/identity/password/user/name", USER),
    ("/auth/identity/password/user/password", PASSWORD),
    ("/auth/identity/password/user/domain/name", DOMAIN),
)
_KEY_PARTS: Final = (
    ("/auth/identity/hw_ak_sk/access/key", ACCESS_KEY),
    ("/auth/identity/hw_ak_sk/secret/key", SECRET_KEY),
)


def create_token(context: Context, request: Received, _: Params) -> Answer:
    """A token for a password or a key pair; 201 and the token in X-Subject-Token."""
    body = request.json
    if not isinstance(body, dict) or not isinstance(body.get("auth"), dict):
        return _error(400, "IAM.0011", "the request body is invalid")
    scope = pointers.find(body, "/auth/scope")
    if not isinstance(scope, dict) or len(scope.keys() & {"project", "domain"}) != 1:
        return _error(400, "IAM.0072", "scope needs exactly one of project and domain")
    methods = pointers.find(body, "/auth/identity/methods")
    match methods:
        case ["password"]:
            good = _equal(body, _PASSWORD_PARTS)
        case ["hw_ak_sk"]:
            good = _equal(body, _KEY_PARTS)
        case _:
            return _error(400, "IAM.0007", "the sandbox knows the methods password and hw_ak_sk")
    if not good:
        return Answer(
            401,
            {
                "error": {
                    "code": 401,
                    "message": "The username or password is wrong.",
                    "title": "Unauthorized",
                }
            },
        )
    return _token(context, str(methods[0]), scope, bare="nocatalog" in request.query)


def refuse_id_token(_: Context, __: Received, ___: Params) -> Answer:
    """Tokens for an identity provider's word: no provider is set up here."""
    return _error(403, "IAM.0007", "the sandbox has no identity provider")


def authenticate(context: Context, request: Received) -> Answer | None:
    """The answer to a request whose X-Auth-Token is not good; None where it is."""
    token = request.headers.get("x-auth-token", "")
    if not token or not context.store.token_is_good(token, context.now):
        said = "token expires" if token else "x-auth-token not found"
        return failure(401, "APIGW.0301", f"Incorrect IAM authentication information: {said}")
    if context.take("reject_token_next"):
        context.store.drop_token(token)
        context.notes.append("good token refused")
        code = context.quirks.reject_token_code
        status, message = _REJECTIONS[code]
        return failure(status, code, message)
    return None


def _token(context: Context, method: str, scope: dict[str, Json], *, bare: bool) -> Answer:
    lifetime = context.quirks.token_lifetime_seconds
    token = secrets.token_hex(max(_MIN_TOKEN, context.quirks.token_length) // 2)
    context.store.keep_token(token, context.now + lifetime, context.now)
    kind, named = next(item for item in scope.items() if item[0] in ("project", "domain"))
    name = (named.get("name") or named.get("id")) if isinstance(named, dict) else None
    domain = {"id": "0" * 32, "name": DOMAIN}
    content: dict[str, Json] = {
        "methods": [method],
        "issued_at": _time(context.now),
        "expires_at": _time(context.now + lifetime),
        "user": {"id": "1" * 32, "name": USER, "domain": domain},
        "roles": [],
        kind: domain if kind == "domain" else {"id": "2" * 32, "name": name, "domain": domain},
    }
    if not bare:
        content["catalog"] = []
    return Answer(201, {"token": content}, {"X-Subject-Token": token})


def _equal(body: Json, parts: tuple[tuple[str, str], ...]) -> bool:
    return all(
        isinstance(given := pointers.find(body, pointer), str)
        and hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())
        for pointer, expected in parts
    )


def _error(status: int, code: str, message: str) -> Answer:
    return failure(status, code, message)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
