"""Doctor: the vault, the key to it, and the keyring. Names nothing that lies in the vault."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Final

from close_tui.errors import NoPlaceForIdentity, NoVault, VaultError, VaultLocked
from close_tui.operations.desk import Desk
from close_tui.operations.doctor_case import Case
from close_tui.operations.vault_check import with_key, without_key
from close_tui.vault.checking import Finding
from close_tui.vault.in_keyring import InKeyring, prove, proved
from close_tui.vault.vault import Vault

KEYRING_WAIT_S: Final = 4.0
"""For one call of a keyring; a person at its prompt is not waited for."""

_LEVELS: Final = ("ok", "warning", "problem")
_SAYS_WHICH: Final = "close-tui vault check says which."


def vault(case: Case) -> Iterator[Finding]:
    """Say how the vault is, as far as it can be seen without its key."""
    home = case.settings.home
    desk = Desk(case.settings, clock=case.clock)
    try:
        found, usable = without_key(desk)
        if usable:
            gone = "" if desk.vault.destroyed_at is None else " It was destroyed: nothing opens."
            yield Finding("vault", "ok", f"In {home}.{gone}")
        yield from _summed_up(found if usable else found[:-1])
        if not usable:
            yield found[-1]._replace(subject="vault")
    except NoVault:
        yield Finding("vault", "ok", f"None yet in {home}: the first key or app makes it.")
    except VaultError as error:
        yield Finding("vault", "problem", str(error), error.advice)
    finally:
        desk.shut()


def key(case: Case) -> Iterator[Finding]:
    """Say where the vault's key lives, and try it where nobody must be asked."""
    desk = Desk(case.settings, clock=case.clock)
    try:
        store = desk.vault
        if store.destroyed_at is not None:
            return
        where = _PLACES.get(store.place_kind, store.place_kind)
        if store.place_kind == "passphrase":
            said = f"Lives in {where}. Not tried: that takes seconds."
            yield Finding("key", "ok", said, "close-tui vault check tries it.")
            return
        store.unlock(store.key_reader(None, KEYRING_WAIT_S)())
        yield Finding("key", "ok", f"Lives in {where}, and opens the vault.")
        yield from _summed_up(with_key(desk))
    except NoVault:
        return
    except VaultError as error:
        yield Finding("key", "problem", str(error), error.advice)
    finally:
        desk.shut()


_PLACES: Final = {
    "keyring": "the system keyring",
    "passphrase": "a file, behind a passphrase",
    "file": "an identity file",
}


def keyring(case: Case) -> Iterator[Finding]:
    """Prove that the keyring keeps what it is given, where one is used or would be."""
    try:
        module = _pinned_keyring(case)
    except VaultError:
        return  # the vault's own finding says it
    if module is None:
        yield Finding("keyring", "ok", "Not used: the vault's key lives elsewhere.")
        return
    try:
        if module:
            prove(module, case.make_keyring, KEYRING_WAIT_S)
        else:
            module = proved("", case.make_keyring, KEYRING_WAIT_S).module
    except VaultLocked as error:
        yield Finding("keyring", "problem", str(error), error.advice)
    except VaultError as error:
        if module:
            yield Finding("keyring", "problem", str(error), error.advice)
        else:
            yield Finding("keyring", "warning", str(error), NoPlaceForIdentity.advice)
    else:
        name = module.rpartition(".")[2]
        said = f"{name} on {sys.platform}: a probe was written, read back and deleted."
        yield Finding("keyring", "ok", said)


def _pinned_keyring(case: Case) -> str | None:
    """Return the keyring module of this vault, empty for a vault to come, None for no keyring."""
    try:
        store = Vault.open(case.settings)
    except NoVault:
        return None if case.settings.identity_file or case.settings.passphrase_file else ""
    try:
        if store.place_kind != "keyring" or store.destroyed_at is not None:
            return None
        return InKeyring(store.place_detail, store.id).module
    finally:
        store.close()


def _summed_up(found: Iterable[Finding]) -> Iterator[Finding]:
    """One finding for each subject; what is not well is counted: names may stand in it."""
    subjects: dict[str, list[Finding]] = {}
    for each in found:
        subjects.setdefault(each.subject, []).append(each)
    for subject, findings in subjects.items():
        level = max((each.level for each in findings), key=_LEVELS.index)
        if level == "ok":
            yield findings[0]
        else:
            count = sum(each.level == level for each in findings)
            said = f"{count} {level}{'s' if count > 1 else ''}."
            yield Finding(subject, level, said, _SAYS_WHICH)
