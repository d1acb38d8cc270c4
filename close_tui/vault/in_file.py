"""The identity in an age identity file, made by ``age-keygen -o FILE``."""

from __future__ import annotations

from pathlib import Path

from close_tui.errors import IdentityMissing
from close_tui.secret import Secret
from close_tui.vault.folder import create_private, refuse_if_shared
from close_tui.vault.sealing import Identity

_PREFIX = "AGE-SECRET-KEY-1"


class InFile:
    """An age identity file that its owner named; refused when others can read it."""

    kind = "file"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.detail = str(path)

    def read(self, wait_s: float) -> Secret:  # noqa: ARG002 - a file does not make anybody wait
        """Return the file's first identity."""
        try:
            refuse_if_shared(self.path)
            with self.path.open(encoding="utf-8") as file:
                lines = file.read(64 * 1024).splitlines()
        except (OSError, UnicodeDecodeError) as error:
            words = getattr(error, "strerror", None) or "not UTF-8 text"
            raise IdentityMissing(
                f"The identity file {self.path} cannot be read: {words}.",
                advice="Put the file back, or point CLOSE_TUI_IDENTITY_FILE at it.",
            ) from None
        for line in lines:
            if line.strip().startswith(_PREFIX):
                return Secret(line.strip())
        raise IdentityMissing(
            f"There is no age identity in {self.path}.",
            advice=f"It must hold a line that begins with {_PREFIX}; age-keygen -o FILE makes one.",
        )

    def exists(self) -> bool:
        """Tell whether the file is there."""
        return self.path.exists()

    def write(self, identity: Secret) -> None:
        """Make the file; a file that exists must already hold this identity."""
        create_private(self.path, f"{identity.reveal()}\n".encode())
        if self.read(0) != identity:
            raise IdentityMissing(f"{self.path} holds another identity. Nothing was overwritten.")

    def identity(self) -> Identity:
        """Return the identity that the file already holds."""
        return Identity(self.read(0))
