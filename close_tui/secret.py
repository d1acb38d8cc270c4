"""A value that does not show itself."""

from __future__ import annotations

from typing import Final, NoReturn, final

_MASK: Final = "Secret(****)"


@final
class Secret:
    """Text that must not be shown: an API key, a token, a client secret, a passphrase.

    Its ``repr``, ``str``, ``format`` and rich representation are a mask, it refuses to be
    pickled or copied into JSON, and comparing it takes constant time. Only :meth:`reveal`
    gives the text, so that every place that does can be found by searching for that word.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError("a secret is made from text")
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    @property
    def sha256(self) -> bytes:
        """SHA-256 of the UTF-8 text: 32 bytes. Fingerprints are made from it."""
        import hashlib

        return hashlib.sha256(self._text.encode("utf-8", "surrogatepass")).digest()

    def __bool__(self) -> bool:
        return bool(self._text)

    def __len__(self) -> int:
        return len(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        import hmac

        return hmac.compare_digest(self.sha256, other.sha256)

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __repr__(self) -> str:
        return _MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(_MASK, spec)

    def __rich_repr__(self) -> list[str]:
        return ["****"]

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret cannot be pickled or copied")
