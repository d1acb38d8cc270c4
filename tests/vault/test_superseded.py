"""What a newer pair has replaced stays sealed for as long as Close may accept it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import Tampered, VaultLocked
from close_tui.model import Connection, SecretKind
from close_tui.vault import checking
from close_tui.vault.vault import Vault
from tests.vault.conftest import CANARY

if TYPE_CHECKING:
    from tests.conftest import Clock
    from tests.vault.conftest import Shelf

ACCESS, REFRESH = SecretKind.ACCESS_TOKEN, SecretKind.REFRESH_TOKEN


@pytest.fixture
def acme(shelf: Shelf) -> Connection:
    """An authorization of the first generation, good for an hour."""
    return shelf.authorization("acme")


def renewed(shelf: Shelf, connection: Connection, *, new_grant: bool = False) -> Connection:
    """Commit the next generation."""
    now = shelf.shown(connection)
    tokens = shelf.tokens(f"acme-{now.generation + 1}")
    assert shelf.vault.replace_tokens(
        now.id, now.generation, tokens, shelf.at(), new_grant=new_grant
    )
    return shelf.shown(connection)


def kept(vault: Vault, connection: Connection) -> list[tuple[str, int, str]]:
    """Kind, generation and text of what was replaced and is kept."""
    return [
        (each.kind.value, each.generation, each.secret.reveal())
        for each in vault.superseded(connection)
    ]


def test_a_refresh_keeps_the_access_token_that_lives_on(
    vault: Vault, shelf: Shelf, acme: Connection, clock: Clock
) -> None:
    """The refresh token is spent; the access token opens for the rest of its hour."""
    renewed(shelf, acme)
    clock.advance(600)
    renewed(shelf, acme)

    assert [
        ("access_token", 1, f"access-{CANARY}-acme-1"),
        ("access_token", 2, f"access-{CANARY}-acme-2"),
    ] == kept(vault, acme)
    assert [1_800_003_600.0, 1_800_003_600.0] == [
        each.expires_at for each in vault.superseded(acme)
    ]


def test_an_access_token_that_has_expired_is_not_kept(
    vault: Vault, shelf: Shelf, acme: Connection, clock: Clock
) -> None:
    """Close refuses it anyway."""
    clock.advance(3601)
    renewed(shelf, acme)

    assert [] == kept(vault, acme)


def test_what_expires_later_is_destroyed_then(
    vault: Vault, shelf: Shelf, acme: Connection, clock: Clock
) -> None:
    """By the next refresh, and by what forgets after an unlock."""
    renewed(shelf, acme)
    clock.advance(3600)

    assert 1 == vault.forget_expired(clock())
    assert [] == kept(vault, acme)


def test_a_new_grant_keeps_the_refresh_token_of_the_old_one(
    vault: Vault, shelf: Shelf, acme: Connection, clock: Clock
) -> None:
    """It does not expire, and is destroyed once Close accepts it no more."""
    renewed(shelf, acme, new_grant=True)
    clock.advance(7200)
    vault.forget_expired(clock())
    before = kept(vault, acme)
    vault.accepted_superseded(acme.id, REFRESH, 1)

    assert [("refresh_token", 1, f"refresh-{CANARY}-acme-1")] == before
    assert [] == kept(vault, acme)


def test_a_commit_that_lost_keeps_nothing_apart(
    vault: Vault, shelf: Shelf, acme: Connection
) -> None:
    """What was replaced by another process is its to keep."""
    renewed(shelf, acme)

    assert not vault.replace_tokens(acme.id, 1, shelf.tokens("late"), shelf.at())
    assert [1] == [each.generation for each in vault.superseded(acme)]


def remove(vault: Vault, connection: Connection) -> None:
    """Forget the connection."""
    vault.remove(connection.id)


def prove(vault: Vault, connection: Connection) -> None:
    """Note its death, proved."""
    vault.revoked(connection.id, 1_800_000_001.0, proved_dead_at=1_800_000_001.0)


@pytest.mark.parametrize("end", [remove, prove])
def test_nothing_outlives_the_connection(
    vault: Vault, shelf: Shelf, acme: Connection, end: Callable[[Vault, Connection], None]
) -> None:
    """Not in the file either."""
    renewed(shelf, acme, new_grant=True)
    (sealed,) = vault.database.rows("SELECT sealed FROM superseded WHERE kind = 'access_token'")
    end(vault, acme)

    assert [] == kept(vault, acme)
    home = vault.settings.home
    assert all(bytes(sealed[0]) not in path.read_bytes() for path in home.glob("vault.db*"))


def test_an_accepted_revocation_without_proof_keeps_them(
    vault: Vault, shelf: Shelf, acme: Connection
) -> None:
    """They are the means to try again."""
    renewed(shelf, acme)
    vault.revoked(acme.id, shelf.at(), proved_dead_at=None)

    assert 1 == len(kept(vault, acme))


def test_they_need_the_key(vault: Vault, shelf: Shelf, acme: Connection) -> None:
    """Like every secret."""
    renewed(shelf, acme)
    vault.identity = None

    with pytest.raises(VaultLocked):
        vault.superseded(acme)


def scratch(vault: Vault) -> None:
    """Damage it."""
    vault.database.change("UPDATE superseded SET sealed = x'00'")


def swap(vault: Vault) -> None:
    """Put the present one in its place."""
    vault.database.change(
        "UPDATE superseded SET sealed = (SELECT sealed FROM secrets WHERE kind = 'access_token')"
    )


def future(vault: Vault) -> None:
    """Give it a generation that is not older."""
    vault.database.change("UPDATE superseded SET generation = 2")


def orphan(vault: Vault) -> None:
    """Take its owner away."""
    vault.database.change("UPDATE superseded SET owner = 'conn_gone'")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (scratch, "The access token of acme does not open, or is another row's."),
        (swap, "The access token of acme does not open, or is another row's."),
        (future, "that was replaced is of generation 2, not an older one."),
        (orphan, "What is gone has left: access token."),
    ],
)
def test_the_check_opens_them_too(
    vault: Vault, shelf: Shelf, acme: Connection, damage: Callable[[Vault], None], words: str
) -> None:
    """Each that does not belong where it is gets a line."""
    renewed(shelf, acme)
    sound = [each.detail for each in checking.secrets(vault)]
    damage(vault)
    found = list(checking.secrets(vault))

    assert ["All 3 open and belong where they are."] == sound
    assert ["problem"] == [each.level for each in found]
    assert words in found[0].detail
    assert CANARY not in repr(found)


def test_a_swapped_row_is_refused_on_opening(vault: Vault, shelf: Shelf, acme: Connection) -> None:
    """What stands in the plaintext is compared."""
    renewed(shelf, acme)
    swap(vault)

    with pytest.raises(Tampered):
        vault.superseded(acme)
