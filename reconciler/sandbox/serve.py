"""The sandbox on a socket: loopback only, quiet, with replies that can truly be lost."""

import asyncio
import ipaddress
import socket
import time
from pathlib import Path
from typing import Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from reconciler.sandbox import acs3, iam, seeds
from reconciler.sandbox.app import DROP, create_app
from reconciler.sandbox.errors import SandboxError
from reconciler.sandbox.store import Store

DEFAULT_PORT: Final = 18473
_HEADER_BYTES: Final = 128 * 1024
"""Room for a token of 32,768 characters and more."""


class DroppingProtocol(H11Protocol):
    """HTTP/1.1 as uvicorn does it, with one thing more: the app can close its connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the parent
        """Hand the app the way to close this connection."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, DROP: self._drop}

    def _drop(self) -> None:
        """Close the connection now; whatever is still sent on it goes nowhere."""
        self.cycle.disconnected = True
        self.transport.abort()


def make_server(store: Store, *, host: str, port: int) -> uvicorn.Server:
    """A server that has not begun to serve yet. Raises SandboxError unless `host` is loopback."""
    _require_loopback(host)
    config = uvicorn.Config(
        create_app(store, now=time.time),
        host=host,
        port=port,
        http=DroppingProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
        h11_max_incomplete_event_size=_HEADER_BYTES,
    )
    return uvicorn.Server(config)


def serve(db_path: Path, *, host: str = "127.0.0.1", port: int = DEFAULT_PORT) -> None:
    """Serve until interrupted (SIGINT, SIGTERM).

    Raises SandboxError when the host is not loopback, the port is taken, or the file is not a
    sandbox file.
    """
    _require_loopback(host)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with Store(db_path) as store, socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise SandboxError(f"port {port} of {host} cannot be had: {error.strerror}") from error
        make_server(store, host=host, port=port).run(sockets=[listener])


def banner(port: int, host: str = "127.0.0.1") -> list[str]:
    """What to tell whoever starts the server: credentials and settings to paste."""
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    return [
        f"Sandbox of AgentRun, AppStage and IAM on {url} (loopback only, no real cloud).",
        "It knows these test credentials and no others:",
        f"  export ALIBABA_CLOUD_ACCESS_KEY_ID={acs3.ACCESS_KEY_ID}",
        f"  export ALIBABA_CLOUD_ACCESS_KEY_SECRET={acs3.ACCESS_KEY_SECRET}",
        f"  export HW_USER_NAME={iam.USER}",
        f"  export HW_USER_PASSWORD={iam.PASSWORD}",
        f"  export HW_DOMAIN_NAME={iam.DOMAIN}",
        "In reconcile.yaml:",
        "  targets:",
        "    local:",
        f'      agentrun: {{region: {seeds.REGION}, endpoint: "{url}"}}',
        "      appstage:",
        f'        endpoint: "{url}"',
        f'        iam: {{endpoint: "{url}", region: cn-north-4}}',
        "Its file is compressed, not encrypted: put no real secret into it.",
    ]


def _require_loopback(host: str) -> None:
    if host == "localhost":
        return
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise SandboxError(f"the sandbox listens on loopback only, not on {host!r}")
