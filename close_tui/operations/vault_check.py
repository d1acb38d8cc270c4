"""Check: what is right and what is not with the vault. Changes nothing."""

from __future__ import annotations

from close_tui.errors import VaultError
from close_tui.operations.desk import Desk
from close_tui.vault import checking
from close_tui.vault.checking import Finding


def without_key(desk: Desk) -> tuple[list[Finding], bool]:
    """Look at everything that needs no key, and tell whether the rest can be looked at.

    NoVault where nothing was ever stored. A file that is no vault, or one from a newer close-tui,
    is a finding.
    """
    home = desk.settings.home
    found = list(checking.places(home)) if home.is_dir() else []
    try:
        vault = desk.vault
        of_file = list(checking.database(vault))
        found += of_file
        if not any(each.subject == "database" and each.level != "ok" for each in of_file):
            found += checking.history(vault)
            found += checking.incidents(vault)
            if vault.destroyed_at is None:
                found += checking.connections(vault, desk.clock())
        found += checking.leftovers(vault)
    except VaultError as error:
        found.append(Finding("database", "problem", str(error), error.advice))
        return found, False
    return found, True


def with_key(desk: Desk) -> list[Finding]:
    """Open every sealed row of the unlocked vault."""
    try:
        return list(checking.secrets(desk.vault))
    except VaultError as error:
        return [unchecked(error)]


def unchecked(error: VaultError) -> Finding:
    """Say that the sealed rows were not opened, and why."""
    return Finding("secrets", "warning", f"Not checked, they cannot be opened: {error}",
                   error.advice)  # fmt: skip
