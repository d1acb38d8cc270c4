"""The API key in what a person pasted, and what it was pasted as."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from typing import Final, NamedTuple

from close_tui.errors import UsageError
from close_tui.secret import Secret

_LIMIT: Final = 4000
_KEY: Final = r"api_[A-Za-z0-9]{1,64}\.[A-Za-z0-9]{1,128}"
_WHOLE: Final = re.compile(
    r"(?<![A-Za-z0-9_.])api_[A-Za-z0-9]{22}\.[A-Za-z0-9]{22}(?![A-Za-z0-9_.])"
)
_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff"  # what chats and web pages put around code
_ID: Final = re.compile(r"api_[A-Za-z0-9]{22}\.?")
_BARE: Final = re.compile(rf"([\"']?)({_KEY})\1")
_VARIABLE: Final = re.compile(
    rf"(?:export\s+|set\s+|\$env:)?([A-Z_]*API_KEY)\s*[=:]\s*([\"']?)({_KEY})\2;?"
)
_BASIC: Final = r"Basic\s+([A-Za-z0-9+/]{8,400}={0,2})[\"']?"
_HEADER: Final = re.compile(rf"(?:-H\s*)?[\"']?(?:Authorization:\s*)?{_BASIC}", re.IGNORECASE)
_CURL_USER: Final = re.compile(rf"\s(?:-u|--user)[\s=]*([\"']?)({_KEY}):?\1(?=\s|$)")
_CURL_HEADER: Final = re.compile(
    rf"\s(?:-H|--header)[\s=]*[\"']?Authorization:\s*{_BASIC}", re.IGNORECASE
)


class Pasted(NamedTuple):
    """An API key, and in which words it came: safe to show."""

    key: Secret
    form: str


def recognized(pasted: Secret) -> Pasted:
    """Return the API key in what was pasted, and what that was.

    Bare, quoted, as a line of an environment file or a shell, as a Basic header (RFC 7617), in a
    curl command, or as the only thing in other words that has the shape of Close's keys.
    UsageError, without showing it, when it is none of these.
    """
    # No local variable holds the text: tracebacks can show those.
    if len(pasted) <= _LIMIT:
        if found := _BARE.fullmatch(pasted.reveal().strip()):
            return Pasted(Secret(found[2]), "an API key")
        if found := _VARIABLE.fullmatch(pasted.reveal().strip()):
            return Pasted(Secret(found[3]), f"the value of {found[1]}")
        if found := _HEADER.fullmatch(pasted.reveal().strip()):
            return Pasted(_from_basic(found[1]), "a Basic header")
        if pasted.reveal().lstrip().startswith("curl "):
            return _from_curl(pasted)
        return _among_words(pasted)
    raise _unrecognized()


def _among_words(pasted: Secret) -> Pasted:
    """Take the one key out of a line of JSON or of a chat; only Close can say whose it is."""
    bare = Secret(pasted.reveal().translate(dict.fromkeys(map(ord, _INVISIBLE))))
    keys = list(map(Secret, _WHOLE.findall(bare.reveal())))
    if len(keys) == 1 and all(each.isprintable() or each.isspace() for each in bare.reveal()):
        return Pasted(keys[0], "an API key among other words")
    raise _only_its_id() if _ID.fullmatch(bare.reveal().strip()) else _unrecognized()


def _from_curl(pasted: Secret) -> Pasted:
    text = Secret(" ".join(pasted.reveal().replace("\\\n", " ").split()))
    keys = [Secret(found[2]) for found in _CURL_USER.finditer(text.reveal())]
    keys += [_from_basic(found[1]) for found in _CURL_HEADER.finditer(text.reveal())]
    if len(set(keys)) != 1:
        raise _unrecognized()
    return Pasted(keys[0], "the key of a curl command")


def _from_basic(encoded: str) -> Secret:
    try:
        name, colon, password = b64decode(encoded, validate=True).decode("ascii").partition(":")
    except (Error, UnicodeDecodeError):
        raise _unrecognized() from None
    if password or not colon or not re.fullmatch(_KEY, name):
        raise _unrecognized()
    return Secret(name)


def _only_its_id() -> UsageError:
    return UsageError(
        "That does not look like a Close API key.",
        advice="It is the ID of one: the secret half, after a dot, is missing. Close shows both "
        "once, when the key is made.",
    )


def _unrecognized() -> UsageError:
    return UsageError(
        "That does not look like a Close API key.",
        advice="A key begins with api_ and has a dot in the middle. Close shows it once, under "
        "Settings → Developer → API Keys.",
    )
