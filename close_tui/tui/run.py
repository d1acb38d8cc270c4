"""From nothing to a running app, and out of it again."""

from __future__ import annotations

import gc

from close_tui.operations.desk import LEAVE_WAIT_S
from close_tui.settings import Settings


def run(settings: Settings) -> int:
    """Run the app to its end and return the exit code: 0, or 1 after a bug."""
    # What starting makes (modules, styles, widgets) stays: looking through it for garbage again and
    # again would take a tenth of the start. The board ends this after the first paint.
    gc.disable()
    from close_tui.tui.app import CloseTuiApp

    app = CloseTuiApp(settings)
    try:
        app.run()
    finally:
        # Refreshes were waited for on the screen already; this is for ends that came otherwise.
        app.verbs.stop(LEAVE_WAIT_S)
    return app.return_code or 0
