"""What an empty vault says: the two ways to begin, with the places in Close."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from close_tui.settings import DEFAULT_REDIRECT_URI

_KEY: tuple[str, ...] = (
    "One user in one organization; it does not expire.",
    "1  In Close: Settings → Developer → API Keys",
    "2  Create New API Key, give it a name, and copy it: Close shows it once.",
    "3  Here: press A and paste it. It is tested before it is stored.",
)
_APP: tuple[str, ...] = (
    "Many organizations; tokens that close-tui renews, counts down and can revoke.",
    "1  In Close: Settings → Developer → OAuth Apps → Create App",
    f"2  As redirect URL enter exactly  {DEFAULT_REDIRECT_URI}",
    "3  Here: press o and enter the client ID and client secret that Close shows.",
    "4  Press a: your browser asks which organization to allow.",
)


class Welcome(VerticalScroll):
    """Teaches the two ways to begin."""

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Static("There is nothing here yet. There are two ways to begin.", id="welcome-title")
        yield Static(_way("A", "An API key", _KEY), classes="way")
        yield Static(_way("o", "An OAuth app", _APP), classes="way")
        yield Static(
            "Secrets are sealed before they are written. The key to them lives in your system's "
            "keyring or, where there is none, behind a passphrase.",
            classes="hint",
        )


def _way(key: str, title: str, lines: tuple[str, ...]) -> Content:
    head = Content.assemble((f" {key} ", "bold $text-primary reverse"), "  ", (title, "bold"))
    first, *rest = lines
    return Content("\n").join([head, Content.styled(first, "$text-muted"), *map(Content, rest)])
