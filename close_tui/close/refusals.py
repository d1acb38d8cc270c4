"""From an answer that is not the one hoped for to the error that says so.

The status decides, on the token endpoint together with ``error`` (RFC 6749 §5.2); the server's
words are shown, cleaned, and never with a secret of ours in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import quote, quote_plus

from close_tui.close import rate_limit
from close_tui.close.received import Received
from close_tui.errors import (
    CloseError,
    Forbidden,
    InvalidClient,
    InvalidGrant,
    RateLimited,
    Refused,
    Rejected,
    Unavailable,
)
from close_tui.secret import Secret
from close_tui.text import clean

_READ: Final = 4000
_MASK: Final = "****"


def refusal(received: Received, secrets: Iterable[Secret], *, oauth: bool) -> CloseError:
    """Return the error that an answer amounts to.

    ``secrets`` are those that were sent: a server that echoes one is not quoted with it.
    ``oauth`` tells the token and revocation endpoints, where a client authenticates, from the API,
    where a key or token does.
    """
    status = received.status
    answer = received.json()
    said = _words(answer or {}, secrets)
    quoted = f": {said.rstrip('.')}" if said else ""
    message = f"Close answered {status}{quoted}."
    code = answer.get("error") if answer and oauth and 400 <= status < 500 else None
    if status == 429:
        return RateLimited(rate_limit.retry_after(received.headers, received.at))
    if code == "invalid_grant":
        return InvalidGrant(message, http_status=status)
    if oauth and (status == 401 or code == "invalid_client"):
        return InvalidClient(message, http_status=status)
    if status == 401:
        is_certain = answer is not None or _challenges(received)
        return Refused(message, http_status=status, is_certain=is_certain)
    if status == 403:
        return Forbidden(message, http_status=status)
    if 400 <= status < 500 and status != 408 and answer is not None:
        return Rejected(message, http_status=status)
    return unusable(received, said)


def unusable(received: Received, said: str = "") -> Unavailable:
    """Return the error for an answer that is not what the API documents."""
    status = received.status
    if received.body is None:
        what = "sent more than an answer can hold"
    elif 300 <= status < 400:
        what = "redirects elsewhere, which is not followed"
    elif said:
        what = said
    elif not received.body:
        what = "sent nothing"
    else:
        what = "sent something that is not the answer its API documents"
    return Unavailable(f"Close answered {status}: {what.rstrip('.')}.", http_status=status)


def _challenges(received: Received) -> bool:
    """Tell whether an answer names the credentials that it wants (RFC 9110 §11.6.1)."""
    return any(name.lower() == "www-authenticate" for name in received.headers)


def _words(answer: dict[str, Any], secrets: Iterable[Secret]) -> str:
    """Return what the server says is wrong: one line, at most 200 characters, no secret."""
    line = clean(". ".join(_spoken(answer)), _READ)
    forms = {form for secret in secrets for form in _forms(clean(secret.reveal(), _READ))}
    for form in sorted(forms, key=len, reverse=True):
        line = line.replace(form, _MASK)
    return clean(line)


def _forms(text: str) -> Iterator[str]:
    """Yield the ways in which an echoed secret may be written."""
    if text:
        yield from (text, quote(text, safe=""), quote_plus(text))


def _spoken(answer: dict[str, Any]) -> Iterator[str]:
    for name in ("error", "error_description", "message"):
        if isinstance(text := answer.get(name), str):
            yield text
    errors = answer.get("errors")
    yield from (
        (text for text in errors if isinstance(text, str)) if isinstance(errors, list) else ()
    )
    fields = answer.get("field-errors")
    if isinstance(fields, dict):
        yield from (f"{name}: {text}" for name, text in fields.items() if isinstance(text, str))
