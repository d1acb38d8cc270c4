"""The Close API, as far as credentials go: URLs, calls, and answers in our words.

:class:`~close_tui.close.client.Close` makes the calls and is the only door that costs an import of
httpx; :mod:`~close_tui.close.urls` and :mod:`~close_tui.close.credential` are pure.
"""
