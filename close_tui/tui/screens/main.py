"""The main screen: the board, and the verbs that can be called on what it shows."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events, work
from textual.binding import Binding, BindingType
from textual.screen import Screen

from close_tui.model import Connection, Organization, Result
from close_tui.operations.overview import VaultState
from close_tui.text import rfc3339
from close_tui.tui.screens.arrangement import plan_of
from close_tui.tui.screens.freshness import can_refresh
from close_tui.tui.screens.gate import open_vault
from close_tui.tui.screens.handing_out import HandsOut
from close_tui.tui.widgets.connection_list import ConnectionList


class MainScreen(HandsOut):
    """Every verb has a key here; the footer shows those that are possible now."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("A", "add_key", "Key", id="main.add_key",
                tooltip="Add an API key; it is tested first."),
        Binding("o", "add_app", "App", id="main.add_app",
                tooltip="Add an OAuth app, as it is registered in Close."),
        Binding("a", "authorize", "Authorize", id="main.authorize",
                tooltip="Authorize in the browser: a new connection, or this again."),
        Binding("r", "refresh_tokens", "Refresh", id="main.refresh",
                tooltip="Renew the tokens of this, the marked ones or the organization."),
        Binding("t", "test", "Test", id="main.test",
                tooltip="Test this, the marked ones or the organization: who answers?"),
        Binding("X", "revoke", "Revoke", id="main.revoke",
                tooltip="Revoke this, the marked ones or the organization; prove it."),
        Binding("exclamation_mark", "find_leak", "Leak", key_display="!", id="main.find_leak",
                tooltip="Something leaked: paste it, see whose it is, revoke it."),
        Binding("I", "incidents", "Incidents", show=False, id="main.incidents",
                tooltip="Show what was revoked, when, why, and how it ended."),
        Binding("X", "say_revoked", show=False, id="main.say_revoked",
                tooltip="Tell when this was revoked."),
        Binding("r,t,X", "say_hidden", show=False, id="main.say_hidden",
                tooltip="Tell that the marked ones are not in view."),
        Binding("T", "certificate", "Certificate", show=False, id="main.certificate",
                tooltip="Show the local address's certificate; have browsers trust it."),
        Binding("u", "unlock", "Unlock", id="main.unlock",
                tooltip="Unlock the vault, so that its secrets can be used."),
    ]  # fmt: skip

    def check_action(self, action: str, parameters: tuple[Any, ...]) -> bool | None:
        """Offer only what is possible now."""
        match action:
            case "authorize":
                return bool(self.seen.apps)
            case "refresh_tokens":
                return any(map(can_refresh, self.selection()))
            case "test":
                return any(map(_can_test, self.selection()))
            case "revoke":
                return any(map(self.can_revoke, self.selection()))
            case "say_revoked":
                chosen = self.selection()
                return bool(chosen) and not any(map(self.can_revoke, chosen))
            case "find_leak" | "incidents":
                return self.seen.vault is not VaultState.MISSING
            case "say_hidden":
                return bool(self.connection_list.hidden_marks) and not self.selection()
            case "unlock":
                return self.seen.vault is VaultState.LOCKED
        return super().check_action(action, parameters)

    def on_connection_list_opened(self, event: ConnectionList.Opened) -> None:
        """Go to the detail pane, or show it on top where there is no room for it."""
        if self.detail.display:
            self.detail.focus()
            return
        from close_tui.tui.screens.detail import DetailScreen

        plan = plan_of(self.seen, event.connection, self.verbs.clock())
        detail = DetailScreen(self.verbs, event.connection, plan)
        self.app.push_screen(detail, self._called)

    async def _called(self, action: str | None) -> None:
        """Call a verb from the detail: it is meant for that connection alone."""
        if action:
            self.connection_list.clear_marks()
            await self.run_action(action)

    @work(group="add")
    async def action_add_key(self) -> None:
        """Add an API key."""
        from close_tui.tui.screens.add_key import AddKey

        self.welcome(await self.app.push_screen_wait(AddKey(self.verbs)), "API key added")

    @work(group="add")
    async def action_add_app(self) -> None:
        """Add an OAuth app."""
        from close_tui.tui.screens.add_app import AddApp

        added = await self.app.push_screen_wait(AddApp(self.verbs))
        self.welcome(added, "OAuth app added: a authorizes with it")

    @work(group="authorize")
    async def action_authorize(self) -> None:
        """Authorize the highlighted connection again, or a new one.

        Where one organization was chosen, a new one is meant for it.
        """
        from close_tui.tui.screens.choose import Choose, choices

        highlighted = self.connection_list.highlighted
        offered = choices(self.seen.apps, highlighted, self._chosen_organization())
        chosen = offered[0] if len(offered) == 1 else None
        chosen = chosen or await self.app.push_screen_wait(Choose(self.verbs, offered))
        if chosen:
            await self.authorize(chosen)

    def _chosen_organization(self) -> Organization | None:
        """Return the one whose connections alone are shown; None while all are."""
        wanted = self.view.organization_id
        found = (c.organization for c in self.seen.connections if c.organization.id == wanted)
        return next(found, None)

    @work(group="refresh")
    async def action_refresh_tokens(self) -> None:
        """Renew the selection's tokens."""
        chosen = self.selection()
        targets = list(filter(can_refresh, chosen))
        await self.run_round("refresh", targets, left_out=len(chosen) - len(targets))

    @work(group="test")
    async def action_test(self) -> None:
        """Test the selection."""
        chosen = self.selection()
        targets = list(filter(_can_test, chosen))
        await self.run_round("test", targets, left_out=len(chosen) - len(targets))

    @work(group="revoke")
    async def action_revoke(self) -> None:
        """Show the plan for the selection, and revoke it if that is confirmed."""
        await self._revoke(list(filter(self.can_revoke, self.selection())))

    @work(group="revoke")
    async def action_find_leak(self) -> None:
        """Find out what leaked; mark it, and go on to revoke it."""
        from close_tui.tui.screens.leak import Leak

        if found := await self.app.push_screen_wait(Leak(self.verbs, self.seen.connections)):
            self.jump(found[0].id)
            self.connection_list.mark(one.id for one in found)
            await self._revoke(found)

    def on_paste(self, event: events.Paste) -> None:
        """Say where a paste belongs; one behind ``!`` belongs to what that is opening."""
        if (top := self.app.screen) is not self:
            top.call_after_refresh(_hand_over, top, events.Paste(event.text))
            return
        self.notify("Nothing was pasted here. ! finds out what leaked, A adds a key.", markup=False)

    async def _revoke(self, targets: list[Connection]) -> None:
        from close_tui.tui.screens.revoke import Revoke

        if under_way := await self.app.push_screen_wait(Revoke(self.verbs, targets)):
            self.keep(targets)
            await self.follow(under_way)

    def action_incidents(self) -> None:
        """Show the incidents."""
        from close_tui.tui.screens.incidents import Incidents

        self.app.push_screen(Incidents(self.verbs))

    def action_certificate(self) -> None:
        """Show the certificate and who trusts it."""
        from close_tui.tui.screens.certificate import Certificate

        self.app.push_screen(Certificate(self.verbs))

    def action_say_revoked(self) -> None:
        """Say that there is nothing left to revoke."""
        for one in self.selection():
            self.notify(f"{one.name} was revoked at {rfc3339(one.revoked_at)}.", markup=False)

    def action_say_hidden(self) -> None:
        """Say why a verb does nothing."""
        words = (
            f"{self.connection_list.hidden_marks} marked, none in view. esc shows everything again."
        )
        self.notify(words, severity="warning", markup=False)

    @work(group="unlock", exclusive=True)
    async def action_unlock(self) -> None:
        """Unlock the vault."""
        if await open_vault(self.app, self.verbs):
            self.notify("The vault is open.", markup=False)
        self.look()

    def _tell(self, result: Result, title: str) -> None:
        self.notify(f"{result.name}: {result.detail}", title=title, markup=False)


def _can_test(connection: Connection) -> bool:
    return connection.frozen_at is None and connection.revoked_at is None


def _hand_over(screen: Screen[Any], paste: events.Paste) -> None:
    if screen.focused is not None:
        screen.focused.post_message(paste)
