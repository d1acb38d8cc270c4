"""Vaults of a given size, made once for a run."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

from close_tui.model import Check, Connection, Kind, Organization, Tokens, User
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.vault.vault import Vault

FIRST_NAME = "aaa-first-connection"


def environment_of(home: Path, count: int) -> dict[str, str]:
    """Make a vault with so many API keys and return the environment that leads to it."""
    home.mkdir(mode=0o700, parents=True)
    identity = home / "identity.txt"
    settings = Settings(home=home / "vault", identity_file=identity)
    at = time.time()
    vault = Vault.make(settings, at=at)
    with vault.transaction():
        for number in range(count):
            _add(vault, number, at)
    vault.close()
    # Compiled modules are kept, as wherever close-tui is installed.
    dropped = ("CLOSE_TUI", "TEXTUAL", "PYTHONDONTWRITEBYTECODE")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
    return kept | {
        "CLOSE_TUI_HOME": str(settings.home),
        "CLOSE_TUI_IDENTITY_FILE": str(identity),
        "HOME": str(home),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
    }


def names_in_order(count: int) -> list[str]:
    """Return the names of so many, as the list shows them: by organization, then by name."""
    return [_name(number) for number in sorted(range(count), key=lambda n: (n % 100, _name(n)))]


def add_authorizations(environment: Mapping[str, str], count: int, *, expires_at: float) -> None:
    """Add authorizations that all expire at one time and cannot be refreshed."""
    vault = Vault.open(Settings.from_environment(environment))
    vault.unlock()
    at = time.time()
    with vault.transaction():
        for number in range(count):
            connection = _connection(number, at)._replace(
                id=f"conn_ticking_{number}",
                name=f"ticking-{number:05}",
                kind=Kind.OAUTH,
                key_id=None,
                expires_at=expires_at,
            )
            tokens = Tokens(Secret(f"access-{number}"), None, expires_at)
            vault.add_authorization(connection, "oa2client_bench", tokens)
            vault.checked(connection.id, Check(at, "ok", 200, 80.0, None, 1))
    vault.close()


def _name(number: int) -> str:
    return FIRST_NAME if number == 0 else f"connection-{number:05}"


def _add(vault: Vault, number: int, at: float) -> None:
    connection = _connection(number, at)
    vault.add_key(connection, Secret(f"api_{number:022}.{number:022}"))
    vault.checked(connection.id, Check(at, "ok", 200, 80.0, None, 1))


def _connection(number: int, at: float) -> Connection:
    organization = number % 100
    return Connection(
        id=f"conn_{number:016x}",
        name=_name(number),
        description="",
        kind=Kind.API_KEY,
        organization=Organization(f"orga_{organization:022}", f"Organization {organization:03}"),
        user=User(f"user_{number:022}", f"user{number}@example.com"),
        app=None,
        app_id=None,
        key_id=f"api_{number:022}",
        scope="",
        expires_at=None,
        generation=1,
        fingerprint="",
        can_refresh=False,
        created_at=at,
    )
