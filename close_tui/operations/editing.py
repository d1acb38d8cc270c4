"""Open the settings file in the person's own editor."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from close_tui.errors import CloseTuiError


class EditorFailed(CloseTuiError):
    """The editor could not be started, or says that it failed."""

    title = "The editor failed"
    advice = "Set VISUAL or EDITOR to an editor of yours, for example: EDITOR=nano"


def edit(path: Path, environment: Mapping[str, str]) -> None:
    """Run the editor that ``VISUAL`` or ``EDITOR`` names, and wait for it; EditorFailed."""
    import shlex
    import subprocess

    fallback = "vi" if os.name == "posix" else "notepad"
    given = environment.get("VISUAL") or environment.get("EDITOR") or fallback
    try:
        words = shlex.split(given, posix=os.name == "posix")
        with _interrupts_are_the_editors():
            # The person's own editor, by their own word.
            code = subprocess.run([*words, str(path)], check=False).returncode  # noqa: S603
    except ValueError:
        raise EditorFailed(f"{given!r} cannot be read as a command.") from None
    except OSError as error:
        raise EditorFailed(f"{given!r} cannot be started: {error.strerror}.") from None
    if code:
        raise EditorFailed(f"{given!r} ended with {code}. The file is {path}.", advice="")


@contextmanager
def _interrupts_are_the_editors() -> Iterator[None]:
    """Let Ctrl-C reach the editor alone: the terminal sends it to both."""
    # A handler, which the editor does not inherit as it would inherit being deaf.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
