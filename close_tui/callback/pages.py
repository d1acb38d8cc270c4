"""The pages that the browser shows at the end: small, without script, without outside resources.

Nothing that came in is ever part of one.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from html import escape
from http import HTTPStatus
from typing import Final


class Tone(StrEnum):
    """How a page ends: the word is its CSS class, ``glyph`` says it without colour."""

    GOOD = "good"
    BAD = "bad"
    OPEN = "open"

    @property
    def glyph(self) -> str:
        """One character, so that colour is never the only sign."""
        return {"good": "✓", "bad": "✕", "open": "?"}[self.value]


STYLE: Final = """
:root { color-scheme: light dark; --ground: #f4f5f7; --card: #fff; --ink: #1b1f27; --quiet: #5a6270;
  --line: #dfe2e8; --good: #14794a; --bad: #b3261e; --open: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --ground: #12151b; --card: #1b2029; --ink: #eceff4;
  --quiet: #a3acba; --line: #2d3440; --good: #4cc38a; --bad: #ff8a80; --open: #f0b849; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; min-height: 100dvh; display: grid; place-items: center;
  padding: 1.5rem; background: var(--ground); color: var(--ink);
  font: 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { width: 100%; max-width: 31rem; padding: 2.25rem 2rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .875rem; overflow-wrap: anywhere; }
.sign { display: grid; place-items: center; width: 2.75rem; height: 2.75rem; margin-bottom: 1.25rem;
  border: 2px solid; border-radius: 50%; font-size: 1.375rem; line-height: 1; font-weight: 700; }
.good { color: var(--good); } .bad { color: var(--bad); } .open { color: var(--open); }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; text-wrap: balance; }
p { margin: 0 0 .75rem; }
footer { margin-top: 1.5rem; padding-top: 1rem; border-top: 1px solid var(--line);
  color: var(--quiet); font-size: .9375rem; }
"""

CONTENT_SECURITY_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'"
    "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its tone, a heading, a sentence, and what to do now."""

    tone: Tone
    heading: str
    sentence: str
    now: str = "You can close this tab and return to the terminal."
    html: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "html", _render(self))


def ended(*, success: bool, sentence: str) -> Page:
    """The page for the end of an attempt: authorized, or not and why."""
    if success:
        return Page(Tone.GOOD, "Authorized", sentence)
    return Page(Tone.BAD, "Not authorized", sentence)


def stopped() -> Page:
    """The page for an attempt that was given up while the browser waited."""
    return Page(
        Tone.BAD, "Not authorized", "close-tui stopped waiting before the authorization was done."
    )


def unproven_decline() -> Page:
    """The page for a decline that anybody could have sent."""
    return Page(
        Tone.OPEN,
        "Was access declined?",
        "This page was called with a decline, but without the proof that it belongs to your "
        "authorization. close-tui is still waiting.",
        "Return to the terminal: go on waiting there, or cancel.",
    )


def refused(status: HTTPStatus) -> Page:
    """The page for a request that is not the answer that is waited for."""
    return Page(
        Tone.BAD,
        "This is not the expected answer",
        _REASONS.get(status, "The request was not understood."),
        "Nothing was changed. If close-tui is waiting, it still is: finish in the tab that it "
        "opened, or paste that tab's address in the terminal.",
    )


_REASONS: Final = {
    HTTPStatus.BAD_REQUEST: "It does not belong to the authorization that close-tui waits for.",
    HTTPStatus.FORBIDDEN: "Another page called this address; only your browser's own tab may.",
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address can only be opened, not written to.",
    HTTPStatus.REQUEST_TIMEOUT: "The request took too long.",
    HTTPStatus.MISDIRECTED_REQUEST: "The request was meant for another host.",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "The request is too long.",
}


def _render(page: Page) -> bytes:
    heading, sentence, now = escape(page.heading), escape(page.sentence), escape(page.now)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{heading} · close-tui</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<div class="sign {page.tone}" aria-hidden="true">{page.tone.glyph}</div>
<h1>{heading}</h1>
<p>{sentence}</p>
<footer>{now}</footer>
</main>
</body>
</html>
""".encode()
