from __future__ import annotations

from itertools import count

import pytest

from close_tui.callback.attempt import Attempt
from close_tui.callback.redirect import Code, Decline
from close_tui.errors import RedirectRefused, UsageError
from close_tui.secret import Secret

URI = "https://localhost:25673/callback"


def test_state_and_verifier_are_fresh_and_256_bits_each() -> None:
    """Two attempts share nothing, and neither do the two secrets of one."""
    first, second = Attempt.begin(URI), Attempt.begin(URI)
    assert first.verifier is not None
    assert second.verifier is not None

    assert 4 == len({first.state, second.state, first.verifier, second.verifier})
    assert (43, 43) == (len(first.state), len(first.verifier))


def test_the_challenge_is_the_one_of_the_standard() -> None:
    """RFC 7636 appendix B gives a verifier and its S256 challenge."""
    attempt = Attempt.begin(URI, random=lambda size: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")

    assert "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" == attempt.challenge


def test_without_pkce_there_is_no_verifier() -> None:
    """An app may switch PKCE off."""
    attempt = Attempt.begin(URI, pkce=False)

    assert (False, None, None) == (attempt.pkce, attempt.verifier, attempt.challenge)


def test_is_used_up_by_its_answer() -> None:
    """A second answer is refused, even if it is the same."""
    numbers = count()
    attempt = Attempt.begin(URI, random=lambda size: f"fresh{next(numbers)}")

    assert Code(Secret("c1")) == attempt.accept("code=c1&state=fresh0")
    with pytest.raises(RedirectRefused, match="has had its answer"):
        attempt.accept("code=c1&state=fresh0")


def test_wrong_answers_and_unproven_declines_do_not_use_it_up() -> None:
    """Whoever does not know the state cannot end the attempt."""
    attempt = Attempt.begin(URI)
    with pytest.raises(RedirectRefused):
        attempt.accept("code=c1&state=guess")

    assert Decline("access_denied", proven=False) == attempt.accept("error=access_denied")
    answer = f"{URI}?code=c1&state={attempt.state.reveal()}"
    assert Code(Secret("c1")) == attempt.accept_pasted(answer)


def test_is_waited_for_once() -> None:
    """Claiming it twice is a mistake that shows at once."""
    attempt = Attempt.begin(URI)
    attempt.claim()

    with pytest.raises(RuntimeError, match="once"):
        attempt.claim()


def test_shows_nothing_secret() -> None:
    """Neither state nor verifier is in its repr."""
    attempt = Attempt.begin(URI)
    assert attempt.verifier is not None

    assert attempt.state.reveal() not in repr(attempt)
    assert attempt.verifier.reveal() not in repr(attempt)


def test_a_redirect_uri_that_cannot_be_used_begins_nothing() -> None:
    """Plain http is refused before any secret is made."""
    with pytest.raises(UsageError):
        Attempt.begin("http://localhost/")
