"""The vault in the app: its key, its health, its backup."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import ForeignIdentity
from close_tui.operations import vault_backup as backup
from close_tui.secret import Secret
from close_tui.tui.screens import vault as screen_of_the_vault
from close_tui.vault.vault import Vault
from tests.tui.golden import SIZES, looks_like

if TYPE_CHECKING:
    from close_tui.operations.desk import Desk
    from close_tui.operations.vault_facts import VaultFacts
    from tests.tui.town import Town


@pytest.mark.parametrize("size", SIZES)
async def test_the_vault_looks_like_its_golden(
    still_town: Town, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """State, key, file, counts; what the check finds; what a shell does better."""
    real = screen_of_the_vault._facts

    def facts(desk: Desk) -> VaultFacts:
        file = Path("/home/ada/close/vault.db")
        return real(desk)._replace(file=file, size=124_000, place_detail="/home/ada/key.txt")

    monkeypatch.setattr(screen_of_the_vault, "_facts", facts)
    still_town.grant("acme-reports")
    async with still_town.show(size) as screen:
        await screen.opened()
        await screen.press("W")
        await screen.on("ShowVault")
        await screen.sees("open and belong where they are")

        await looks_like(screen, "vault")


async def test_a_locked_vault_is_opened_from_its_screen(still_town: Town) -> None:
    """U is offered while it is locked; then the secrets are checked as well."""
    still_town.grant("acme-reports")
    still_town.hide_identity()
    async with still_town.show() as screen:
        await screen.press("W")
        await screen.on("ShowVault")
        await screen.sees("locked: press u to unlock")
        assert "belong where they are" not in screen.text
        still_town.bring_identity_back()
        await screen.press("u")
        await screen.sees("open and belong where they are")


async def test_the_vault_is_exported_from_the_app(still_town: Town, tmp_path: Path) -> None:
    """What is wrong stands beside its field; the file opens with the passphrase."""
    still_town.grant("acme-reports")
    file = tmp_path / "backup.age"
    async with still_town.show() as screen:
        await screen.opened()
        await screen.press("W")
        await screen.on("ShowVault")
        await screen.sees("live")
        await screen.press("e")
        await screen.on("ExportVault")
        await screen.press("ctrl+s")
        await screen.sees("✕ Name a new file.")
        await screen.type("#path", str(file))
        await screen.type("#first", "short")
        await screen.press("ctrl+s")
        await screen.sees("✕ It has 5 characters, and needs 10.")
        await screen.type("#first", "correct horse")
        await screen.press("ctrl+s")
        await screen.sees("✕ The two are not the same.")
        await screen.type("#second", "shortcorrect horse")
        await screen.press("ctrl+s")
        await screen.until(file.exists)
        await screen.on("ShowVault")

    document = await backup.opened(backup.read(file), passphrase=Secret("shortcorrect horse"))
    assert "acme-reports" in document.reveal()


async def test_the_vault_gets_a_new_key(still_town: Town) -> None:
    """The dialog starts on Cancel; afterwards the old identity opens nothing."""
    still_town.grant("acme-reports")
    file = still_town.settings.identity_file
    assert file is not None
    before = file.read_text(encoding="utf-8")
    async with still_town.show() as screen:
        await screen.opened()
        await screen.press("W")
        await screen.on("ShowVault")
        await screen.sees("live")
        await screen.press("K")
        await screen.on("Rekey")
        await screen.press("enter")
        await screen.on("ShowVault")
        assert before == file.read_text(encoding="utf-8")
        await screen.press("K")
        await screen.on("Rekey")
        await screen.press("tab", "enter")
        await screen.sees("Every secret is sealed to a new key")

    found = re.findall("AGE-SECRET-KEY-[0-9A-Z]+", file.read_text(encoding="utf-8"))
    assert set(found) > set(re.findall("AGE-SECRET-KEY-[0-9A-Z]+", before))
    with pytest.raises(ForeignIdentity):
        Vault.open(still_town.settings).unlock(Secret(before))


async def test_the_key_is_moved(still_town: Town, tmp_path: Path) -> None:
    """Into another file; the old place is emptied, and a setting that contradicts is named."""
    still_town.grant("acme-reports")
    wanted = tmp_path / "other.key"
    async with still_town.show() as screen:
        await screen.opened()
        await screen.press("W")
        await screen.on("ShowVault")
        await screen.sees("live")
        await screen.press("m")
        await screen.on("MoveKey")
        await screen.press("ctrl+s")
        await screen.sees("✕ Name the file.")
        await screen.type("#path", str(wanted))
        await screen.press("ctrl+s")
        await screen.until(wanted.exists)
        await screen.on("ShowVault")

    assert "AGE-SECRET-KEY-" in wanted.read_text(encoding="utf-8")


async def test_commands_for_a_shell_are_copied(still_town: Town) -> None:
    """Y copies those that the app leaves to a shell; r checks again."""
    async with still_town.show() as screen:
        await screen.press("W")
        await screen.on("ShowVault")
        await screen.sees("Better done in a shell")
        await screen.press("r", "y")
        await screen.sees("The commands: sent to")

        assert "close-tui vault destroy\n" in screen.app.clipboard
