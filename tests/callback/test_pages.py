from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from http import HTTPStatus

import pytest

from close_tui.callback import pages

ALL = [
    pages.ended(success=True, sentence="Acme is connected."),
    pages.ended(success=False, sentence="The code was refused."),
    pages.stopped(),
    pages.unproven_decline(),
    *(pages.refused(status) for status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)),
]


@pytest.mark.parametrize("page", ALL, ids=lambda page: page.sentence[:20])
def test_needs_nothing_from_outside_and_runs_nothing(page: pages.Page) -> None:
    """No script, no image, no link, no style but the one that the policy names by its hash."""
    html = page.html.decode()
    styles = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    hashes = [b64encode(sha256(style.encode()).digest()).decode() for style in styles]

    assert not re.search(r"<script|<img|<link|<iframe|\sstyle=|\son\w+=|url\(|https?:", html)
    assert [f"'sha256-{hashes[0]}'"] == re.findall(r"'sha256-[^']+'", pages.CONTENT_SECURITY_POLICY)
    assert 1 == len(hashes)


@pytest.mark.parametrize("page", ALL, ids=lambda page: page.sentence[:20])
def test_says_what_happened_and_what_to_do(page: pages.Page) -> None:
    """A heading, a sentence, the way on, and a sign that does not depend on colour."""
    html = page.html.decode()

    assert all(text.replace("'", "&#x27;") in html for text in (page.heading, page.sentence))
    assert page.tone.glyph in html
    assert "terminal" in page.now
    assert "prefers-color-scheme: dark" in html
    assert 'name="viewport"' in html


def test_text_is_never_markup() -> None:
    """An organization's name cannot become part of the page."""
    page = pages.ended(success=True, sentence='<script>"&</script>')

    assert b"&lt;script&gt;&quot;&amp;&lt;/script&gt;" in page.html
