"""What a screen that was closed still had in hand."""

from __future__ import annotations

from typing import Any

from textual._context import active_message_pump
from textual.app import App
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.screen import Screen
from textual.worker import WorkerFailed, get_current_worker


def is_left_over(error: Exception, app: App[Any]) -> bool:
    """Tell whether something looked for a widget of a screen that is shown no more.

    Keys can be quicker than a screen: whoever closes one while it is still being built, or still
    asks something, takes its widgets away from under what was begun. That is no bug.
    """
    node: object
    if isinstance(error, WorkerFailed):
        cause, node = error.error, get_current_worker().node
    else:  # a screen inherits the worker that has pushed it: the current one may be another's
        cause, node = error, active_message_pump.get(None)
    if not isinstance(cause, NoMatches):
        return False
    if node is app or not isinstance(node, DOMNode):
        return False
    screens = [each for each in node.ancestors_with_self if isinstance(each, Screen)]
    return app._exit or not set(screens) & set(app.screen_stack)  # noqa: SLF001 - no public twin
