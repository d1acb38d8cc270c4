"""Unlocking: a passphrase is asked for where somebody can answer; elsewhere the vault is locked."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from close_tui.cli.console import Console
from close_tui.cli.session import Session
from close_tui.operations.desk import Desk
from close_tui.secret import Secret
from close_tui.vault.vault import Vault

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Terminal, Town

PASSPHRASE = "CANARY correct horse"


@pytest.fixture
def locked(cli: Run, empty_town: Town, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A vault behind a passphrase, with one API key in it."""
    monkeypatch.delenv("CLOSE_TUI_IDENTITY_FILE")
    town = dataclasses.replace(
        empty_town, settings=empty_town.settings._replace(identity_file=None)
    )
    Vault.make(
        town.settings, at=town.clock(), new_passphrase=Secret(PASSPHRASE), may_use_keyring=False
    ).close()
    file = town.settings.home / "passphrase.txt"
    file.touch(mode=0o600)
    file.write_text(f"{PASSPHRASE}\n")
    monkeypatch.setenv("CLOSE_TUI_PASSPHRASE_FILE", str(file))
    added = cli("add", "key", "acme", stdin=town.demo.api_keys[0].text)
    assert 0 == added.code, added.err
    monkeypatch.delenv("CLOSE_TUI_PASSPHRASE_FILE")
    return town


def test_a_passphrase_vault_off_the_terminal_is_7(cli: Run, locked: Town) -> None:
    """Nobody can be asked; the list works all the same."""
    done = cli("test", "acme")

    assert (7, "") == (done.code, done.out)
    assert "CLOSE_TUI_PASSPHRASE_FILE" in done.err
    assert 0 == cli("list").code


def test_the_passphrase_is_asked_for_again_when_it_was_wrong(
    locked: Town, terminal: Callable[..., Terminal]
) -> None:
    """Hidden, up to three times; it takes a few seconds, and that is said."""
    screen = terminal("test", "acme", "--json")
    screen.expect("Passphrase of the vault")
    screen.type_hidden("wrong horse")
    screen.expect("Wrong passphrase Try again.")
    screen.type_hidden(PASSPHRASE)
    done = screen.end()

    assert (0, {"acme": "ok"}) == (done.code, done.outcomes)
    assert "takes a few seconds" in done.err
    assert PASSPHRASE not in done.err


def test_the_wrong_identity_file_is_7(
    cli: Run, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable names a file that is not there."""
    monkeypatch.setenv("CLOSE_TUI_IDENTITY_FILE", str(town.settings.home / "nothing.txt"))
    done = cli("test", "northwind-export")

    assert (7, "") == (done.code, done.out)
    assert "nothing.txt" in done.err


def test_a_cancelled_verb_is_a_ctrl_c(town: Town) -> None:
    """Nothing else cancels it; one that came too early to be counted is no bug."""
    session = Session(Console.of_process(), Desk(town.settings))

    async def cancelled() -> None:
        raise asyncio.CancelledError

    with pytest.raises(KeyboardInterrupt):
        session.run(cancelled())
    session.leave()
