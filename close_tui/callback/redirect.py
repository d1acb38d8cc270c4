"""The one validator for what comes back from the consent screen, by browser or by paste."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit

from close_tui.callback.addresses import RedirectURI
from close_tui.errors import RedirectRefused
from close_tui.secret import Secret
from close_tui.text import clean

QUERY_LIMIT: Final = 12 * 1024
"""Characters of a query that are looked at; more is refused."""

_FIELD_LIMIT: Final = 32
_CODE_LIMIT: Final = 4096
_ERROR_LIMIT: Final = 60
_WRAPPING: Final = "\"'`<>"
_VSCHARS: Final = re.compile(rb"[\x20-\x7e]+")  # RFC 6749 appendix A.11


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code (RFC 6749 §4.1.2) that came with our ``state``."""

    secret: Secret


@dataclass(frozen=True, slots=True)
class Decline:
    """The consent screen said no (RFC 6749 §4.1.2.1).

    ``error`` is its cleaned error code, ``proven`` tells whether our ``state`` came with it:
    without it anybody could have sent this, and it must not end the wait.
    """

    error: str
    proven: bool


def judge(query: str, state: Secret) -> Code | Decline:
    """Return what a redirect's query says to the attempt that sent ``state``.

    ``state`` is compared before anything else is looked at. Whatever is not an answer to this
    attempt is a RedirectRefused whose message never holds a part of the query.
    """
    fields = _fields(query)
    given = fields.get(b"state", b"")
    error = fields.get(b"error", b"")
    if not hmac.compare_digest(given, state.reveal().encode()):
        if given:
            raise RedirectRefused("The state belongs to another attempt, or was altered.")
        if error:
            return Decline(_error(error), proven=False)
        raise RedirectRefused("The state is missing: this is not the answer that was waited for.")
    code = fields.get(b"code", b"")
    if error and code:
        raise RedirectRefused("It holds both a code and an error, which contradict each other.")
    if error:
        return Decline(_error(error), proven=True)
    if not code:
        raise RedirectRefused("The code is missing.")
    if len(code) > _CODE_LIMIT or not _VSCHARS.fullmatch(code):
        raise RedirectRefused("The code is not one that Close could have sent.")
    return Code(Secret(code.decode("ascii")))


def pasted_query(text: str, expected: RedirectURI) -> str:
    """Return the query of a pasted redirect: a whole address, one without https://, or a query.

    White space, quotes and angle brackets that came along are dropped. An address of another
    site or page is a RedirectRefused, whose message never holds a part of what was pasted.
    """
    if len(text) > QUERY_LIMIT:
        raise RedirectRefused("What was pasted is too long to be the redirect.")
    text = "".join(text.split()).strip(_WRAPPING).partition("#")[0]
    if not text:
        raise RedirectRefused("Nothing was pasted.")
    name, equals, _ = text.partition("=")
    if equals and "?" not in name and "/" not in name:
        return text
    location, _, query = text.partition("?")
    _refuse_elsewhere(location, expected)
    if not query:
        raise RedirectRefused("The address has nothing after a question mark: the code is missing.")
    return query


def _refuse_elsewhere(location: str, expected: RedirectURI) -> None:
    if location in ("", expected.path):
        return
    bare = "://" not in location
    if bare and "/" not in location:
        raise RedirectRefused("What was pasted is not an address.")
    try:
        parts = urlsplit(f"https://{location}" if bare else location)
        place = (parts.hostname, parts.port or 443)
    except ValueError:
        raise RedirectRefused("What was pasted is not an address.") from None
    if parts.scheme == "http":
        raise RedirectRefused("The address begins with http://; the redirect is an https:// one.")
    if parts.scheme != "https" or place != (expected.host, expected.port) or "@" in parts.netloc:
        raise RedirectRefused(
            f"That is an address of another place. The redirect begins with {expected.text}."
        )
    if (parts.path or "/") != expected.path:
        raise RedirectRefused(
            f"The place is right and the page is not. The redirect begins with {expected.text}."
        )


def _fields(query: str) -> dict[bytes, bytes]:
    """Decode a query (application/x-www-form-urlencoded) in which nothing may come twice."""
    if len(query) > QUERY_LIMIT or query.count("&") >= _FIELD_LIMIT:
        raise RedirectRefused("It is too long to be the redirect.")
    fields: dict[bytes, bytes] = {}
    for field in query.encode("utf-8", "replace").split(b"&"):
        name, _, value = field.replace(b"+", b" ").partition(b"=")
        name = unquote_to_bytes(name)
        if name in fields:
            raise RedirectRefused("A parameter comes twice.")
        if name:
            fields[name] = unquote_to_bytes(value)
    return fields


def _error(error: bytes) -> str:
    return clean(error.decode("ascii", "replace"), _ERROR_LIMIT) or "unknown"
