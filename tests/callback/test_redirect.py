from __future__ import annotations

import os
from contextlib import suppress
from urllib.parse import quote, unquote, urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from close_tui.callback.addresses import RedirectURI
from close_tui.callback.redirect import Code, Decline, judge, pasted_query
from close_tui.errors import RedirectRefused
from close_tui.secret import Secret

SOAK = os.environ.get("CLOSE_TUI_SOAK") == "1"
MANY = settings(max_examples=100_000 if SOAK else 300)
STATE = Secret("s7-Fq_the-state-that-was-sent")
URI = RedirectURI.parse("https://localhost:25673/callback")
ANSWER = f"code=granted-1&state={STATE.reveal()}"


def test_a_code_with_our_state_is_accepted() -> None:
    """The code is decoded and kept as a secret; unknown parameters do not matter."""
    assert Code(Secret("granted 1/x")) == judge(
        f"lang=en&state={STATE.reveal()}&code=granted+1%2Fx", STATE
    )


def test_a_decline_with_our_state_is_proven() -> None:
    """RFC 6749 §4.1.2.1 asks servers to echo the state."""
    query = f"error=access_denied&error_description=no&state={STATE.reveal()}"

    assert Decline("access_denied", proven=True) == judge(query, STATE)


def test_a_decline_without_state_is_not_proven() -> None:
    """Anybody could have sent it."""
    assert Decline("access_denied", proven=False) == judge("error=access_denied", STATE)


def test_a_hostile_error_is_made_harmless() -> None:
    """What is shown of an error is short and holds no control characters."""
    verdict = judge("error=" + quote("\x1b]52;c;eA==\x07‮" + "a" * 500), STATE)

    assert isinstance(verdict, Decline)
    assert verdict.error.isprintable()
    assert 60 >= len(verdict.error)


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("", "state is missing"),
        ("code=c", "state is missing"),
        ("code=c&state=", "state is missing"),
        ("code=c&state=wrong", "another attempt"),
        ("error=access_denied&state=wrong", "another attempt"),
        ("code=c&state=%C3%A4", "another attempt"),
        (f"code=c&state={STATE.reveal()}x", "another attempt"),
        (f"state={STATE.reveal()}", "code is missing"),
        (f"code=&state={STATE.reveal()}", "code is missing"),
        (f"code=%0A&state={STATE.reveal()}", "could have sent"),
        (f"code=%FF&state={STATE.reveal()}", "could have sent"),
        (f"code={'x' * 5000}&state={STATE.reveal()}", "could have sent"),
        (f"{ANSWER}&error=access_denied", "contradict"),
        (f"{ANSWER}&code=other", "twice"),
        (f"{ANSWER}&state={STATE.reveal()}", "twice"),
        (f"{ANSWER}&lang=a&lang=b", "twice"),
        (f"{ANSWER}&c%6Fde=other", "twice"),
        (f"{ANSWER}&x={'x' * 20_000}", "too long"),
        (ANSWER + "&a=1" * 40, "too long"),
    ],
)
def test_anything_else_is_refused_with_the_reason(query: str, word: str) -> None:
    """State first, then the rest; no reason repeats what came in."""
    with pytest.raises(RedirectRefused) as refused:
        judge(query, STATE)

    assert word in str(refused.value)
    assert "granted-1" not in str(refused.value)


@MANY
@given(st.one_of(st.text(), st.dictionaries(st.text(), st.text()).map(urlencode)))
@example("state=\ud800&code=\ud800")
@example("%")
@example("code=1&state=" + "%FF" * 40)
def test_nothing_is_accepted_without_our_state(query: str) -> None:
    """Whatever comes in, without our state there is no code and no proven decline."""
    try:
        verdict = judge(query, STATE)
    except RedirectRefused:
        return

    assert isinstance(verdict, Decline)
    assert not verdict.proven


@MANY
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=200))
def test_every_code_that_the_standard_allows_comes_back_as_it_was(code: str) -> None:
    """Encoding by the server and decoding by us cancel out."""
    assert Code(Secret(code)) == judge(urlencode({"code": code, "state": STATE.reveal()}), STATE)


@pytest.mark.parametrize(
    "text",
    [
        f"https://localhost:25673/callback?{ANSWER}",
        f"  <https://localhost:25673/callback?{ANSWER}>\n",
        f'"https://localhost:25673/callback?{ANSWER}"',
        f"HTTPS://LocalHost:25673/callback?{ANSWER}#top",
        f"localhost:25673/callback?{ANSWER}",
        f"/callback?{ANSWER}",
        f"?{ANSWER}",
        ANSWER,
        f"https://localhost:25673/callback?{ANSWER[:20]}\r\n  {ANSWER[20:]}",
    ],
)
def test_what_people_paste_is_understood(text: str) -> None:
    """The whole address, most of it, or the query alone; wrapped lines and quotes do not matter."""
    assert Code(Secret("granted-1")) == judge(pasted_query(text, URI), STATE)


def test_a_bare_query_may_hold_any_code() -> None:
    """Slashes and question marks in a code do not make it an address."""
    assert "code=a/b?c://d&state=s" == pasted_query("code=a/b?c://d&state=s", URI)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "Nothing"),
        (' "" ', "Nothing"),
        ("https://localhost:25673/callback", "question mark"),
        ("https://localhost:25673/callback?", "question mark"),
        (f"http://localhost:25673/callback?{ANSWER}", "http://"),
        (f"https://evil.example.com/callback?{ANSWER}", "another place"),
        (f"https://localhost:25673@evil.example.com/callback?{ANSWER}", "another place"),
        (f"https://me@localhost:25673/callback?{ANSWER}", "another place"),
        (f"https://localhost/callback?{ANSWER}", "another place"),
        (f"https://127.0.0.1:25673/callback?{ANSWER}", "another place"),
        ("https://app.close.com/oauth2/authorize/?client_id=c", "another place"),
        (f"https://localhost:25673/other?{ANSWER}", "page is not"),
        (f"https://localhost:25673/callback/?{ANSWER}", "page is not"),
        (f"https://[::1/callback?{ANSWER}", "not an address"),
        ("granted-1", "not an address"),
        (f"https://localhost:25673/callback?{'x' * 20_000}", "too long"),
    ],
)
def test_a_paste_from_elsewhere_is_refused_with_the_reason(text: str, word: str) -> None:
    """Each mistake has its own sentence, which never repeats what was pasted."""
    with pytest.raises(RedirectRefused) as refused:
        judge(pasted_query(text, URI), STATE)

    assert word in str(refused.value)
    assert "granted-1" not in str(refused.value)
    assert "evil" not in str(refused.value)


PIECES = st.sampled_from(
    [
        *("https://", "http://", "localhost", ":25673", "/callback", "?", "&", "=", "#", "@", "["),
        *("code", "state", "error", STATE.reveal(), "granted-1", "%", "%00", " ", "\n", '"', "<"),
    ]
)


@MANY
@given(st.text() | st.lists(PIECES | st.text(max_size=3), max_size=16).map("".join))
@example("//[")
@example("https://localhost:99999/callback?x")
def test_any_paste_is_a_query_or_refused(text: str) -> None:
    """Nothing that can be pasted makes it fall over, or is believed without our state."""
    try:
        query = pasted_query(text, URI)
    except RedirectRefused:
        return

    assert query
    with suppress(RedirectRefused):
        verdict = judge(query, STATE)
        proven = isinstance(verdict, Code) or verdict.proven
        assert STATE.reveal() in unquote(text) or not proven
