"""The queue of API keys on a terminal: the ID is at hand where a person has to look for it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Terminal, Town


@pytest.fixture(autouse=True)
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is opened by a command that does nothing."""
    monkeypatch.setenv("BROWSER", "true %s")


@pytest.mark.parametrize(("term", "is_sent"), [("xterm-256color", True), ("dumb", False)])
def test_the_id_goes_to_the_terminals_clipboard(
    town: Town,
    terminal: Callable[..., Terminal],
    monkeypatch: pytest.MonkeyPatch,
    term: str,
    is_sent: bool,
) -> None:
    """Only the ID, which is safe to share, and only where sequences are understood; it is said."""
    monkeypatch.setenv("TERM", term)
    key = town.demo.api_keys[0]
    screen = terminal("revoke", "northwind-export", "--yes", "--json")
    screen.expect("Watching until Close answers 401")
    screen.interrupt()
    shown = screen.end().err

    assert is_sent == (f"\x1b]52;c;{b64encode(key.id.encode()).decode()}\x07" in shown)
    assert is_sent == ("clipboard (OSC 52)" in shown)
    assert int(is_sent) == shown.count("\x1b]52")
    assert key.text not in shown
