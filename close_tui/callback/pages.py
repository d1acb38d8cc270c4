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

_PROGRAM: Final = "close-tui"


class Tone(StrEnum):
    """How a page ends: the word is its CSS class, ``glyph`` says it without colour."""

    GOOD = "good"
    BAD = "bad"
    OPEN = "open"
    CALM = "calm"

    @property
    def glyph(self) -> str:
        """One character, so that colour is never the only sign."""
        return {"good": "✓", "bad": "✕", "open": "?", "calm": "–"}[self.value]


STYLE: Final = """
:root { color-scheme: light dark; --ground: #f2f4f7; --card: #ffffff; --ink: #171b23;
  --quiet: #58606e; --line: #dde1e8; --good: #0f7a48; --bad: #b3261e; --open: #865600;
  --calm: #4d5a6e; --shade: #171b2314; }
@media (prefers-color-scheme: dark) { :root { --ground: #0f1217; --card: #191e26; --ink: #eceff4;
  --quiet: #a3acba; --line: #2c3440; --good: #4cc38a; --bad: #ff8a80; --open: #f0b849;
  --calm: #aab6c8; --shade: #00000066; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; min-height: 100svh; display: grid;
  grid-template-columns: minmax(0, 30rem); grid-template-rows: 2fr auto 3fr;
  justify-content: center; padding: 1.25rem; background: var(--ground); color: var(--ink);
  font: 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
.good { --tone: var(--good); } .bad { --tone: var(--bad); }
.open { --tone: var(--open); } .calm { --tone: var(--calm); }
main { grid-row: 2; padding: 2.25rem 2.25rem 1.5rem; border: 1px solid var(--line);
  border-radius: .75rem; background: linear-gradient(var(--tone) 0 .25rem, var(--card) 0);
  box-shadow: 0 1.25rem 3rem -1.5rem var(--shade); overflow-wrap: anywhere; }
.sign { display: grid; place-items: center; width: 3.25rem; height: 3.25rem; margin: 0 0 1.25rem;
  border-radius: 50%; background: var(--tone); color: var(--card); font-size: 1.625rem;
  line-height: 1; font-weight: 700; forced-color-adjust: none; }
h1 { margin: 0 0 .5rem; font-size: 1.625rem; line-height: 1.25; letter-spacing: -.01em;
  text-wrap: balance; }
p { margin: 0; text-wrap: pretty; }
.now { margin-top: 1.5rem; padding-top: 1.125rem; border-top: 1px solid var(--line);
  color: var(--quiet); }
footer { grid-row: 3; margin-top: 1rem; text-align: center; color: var(--quiet); }
.name { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; font-size: .92em;
  white-space: nowrap; }
@media (max-width: 30rem) { main { padding: 1.75rem 1.5rem 1.25rem; } }
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


def declined() -> Page:
    """The page for a person who said no, which is not a failure."""
    return Page(
        Tone.CALM,
        "Access declined",
        "You said no on the consent screen. close-tui was given nothing, and stored nothing.",
    )


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


def plain_http() -> Page:
    """The page for a browser that calls the https address with ``http://``."""
    return Page(
        Tone.OPEN,
        "This address begins with https://",
        "The browser called it with http://, which is not answered here, because Close sends its "
        "answers to https:// addresses only.",
        "Nothing was changed. Write https:// in front of the address and load it again, or paste "
        "it, beginning with https://, in the terminal.",
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
    heading, sentence, now = _text(page.heading), _text(page.sentence), _text(page.now)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(page.heading)} · close-tui</title>
<style>{STYLE}</style>
</head>
<body class="{page.tone}">
<main>
<div class="sign" aria-hidden="true">{page.tone.glyph}</div>
<h1>{heading}</h1>
<p>{sentence}</p>
<p class="now">{now}</p>
</main>
<footer>{_text(_PROGRAM)}</footer>
</body>
</html>
""".encode("utf-8", "replace")


def _text(text: str) -> str:
    """Return text as HTML, in which the program's name is not broken at its hyphen."""
    return escape(text).replace(_PROGRAM, f'<span class="name">{_PROGRAM}</span>')
