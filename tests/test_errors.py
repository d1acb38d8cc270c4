"""Every error says what it is, what happened and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from close_tui import errors
from close_tui.errors import CloseTuiError, RateLimited, Unreachable
from close_tui.model import OUTCOMES


def family(error: type[CloseTuiError] = CloseTuiError) -> Iterator[type[CloseTuiError]]:
    """Yield an error class of ours and all that derive from it."""
    yield error
    for derived in error.__subclasses__():
        yield from family(derived)


EVERY = sorted(
    {e for e in family() if e.__module__ == errors.__name__}, key=lambda error: error.__name__
)


@pytest.mark.parametrize("error", EVERY, ids=lambda error: error.__name__)
def test_it_has_a_title_a_published_exit_code_and_an_outcome(error: type[CloseTuiError]) -> None:
    """The command line and the app find all they show; exit codes are the published ones."""
    assert error.title
    assert not error.title.endswith(".")
    assert error.exit_code in {1, 2, 3, 4, 5, 6, 7, 8}
    assert error.outcome in OUTCOMES
    assert error.__doc__
    assert isinstance(error.advice, str)
    assert not error.advice or error.advice.endswith((".", ")"))


@pytest.mark.parametrize("error", EVERY, ids=lambda error: error.__name__)
def test_the_tree_in_the_module_names_it(error: type[CloseTuiError]) -> None:
    """The tree that a reader sees at a glance is complete."""
    assert errors.__doc__
    assert re.search(rf"\b{error.__name__}\b", errors.__doc__)


def test_the_message_falls_back_to_the_title() -> None:
    """An error without words of its own still says something, and may bring its own advice."""
    assert "The vault is locked" == str(errors.VaultLocked())
    assert "Do this." == errors.VaultLocked("Why.", advice="Do this.").advice
    assert "" == errors.VaultLocked(advice="").advice
    assert errors.VaultLocked.advice == errors.VaultLocked("Why.").advice


def test_a_rate_limit_says_how_long() -> None:
    """Seconds, as Close gave them, in message and advice."""
    error = RateLimited(2.5)

    assert 2.5 == error.retry_after
    assert 429 == error.http_status
    assert "2.5 s" in str(error)
    assert "2.5 seconds" in error.advice


def test_unreachable_says_whether_the_request_may_have_arrived() -> None:
    """Whether a token may be spent depends on it; there is no status without an answer."""
    assert Unreachable(sent=True).sent
    assert not Unreachable("DNS.", sent=False).sent
    assert Unreachable(sent=True).http_status is None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("UsageError", 2),
        ("Cancelled", 3),
        ("Declined", 3),
        ("NotFound", 5),
        ("NoVault", 5),
        ("Ambiguous", 5),
        ("VaultLocked", 7),
        ("WrongPassphrase", 7),
        ("NoPlaceForIdentity", 7),
        ("PlaceContradicted", 7),
        ("VaultBusy", 6),
        ("Busy", 6),
        ("Tampered", 1),
        ("Refused", 1),
        ("InvalidClient", 1),
        ("WrongOrganization", 1),
        ("InvalidGrant", 4),
        ("NeedsAuthorization", 4),
        ("AlreadyRevoked", 4),
        ("RateLimited", 6),
        ("Unavailable", 6),
        ("Unreachable", 6),
        ("RefreshUnknown", 6),
    ],
)
def test_exit_codes_are_never_renumbered(error: str, code: int) -> None:
    """What scripts rely on."""
    assert code == getattr(errors, error).exit_code
