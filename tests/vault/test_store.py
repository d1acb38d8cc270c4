"""What is stored comes back: connections, apps, their secrets, their names, their history."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import AlreadyStored, CloseTuiError, NameTaken, NotFound
from close_tui.model import Check, Event, Kind, Organization, RateLimit, SecretKind, User
from close_tui.secret import Secret
from close_tui.vault.vault import Vault

if TYPE_CHECKING:
    from tests.conftest import Clock
    from tests.vault.conftest import Shelf

CANARY = "canary-7c1e"


def fingerprinted(vault: Vault) -> list[str]:
    """The kinds of all secrets that were ever held."""
    return sorted(row[0] for row in vault.database.rows("SELECT kind FROM fingerprints"))


# Adding and reading


def test_an_authorization_comes_back_as_it_was_stored(shelf: Shelf, clock: Clock) -> None:
    """All facts, both secrets, and the fingerprint of the refresh token."""
    made = shelf.connection(
        "acme", Kind.OAUTH, description="for the reports", scope="all.full_access"
    )
    tokens = shelf.tokens("1")
    assert tokens.refresh_token is not None

    shelf.vault.add_authorization(made, "oa2client_1", tokens)

    found = shelf.shown(made)
    assert made._replace(fingerprint=tokens.refresh_token.sha256.hex()[:16]) == found
    assert tokens.access_token == shelf.vault.secret(found, SecretKind.ACCESS_TOKEN)
    assert tokens.refresh_token == shelf.vault.secret(found, SecretKind.REFRESH_TOKEN)
    assert shelf.vault.secret(found, SecretKind.API_KEY) is None
    assert found == shelf.vault.authorization("oa2client_1", made.organization.id, "user_ada")
    assert shelf.vault.authorization("oa2client_2", made.organization.id, "user_ada") is None


def test_an_api_key_comes_back_as_it_was_stored(shelf: Shelf) -> None:
    """Its fingerprint is its own; it neither expires nor can be refreshed."""
    found = shelf.key("globex", key_id="api_123")
    key = Secret(f"api_{CANARY}.globex")

    assert key == shelf.vault.secret(found, SecretKind.API_KEY)
    assert key.sha256.hex()[:16] == found.fingerprint
    assert ("api_123", None, False) == (found.key_id, found.expires_at, found.can_refresh)
    assert shelf.vault.connection("missing") is None


def test_an_app_comes_back_as_it_was_stored(vault: Vault, shelf: Shelf) -> None:
    """With its client secret, and how many connections live by it."""
    app = shelf.app()
    dead = shelf.authorization("dead", app_id=app.id)
    shelf.authorization("alive", app_id=app.id)
    vault.revoked(dead.id, 1, proved_dead_at=1)

    assert [app._replace(connections=1)] == vault.apps()
    assert app._replace(connections=1) == vault.app(app.id)
    assert vault.app("missing") is None
    assert "reporting" == shelf.shown(dead).app
    client = vault.client(app)
    assert "oa2client_1" == client.client_id
    assert Secret(f"client-secret-{CANARY}-reporting") == client.client_secret


def test_an_app_without_a_secret_is_a_public_client(vault: Vault, shelf: Shelf) -> None:
    """PKCE alone may be all that there is."""
    app = shelf.app()._replace(id="a2", name="public", client_id="oa2client_2")
    vault.add_app(app, None, 0)

    assert vault.client(app).client_secret is None


def test_an_app_can_change(vault: Vault, shelf: Shelf) -> None:
    """Redirect URI and PKCE always, the secret only when a new one is given."""
    app = shelf.app()
    changed = app._replace(redirect_uri="https://localhost:1/x", pkce=False)

    vault.set_app(changed, None, 0)
    kept = vault.client(app).client_secret
    vault.set_app(changed, Secret("rotated"), 0)

    assert changed == vault.app(app.id)
    assert Secret(f"client-secret-{CANARY}-reporting") == kept
    assert Secret("rotated") == vault.client(app).client_secret
    with pytest.raises(NotFound):
        vault.set_app(app._replace(id="gone"), Secret("rotated"), 0)


def test_a_removed_app_leaves_its_connections(vault: Vault, shelf: Shelf) -> None:
    """They stay, without an app; its secret is destroyed, its fingerprint kept."""
    app = shelf.app()
    acme = shelf.authorization(app_id=app.id)

    vault.remove_app(app.id)

    assert [] == vault.apps()
    assert (None, None) == (shelf.shown(acme).app, shelf.shown(acme).app_id)
    assert not vault.database.rows("SELECT * FROM secrets WHERE owner = ?", app.id)
    assert "client_secret" in fingerprinted(vault)


@pytest.mark.parametrize(
    ("name", "client_id", "refused"),
    [("reporting", "oa2client_2", NameTaken), ("other", "oa2client_1", AlreadyStored)],
)
def test_an_app_is_stored_once(
    name: str, client_id: str, refused: type[CloseTuiError], vault: Vault, shelf: Shelf
) -> None:
    """Neither its name nor its client id twice; the error says which."""
    shelf.app()

    with pytest.raises(refused, match="reporting"):
        shelf.app(name, client_id)

    assert 1 == len(vault.apps())
    assert 1 == len(vault.database.rows("SELECT * FROM secrets"))


def test_a_key_is_stored_once(vault: Vault, shelf: Shelf) -> None:
    """Its fingerprint finds it under another name; removed or revoked, it may come again."""
    first = shelf.key("globex")
    key = Secret(f"api_{CANARY}.globex")
    again = shelf.connection("again", Kind.API_KEY)

    with pytest.raises(AlreadyStored, match="stored already, as globex"):
        vault.add_key(again, key)
    vault.remove(first.id)
    vault.add_key(again, key)
    vault.revoked(again.id, 1, proved_dead_at=1)
    vault.add_key(shelf.connection("third", Kind.API_KEY), key)

    assert ["again", "third"] == sorted(c.name for c in vault.connections())


# Names


def test_a_name_is_unique_among_the_living(vault: Vault, shelf: Shelf) -> None:
    """Adding and renaming refuse it; nothing is half stored."""
    shelf.authorization("acme")
    globex = shelf.key("globex")

    for taken in (
        lambda: shelf.authorization("acme"),
        lambda: shelf.key("acme"),
        lambda: vault.rename(globex.id, "acme"),
    ):
        with pytest.raises(NameTaken, match="named acme"):
            taken()

    assert ["acme", "globex"] == [c.name for c in vault.connections()]
    assert 3 == len(vault.database.rows("SELECT * FROM secrets"))


def test_removing_and_revoking_release_the_name(vault: Vault, shelf: Shelf) -> None:
    """The tombstone keeps its name beside the living one, and the order is stable."""
    vault.remove(shelf.key("acme").id)
    dead = shelf.authorization("acme")
    vault.revoked(dead.id, 1, proved_dead_at=None)
    alive = shelf.authorization("acme", organization=dead.organization)

    assert [dead.id, alive.id] == [c.id for c in vault.connections()]
    assert alive == vault.authorization("oa2client_1", dead.organization.id, "user_ada")


def test_one_authorization_for_app_organization_and_user(vault: Vault, shelf: Shelf) -> None:
    """A second living one is refused by the file itself, whatever a verb does."""
    acme = shelf.authorization("acme")

    with pytest.raises(CloseTuiError, match="UNIQUE"):
        shelf.authorization("other", organization=acme.organization)

    assert [acme] == vault.connections()


def test_a_rename_changes_the_name_and_nothing_else(vault: Vault, shelf: Shelf) -> None:
    """Its history stays under the name of that time."""
    acme = shelf.key("acme")
    vault.record(Event(1, acme.id, "acme", "test", "ok"))

    vault.rename(acme.id, "acme-eu")

    assert acme._replace(name="acme-eu") == shelf.shown(acme)
    assert ["acme"] == [event.connection for event in vault.history(acme.id)]


def test_names_of_organizations_and_users_are_renewed(vault: Vault, shelf: Shelf) -> None:
    """For all connections at once; an answer without names does not erase them."""
    acme = shelf.key("acme", organization=Organization("orga_x", "Acme"))

    vault.know(Organization("orga_x", "Acme Holding"), User("user_ada", "ada@new.example", "A"))
    vault.know(Organization("orga_x", ""), User("user_ada", ""))

    found = shelf.shown(acme)
    assert "Acme Holding" == found.organization.name
    assert User("user_ada", "ada@new.example", "A") == found.user


def test_what_somebody_wrote_into_the_file_is_cleaned(vault: Vault, shelf: Shelf) -> None:
    """Who can write the file cannot write to the terminal."""
    evil = "\x1b]52;c;x\x07\u202e"
    acme = shelf.key("acme", key_id="api_1")
    vault.checked(acme.id, Check(1, "ok", 200, 1.0, None, 1))
    vault.record(Event(1, acme.id, evil, evil, evil, evil, None, evil))
    vault.database.change("PRAGMA foreign_keys = OFF")
    for table, columns in {
        "organizations": "id name",
        "users": "id email name",
        "connections": "name description key_id scope fingerprint check_outcome organization_id"
        " user_id",
    }.items():
        for column in columns.split():
            vault.database.change(f"UPDATE {table} SET {column} = {column} || ?", evil)

    assert "\x1b" in vault.database.rows("SELECT name FROM connections")[0][0]
    assert all(
        word.isprintable()
        for noun in (*vault.connections(), *vault.history())
        for value in (*noun, *getattr(noun, "organization", ()), *getattr(noun, "user", ()))
        for word in [str(value)]
        if not isinstance(value, tuple)
    )
    assert "ok]52;c;x" == shelf.shown(acme).last_check[1]  # type: ignore[index]


# Removing


def test_a_removed_connection_leaves_history_and_fingerprints(vault: Vault, shelf: Shelf) -> None:
    """Its row, intent and secrets go; what happened stays."""
    acme, globex = shelf.authorization("acme"), shelf.key("globex")
    vault.begin_refresh(acme.id, 1, 1)
    vault.record(Event(1, acme.id, "acme", "remove", "removed"))

    vault.remove(acme.id)

    assert [globex] == vault.connections()
    assert {globex.id} == {row[0] for row in vault.database.rows("SELECT owner FROM secrets")}
    assert not vault.database.rows("SELECT * FROM intents")
    assert ["removed"] == [event.outcome for event in vault.history(acme.id)]
    assert ["access_token", "api_key", "refresh_token"] == fingerprinted(vault)


# History and checks


def test_history_is_newest_first_and_bounded(vault: Vault) -> None:
    """Of one connection or of all; the order is that of writing, whatever the clock said."""
    events = [Event(9 - n, f"c{n % 2}", "x", "test", "ok", f"{n}", 200, "why") for n in range(6)]
    for event in events:
        vault.record(event)

    assert events[::-1] == vault.history()
    assert [events[5], events[3], events[1]] == vault.history("c1")
    assert [events[5]] == vault.history(limit=1)
    assert [] == vault.history("missing")


@pytest.mark.parametrize("statement", ["UPDATE events SET outcome = 'ok'", "DELETE FROM events"])
def test_history_is_append_only(statement: str, vault: Vault) -> None:
    """The file refuses to change or lose an event, in any program that opens it."""
    vault.record(Event(1, None, "acme", "revoke", "failed"))
    other = sqlite3.connect(vault.database.path)

    with pytest.raises(CloseTuiError, match="append-only"):
        vault.database.change(statement)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute(statement)

    other.close()
    assert ["failed"] == [event.outcome for event in vault.history()]


@pytest.mark.parametrize("rate", [None, RateLimit(100, 99.5, 0.25)])
def test_a_check_comes_back_as_it_was_stored(
    rate: RateLimit | None, vault: Vault, shelf: Shelf
) -> None:
    """With or without a status, a latency and rate-limit headroom; the newest counts."""
    acme = shelf.key()
    vault.checked(acme.id, Check(1, "ok", 200, 12.5, RateLimit(1, 2, 3), 1))
    newest = Check(2, "unreachable", None, None, rate, 1)

    vault.checked(acme.id, newest)

    assert newest == shelf.shown(acme).last_check
