"""Check: what is right and what is not with the vault. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from close_tui.errors import VaultError
from close_tui.operations.desk import Desk
from close_tui.operations.incident import incidents
from close_tui.vault import checking
from close_tui.vault.checking import Finding

_SHOWN = 5
_SEE_TO = (
    "What is left to do: close-tui incident show {0}. When you have seen to it: "
    "close-tui incident close {0} --reason TEXT"
)


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
            found += _open_incidents(desk)
            if vault.destroyed_at is None:
                found += checking.connections(vault, desk.clock())
        found += checking.leftovers(vault)
    except VaultError as error:
        found.append(Finding("database", "problem", str(error), error.advice))
        return found, False
    return found, True


def _open_incidents(desk: Desk) -> Iterator[Finding]:
    """Name the open incidents in which everything was revoked, and not everything is dead."""
    named = {  # by the finding about what is pending
        each.incident_id
        for each in desk.vault.connections()
        if each.frozen_at is not None and each.revoked_at is None
    }
    for each in incidents(desk):
        if each.is_open and each.id not in named:
            left = [one for one in each.targets if not (one.is_over or one.continued_in)]
            names = ", ".join(one.name for one in left[:_SHOWN])
            more = f" and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
            said = f"{each.id} is open. Not proved dead: {names}{more}."
            yield Finding("incidents", "warning", said, _SEE_TO.format(each.id))


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
