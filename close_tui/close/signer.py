"""Who has signed a certificate that is not trusted: for the words of an error, for nothing else."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from typing import Final
from urllib.parse import unquote, urlsplit

from close_tui.close.proxies import Proxy
from close_tui.text import clean

_WAIT_S: Final = 3.0


async def signer(host: str, port: int, proxy: Proxy | None) -> str:
    """Return the name of who says to have signed a host's certificate; empty when it is not told.

    A second handshake, on a connection over which nothing is said. It cannot check the name, and
    whatever it learns decides nothing: the call that failed has failed.
    """
    try:
        async with asyncio.timeout(_WAIT_S):
            return _issuer(await _certificate(host, port, proxy))
    except (OSError, ValueError, EOFError, asyncio.LimitOverrunError):
        return ""


async def _certificate(host: str, port: int, proxy: Proxy | None) -> bytes | None:
    looking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    looking.check_hostname = False
    looking.verify_mode = ssl.CERT_NONE
    if proxy is None:
        _, writer = await asyncio.open_connection(host, port, ssl=looking, server_hostname=host)
    elif proxy.scheme == "http":
        writer = await _through(proxy, host, port)
        try:
            await writer.start_tls(looking, server_hostname=host)
        except BaseException:
            writer.transport.abort()
            raise
    else:
        return None
    try:
        tls: ssl.SSLObject = writer.get_extra_info("ssl_object")
        return tls.getpeercert(binary_form=True)
    finally:
        writer.transport.abort()


async def _through(proxy: Proxy, host: str, port: int) -> asyncio.StreamWriter:
    """Open a tunnel (RFC 9110 §9.3.6)."""
    there = urlsplit(proxy.url.reveal())
    reader, writer = await asyncio.open_connection(there.hostname, there.port or 80)
    try:
        login = ""
        if there.username is not None:
            pair = f"{unquote(there.username)}:{unquote(there.password or '')}"
            login = f"Proxy-Authorization: Basic {b64encode(pair.encode()).decode()}\r\n"
        place = f"{host}:{port}"
        writer.write(f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n{login}\r\n".encode())
        # Without a tunnel the handshake will fail, which is as good.
        await reader.readuntil(b"\r\n\r\n")
    except BaseException:
        writer.transport.abort()
        raise
    return writer


def _issuer(certificate: bytes | None) -> str:
    if not certificate:
        return ""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    name = x509.load_der_x509_certificate(certificate).issuer
    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        if found := name.get_attributes_for_oid(kind):
            return clean(found[0].value, 80)
    return ""
