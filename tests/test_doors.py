"""Importing one room does not bring in what it has no business with."""

from __future__ import annotations

import json
import pkgutil
from typing import TYPE_CHECKING, Any

import pytest

import close_tui
from close_tui.settings import Settings
from close_tui.vault.vault import Vault

if TYPE_CHECKING:
    from tests.conftest import Python

FRONT_ENDS = ("close_tui.cli", "close_tui.tui", "close_tui.__main__")
CORE = sorted(
    module.name
    for module in pkgutil.walk_packages(close_tui.__path__, "close_tui.")
    if not module.name.startswith(FRONT_ENDS)
)
ROOMS = [name for name in CORE if name.count(".") == 1]
LOADED = (
    "import json\n"
    "print(json.dumps(sorted({n.split('.')[0] for n, m in sys.modules.items() if m is not None})))"
)
NO_CLICK = "import sys; sys.modules['click'] = None"
"""As close-tui is installed: with click beside it, httpx would load its own command line."""


def loaded_by(python: Python, code: str, *arguments: object) -> set[str]:
    """The top-level packages that an interpreter has loaded after running some code."""
    done = python(f"{NO_CLICK}\n{code}\n{LOADED}", *arguments)
    assert 0 == done.returncode, done.stderr
    names: Any = json.loads(done.stdout.splitlines()[-1])
    return set(names)


def test_the_package_itself_imports_nothing(python: Python) -> None:
    """``import close_tui`` costs nothing: not a module of ours, nor of anybody else."""
    done = python(
        "import sys; before = set(sys.modules); import close_tui; "
        "print(sorted(set(sys.modules) - before))"
    )

    assert "['close_tui']\n" == done.stdout, done.stderr


def test_reading_the_list_loads_nothing_heavy(
    python: Python, vault: Vault, settings: Settings
) -> None:
    """The way to the first name on the screen is the vault and SQLite, and nothing more."""
    loaded = loaded_by(
        python,
        "from pathlib import Path; from close_tui.settings import Settings; "
        "from close_tui.vault.vault import Vault\n"
        "vault = Vault.open(Settings(Path(sys.argv[1])))\n"
        "assert vault.is_locked\n"
        "assert [] == vault.connections() == vault.apps() == vault.history()\n"
        "vault.close()",
        settings.home,
    )

    assert "sqlite3" in loaded
    assert not loaded & {
        "textual", "rich", "argparse", "httpx", "keyring", "asyncio", "filelock", "cryptography",
        "pyrage", "h11", "platformdirs", "subprocess", "ssl", "socket",
    }  # fmt: skip


def test_the_walk_finds_the_rooms() -> None:
    """The two tests below stand on it."""
    assert {"close_tui.vault", "close_tui.close", "close_tui.callback"} <= set(ROOMS)
    assert not [name for name in CORE if name.startswith(FRONT_ENDS)]


def test_no_module_of_the_core_brings_a_terminal_library(python: Python) -> None:
    """All of them together load neither Textual nor rich nor an argument parser."""
    loaded = loaded_by(python, "\n".join(f"import {name}" for name in CORE))

    assert "httpx" in loaded
    assert not loaded & {"textual", "rich", "argparse"}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_by_itself_is_light(python: Python, room: str) -> None:
    """Naming a room loads no front end, and none of what it uses only when it works."""
    loaded = loaded_by(python, f"import {room}")

    assert not loaded & {"textual", "rich", "argparse", "keyring", "cryptography"}


def test_the_command_line_brings_no_terminal_library(python: Python) -> None:
    """All of its modules together load neither Textual nor rich: only the app needs them."""
    names = [
        module.name
        for module in pkgutil.walk_packages(close_tui.__path__, "close_tui.")
        if module.name.startswith("close_tui.cli")
    ]
    loaded = loaded_by(python, "\n".join(f"import {name}" for name in names))

    assert len(names) > 30
    assert not loaded & {"textual", "rich"}
