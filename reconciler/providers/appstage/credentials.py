"""Who signs in, and what is asked of IAM for it. Looks in the environment it is handed only.

Three ways, best first: a token that somebody else minted, an IAM user's password, an access key.
The access key way (`hw_ak_sk`) is accepted by IAM in practice and used by public clients, but no
page of the vendor documents it; `describe` says so, and so does every first line of a command.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

from reconciler.model.errors import CredentialsMissing
from reconciler.model.sealed import Sealed
from reconciler.model.tree import Tree
from reconciler.providers.appstage.settings import IamSettings

TOKEN: Final = "HUAWEICLOUD_AUTH_TOKEN"  # noqa: S105 - a variable's name
USER: Final = "HW_USER_NAME"
PASSWORD: Final = "HW_USER_PASSWORD"  # noqa: S105 - a variable's name
DOMAIN: Final = "HW_DOMAIN_NAME"
KEY: Final = "HUAWEICLOUD_SDK_AK"
SECRET_KEY: Final = "HUAWEICLOUD_SDK_SK"  # noqa: S105 - a variable's name
SECURITY_TOKEN: Final = "HUAWEICLOUD_SDK_SECURITY_TOKEN"  # noqa: S105 - a variable's name

SETS: Final[tuple[tuple[str, ...], ...]] = (
    (TOKEN,),
    (USER, PASSWORD, DOMAIN),
    (KEY, SECRET_KEY),
)
"""Sets of variables, each enough to sign in, best first."""

_HEADER_SAFE: Final = re.compile(r"[\x21-\x7e]+\Z")
_ID: Final = re.compile(r"[0-9a-f]{32}\Z")


@dataclass(frozen=True, slots=True)
class GivenToken:
    """A token from the environment. It cannot be renewed."""

    token: Sealed


@dataclass(frozen=True, slots=True)
class Password:
    """An IAM user. The upgraded main account (a HUAWEI ID) gets no token this way."""

    user: str
    password: Sealed
    domain: str


@dataclass(frozen=True, slots=True)
class AccessKey:
    """An access key pair, with the security token where the pair is temporary."""

    key: Sealed
    secret: Sealed
    security_token: Sealed | None


SignIn: TypeAlias = Password | AccessKey
"""What IAM gives a token for."""

Credentials: TypeAlias = GivenToken | SignIn


def is_token(text: str) -> bool:
    """Whether a text can stand in a header as a token."""
    return _HEADER_SAFE.match(text) is not None


def find(environ: Mapping[str, str], iam: IamSettings) -> Credentials:
    """The best complete set of credentials. An empty variable is one that is not set.

    Raises CredentialsMissing that names what is missing of a half set, or all the ways.
    """
    token = environ.get(TOKEN, "").strip()
    if token:
        if not is_token(token):
            raise CredentialsMissing(f"{TOKEN} holds characters that no token has")
        return GivenToken(Sealed(token, f"env:{TOKEN}"))
    password, pair = _password(environ, iam), _pair(environ)
    if all(password.values()):
        secret = Sealed(password[PASSWORD], f"env:{PASSWORD}")
        return Password(password[USER], secret, password[DOMAIN])
    if all(pair.values()):
        temporary = environ.get(SECURITY_TOKEN, "")
        return AccessKey(
            Sealed(pair[KEY], f"env:{KEY}"),
            Sealed(pair[SECRET_KEY], f"env:{SECRET_KEY}"),
            Sealed(temporary, f"env:{SECURITY_TOKEN}") if temporary else None,
        )
    raise CredentialsMissing(_missing(password, pair))


def _password(environ: Mapping[str, str], iam: IamSettings) -> dict[str, str]:
    given = {name: environ.get(name, "") for name in (USER, PASSWORD, DOMAIN)}
    return given | {DOMAIN: iam.domain or given[DOMAIN]}


def _pair(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: environ.get(name, "") for name in (KEY, SECRET_KEY)}


def passed_over(environ: Mapping[str, str], iam: IamSettings) -> Iterator[str]:
    """Sets that are not used because half of them is missing, each in words without a value."""
    for half in _halves(_password(environ, iam), _pair(environ)):
        missing = [name for name, value in half.items() if not value]
        what = "the access key" if KEY in half else "the IAM user's password"
        be = "is" if len(missing) == 1 else "are"
        yield f"{' and '.join(missing)} {be} missing, so {what} is not used"


def _halves(password: dict[str, str], pair: dict[str, str]) -> list[dict[str, str]]:
    """Those of which something is set, but not everything. A domain alone is no beginning."""
    begun = ((password, password[USER] or password[PASSWORD]), (pair, any(pair.values())))
    return [half for half, some in begun if some and not all(half.values())]


def _missing(password: dict[str, str], pair: dict[str, str]) -> str:
    halves = _halves(password, pair)
    if halves:
        told = "; ".join(
            f"{' and '.join(n for n in half if half[n])} set, "
            f"but not {' and '.join(n for n in half if not half[n])}"
            for half in halves
        )
        return f"AppStage: {told}"
    ways = ", or ".join(" and ".join(names) for names in SETS)
    return f"AppStage: no credentials; set {ways}"


def secrets(credentials: Credentials) -> Iterator[Sealed]:
    """The values of which no output may hold a trace."""
    match credentials:
        case GivenToken():
            yield credentials.token
        case Password():
            yield credentials.password
        case AccessKey():
            yield credentials.secret
            if credentials.security_token:
                yield credentials.security_token
        case _:
            assert_never(credentials)


def describe(credentials: Credentials) -> str:
    """Who signs in, in words that may be printed."""
    match credentials:
        case GivenToken():
            return f"token from {TOKEN}"
        case Password():
            return f"user {credentials.user} by password"
        case AccessKey():
            return f"access key from {KEY} (hw_ak_sk, not documented by the vendor)"
        case _:
            assert_never(credentials)


def token_request(sign_in: SignIn, iam: IamSettings) -> Tree:
    """The body of `POST /v3/auth/tokens`, its secrets still sealed.

    The scope is always a project: by id where the setting looks like one (32 hexadecimal digits),
    else by name, by default the one that has the region's name.
    """
    project = iam.project or iam.region
    by = "id" if _ID.match(project) else "name"
    return {
        "auth": {
            "identity": _identity(sign_in),
            "scope": {"project": {by: project}},
        }
    }


def _identity(sign_in: SignIn) -> Tree:
    match sign_in:
        case Password():
            user = {
                "domain": {"name": sign_in.domain},
                "name": sign_in.user,
                "password": sign_in.password,
            }
            return {"methods": ["password"], "password": {"user": user}}
        case AccessKey():
            pair: Tree = {"access": {"key": sign_in.key}, "secret": {"key": sign_in.secret}}
            if sign_in.security_token:
                pair["security_token"] = {"key": sign_in.security_token}
            return {"methods": ["hw_ak_sk"], "hw_ak_sk": pair}
        case _:
            assert_never(sign_in)
