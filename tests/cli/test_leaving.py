"""Leaving the command line with tokens that are not stored yet: tried again, then mourned."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from close_tui.cli import session
from close_tui.errors import VaultNotWritable
from close_tui.operations.desk import Desk, Pauses
from close_tui.vault.vault import Vault

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Town

NAME = "northwind-reports"
QUICK = Pauses(commit=(0.0,), rescue=0.7)


def fail(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Let the vault refuse new tokens so many times."""
    real, left = Vault.replace_tokens, [VaultNotWritable("No room.")] * times

    def reluctant(vault: Vault, *arguments: Any) -> bool:
        if left:
            raise left.pop()
        return real(vault, *arguments)

    monkeypatch.setattr(Vault, "replace_tokens", reluctant)
    monkeypatch.setattr(session, "Desk", partial(Desk, pauses=QUICK))


def test_what_can_be_stored_at_last_is(
    cli: Run, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command waits for it, and says so; the connection lives on."""
    fail(monkeypatch, 3)

    done = cli("refresh", NAME)

    assert 7 == done.code
    assert "cannot be saved" in done.out
    assert "New tokens are not saved yet; trying for some seconds more." in done.err
    assert f"{NAME}: its new tokens are saved now." in done.err
    monkeypatch.undo()
    assert "ok" == town.status(NAME)


def test_what_is_lost_is_said_at_the_end(
    cli: Run, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bounded; the last words are what to do."""
    fail(monkeypatch, 1000)

    done = cli("refresh", NAME)

    assert 7 == done.code
    assert f"The new tokens of {NAME} could not be saved and are lost." in done.err
    assert done.err.rstrip().endswith("Authorize it again (a in the app, close-tui authorize APP).")
