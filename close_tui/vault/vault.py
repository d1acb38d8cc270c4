"""The vault: opening, making and unlocking it. What it stores is in :mod:`.store`."""

from __future__ import annotations

import stat
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from close_tui.errors import (
    ForeignIdentity,
    NoVault,
    Tampered,
    VaultDamaged,
    VaultError,
    VaultLocked,
)
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.vault import folder, places
from close_tui.vault.alone import exclusively
from close_tui.vault.database import FILE_NAME, Database
from close_tui.vault.sealed import refuse_destroyed
from close_tui.vault.store import SqliteStore

if TYPE_CHECKING:
    from close_tui.vault.sealing import Identity

READ_WAIT_S: Final = 8.0
"""How long a call waits for the keyring; a person at its prompt is given longer."""

MARK: Final = "mark"
_MAKE_WAIT_S: Final = 120.0  # a person may be at the keyring's prompt meanwhile


class Vault(SqliteStore):
    """A vault that exists: its metadata is readable, its secrets once it is unlocked.

    Use it in the thread that opened it. :meth:`open` raises NoVault where nothing was ever stored.
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        row = database.row("SELECT * FROM vault")
        if row is None:
            raise VaultDamaged("The file vault.db holds no vault.")
        super().__init__(database, row["id"], row["sealed_mark"])
        self.settings = settings
        self.place_kind: str = row["place"]
        self.place_detail: str = row["place_detail"]

    @classmethod
    def open(cls, settings: Settings) -> Vault:
        """Open the vault for reading; nothing is made and nothing is asked."""
        if not exists(settings):
            raise NoVault
        folder.inspect(settings.home)
        database = Database(settings.home / FILE_NAME)
        try:
            return cls(settings, database)
        except BaseException:
            database.close()
            raise

    @classmethod
    def make(
        cls,
        settings: Settings,
        *,
        at: float,
        new_passphrase: Secret | None = None,
        may_use_keyring: bool = True,
    ) -> Vault:
        """Make the vault and its identity, unlocked; opens the one that another process made.

        Raises NoPlaceForIdentity when there is neither keyring, passphrase nor identity file.
        """
        folder.prepare(settings.home)
        with suppress(NoVault):
            return cls.open(settings)
        with exclusively(settings.home, _MAKE_WAIT_S, "is making the vault"):
            with suppress(NoVault):
                return cls.open(settings)
            return cls._make(settings, at, new_passphrase, may_use_keyring)

    @classmethod
    def _make(
        cls, settings: Settings, at: float, new_passphrase: Secret | None, may_use_keyring: bool
    ) -> Vault:
        import secrets

        from close_tui.vault.in_file import InFile
        from close_tui.vault.sealing import Identity, Place

        vault_id = secrets.token_hex(16)
        place = places.choose(
            settings, vault_id, new_passphrase=new_passphrase, may_use_keyring=may_use_keyring
        )
        found = place.identity() if isinstance(place, InFile) and place.exists() else None
        identity = found or Identity.generate()
        mark = identity.seal(Place(vault_id, vault_id, MARK, 0), Secret(MARK))
        # The file gets its name last: whoever finds it finds a whole vault with its key in place.
        half = settings.home / f"{FILE_NAME}.new"
        for left in settings.home.glob(f"{half.name}*"):
            left.unlink()
        folder.create_private(half)
        database = Database(half, new=True)
        try:
            database.change(
                "INSERT INTO vault (id, created_at, place, place_detail, sealed_mark)"
                " VALUES (?, ?, ?, ?, ?)",
                vault_id,
                at,
                place.kind,
                place.detail,
                mark,
            )
        finally:
            database.close()
        if found is None:
            place.write(identity.secret)
        half.replace(settings.home / FILE_NAME)
        folder.sync(settings.home)
        made = cls.open(settings)
        made.identity = identity
        return made

    def close(self) -> None:
        """Close the file and forget the identity."""
        self.identity = None
        self.database.close()

    def key_reader(
        self, passphrase: Secret | None = None, wait_s: float = READ_WAIT_S
    ) -> Callable[[], Secret]:
        """Return the call that reads the identity from its place.

        It may take seconds and touches no database: a front end runs it in a thread of its own.
        """
        place = self.place(passphrase)
        return lambda: place.read(wait_s)

    def place(self, passphrase: Secret | None = None) -> places.IdentityPlace:
        """Return where the identity lives by now; VaultLocked when a passphrase is missing."""
        self.look_again()
        return places.pinned(self.settings, self.id, self.place_kind, self.place_detail, passphrase)

    def look_again(self) -> None:
        """Read again where the identity lives and what it must open; it may have moved.

        VaultDestroyed when there is nothing to open any more.
        """
        row = self.database.row("SELECT place, place_detail, sealed_mark FROM vault")
        if row is None:
            raise VaultDamaged("The file vault.db holds no vault.")
        self.place_kind, self.place_detail, self._mark = tuple(row)
        refuse_destroyed(self._mark)

    def unlock(self, identity_text: Secret | None = None) -> None:
        """Unlock with an identity, or with the one from its place; of several lines, with one.

        ForeignIdentity, and nothing changes, when it is another vault's.
        """
        from close_tui.vault.sealing import Identity

        if not self.is_locked:
            return
        text = identity_text if identity_text is not None else self.key_reader()()
        self.look_again()
        problems = []
        for line in text.reveal().splitlines() or [""]:
            try:
                identity = Identity(Secret(line))
                self._prove(identity)
            except ForeignIdentity as error:
                problems.append(error)
            else:
                self.identity = identity
                return
        raise problems[0]

    def _prove(self, identity: Identity) -> None:
        """An identity belongs here when it opens the vault's mark, or any other row."""
        from close_tui.vault.sealing import Place

        try:
            identity.unseal(Place(self.id, self.id, MARK, 0), self._mark)
        except Tampered:
            for row in self.database.rows("SELECT owner, kind, generation, sealed FROM secrets"):
                place = Place(self.id, row["owner"], row["kind"], row["generation"])
                with suppress(Tampered):
                    identity.unseal(place, row["sealed"])
                    return
            raise ForeignIdentity(
                "The key that was found does not open this vault.",
                advice=(
                    "Nothing was changed. Check CLOSE_TUI_HOME and CLOSE_TUI_IDENTITY_FILE, or "
                    "restore the key that belongs to this vault."
                ),
            ) from None

    def key(self) -> Secret:
        """Return the age identity itself, for the owner; VaultLocked before unlocking."""
        if self.identity is None:
            raise VaultLocked
        return self.identity.secret


def exists(settings: Settings) -> bool:
    """Tell whether a vault was made here; VaultDamaged when its place is taken by a folder."""
    path = settings.home / FILE_NAME
    try:
        facts = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise VaultError(
            f"{settings.home} cannot be looked into: {error.strerror}.",
            advice="Use a folder of your own: set CLOSE_TUI_HOME.",
        ) from None
    if stat.S_ISDIR(facts.st_mode):
        raise VaultDamaged(f"{path} is a folder.")
    return True
