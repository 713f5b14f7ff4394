"""No byte of a credential goes to a server whose certificate is not right."""

import ssl
from pathlib import Path

import pytest

from tests.support.cli import Ran
from tests.support.outside import (
    AGENT,
    ALIBABA,
    ALIBABA_TOKEN,
    GIVEN,
    HUAWEI,
    HUAWEI_PASSWORD,
    HUAWEI_TOKEN,
    RUNTIME,
    run_outside,
)
from tests.support.tls import BAD, HOSTS, context_of, recorder, root, signed, trust, watched

DENIED = b'{"code":"Forbidden","message":"no","error_code":"X.1","error_msg":"no"}'
ANSWER = b"HTTP/1.1 403 Forbidden\r\ncontent-length: %d\r\n\r\n%s" % (len(DENIED), DENIED)

ROUTES = {
    "agentrun": (RUNTIME, ALIBABA, "agentrun: {{endpoint: 'https://{0}:{port}'}}", ALIBABA_TOKEN),
    "appstage": (AGENT, GIVEN, "appstage: {{endpoint: 'https://{1}:{port}'}}", HUAWEI_TOKEN),
    "iam": (
        AGENT,
        HUAWEI,
        "appstage: {{endpoint: 'https://{1}:{port}', iam: {{endpoint: 'https://{2}:{port}'}}}}",
        HUAWEI_PASSWORD,
    ),
}
"""By each way that a credential can go: manifest, variables, section, and what must not be seen."""

every_route = pytest.mark.parametrize("route", sorted(ROUTES))


def sent(folder: Path, route: str, port: int, verb: str = "plan") -> Ran:
    """A run that would sign in at this port under the vendor's own name."""
    manifest, environ, section, _ = ROUTES[route]
    return run_outside(folder, section.format(*HOSTS, port=port), manifest, environ, verb)


@every_route
def test_a_good_certificate_gets_the_credential(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, route: str
) -> None:
    """The other tests would show it if a credential came through: here one does."""
    authority = root()
    trust(monkeypatch, tmp_path, authority)
    between = signed("between", authority, authority=True)
    context = context_of(tmp_path, signed("h", between))
    with watched(monkeypatch), recorder(context, ANSWER) as server:
        ran = sent(tmp_path, route, server.port)
    assert ran.code == 3
    assert ROUTES[route][3].encode() in bytes(server.received)


@every_route
@pytest.mark.parametrize("kind", sorted(BAD))
def test_a_bad_certificate_gets_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, route: str, kind: str
) -> None:
    """Whatever is wrong with the certificate: not one byte is sent, and exit 4 says why."""
    authority = root()
    trust(monkeypatch, tmp_path, authority)
    context = context_of(tmp_path, BAD[kind](authority))
    with watched(monkeypatch) as watch, recorder(context, ANSWER) as server:
        ran = sent(tmp_path, route, server.port)
    assert bytes(server.received) == b""
    assert ran.code == 4
    assert "cannot reach" in ran.out + ran.err
    assert {address[1] for address in watch.connected} == {server.port}
    # A certificate does not become right by asking again: once for each lookup, and no retry.
    assert server.connections <= 2


def old_protocol(context: ssl.SSLContext) -> None:
    """Nothing newer than TLS 1.1."""
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1


@every_route
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
@pytest.mark.parametrize("speaks", ["no TLS", "TLS 1.1"])
def test_a_server_without_proper_tls_gets_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, route: str, speaks: str
) -> None:
    """A port that speaks plain HTTP, or only what was broken years ago, gets no request."""
    authority = root()
    trust(monkeypatch, tmp_path, authority)
    context = None
    if speaks == "TLS 1.1":
        context = context_of(tmp_path, signed("h", authority))
        old_protocol(context)
    with watched(monkeypatch), recorder(context, ANSWER) as server:
        ran = sent(tmp_path, route, server.port)
    assert ROUTES[route][3].encode() not in bytes(server.received)
    assert b"HTTP/1.1" not in bytes(server.received)
    assert ran.code == 4


@every_route
def test_variables_for_certificates_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, route: str
) -> None:
    """SSL_CERT_FILE and its like make no authority trusted: a job's environment is no bundle."""
    stranger = root()
    trust(monkeypatch, tmp_path, root())
    file = tmp_path / "stranger.pem"
    from tests.support.tls import pem

    file.write_bytes(pem(stranger))
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(file))
    monkeypatch.setenv("PYTHONHTTPSVERIFY", "0")
    context = context_of(tmp_path, signed("h", stranger))
    with watched(monkeypatch), recorder(context, ANSWER) as server:
        ran = sent(tmp_path, route, server.port)
    assert (ran.code, bytes(server.received)) == (4, b"")
