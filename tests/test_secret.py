"""A secret shows itself only to who asks for it by name."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
from collections.abc import Callable

import pytest
from rich.console import Console
from rich.pretty import pretty_repr

from close_tui.model import Client, Tokens
from close_tui.secret import Secret

CANARY = "canary-3f9d-secret"


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        ascii,
        lambda s: f"{s}",
        lambda s: f"{s!r:>40}",
        lambda s: "%s %r" % (s, s),  # noqa: UP031 - this form, too
        lambda s: repr([s, {"key": s}]),
        lambda s: repr(Tokens(s, s, 0.0)),
        lambda s: repr(Client("oa2client_1", s)),
        pretty_repr,
    ],
)
def test_no_way_of_showing_shows_it(show: Callable[[Secret], str]) -> None:
    """Whatever turns values into text gets a mask."""
    shown = show(Secret(CANARY))

    assert CANARY not in shown
    assert "****" in shown


def test_rich_prints_the_mask() -> None:
    """A rich console, which has a protocol of its own, prints the mask."""
    console = Console(width=80)

    with console.capture() as captured:
        console.print(Secret(CANARY), [Secret(CANARY)])

    assert CANARY not in captured.get()
    assert "****" in captured.get()


@pytest.mark.parametrize("copier", [pickle.dumps, copy.deepcopy, json.dumps])
def test_it_cannot_be_copied_into_something_else(copier: Callable[[object], object]) -> None:
    """Pickle, copy and JSON refuse it, also inside of a tuple."""
    with pytest.raises(TypeError):
        copier(Secret(CANARY))
    with pytest.raises(TypeError):
        copier(Tokens(Secret(CANARY), None, 0.0))
    with pytest.raises(TypeError):
        copy.copy(Secret(CANARY))


def test_a_traceback_with_locals_does_not_show_it() -> None:
    """A crash report that prints local variables prints the mask."""

    def crash(key: Secret) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        crash(Secret(CANARY))
    report = "".join(
        traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()
    )

    assert "Secret(****)" in report
    assert CANARY not in report.replace("CANARY = 'canary-3f9d-secret'", "")


def test_a_log_line_does_not_show_it(caplog: pytest.LogCaptureFixture) -> None:
    """Logging formats late; the mask is all it finds."""
    logging.getLogger("close_tui.test").warning("refused: %s", Secret(CANARY))

    assert "refused: Secret(****)" == caplog.messages[-1]


def test_equal_texts_are_equal_secrets() -> None:
    """Secrets compare, hash and measure like their text, and never equal plain text."""
    assert Secret("one") == Secret("one")
    assert Secret("one") != Secret("two")
    assert Secret("one") != "one"
    assert 1 == len({Secret("one"), Secret("one")})
    assert 3 == len(Secret("one"))
    assert not Secret("")


def test_reveal_gives_the_text_and_sha256_its_fingerprint() -> None:
    """The fingerprint is SHA-256 of the UTF-8 text (FIPS 180-4, "abc")."""
    assert "abc" == Secret("abc").reveal()
    assert "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" == (
        Secret("abc").sha256.hex()
    )
    assert 32 == len(Secret("half a pair \ud800").sha256)


def test_only_text_is_a_secret() -> None:
    """Bytes, or None, would not show where they were mixed up."""
    with pytest.raises(TypeError):
        Secret(b"bytes")  # type: ignore[arg-type]
