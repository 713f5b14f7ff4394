"""Which hosts may see credentials.

A pull request can edit `reconcile.yaml`, so a host that it names is believed only where the
environment, which a pull request cannot edit, says so.
"""

import ipaddress
import re
from collections.abc import Mapping, Set
from typing import Final

from reconciler.model.errors import InputError, Problem
from reconciler.model.manifest import Place

ALLOW_HOSTS: Final = "RECONCILE_ALLOW_HOSTS"

_TRUSTED_SUFFIXES: Final = (".aliyuncs.com", ".myhuaweicloud.com")
_URL: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)"
    r"(?::(?P<port>[0-9]{1,5}))?/?",
    re.ASCII,
)
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)


def allowed_hosts(environ: Mapping[str, str]) -> frozenset[str]:
    """The host names in `RECONCILE_ALLOW_HOSTS`: exact, separated by commas, in lower case.

    Raises InputError for anything that is not a host name: a pattern would allow too much.
    """
    text = environ.get(ALLOW_HOSTS, "")
    hosts = [host.strip() for host in text.split(",")]
    problems = [
        Problem(
            Place(ALLOW_HOSTS, 1, 1),
            "host",
            f"item {number} is not a host name",
            "exact names separated by commas, without scheme, port or *",
        )
        for number, host in enumerate(hosts, start=1)
        if host and not _HOST.fullmatch(host)
    ]
    if problems:
        raise InputError(f"{ALLOW_HOSTS}: {problems[0].text}", problems)
    return frozenset(host.lower() for host in hosts if host)


def check_endpoint(url: str, allowed: Set[str]) -> str | None:
    """Why credentials may not go to this endpoint, None when they may.

    An endpoint is a scheme, a host and perhaps a port: no user, path, query or fragment.
    """
    match = _URL.fullmatch(url)
    if match is None:
        return _malformed(url)
    scheme, host = match["scheme"].lower(), match["host"].lower()
    if scheme not in {"http", "https"}:
        return "an endpoint begins with https://"
    if match["port"] is not None and not 0 < int(match["port"]) <= 65535:
        return "the port is out of range"
    if _is_loopback(host):
        return None
    if scheme == "http":
        return "http:// is for this machine only: credentials would travel unprotected"
    if not _HOST.fullmatch(host):
        return "this is not a host name"
    if host.endswith(_TRUSTED_SUFFIXES) or host in allowed:
        return None
    return f"credentials do not go to this host unless {ALLOW_HOSTS} names it"


def _malformed(url: str) -> str:
    authority = url.partition("://")[2].partition("/")[0]
    if "@" in authority:
        return "an endpoint holds no user name and no password"
    if "?" in url or "#" in url:
        return "an endpoint has no query and no fragment"
    if "://" in url and url.partition("://")[2].partition("/")[2]:
        return "an endpoint has no path"
    return "an endpoint is written like https://host or http://127.0.0.1:8080"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
