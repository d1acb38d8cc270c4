"""Tracing: from a fingerprint to its owner, for as long as the vault lives, without a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.leaks import Held
from close_tui.secret import Secret
from close_tui.vault import tracing
from close_tui.vault.vault import Vault
from tests.vault.conftest import CANARY

if TYPE_CHECKING:
    from close_tui.settings import Settings
    from tests.conftest import Clock
    from tests.vault.conftest import Shelf


def digest(text: str) -> bytes:
    """Return a fingerprint as the vault keeps it."""
    return Secret(text).sha256


def test_a_token_is_traced_through_its_generations(
    shelf: Shelf, vault: Vault, settings: Settings
) -> None:
    """Also after it was replaced, and while the vault is locked."""
    connection = shelf.authorization("acme")
    vault.replace_tokens(connection.id, 1, shelf.tokens("second"), shelf.at())
    locked = Vault.open(settings)
    old, new = (locked.held(digest(f"refresh-{CANARY}-{mark}")) for mark in ("acme-1", "second"))
    is_locked = locked.is_locked
    locked.close()

    assert [Held(connection.id, "acme", "refresh_token", 1, 2)] == old
    assert [Held(connection.id, "acme", "refresh_token", 2, 2)] == new
    assert is_locked


def test_the_owner_may_be_gone(shelf: Shelf, vault: Vault) -> None:
    """Then nothing is current any more; the name is what it was called."""
    connection = shelf.key("globex")
    vault.rename(connection.id, "later")
    vault.remove(connection.id)

    assert [Held(connection.id, "globex", "api_key", 1, None)] == vault.held(
        digest(f"api_{CANARY}.globex")
    )


def test_a_client_secret_has_generations_too(shelf: Shelf, vault: Vault) -> None:
    """Those of its app."""
    app = shelf.app("reporting")
    vault.set_app(app, Secret("another"), shelf.at())
    first = digest(f"client-secret-{CANARY}-reporting")

    assert [Held(app.id, "reporting", "client_secret", 1, 2)] == vault.held(first)


def test_a_key_may_have_had_several_owners(shelf: Shelf, vault: Vault, clock: Clock) -> None:
    """The newest first."""
    old = shelf.key("globex")
    vault.revoked(old.id, clock(), proved_dead_at=clock())
    clock.advance(60)
    new = shelf.key("globex")

    assert [new.id, old.id] == [e.owner for e in vault.held(digest(f"api_{CANARY}.globex"))]


def test_what_was_never_held_is_nobodys(vault: Vault) -> None:
    """An empty answer."""
    assert [] == vault.held(digest("nobody's"))


def test_every_fingerprint_is_told_once(
    shelf: Shelf, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many pages they are read in."""
    for number in range(7):
        shelf.key(f"key-{number}")
    vault.remove(vault.connections()[0].id)
    whole = sorted(vault.fingerprints())
    monkeypatch.setattr(tracing, "_AT_ONCE", 2)

    assert sorted(digest(f"api_{CANARY}.key-{number}") for number in range(7)) == whole
    assert whole == sorted(vault.fingerprints())


def test_a_hostile_name_is_cleaned(shelf: Shelf, vault: Vault) -> None:
    """Whoever can write the file cannot write to the terminal."""
    shelf.key("globex")
    vault.database.change("UPDATE fingerprints SET owner_name = ?", "a\x1b]52;c;aGk=\x07b")
    held = vault.held(digest(f"api_{CANARY}.globex"))

    assert ["a]52;c;aGk=b"] == [each.name for each in held]
