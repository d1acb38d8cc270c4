"""Secrets as age ciphertexts that know where they belong.

The plaintext of a row is JSON: ``{"vault", "owner", "kind", "generation", "secret"}``. What stands
beside the secret is compared on opening, so a row that was swapped with another does not open. The
recipient is not stored in clear, so nobody without the identity can forge a row. The ciphertext
is ASCII-armored: the stock ``age`` tool opens what ``sqlite3`` prints.
"""

from __future__ import annotations

import json
from typing import NamedTuple, final

import pyrage
from pyrage import x25519

from close_tui.errors import ForeignIdentity, Tampered
from close_tui.secret import Secret


class Place(NamedTuple):
    """Which row a ciphertext belongs to."""

    vault: str
    owner: str
    kind: str
    generation: int

    def __str__(self) -> str:
        return f"{self.kind} of {self.owner}, generation {self.generation}"


@final
class Identity:
    """The age X25519 identity that opens a vault. Never shows itself; :meth:`secret` does."""

    __slots__ = ("_identity", "_kept", "_recipient")

    def __init__(self, text: Secret) -> None:
        try:
            self._identity = x25519.Identity.from_str(text.reveal().strip())
        except (pyrage.IdentityError, ValueError):
            raise ForeignIdentity(
                "What was found is not an age X25519 identity.",
                advice="It must be a line that begins with AGE-SECRET-KEY-1.",
            ) from None
        self._recipient = self._identity.to_public()
        self._kept: dict[tuple[Place, bytes], Secret] = {}

    @classmethod
    def generate(cls) -> Identity:
        """Make a new identity."""
        return cls(Secret(str(x25519.Identity.generate())))

    @property
    def secret(self) -> Secret:
        """The identity as age writes it: ``AGE-SECRET-KEY-1…``, 74 characters."""
        return Secret(str(self._identity))

    def seal(self, place: Place, secret: Secret) -> bytes:
        """Return the armored ciphertext of a secret for its place."""
        sealed: bytes = pyrage.encrypt(
            json.dumps({**place._asdict(), "secret": secret.reveal()}).encode(),
            [self._recipient],
            armored=True,
        )
        return sealed

    def unseal(self, place: Place, sealed: bytes) -> Secret:
        """Open a ciphertext; Tampered, naming the row, unless it belongs exactly there."""
        try:
            found = json.loads(pyrage.decrypt(sealed, [self._identity]))
            # A Secret at once: the error below must not carry another row's text in its frame.
            secret = Secret(found.pop("secret"))
        except (pyrage.DecryptError, ValueError, KeyError, TypeError, AttributeError):
            raise Tampered(f"The stored {place} does not open: tampered or damaged.") from None
        if found != place._asdict():
            raise Tampered(f"The stored {place} is another row's: tampered or damaged.")
        return secret

    def unseal_once(self, place: Place, sealed: bytes) -> Secret:
        """Open a ciphertext, and keep what is in it for as long as this identity is kept.

        For the secret of an OAuth app, which hundreds of refreshes need one after another: in
        memory it lies beside the identity, which opens it anyway.
        """
        kept = self._kept.get((place, sealed))
        if kept is None:
            kept = self._kept[place, sealed] = self.unseal(place, sealed)
        return kept

    def __repr__(self) -> str:
        return "Identity(****)"

    def __reduce_ex__(self, protocol: object) -> str:
        raise TypeError("an identity cannot be pickled or copied")
