"""The address of the consent screen, and every way to where a browser is."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from close_tui.model import Result
from close_tui.operations.authorize import Authorization
from close_tui.operations.desk import Desk
from close_tui.tui.screens import authorize_words as words
from close_tui.tui.screens.dialog import Dialog, Words
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.qr import QR

_ROOM_BESIDE_QR: Final = 30
_ROOM_FOR_QR: Final = _ROOM_BESIDE_QR + 30
_FRAME: Final = 8


class OffersAddress(Dialog[Result]):
    """Opens the address in a browser, copies it, shows it as a QR code, tells the way back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+y", "copy", "Copy URL", tooltip="Copy the address.", id="authorize.copy"),
        Binding("ctrl+b", "open", "Open browser", tooltip="Open it again.", id="authorize.open"),
        Binding("y", "copy", "Copy URL", show=False, tooltip="Copy the address.", id="authorize.y"),
        Binding("ctrl+r,r", "show_qr", "QR code", tooltip="Show the address as a QR code, alone.",
                id="authorize.qr"),
        Binding("ctrl+l,l", "copy_forward", "Copy ssh -L", id="authorize.forward",
                tooltip="Copy the command that lets a browser elsewhere come back here."),
    ]  # fmt: skip

    def __init__(self, verbs: Verbs) -> None:
        super().__init__(verbs)
        self._under_way: Authorization | None = None
        self._opens = verbs.here.opens
        self._forward = ""

    def browser_opened(self, is_open: bool) -> None:
        """Be told whether a browser took the address."""

    def on_resize(self) -> None:
        """Show the QR code where there is room for it beside everything else."""
        self._fit_qr()

    def _show_way_back(self, under_way: Authorization) -> None:
        """Show where the browser is, and what lets it come back from there."""
        from close_tui.callback.addresses import RedirectURI

        here, uri = self.verbs.here, RedirectURI.parse(under_way.app.redirect_uri)
        if not (under_way.not_listening or under_way.tunnel):
            self._forward = here.forwarding(uri)
        if self._forward:
            self.query_one("#forward", Words).say(self._forward)
            self.query_one("#forward-hint", Words).say(here.forwarding_hint(uri))
        self.query_one("#where", Words).say(words.way_back(under_way, here, self._forward))
        self.query_one("#copy-forward").display = bool(self._forward)
        self.set_class(bool(self._forward), "-crowded")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what there is something for."""
        if action == "copy_forward":
            return bool(self._forward)
        if action in ("copy", "open", "show_qr"):
            return self._under_way is not None
        return super().check_action(action, parameters)

    def action_copy(self) -> None:
        """Send the address to the terminal's clipboard."""
        if self._under_way is not None:
            self._copy(self._under_way.url)

    def action_copy_forward(self) -> None:
        """Send the ssh command to the terminal's clipboard."""
        if self._forward:
            self._copy(self._forward)

    def _copy(self, text: str) -> None:
        self.app.copy_to_clipboard(text)
        in_tmux = words.IN_TMUX if self.verbs.here.in_tmux else ""
        self.notify(f"Sent to the terminal's clipboard (OSC 52).{in_tmux}", markup=False)

    def action_show_qr(self) -> None:
        """Show the address as a QR code, alone."""
        if self._under_way is not None:
            from close_tui.tui.screens.qr_code import QrCode

            comes_back = bool(self._under_way.tunnel)
            self.app.push_screen(QrCode(self.verbs, self._under_way.url, comes_back=comes_back))

    def _fit_qr(self) -> None:
        """Show the code below the buttons, where no browser opens and the window is high."""
        if self._under_way is None or self._opens:
            return
        code = self.query_one(QR)
        if self.app.size.height >= _ROOM_FOR_QR and not code.needs[1]:
            code.hold(self._under_way.url)
        width, height = code.needs
        room = self.app.size.height - _ROOM_BESIDE_QR
        code.display = 0 < height <= room and width <= self.app.size.width - _FRAME

    def action_open(self) -> None:
        """Open the consent screen in the browser."""
        self.run_worker(self._open_browser(), group="browser", name="open the browser")

    async def _open_browser(self) -> None:
        under_way = self._under_way
        if under_way is None:
            return

        async def open_it(_: Desk) -> bool:
            return await under_way.open_browser(self.verbs.opener)

        self.browser_opened(await self.verbs.run(open_it))
