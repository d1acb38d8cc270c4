"""Handing a secret to the person: shown on the screen for a while, or copied."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from close_tui.model import Connection
from close_tui.tui.screens.board import NOTHING
from close_tui.tui.screens.gate import open_vault
from close_tui.tui.screens.places import OpensPlaces


class HandsOut(OpensPlaces):
    """Two keys, each with a question behind it: nothing is shown or copied by accident."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy_secret", "Copy", show=False, id="main.copy",
                tooltip="Copy this one's API key or access token; asks first."),
        Binding("Y", "reveal", "Reveal", show=False, id="main.reveal",
                tooltip="Show this one's API key or access token; asks first."),
        Binding("y", "copy_redirect", "Copy URL", show=False, id="main.copy_redirect",
                tooltip="Copy the redirect URL, to paste it into Close's form for an OAuth app."),
    ]  # fmt: skip

    def check_action(self, action: str, parameters: tuple[Any, ...]) -> bool | None:
        """Offer it for one connection that may be used."""
        if action in ("copy_secret", "reveal"):
            return self._one is not None
        if action == "copy_redirect":
            return bool(self.seen is not NOTHING and not self.query_one("#panes").display)
        return super().check_action(action, parameters)

    @property
    def _one(self) -> Connection | None:
        """The highlighted connection: marks are for what is done to many."""
        one = self.connection_list.highlighted if self.query_one("#panes").display else None
        return one if one and one.frozen_at is None and one.revoked_at is None else None

    def action_copy_redirect(self) -> None:
        """Send the redirect URL, which is no secret, to the terminal's clipboard."""
        self.app.copy_to_clipboard(self.verbs.settings.redirect_uri)
        self.notify("Sent to the terminal's clipboard (OSC 52).", markup=False)

    @work(group="hand out", exclusive=True)
    async def action_reveal(self) -> None:
        """Ask, then show the secret for a while."""
        from close_tui.tui.screens.reveal import Reveal

        one = self._one
        if one and await open_vault(self.app, self.verbs):
            await self.app.push_screen_wait(Reveal(self.verbs, one))

    @work(group="hand out", exclusive=True)
    async def action_copy_secret(self) -> None:
        """Ask, then copy the secret."""
        from close_tui.tui.screens.reveal import Copy

        one = self._one
        if one and await open_vault(self.app, self.verbs):
            await self.app.push_screen_wait(Copy(self.verbs, one))
