"""What decides whether a connection may be used: intents, refusals, freezes, deaths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.model import Intent, Kind, SecretKind, Status
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.vault.vault import Vault

if TYPE_CHECKING:
    from tests.conftest import Clock, Python
    from tests.vault.conftest import Shelf

CANARY = "canary-7c1e"


# Refresh


def test_an_intent_is_written_down_before_each_send(vault: Vault, shelf: Shelf) -> None:
    """It counts the attempts with one generation's token, and starts afresh with the next."""
    acme = shelf.authorization()

    first = vault.begin_refresh(acme.id, 1, 10)
    vault.lost_refresh(acme.id, 12)
    lost = shelf.shown(acme).intent
    second = vault.begin_refresh(acme.id, 1, 20)
    vault.replace_tokens(acme.id, 1, shelf.tokens("2"), 21)
    ended = shelf.shown(acme).intent
    third = vault.begin_refresh(acme.id, 2, 30)

    assert Intent(1, 1, 10, None) == first
    assert Intent(1, 1, 10, 12) == lost
    assert Intent(1, 2, 20, None) == second
    assert ended is None
    assert Intent(2, 1, 30, None) == third == shelf.shown(acme).intent


def test_an_intent_of_an_older_generation_does_not_count(vault: Vault, shelf: Shelf) -> None:
    """Left over from a crash, it is replaced when the next generation's token is sent."""
    acme = shelf.authorization()
    vault.begin_refresh(acme.id, 1, 10)
    vault.lost_refresh(acme.id, 11)
    vault.database.change("UPDATE connections SET generation = 2")

    assert Intent(2, 1, 20, None) == vault.begin_refresh(acme.id, 2, 20)


def test_an_intent_survives_a_kill(
    vault: Vault, shelf: Shelf, settings: Settings, python: Python, clock: Clock
) -> None:
    """SIGKILL after it was written: the next process knows that a token may be spent."""
    acme = shelf.authorization()

    done = python(
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from close_tui.settings import Settings\n"
        "from close_tui.vault.vault import Vault\n"
        "vault = Vault.open(Settings(Path(sys.argv[1])))\n"
        "vault.begin_refresh(sys.argv[2], 1, float(sys.argv[3]))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n",
        settings.home,
        acme.id,
        clock(),
    )

    assert -9 == done.returncode, done.stderr
    assert Intent(1, 1, clock(), None) == shelf.shown(acme).intent
    assert Status.REFRESH_UNKNOWN == shelf.shown(acme).status(clock() + 60)


@pytest.mark.parametrize("why", ["frozen", "revoked", "removed", "moved", "unknown"])
def test_a_refresh_does_not_begin_where_it_must_not(why: str, vault: Vault, shelf: Shelf) -> None:
    """Frozen, revoked, removed, or another generation by now: no intent, nothing is sent."""
    acme = shelf.authorization()
    match why:
        case "frozen":
            vault.freeze(acme.id, 1)
        case "revoked":
            vault.revoked(acme.id, 1, proved_dead_at=None)
        case "removed":
            vault.remove(acme.id)
        case "moved":
            vault.replace_tokens(acme.id, 1, shelf.tokens("2"), 1)

    begun = vault.begin_refresh("unknown" if why == "unknown" else acme.id, 1, 2)

    assert begun is None
    assert not vault.database.rows("SELECT * FROM intents")


def test_a_freeze_of_another_process_stops_the_next_refresh(
    vault: Vault, shelf: Shelf, settings: Settings
) -> None:
    """It takes no lock: it counts from the moment it is written."""
    acme = shelf.authorization()
    other = Vault.open(settings)
    other.freeze(acme.id, 1)
    other.close()

    assert vault.begin_refresh(acme.id, 1, 2) is None


def test_a_refusal_keeps_the_tokens(vault: Vault, shelf: Shelf) -> None:
    """``invalid_grant`` marks this generation, ends the intent, destroys nothing."""
    acme = shelf.authorization()
    vault.begin_refresh(acme.id, 1, 1)

    assert vault.refuse_refresh(acme.id, 1, 2)

    found = shelf.shown(acme)
    assert (2, None) == (found.refused_at, found.intent)
    assert Status.NEEDS_AUTHORIZATION == found.status(3)
    assert vault.secret(found, SecretKind.REFRESH_TOKEN) is not None
    assert vault.secret(found, SecretKind.ACCESS_TOKEN) is not None


def test_a_refusal_of_an_older_generation_is_not_noted(vault: Vault, shelf: Shelf) -> None:
    """The token was refused because a sibling had spent it, and stored the next."""
    acme = shelf.authorization()
    vault.replace_tokens(acme.id, 1, shelf.tokens("2"), 1)
    vault.begin_refresh(acme.id, 2, 2)

    assert not vault.refuse_refresh(acme.id, 1, 3)

    assert shelf.shown(acme).refused_at is None
    assert shelf.shown(acme).intent is not None


def test_an_ended_refresh_leaves_no_intent(vault: Vault, shelf: Shelf) -> None:
    """Nothing was sent, or the server said so: the token is as good as before."""
    acme = shelf.authorization()
    vault.begin_refresh(acme.id, 1, 1)

    vault.end_refresh(acme.id)

    assert shelf.shown(acme).intent is None


# Freeze and revoke


def test_a_freeze_is_the_first_one(vault: Vault, shelf: Shelf) -> None:
    """A second one changes nothing; a revoked connection is not frozen again."""
    acme, dead = shelf.authorization("acme"), shelf.authorization("dead")
    vault.revoked(dead.id, 1, proved_dead_at=1)

    assert vault.freeze(acme.id, 10)
    assert not vault.freeze(acme.id, 20)
    assert not vault.freeze(dead.id, 20)
    assert not vault.freeze("unknown", 20)
    assert 10 == shelf.shown(acme).frozen_at
    assert Status.REVOKING == shelf.shown(acme).status(30)


def test_a_refresh_in_flight_stores_its_pair_under_a_freeze(vault: Vault, shelf: Shelf) -> None:
    """The server has already replaced the old pair: the new one is kept, and the freeze stays."""
    acme = shelf.authorization()
    vault.begin_refresh(acme.id, 1, 1)
    vault.freeze(acme.id, 2)

    assert vault.replace_tokens(acme.id, 1, shelf.tokens("2"), 3)

    found = shelf.shown(acme)
    assert (2, 2, None) == (found.generation, found.frozen_at, found.intent)
    assert Secret(f"refresh-{CANARY}-2") == vault.secret(found, SecretKind.REFRESH_TOKEN)
    assert vault.begin_refresh(acme.id, 2, 4) is None


def test_a_proved_death_destroys_the_secrets_at_once(vault: Vault, shelf: Shelf) -> None:
    """The tombstone stays: name, fingerprint, times; the others are untouched."""
    acme, other = shelf.authorization("acme"), shelf.authorization("other")
    vault.begin_refresh(acme.id, 1, 1)

    vault.revoked(acme.id, 10, proved_dead_at=11)

    found = shelf.shown(acme)
    assert (10, 10, 11, None) == (
        found.frozen_at,
        found.revoked_at,
        found.proved_dead_at,
        found.intent,
    )
    assert acme.fingerprint == found.fingerprint
    assert vault.secret(found, SecretKind.ACCESS_TOKEN) is None
    assert vault.secret(found, SecretKind.REFRESH_TOKEN) is None
    assert vault.secret(other, SecretKind.REFRESH_TOKEN) is not None
    assert 4 == len(vault.database.rows("SELECT * FROM fingerprints"))


def test_an_unproved_revocation_keeps_the_secrets_until_they_expire(
    vault: Vault, shelf: Shelf, clock: Clock
) -> None:
    """They are the only means to try again; once the token has expired they are of no use."""
    acme = shelf.authorization()

    vault.revoked(acme.id, clock(), proved_dead_at=None)

    assert vault.secret(acme, SecretKind.REFRESH_TOKEN) is not None
    assert 0 == vault.forget_expired(clock() + 3600)
    assert vault.secret(acme, SecretKind.REFRESH_TOKEN) is not None
    assert 2 == vault.forget_expired(clock() + 3601)
    assert vault.secret(acme, SecretKind.REFRESH_TOKEN) is None
    assert 0 == vault.forget_expired(clock() + 3601)


def test_a_later_proof_completes_a_revocation_and_is_never_lost(vault: Vault, shelf: Shelf) -> None:
    """The first times stay: frozen, revoked, proved."""
    acme = shelf.authorization()
    vault.freeze(acme.id, 1)

    vault.revoked(acme.id, 2, proved_dead_at=None)
    vault.revoked(acme.id, 3, proved_dead_at=4)
    vault.revoked(acme.id, 5, proved_dead_at=None)

    found = shelf.shown(acme)
    assert (1, 2, 4) == (found.frozen_at, found.revoked_at, found.proved_dead_at)
    assert not vault.database.rows("SELECT * FROM secrets")


def test_only_accepted_revocations_are_forgotten(vault: Vault, shelf: Shelf, clock: Clock) -> None:
    """An expired, a frozen, or an API key's secret could still be needed."""
    shelf.authorization("expired")
    vault.freeze(shelf.authorization("frozen").id, 1)
    vault.revoked(shelf.key("key").id, 1, proved_dead_at=None)

    assert 0 == vault.forget_expired(clock() + 10**9)
    assert 5 == len(vault.database.rows("SELECT * FROM secrets"))
    assert Kind.API_KEY in {c.kind for c in vault.connections()}
