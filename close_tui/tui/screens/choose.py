"""Choosing what to authorize: a connection again, or a new one through one of the apps."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from close_tui.model import App, Connection, Organization
from close_tui.tui.screens.dialog import Dialog, Sheet
from close_tui.tui.verbs import Verbs


@dataclass(frozen=True, slots=True)
class Choice:
    """What to authorize: ``renews`` again, or a new connection through ``app``.

    One that is no more has lost its name when it does not keep it; ``rotates`` revokes also an
    old grant that another machine may be using. A new one may be meant for an ``organization``;
    with ``may_keep_other`` a person is asked about a grant for another than the one that is meant.
    """

    app: App
    renews: Connection | None = None
    keeps_name: bool = True
    rotates: bool = False
    organization: Organization | None = None
    may_keep_other: bool = False

    @property
    def meant(self) -> Organization | None:
        """The organization that is expected; None where any will do."""
        return self.renews.organization if self.renews else self.organization

    @property
    def sentence(self) -> str:
        """Say it in one line."""
        if self.renews is None:
            of = self.organization
            to = f" to {of.name or of.id}" if of else ""
            return f"New connection{to} through {self.app.name}"
        return f"Again: {self.renews.name}, {self.renews.organization.name}"


def choices(
    apps: tuple[App, ...], highlighted: Connection | None, organization: Organization | None = None
) -> list[Choice]:
    """Return what can be authorized; the highlighted connection comes first.

    New ones are meant for the ``organization`` where one is given.
    """
    again = [
        Choice(app, highlighted, may_keep_other=True)
        for app in apps
        if highlighted and highlighted.app_id == app.id and highlighted.frozen_at is None
    ]
    return again + [
        Choice(app, organization=organization, may_keep_other=organization is not None)
        for app in apps
    ]


class Choose(Dialog[Choice]):
    """Asks which."""

    def __init__(self, verbs: Verbs, offered: list[Choice]) -> None:
        super().__init__(verbs)
        self._offered = offered

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Sheet("Authorize"):
            # Content: names are not markup.
            yield OptionList(*(Option(Content(choice.sentence)) for choice in self._offered))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer."""
        self.dismiss(self._offered[event.option_index])
