"""A company's network: its own certificate authority, and a proxy that opens tunnels."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64decode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "api.close.invalid"
"""A name that DNS does not know: only a proxy gets there."""

ME = b'HTTP/1.1 200 OK\r\nContent-Length: 16\r\nConnection: close\r\n\r\n{"id": "user_1"}'


class Authority:
    """A certificate authority; its certificate lies in a folder."""

    def __init__(self, folder: Path, name: str = "Company Inspection CA") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self._folder = folder
        self.file = folder / f"{name}.pem"
        made = (
            self._builder(self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))

    def server(self, host: str = HOST, age: timedelta = timedelta()) -> ssl.SSLContext:
        """Return a server's TLS settings for a host, with a certificate made some time ago."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
        leaf = (
            self._builder(name, key, age)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        both = self._folder / "server.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        both.write_bytes(leaf.public_bytes(serialization.Encoding.PEM) + private)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(both)
        return context

    def _builder(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, age: timedelta = timedelta()
    ) -> x509.CertificateBuilder:
        made = datetime.now(UTC) - age - timedelta(hours=1)
        return x509.CertificateBuilder(
            self._name,
            name,
            key.public_key(),
            x509.random_serial_number(),
            made,
            made + timedelta(days=2),
        )


@dataclass
class Tunnel:
    """A proxy: opens every tunnel to one port of this machine, and takes note of what it is told.

    Attributes:
        to: the port behind it.
        login: ``user:password`` that it asks for; empty for none.
        asked: the host and port of each tunnel.
        heard: every byte that it was sent before a tunnel stood.

    """

    to: int
    login: str = ""
    asked: list[str] = field(default_factory=list)
    heard: bytes = b""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        head = await reader.readuntil(b"\r\n\r\n")
        self.heard += head
        self.asked.append(head.split()[1].decode())
        if self.login and self.login != _login(head):
            writer.write(b"HTTP/1.1 407 Who are you \x1b[31m\r\nContent-Length: 0\r\n\r\n")
            return
        there, out = await asyncio.open_connection("127.0.0.1", self.to)
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        try:
            await asyncio.gather(_pour(reader, out), _pour(there, writer))
        finally:
            out.close()


def _login(head: bytes) -> str:
    for line in head.decode().split("\r\n"):
        name, _, value = line.partition(": ")
        if name.lower() == "proxy-authorization":
            return b64decode(value.removeprefix("Basic ")).decode()
    return ""


async def _pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while some := await source.read(65536):
            sink.write(some)
            await sink.drain()
    except ConnectionError:
        pass
    finally:
        sink.close()


async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say who it is, to whoever asks."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(ME)
    await writer.drain()
