"""The app: wiring of screens, themes and the way out. The verbs are called by the screens."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import events, work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.driver import Driver
from textual.filter import Monochrome, NoColor
from textual.screen import Screen

from close_tui.operations.desk import Desk
from close_tui.settings import THEME, Settings
from close_tui.tui.pasting import take_pastes_whole
from close_tui.tui.screens.main import MainScreen
from close_tui.tui.sparing import OnTerminal
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.contrast import legible_variables

if TYPE_CHECKING:
    from textual.command import Provider

    from close_tui.callback.surroundings import Surroundings

_HERE: Final = Path(__file__).parent


def _places() -> type[Provider]:
    from close_tui.tui.palette import Places

    return Places


class CloseTuiApp(App[None]):
    """close-tui in a terminal.

    Args:
        settings: where things are.
        clock: wall clock, Unix seconds.
        make_desk: makes what the verbs work with, in the background thread.
        opener: opens a URL in a browser and tells whether it did.
        surroundings: where a browser would be seen; found out when it is None.

    """

    TITLE = "close-tui"
    # The first screen of an app does not load a style sheet of its own.
    CSS_PATH = [_HERE / "app.tcss", _HERE / "screens" / "main.tcss"]  # noqa: RUF012 - as Textual has it
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - as Textual declares it
        (0, "-tiny"),
        (72, "-narrow"),
        (100, "-wide"),
        (118, "-roomy"),
        (150, "-vast"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-low"),
        (20, "-normal"),
        (34, "-high"),
    ]
    COMMANDS = App.COMMANDS | {_places}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "q", "quit", "Quit", tooltip="Leave; a refresh under way is waited for.", id="quit"
        ),
        Binding(
            "ctrl+q",
            "quit",
            "Quit",
            show=False,
            priority=True,
            tooltip="Leave, from any place.",
            id="quit.anywhere",
        ),
    ]

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.time,
        make_desk: Callable[[], Desk] | None = None,
        opener: Callable[[str], bool] | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        super().__init__()
        self.key_problems: tuple[str, ...] = ()
        if settings.theme != THEME and settings.theme in self.available_themes:
            self.theme = settings.theme
        self._on_terminal = OnTerminal()
        self.verbs = Verbs(
            settings,
            clock=clock,
            make_desk=make_desk,
            opener=opener,
            surroundings=surroundings,
            send=self._send,
        )

    def get_driver_class(self) -> type[Driver]:
        """Return what reads from the terminal; it keeps pastes and keys apart."""
        driver = super().get_driver_class()
        take_pastes_whole(driver)
        return driver

    def get_css_variables(self) -> dict[str, str]:
        """Return the theme's colours, its text moved as little as makes it legible.

        The terminal's own colours are its owner's choice, and cannot be measured.
        """
        variables = super().get_css_variables()
        if not self.current_theme.ansi:
            # In place: what is painted from Content looks them up in the same mapping.
            variables.update(legible_variables(variables))
        return variables

    def on_load(self) -> None:
        """Start the background thread: it opens the vault while Textual paints."""
        self.verbs.start()
        self.watch_theme()

    def suit_terminal(self) -> None:
        """Leave a terminal of 16 colours to its own: the nearest to a theme's cannot be read."""
        if self.console.color_system == "standard" and not self.is_headless:
            self.theme = "ansi-dark" if self.current_theme.dark else "ansi-light"

    def watch_theme(self) -> None:
        """With NO_COLOR, take the colours out as it goes with the theme.

        Textual decides that once, before there is a theme, and makes the terminal's own colours
        black on black.
        """
        if self.no_color:
            without = NoColor() if self.native_ansi_color else Monochrome()
            kept = [one for one in self._filters if not isinstance(one, (NoColor, Monochrome))]
            self._filters = [*kept, without]

    def on_mount(self) -> None:
        """Draw everything anew whenever the terminal was another's: after ctrl+z and fg."""
        self.suit_terminal()
        self.app_resume_signal.subscribe(self, lambda _: self.refresh())

    def get_default_screen(self) -> Screen[None]:
        """Return the main screen; everything else lies on top of it."""
        return MainScreen(self.verbs)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Offer what can be done here now. No screenshots: they would keep what was revealed."""
        offered: set[str] = set()
        for node, binding, enabled, tooltip in screen.active_bindings.values():
            id_ = binding.id or ""
            is_verb = isinstance(node, (Screen, App)) or id_.startswith("list.mark")
            if enabled and id_ and is_verb and binding.action not in offered:
                offered.add(binding.action)
                key = binding.key_display or self.get_key_display(binding)
                words = f"{key}  {tooltip or binding.description}"
                yield SystemCommand(_named(binding), words, _runner(node, binding.action))
        words = "Change the colours for this run; theme in the settings (,) keeps them."
        yield SystemCommand("Theme", words, self.action_change_theme)

    async def move_keys(self) -> None:
        """Give what the settings name other keys; ``key_problems`` says which were not moved."""
        if not self.verbs.settings.keys:
            return
        from close_tui.tui.keymap import check, known_keys

        checked = check(self.verbs.settings.keys, await known_keys(self))
        self.key_problems = checked.problems
        if checked.keymap:
            self.set_keymap(checked.keymap)

    @work(group="help")
    async def action_help(self) -> None:
        """Show the keys for this place."""
        from close_tui.tui.screens.help import Help

        await self.push_screen_wait(Help(self.screen))

    async def on_key(self, event: events.Key) -> None:
        """Give what was typed ahead to the field that has opened since: there it is no verb.

        A field keeps its letters, so that one arrives here only when it was read before the field
        had the focus: the "r" of "/realty", on a slow line.
        """
        field = self.focused
        if field is not None and field.check_consume_key(event.key, event.character):
            event.prevent_default()
            field.post_message(events.Key(event.key, event.character))

    async def _check_bindings(self, key: str, priority: bool = False) -> bool:
        """Call what a key is bound to, and let it open its dialog before the next key counts."""
        is_done = await super()._check_bindings(key, priority)
        if is_done:
            await asyncio.sleep(0)
        return is_done

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Ask for help only once."""
        if action == "help":
            return not self.screen.has_class("-help")
        return super().check_action(action, parameters)

    @work(group="leave")
    async def action_quit(self) -> None:  # type: ignore[override]
        """Leave; first wait (bounded) for refreshes whose tokens must still be stored."""
        from close_tui.tui.screens.leaving import may_leave

        bottom = self.screen_stack[0]
        board = bottom if isinstance(bottom, MainScreen) else None
        under_way = None if board is None else board.under_way
        if await may_leave(self, self.verbs, under_way):
            if board is not None:
                await board.remove_now()
            if self.verbs.copied is not None:
                await self.verbs.copied.clear()
            self.exit()

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        """Make a picture as Textual does; a secret that is shown is masked first."""
        from close_tui.tui.widgets.revealed import Revealed

        for screen in self.screen_stack:
            for shown in screen.query(Revealed):
                shown.mask()
        return super().export_screenshot(title=title, simplify=simplify)

    def _send(self, sequence: str) -> None:
        """Write a control sequence to the terminal, also when the app has given it back."""
        if self._driver is not None and self.is_running:
            self._driver.write(sequence)
            self._driver.flush()
        elif (terminal := sys.__stderr__) is not None and terminal.isatty():
            terminal.write(sequence)
            terminal.flush()

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        """Send an update, and of it only what the terminal does not show already."""
        super()._display(screen, self._on_terminal.sparing(renderable))

    def _handle_exception(self, error: Exception) -> None:
        """Stop on a bug, which is not what a closed screen still had in hand."""
        from close_tui.tui.leftovers import is_left_over

        if not is_left_over(error, self):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Stop on a bug; Textual's own report would print the value of every local variable."""
        from close_tui.tui.crash import report

        self.bell()
        if not self._exit_renderables:
            self._exit_renderables.append(report(sys.exc_info()[1] or self._exception))
        self._close_messages_no_wait()


def _named(binding: Binding) -> str:
    """Return what a command is called in the palette, where there is room for two words."""
    if "(" in binding.action:
        return binding.description
    return binding.action.rpartition(".")[2].replace("_", " ").capitalize()


def _runner(node: DOMNode, action: str) -> Callable[[], Any]:
    async def run() -> None:
        await node.app.run_action(action, node)

    return run
