"""Where the identity lives: keyring, passphrase or file. Chosen once, then pinned in the vault.

A place never asks a person anything; a missing passphrase is VaultLocked, and the front end asks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from close_tui.errors import (
    IdentityMissing,
    NoPlaceForIdentity,
    PlaceContradicted,
    VaultError,
    VaultLocked,
)
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.vault.folder import refuse_if_shared

KEY_FILE = "key.age"


class IdentityPlace(Protocol):
    """One place where an identity can live. Its calls may take seconds and touch no database."""

    kind: str
    detail: str

    def read(self, wait_s: float) -> Secret:
        """Return the identity's text, waiting at most so long for a keyring.

        Several lines are several identities; the vault's own is one of them.
        """

    def write(self, identity: Secret) -> None:
        """Store the identity, and prove that it can be read back."""

    def add(self, identity: Secret) -> IdentityPlace:
        """Store another identity beside this one, proved; returns where the new one is.

        What is here stays readable, whatever happens.
        """

    def remove(self) -> str:
        """Remove the identity from here; returns what is left for a person to do, or nothing."""


def choose(
    settings: Settings, vault_id: str, *, new_passphrase: Secret | None, may_use_keyring: bool
) -> IdentityPlace:
    """Pick the place for a new vault's identity; NoPlaceForIdentity when there is none.

    In order: the identity file, the passphrase file, the keyring (proved), a passphrase that a
    person has just chosen. ``may_use_keyring`` is False once the keyring has been found wanting.
    """
    from close_tui.vault.in_file import InFile
    from close_tui.vault.in_passphrase import InPassphrase

    if settings.identity_file:
        return InFile(settings.identity_file)
    if settings.passphrase_file:
        return InPassphrase(settings.home / KEY_FILE, read_passphrase(settings.passphrase_file))
    why = ""
    if may_use_keyring:
        from close_tui.vault import in_keyring

        try:
            return in_keyring.proved(vault_id)
        except VaultLocked:
            # Locked is not absent: a locked keyring must never turn into a passphrase silently.
            raise
        except VaultError as error:
            why = f"{error} "
    if new_passphrase:
        return InPassphrase(settings.home / KEY_FILE, new_passphrase)
    raise NoPlaceForIdentity(f"{why}A vault is never kept in plain text.")


def pinned(
    settings: Settings, vault_id: str, kind: str, detail: str, passphrase: Secret | None
) -> IdentityPlace:
    """Return the place that a vault was made with.

    PlaceContradicted when the environment names another one; VaultLocked when a passphrase is
    needed and none is given.
    """
    _refuse_contradiction(settings, kind)
    if kind == "keyring":
        from close_tui.vault.in_keyring import InKeyring

        return InKeyring(detail, vault_id)
    if kind == "passphrase":
        from close_tui.vault.in_passphrase import InPassphrase

        if passphrase is None and settings.passphrase_file:
            passphrase = read_passphrase(settings.passphrase_file)
        if passphrase is None:
            raise VaultLocked(
                "This vault is opened with a passphrase.",
                advice=(
                    "Set CLOSE_TUI_PASSPHRASE_FILE to a file that holds it, or call close-tui in "
                    "a terminal, where it asks (u in the app)."
                ),
            )
        return InPassphrase.pinned(settings.home, detail, passphrase)
    from close_tui.vault.in_file import InFile

    return InFile(settings.identity_file or Path(detail))


def _refuse_contradiction(settings: Settings, kind: str) -> None:
    # Of two variables the first one counts, here as in `choose`.
    if settings.identity_file:
        named, variable, setting = "file", "CLOSE_TUI_IDENTITY_FILE", "identity_file"
    elif settings.passphrase_file:
        named, variable, setting = "passphrase", "CLOSE_TUI_PASSPHRASE_FILE", "passphrase_file"
    else:
        return
    if named != kind:
        raise PlaceContradicted(
            f"This vault's key lives in: {_IN_WORDS[kind]}. {variable} says otherwise.",
            advice=f"Unset {variable}, or {setting} in the settings file; or use another folder "
            "for a new vault (CLOSE_TUI_HOME).",
        )


_IN_WORDS = {
    "keyring": "the system keyring",
    "passphrase": f"{KEY_FILE}, behind a passphrase",
    "file": "an identity file",
}


def read_passphrase(path: Path) -> Secret:
    """Read a passphrase file: its first line, without the line break."""
    try:
        refuse_if_shared(path)
        with path.open(encoding="utf-8") as file:
            line = file.readline(4096)
    except (OSError, UnicodeDecodeError) as error:
        words = getattr(error, "strerror", None) or "not UTF-8 text"
        raise IdentityMissing(
            f"CLOSE_TUI_PASSPHRASE_FILE names {path}, which cannot be read: {words}.",
            advice="Put the file back, or correct the variable.",
        ) from None
    passphrase = Secret(line.rstrip("\r\n"))
    if not passphrase:
        raise IdentityMissing(
            f"{path} is empty.", advice="Write the passphrase into its first line."
        )
    return passphrase
