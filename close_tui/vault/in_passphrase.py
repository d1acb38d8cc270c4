"""The identity in ``key.age``, wrapped by a passphrase (age's scrypt recipient).

A file is written once. After a change of key or passphrase the vault names another one
(``key-2.age`` …), so that at every instant exactly one of them is the vault's.

scrypt takes 1 to 4 s and up to 1 GiB, and holds the interpreter meanwhile: a child process does
it. The passphrase and the identity travel through its pipes only.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from close_tui.errors import IdentityMissing, VaultError, WrongPassphrase
from close_tui.secret import Secret
from close_tui.vault.folder import create_private, refuse_if_shared, sync
from close_tui.vault.places import KEY_FILE

KEY_FILES: Final = r"key(-\d{1,9})?\.age"
"""What such files are called."""

_CHILD: Final = Path(__file__).with_name("passphrase_child.py")
_WAIT_S: Final = 120.0
_WRONG_PASSPHRASE: Final = 3  # the child's exit code


class InPassphrase:
    """``key.age`` beside the vault, and the passphrase that opens it."""

    kind = "passphrase"

    def __init__(self, path: Path, passphrase: Secret) -> None:
        self.path = path
        self.detail = "" if path.name == KEY_FILE else path.name
        self._passphrase = passphrase

    @classmethod
    def pinned(cls, home: Path, detail: str, passphrase: Secret) -> InPassphrase:
        """Return the place that a vault names; VaultError for a name that is not a key file's."""
        if not re.fullmatch(KEY_FILES, detail or KEY_FILE):
            raise VaultError(f"The vault names a key file that cannot be one: {detail!r}.")
        return cls(home / (detail or KEY_FILE), passphrase)

    @classmethod
    def free(cls, home: Path, passphrase: Secret) -> InPassphrase:
        """Return a place that is not taken by any file."""
        number, path = 1, home / KEY_FILE
        while path.exists():
            number += 1
            path = home / f"key-{number}.age"
        return cls(path, passphrase)

    def add(self, identity: Secret) -> InPassphrase:
        """Keep another identity, behind the same passphrase, in a file of its own."""
        beside = self.free(self.path.parent, self._passphrase)
        beside.write(identity)
        return beside

    def remove(self) -> str:
        """Delete the file; returns what is left to do, empty when nothing is."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            return f"{self.path} could not be deleted ({error.strerror}): delete it yourself."
        sync(self.path.parent)
        return ""

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
        return in_child("unwrap", self._passphrase, Secret(wrapped), self.path)

    def write(self, identity: Secret) -> None:
        """Make the file and prove that it opens; an existing one is never overwritten."""
        wrapped = in_child("wrap", self._passphrase, identity, self.path)
        if not create_private(self.path, wrapped.reveal().encode("ascii")):
            raise VaultError(
                f"{self.path} exists already, and no vault belongs to it.",
                advice="Move it away if you are sure that you do not need it, then try again.",
            )
        if self.read(0) != identity:
            raise VaultError(f"{self.path} does not give back what was written.")


def in_child(task: str, passphrase: Secret, content: Secret, path: Path) -> Secret:
    """``wrap`` or ``unwrap`` the content of a file in a process of its own; WrongPassphrase."""
    request = json.dumps(
        {"task": task, "passphrase": passphrase.reveal(), "content": content.reveal()}
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
            f"The process that opens {path} did not do so ({type(error).__name__}).",
            advice="Nothing was changed. Try again when the machine has more time and memory.",
        ) from None
    if done.returncode == _WRONG_PASSPHRASE:
        raise WrongPassphrase
    if done.returncode != 0:
        raise VaultError(
            f"{path} cannot be opened: it is damaged, or asks for more work or memory "
            "than this machine has.",
            advice="Nothing was changed. Restore key.age from a backup.",
        )
    return Secret(done.stdout.decode())
