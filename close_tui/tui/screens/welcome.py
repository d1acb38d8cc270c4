"""What an empty vault says: the two ways to begin, with the places in Close."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

_KEY: Final = (
    "One user in one organization; it does not expire.",
    "1  In Close: Settings → Developer → API Keys",
    "2  Create New API Key, give it a name, and copy it: Close shows it once.",
    "3  Here: press A and paste it. It is tested before it is stored.",
)
_APP: Final = (
    "Many organizations; tokens that close-tui renews, counts down and can revoke.",
    "1  In Close: Settings → Developer → OAuth Apps → Create App",
    "2  As redirect URL enter exactly  {redirect_uri}  (y copies it)",
    "3  Here: press o and enter the client ID and client secret that Close shows.",
    "4  Press a: your browser asks which organization to allow.",
)


class Welcome(VerticalScroll):
    """Teaches the two ways to begin. ``redirect_uri`` is what a new OAuth app is given."""

    DEFAULT_CSS = """
    Welcome {
        height: 1fr;
        padding: 1 4;
        & > Static { max-width: 90; height: auto; margin-bottom: 1; }
        #welcome-title { text-style: bold; }
        .way { border-left: thick $primary; padding: 0 2; }
        .hint { color: $text-muted; }
    }
    """

    def __init__(self, redirect_uri: str) -> None:
        super().__init__()
        self._redirect_uri = redirect_uri

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Static("There is nothing here yet. There are two ways to begin.", id="welcome-title")
        yield Static(_way("A", "An API key", _KEY), classes="way")
        lines = [each.replace("{redirect_uri}", self._redirect_uri) for each in _APP]
        yield Static(_way("o", "An OAuth app", lines), classes="way")
        yield Static(
            "Secrets are sealed before they are written. The key to them lives in your system's "
            "keyring, behind a passphrase, or in a file that you name.",
            classes="hint",
        )


def _way(key: str, title: str, lines: Sequence[str]) -> Content:
    head = Content.assemble((f" {key} ", "bold $text-primary reverse"), "  ", (title, "bold"))
    first, *rest = lines
    return Content("\n").join([head, Content.styled(first, "$text-muted"), *map(Content, rest)])
