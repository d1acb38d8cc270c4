"""What a person wrote, without the secrets that slipped into it: reasons are kept and exported."""

from __future__ import annotations

import re
from typing import Final

from close_tui.secret import Secret
from close_tui.vault.protocol import Store

MASK: Final = "****"

_KEY: Final = re.compile(r"(api_[A-Za-z0-9]+)\.[A-Za-z0-9]+")
_LONG: Final = re.compile(r"[A-Za-z0-9._~+/=-]{20,}")
_PART: Final = re.compile(r"[A-Za-z0-9_-]{20,}")


def holds_key(text: str) -> bool:
    """Tell whether an API key stands in a text, whoever's it is."""
    return _KEY.search(text) is not None


def masked(store: Store, text: str) -> str:
    """Return a text with what is, or was, one of this vault's secrets replaced by ``****``.

    Of anything that looks like an API key, whoever's it is, the ID stays.
    """
    text = _KEY.sub(rf"\1.{MASK}", text)
    return _LONG.sub(lambda run: _without(store, run[0]), text)


def _without(store: Store, run: str) -> str:
    if store.held(Secret(run).sha256):
        return MASK
    return _PART.sub(lambda part: MASK if store.held(Secret(part[0]).sha256) else part[0], run)
