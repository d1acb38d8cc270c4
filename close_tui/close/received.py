"""An answer as it came over the wire, before anything is made of it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_INFLATE_EITHER: Final = 47  # zlib's window size for "gzip or zlib, by its first bytes"


@dataclass(frozen=True, slots=True)
class Received:
    """One answer, whole.

    Attributes:
        status: the HTTP status.
        headers: as sent; the names may be in any case.
        body: at most ``cap`` bytes; None when the server sent more than that.
        at: when the last byte had come, Unix seconds.
        seconds: how long the call took.
        cap: the most bytes that are read of a body, before and after decompressing.

    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    at: float
    seconds: float
    cap: int

    def json(self) -> dict[str, Any] | None:
        """Return the JSON object in the body, or None when there is none to be read.

        Whole numbers come as floats, so that one with too many digits is infinite instead of an
        error that would cost the rest of the answer.
        """
        try:
            answer = json.loads(self._plain(), parse_int=float)
        except (ValueError, RecursionError, zlib.error):
            return None
        return answer if isinstance(answer, dict) else None

    def _plain(self) -> bytes:
        """Return the body, decompressed within the cap where a proxy compressed it unasked."""
        if self.body is None:
            return b""
        encodings = [v for name, v in self.headers.items() if name.lower() == "content-encoding"]
        if not encodings or encodings[0].strip().lower() not in {"gzip", "x-gzip", "deflate"}:
            return self.body
        return zlib.decompressobj(_INFLATE_EITHER).decompress(self.body, self.cap)
