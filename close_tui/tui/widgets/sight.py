"""Whether a widget can be seen at all."""

from __future__ import annotations

from textual.widget import Widget


def in_sight(widget: Widget) -> bool:
    """Tell whether a widget is on the screen in front, or shows through a dialog before it."""
    if not (widget.is_mounted and widget.display):
        return False
    front = widget.app.screen
    if front is widget.screen:
        return True
    # Textual counts a screen as current whenever one lies on it, also when that hides it.
    return widget.screen.is_current and front.styles.background.a < 1
