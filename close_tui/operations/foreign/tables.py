"""CSV with a heading: our own ``name,api_key``, those of 1Password and Bitwarden, and others.

1Password writes ``Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes``, Bitwarden
``folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,
login_totp``. Columns may come in any order, separated by commas, semicolons or tabs.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Final

from close_tui.operations.foreign.candidates import NO_KEY, Candidate, NotReadable, keys
from close_tui.operations.foreign.candidates import named as without_keys

_NAMES: Final = (
    "name", "title", "connection", "label", "client", "customer", "organization", "company",
    "account",
)  # fmt: skip
_KEYS: Final = frozenset({"apikey", "closeapikey", "key"})
_DELIMITERS: Final = ",;\t"


def is_table(text: str) -> bool:
    """Tell whether a text begins with a heading that is known."""
    heading = _heading(text)
    return len(heading) > 1 and bool(set(heading) & (_KEYS | set(_NAMES[:4])))


def found_in_table(text: str) -> Iterator[Candidate]:
    """Return the keys, each with its row's first line and name, and rows that lack one."""
    heading = _heading(text)
    named = next((heading.index(name) for name in _NAMES if name in heading), None)
    meant = next((at for at, title in enumerate(heading) if title in _KEYS), None)
    has_heading = not keys(_first_line(text))
    reader = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text))
    begins = 1
    try:
        for number, row in enumerate(reader):
            line, begins = begins, reader.line_num + 1
            if not any(row) or (has_heading and number == 0):
                continue
            name = _name(row, named)
            found = keys(*row)
            for key in found:
                yield Candidate(key, name, line)
            if not found and has_heading and meant is not None and "".join(row[meant:][:1]).strip():
                yield Candidate(None, name, line, why_not=NO_KEY)
    except csv.Error as error:
        raise NotReadable(f"Line {begins} is not CSV: {error}.") from None


def _name(row: list[str], named: int | None) -> str:
    if named is not None:
        return without_keys("".join(row[named:][:1]))
    return next((cell for cell in row if cell.strip() and not keys(cell)), "")


def _heading(text: str) -> list[str]:
    """Return the titles of the columns as letters only: ``API key`` and ``api_key`` are one."""
    first = next(csv.reader([_first_line(text)], delimiter=_delimiter(text)), [])
    return ["".join(filter(str.isalnum, title.casefold())) for title in first]


def _delimiter(text: str) -> str:
    return max(_DELIMITERS, key=_first_line(text).count)


def _first_line(text: str) -> str:
    return text[:10_000].replace("\r", "\n").partition("\n")[0]
