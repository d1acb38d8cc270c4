"""What an empty vault says: the two ways to begin, with the places in Close."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from close_tui.tui.widgets.hanging import Hanging

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

_NUMBER: Final = len("1  ")


class Welcome(VerticalScroll):
    """Teaches the two ways to begin. ``redirect_uri`` is what a new OAuth app is given."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll(1)", "Down", show=False, tooltip="Read on.", id="welcome.down"),
        Binding("k,up", "scroll(-1)", "Up", show=False, tooltip="Read back.", id="welcome.up"),
    ]

    DEFAULT_CSS = """
    Welcome {
        height: 1fr;
        padding: 1 4;
        & > Static, & > Hanging { max-width: 90; height: auto; margin-bottom: 1; }
        #welcome-title { text-style: bold; }
        .way { border-left: thick $primary; padding: 0 2; }
        .hint { color: $text-muted; }
    }
    """

    def __init__(self, redirect_uri: str) -> None:
        super().__init__(id="welcome")
        self._redirect_uri = redirect_uri

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Static("There is nothing here yet. There are two ways to begin.", id="welcome-title")
        yield _way("A", "An API key", _KEY)
        lines = [each.replace("{redirect_uri}", self._redirect_uri) for each in _APP]
        yield _way("o", "An OAuth app", lines)
        yield Static(
            "Secrets are sealed before they are written. The key to them lives in your system's "
            "keyring, behind a passphrase, or in a file that you name.",
            classes="hint",
        )

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self.scroll_relative(y=by, animate=False)


def _way(key: str, title: str, lines: Sequence[str]) -> Hanging:
    head = Content.assemble((f" {key} ", "bold $text-primary reverse"), "  ", (title, "bold"))
    purpose, *steps = lines
    nothing = Content("")
    return Hanging(
        [
            (nothing, head),
            (nothing, Content.styled(purpose, "$text-muted")),
            *((Content(step[:_NUMBER]), Content(step[_NUMBER:])) for step in steps),
        ],
        classes="way",
    )
