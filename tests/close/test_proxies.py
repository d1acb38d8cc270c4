"""A company's proxy: used where the environment says so, and its refusals explained."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.close.client import Close
from close_tui.close.credential import Bearer
from close_tui.close.proxies import Proxy, proxy_for
from close_tui.errors import Unreachable
from close_tui.secret import Secret
from tests.close.company import HOST, Authority, Tunnel, answering

if TYPE_CHECKING:
    from tests.close.conftest import Serve

TOKEN = Bearer(Secret("CANARY-token"))
URL = f"https://{HOST}"
LOGIN = "ada:CANARY-p@ss"
WRITTEN = "ada:CANARY-p%40ss"


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The company's, trusted."""
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    return made


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start without any."""
    for kind in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{kind}_proxy", raising=False)
        monkeypatch.delenv(f"{kind}_proxy".upper(), raising=False)


async def refusal(url: str = URL) -> Unreachable:
    """Return how a call fails."""
    async with Close(url, version="1") as close:
        with pytest.raises(Unreachable) as caught:
            await close.me(TOKEN)
    return caught.value


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
async def test_close_is_reached_through_the_proxy(
    serve: Serve, authority: Authority, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Inside of TLS that ends at Close: the proxy learns the host, and no secret."""
    async with serve(answering, authority.server()) as behind:
        tunnel = Tunnel(behind)
        async with serve(tunnel.talk) as port, Close(URL, version="1") as close:
            monkeypatch.setenv(name, f"127.0.0.1:{port}")
            who = await close.me(TOKEN)

    assert "user_1" == who.user.id
    assert [f"{HOST}:443"] == tunnel.asked
    assert b"CANARY" not in tunnel.heard


async def test_a_proxy_is_given_its_user_name_and_password(
    serve: Serve, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those in its address; what is special in them is written as %40 and the like."""
    async with serve(answering, authority.server()) as behind:
        tunnel = Tunnel(behind, LOGIN)
        async with serve(tunnel.talk) as port, Close(URL, version="1") as close:
            monkeypatch.setenv("HTTPS_PROXY", f"http://{WRITTEN}@127.0.0.1:{port}")
            who = await close.me(TOKEN)

    assert "user_1" == who.user.id


@pytest.mark.parametrize(
    ("given", "words", "advice"),
    [
        ("", "asks for a user name and a password (407)", "Put them into HTTPS_PROXY"),
        ("ada:CANARY-wrong@", "does not accept the user name and password", "Correct them in"),
    ],
)
async def test_a_proxy_that_wants_to_know_who_asks_is_explained(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, given: str, words: str, advice: str
) -> None:
    """407: the proxy is named as the environment has it, without what is secret in it."""
    tunnel = Tunnel(0, LOGIN)
    async with serve(tunnel.talk) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{given}127.0.0.1:{port}")
        error = await refusal()

    assert f"The proxy http://127.0.0.1:{port} (HTTPS_PROXY) {words}" in str(error)
    assert not error.sent
    assert error.advice.startswith(advice)
    shown = f"{error}{error.advice}{''.join(traceback.format_exception(error))}"
    assert "CANARY" not in shown
    assert "\x1b" not in shown


async def test_no_proxy_goes_around_it(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host under one that is listed is looked for directly: here DNS does not know it."""
    tunnel = Tunnel(0)
    async with serve(tunnel.talk) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("NO_PROXY", "intranet, .close.invalid")
        error = await refusal()

    assert f"DNS name not found: {HOST}." in str(error)
    assert [] == tunnel.asked


async def test_interception_behind_a_proxy_names_who_intercepts(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who signed is asked for through the same tunnel; Close is named, not the proxy."""
    (tmp_path / "trusted").mkdir()
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(Authority(tmp_path / "trusted", "Trusted").file))
    inspecting = Authority(tmp_path / "other", "Zealous Inspection").server()
    async with serve(answering, inspecting) as behind:
        tunnel = Tunnel(behind, LOGIN)
        async with serve(tunnel.talk) as port:
            monkeypatch.setenv("HTTPS_PROXY", f"http://{WRITTEN}@127.0.0.1:{port}")
            error = await refusal()

    assert str(error).startswith(f"{HOST}: TLS certificate not trusted: it is signed by “Zealous")
    assert 2 == len(tunnel.asked)
    assert not error.sent


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("gopher://CANARY:CANARY@proxy", "HTTPS_PROXY does not name a proxy that can be used"),
        ("http://CANARY@[::1", "HTTPS_PROXY does not name a proxy that can be used"),
        ("http://proxy:CANARY", "HTTPS_PROXY does not name a proxy that can be used"),
        ("socks5://CANARY:x@proxy:1080", "HTTPS_PROXY names a SOCKS proxy"),
    ],
)
async def test_what_is_no_proxy_is_an_error_that_keeps_its_secrets(
    monkeypatch: pytest.MonkeyPatch, value: str, words: str
) -> None:
    """Nothing is sent past a proxy that somebody meant to be used."""
    monkeypatch.setenv("HTTPS_PROXY", value)

    error = await refusal()

    assert words in str(error)
    assert not error.sent
    assert "CANARY" not in f"{error}{error.advice}"


@pytest.mark.parametrize(
    ("environment", "url", "expected"),
    [
        ({}, URL, None),
        ({"HTTPS_PROXY": "http://p:3128"}, URL, ("http://p:3128", "HTTPS_PROXY")),
        ({"HTTPS_PROXY": "http://u:x@p:3128/"}, URL, ("http://p:3128", "HTTPS_PROXY")),
        ({"https_proxy": "p:1", "HTTPS_PROXY": "q:2"}, URL, ("http://p:1", "https_proxy")),
        ({"all_proxy": "https://[fd00::1]:8"}, URL, ("https://[fd00::1]:8", "all_proxy")),
        ({"HTTPS_PROXY": "p:1", "NO_PROXY": "*"}, URL, None),
        ({"HTTPS_PROXY": "p:1", "NO_PROXY": "close.invalid"}, URL, None),
        (
            {"HTTPS_PROXY": "p:1", "NO_PROXY": "notclose.invalid"},
            URL,
            ("http://p:1", "HTTPS_PROXY"),
        ),
        ({"HTTPS_PROXY": "p:1"}, "https://localhost:8000", None),
        ({"HTTP_PROXY": "p:1", "ALL_PROXY": "p:1"}, "http://127.0.0.1:8000", None),
        ({"HTTP_PROXY": "p:1"}, URL, None),
    ],
)
def test_which_proxy_is_in_front(
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    url: str,
    expected: tuple[str, str] | None,
) -> None:
    """As the environment names it; never for this machine itself."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    found = proxy_for(url)

    assert expected == (found and (found.shown, found.named_by))


def test_a_proxy_keeps_its_password_to_itself() -> None:
    """Whatever prints it."""
    proxy = Proxy(Secret("http://u:CANARY@p"), "http://p", "p", "HTTPS_PROXY", has_login=True)

    assert "CANARY" not in repr(proxy)
    assert "http" == proxy.scheme
