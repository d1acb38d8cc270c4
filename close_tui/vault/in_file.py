"""The identity in an age identity file, made by ``age-keygen -o FILE``.

It is its owner's: it may hold other identities, and nothing in it is deleted that we did not write.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from close_tui.errors import IdentityMissing, VaultNotWritable
from close_tui.secret import Secret
from close_tui.vault.folder import create_private, refuse_if_shared, sync
from close_tui.vault.sealing import Identity

_PREFIX = "AGE-SECRET-KEY-1"

_OURS = "# close-tui's vault"
"""Stands above each identity that we have written."""


class InFile:
    """An age identity file that its owner named; refused when others can read it."""

    kind = "file"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.detail = str(path)

    def read(self, wait_s: float) -> Secret:  # noqa: ARG002 - a file does not make anybody wait
        """Return the file's identities, one a line; the vault's own is one of them."""
        found = [line.strip() for line in self._text().splitlines()]
        found = [line for line in found if line.startswith(_PREFIX)]
        if not found:
            raise IdentityMissing(
                f"There is no age identity in {self.path}.",
                advice=f"It must hold a line that begins with {_PREFIX}; "
                "age-keygen -o FILE makes one.",
            )
        return Secret("\n".join(found))

    def _text(self) -> str:
        try:
            refuse_if_shared(self.path)
            with self.path.open(encoding="utf-8") as file:
                return file.read(64 * 1024)
        except (OSError, UnicodeDecodeError) as error:
            words = getattr(error, "strerror", None) or "not UTF-8 text"
            raise IdentityMissing(
                f"The identity file {self.path} cannot be read: {words}.",
                advice="Put the file back, or point CLOSE_TUI_IDENTITY_FILE at it.",
            ) from None

    def exists(self) -> bool:
        """Tell whether the file is there."""
        return self.path.exists()

    def write(self, identity: Secret) -> None:
        """Make the file; a file that exists must already hold this identity."""
        create_private(self.path, f"{_OURS}\n{identity.reveal()}\n".encode())
        if self.identity().secret != identity:
            raise IdentityMissing(f"{self.path} holds another identity. Nothing was overwritten.")

    def identity(self) -> Identity:
        """Return the first identity that the file already holds."""
        return Identity(Secret(self.read(0).reveal().partition("\n")[0]))

    def _holds(self, identity: Secret) -> bool:
        return identity.reveal() in self.read(0).reveal().split("\n")

    def add(self, identity: Secret) -> InFile:
        """Put another identity in front of those that are there, in one step, and prove it."""
        self._replace(f"{_OURS}\n{identity.reveal()}\n{self._text()}")
        if not self._holds(identity):
            raise IdentityMissing(f"{self.path} does not give back what was written into it.")
        return self

    def _replace(self, text: str) -> None:
        path = self.path.resolve()  # a link goes on pointing there
        beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
        create_private(beside, text.encode())
        try:
            beside.replace(path)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise VaultNotWritable(f"{path} cannot be written: {error.strerror}.") from None
        sync(path.parent)

    def forget(self, identity: Secret) -> None:
        """Take out an identity that we have written; one that its owner wrote stays.

        The file goes with it when nothing else is in it.
        """
        lines = self._text().splitlines(keepends=True)
        kept: list[str] = []
        for line in lines:
            if line.strip() == identity.reveal() and kept and kept[-1].strip() == _OURS:
                kept.pop()
            else:
                kept.append(line)
        if any(line.strip() for line in kept):
            if len(kept) < len(lines):
                self._replace("".join(kept))
            return
        path = self.path.resolve()
        path.unlink(missing_ok=True)
        sync(path.parent)

    def remove(self) -> str:
        """Leave the file to its owner, and say so."""
        return (
            f"{self.path} is yours, so the line with the key until now is still in it. "
            "Delete that line when nothing needs it."
        )
