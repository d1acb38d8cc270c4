"""The board with its ways to other places: apps, import, doctor, settings, the vault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from close_tui.model import Result
from close_tui.tui.screens.bulk import RunsRounds
from close_tui.tui.screens.gate import open_vault

if TYPE_CHECKING:
    from close_tui.tui.screens.choose import Choice


class OpensPlaces(RunsRounds):
    """Opens what is not about the list itself, and renames what is under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "rename", "Name", show=False, id="main.rename",
                tooltip="Give this connection another name."),
        Binding("i", "import_keys", "Import", show=False, id="main.import",
                tooltip="Bring in API keys from .env, CSV, 1Password, Bitwarden."),
        Binding("O", "apps", "Apps", show=False, id="main.apps",
                tooltip="Look at the OAuth apps; add, change or remove one."),
        Binding("W", "vault", "Vault", show=False, id="main.vault",
                tooltip="Look at the vault: its key, its health, its backup."),
        Binding("H", "doctor", "Health", show=False, id="main.doctor",
                tooltip="Doctor: what is right and wrong on this machine."),
        Binding("comma", "settings", "Settings", key_display=",", show=False, id="main.settings",
                tooltip="Show every setting and where it comes from."),
    ]  # fmt: skip

    def check_action(self, action: str, parameters: tuple[Any, ...]) -> bool | None:
        """Offer only what is possible now."""
        if action == "rename":
            return self.connection_list.highlighted is not None
        return super().check_action(action, parameters)

    @work(group="rename")
    async def action_rename(self) -> None:
        """Ask for another name."""
        from close_tui.tui.screens.rename import Rename

        one = self.connection_list.highlighted
        if one is not None:
            self.welcome(await self.app.push_screen_wait(Rename(self.verbs, one)), "Renamed")

    @work(group="import")
    async def action_import_keys(self) -> None:
        """Ask what to import, show what would happen, then do it; go to the first that is new."""
        from close_tui.tui.screens.import_from import ImportFrom
        from close_tui.tui.screens.importing import Importing

        found = await self.app.push_screen_wait(ImportFrom(self.verbs))
        if found:
            self.look(await self.app.push_screen_wait(Importing(self.verbs, found)))

    @work(group="apps")
    async def action_apps(self) -> None:
        """Show the OAuth apps; authorize with one if that is wanted."""
        from close_tui.tui.screens.apps import Apps
        from close_tui.tui.screens.choose import Choice

        chosen = await self.app.push_screen_wait(Apps(self.verbs))
        self.look()
        if chosen is not None:
            await self.authorize(Choice(chosen))

    def action_doctor(self) -> None:
        """Show what is right and wrong on this machine."""
        from close_tui.tui.screens.doctor import Doctor

        self.app.push_screen(Doctor(self.verbs))

    def action_settings(self) -> None:
        """Show the settings."""
        from close_tui.tui.screens.settings import ShowSettings

        self.app.push_screen(ShowSettings(self.verbs))

    @work(group="vault")
    async def action_vault(self) -> None:
        """Show the vault."""
        from close_tui.tui.screens.vault import ShowVault

        await self.app.push_screen_wait(ShowVault(self.verbs))
        self.look()

    async def authorize(self, choice: Choice) -> None:
        """Authorize what was chosen."""
        from close_tui.tui.screens.authorize import Authorize

        if await open_vault(self.app, self.verbs):
            done = await self.app.push_screen_wait(Authorize(self.verbs, choice))
            self.welcome(done, "Authorized")

    def welcome(self, result: Result | None, title: str) -> None:
        """Say what was added or changed, and go to it."""
        if result is not None:
            self.notify(f"{result.name}: {result.detail}", title=title, markup=False)
            self.look(result.id)
