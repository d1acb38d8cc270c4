"""Where things are: the home folder, Close's addresses, and what the environment says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from close_tui.errors import UsageError

CLOSE_API_URL: Final = "https://api.close.com"
CLOSE_APP_URL: Final = "https://app.close.com"
DEFAULT_REDIRECT_URI: Final = "https://localhost:25673/callback"
"""25673 spells CLOSE on a phone."""

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Settings(NamedTuple):
    """What a run of close-tui is told from outside.

    Attributes:
        home: the folder that holds all state.
        api_url: where the API and the token endpoint are, without a trailing slash.
        app_url: where the consent screen and the settings pages are, likewise.
        identity_file: ``CLOSE_TUI_IDENTITY_FILE``, an age identity file.
        passphrase_file: ``CLOSE_TUI_PASSPHRASE_FILE``, a file that holds a passphrase.

    """

    home: Path
    api_url: str = CLOSE_API_URL
    app_url: str = CLOSE_APP_URL
    identity_file: Path | None = None
    passphrase_file: Path | None = None

    @property
    def is_close(self) -> bool:
        """True when both addresses are Close's own."""
        return self.api_url == CLOSE_API_URL and self.app_url == CLOSE_APP_URL

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings; an address that is neither https nor loopback is a UsageError."""
        env = os.environ if environment is None else environment
        return cls(
            home=_home(env),
            api_url=_address(env, "CLOSE_TUI_API_URL", CLOSE_API_URL),
            app_url=_address(env, "CLOSE_TUI_APP_URL", CLOSE_APP_URL),
            identity_file=_file(env, "CLOSE_TUI_IDENTITY_FILE"),
            passphrase_file=_file(env, "CLOSE_TUI_PASSPHRASE_FILE"),
        )


def is_loopback(host: str | None) -> bool:
    """Tell whether a URL's host is this machine and nothing else."""
    return host in _LOOPBACK


def _home(env: Mapping[str, str]) -> Path:
    if given := env.get("CLOSE_TUI_HOME"):
        return Path(given).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("close-tui", appauthor=False)


def _file(env: Mapping[str, str], name: str) -> Path | None:
    given = env.get(name)
    return Path(given).expanduser().absolute() if given else None


def _address(env: Mapping[str, str], name: str, default: str) -> str:
    given = env.get(name)
    if not given:
        return default
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(given)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise UsageError(f"{name} is not an address.") from None
    plain = parts.scheme == "http" and is_loopback(host)
    if not host or not (parts.scheme == "https" or plain):
        raise UsageError(
            f"{name} must begin with https:// (http:// only for this machine itself).",
            advice=f"Correct it, or unset {name} to talk to {default}.",
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise UsageError(f"{name} must be a plain address, without user, query or fragment.")
    return given.rstrip("/")
