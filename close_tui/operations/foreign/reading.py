"""From a file, or bytes, to the keys in it: which form it has is seen from what it says."""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

from close_tui.operations.foreign.bitwarden import found_in_items
from close_tui.operations.foreign.candidates import LIMIT, Candidate, NotReadable
from close_tui.operations.foreign.dotenv import found_in_text
from close_tui.operations.foreign.onepassword import found_in_accounts
from close_tui.operations.foreign.tables import found_in_table, is_table

_ZIP: Final = b"PK\x03\x04"
_AGE: Final = (b"age-encryption.org/", b"-----BEGIN AGE ENCRYPTED FILE-----")
_DOCUMENTS: Final = ("export.data", "data.json")
"""Where 1Password's archive, and Bitwarden's with attachments, keep what is not one."""

_PACKED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, struct.error, OSError, ValueError, RuntimeError, EOFError,
)  # fmt: skip
"""What zipfile raises; RuntimeError: it is encrypted, or packed in an unknown way."""

_END: Final = b"PK\x05\x06"
_END_LENGTH: Final = 22
_COMMENT_LIMIT: Final = 0xFFFF
_TOO_LARGE: Final = "It is too large for a list of API keys."


def read_file(path: Path) -> list[Candidate]:
    """Return what is in a file; NotReadable."""
    try:
        with path.open("rb") as file:
            content = file.read(LIMIT + 1)
            if content.startswith(_ZIP) and file.seekable():
                return _of_archive(file)
    except (OSError, ValueError) as error:  # ValueError: a NUL in a path
        why = getattr(error, "strerror", None) or "this is no name of a file"
        raise NotReadable(f"It cannot be read: {why}.") from None
    return read_bytes(content, path.name)


def read_bytes(content: bytes, name: str = "") -> list[Candidate]:
    """Return what is in the bytes of a file, which ends as ``name`` does; NotReadable."""
    if len(content) > LIMIT:
        raise NotReadable(_TOO_LARGE)
    if content.startswith(_ZIP):
        return _of_archive(BytesIO(content))
    if content.startswith(_AGE):
        raise NotReadable(
            "It is sealed with age, as exports of close-tui are.",
            advice="Bring an export in with close-tui vault import FILE.",
        )
    text = _decoded(content)
    if text.lstrip()[:1] == "{":
        return _of_json(text)
    if name.lower().endswith((".csv", ".tsv")) or is_table(text):
        return list(found_in_table(text))
    return list(found_in_text(text))


def _of_json(text: str) -> list[Candidate]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise NotReadable("It begins like JSON and is not.") from None
    if "accounts" in document:
        return list(found_in_accounts(document))
    if "items" in document or "encrypted" in document:
        return list(found_in_items(document))
    raise NotReadable("This JSON is neither an export of 1Password nor one of Bitwarden.")


def _of_archive(file: BinaryIO) -> list[Candidate]:
    """Read the one document in an archive, whatever else is in it and however it is packed."""
    _refuse_long_directory(file)
    try:
        with zipfile.ZipFile(file) as archive:
            there = [each for each in archive.namelist() if each in _DOCUMENTS]
            if not there:
                raise NotReadable("This archive is not an export of 1Password.")
            if archive.getinfo(there[0]).compress_type not in _PACKED:
                raise NotReadable("This archive is packed in a way that 1Password does not use.")
            with archive.open(there[0]) as document:
                content = document.read(LIMIT + 1)
    except _BROKEN:
        raise NotReadable("This archive is broken, or encrypted.") from None
    if len(content) > LIMIT:
        raise NotReadable(_TOO_LARGE)
    if content.startswith(_ZIP):
        raise NotReadable("An archive within an archive is not an export.")
    return read_bytes(content, name=there[0])


def _refuse_long_directory(file: BinaryIO) -> None:
    """Refuse a directory (APPNOTE.TXT 4.3.16) that would not fit: zipfile reads it in one go."""
    length = file.seek(0, 2)
    file.seek(max(0, length - _END_LENGTH - _COMMENT_LIMIT))
    end = file.read()
    at = end.rfind(_END)
    size = int.from_bytes(end[at + 12 : at + 16], "little")
    file.seek(0)
    if at < 0 or size > LIMIT:
        raise NotReadable("This archive is broken." if at < 0 else _TOO_LARGE)


def _decoded(content: bytes) -> str:
    """Return text: UTF-8, UTF-16 with its mark, or what Excel writes on old Windows."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", "replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", "replace")
    if "\0" in text:
        raise NotReadable("It is not a text.")
    return text
