"""The sandbox on a socket."""

import contextlib
import email.utils
import json
import socket
import time
from pathlib import Path

import httpx
import pytest

from reconciler.sandbox import control, serve
from reconciler.sandbox.errors import SandboxError
from reconciler.sandbox.store import Store
from tests.support.sandbox import AGENT, PASSWORD_LOGIN, TOKENS, served


def test_it_listens_on_loopback_only(tmp_path: Path) -> None:
    """Any other address is refused before a file or a port is touched."""
    for host in ("0.0.0.0", "192.0.2.1", "example.com", ""):
        with pytest.raises(SandboxError, match="loopback only"):
            serve.serve(tmp_path / "s.db", host=host, port=1)
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    """One clear error instead of a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SandboxError, match=f"port {port} of 127.0.0.1 cannot be had"):
            serve.serve(tmp_path / "s.db", port=port)


def test_the_banner_says_what_to_paste() -> None:
    """The test credentials, the endpoints, and that it is no vault."""
    text = "\n".join(serve.banner(4711))
    for part in (
        "ALIBABA_CLOUD_ACCESS_KEY_ID=sandbox",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET=sandbox",
        "HW_USER_NAME=sandbox",
        "HW_USER_PASSWORD=sandbox",
        "HW_DOMAIN_NAME=sandbox",
        'endpoint: "http://127.0.0.1:4711"',
        "compressed, not encrypted",
    ):
        assert part in text
    assert "http://[::1]:4711" in "\n".join(serve.banner(4711, "::1"))


def test_all_clouds_are_on_one_port(tmp_path: Path) -> None:
    """A token from IAM opens AppStage; the Date is the clock's; headers may be large."""
    with Store(tmp_path / "s.db") as store, served(store) as port:
        control.set_quirk(store, "token_length", 32_768)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            login = client.post(TOKENS, json=PASSWORD_LOGIN)
            token = login.headers["x-subject-token"]
            reply = client.get(AGENT, headers={"X-Auth-Token": token})
    assert reply.status_code == 200
    assert json.loads(reply.text)["asset_id"] in AGENT
    assert reply.headers.get_list("date") == [reply.headers["date"]]
    sent = email.utils.parsedate_to_datetime(reply.headers["date"]).timestamp()
    assert abs(sent - time.time()) < 60


def test_a_lost_reply_closes_the_connection(tmp_path: Path) -> None:
    """Nothing at all comes back, and the next connection works."""
    with Store(tmp_path / "s.db") as store, served(store) as port:
        control.set_quirk(store, "fault_cloud", "iam")
        control.set_quirk(store, "lost_reads_next", 2)
        body = json.dumps(PASSWORD_LOGIN).encode()
        with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
            head = f"POST {TOKENS} HTTP/1.1\r\nHost: h\r\nContent-Length: {len(body)}\r\n\r\n"
            raw.sendall(head.encode() + body)
            with contextlib.suppress(ConnectionResetError):
                assert raw.recv(1000) == b""
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
                client.post(TOKENS, json=PASSWORD_LOGIN)
            assert client.post(TOKENS, json=PASSWORD_LOGIN).status_code == 201
        assert [line.status for line in control.log_lines(store)] == [None, None, 201]
