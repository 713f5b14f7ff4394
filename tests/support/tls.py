"""Servers with certificates good and bad on loopback, and an eye on every connection.

Names of hosts lead to loopback while `watched` lasts, so that the vendors' own names can be used.
"""

import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOST = "agentrun.cn-hangzhou.aliyuncs.com"
HOSTS = (HOST, "aiae.appstage.myhuaweicloud.com", "iam.cn-north-4.myhuaweicloud.com")
NOW = datetime.now(UTC)
LONG_AGO, YESTERDAY = NOW - timedelta(days=900), NOW - timedelta(days=1)
TOMORROW, FAR_OFF = NOW + timedelta(days=1), NOW + timedelta(days=900)

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Signed:
    """A certificate with its key, and those that lead from it to a root, the root left out."""

    certificate: x509.Certificate
    key: Key
    above: tuple["Signed", ...] = ()


def signed(
    name: str,
    by: Signed | None = None,
    *,
    authority: bool = False,
    hosts: tuple[str, ...] = HOSTS,
    begins: datetime = LONG_AGO,
    ends: datetime = FAR_OFF,
    usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
    key: Key | None = None,
    within: tuple[str, ...] = (),
) -> Signed:
    """A certificate by `by`, by itself for None. `within` are the names that it may vouch for."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if not authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        if hosts:
            names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
    if within:
        limits = x509.NameConstraints([x509.DNSName(one) for one in within], None)
        builder = builder.add_extension(limits, critical=True)
    signer = by.key if by else own
    above = () if by is None or by.certificate.issuer == by.certificate.subject else (by, *by.above)
    return Signed(builder.sign(signer, hashes.SHA256()), own, above)


def root() -> Signed:
    """An authority."""
    return signed("a root", authority=True)


def weak_key() -> Key:
    """A key that is too short for our days."""
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)


BAD: dict[str, Callable[[Signed], Signed]] = {
    "expired": lambda ca: signed("h", ca, ends=YESTERDAY),
    "not yet valid": lambda ca: signed("h", ca, begins=TOMORROW),
    "of another host": lambda ca: signed("h", ca, hosts=("agentrun.cn-beijing.aliyuncs.com",)),
    "of a wider wildcard": lambda ca: signed("h", ca, hosts=("*.aliyuncs.com", "*.com")),
    "self-signed": lambda _ca: signed(HOST),
    "of an unknown authority": lambda _ca: signed("h", root()),
    "for clients": lambda ca: signed("h", ca, usage=ExtendedKeyUsageOID.CLIENT_AUTH),
    "by a certificate that is no authority": lambda ca: signed("h", signed("leaf", ca)),
    "by an authority that expired": lambda ca: signed(
        "h", signed("between", ca, authority=True, ends=YESTERDAY)
    ),
    "by an authority for other names": lambda ca: signed(
        "h", signed("between", ca, authority=True, within=("example.com",))
    ),
    "with a short key": lambda ca: signed("h", ca, key=weak_key()),
    "with its name in the subject only": lambda ca: signed(HOST, ca, hosts=()),
}
"""Certificates that must not be believed, by what is wrong with them."""


def pem(*chain: Signed) -> bytes:
    """Certificates as text."""
    return b"".join(one.certificate.public_bytes(serialization.Encoding.PEM) for one in chain)


def trust(monkeypatch: pytest.MonkeyPatch, folder: Path, authority: Signed) -> None:
    """Let `authority` be all that certifi's bundle holds."""
    file = folder / "authorities.pem"
    file.write_bytes(pem(authority))
    monkeypatch.setattr(certifi, "where", lambda: str(file))


def context_of(folder: Path, shown: Signed) -> ssl.SSLContext:
    """What a server shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # the server is the bad one: it takes a short key
    file = folder / f"server-{id(shown)}.pem"
    key = shown.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(key + pem(shown, *shown.above))
    context.load_cert_chain(file)
    return context


@dataclass
class Recorder:
    """A server that keeps every byte that comes through, and answers each request alike."""

    port: int
    connections: int = 0
    shaken: int = 0
    received: bytearray = field(default_factory=bytearray)


@contextmanager
def recorder(context: ssl.SSLContext | None, answer: bytes) -> Iterator[Recorder]:
    """A recorder on a free loopback port; without a context it speaks no TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        record = Recorder(listener.getsockname()[1])
        stopped = threading.Event()
        listener.settimeout(0.05)

        def serve() -> None:
            while not stopped.is_set():
                with suppress(TimeoutError, OSError):
                    raw, _ = listener.accept()
                    record.connections += 1
                    raw.settimeout(2)
                    threading.Thread(target=one, args=[raw], daemon=True).start()

        def one(raw: socket.socket) -> None:
            with suppress(OSError), raw:
                stream = raw if context is None else context.wrap_socket(raw, server_side=True)
                record.shaken += 1
                with stream:
                    while data := stream.recv(65536):
                        record.received += data
                        stream.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield record
        finally:
            stopped.set()
            thread.join(5)


@dataclass
class Watch:
    """What the process looked up and connected to."""

    looked_up: list[str] = field(default_factory=list)
    connected: list[Any] = field(default_factory=list)


_WATCHES: list[Watch] = []


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        for watch in _WATCHES:
            watch.connected.append(arguments[1])


_hooked = threading.Event()


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Every name leads to loopback, and every lookup and connection is noted."""
    if not _hooked.is_set():
        sys.addaudithook(_audit)  # stays for the life of the process, and mostly finds no watch
        _hooked.set()
    watch = Watch()
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        watch.looked_up.append(name)
        return real("127.0.0.1", port, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    _WATCHES.append(watch)
    try:
        yield watch
    finally:
        _WATCHES.remove(watch)
