"""What a call proves itself with: an API key, or an access token."""

from __future__ import annotations

from base64 import b64encode
from typing import NamedTuple, TypeAlias

from close_tui.secret import Secret


class Basic(NamedTuple):
    """An API key: HTTP Basic, the key as user name, no password (RFC 7617)."""

    key: Secret

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Every form in which the key goes over the wire."""
        return (self.key, Secret(self._encoded()))

    def header(self) -> str:
        """Return the value of the ``Authorization`` header."""
        return f"Basic {self._encoded()}"

    def _encoded(self) -> str:
        return b64encode(f"{self.key.reveal()}:".encode()).decode("ascii")


class Bearer(NamedTuple):
    """An access token (RFC 6750 §2.1)."""

    token: Secret

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Every form in which the token goes over the wire."""
        return (self.token,)

    def header(self) -> str:
        """Return the value of the ``Authorization`` header."""
        return f"Bearer {self.token.reveal()}"


Credential: TypeAlias = Basic | Bearer


def fits_a_header(text: str) -> bool:
    """Tell whether a key or token can stand in a header: visible ASCII, no space, not empty."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


def is_sendable(credential: Credential) -> bool:
    """Tell whether a credential can be sent at all."""
    secret = credential.key if isinstance(credential, Basic) else credential.token
    return fits_a_header(secret.reveal())
