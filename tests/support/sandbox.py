"""A sandbox for tests: in process under a clock that the test holds, or served on a free port."""

import hashlib
import json
import socket
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import anyio
import httpx

from reconciler.sandbox import acs3, control, seeds
from reconciler.sandbox.app import create_app
from reconciler.sandbox.emulator import OPERATIONS
from reconciler.sandbox.message import Received
from reconciler.sandbox.serve import make_server
from reconciler.sandbox.store import LogLine, Store

Json = Any

NOON = 1_800_000_000.0
RUNTIMES = "/2025-09-10/agents/runtimes"
RUNTIME = f"{RUNTIMES}/{seeds.RUNTIME_ID}"
AGENT = f"/open/user/agent/{seeds.AGENT_ID}"
TOKENS = "/v3/auth/tokens"
PASSWORD_LOGIN = {
    "auth": {
        "identity": {
            "methods": ["password"],
            "password": {
                "user": {"name": "sandbox", "password": "sandbox", "domain": {"name": "sandbox"}}
            },
        },
        "scope": {"project": {"name": "cn-north-4"}},
    }
}


def sandbox_transport(store: Store, now: Callable[[], float]) -> httpx.ASGITransport:
    """The way into a sandbox without a socket; `now` returns seconds since the epoch."""
    return httpx.ASGITransport(app=create_app(store, now=now))


@contextmanager
def served(store: Store) -> Iterator[int]:
    """The sandbox on a free loopback port, in a thread of its own, under the real clock."""
    server = make_server(store, host="127.0.0.1", port=0)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(10)


class World:
    """Both clouds in process, and a clock that moves when the test says so."""

    def __init__(self, path: Path | None = None, *, seeded: bool = True) -> None:
        self.store = Store(path, seeded=seeded)
        self.now = NOON
        self._transport = sandbox_transport(self.store, lambda: self.now)
        self._token = ""

    def set(self, **switches: object) -> "World":
        """Set switches by name."""
        for name, value in switches.items():
            control.set_quirk(self.store, name, value)
        return self

    def later(self, seconds: float) -> "World":
        """Move the clock."""
        self.now += seconds
        return self

    def send(
        self,
        method: str,
        target: str,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """One request as it is. Raises ReplyLost where no reply comes."""

        async def run() -> httpx.Response:
            async with httpx.AsyncClient(
                transport=self._transport, base_url="http://127.0.0.1"
            ) as client:
                return await client.request(method, target, content=content, headers=headers)

        return anyio.run(run)

    def signed(
        self,
        method: str,
        path: str,
        body: Json = None,
        query: Mapping[str, object] | None = None,
        changes: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """One signed AgentRun request; `changes` replace headers (_ for -) before it is signed."""
        content = None if body is None else json.dumps(body).encode()
        text = urlencode({name: str(value) for name, value in (query or {}).items()})
        headers = sign(method, path, text, content or b"", self.now, changes or {})
        return self.send(method, f"{path}?{text}" if text else path, content, headers)

    def runtime(self, runtime_id: str = seeds.RUNTIME_ID) -> dict[str, Json]:
        """The wire object of a runtime."""
        reply = self.signed("GET", f"{RUNTIMES}/{runtime_id}")
        assert reply.status_code == 200, reply.text
        return dict(reply.json()["data"])

    def items(self, **query: object) -> list[dict[str, Json]]:
        """The runtimes of one list page."""
        reply = self.signed("GET", RUNTIMES, query=query)
        assert reply.status_code == 200, reply.text
        return list(reply.json()["data"]["items"])

    def update(self, **body: Json) -> httpx.Response:
        """A PUT on the seed runtime: what it must have, and these fields."""
        return self.signed("PUT", RUNTIME, {"cpu": 2, "memory": 2048, "port": 8080, **body})

    def token(self) -> str:
        """A fresh token by password."""
        reply = self.send("POST", TOKENS, json.dumps(PASSWORD_LOGIN).encode())
        assert reply.status_code == 201, reply.text
        return str(reply.headers["x-subject-token"])

    def tokened(
        self, method: str, path: str = AGENT, body: Json = None, *, token: str | None = None
    ) -> httpx.Response:
        """One AppStage request with a token that is got once."""
        self._token = token or self._token or self.token()
        content = None if body is None else json.dumps(body).encode()
        return self.send(method, path, content, {"X-Auth-Token": self._token})

    def asset(self) -> dict[str, Json]:
        """What a GET of the seed agent says."""
        reply = self.tokened("GET")
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    def properties(self, **changes: Json) -> dict[str, Json]:
        """The whole body of a PUT: the seed's asset with some properties changed."""
        return {**seeds.AGENT, "properties": {**seeds.PROPERTIES, **changes}}

    def log(self) -> list[LogLine]:
        """The request log."""
        return control.log_lines(self.store)

    def restarts(self) -> int:
        """How often the seed runtime was restarted."""
        return control.restart_counts(self.store)[seeds.RUNTIME_NAME]


def sign(
    method: str, path: str, query: str, body: bytes, now: float, changes: Mapping[str, str]
) -> dict[str, str]:
    """The headers of a signed request. `key`, `secret` and `unsigned` in `changes` bend it."""
    action = next(
        (op.name for op in OPERATIONS if op.method == method and op.pattern.fullmatch(path)),
        "Unknown",
    )
    headers = {
        "host": "127.0.0.1",
        "x-acs-action": action,
        "x-acs-version": acs3.VERSION,
        "x-acs-date": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": uuid.uuid4().hex,
        "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
    }
    bent = {name: changes[name] for name in ("key", "secret", "unsigned") if name in changes}
    headers |= {
        name.replace("_", "-"): value for name, value in changes.items() if name not in bent
    }
    signed = sorted(name for name in headers if name != bent.get("unsigned"))
    request = Received(method, path, query, headers, body)
    signature = acs3.sign(acs3.canonical_request(request, signed), bent.get("secret", "sandbox"))
    credential = bent.get("key", "sandbox")
    headers["authorization"] = (
        f"{acs3.ALGORITHM} Credential={credential},SignedHeaders={';'.join(signed)},"
        f"Signature={signature}"
    )
    return headers
