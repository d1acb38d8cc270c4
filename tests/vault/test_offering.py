"""The names for a shell that completes: without a key, a lock, or a trace."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from close_tui.model import App, Connection, Kind, Organization, User
from close_tui.secret import Secret
from close_tui.vault.database import FILE_NAME
from close_tui.vault.offering import MOST, offered

if TYPE_CHECKING:
    from close_tui.settings import Settings
    from close_tui.vault.vault import Vault


def add(vault: Vault, number: int, name: str, organization: str = "Acme") -> Connection:
    """Store an API key."""
    connection = Connection(
        id=f"conn_{number}",
        name=name,
        description="",
        kind=Kind.API_KEY,
        organization=Organization(f"orga_{organization}", organization),
        user=User("user_1", "ada@acme.example"),
        app=None,
        app_id=None,
        key_id=f"api_{number}",
        scope="",
        expires_at=None,
        generation=1,
        fingerprint="",
        can_refresh=False,
        created_at=0.0,
    )
    vault.add_key(connection, Secret(f"api_{number}"))
    return connection


def files(settings: Settings) -> dict[str, bytes]:
    """Return what lies in the vault's folder."""
    return {each.name: each.read_bytes() for each in settings.home.iterdir()}


def test_names_of_what_is_live(vault: Vault, settings: Settings) -> None:
    """Connections that are not revoked, apps, and organizations that have a connection."""
    add(vault, 1, "acme")
    add(vault, 2, "globex", "Globex")
    ended = add(vault, 3, "ended", "Initech")
    vault.revoked(ended.id, 1.0, proved_dead_at=1.0)
    vault.add_app(App("app_1", "reports", "oa2client_1", "https://localhost/"), None, 0.0)

    assert [("acme", "Acme", "orga_Acme"), ("globex", "Globex", "orga_Globex")] == offered(
        settings.home, "connection"
    )
    assert ["acme"] == [row[0] for row in offered(settings.home, "connection", "ac")]
    assert [] == offered(settings.home, "connection", "%") == offered(settings.home, "app", "x")
    assert [("reports", "oa2client_1", "")] == offered(settings.home, "app")
    assert ["Acme", "Globex", "Initech"] == [
        row[0] for row in offered(settings.home, "organization")
    ]


@pytest.mark.parametrize("is_open", [True, False])
def test_nothing_is_written(vault: Vault, settings: Settings, is_open: bool) -> None:
    """Neither while another program has the vault open, with a WAL, nor when none has."""
    add(vault, 1, "acme")
    if not is_open:
        vault.close()
    before = files(settings)
    assert is_open == (f"{FILE_NAME}-wal" in before)

    assert ["acme"] == [row[0] for row in offered(settings.home, "connection")]
    noted = {f"{FILE_NAME}-shm": b""} if is_open else {}  # where readers say what they read
    assert before | noted == files(settings) | noted


def test_a_writer_is_not_waited_for_and_not_seen_half_way(vault: Vault, settings: Settings) -> None:
    """What is committed is seen, and what is not is not."""
    add(vault, 1, "acme")
    with vault.transaction():
        add(vault, 2, "globex")

        assert ["acme"] == [row[0] for row in offered(settings.home, "connection")]
    assert 2 == len(offered(settings.home, "connection"))


def test_no_more_than_anybody_can_choose_from(vault: Vault, settings: Settings) -> None:
    """A bounded number, however many there are."""
    with vault.transaction():
        for number in range(MOST + 1):
            add(vault, number, f"acme-{number}")

    assert MOST == len(offered(settings.home, "connection"))


def test_texts_are_clean(vault: Vault, settings: Settings) -> None:
    """Whoever can write the file could otherwise write to the terminal."""
    add(vault, 1, "acme")
    vault.database.change("UPDATE connections SET name = ?", "a\x1b[31m\nb\u202e")

    assert "a[31m b" == offered(settings.home, "connection")[0][0]


def test_without_a_vault_nothing_is_made(settings: Settings) -> None:
    """SQLite's own error, for a caller that swallows it."""
    with pytest.raises(sqlite3.OperationalError):
        offered(settings.home, "connection")
    assert not settings.home.exists()
