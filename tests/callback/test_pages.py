from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html import unescape
from http import HTTPStatus

import pytest

from close_tui.callback import pages

ALL = [
    pages.ended(success=True, sentence="Acme is connected."),
    pages.ended(success=False, sentence="The code was refused."),
    pages.declined(),
    pages.stopped(),
    pages.unproven_decline(),
    pages.plain_http(),
    *(pages.refused(status) for status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)),
]


LIGHT, DARK = pages.STYLE.split("@media (prefers-color-scheme: dark)")
COLOURS = {
    scheme: dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", text))
    for scheme, text in (("light", LIGHT), ("dark", DARK))
}


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, as WCAG 2.2 defines it."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("page", ALL, ids=lambda page: page.sentence[:20])
def test_needs_nothing_from_outside_and_runs_nothing(page: pages.Page) -> None:
    """No script, no image, no link, no style but the one that the policy names by its hash."""
    html = page.html.decode()
    styles = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    hashes = [b64encode(sha256(style.encode()).digest()).decode() for style in styles]

    outside = r"<script|<img|<link|<iframe|<form|\ssrc=|\shref=|\sstyle=|\son\w+=|url\(|@import"

    assert not re.search(outside, html)
    assert [f"'sha256-{hashes[0]}'"] == re.findall(r"'sha256-[^']+'", pages.CONTENT_SECURITY_POLICY)
    assert 1 == len(hashes)


@pytest.mark.parametrize("page", ALL, ids=lambda page: page.sentence[:20])
def test_is_small(page: pages.Page) -> None:
    """It arrives in the first packets, also where the network is bad."""
    assert 5_000 > len(page.html)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("ink", "card"),
        ("quiet", "card"),
        ("quiet", "ground"),
        *(("card", tone.value) for tone in pages.Tone),
    ],
)
def test_every_text_stands_out_from_what_is_behind_it(scheme: str, text: str, ground: str) -> None:
    """At least 4.5:1 (WCAG 2.2 §1.4.3), computed from the colours of the style sheet."""
    colours = COLOURS[scheme]

    assert 4.5 <= contrast(colours[text], colours[ground])


def test_both_schemes_name_the_same_colours() -> None:
    """A colour that one scheme forgets would be the other's."""
    assert COLOURS["light"].keys() == COLOURS["dark"].keys()
    assert {tone.value for tone in pages.Tone} < COLOURS["light"].keys()


@pytest.mark.parametrize("page", ALL, ids=lambda page: page.sentence[:20])
def test_says_what_happened_and_what_to_do(page: pages.Page) -> None:
    """A heading, a sentence, the way on, and a sign that does not depend on colour."""
    html = page.html.decode()
    words = re.sub(r"<[^>]+>", "", html)

    assert all(text in unescape(words) for text in (page.heading, page.sentence, page.now))
    assert page.tone.glyph in html
    assert "terminal" in page.now
    assert "prefers-color-scheme: dark" in html
    assert 'name="viewport"' in html


def test_a_no_is_not_shown_as_a_failure() -> None:
    """Who declines has done nothing wrong, and is told that nothing was stored."""
    page = pages.declined()

    assert (pages.Tone.CALM, "Access declined") == (page.tone, page.heading)
    assert "stored nothing" in page.sentence


def test_text_is_never_markup() -> None:
    """An organization's name cannot become part of the page."""
    page = pages.ended(success=True, sentence='<script>"&</script>')

    assert b"&lt;script&gt;&quot;&amp;&lt;/script&gt;" in page.html
