"""The identity in ``key.age``, wrapped by a passphrase (age's scrypt recipient).

scrypt takes 1 to 4 s and up to 1 GiB, and holds the interpreter meanwhile: a child process does
it. The passphrase and the identity travel through its pipes only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from close_tui.errors import IdentityMissing, VaultError, WrongPassphrase
from close_tui.secret import Secret
from close_tui.vault.folder import create_private, refuse_if_shared

_CHILD: Final = Path(__file__).with_name("passphrase_child.py")
_WAIT_S: Final = 120.0
_WRONG_PASSPHRASE: Final = 3  # the child's exit code


class InPassphrase:
    """``key.age`` beside the vault, and the passphrase that opens it."""

    kind = "passphrase"
    detail = ""

    def __init__(self, path: Path, passphrase: Secret) -> None:
        self.path = path
        self._passphrase = passphrase

    def read(self, wait_s: float) -> Secret:  # noqa: ARG002 - scrypt takes the time it takes
        """Open the file; WrongPassphrase when the passphrase is not the one."""
        try:
            refuse_if_shared(self.path)
            wrapped = self.path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            raise IdentityMissing(
                f"The vault's key, {self.path}, cannot be read.",
                advice="Restore key.age from a backup. Without it the secrets cannot be opened.",
            ) from None
        return self._in_child("unwrap", Secret(wrapped))

    def write(self, identity: Secret) -> None:
        """Make the file and prove that it opens; an existing one is never overwritten."""
        wrapped = self._in_child("wrap", identity)
        if not create_private(self.path, wrapped.reveal().encode("ascii")):
            raise VaultError(
                f"{self.path} exists already, and no vault belongs to it.",
                advice="Move it away if you are sure that you do not need it, then try again.",
            )
        if self.read(0) != identity:
            raise VaultError(f"{self.path} does not give back what was written.")

    def _in_child(self, task: str, content: Secret) -> Secret:
        request = json.dumps(
            {"task": task, "passphrase": self._passphrase.reveal(), "content": content.reveal()}
        )
        # -P: nothing that lies where the user happens to stand may be imported.
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter and file
                [sys.executable, "-P", str(_CHILD)],
                input=request.encode(),
                capture_output=True,
                timeout=_WAIT_S,
                check=False,
                env={k: v for k, v in os.environ.items() if k != "PYTHONINSPECT"},
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise VaultError(
                f"The process that opens {self.path} did not do so ({type(error).__name__}).",
                advice="Nothing was changed. Try again when the machine has more time and memory.",
            ) from None
        if done.returncode == _WRONG_PASSPHRASE:
            raise WrongPassphrase
        if done.returncode != 0:
            raise VaultError(
                f"{self.path} cannot be opened: it is damaged, or asks for more work or memory "
                "than this machine has.",
                advice="Nothing was changed. Restore key.age from a backup.",
            )
        return Secret(done.stdout.decode())
