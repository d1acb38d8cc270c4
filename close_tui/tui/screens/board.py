"""The board: organizations, connections and detail, and every way of looking at them."""

from __future__ import annotations

import asyncio
import gc
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widgets import Input, Static

from close_tui.errors import CloseTuiError
from close_tui.model import Connection, Event
from close_tui.operations.overview import WATCH_S, Overview, VaultState, changed, history
from close_tui.tui.screens.arrangement import (
    ORDERS,
    Arranged,
    View,
    empty_words,
    order_words,
    organizations,
    plan_of,
    vault_words,
)
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.banner import Banner, BannerKind
from close_tui.tui.widgets.census import NOBODY, Census, census
from close_tui.tui.widgets.connection_list import ConnectionList
from close_tui.tui.widgets.detail import Detail
from close_tui.tui.widgets.health import Health
from close_tui.tui.widgets.organization_list import OrganizationList

if TYPE_CHECKING:
    from close_tui.tui.app import CloseTuiApp
    from close_tui.tui.widgets.filter_box import FilterBox

FIRST_LOOK_S: Final = 0.1
"""Seconds that the first paint waits for the first look, which is under way since the start."""

_EVENTS: Final = 200
_LINES: Final = ("place", "clock", "pending", "rounds", "removals", "trouble")
"""What may stand above the list, from top to bottom."""

NOTHING: Final = Overview((), (), VaultState.MISSING, "", 0)
"""What is known before the first look."""


class Board(Screen[None]):
    """Shows what is in the vault and follows its changes; calls no verb that changes anything."""

    AUTO_FOCUS = "ConnectionList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "app.help", "Help", key_display="?", id="main.help",
                tooltip="Show the keys for this place."),
        Binding("slash", "filter", "Filter", tooltip="Show only what holds these words.",
                key_display="/", id="main.filter"),
        Binding("s", "sort", "Sort", show=False, id="main.sort",
                tooltip="Sort by organization, name, expiry or status."),
        Binding("v", "needs_first", "Needs you first", show=False, id="main.needs_first",
                tooltip="Put what needs you first, or not."),
        Binding("escape", "back", "Back", show=False, id="main.back",
                tooltip="Clear the filter, then the marks."),
    ]  # fmt: skip

    organization_list = getters.query_one(OrganizationList)
    connection_list = getters.query_one(ConnectionList)
    detail = getters.query_one(Detail)

    def __init__(self, verbs: Verbs) -> None:
        # As it nearly always is at the first look, before a key was asked for: a class that changes
        # later would style everything a second time.
        super().__init__(classes="-stocked -locked")
        self.verbs = verbs
        self.seen = NOTHING
        self.view = View()
        self._census = NOBODY
        self._arranged = Arranged(NOBODY)
        self._wanted: str | None = None
        self._past: dict[str, list[Event]] = {}
        self._is_furnished = False

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Horizontal(id="top"):
            yield Static("close-tui", id="brand")
            yield Health(clock=self.verbs.clock)
            yield Static("", id="vault", markup=False)
        with Horizontal(id="panes"):
            yield OrganizationList()
            with Container(id="work"):
                yield ConnectionList(clock=self.verbs.clock)
                yield Detail(clock=self.verbs.clock, late=True)

    async def on_mount(self) -> None:
        """Say where this is, and show what the first look has found so far.

        The detail and the footer come after the first paint: they are most of the widgets.
        """
        settings = self.verbs.settings
        if not settings.is_close:
            self.say("place", f"Not close.com: {settings.api_url}", "warning")
        self.organization_list.border_title = "Organizations"
        self.detail.border_title = "Detail"
        self._say_order()
        with suppress(CloseTuiError):  # the look that follows says what is wrong
            if (found := await self.verbs.first_look(FIRST_LOOK_S)) is not None:
                self.seen = found
                self.show_all()
        self.call_after_refresh(self._furnish)
        self._watch()

    async def _furnish(self) -> None:
        gc.freeze()  # what the start has made stays: later collections need not look at it
        gc.enable()
        from close_tui.tui.widgets.keys import Keys  # with Textual's own 5 ms of the start

        if not self.is_attached:  # somebody has pressed q before
            return
        self.detail.furnish()
        self._is_furnished = True
        self._show_detail()
        await self.mount(Keys(compact=True))
        self.refresh_bindings()  # a footer shows nothing before it is told what is possible
        if self.seen is NOTHING:
            self.look()
        self.run_worker(self._move_keys(), group="keys", name="keys")

    async def _move_keys(self) -> None:
        await cast("CloseTuiApp", self.app).move_keys()
        with suppress(NoMatches):  # the app may be closed by now
            self._say_trouble("")
            self.refresh_bindings()

    def on_screen_resume(self) -> None:
        """Look at the vault again after every dialog."""
        if self.seen is not NOTHING:
            self.look()

    def on_resize(self) -> None:
        """Keep the keys going where what had the focus has lost its room."""
        self.call_after_refresh(self._keep_focus)

    def _keep_focus(self) -> None:
        if self.focused is None and self.query_one("#panes").display:
            self.connection_list.focus()

    # What is there

    @work(group="look", exclusive=True)
    async def look(self, wanted: str | None = None) -> None:
        """Read the vault again and show it; the cursor goes to ``wanted`` where it is given."""
        self._wanted = wanted or self._wanted
        trouble = ""
        try:
            self.seen = await self.verbs.look(self.seen)
        except CloseTuiError as error:
            trouble = error.in_full
        with suppress(NoMatches):  # the app is being closed, and its widgets go one by one
            self._say_trouble(trouble)
            if not trouble:
                self.show_all()

    @work(group="watch")
    async def _watch(self) -> None:
        """Look again whenever another process has changed the vault."""
        while True:
            seen = self.seen
            with suppress(CloseTuiError):  # the look says what is wrong
                await self.verbs.run_while_waited_for(changed, seen.version)
            if self.seen is seen:
                self.look()
            await asyncio.sleep(WATCH_S)

    def show_all(self) -> None:
        """Show what was seen, as the view has it."""
        everything = self.seen.connections
        is_empty = not everything and not self.seen.apps
        had_focus = self.focused
        self._show_welcome(is_empty)
        self.query_one("#panes").display = not is_empty
        self.query_one(Health).show(self._taken())
        self.query_one("#vault", Static).update(vault_words(self.seen))
        self.set_class(self.seen.vault in (VaultState.LOCKED, VaultState.DESTROYED), "-locked")
        self.set_class(bool(everything), "-stocked")
        self.organization_list.show(organizations(self._taken()))
        self.connection_list.keep_marks(one.id for one in everything)
        self._show_view()
        if is_empty:
            self.query("Welcome").focus()
        elif had_focus is None or had_focus.id == "welcome":
            self.connection_list.focus()

    def _taken(self) -> Census:
        """Return how all are now; looked at again only where it may be different."""
        now, every = self.verbs.clock(), self.seen.connections
        if self._census.connections is not every or not self._census.holds(now):
            self._census = census(every, now)
        return self._census

    def _show_view(self) -> None:
        """Show the connections as the view has them; what is around them stays."""
        if self._arranged.taken is not (taken := self._taken()):
            self._arranged = self._arranged.anew(taken)
        arranged = self._arranged.by(self.view, self.verbs.clock())
        self.connection_list.empty_text = empty_words(self.view, self.seen)
        self.connection_list.show(arranged, keep=self._wanted)
        self._wanted = None
        self._show_detail()
        self.refresh_bindings()

    def _show_welcome(self, wanted: bool) -> None:
        shown = self.query("Welcome")
        if shown:
            shown.first().display = wanted
        elif wanted:
            from close_tui.tui.screens.welcome import Welcome  # seen once in the life of a vault

            self.mount(Welcome(self.verbs.settings.redirect_uri), before="#panes")

    def _say_trouble(self, words: str) -> None:
        wrong = cast("CloseTuiApp", self.app).key_problems
        if wrong and not words:
            many = f" ({len(wrong) - 1} more in the settings: ,)" if len(wrong) > 1 else ""
            words = f"keys in the settings: {wrong[0]}{many}"
        self.say("trouble", words, "error")

    def say(self, place: str, words: str, kind: BannerKind) -> None:
        """Say something above the list, in the line of a place; without words it is not there."""
        lines = {each.id: each for each in self.query_children(Banner)}
        if (line := lines.get(place)) is None and words:
            line = Banner(id=place)
            below = (lines[each] for each in _LINES[_LINES.index(place) :] if each in lines)
            self.mount(line, before=next(below, "#top"))
        if line is not None:
            line.show(words, kind)

    # What is highlighted

    def on_connection_list_highlighted(self) -> None:
        """Show another connection."""
        self._show_detail()
        self.refresh_bindings()

    def on_connection_list_marked(self) -> None:
        """Other verbs are possible with other marks."""
        self._say_order()
        self.refresh_bindings()

    def on_organization_list_highlighted(self, event: OrganizationList.Highlighted) -> None:
        """Show one organization's connections, or all."""
        self.view = self.view._replace(organization_id=event.organization_id)
        self._show_view()

    def on_organization_list_opened(self) -> None:
        """Go on to its connections."""
        self.connection_list.focus()

    def _show_detail(self) -> None:
        if not self._is_furnished:
            return
        self._show_past(connection := self.connection_list.highlighted)
        if connection is not None:
            self._remember(connection.id)

    def _show_past(self, connection: Connection | None) -> None:
        past = self._past.get(connection.id, []) if connection else []
        now = self.verbs.clock()
        self.detail.show(connection, past, now, plan_of(self.seen, connection, now))

    @work(group="history", exclusive=True)
    async def _remember(self, connection_id: str) -> None:
        """Fetch a connection's history and show it, if it is still the one that is shown."""
        try:
            past = await self.verbs.ask(history, connection_id, _EVENTS)
        except CloseTuiError as error:
            self._say_trouble(error.in_full)
            return
        highlighted = self.connection_list.highlighted
        if (
            past != self._past.get(connection_id)
            and highlighted
            and highlighted.id == connection_id
        ):
            self._past = {connection_id: past}
            self._show_past(highlighted)

    # Jumps

    def jump(self, connection_id: str) -> None:
        """Go to a connection, and drop what hides it."""
        in_view = {one.id for one in self.connection_list.connections}
        if connection_id not in in_view:
            self._drop_filter()
            self.organization_list.choose(None)
            self._look_by(self.view._replace(words="", organization_id=None))
        self.connection_list.go_to(connection_id)
        self.connection_list.focus()

    def choose_organization(self, organization_id: str) -> None:
        """Show one organization's connections."""
        self._drop_filter()
        self.organization_list.choose(organization_id)
        chosen = self.organization_list.highlighted
        self._look_by(self.view._replace(words="", organization_id=chosen))
        self.connection_list.focus()

    def _drop_filter(self) -> None:
        for box in self.filter_boxes:
            box.input.value = ""
            box.display = False

    # Ways of looking

    async def action_filter(self) -> None:
        """Open the filter."""
        from close_tui.operations import filtering
        from close_tui.tui.widgets.filter_box import FilterBox

        if not (boxes := self.filter_boxes):
            boxes = [FilterBox(filtering.HELP)]
            await self.mount(boxes[0], after="#panes")
            # Not by a message: what was typed and what it leaves of the list come in one paint.
            self.watch(boxes[0].input, "value", self._filter_changed, init=False)
        boxes[0].display = True
        self.set_focus(boxes[0].input)  # at once: the next letters are for the filter

    @property
    def filter_boxes(self) -> list[FilterBox]:
        """The filter's line, once it was opened."""
        return cast("list[FilterBox]", list(self.query("FilterBox")))

    def action_sort(self) -> None:
        """Sort by the next thing."""
        self._look_by(self.view._replace(order=self.view.order.following))

    def on_connection_list_title_clicked(self, event: ConnectionList.TitleClicked) -> None:
        """Sort by the column, where it is one of those that can be sorted by."""
        order = ORDERS.get(event.title, self.view.order)
        self._look_by(self.view._replace(order=order))

    def action_needs_first(self) -> None:
        """Put what needs a person first, or not."""
        self._look_by(self.view._replace(needs_first=not self.view.needs_first))

    def action_back(self) -> None:
        """Undo one way of looking: the filter, then the marks; then go back to the list."""
        boxes = self.filter_boxes
        if self.view.words or any(box.display for box in boxes):
            self._drop_filter()
            self._look_by(self.view._replace(words=""))
        elif self.focused is self.connection_list:
            self.connection_list.clear_marks()
        self.connection_list.focus()

    def _filter_changed(self, value: str) -> None:
        """Look by what was typed; while it is not understood, the list stays as it was.

        A term that is only begun is left out, and what it may become is said.
        """
        from close_tui.operations import filtering
        from close_tui.operations.masking import holds_key

        if holds_key(value):
            for box in self.filter_boxes:
                box.input.value = ""
                box.say("That is an API key, and was not kept here. esc, then ! finds whose it is.")
            return
        words, wrong, hint = value.strip(), "", ""
        typed = filtering.unfinished(value)
        if typed is not None and not typed.is_word:
            words, hint = typed.before, typed.hint
        try:
            filtering.parse(words)
        except filtering.FilterRefused as error:
            wrong = error.in_full
        else:
            self._look_by(self.view._replace(words=words))
            if typed is not None and typed.is_word and not self.connection_list.count:
                hint = typed.hint
                self._look_by(self.view._replace(words=typed.before))
        for box in self.filter_boxes:
            box.say(wrong, hint)

    @on(Input.Submitted, "#filter")
    def _filter_submitted(self, event: Input.Submitted) -> None:
        """Take the whole line as it stands: what was only begun is a word, or not understood."""
        from close_tui.operations import filtering

        words = event.value.strip()
        try:
            filtering.parse(words)
        except filtering.FilterRefused as error:
            for box in self.filter_boxes:
                box.say(error.in_full)
            return
        if words != self.view.words:
            self._look_by(self.view._replace(words=words))
        for box in self.filter_boxes:
            box.say("")
            box.display = bool(words)
        self.connection_list.focus()

    def _look_by(self, view: View) -> None:
        self.view = view
        self._say_order()
        self._show_view()

    def _say_order(self) -> None:
        listed = self.connection_list
        marked = len(listed.marked)
        words = order_words(self.view, marked, marked - listed.hidden_marks)
        listed.border_title = Content(f"Connections: {words}")

    def selection(self) -> list[Connection]:
        """Return what a verb would act on: on an organization, all of it that is shown."""
        listed = self.connection_list
        if not self.query_one("#panes").display:
            return []
        is_on_organization = self.focused is self.organization_list and not listed.marked
        return list(listed.connections) if is_on_organization else listed.selection()

    def check_action(self, action: str, parameters: tuple[Any, ...]) -> bool | None:
        """Offer the ways of looking only where there is something to look at."""
        if action == "filter" and isinstance(self.focused, Input):
            return False  # it is typed into already, and / is a letter there
        if action in ("filter", "sort", "needs_first"):
            return bool(self.seen.connections)
        return super().check_action(action, parameters)
