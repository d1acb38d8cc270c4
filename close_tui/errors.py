"""Everything that can go wrong, in words a tired person can act on.

::

    CloseTuiError
    ├── UsageError                 the call makes no sense as it stands
    ├── Cancelled                  a person said no, or did not answer in time
    │   └── Declined               the consent screen was answered with "decline"
    ├── NotFound · Ambiguous       no such connection or app, or several
    │   └── NoVault                nothing was ever stored here
    ├── NameTaken · AlreadyStored · InUse   the vault holds something that stands in the way
    ├── NotAnExport                the file is not one that can be imported
    ├── VaultError
    │   ├── VaultLocked            the key exists and cannot be read yet
    │   ├── WrongPassphrase · IdentityMissing · ForeignIdentity · PlaceContradicted
    │   ├── VaultDestroyed         its owner has destroyed it
    │   ├── NoPlaceForIdentity     no keyring, no passphrase, no identity file
    │   ├── UnsafePlace            others may read or write where the secrets lie
    │   ├── VaultNotWritable · VaultBusy · VaultDamaged · VaultTooNew
    │   └── Tampered               one sealed row was swapped, cut or altered
    ├── CloseError                 what the service, or the way to it, answered
    │   ├── Refused · InvalidGrant · InvalidClient · Forbidden · Rejected
    │   ├── RateLimited · Unavailable
    │   └── Unreachable
    ├── CallbackError
    │   ├── PortBusy · CertificateBroken · TrustUnknown
    │   └── RedirectRefused        the redirect is not the answer to this attempt
    ├── NeedsAuthorization · AlreadyRevoked · RefreshUnknown · Busy
    ├── WrongOrganization · WrongUser       not the one that was meant
    │   └── WrongKey
    ├── OldGrantAlive              a new grant has replaced it, and it is not revoked yet
    └── Frozen                     a revocation has begun
        ├── RevocationPending      and is not done
        └── StillNeeded            what is to be forgotten is what could finish it
"""

from __future__ import annotations

from typing import ClassVar


class CloseTuiError(Exception):
    """The base of all our errors.

    ``title`` names the kind of trouble, the message says what happened this time, ``advice``
    says what to do next; the command line and the app show the same three. ``exit_code`` is the
    published meaning of the failure and ``outcome`` its word in ``--json``. ``http_status`` is that
    of the answer which is to blame, None without one.
    """

    title: ClassVar[str] = "Something went wrong"
    exit_code: ClassVar[int] = 1
    outcome: ClassVar[str] = "failed"
    advice: str = ""
    http_status: int | None = None

    def __init__(self, message: str = "", *, advice: str | None = None) -> None:
        super().__init__(message or self.title)
        if advice is not None:
            self.advice = advice

    @property
    def in_full(self) -> str:
        """What happened and what to do next, as sentences that can follow each other."""
        said = str(self)
        ended = said if said.endswith((".", "!", "?", "…")) else f"{said}."
        return f"{ended} {self.advice}".strip()


class UsageError(CloseTuiError):
    """The call makes no sense as it stands."""

    title = "That cannot be done as asked"
    exit_code = 2


class Cancelled(CloseTuiError):
    """A person said no, or did not answer in time."""

    title = "Cancelled"
    exit_code = 3


class Declined(Cancelled):
    """The consent screen was answered with "decline"."""

    title = "Access was declined in the browser"
    advice = "Authorize again and choose to allow access."


class NotFound(CloseTuiError):
    """No connection, app or organization goes by that name."""

    title = "Not found"
    exit_code = 5
    advice = "close-tui list shows every connection, close-tui apps every OAuth app."


class NoVault(NotFound):
    """Nothing was ever stored here."""

    title = "There is no vault yet"
    advice = (
        "It is made with the first key or app: close-tui add key NAME, close-tui add app NAME. "
        "close-tui demo shows the program on invented organizations."
    )


class Ambiguous(CloseTuiError):
    """More than one connection goes by that name."""

    title = "More than one goes by that name"
    exit_code = 5
    advice = "Use the id that close-tui list --json shows."


class NameTaken(CloseTuiError):
    """Another connection or app has that name."""

    title = "That name is taken"
    advice = "Choose another name, or rename the one that has it."


class AlreadyStored(CloseTuiError):
    """The vault holds this API key, or an app with this client id, under some name."""

    title = "It is stored already"


class InUse(CloseTuiError):
    """Something else in the vault depends on it."""

    title = "Still in use"


class NotAnExport(CloseTuiError):
    """The file is not an export of a vault, or not a whole one, or one from a newer close-tui."""

    title = "This file cannot be imported"
    advice = "Nothing was changed. It must be a file that close-tui vault export has written."


# The vault


class VaultError(CloseTuiError):
    """The vault, or the key to it, is not available."""

    title = "The vault is not available"
    exit_code = 7


class VaultLocked(VaultError):
    """The key exists and cannot be read until its keyring or passphrase is given."""

    title = "The vault is locked"
    advice = "Unlock your keyring, or give the passphrase, then try again (u in the app)."


class WrongPassphrase(VaultLocked):
    """The passphrase does not open the vault's key."""

    title = "Wrong passphrase"
    advice = "Try again. Nothing was changed."


class IdentityMissing(VaultError):
    """The key to this vault is not where the vault says it is."""

    title = "The key to the vault is missing"


class ForeignIdentity(VaultError):
    """The key that was found opens another vault."""

    title = "This key belongs to another vault"


class PlaceContradicted(VaultError):
    """The environment names another place for the key than the one this vault was made with."""

    title = "The key of this vault lives elsewhere"


class VaultDestroyed(VaultError):
    """Its owner has destroyed the vault: nothing is sealed in it any more."""

    title = "This vault was destroyed"
    advice = (
        "What was done can still be seen: close-tui list, history, incident. To begin anew, move "
        "its folder away."
    )


class NoPlaceForIdentity(VaultError):
    """A new vault needs a place for its key, and there is none."""

    title = "There is no safe place for the vault's key"
    advice = (
        "One of three: unlock or install a system keyring (GNOME Keyring, KWallet, macOS Keychain, "
        "Windows Credential Manager); or set CLOSE_TUI_PASSPHRASE_FILE to a file that holds a "
        "passphrase; or set CLOSE_TUI_IDENTITY_FILE to an age identity file (age-keygen -o FILE)."
    )


class UnsafePlace(VaultError):
    """Other users of this machine may read or write where the secrets lie."""

    title = "That place is not safe"


class VaultNotWritable(VaultError):
    """The vault cannot be written: read-only, no space, or no permission."""

    title = "The vault cannot be written"
    advice = "Make room, or make its folder writable. Nothing was sent and nothing was lost."


class VaultBusy(VaultError):
    """Another program holds the database."""

    title = "The vault is busy"
    exit_code = 6
    advice = "Another program holds the vault's database. Wait a moment and try again."


class VaultDamaged(VaultError):
    """The database file is not one, or is broken."""

    title = "The vault is damaged"
    advice = "Nothing was overwritten. Restore vault.db from a backup, or move it away."


class VaultTooNew(VaultError):
    """The database was written by a newer close-tui."""

    title = "The vault was written by a newer close-tui"
    advice = "Update close-tui. Nothing was changed."


class Tampered(VaultError):
    """One sealed row was swapped, cut or altered. The others are not affected."""

    title = "Tampered or damaged"
    exit_code = 1
    advice = (
        "This secret cannot be used any more; everything else can. Authorize the connection "
        "again, or remove it and add it anew."
    )


# The service


class CloseError(CloseTuiError):
    """What the service, or the way to it, answered. ``http_status`` is None without an answer."""

    def __init__(
        self, message: str = "", *, http_status: int | None = None, advice: str | None = None
    ) -> None:
        super().__init__(message, advice=advice)
        self.http_status = http_status


class Refused(CloseError):
    """401: the server does not accept this key or token.

    ``is_certain`` tells an answer of the API from one that anything on the way could have given: a
    proxy, a hotel's portal. Only the first speaks of a death.
    """

    title = "Close refused the credential"
    outcome = "rejected"
    advice = "The key was deleted or the access revoked. Authorize again, or add a new key."

    def __init__(
        self, message: str = "", *, http_status: int | None = 401, is_certain: bool = False
    ) -> None:
        super().__init__(message, http_status=http_status)
        self.is_certain = is_certain


class InvalidGrant(CloseError):
    """``invalid_grant`` (RFC 6749 §5.2): the code or refresh token is spent, revoked or expired."""

    title = "Close does not accept this authorization any more"
    exit_code = 4
    outcome = "needs_authorization"
    advice = "Authorize again (a in the app, close-tui authorize APP)."


class InvalidClient(CloseError):
    """``invalid_client`` (RFC 6749 §5.2): the app's client id or secret is wrong."""

    title = "Close does not know this OAuth app, or its secret is wrong"
    advice = (
        "The connection itself is not at fault. Compare the client id, and store the secret "
        "again: O and e in the app, or close-tui set app NAME --secret."
    )


class Rejected(CloseError):
    """Another 4xx: the request was understood and not accepted."""

    title = "Close did not accept the request"


class Forbidden(CloseError):
    """403: the credential is valid and may not do this."""

    title = "Close does not allow this"
    outcome = "forbidden"
    advice = "The credential is valid, but its user may not do this. Ask an admin in Close."


class RateLimited(CloseError):
    """429: too many requests; ``retry_after`` seconds until the next may be sent."""

    title = "Close asks to slow down"
    exit_code = 6
    outcome = "rate_limited"

    def __init__(self, retry_after: float, *, http_status: int | None = 429) -> None:
        super().__init__(
            f"Too many requests. Next one in {retry_after:g} s.", http_status=http_status
        )
        self.retry_after = retry_after
        self.advice = f"Wait {retry_after:g} seconds and try again. Nothing was changed."


class Unavailable(CloseError):
    """5xx, an empty answer, or one that is not what the API documents."""

    title = "Close is not answering properly"
    exit_code = 6
    outcome = "unavailable"
    advice = "Nothing is known to be wrong with the connection. Try again in a few minutes."


class Unreachable(CloseError):
    """No answer: DNS, connect, TLS or a time-out.

    ``sent`` tells whether the request may have reached the server: then the server may have
    acted on it although its answer was lost.
    """

    title = "Close cannot be reached"
    exit_code = 6
    outcome = "unreachable"
    advice = "Check the network, then try again. This says nothing about the connection itself."

    def __init__(self, message: str = "", *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


# The browser's way back


class CallbackError(CloseTuiError):
    """The browser's way back to us is blocked."""

    title = "The browser cannot come back to close-tui"


class PortBusy(CallbackError):
    """Another program listens where the redirect URI points."""

    title = "The redirect URI's port is in use"


class CertificateBroken(CallbackError):
    """The certificate or its key cannot be read or made."""

    title = "The certificate for the local address is unusable"
    advice = "Delete that file; a new certificate is made at the next start."


class TrustUnknown(CallbackError):
    """The record of which browsers were told to trust the certificate cannot be used."""

    title = "It is not known which browsers trust the certificate"


class RedirectRefused(CallbackError):
    """What came back is not the answer to this attempt."""

    title = "That is not the answer to this authorization"
    exit_code = 2
    advice = "Paste the whole address that the browser shows after you allowed access."


# The life of a connection


class NeedsAuthorization(CloseTuiError):
    """Only a person in a browser can bring this connection back."""

    title = "Must be authorized again"
    exit_code = 4
    outcome = "needs_authorization"
    advice = "Authorize again (a in the app, close-tui authorize APP)."


class AlreadyRevoked(CloseTuiError):
    """The connection was revoked before."""

    title = "Already revoked"
    exit_code = 4
    outcome = "already_revoked"


class Frozen(CloseTuiError):
    """A revocation has begun: nothing may use or renew this connection."""

    title = "Frozen: a revocation has begun"
    exit_code = 4
    outcome = "needs_authorization"
    advice = "Finish it with close-tui revoke NAME, then authorize anew."


class RevocationPending(Frozen):
    """The revocation is not done: frozen, kept, to be tried again."""

    title = "Not revoked yet"
    exit_code = 8
    outcome = "failed"

    def __init__(self, cause: CloseTuiError, *, advice: str, also: str = "") -> None:
        super().__init__(f"{cause} {also}".strip(), advice=advice)
        self.http_status = cause.http_status


class StillNeeded(Frozen):
    """Its revocation is not done: what is to be forgotten is what could finish it."""

    title = "Not revoked yet"
    exit_code = 8
    outcome = "skipped"
    advice = (
        "Finish it with close-tui revoke --pending. To forget it all the same, say "
        "--forget-unrevoked: then close-tui can never revoke it."
    )


class RefreshUnknown(CloseTuiError):
    """The refresh token was sent and the answer lost: it may be spent."""

    title = "The answer to the last refresh was lost"
    exit_code = 6
    outcome = "refresh_unknown"


class WrongOrganization(CloseTuiError):
    """The consent screen was answered for another organization than the one that was meant."""

    title = "The wrong organization was authorized"
    advice = "Authorize, and pick the right one."


class WrongKey(WrongOrganization):
    """The new API key is for another organization than the one that it would replace."""

    title = "That key is another organization's"


class WrongUser(CloseTuiError):
    """The new credential is that of another user than the one that it would replace."""

    title = "That is another user's"


class OldGrantAlive(CloseTuiError):
    """A new grant has replaced an older one, which could not be revoked."""

    title = "The old grant is still alive"
    exit_code = 8
    advice = "close-tui revoke --pending tries again."


class Busy(CloseTuiError):
    """Another close-tui holds this connection."""

    title = "Another close-tui is at work on this connection"
    exit_code = 6
    outcome = "skipped"
    advice = "Wait a moment and try again."
