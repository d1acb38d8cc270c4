"""A field for words that are shown."""

from __future__ import annotations

from textual import events
from textual.widgets import Input


class PlainInput(Input):
    """A field that takes only what can be seen out of a paste.

    Textual shows a field as it is, and what was copied from elsewhere may hold escape sequences
    or marks that turn the line around; keys bring none of them.
    """

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        lines = event.text.splitlines()
        line = next(filter(str.strip, lines), "")
        self.replace("".join(filter(str.isprintable, line.replace("\t", " "))), *self.selection)
