"""A new key, or another place for it: everything opens as before, the old key opens nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from close_tui.errors import (
    Busy,
    ForeignIdentity,
    Tampered,
    UsageError,
    VaultBusy,
    VaultLocked,
    VaultNotWritable,
    WrongPassphrase,
)
from close_tui.model import SecretKind
from close_tui.operations.refresh import refresh
from close_tui.operations.vault_key import move_key, rekey
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.vault import in_passphrase
from close_tui.vault.alone import exclusively
from close_tui.vault.vault import Vault
from tests.operations.conftest import QUICK
from tests.operations.killing import PRETEND

if TYPE_CHECKING:
    from close_tui.model import Connection
    from tests.operations.conftest import Town

PASSPHRASE, OTHER = Secret("correct horse"), Secret("battery staple")


def sealed(town: Town) -> dict[tuple[str, str], bytes]:
    """Every sealed row, and the mark."""
    database = town.desk.vault.database
    rows = {(r["owner"], r["kind"]): r["sealed"] for r in database.rows("SELECT * FROM secrets")}
    mark = database.row("SELECT sealed_mark FROM vault")
    assert mark is not None
    return {**rows, ("", "mark"): mark[0]}


def identity_file(town: Town) -> Path:
    """The file that the town's vault was made with."""
    assert town.settings.identity_file is not None
    return town.settings.identity_file


async def test_every_row_is_sealed_anew_and_opens_as_before(town: Town) -> None:
    """Tokens, keys, client secrets and the mark; the history says so."""
    connection = town.connect()
    key, _ = await town.connect_key()
    before, token = sealed(town), town.token(connection)
    old = town.desk.vault.key()

    result = await rekey(town.desk)

    after = sealed(town)
    assert ("rekey", "ok", 0) == (result.verb, result.outcome, result.exit_code)
    assert before.keys() == after.keys()
    assert not set(before.values()) & set(after.values())
    assert token == town.token(connection)
    assert town.token(key, SecretKind.API_KEY)
    assert old != town.desk.vault.key()
    assert "rekey" == town.desk.vault.history()[0].verb
    assert "refreshed" == (await refresh(town.desk, connection.id)).outcome


async def test_the_old_key_opens_nothing_any_more(town: Town) -> None:
    """Neither the vault nor, after the commit, a row that is left in one of its files."""
    town.connect()
    old = town.desk.vault.key()
    before = sealed(town)

    await rekey(town.desk)

    other = Vault.open(town.settings)
    with pytest.raises(ForeignIdentity):
        other.unlock(old)
    other.close()
    files = b"".join(path.read_bytes() for path in town.settings.home.glob("vault.db*"))
    assert not [row for row in before.values() if row in files]


async def test_the_owners_file_keeps_the_old_key_behind_the_new_one(town: Town) -> None:
    """It may open other things of the owner's; that it is left there is said."""
    path = identity_file(town)
    before = path.read_text()

    result = await rekey(town.desk)

    new = town.desk.vault.key().reveal()
    assert f"# close-tui's vault\n{new}\n{before}" == path.read_text()
    assert 0o600 == path.stat().st_mode & 0o777
    assert "still in it" in result.advice
    again = Vault.open(town.settings)
    again.unlock()
    assert new == again.key().reveal()
    again.close()


async def test_a_process_with_the_old_key_unlocks_again_and_loses_nothing(town: Town) -> None:
    """It neither spends a refresh token, nor opens, nor seals with the key that was thrown away."""
    connection = town.connect()
    behind = town.open_desk()
    await behind.unlock()
    held = behind.vault.identity
    await rekey(town.desk)

    for stale in (
        lambda: behind.vault.secret(connection, SecretKind.ACCESS_TOKEN),
        lambda: behind.vault.begin_refresh(connection.id, 1, town.clock()),
        lambda: behind.vault.set_app(town.app, Secret("new"), town.clock()),
    ):
        behind.vault.identity = held
        with pytest.raises(VaultLocked, match="given this vault a new key"):
            stale()
        assert behind.vault.is_locked
    assert town.shown(connection.id).intent is None
    assert "refreshed" == (await refresh(behind, connection.id)).outcome
    assert 1 == town.sent()
    assert town.is_alive(town.token(connection))


async def test_a_refresh_under_way_is_waited_for(town: Town) -> None:
    """Its new tokens are stored by whoever asked for them, before the key is changed."""
    connection = town.connect()
    vault = town.desk.vault
    intent = vault.begin_refresh(connection.id, 1, town.clock())
    assert intent is not None
    hasty = town.open_desk(pauses=QUICK._replace(lock=0.1))
    key = vault.key()

    with pytest.raises(Busy, match="A refresh of acme is under way"):
        await rekey(hasty)
    waiting = asyncio.create_task(rekey(town.open_desk()))
    await asyncio.sleep(0.2)
    before = waiting.done()
    vault.end_refresh(connection.id)
    await waiting

    assert not before
    assert vault.is_locked
    await town.desk.unlock()
    assert key != vault.key()


async def test_a_lost_answer_does_not_stand_in_the_way(town: Town) -> None:
    """Nobody waits for it any more."""
    connection = town.connect()
    town.desk.vault.begin_refresh(connection.id, 1, town.clock())
    town.clock.advance(60)

    assert "ok" == (await rekey(town.desk)).outcome
    assert "refresh_unknown" == town.status(connection)


async def test_with_a_row_that_does_not_open_nothing_is_changed(town: Town) -> None:
    """It would be lost for good; the row is named, and no second key was written."""
    connection = town.connect()
    town.desk.vault.database.change(
        "UPDATE secrets SET sealed = ? WHERE kind = 'access_token'", b"scratched"
    )
    before, text = sealed(town), identity_file(town).read_text()

    with pytest.raises(Tampered, match=f"access_token of {connection.id}"):
        await rekey(town.desk)

    assert (before, text) == (sealed(town), identity_file(town).read_text())


async def test_a_vault_that_cannot_be_written_keeps_its_key(town: Town) -> None:
    """It is noticed before a key is made."""
    text = identity_file(town).read_text()
    town.read_only(town.desk)

    with pytest.raises(VaultNotWritable):
        await rekey(town.desk)

    assert text == identity_file(town).read_text()


async def test_two_at_once_do_not_meet(town: Town) -> None:
    """The second is told so, and changes nothing."""
    before = sealed(town)
    with exclusively(town.settings.home, 0, "is testing"), pytest.raises(VaultBusy) as caught:
        await rekey(town.desk)

    assert "Another close-tui is changing the vault's key." == str(caught.value)
    assert before == sealed(town)


async def test_moving_behind_a_passphrase_and_changing_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time exactly one key file is left, and only the present passphrase opens the vault."""
    pretended: dict[str, Any] = {}
    exec(PRETEND, pretended)
    monkeypatch.setattr(in_passphrase, "in_child", pretended["in_child"])
    connection = town.connect()
    here = Settings(town.settings.home, town.settings.api_url, town.settings.app_url)
    key, token = town.desk.vault.key(), town.token(connection)

    moved = await move_key(town.desk, "passphrase", new_passphrase=PASSPHRASE)
    assert "Unset CLOSE_TUI_IDENTITY_FILE, or identity_file in the settings" in moved.advice
    assert ["key.age"] == files(here)
    desk = town.open_desk(settings=here)
    await move_key(desk, "passphrase", passphrase=PASSPHRASE, new_passphrase=OTHER)
    assert ["key-2.age"] == files(here)
    await rekey(desk, OTHER)

    assert ["key.age"] == files(here)
    last = town.open_desk(settings=here)
    with pytest.raises(WrongPassphrase):
        await last.unlock(PASSPHRASE)
    await last.unlock(OTHER)
    assert key != last.vault.key()
    assert token == opened(last.vault, connection)


def files(settings: Settings) -> list[str]:
    """The names of the key files."""
    return sorted(path.name for path in settings.home.glob("*.age"))


def opened(vault: Vault, connection: Connection) -> str:
    """A connection's refresh token."""
    secret = vault.secret(connection, SecretKind.REFRESH_TOKEN)
    assert secret is not None
    return secret.reveal()


async def test_moving_into_a_file_keeps_what_is_in_it(town: Town, tmp_path: Path) -> None:
    """Another identity in it stays; the variable that now names the old file is mentioned."""
    town.connect()
    mine = tmp_path / "mine.txt"
    mine.touch(mode=0o600)
    theirs = "AGE-SECRET-KEY-1SOMEBODYELSES"
    mine.write_text(f"# mine\n{theirs}\n")

    result = await move_key(town.desk, "file", file=mine)

    key = town.desk.vault.key().reveal()
    assert f"# close-tui's vault\n{key}\n# mine\n{theirs}\n" == mine.read_text()
    assert f"Point CLOSE_TUI_IDENTITY_FILE at {mine}" in result.advice
    assert key in identity_file(town).read_text()
    there = Vault.open(Settings(town.settings.home))
    there.unlock()
    assert ("file", str(mine)) == (there.place_kind, there.place_detail)
    there.close()


@pytest.mark.parametrize(
    ("place", "words"),
    [("file", "Name the file"), ("passphrase", "cannot be empty"), ("same", "already")],
)
async def test_a_move_that_makes_no_sense_is_refused(town: Town, place: str, words: str) -> None:
    """Before anything is written."""
    town.connect()
    before = sealed(town)
    same = identity_file(town) if place == "same" else None

    with pytest.raises(UsageError, match=words):
        await move_key(town.desk, "file" if place == "same" else place, file=same)

    assert before == sealed(town)


async def test_a_link_to_the_owners_file_stays_a_link(town: Town, tmp_path: Path) -> None:
    """The file that it points to gets the new key."""
    real = identity_file(town)
    link = tmp_path / "link.txt"
    link.symlink_to(real)
    told = town.settings
    desk = town.open_desk(settings=Settings(told.home, told.api_url, told.app_url, link))

    await rekey(desk)

    assert link.is_symlink()
    assert desk.vault.key().reveal() in real.read_text()
