"""Which certificates are trusted, and what is said of those that are not."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
import truststore

from close_tui.close import trust
from close_tui.close.client import Close
from close_tui.close.credential import Bearer
from close_tui.errors import Unreachable
from close_tui.secret import Secret
from tests.close.company import Authority, answering

if TYPE_CHECKING:
    from tests.close.conftest import Serve
    from tests.conftest import Need

TOKEN = Bearer(Secret("CANARY-token"))


@pytest.fixture(autouse=True)
def system(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start with what the system trusts."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)


async def refusal(port: int) -> Unreachable:
    """Return how a call to this machine fails."""
    async with Close(f"https://localhost:{port}", version="1") as close:
        with pytest.raises(Unreachable) as caught:
            await close.me(TOKEN)
    return caught.value


async def test_a_company_s_authority_is_trusted_once_it_is_named(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSL_CERT_FILE names it; without that it is refused."""
    authority = Authority(tmp_path)
    async with serve(answering, authority.server("localhost")) as port:
        refused = await refusal(port)
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        async with Close(f"https://localhost:{port}", version="1") as close:
            who = await close.me(TOKEN)

    assert "not trusted" in str(refused)
    assert "user_1" == who.user.id


async def test_a_folder_of_authorities_is_trusted(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, need: Need
) -> None:
    """SSL_CERT_DIR holds certificates under the names that OpenSSL looks for."""
    authority = Authority(tmp_path)
    folder = tmp_path / "hashed"
    folder.mkdir()
    authority.file.rename(folder / "ca.pem")
    subprocess.run([need("openssl"), "rehash", folder], check=True)
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))

    async with (
        serve(answering, authority.server("localhost")) as port,
        Close(f"https://localhost:{port}", version="1") as close,
    ):
        assert "user_1" == (await close.me(TOKEN)).user.id


async def test_who_signed_is_named_and_what_to_do(serve: Serve, tmp_path: Path) -> None:
    """Nothing was sent: the name of the one who inspects, and the variable that would trust it."""
    heard = b""

    async def listening(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        heard += await reader.read()

    server = Authority(tmp_path, "Zealous \x1b[31mInspection").server("localhost")
    async with serve(listening, server) as port:
        error = await refusal(port)

    assert str(error).startswith(
        "localhost: TLS certificate not trusted: it is signed by “Zealous [31mInspection”, which "
        "this machine does not trust (unable to get local issuer certificate). Nothing was sent."
    )
    assert "set SSL_CERT_FILE" in error.advice
    assert not error.sent
    assert b"" == heard


async def test_another_host_s_certificate_is_refused_whoever_signed_it(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trusted authority is not enough: the name must be the one that was called."""
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    async with serve(answering, authority.server("elsewhere.example")) as port:
        error = await refusal(port)

    assert str(error).startswith("localhost: TLS certificate of another host (Hostname mismatch")
    assert "Somebody else is answering" in error.advice


async def test_a_certificate_out_of_its_time_asks_for_the_clock(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Expired, or this machine's clock is wrong."""
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    server = authority.server("localhost", timedelta(days=9))
    async with serve(answering, server) as port:
        error = await refusal(port)

    assert "not valid at this time (certificate has expired)" in str(error)
    assert "clock" in error.advice


@pytest.mark.parametrize(
    ("variable", "kind", "why"),
    [
        ("SSL_CERT_FILE", "missing", "No such file or directory"),
        ("SSL_CERT_FILE", "text", "it holds no certificate"),
        ("SSL_CERT_DIR", "missing", "It is not a folder"),
    ],
)
async def test_a_variable_that_names_no_certificate_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, kind: str, why: str
) -> None:
    """Never a reason to trust something else, nor everything."""
    (tmp_path / "text").write_text("nothing here", encoding="utf-8")
    monkeypatch.setenv(variable, str(tmp_path / kind))

    error = await refusal(9)

    assert f"{variable} names {tmp_path / kind}, which cannot be used: {why}." in str(error)
    assert variable in error.advice
    assert not error.sent


async def test_a_bad_environment_does_not_stop_the_warming_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is said by the first call, not before."""
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/at/all")

    async with Close("https://localhost:9", version="1") as close:
        await close.warm()
        with pytest.raises(Unreachable, match="SSL_CERT_FILE"):
            await close.me(TOKEN)


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_mac_and_windows_judge_themselves(platform: str) -> None:
    """Their stores are asked for each certificate, unless a variable names others."""
    assert isinstance(trust.context({}, platform), truststore.SSLContext)


def test_variables_come_before_the_system_s_store(tmp_path: Path) -> None:
    """Everywhere; and nothing else is trusted beside what they name."""
    authority = Authority(tmp_path)

    context = trust.context({"SSL_CERT_FILE": str(authority.file)}, "darwin")

    assert [((("commonName", "Company Inspection CA"),),)] == [
        each["subject"] for each in context.get_ca_certs()
    ]


def test_every_context_checks_certificate_and_name(tmp_path: Path) -> None:
    """There is no switch that would turn this off."""
    named = {"SSL_CERT_FILE": str(Authority(tmp_path).file)}

    for context in (trust.context({}), trust.context(named), trust.context({}, "win32")):
        assert ssl.CERT_REQUIRED == context.verify_mode
        assert context.check_hostname


def test_a_system_without_certificates_has_those_that_come_along(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As in a bare container; an interpreter built elsewhere finds the usual places."""
    nowhere = SimpleNamespace(cafile=None, capath=str(tmp_path))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: nowhere)
    bundle = tmp_path / "bundle.crt"
    bundle.touch()

    monkeypatch.setattr(trust, "_BUNDLES", ("/nowhere", str(bundle)))
    assert (str(bundle), None) == trust.system_store()

    monkeypatch.setattr(trust, "_BUNDLES", ())
    file, _ = trust.system_store()
    assert "cacert.pem" == Path(file or "").name
