"""Tokens are replaced a generation at a time, and of two who try one wins."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from close_tui.model import Kind, SecretKind
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.vault.vault import Vault

if TYPE_CHECKING:
    from tests.conftest import Clock, Python
    from tests.vault.conftest import Shelf

CANARY = "canary-7c1e"


def test_a_new_generation_replaces_both_tokens(vault: Vault, shelf: Shelf, clock: Clock) -> None:
    """Generation, expiry, scope and fingerprint move on together; a refusal is forgotten."""
    acme = shelf.authorization()
    vault.refuse_refresh(acme.id, 1, clock())
    clock.advance(60)
    tokens = shelf.tokens("2")
    assert tokens.refresh_token is not None

    assert vault.replace_tokens(acme.id, 1, tokens._replace(scope=""), clock())

    found = shelf.shown(acme)
    assert (2, clock() + 3600, None) == (found.generation, found.expires_at, found.refused_at)
    assert acme.scope == found.scope
    assert tokens.refresh_token.sha256.hex()[:16] == found.fingerprint
    assert tokens.access_token == vault.secret(found, SecretKind.ACCESS_TOKEN)
    assert tokens.refresh_token == vault.secret(found, SecretKind.REFRESH_TOKEN)
    assert 2 == len(vault.database.rows("SELECT * FROM secrets"))


def test_the_second_of_two_commits_is_refused(vault: Vault, shelf: Shelf) -> None:
    """Who saw an older generation changes nothing: the winner's tokens stay."""
    acme = shelf.authorization()

    first = vault.replace_tokens(acme.id, 1, shelf.tokens("winner"), 1)
    second = vault.replace_tokens(acme.id, 1, shelf.tokens("loser"), 2)

    found = shelf.shown(acme)
    assert (True, False) == (first, second)
    assert 2 == found.generation
    assert Secret(f"access-{CANARY}-winner") == vault.secret(found, SecretKind.ACCESS_TOKEN)
    assert not vault.replace_tokens("missing", 1, shelf.tokens("3"), 3)


@pytest.mark.parametrize("none", [None, Secret("")])
def test_an_answer_without_refresh_token_keeps_the_old_one(
    none: Secret | None, vault: Vault, shelf: Shelf
) -> None:
    """It moves to the new generation with the access token, so that both open together."""
    acme = shelf.authorization()
    before = vault.secret(acme, SecretKind.REFRESH_TOKEN)

    vault.replace_tokens(acme.id, 1, shelf.tokens("2")._replace(refresh_token=none), 1)

    found = shelf.shown(acme)
    assert found.can_refresh
    assert acme.fingerprint == found.fingerprint
    assert before == vault.secret(found, SecretKind.REFRESH_TOKEN)
    assert Secret(f"access-{CANARY}-2") == vault.secret(found, SecretKind.ACCESS_TOKEN)


def test_without_any_refresh_token_there_is_none(vault: Vault, shelf: Shelf) -> None:
    """The fingerprint is the access token's, and the connection says that it cannot refresh."""
    made = shelf.connection("acme", Kind.OAUTH, can_refresh=False)
    vault.add_authorization(made, "oa2client_1", shelf.tokens("1", refresh=False))
    vault.replace_tokens(made.id, 1, shelf.tokens("2", refresh=False), 1)

    found = shelf.shown(made)
    assert not found.can_refresh
    assert vault.secret(found, SecretKind.REFRESH_TOKEN) is None
    assert Secret(f"access-{CANARY}-2").sha256.hex()[:16] == found.fingerprint


def test_who_saw_an_older_generation_gets_the_current_secret(
    vault: Vault, shelf: Shelf, settings: Settings
) -> None:
    """Another process may refresh between reading a connection and opening its token."""
    acme = shelf.authorization()
    other = Vault.open(settings)
    other.unlock()
    other.replace_tokens(acme.id, 1, shelf.tokens("2"), 1)
    other.close()

    assert Secret(f"access-{CANARY}-2") == vault.secret(acme, SecretKind.ACCESS_TOKEN)


def test_every_secret_ever_held_keeps_its_fingerprint(vault: Vault, shelf: Shelf) -> None:
    """Superseded, removed and revoked ones, under the name of that time, never the secret."""
    acme = shelf.authorization("acme")
    vault.rename(acme.id, "renamed")
    vault.replace_tokens(acme.id, 1, shelf.tokens("acme-2"), 1)
    vault.remove(acme.id)

    assert {
        (Secret(f"{kind}-{CANARY}-acme-{generation}").sha256, f"{kind}_token", generation, name)
        for kind in ("access", "refresh")
        for generation, name in ((1, "acme"), (2, "renamed"))
    } == {
        (row["sha256"], row["kind"], row["generation"], row["owner_name"])
        for row in vault.database.rows("SELECT * FROM fingerprints")
    }


# Two at once


def test_two_processes_write_at_once_and_lose_nothing(
    vault: Vault, settings: Settings, python: Python
) -> None:
    """Two hundred events from two processes: all there, each in one piece."""
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from close_tui.model import Event\n"
        "from close_tui.settings import Settings\n"
        "from close_tui.vault.vault import Vault\n"
        "vault = Vault.open(Settings(Path(sys.argv[1])))\n"
        "for number in range(100):\n"
        "    with vault.transaction():\n"
        "        vault.record(Event(number, sys.argv[2], 'x', 'test', 'ok'))\n"
        "        vault.check_writable()\n"
    )
    answers: list[int] = []
    threads = [
        threading.Thread(
            target=lambda who=who: answers.append(python(code, settings.home, who).returncode)
        )
        for who in ("one", "two")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [0, 0] == answers
    assert 200 == vault.database.rows("SELECT write_probe FROM vault")[0][0]
    assert list(range(99, -1, -1)) == [event.at for event in vault.history("one")]
    assert list(range(99, -1, -1)) == [event.at for event in vault.history("two")]


def test_of_two_connections_one_commit_wins(
    vault: Vault, shelf: Shelf, settings: Settings, clock: Callable[[], float]
) -> None:
    """Both saw generation 1; one commits, the other is told, and both then see the same."""
    acme = shelf.authorization()
    other = Vault.open(settings)
    other.unlock()

    wins = [
        v.replace_tokens(acme.id, 1, shelf.tokens(mark), clock())
        for v, mark in ((other, "other"), (vault, "own"))
    ]

    assert [True, False] == wins
    assert other.connection(acme.id) == vault.connection(acme.id)
    assert Secret(f"access-{CANARY}-other") == vault.secret(acme, SecretKind.ACCESS_TOKEN)
    other.close()
