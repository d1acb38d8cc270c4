"""Foreign words made harmless, times made readable."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from close_tui.text import (
    NAME_LIMIT,
    clean,
    counted,
    duration,
    plain_name,
    rfc3339,
    short_fingerprint,
)


@pytest.mark.parametrize(
    ("foreign", "cleaned"),
    [
        ("Acme GmbH", "Acme GmbH"),
        ("  Acme \t\r\n  GmbH ", "Acme GmbH"),
        ("Acme\u2028GmbH\u2029\x85Berlin\xa0\u3000x", "Acme GmbH Berlin x"),
        ("\x1b[31mAcme\x1b[0m", "[31mAcme[0m"),
        ("\x1b]52;c;ZXZpbA==\x07Acme", "]52;c;ZXZpbA==Acme"),
        ("\x9b31mAcme\x9d52;c;x\x9c", "31mAcme52;c;x"),
        ("\u202eemcA\u202c\u2066x\u2069\u200e\u061c", "emcAx"),
        ("A\u200bc\u200dm\u2060e\ufeff\u00ad", "Acme"),
        ("Acme\U000e0041\U000e007f", "Acme"),
        ("Ac\ud800me\udfff", "Acme"),
        ("Ac\ue000me\U0010ffff", "Acme"),
        ("\x00Acme\x7f", "Acme"),
        ("[@click=app.quit]Acme[/]", "[@click=app.quit]Acme[/]"),
        ("Acme [/x] [b", "Acme [/x] [b"),
        ("e\u0301", "é"),
        ("株式会社 アクメ", "株式会社 アクメ"),
        ("Ω 🦊 ünïcode", "Ω 🦊 ünïcode"),
        (None, ""),
        (7, ""),
        (["Acme"], ""),
        (b"Acme", ""),
    ],
)
def test_clean_leaves_one_harmless_line(foreign: object, cleaned: str) -> None:
    """Controls, bidi, zero-width, tags and half pairs go; words, markup and scripts stay."""
    assert cleaned == clean(foreign)


@pytest.mark.parametrize("character", ["x", "株", "e\u0301", "\u200b", " ", "🦊"])
def test_clean_cuts_what_is_too_long(character: str) -> None:
    """Ten thousand characters become at most the limit, and the cut shows."""
    cleaned = clean("Acme" + character * 10_000)

    assert len(cleaned) <= NAME_LIMIT
    assert cleaned.startswith("Acme")
    assert cleaned == "Acme" or cleaned.endswith("…")


@given(st.text(st.characters(codec=None), max_size=400), st.integers(1, 300))
@example("a" * 300, 1)
@example("a b" * 90, 3)
@example("\u1100\u1161\u11a8", 2)
@example("\u0344\u0315" * 9, 5)
def test_clean_is_printable_idempotent_and_within_its_limit(foreign: str, limit: int) -> None:
    """Whatever comes in, what goes out can be shown, stored and cleaned again."""
    cleaned = clean(foreign, limit)

    assert cleaned.isprintable()
    assert len(cleaned) <= limit
    assert cleaned == cleaned.strip()
    assert cleaned == clean(cleaned, limit)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == cleaned.encode("utf-8").decode("utf-8")


@given(st.lists(st.text(max_size=80), max_size=3))
def test_a_plain_name_can_be_typed(parts: list[str]) -> None:
    """A made name is never empty, has no spaces, and at most 60 characters."""
    name = plain_name(*parts)

    assert 1 <= len(name) <= 60
    assert all(c.isalnum() or c == "-" for c in name)
    assert not name.startswith("-")
    assert not name.endswith("-")


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("Reporting App", "Acme (EU) GmbH"), "reporting-app-acme-eu-gmbh"),
        (("--", "…"), "connection"),
        (("Straße",), "strasse"),
        (("a" * 59, "b"), "a" * 59),
        (("\x1b[2J",), "2j"),
    ],
)
def test_plain_names(parts: tuple[str, ...], name: str) -> None:
    """Lower case, dashes, nothing else."""
    assert name == plain_name(*parts)


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (None, None),
        (0.0, "1970-01-01T00:00:00Z"),
        (1_800_000_000.9, "2027-01-15T08:00:00Z"),
        (-5.0, "1970-01-01T00:00:00Z"),
        (1e300, "9999-12-31T23:59:59Z"),
        (float("inf"), "9999-12-31T23:59:59Z"),
    ],
)
def test_times_are_rfc_3339(at: float | None, shown: str | None) -> None:
    """UTC to the second (RFC 3339 §5.6); a nonsensical time in a file does not stop a list."""
    assert shown == rfc3339(at)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-3, "0s"),
        (0.9, "0s"),
        (59, "59s"),
        (60, "1m 00s"),
        (245, "4m 05s"),
        (3599, "59m 59s"),
        (3600, "1h 00m"),
        (12_000, "3h 20m"),
        (86_400, "1d 0h"),
        (792_000, "9d 4h"),
    ],
)
def test_durations_have_two_units(seconds: float, shown: str) -> None:
    """A length of time is short and never rounds up."""
    assert shown == duration(seconds)


def test_what_is_counted_agrees_with_its_number() -> None:
    """One of a thing, and every other number of things."""
    shown = ["0 lines", "1 line", "2 lines", "1,200 lines"]

    assert shown == [counted(count, "line") for count in (0, 1, 2, 1200)]


def test_a_short_fingerprint_has_16_hex_digits() -> None:
    """The shown part of a SHA-256."""
    assert "00010203040506 07".replace(" ", "") == short_fingerprint(bytes(range(32)))
