"""The verbs: what the app and the command line can do, one module each.

A verb takes a :class:`~close_tui.operations.desk.Desk` and returns a
:class:`~close_tui.model.Result`; what concerns one target only is in its outcome, not raised.
Imports nothing, so that a front end pays only for the verbs that it calls.
"""
