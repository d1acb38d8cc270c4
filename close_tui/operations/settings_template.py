"""Make the settings file: every setting in it, documented and commented out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from close_tui.errors import CloseTuiError
from close_tui.settings import SETTINGS

_HEAD: Final = """\
# The settings of close-tui. Remove the # in front of a line to set it.
# A flag wins over the environment, the environment over this file.
# Secrets do not belong here: close-tui add key and close-tui add app take them.
"""


class SettingsNotWritten(CloseTuiError):
    """The settings file cannot be made."""

    title = "The settings file cannot be made"


def template() -> str:
    """Return a settings file that changes nothing."""
    parts = [_HEAD]
    parts += [
        f"# {each.sentence}\n# Default: {each.default}\n# Environment: {each.variable}\n"
        f"# {each.name} = {each.example}\n"
        for each in SETTINGS
    ]
    return "\n".join(parts)


def ensure(path: Path) -> bool:
    """Make the file (0600, whole or not at all) where there is none; tells whether it was made."""
    if os.path.lexists(path):
        return False
    half = path.with_name(f".{path.name}.{os.getpid()}.new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        half.unlink(missing_ok=True)
        try:
            with os.fdopen(os.open(half, flags, 0o600), "w", encoding="utf-8") as file:
                file.write(template())
                file.flush()
                os.fsync(file.fileno())
            half.replace(path)
        finally:
            half.unlink(missing_ok=True)
    except OSError as error:
        raise SettingsNotWritten(f"{path}: {error.strerror}.") from None
    return True
