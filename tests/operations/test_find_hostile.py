"""Find: a text that was made to hurt costs bounded time and memory, and nothing is missed in it."""

from __future__ import annotations

import os
import random
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from close_tui.operations.candidates import RUN, candidates, sheets
from close_tui.operations.scanning import BLOCK, LONGEST, Reading

if TYPE_CHECKING:
    from close_tui.settings import Settings
    from close_tui.vault.vault import Vault
    from tests.conftest import Python

SOAK = os.environ.get("CLOSE_TUI_SOAK") == "1"
MB = 1024 * 1024
PROC = Path("/proc/self/status")
GROWTH_KIB = 60 * 1024

MEASURE = """
import random, sys
from pathlib import Path
from close_tui.operations.desk import Desk
from close_tui.operations.find import find
from close_tui.settings import Settings

LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
TOKEN = bytes.maketrans(bytes(range(256)), LETTERS * 4)

def tokens(size):
    noise = random.Random(1)
    for _ in range(size // 65536):
        text = bytearray(noise.randbytes(65536).translate(TOKEN))
        text[::41] = b"\\n" * -(-len(text) // 41)
        yield bytes(text)

def line(size):
    noise = random.Random(2)
    for _ in range(size // 65536):
        yield noise.randbytes(65536).translate(TOKEN)

def peak():  # not ru_maxrss, which a child process begins with its parent's
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])

desk = Desk(Settings(Path(sys.argv[1])))
find(desk, [b"a" * 30])
before = peak()
found = find(desk, dict(tokens=tokens, line=line)[sys.argv[2]](int(sys.argv[3])))
print(found.bytes_read, peak() - before)
"""


@pytest.mark.skipif(not PROC.exists(), reason="peak memory is read from Linux's /proc")
@pytest.mark.parametrize(
    ("kind", "size"),
    [("tokens", 64 * MB), ("line", 16 * MB)] if SOAK else [("tokens", 40 * MB), ("line", 8 * MB)],
)
def test_memory_is_bounded(
    python: Python, vault: Vault, settings: Settings, kind: str, size: int
) -> None:
    """For tokens that never repeat, and for one line without an end."""
    done = python(MEASURE, settings.home, kind, size)
    read, growth = done.stdout.split() or (done.stderr, "0")

    assert str(size) == read
    assert int(growth) < GROWTH_KIB


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", [b"a-", b"a.b-c/d+", b"\\", b"%25", b"\\u005c", b"YWJj", b"="])
def test_a_line_costs_no_more_than_its_length_times_a_constant(piece: bytes) -> None:
    """The worst ones for taking runs apart, and for unescaping them."""
    text = piece * (BLOCK // len(piece))
    found = [candidates(sheet.text) for sheet in sheets({text})]

    assert sum(len(each) for part in found for each in part) < 1024 * BLOCK


@given(st.lists(st.binary(max_size=200), max_size=8), st.integers(1, 4))
def test_no_bytes_break_the_reading(parts: list[bytes], times: int) -> None:
    """Anything at all is read, in lines that are counted as they are."""
    text = b"\\%5c\x1b[" + b"".join(parts)
    reading = Reading([text] * times)
    for block in reading.blocks():
        runs = set(RUN.findall(block.text))
        for sheet in sheets(runs) if runs else ():
            candidates(sheet.text)
            assert len(sheet.runs) == sheet.text.count(b"\n") + 1

    assert len(text) * times == reading.bytes_read
    whole = (text * times).rstrip(b"\0")
    assert whole.count(b"\n") + (not whole.endswith(b"\n")) == reading.lines_read


@given(
    st.text("abcXYZ019-_.~+/", min_size=20, max_size=120),
    st.sampled_from(["%s", "x=%s", "'%s'", "?a=%s&b", "x %s,", "Bearer %s"]),
)
def test_a_whole_run_is_always_a_candidate(token: str, frame: str) -> None:
    """Whatever it looks like: base64 or not, escaped or not."""
    runs = set(RUN.findall((frame % token).encode()))

    assert any(token.encode() in candidates(sheet.text) for sheet in sheets(runs))


def test_no_line_is_cut_and_none_is_lost() -> None:
    """Blocks put together are the text; each says the number of its first line."""
    noise = random.Random(4)
    lines = [bytes(noise.choices(b"ab c", k=noise.randrange(400))) for _ in range(4000)]
    text = b"\n".join(lines)
    blocks = list(Reading([text[at : at + 777] for at in range(0, len(text), 777)]).blocks())

    assert text == b"".join(block.text for block in blocks)
    assert len(blocks) > 3
    for before, after in pairwise(blocks):
        assert before.text.endswith(b"\n")
        assert before.line + before.text.count(b"\n") == after.line


def test_a_line_without_an_end_is_read_with_an_overlap() -> None:
    """The longest secret fits into it."""
    text = b"x" * (BLOCK * 3)
    blocks = list(Reading([text]).blocks())

    assert len(text) == sum(len(block.text) - LONGEST for block in blocks) + LONGEST
    assert re.fullmatch(rb"x+", blocks[0].text)
