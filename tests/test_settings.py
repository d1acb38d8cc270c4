"""What the environment may say, and what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from close_tui.errors import UsageError
from close_tui.settings import CLOSE_API_URL, CLOSE_APP_URL, Settings, is_loopback


def test_an_empty_environment_means_close_itself() -> None:
    """Without variables: the platform's folder, Close's addresses, no places for the key."""
    settings = Settings.from_environment({})

    assert settings.is_close
    assert (CLOSE_API_URL, CLOSE_APP_URL) == (settings.api_url, settings.app_url)
    assert "close-tui" == settings.home.name
    assert settings.identity_file is None
    assert settings.passphrase_file is None


def test_variables_replace_every_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each variable is read; ``~`` and relative paths become absolute ones."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    settings = Settings.from_environment(
        {
            "CLOSE_TUI_HOME": "~/vault",
            "CLOSE_TUI_API_URL": "http://127.0.0.1:8000/",
            "CLOSE_TUI_APP_URL": "https://sandbox.example/app/",
            "CLOSE_TUI_IDENTITY_FILE": "key.txt",
            "CLOSE_TUI_PASSPHRASE_FILE": "/etc/phrase",
            "CLOSE_TUI_REDIRECT_URI": "https://localhost:1/cb",
            "CLOSE_TUI_AUTHORIZE_WAIT_S": "1.5",
        }
    )

    assert tmp_path / "vault" == settings.home
    assert "http://127.0.0.1:8000" == settings.api_url
    assert "https://sandbox.example/app" == settings.app_url
    assert tmp_path / "key.txt" == settings.identity_file
    assert Path("/etc/phrase") == settings.passphrase_file
    assert ("https://localhost:1/cb", 1.5) == (settings.redirect_uri, settings.authorize_wait_s)
    assert not settings.is_close


def test_one_foreign_address_is_not_close() -> None:
    """Only both of Close's own addresses together are Close."""
    settings = Settings.from_environment({"CLOSE_TUI_APP_URL": "https://close.example"})

    assert not settings.is_close


@pytest.mark.parametrize(
    "address",
    [
        "http://api.close.com",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://0.0.0.0:8000",
        "ftp://localhost",
        "api.close.com",
        "https://",
        "https://[::1",
        "https://localhost:port",
        "https://user:secret@localhost",
        "https://localhost/?query",
        "https://localhost/#fragment",
    ],
)
@pytest.mark.parametrize("variable", ["CLOSE_TUI_API_URL", "CLOSE_TUI_APP_URL"])
def test_addresses_that_would_leak_are_refused(variable: str, address: str) -> None:
    """Secrets go over https, or stay on this machine; the error names the variable."""
    with pytest.raises(UsageError, match=variable) as caught:
        Settings.from_environment({variable: address})

    assert 2 == caught.value.exit_code
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("address", ["http://localhost:1", "http://[::1]:1", "https://x.example"])
def test_https_and_this_machine_are_accepted(address: str) -> None:
    """Plain http is for loopback only, https for everyone."""
    assert address == Settings.from_environment({"CLOSE_TUI_API_URL": address}).api_url


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("localhost", True), ("127.0.0.1", True), ("::1", True), ("127.0.0.2", False), (None, False)],
)
def test_loopback_is_this_machine_and_nothing_else(host: str | None, loopback: bool) -> None:
    """The three names of this machine, literally."""
    assert loopback == is_loopback(host)
