"""Doctor: the interpreter, the libraries, the terminal, the settings."""

from __future__ import annotations

import platform
import sqlite3
import ssl
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from close_tui import __version__
from close_tui.operations.doctor_case import Case
from close_tui.text import clean
from close_tui.vault.checking import Finding

_LIBRARIES: Final = ("textual", "httpx", "keyring", "pyrage", "filelock", "cryptography")
_COLUMNS: Final = 80
_LINES: Final = 24


def python(_: Case) -> Iterator[Finding]:
    """Say what close-tui runs on."""
    where = f"{platform.system()} {platform.release()} ({platform.machine()})"
    yield Finding("close-tui", "ok", f"{__version__}, Python {platform.python_version()}, {where}")
    found, missing = [f"SQLite {sqlite3.sqlite_version}", ssl.OPENSSL_VERSION], []
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        said = f"Missing: {', '.join(missing)}."
        advice = "Install close-tui again: pipx reinstall close-tui"
        yield Finding("libraries", "problem", said, advice)
    yield Finding("libraries", "ok", ", ".join(found))


def terminal(case: Case) -> Iterator[Finding]:
    """Say what the terminal can show."""
    env, here = case.environment, case.terminal
    if not here.is_one:
        yield Finding("terminal", "ok", "None here: the commands need none, the app does.")
        return
    kind = clean(env.get("TERM"), 40)
    facts = [kind or "no TERM", f"{here.columns}×{here.lines}", _colours(case), here.encoding]
    facts += [word for variable, word in _SURROUNDINGS if env.get(variable)]
    detail = ", ".join(facts)
    if kind in ("", "dumb"):
        advice = "Set TERM to what your terminal is, for example xterm-256color."
    elif here.encoding.replace("-", "").lower() != "utf8":
        advice = "Set LANG to a locale with UTF-8, for example C.UTF-8: some signs cannot be shown."
    elif here.columns < _COLUMNS or here.lines < _LINES:
        advice = "Make the window larger: the app is laid out for 80×24 and more."
    else:
        yield Finding("terminal", "ok", detail)
        return
    yield Finding("terminal", "warning", detail, advice)


_SURROUNDINGS: Final = (("TMUX", "tmux"), ("STY", "screen"), ("SSH_CONNECTION", "over ssh"))


def _colours(case: Case) -> str:
    env = case.environment
    if env.get("NO_COLOR"):
        return "no colours (NO_COLOR)"
    if env.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return "all colours"
    return "256 colours" if "256" in env.get("TERM", "") else "16 colours"


def settings(case: Case) -> Iterator[Finding]:
    """Say what is wrong with the settings file, and whether Close is the one that is called."""
    told = case.told
    for problem in told.problems:
        yield Finding("settings", "problem", problem, "Correct it: close-tui settings edit")
    changed = [name for name, origin in told.origins.items() if origin != "default"]
    if not told.problems:
        said = f"Set: {', '.join(changed)}." if changed else "Nothing is set: the defaults hold."
        yield Finding("settings", "ok", said)
    if not told.settings.is_close:
        yield Finding(
            "addresses",
            "warning",
            "The addresses are not Close's own: this is a sandbox, or somebody else's.",
            "To talk to Close, unset CLOSE_TUI_API_URL and CLOSE_TUI_APP_URL, and api_url and "
            "app_url in the settings file.",
        )
