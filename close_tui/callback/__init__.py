"""The browser's way back: the https listener, the paste validator, the certificate, the opener.

:func:`close_tui.callback.waiting.waiting` is the door to this room: it puts one
:class:`~close_tui.callback.attempt.Attempt` up for an answer, which either the listener or a
pasted address brings, through the same validator.
"""
