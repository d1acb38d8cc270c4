"""A field for something that must not be shown."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual.validation import Validator
from textual.widgets import Input

from close_tui.secret import Secret

_MASK = "••••"


class SecretInput(Input):
    """A field whose text leaves it only as a :class:`~close_tui.secret.Secret`.

    It shows dots, copies and cuts nothing, suggests nothing, and changes nothing of what is typed
    or pasted; ``takes_lines`` makes one line of several. Its messages tell that there is text, not
    which: their ``value`` is a mask (empty when the field is), because messages end up in logs and
    crash reports.
    """

    class Changed(Input.Changed):
        """The text is another."""

        def __init__(self, field: Input, value: str, _: object = None) -> None:
            super().__init__(field, _mask(value))

    class Submitted(Input.Submitted):
        """Enter was pressed."""

        def __init__(self, field: Input, value: str, _: object = None) -> None:
            super().__init__(field, _mask(value))

    class Blurred(Input.Blurred):
        """The focus has left the field."""

        def __init__(self, field: Input, value: str, _: object = None) -> None:
            super().__init__(field, _mask(value))

    def __init__(
        self,
        *,
        placeholder: str = "",
        validators: Validator | Iterable[Validator] | None = None,
        id: str | None = None,  # noqa: A002 - textual's word
        classes: str | None = None,
        disabled: bool = False,
        takes_lines: bool = False,
    ) -> None:
        super().__init__(
            placeholder=placeholder,
            password=True,
            validators=validators,
            id=id,
            classes=classes,
            disabled=disabled,
        )
        self._takes_lines = takes_lines

    def secret(self) -> Secret:
        """Return what was typed, as it was typed."""
        return Secret(self.value)

    def clear_secret(self) -> None:
        """Empty the field."""
        self.value = ""

    def action_copy(self) -> None:
        """Copy nothing, and say so."""
        self._say_no()

    def action_cut(self) -> None:
        """Cut nothing, and say so."""
        self._say_no()

    def _say_no(self) -> None:
        self.app.notify(
            "A secret is not copied from the field that it is typed into.",
            severity="warning",
            markup=False,
            timeout=3,
        )

    def _on_paste(self, event: events.Paste) -> None:
        # Textual takes the first line, which is empty when a line break was copied in front.
        event.prevent_default()
        event.stop()
        lines = filter(str.strip, event.text.splitlines())
        if self._takes_lines:
            line = " ".join(each.removesuffix("\\") for each in lines)
        else:
            line = next(lines, "")
        self.replace(line, *self.selection)


def _mask(value: str) -> str:
    return _MASK if value else ""
