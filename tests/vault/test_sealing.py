"""A sealed row opens where it belongs, with the key it belongs to, and nowhere else."""

from __future__ import annotations

import json
import pickle
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrage import x25519

from close_tui.errors import ForeignIdentity, Tampered, VaultLocked
from close_tui.model import Connection, SecretKind
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.vault.sealing import Identity, Place
from close_tui.vault.vault import Vault

if TYPE_CHECKING:
    from tests.vault.conftest import Shelf

CANARY = "canary-7c1e"
PLACE = Place("v1", "c1", "api_key", 3)
IDENTITY = Identity.generate()


@given(st.text(st.characters(codec=None)))
def test_what_was_sealed_opens_in_its_place(text: str) -> None:
    """Any text comes back as it was, half surrogate pairs included."""
    assert text == IDENTITY.unseal(PLACE, IDENTITY.seal(PLACE, Secret(text))).reveal()


def test_two_seals_of_one_secret_differ() -> None:
    """Nobody sees from the file that two rows hold the same."""
    assert IDENTITY.seal(PLACE, Secret("one")) != IDENTITY.seal(PLACE, Secret("one"))


@pytest.mark.parametrize(
    "elsewhere",
    [
        PLACE._replace(vault="v2"),
        PLACE._replace(owner="c2"),
        PLACE._replace(kind="refresh_token"),
        PLACE._replace(generation=2),
        PLACE._replace(generation=4),
    ],
)
def test_it_opens_nowhere_else(elsewhere: Place) -> None:
    """Another vault, owner, kind or generation: refused, and the row is named."""
    with pytest.raises(Tampered) as caught:
        IDENTITY.unseal(elsewhere, IDENTITY.seal(PLACE, Secret(CANARY)))

    assert f"{elsewhere.kind} of {elsewhere.owner}, generation" in str(caught.value)


def test_what_is_kept_open_is_the_same_row_in_the_same_place() -> None:
    """An app's secret is opened once for many refreshes; another place or row is looked at anew."""
    sealed = IDENTITY.seal(PLACE, Secret(CANARY))

    first, second = (IDENTITY.unseal_once(PLACE, sealed) for _ in range(2))

    assert CANARY == first.reveal()
    assert first is second
    with pytest.raises(Tampered):
        IDENTITY.unseal_once(PLACE._replace(owner="c2"), sealed)
    newer = IDENTITY.seal(PLACE, Secret("newer"))
    assert "newer" == IDENTITY.unseal_once(PLACE, newer).reveal()


def test_an_altered_ciphertext_does_not_open() -> None:
    """Cut anywhere, or one character changed anywhere: refused."""
    sealed = IDENTITY.seal(PLACE, Secret(CANARY))

    for at in range(0, len(sealed) - 1, 7):
        changed = b"A" if sealed[at : at + 1] != b"A" else b"B"
        for broken in (sealed[:at], sealed[:at] + changed + sealed[at + 1 :]):
            with pytest.raises(Tampered):
                IDENTITY.unseal(PLACE, broken)


@pytest.mark.parametrize(
    "plain",
    ["", "[]", "7", "{}", '"text"', "\xff", json.dumps({**PLACE._asdict(), "secret": 7})],
)
def test_a_plaintext_that_is_not_ours_does_not_open(plain: str) -> None:
    """Sealed to the right key by something else: refused like any other damage."""
    recipient = x25519.Identity.from_str(IDENTITY.secret.reveal()).to_public()

    with pytest.raises(Tampered):
        IDENTITY.unseal(PLACE, pyrage.encrypt(plain.encode("latin-1"), [recipient]))


@pytest.mark.parametrize("text", ["", "not a key", "AGE-SECRET-KEY-1QQQ", "age1qqq"])
def test_what_is_no_identity_is_refused_without_being_repeated(text: str) -> None:
    """The error does not quote what was found: it may be half a key."""
    with pytest.raises(ForeignIdentity) as caught:
        Identity(Secret(text))

    assert not text or text not in str(caught.value)


def test_an_identity_does_not_show_itself() -> None:
    """Neither shown nor pickled; only its own property gives the text."""
    key = IDENTITY.secret.reveal()

    assert key.startswith("AGE-SECRET-KEY-1")
    assert 74 == len(key)
    assert "Identity(****)" == repr(IDENTITY) == f"{IDENTITY}"
    with pytest.raises(TypeError):
        pickle.dumps(IDENTITY)


def test_a_traceback_of_a_tampered_row_shows_no_secret(vault: Vault, shelf: Shelf) -> None:
    """A swapped row was opened before it was refused; its text is in no frame."""
    one, other = shelf.key("one"), shelf.key("other")
    swap(vault, one, other)

    with pytest.raises(Tampered) as caught:
        vault.secret(one, SecretKind.API_KEY)
    report = "".join(
        traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()
    )

    assert "Tampered" in report
    assert f"api_{CANARY}" not in report
    assert vault.key().reveal() not in report


def test_a_locked_vault_opens_and_seals_nothing(
    vault: Vault, shelf: Shelf, settings: Settings
) -> None:
    """Without the key there is no secret; whatever would store one leaves no trace."""
    acme = shelf.key("acme")
    locked = Vault.open(settings)
    shelf.vault = locked

    with pytest.raises(VaultLocked):
        locked.secret(acme, SecretKind.API_KEY)
    with pytest.raises(VaultLocked):
        shelf.key("new")
    with pytest.raises(VaultLocked):
        locked.key()
    assert [acme] == locked.connections()
    locked.close()


# Rows that somebody has changed


def swap(vault: Vault, one: Connection, other: Connection) -> None:
    """Exchange what two rows hold, as who can write the file could."""
    first, second = (
        vault.database.rows("SELECT sealed FROM secrets WHERE owner = ?", c.id)[0][0]
        for c in (one, other)
    )
    for owner, sealed in ((one, second), (other, first)):
        vault.database.change("UPDATE secrets SET sealed = ? WHERE owner = ?", sealed, owner.id)


def test_swapped_rows_do_not_open_and_leave_the_others_alone(vault: Vault, shelf: Shelf) -> None:
    """Each refused row is named, and everything else stays usable."""
    one, other, third = shelf.key("one"), shelf.key("other"), shelf.key("third")
    swap(vault, one, other)

    for swapped in (one, other):
        with pytest.raises(Tampered, match=f"api_key of {swapped.id}, generation 1"):
            vault.secret(swapped, SecretKind.API_KEY)
    assert Secret(f"api_{CANARY}.third") == vault.secret(third, SecretKind.API_KEY)
    assert 3 == len(vault.connections())


def test_an_older_generation_put_back_does_not_open(vault: Vault, shelf: Shelf) -> None:
    """Tokens from before a refresh, written back into the row, are refused."""
    acme = shelf.authorization()
    before = vault.database.rows("SELECT kind, sealed FROM secrets WHERE owner = ?", acme.id)
    vault.replace_tokens(acme.id, 1, shelf.tokens("2"), 0)
    for kind, sealed in before:
        vault.database.change(
            "UPDATE secrets SET sealed = ?, generation = 1 WHERE owner = ? AND kind = ?",
            sealed,
            acme.id,
            kind,
        )

    for secret in (SecretKind.ACCESS_TOKEN, SecretKind.REFRESH_TOKEN):
        with pytest.raises(Tampered, match=f"{secret} of {acme.id}, generation 2"):
            vault.secret(shelf.shown(acme), secret)


def test_an_older_client_secret_put_back_does_not_open(vault: Vault, shelf: Shelf) -> None:
    """The app itself says which generation its secret must have."""
    app = shelf.app()
    sealed = vault.database.rows("SELECT sealed FROM secrets WHERE owner = ?", app.id)[0][0]
    vault.set_app(app, Secret("new"), 0)
    assert Secret("new") == vault.client(app).client_secret
    vault.database.change(
        "UPDATE secrets SET sealed = ?, generation = 1 WHERE owner = ?", sealed, app.id
    )

    with pytest.raises(Tampered, match="client_secret of"):
        vault.client(app)


def test_a_row_of_another_vault_does_not_open(
    vault: Vault, shelf: Shelf, settings: Settings, tmp_path: Path
) -> None:
    """Not even where both vaults have the same key, and owner, kind and generation agree."""
    acme = shelf.key("acme")
    other = Vault.make(
        Settings(home=tmp_path / "other", identity_file=settings.identity_file), at=0
    )
    other.add_key(acme, Secret("the other vault's"))
    sealed = other.database.rows("SELECT sealed FROM secrets")[0][0]
    other.close()
    vault.database.change("UPDATE secrets SET sealed = ?", sealed)

    with pytest.raises(Tampered, match="another row's"):
        vault.secret(acme, SecretKind.API_KEY)


# What the files hold


def content(home: Path) -> bytes:
    """All bytes of all files of a home, the WAL included."""
    files = sorted(path for path in home.rglob("*") if path.is_file())
    assert {"vault.db", "vault.db-wal"} <= {path.name for path in files}
    return b"".join(path.read_bytes() for path in files)


def test_no_file_holds_a_secret_or_the_recipient(
    vault: Vault, shelf: Shelf, settings: Settings
) -> None:
    """After adding, refreshing, renaming, revoking and removing: neither secrets nor recipient."""
    shelf.app()
    shelf.key("key")
    gone, dead, kept = (shelf.authorization(name) for name in ("gone", "dead", "kept"))
    vault.replace_tokens(kept.id, 1, shelf.tokens("2"), 5)
    vault.rename(kept.id, "renamed")
    vault.remove(gone.id)
    vault.revoked(dead.id, 9, proved_dead_at=9)
    recipient = str(x25519.Identity.from_str(vault.key().reveal()).to_public())

    everything = content(settings.home)

    assert b"renamed" in everything
    assert CANARY.encode() not in everything
    assert b"AGE-SECRET-KEY" not in everything
    assert recipient.encode() not in everything
    assert recipient.removeprefix("age1").encode() not in everything


@pytest.mark.parametrize("joined", [False, True])
def test_destroyed_secrets_leave_not_even_their_ciphertext(
    joined: bool, vault: Vault, shelf: Shelf, settings: Settings
) -> None:
    """Removed or dead: the sealed rows are overwritten in the file and gone from the WAL.

    Also when it happens inside a larger transaction, as the verbs do it.
    """
    gone, dead = shelf.authorization("gone"), shelf.authorization("dead")
    app = shelf.app()
    sealed = [row[0] for row in vault.database.rows("SELECT sealed FROM secrets")]
    assert all(row in content(settings.home) for row in sealed)

    def destroy() -> None:
        vault.remove(gone.id)
        vault.revoked(dead.id, 9, proved_dead_at=9)
        vault.remove_app(app.id)

    if joined:
        with vault.transaction():
            destroy()
    else:
        destroy()

    after = content(settings.home)
    assert 5 == len(sealed)
    assert not [row for row in sealed if row[60:160] in after]
    assert not vault.database.rows("SELECT * FROM secrets")
