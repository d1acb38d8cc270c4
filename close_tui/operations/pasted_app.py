"""The client id and the client secret of an OAuth app, in what a person pasted."""

from __future__ import annotations

import re
from typing import Final

from close_tui.secret import Secret

_NAMED: Final = r"(?:(?:export\s+|set\s+|\$env:)?[\"']?[A-Za-z_][A-Za-z0-9_.-]*[\"']?\s*[=:]\s*)?"
_CLIENT_ID: Final = re.compile(rf"{_NAMED}([\"'`]?)(oa2client_[A-Za-z0-9]{{1,190}})\1[,;]?")
_CLIENT_SECRET: Final = re.compile(rf"{_NAMED}([\"'`]?)([A-Za-z0-9]{{48}})\1[,;]?")
_LIMIT: Final = 1000


def client_id_in(pasted: str) -> str:
    """Return the client id in a quoted or named value; what is neither stays as it is."""
    text = pasted.strip()
    found = _CLIENT_ID.fullmatch(text) if len(text) <= _LIMIT else None
    return found[2] if found else text


def client_secret_in(pasted: Secret) -> Secret:
    """Return the client secret in a quoted or named value; what is neither stays as it is.

    Only what has the 48 letters and digits of Close's own secrets is taken out of anything: of
    another shape, nobody knows what belongs to it.
    """
    if len(pasted) <= _LIMIT and (found := _CLIENT_SECRET.fullmatch(pasted.reveal().strip())):
        return Secret(found[2])
    return Secret(pasted.reveal().strip())
