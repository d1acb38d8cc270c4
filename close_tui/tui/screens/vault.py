"""The vault: where its key lives, what is right and wrong with it, its backup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content

from close_tui.errors import CloseTuiError, NoVault, VaultError
from close_tui.model import Result
from close_tui.operations.desk import Desk
from close_tui.tui.screens.findings import counted, line
from close_tui.tui.screens.gate import open_vault
from close_tui.tui.screens.page import COPIED, Page
from close_tui.tui.verbs import Verbs

if TYPE_CHECKING:
    from close_tui.operations.findings import Finding
    from close_tui.operations.vault_facts import VaultFacts

_PLACES: Final = {
    "keyring": "the system keyring",
    "passphrase": "a key file, behind a passphrase",
    "file": "an identity file",
}
COMMANDS: Final = (
    ("close-tui vault import FILE --dry-run", "what an export would bring; then without --dry-run"),
    ("close-tui vault identity", "prints the key itself, for its owner"),
    ("close-tui vault destroy", "the last resort: revokes everything, then nothing opens it"),
)
_NONE: Final = (
    "There is no vault yet. It is made with the first API key or OAuth app: press esc, then A or "
    "o. A backup from elsewhere comes in with: close-tui vault import FILE"
)


class ShowVault(Page[None]):
    """Shows the vault and what a check of it finds; exports it, and gives its key a new place."""

    HEADING = "Vault"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "unlock", "Unlock", id="vault.unlock",
                tooltip="Unlock it, so that its secrets can be checked."),
        Binding("r", "again", "Check again", id="vault.again", tooltip="Check it again."),
        Binding("e", "export", "Export", id="vault.export",
                tooltip="Write all of it into one sealed age file."),
        Binding("m", "move_key", "Move key", id="vault.move_key",
                tooltip="Move its key: keyring, passphrase or file."),
        Binding("K", "rekey", "New key", id="vault.rekey",
                tooltip="Make a new key and seal every secret to it."),
        Binding("y", "copy", "Copy commands", show=False, id="vault.copy",
                tooltip="Copy the commands that are named here."),
    ]  # fmt: skip

    def __init__(self, verbs: Verbs) -> None:
        super().__init__(verbs)
        self._facts: VaultFacts | None = None
        self._findings: list[Finding] = []
        self._is_checking = True
        self._trouble = ""

    def on_mount(self) -> None:
        """Begin to look."""
        self.query_one("#page").focus()
        self.action_again()

    def on_resize(self) -> None:
        """Fold anew."""
        self._show()

    def action_again(self) -> None:
        """Check it again."""
        self.run_worker(self._look(), group="vault.look", name="check the vault", exclusive=True)

    async def _look(self) -> None:
        self._is_checking, self._trouble = True, ""
        try:
            self._facts = await self.verbs.ask(_facts)
            self._show()
            self._findings = await self.verbs.ask(_checked)
        except NoVault:
            self._facts, self._trouble = None, _NONE
        except CloseTuiError as error:
            self._trouble = f"✕ {error} {error.advice}"
        self._is_checking = False
        self._show()

    def _show(self) -> None:
        self.refresh_bindings()
        if self._trouble:
            self.write(Content(self._trouble))
        elif self._facts is not None:
            width = self.app.size.width - 3
            self.write(_words(self._facts, self._findings, self._is_checking, width))

    def check_action(self, action: str, parameters: tuple[Any, ...]) -> bool | None:
        """Offer only what is possible now."""
        if action == "unlock":
            return self._facts is not None and self._facts.is_locked
        if action in {"export", "move_key", "rekey"}:
            return self._facts is not None
        return super().check_action(action, parameters)

    @work(group="vault.verb")
    async def action_unlock(self) -> None:
        """Unlock it."""
        if await open_vault(self.app, self.verbs):
            self.action_again()

    @work(group="vault.verb")
    async def action_export(self) -> None:
        """Ask for a file and who can open it, then write it."""
        from close_tui.tui.screens.vault_export import ExportVault

        if await open_vault(self.app, self.verbs):
            self._tell(await self.app.push_screen_wait(ExportVault(self.verbs)), "Exported")

    @work(group="vault.verb")
    async def action_move_key(self) -> None:
        """Ask for the new place, then move the key."""
        from close_tui.tui.screens.vault_key import MoveKey

        if self._facts and await open_vault(self.app, self.verbs):
            dialog = MoveKey(self.verbs, self._facts.place)
            self._tell(await self.app.push_screen_wait(dialog), "Moved")

    @work(group="vault.verb")
    async def action_rekey(self) -> None:
        """Ask, then give it a new key."""
        from close_tui.tui.screens.vault_key import Rekey

        if self._facts and await open_vault(self.app, self.verbs):
            dialog = Rekey(self.verbs, self._facts.place)
            self._tell(await self.app.push_screen_wait(dialog), "New key")

    def _tell(self, result: Result | None, title: str) -> None:
        if result is not None:
            words = f"{result.detail} {result.advice}".strip()
            severity = "warning" if result.advice else "information"
            self.notify(words, title=title, severity=severity, markup=False, timeout=12)  # type: ignore[arg-type]
        self.action_again()

    def action_copy(self) -> None:
        """Copy the commands."""
        self.app.copy_to_clipboard("\n".join(command for command, _ in COMMANDS) + "\n")
        self.notify(f"The commands: {COPIED}", markup=False)


def _words(facts: VaultFacts, findings: list[Finding], is_checking: bool, width: int) -> Content:
    place = _PLACES.get(facts.place, facts.place)
    locked = ("locked: press u to unlock", "$text-warning")
    state = locked if facts.is_locked else ("open", "$text-success")
    counts = f"{facts.connections} live, {facts.revoked} revoked; OAuth apps: {facts.apps}"
    rows: list[tuple[str, Content]] = [
        ("State", Content.styled(*state)),
        ("Key", Content(f"{place} {facts.place_detail}".strip())),
        ("File", Content(f"{facts.file}  ({facts.size / 1024:,.0f} KiB)")),
        ("Connections", Content(counts)),
    ]
    lines = [Content.assemble((f"{name:<13}", "$text-muted"), value) for name, value in rows]
    lines += [Content(""), Content.assemble(("Check  ", "bold"), counted(findings))]
    if is_checking:
        lines.append(Content.styled("looking …", "$text-muted"))
    lines += [line(each, width) for each in findings]
    lines += [Content(""), Content.styled("Better done in a shell (y copies)", "bold")]
    for command, what in COMMANDS:
        lines.append(Content.assemble((f"{command:<39}", "$text-primary"), (what, "$text-muted")))
    return Content("\n").join(lines)


def _facts(desk: Desk) -> VaultFacts:
    from close_tui.operations.vault_facts import facts

    return facts(desk)


def _checked(desk: Desk) -> list[Finding]:
    from close_tui.operations.vault_check import unchecked, with_key, without_key

    found, usable = without_key(desk)
    if not usable:
        return found
    try:
        if not desk.vault.is_locked:
            return found + with_key(desk)
    except VaultError as error:
        return [*found, unchecked(error)]
    return found
