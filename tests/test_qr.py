"""QR codes as text, read back by a decoder that shares nothing with what made them."""

from __future__ import annotations

import pytest
import zxingcpp

from close_tui.qr import MARGIN, Code, encode

URL = (
    "https://app.close.com/oauth2/authorize/?client_id=oa2client_0123456789abcdefghijkl"
    "&response_type=code&redirect_uri=https%3A%2F%2Flocalhost%3A25673%2Fcallback"
    "&state=0123456789012345678901234567890123456789abc"
    "&code_challenge=DksyTyvjKJMTgEpPXzLiaCJ1P325hYFdr6STK5uo-WM&code_challenge_method=S256"
)


def read(code: Code) -> list[str]:
    """Decode what stands in the lines, each cell one module wide and two high."""
    halves = {"█": (0, 0), "▀": (0, 255), "▄": (255, 0), " ": (255, 255)}
    rows = [
        bytes(halves[cell][half] for cell in line for _ in range(3))
        for line in code.lines
        for half in (0, 1)
        for _ in range(3)
    ]
    picture = memoryview(b"".join(rows)).cast("B", (len(rows), len(rows[0])))
    return [
        found.text
        for found in zxingcpp.read_barcodes(picture, binarizer=zxingcpp.Binarizer.FixedThreshold)
    ]


@pytest.mark.parametrize("text", ["x", URL, f"{URL}&more={'y' * 400}"])
def test_a_code_is_read_back(text: str) -> None:
    """Of any length that an address has."""
    assert [text] == read(encode(text))


def test_the_consent_screens_address_fits_a_common_window() -> None:
    """61 modules and the margin: 69 columns, and 35 lines of two modules each."""
    code = encode(URL)

    assert (69, 35) == (code.width, code.height)
    assert {69} == {len(line) for line in code.lines}


def test_the_margin_is_light_on_every_side() -> None:
    """Four modules, without which many readers find nothing."""
    lines = encode(URL).lines

    assert not "".join(lines[: MARGIN // 2] + lines[-MARGIN // 2 :]).strip()
    assert not "".join(line[:MARGIN] + line[-MARGIN:] for line in lines).strip()
