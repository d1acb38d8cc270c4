"""The key to the vault: made anew (rekey), or moved to another place.

The old place is emptied only once the new one was read back and opens the mark and every row.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from close_tui.errors import Busy, UsageError
from close_tui.model import Event, Result
from close_tui.operations.desk import Desk, in_daemon_thread
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.vault.alone import exclusively
from close_tui.vault.keeping_copies import copies
from close_tui.vault.places import IdentityPlace
from close_tui.vault.vault import READ_WAIT_S, Vault

PLACES: Final = ("keyring", "passphrase", "file")
"""Where a key can live."""

_POLL_S: Final = 0.1
_FLIGHT: Final = "the vault's key"


async def rekey(desk: Desk, passphrase: Secret | None = None) -> Result:
    """Make a new identity and seal every row to it; the old one opens nothing any more.

    ``passphrase`` is the vault's, where its key is behind one that no file holds; it stays.
    Raises Tampered, and changes nothing, when a row does not open.
    """
    from close_tui.vault.sealing import Identity

    vault = await desk.unlock(passphrase)
    old = vault.place(passphrase)
    fresh = Identity.generate().secret
    detail = "Every secret is sealed to a new key."
    done = await desk.shelter(
        _FLIGHT, lambda: _rehouse(desk, vault, old, lambda: old.add(fresh), "rekey", detail)
    )
    if old_copies := copies(desk.settings.home):
        names = ", ".join(copy.name for copy in old_copies)
        done = done._replace(advice=f"{done.advice} Only the old key opens {names}.".strip())
    return done


async def move_key(
    desk: Desk,
    kind: str,
    *,
    file: Path | None = None,
    passphrase: Secret | None = None,
    new_passphrase: Secret | None = None,
) -> Result:
    """Move the identity to the keyring, behind a new passphrase, or into a file (0600).

    ``passphrase`` is the present one, as for :func:`rekey`. A file that is there keeps what it
    holds. Moving from one passphrase to another is how it is changed.
    """
    vault = await desk.unlock(passphrase)
    old = vault.place(passphrase)
    new = await in_daemon_thread(_place(vault, old, kind, file, new_passphrase))
    key = vault.key()
    detail = f"The key lives in {_said(new)} now."
    done = await desk.shelter(
        _FLIGHT, lambda: _rehouse(desk, vault, old, lambda: _into(new, key), "move-key", detail)
    )
    advice = f"{done.advice} {_environment(desk.settings, new)}".strip()
    return done._replace(advice=advice)


async def _rehouse(
    desk: Desk,
    vault: Vault,
    old: IdentityPlace,
    store: Callable[[], IdentityPlace],
    verb: str,
    detail: str,
) -> Result:
    from close_tui.vault.rehousing import rehearse, rehouse

    with exclusively(desk.settings.home, 0, "is changing the vault's key"):
        rehearse(vault)
        new = await in_daemon_thread(store)
        text = await in_daemon_thread(lambda: new.read(READ_WAIT_S))
        deadline = asyncio.get_running_loop().time() + desk.pauses.lock
        while True:
            event = Event(desk.clock(), None, "", verb, "ok", detail)
            try:
                rehouse(vault, new, text, event)
                break
            except Busy:
                if asyncio.get_running_loop().time() >= deadline:
                    raise
            await asyncio.sleep(_POLL_S)
        left = await in_daemon_thread(old.remove)
    return Result("", "vault", verb, "ok", detail, left, event.at)


def _place(
    vault: Vault, old: IdentityPlace, kind: str, file: Path | None, passphrase: Secret | None
) -> Callable[[], IdentityPlace]:
    """Return the call that finds the new place; it may wait for a keyring."""
    if kind == "keyring":
        if old.kind == kind:
            raise UsageError("The key lives in the keyring already.")
        from close_tui.vault import in_keyring

        return lambda: in_keyring.proved(vault.id).free()
    if kind == "passphrase":
        if not passphrase:
            raise UsageError("A passphrase is needed, and it cannot be empty.")
        from close_tui.vault.in_passphrase import InPassphrase

        return lambda: InPassphrase.free(vault.settings.home, passphrase)
    if file is None:
        raise UsageError("Name the file.", advice="close-tui vault move-key file FILE")
    from close_tui.vault.in_file import InFile

    place = InFile(file.expanduser().absolute())
    if old.kind == kind and Path(old.detail).resolve() == place.path.resolve():
        raise UsageError(f"The key lives in {place.path} already.")
    return lambda: place


def _into(place: IdentityPlace, key: Secret) -> IdentityPlace:
    from close_tui.vault.in_file import InFile

    if isinstance(place, InFile) and place.exists():
        return place.add(key)
    place.write(key)
    return place


def _said(place: IdentityPlace) -> str:
    if place.kind == "keyring":
        return "the system keyring"
    return place.detail if place.kind == "file" else "a key file, behind the passphrase"


_UNSET: Final = "Unset {}, or {} in the settings file: it names another place."


def _environment(settings: Settings, new: IdentityPlace) -> str:
    """Say which setting, of the environment or the file, would contradict the vault from now on."""
    if settings.identity_file and new.kind != "file":
        return _UNSET.format("CLOSE_TUI_IDENTITY_FILE", "identity_file")
    if settings.identity_file and settings.identity_file != Path(new.detail):
        return (
            f"Point CLOSE_TUI_IDENTITY_FILE at {new.detail}, or identity_file in the settings file;"
            " or unset it."
        )
    if settings.passphrase_file and new.kind != "passphrase":
        return _UNSET.format("CLOSE_TUI_PASSPHRASE_FILE", "passphrase_file")
    if settings.passphrase_file:
        return f"Write the new passphrase into {settings.passphrase_file}."
    return ""
