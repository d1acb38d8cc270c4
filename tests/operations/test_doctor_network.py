"""The doctor on the way to Close."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from close_tui.close import trust
from close_tui.operations import doctor_network
from close_tui.sandbox.faults import Fault, FaultKind
from close_tui.settings import CLOSE_API_URL, Settings
from close_tui.vault.checking import Finding
from tests.conftest import NOWHERE
from tests.operations.checkup import case, found, levels

if TYPE_CHECKING:
    from tests.operations.conftest import Town

CLOSE = Settings(Path("/nowhere"), CLOSE_API_URL)


@pytest.fixture(autouse=True)
def plain_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start without a proxy, and with what the system trusts."""
    for kind in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file"):
        monkeypatch.delenv(kind, raising=False)
        monkeypatch.delenv(kind.upper(), raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)


async def test_an_answer_shows_api_clock_and_pkce(town: Town) -> None:
    """One call tells three things."""
    findings = await found(case(town.settings))

    assert findings["API"].detail.startswith("127.0.0.1 answers (200, ")
    assert "Within 60 s of Close's." == findings["clock"].detail
    assert "The server lists S256." == findings["PKCE"].detail


async def test_addresses_that_close_has_changed_are_a_warning(town: Town) -> None:
    """They are named, and not followed."""
    from tests.operations.conftest import Meddling

    async def after(request: httpx.Request, true: httpx.Response) -> httpx.Response:
        told = true.json() | {"revocation_endpoint": "https://new.close.example/revoke"}
        return httpx.Response(200, json=told)

    findings = await found(case(town.settings, transport=Meddling(after)))

    assert "warning" == findings["endpoints"].level
    assert "Revocations should go to https://new.close.example/revoke" in (
        findings["endpoints"].detail
    )
    assert "endpoints" not in await found(case(town.settings))


@pytest.mark.parametrize(
    ("ahead_s", "begins", "ends"),
    [(605, "10m 0", " behind Close's."), (-85, "1m 2", " ahead of C")],
)
async def test_a_wrong_clock_is_a_warning(
    town: Town, ahead_s: float, begins: str, ends: str
) -> None:
    """By how much, to the second, and which way."""
    town.world.policies.clock_ahead_s = ahead_s

    clock = (await found(case(town.settings)))["clock"]

    assert "warning" == clock.level
    assert clock.detail.startswith(f"This machine's clock is {begins}")
    assert ends in clock.detail
    assert clock.advice


@pytest.mark.parametrize(
    ("fault", "level", "words"),
    [
        (Fault(FaultKind.STATUS, status=503), "warning", "answers, but not properly (503"),
        (Fault(FaultKind.RATE_LIMITED), "warning", "answers, but not properly (429"),
        (Fault(FaultKind.NON_JSON), "problem", "Something answers in the place of 127.0.0.1 (200"),
        (Fault(FaultKind.DROPPED), "problem", "the connection broke"),
    ],
)
async def test_another_answer_is_judged(town: Town, fault: Fault, level: str, words: str) -> None:
    """Trouble of the server is a warning; somebody else's answer, or none, is a problem."""
    town.world.faults.add(fault, "metadata")

    findings = await found(case(town.settings))

    assert (level, True) == (findings["API"].level, words in findings["API"].detail), findings
    assert findings["API"].advice
    assert not {"clock", "PKCE"} & set(findings)


def test_nobody_there_is_a_problem() -> None:
    """In the words of every other command."""
    (finding,) = doctor_network.api(case(CLOSE._replace(api_url=NOWHERE)))

    assert ("problem", True) == (finding.level, "connection refused" in finding.detail)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (httpx.Response(404, json={"error": "Not found"}), ("ok", "ok", "warning")),
        (
            httpx.Response(200, json={"code_challenge_methods_supported": 7}),
            ("ok", "ok", "warning"),
        ),
        (
            httpx.Response(200, json={"code_challenge_methods_supported": ["plain", None]}),
            ("ok", "ok", "warning"),
        ),
    ],
)
def test_metadata_that_does_not_list_s256_is_a_warning(
    answer: httpx.Response, expected: tuple[str, ...]
) -> None:
    """An answer is an answer: Close never promised this address. Without a date no clock either."""

    def give(_: httpx.Request) -> httpx.Response:
        return httpx.Response(answer.status_code, stream=httpx.ByteStream(answer.content))

    looked = case(CLOSE, transport=httpx.MockTransport(give))

    found = list(doctor_network.api(looked))

    assert expected == tuple(each.level for each in found)
    assert "Not compared: the answer had no date." == found[1].detail
    assert "--no-pkce" in found[2].advice


@pytest.fixture
def silent_dns(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Name servers that do not answer; in the end they do, so that no thread is left."""
    end = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: end.wait(60))
    yield
    end.set()


def test_dns_that_does_not_answer_is_said(
    silent_dns: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A resolver that hangs would hold the whole program for as long as it likes."""
    monkeypatch.setattr(doctor_network, "_DNS_WAIT_S", 0.05)

    (finding,) = doctor_network.api(case(CLOSE))

    assert ("problem", "DNS did not answer within 0.05 s.") == (finding.level, finding.detail)


def test_the_proxy_is_shown_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """And without the user's name."""
    (none,) = doctor_network.proxy(case(CLOSE))
    monkeypatch.setenv("HTTPS_PROXY", "http://ada:CANARY@proxy.example:3128")
    (one,) = doctor_network.proxy(case(CLOSE))
    monkeypatch.setenv("HTTPS_PROXY", "gopher://CANARY")
    (bad,) = doctor_network.proxy(case(CLOSE))

    assert Finding("proxy", "ok", "None in front of api.close.com.") == none
    assert "http://HOST:3128 (HTTPS_PROXY, with a user name)" == one.detail
    assert ("problem", False) == (bad.level, "CANARY" in f"{bad.detail}{bad.advice}")


def test_the_trust_store_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The system's, or what a variable names in its place; a wrong variable is a problem."""
    bundle = tmp_path / "ca.pem"
    bundle.write_bytes(Path(trust.system_store()[0] or "").read_bytes())

    (system,) = doctor_network.trust_store(case(CLOSE))
    named = {"SSL_CERT_FILE": str(bundle)}
    (own,) = doctor_network.trust_store(case(CLOSE, environment=named))
    (wrong,) = doctor_network.trust_store(case(CLOSE, environment={"SSL_CERT_FILE": "/nowhere"}))

    assert ("ok", True) == (system.level, system.detail.startswith("The system's: /"))
    assert Finding("trust store", "ok", f"SSL_CERT_FILE names {bundle}.") == own
    assert ("problem", True) == (
        wrong.level,
        "names /nowhere, which cannot be used" in wrong.detail,
    )


def test_a_system_without_a_trust_store_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list that comes along does for now."""
    import certifi

    monkeypatch.setattr(trust, "system_store", lambda: (certifi.where(), None))

    (finding,) = doctor_network.trust_store(case(CLOSE))

    assert ("warning", True) == (finding.level, "ca-certificates" in finding.advice)


async def test_offline_calls_nobody(town: Town) -> None:
    """What lies on this machine is looked at all the same."""
    findings = await found(case(town.settings), offline=True)

    assert 0 == town.world.journal.count(route="metadata")
    assert not {"API", "clock", "PKCE"} & set(findings)
    assert {"proxy": "ok", "trust store": "ok"}.items() <= levels(findings).items()
