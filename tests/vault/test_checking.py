"""``vault check``: each thing that can be wrong with a vault is found, and said with advice."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import VaultDamaged
from close_tui.vault import checking
from close_tui.vault.checking import Finding
from close_tui.vault.database import FILE_NAME
from close_tui.vault.vault import Vault
from tests.vault.conftest import CANARY

if TYPE_CHECKING:
    from tests.conftest import Clock
    from tests.vault.conftest import Shelf


@pytest.fixture
def full(vault: Vault, shelf: Shelf) -> Vault:
    """A vault with an app, an authorization and an API key, none of them tested."""
    shelf.app()
    shelf.authorization("acme")
    shelf.key("globex")
    return vault


def findings(vault: Vault, now: float) -> list[Finding]:
    """Everything that is found."""
    return [
        *checking.places(vault.settings.home),
        *checking.database(vault),
        *checking.history(vault),
        *checking.incidents(vault),
        *checking.connections(vault, now),
        *checking.secrets(vault),
        *checking.leftovers(vault),
    ]


def worrying(vault: Vault, now: float) -> list[Finding]:
    """What is not ok; whatever is found, it holds no secret, and says what to do."""
    found = [each for each in findings(vault, now) if each.level != "ok"]
    assert CANARY not in repr(found)
    assert all(each.advice for each in found)
    return found


def test_a_sound_vault_is_ok_in_each_way(full: Vault, clock: Clock) -> None:
    """Permissions, pages, references, connections and secrets."""
    found = findings(full, clock())

    assert [
        ("permissions", "ok"),
        ("database", "ok"),
        ("references", "ok"),
        ("history", "ok"),
        ("incidents", "ok"),
        ("connections", "ok"),
        ("secrets", "ok"),
    ] == [(each.subject, each.level) for each in found]
    assert "All 4 open and belong where they are." == found[-1].detail


def _scratch(vault: Vault) -> None:
    vault.database.change("UPDATE secrets SET sealed = ? WHERE kind = 'access_token'", b"x")


def _swap(vault: Vault) -> None:
    vault.database.change(
        "UPDATE secrets SET sealed ="
        " (SELECT sealed FROM secrets WHERE kind = 'api_key') WHERE kind = 'refresh_token'"
    )


def _generation(vault: Vault) -> None:
    vault.database.change("UPDATE secrets SET generation = 7 WHERE kind = 'refresh_token'")


def _lack(vault: Vault) -> None:
    vault.database.change("DELETE FROM secrets WHERE kind = 'refresh_token'")


def _orphan(vault: Vault) -> None:
    vault.database.change("UPDATE secrets SET owner = 'conn_gone' WHERE kind = 'client_secret'")


def _not_destroyed(vault: Vault) -> None:
    vault.database.change(
        "UPDATE connections SET revoked_at = 1.0, proved_dead_at = 1.0 WHERE kind = 'api_key'"
    )


def _reference(vault: Vault) -> None:
    vault.database.change("PRAGMA foreign_keys = OFF")
    vault.database.change("DELETE FROM users")


def _chmod(vault: Vault) -> None:
    (vault.settings.home / FILE_NAME).chmod(0o644)


@pytest.mark.parametrize(
    ("damage", "subject", "words"),
    [
        (_scratch, "secrets", "The access token of acme does not open"),
        (_swap, "secrets", "The refresh token of acme does not open, or is another row's"),
        (_generation, "secrets", "The refresh token of acme is of generation 7"),
        (_lack, "connections", "acme lacks: refresh token"),
        (_orphan, "secrets", "What is gone has left: client secret"),
        (_not_destroyed, "secrets", "What is gone has left: api key"),
        (_reference, "references", "2 rows refer to none: connections"),
        (_chmod, "permissions", "mode 644"),
    ],
)
def test_what_is_wrong_is_a_problem(
    damage: Callable[[Vault], None], subject: str, words: str, full: Vault, clock: Clock
) -> None:
    """By name, once, and all else is as before."""
    damage(full)

    found = worrying(full, clock())

    assert [(subject, "problem")] == [(each.subject, each.level) for each in found]
    assert words in found[0].detail


def _begun(vault: Vault) -> None:
    (acme,) = [each for each in vault.connections() if each.name == "acme"]
    vault.begin_refresh(acme.id, 1, 1_800_000_000.0 - 100)


def _imported(vault: Vault) -> None:
    vault.database.change("UPDATE connections SET imported_at = 1.0 WHERE name = 'acme'")


def _pending(vault: Vault) -> None:
    for each in vault.connections():
        vault.freeze(each.id, 1.0, "inc-20270115-7f3a")


def _key_file(vault: Vault) -> None:
    (vault.settings.home / "key-2.age").touch(0o600)


def _copy(vault: Vault) -> None:
    (vault.settings.home / f"{FILE_NAME}.before-2").touch(0o600)


@pytest.mark.parametrize(
    ("change", "subject", "words"),
    [
        (_begun, "connections", "The answer to the last refresh of acme was lost"),
        (_imported, "connections", "acme was imported"),
        (_pending, "incidents", "Of inc-20270115-7f3a, 2 not revoked yet: acme, globex."),
        (_key_file, "leftovers", "key-2.age is not this vault's key"),
        (_copy, "leftovers", "a copy from before an update"),
    ],
)
def test_what_wants_attention_is_a_warning(
    change: Callable[[Vault], None], subject: str, words: str, full: Vault, clock: Clock
) -> None:
    """It is no damage."""
    change(full)

    found = worrying(full, clock())

    assert [(subject, "warning")] == [(each.subject, each.level) for each in found]
    assert words in found[0].detail


def test_a_refresh_under_way_is_no_finding(full: Vault, shelf: Shelf, clock: Clock) -> None:
    """It is allowed to take its time."""
    acme = next(each for each in full.connections() if each.name == "acme")
    full.begin_refresh(acme.id, 1, clock())

    assert [] == worrying(full, clock())


def test_a_broken_page_is_damage(full: Vault, clock: Clock) -> None:
    """Of a file that still opens; the advice is that of the error."""
    path = full.settings.home / FILE_NAME
    full.close()
    content = bytearray(path.read_bytes())
    content[-4096 * 3 : -4096 * 2] = b"\xff" * 4096
    path.write_bytes(bytes(content))
    vault = Vault.open(full.settings)

    found = list(checking.database(vault))

    assert [("database", "problem", VaultDamaged.advice)] == [
        (each.subject, each.level, each.advice) for each in found
    ]
    vault.close()
