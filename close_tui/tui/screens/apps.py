"""The OAuth apps: what is registered in Close, and what is stored of it here."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from close_tui.errors import CloseTuiError, NoVault
from close_tui.model import App, Result
from close_tui.operations.desk import Desk
from close_tui.tui.screens.dialog import STYLES
from close_tui.tui.screens.on_top import OnTop
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.app_list import AppList, AppRow
from close_tui.tui.widgets.keys import Keys

_NONE = (
    "Many organizations can be connected through one app: each allows it in the browser.",
    "close-tui renews, counts down and can revoke what it was given.",
    "1  In Close: Settings → Developer → OAuth Apps → Create App",
    "2  As redirect URL enter exactly  {redirect_uri}",
    "3  Here: press o and enter the client ID and client secret that Close shows once.",
    "4  Press a: your browser asks which organization to allow.",
)


class Apps(OnTop[App | None]):
    """Lists the OAuth apps; its result is the one to authorize with."""

    CSS_PATH = STYLES
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "app.help", "Help", key_display="?", id="apps.help",
                tooltip="Show the keys for this place."),
        Binding("escape,q", "close", "Back", tooltip="Go back.", id="apps.back"),
        Binding("o", "add_app", "Add", id="apps.add",
                tooltip="Add an OAuth app, as it is registered in Close."),
        Binding("a", "authorize", "Authorize", id="apps.authorize",
                tooltip="Authorize a new connection through this app."),
        Binding("e", "change_app", "Change", id="apps.change",
                tooltip="Change its redirect URI, PKCE or client secret."),
        Binding("D", "remove_app", "Remove", id="apps.remove",
                tooltip="Forget this app here. In Close it stays."),
    ]  # fmt: skip

    def __init__(self, verbs: Verbs) -> None:
        super().__init__(classes="-page")
        self._verbs = verbs

    def compose(self) -> ComposeResult:
        """Lay it out."""
        listed = AppList()
        listed.border_title = "OAuth apps"
        yield listed
        none = Static(_teaching(self._verbs.settings.redirect_uri), id="none")
        none.display = False
        yield none
        yield Static("", id="chosen")
        yield Keys(compact=True)

    def on_mount(self) -> None:
        """Look what there is."""
        self.query_one(AppList).focus()
        self.run_worker(self._look(), group="apps", name="apps")

    async def _look(self, app_id: str = "") -> None:
        try:
            rows = await self._verbs.ask(_apps)
        except CloseTuiError as error:
            self._complain(error)
            return
        self.query_one(AppList).show(rows, app_id)
        self.query_one("#none").display = not rows
        self.query_one(AppList).display = bool(rows)
        self.query_one("#chosen").display = bool(rows)
        self._show_chosen()

    def on_app_list_highlighted(self) -> None:
        """Show the one under the cursor in full."""
        self._show_chosen()

    def on_app_list_opened(self) -> None:
        """Change it."""
        self.action_change_app()

    def _show_chosen(self) -> None:
        self.refresh_bindings()
        if row := self._row():
            self.query_one("#chosen", Static).update(_in_full(row))

    def _row(self) -> AppRow | None:
        listed = self.query(AppList)  # asked for the footer also before there is one
        return listed.first().highlighted if listed else None

    def check_action(self, action: str, parameters: tuple[Any, ...]) -> bool | None:
        """Offer only what is possible now."""
        if action in {"authorize", "change_app", "remove_app"}:
            return self._row() is not None
        return super().check_action(action, parameters)

    @work(group="apps.add")
    async def action_add_app(self) -> None:
        """Add one."""
        from close_tui.tui.screens.add_app import AddApp

        await self._tell(await self.app.push_screen_wait(AddApp(self._verbs)), "OAuth app added")

    @work(group="apps.change")
    async def action_change_app(self) -> None:
        """Change the highlighted one."""
        from close_tui.tui.screens.change_app import ChangeApp

        if row := self._row():
            dialog = ChangeApp(self._verbs, row)
            await self._tell(await self.app.push_screen_wait(dialog), "Changed")

    @work(group="apps.remove")
    async def action_remove_app(self) -> None:
        """Ask, then forget the highlighted one."""
        from close_tui.tui.screens.message import Message
        from close_tui.tui.screens.remove_app import RemoveApp

        row = self._row()
        if row is None or not await self.app.push_screen_wait(RemoveApp(self._verbs, row.app)):
            return
        try:
            await self._tell(await self._verbs.ask(_removed, row.app), "Removed")
        except CloseTuiError as error:
            await self.app.push_screen_wait(Message(self._verbs, error))
            await self._look()

    async def _tell(self, result: Result | None, title: str) -> None:
        if result is not None:
            self.notify(f"{result.name}: {result.detail}", title=title, markup=False)
            await self._look(result.id)

    def _complain(self, error: CloseTuiError) -> None:
        self.notify(f"{error} {error.advice}".strip(), severity="error", markup=False)

    def action_authorize(self) -> None:
        """Go back, and authorize with the highlighted one."""
        if row := self._row():
            self.dismiss(row.app)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)


def _teaching(redirect_uri: str) -> Content:
    lines = [Content(each.replace("{redirect_uri}", redirect_uri)) for each in _NONE]
    title = Content.styled("There is no OAuth app here yet.", "bold")
    return Content("\n").join([title, Content(""), *lines[:2], Content(""), *lines[2:]])


def _in_full(row: AppRow) -> Content:
    """Return what a line may have cut: for comparing with Close, and for copying by mouse."""
    app = row.app
    secret = "stored, sealed" if row.has_secret else "missing: press e to enter it"
    facts = (
        ("Client ID", app.client_id),
        ("Redirect URI", app.redirect_uri),
        ("Client secret", secret),
    )
    return Content("\n").join(
        Content.assemble(Content.styled(f"{label:<15}", "$text-muted"), value)
        for label, value in facts
    )


def _apps(desk: Desk) -> list[AppRow]:
    try:
        stored = desk.vault.apps_with_secret()
        return [AppRow(app, app.id in stored) for app in desk.vault.apps()]
    except NoVault:
        return []


def _removed(desk: Desk, app: App) -> Result:
    from close_tui.operations.add import remove_app

    return remove_app(desk, app)
