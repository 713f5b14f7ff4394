"""No byte of a credential goes to a host that is not the vendor's, loopback's, or allowed."""

import os
from pathlib import Path

import pytest

from tests.support.outside import (
    AGENT,
    ALIBABA,
    GIVEN,
    HUAWEI,
    HUAWEI_PASSWORD,
    RUNTIME,
    run_outside,
)
from tests.support.tls import HOSTS, context_of, recorder, root, signed, trust, watched

DENIED = b'{"code":"Forbidden","message":"no","error_code":"X.1","error_msg":"no"}'
ANSWER = b"HTTP/1.1 403 Forbidden\r\ncontent-length: %d\r\n\r\n%s" % (len(DENIED), DENIED)

AGENTRUN, APPSTAGE, IAM = HOSTS

OUTSIDE = [
    "https://evil.example",
    "https://evil.example:443",
    f"https://{AGENTRUN}.evil.example",
    "https://evilaliyuncs.com",
    "https://evil-myhuaweicloud.com",
    "https://aliyuncs.com",
    "https://myhuaweicloud.com",
    f"https://{AGENTRUN}@evil.example",
    f"https://evil.example/{AGENTRUN}",
    f"https://evil.example#.{AGENTRUN}",
    f"https://evil.example?.{AGENTRUN}",
    f"https://evil.example\\.{AGENTRUN}",
    f"https://{AGENTRUN}\\@evil.example",
    f"https://{AGENTRUN}%2eevil.example",
    "https://agentrun.cn-hangzhou.aliyuncs.com。evil.example",
    "https://127.0.0.1.evil.example",
    "https://localhost.evil.example",
    "https://169.254.169.254",
    "https://[::ffff:8.8.8.8]",
    "https://134744072",
    "https://0x08080808",
    f"http://{AGENTRUN}",
    f"http://{APPSTAGE}",
    f"http://{IAM}",
    "http://evil.example",
    f"ftp://{AGENTRUN}",
    f"HTTP://{AGENTRUN}",
    f"//{AGENTRUN}",
    "file:///etc/passwd",
    f"https://user:pass@{AGENTRUN}",
]
"""Endpoints that a pull request may write into reconcile.yaml."""

SECTIONS = {
    "agentrun": (RUNTIME, ALIBABA, "agentrun: {{endpoint: {0}}}"),
    "appstage": (AGENT, GIVEN, "appstage: {{endpoint: {0}}}"),
    "iam": (AGENT, HUAWEI, "appstage: {{iam: {{endpoint: {0}}}}}"),
}

every_section = pytest.mark.parametrize("section", sorted(SECTIONS))


@every_section
@pytest.mark.parametrize("endpoint", OUTSIDE)
def test_an_edited_endpoint_is_refused_before_anything_is_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, section: str, endpoint: str
) -> None:
    """An endpoint elsewhere, or without TLS: no lookup, no connection, and a refusal."""
    manifest, environ, form = SECTIONS[section]
    quoted = "'" + endpoint.replace("'", "''") + "'"
    monkeypatch.chdir(tmp_path)
    with watched(monkeypatch) as watch:
        ran = run_outside(tmp_path, form.format(quoted), manifest, environ, "apply")
    assert (watch.looked_up, watch.connected) == ([], [])
    assert ran.code in (1, 7), ran.err


@pytest.mark.parametrize("name", ["region", "iam"])
@pytest.mark.parametrize(
    "region",
    ["evil.example/", "evil.example#", "x@evil.example", "x.evil.example?", "a/../b", "x:1"],
)
def test_a_region_is_no_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, region: str
) -> None:
    """A region becomes part of a host's name, so one that would lead elsewhere is refused."""
    form = {
        "region": f"agentrun: {{region: '{region}'}}",
        "iam": f"appstage: {{iam: {{region: '{region}'}}}}",
    }[name]
    manifest, environ = (RUNTIME, ALIBABA) if name == "region" else (AGENT, HUAWEI)
    with watched(monkeypatch) as watch:
        ran = run_outside(tmp_path, form, manifest, environ)
    assert (ran.code, watch.looked_up, watch.connected) == (1, [], [])


def test_only_the_environment_allows_another_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other tests would show it if a credential got out: with the variable one does."""
    authority = root()
    trust(monkeypatch, tmp_path, authority)
    context = context_of(tmp_path, signed("h", authority, hosts=("proxy.example",)))
    with watched(monkeypatch), recorder(context, ANSWER) as server:
        section = f"agentrun: {{endpoint: 'https://proxy.example:{server.port}'}}"
        refused = run_outside(tmp_path, section, RUNTIME, ALIBABA)
        assert (refused.code, server.connections) == (1, 0)
        assert "RECONCILE_ALLOW_HOSTS" in refused.err
        allowed = {**ALIBABA, "RECONCILE_ALLOW_HOSTS": "proxy.example"}
        ran = run_outside(tmp_path, section, RUNTIME, allowed)
    assert ran.code == 3
    assert ALIBABA["ALIBABA_CLOUD_ACCESS_KEY_ID"].encode() in bytes(server.received)


@pytest.mark.parametrize("section", ["agentrun", "appstage", "iam"])
@pytest.mark.parametrize("status", [300, 301, 302, 303, 305, 307, 308, 399])
@pytest.mark.parametrize("to", ["https://{0}:{1}/", "http://{0}:{1}/", "//{0}:{1}/"])
def test_a_redirect_is_an_error_and_never_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, section: str, status: int, to: str
) -> None:
    """Even to another of the vendor's hosts: what was signed for one goes to that one only."""
    authority = root()
    trust(monkeypatch, tmp_path, authority)
    context = context_of(tmp_path, signed("h", authority))
    manifest, environ, form = SECTIONS[section]
    with watched(monkeypatch) as watch, recorder(context, ANSWER) as elsewhere:
        place = to.format("agentrun.cn-beijing.aliyuncs.com", elsewhere.port)
        answer = (
            f"HTTP/1.1 {status} Go\r\nlocation: {place}\r\nrefresh: 0; url={place}\r\n"
            f"set-cookie: a=b\r\ncontent-length: 0\r\n\r\n"
        ).encode()
        with recorder(context, answer) as server:
            endpoint = f"'https://{dict(zip(SECTIONS, HOSTS, strict=True))[section]}:{server.port}'"
            ran = run_outside(tmp_path, form.format(endpoint), manifest, environ)
            assert server.connections >= 1
    assert elsewhere.connections == 0
    assert "agentrun.cn-beijing.aliyuncs.com" not in watch.looked_up
    assert ran.code in (3, 4), ran.out + ran.err
    assert "redirect" in ran.out + ran.err


@every_section
def test_proxy_variables_are_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, section: str
) -> None:
    """A job's proxy variables lead nothing of ours anywhere: the vendor is asked itself."""
    authority = root()
    trust(monkeypatch, tmp_path, authority)
    context = context_of(tmp_path, signed("h", authority))
    manifest, environ, form = SECTIONS[section]
    with recorder(None, b"HTTP/1.1 200 OK\r\n\r\n") as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
            address = "" if name == "NO_PROXY" else f"http://127.0.0.1:{proxy.port}"
            environ = {**environ, name: address, name.lower(): address}
            monkeypatch.setenv(name, address)
            monkeypatch.setenv(name.lower(), address)
        with watched(monkeypatch), recorder(context, ANSWER) as server:
            endpoint = f"'https://{dict(zip(SECTIONS, HOSTS, strict=True))[section]}:{server.port}'"
            ran = run_outside(tmp_path, form.format(endpoint), manifest, environ)
    assert proxy.connections == 0
    assert server.shaken >= 1
    assert ran.code == 3
    assert os.environ["HTTPS_PROXY"].endswith(str(proxy.port))


def test_each_credential_goes_to_its_own_vendor_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With both clouds in one target neither vendor gets to see what is the other's."""
    authority = root()
    trust(monkeypatch, tmp_path, authority)
    context = context_of(tmp_path, signed("h", authority))
    with (
        watched(monkeypatch) as watch,
        recorder(context, ANSWER) as one,
        recorder(context, ANSWER) as two,
    ):
        section = (
            f"agentrun: {{endpoint: 'https://{AGENTRUN}:{one.port}'}}\n"
            f"    appstage: {{endpoint: 'https://{APPSTAGE}:{two.port}', "
            f"iam: {{endpoint: 'https://{IAM}:{two.port}'}}}}"
        )
        run_outside(tmp_path, section, f"{RUNTIME}---\n{AGENT}", {**ALIBABA, **HUAWEI})
    assert set(watch.looked_up) == {AGENTRUN, IAM}
    assert ALIBABA["ALIBABA_CLOUD_ACCESS_KEY_ID"].encode() in bytes(one.received)
    assert HUAWEI_PASSWORD.encode() in bytes(two.received)
    for mine, theirs in ((one, HUAWEI), (two, ALIBABA)):
        assert not any(value.encode() in bytes(mine.received) for value in theirs.values())
    # The key to sign with is never sent to anybody.
    assert ALIBABA["ALIBABA_CLOUD_ACCESS_KEY_SECRET"].encode() not in bytes(one.received)
