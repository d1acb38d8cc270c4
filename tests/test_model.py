"""What is to be said of a connection, and what an outcome means to a script."""

from __future__ import annotations

from typing import Any

import pytest

from close_tui.errors import Forbidden, InvalidGrant, Unreachable
from close_tui.model import (
    EXPIRING_S,
    INTENT_GRACE_S,
    OUTCOMES,
    Check,
    Connection,
    Event,
    Intent,
    Kind,
    Organization,
    Result,
    Status,
    User,
)

NOW = 1_800_000_000.0

ACME = Connection(
    id="c1",
    name="acme",
    description="",
    kind=Kind.OAUTH,
    organization=Organization("orga_1", "Acme"),
    user=User("user_1", "ada@acme.example"),
    app="app",
    app_id="a1",
    key_id=None,
    scope="all.full_access offline_access",
    expires_at=NOW + 3600,
    generation=3,
    fingerprint="00112233445566778899",
    can_refresh=True,
    created_at=NOW - 9000,
)


def checked(outcome: str, generation: int = 3) -> Check:
    """A test call a minute ago."""
    return Check(NOW - 60, outcome, None, None, None, generation)


def begun(age: float, *, lost: bool = False) -> Intent:
    """A refresh that began some seconds ago."""
    return Intent(3, 1, NOW - age, NOW - age + 1 if lost else None)


OK = checked("ok")
REFUSED = checked("rejected")
LOST = begun(5, lost=True)


@pytest.mark.parametrize(
    ("status", "facts"),
    [
        # Alone
        (Status.REVOKED, {"revoked_at": NOW}),
        (Status.REVOKING, {"frozen_at": NOW}),
        (Status.REFRESH_UNKNOWN, {"intent": LOST}),
        (Status.NEEDS_AUTHORIZATION, {"refused_at": NOW}),
        (Status.REJECTED, {"last_check": REFUSED}),
        (Status.UNTESTED, {}),
        (Status.EXPIRED, {"last_check": OK, "expires_at": NOW - 1}),
        (Status.EXPIRING, {"last_check": OK, "expires_at": NOW + 1}),
        (Status.OK, {"last_check": OK}),
        # Each beats all that follow
        (
            Status.REVOKED,
            {"revoked_at": NOW, "frozen_at": NOW, "intent": LOST, "refused_at": NOW},
        ),
        (Status.REVOKING, {"frozen_at": NOW, "intent": LOST, "refused_at": NOW}),
        (Status.REFRESH_UNKNOWN, {"intent": LOST, "refused_at": NOW, "last_check": REFUSED}),
        (Status.NEEDS_AUTHORIZATION, {"refused_at": NOW, "last_check": REFUSED}),
        (Status.REJECTED, {"last_check": REFUSED, "expires_at": NOW - 1}),
        (Status.UNTESTED, {"expires_at": NOW - 1}),
        # Boundaries
        (Status.OK, {"last_check": OK, "expires_at": NOW + EXPIRING_S + 0.001}),
        (Status.EXPIRING, {"last_check": OK, "expires_at": NOW + EXPIRING_S}),
        (Status.EXPIRING, {"last_check": OK, "expires_at": NOW + 0.001}),
        (Status.EXPIRED, {"last_check": OK, "expires_at": NOW}),
        (Status.OK, {"last_check": OK, "expires_at": None}),
        (Status.UNTESTED, {"expires_at": None}),
        # A refresh under way says nothing until its call must have ended
        (Status.OK, {"last_check": OK, "intent": begun(0)}),
        (Status.OK, {"last_check": OK, "intent": begun(INTENT_GRACE_S)}),
        (Status.REFRESH_UNKNOWN, {"last_check": OK, "intent": begun(INTENT_GRACE_S + 0.001)}),
        (Status.OK, {"last_check": OK, "intent": begun(-3600)}),
        # Only a 401, and only to the tokens of today, rejects
        (Status.OK, {"last_check": checked("rejected", generation=2)}),
        *(
            (Status.OK, {"last_check": checked(outcome)})
            for outcome in ("forbidden", "rate_limited", "unavailable", "unreachable")
        ),
    ],
)
def test_status_is_the_first_that_matches(status: Status, facts: dict[str, Any]) -> None:
    """One function derives the status from the stored facts, in the published order."""
    assert status == ACME._replace(**facts).status(NOW)


def test_what_needs_a_person() -> None:
    """An expired connection is calm: every morning all of them are."""
    assert {"revoking", "refresh_unknown", "needs_authorization", "rejected"} == {
        status for status in Status if status.needs_you
    }


def test_the_words_of_a_status_are_published() -> None:
    """Scripts read them; the order is the order in which they are decided."""
    assert (
        "revoked revoking refresh_unknown needs_authorization rejected untested expired expiring ok"
        == " ".join(Status)
    )


def test_a_connection_does_not_change() -> None:
    """The nouns are frozen: what a screen shows is what was read."""
    with pytest.raises(AttributeError):
        ACME.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_an_outcome_has_an_exit_code(outcome: str) -> None:
    """Without an error the outcome's own code is the result's."""
    assert OUTCOMES[outcome] == Result("c1", "acme", "refresh", outcome, "").exit_code


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        ("dead_proved", 0),
        ("already_revoked", 4),
        ("accepted_not_proved", 8),
        ("by_hand", 8),
        ("unreachable", 8),
        ("rejected", 8),
        ("failed", 8),
    ],
)
def test_a_revocation_that_proves_nothing_is_always_8(outcome: str, code: int) -> None:
    """Whatever stood in the way, a target that may be alive is 8."""
    error = Unreachable(sent=True) if code == 8 else None

    assert code == Result("c1", "acme", "revoke", outcome, "", error=error).exit_code


@pytest.mark.parametrize("error", [Forbidden(), InvalidGrant(), Unreachable(sent=False)])
def test_an_error_brings_its_own_exit_code(error: Forbidden | InvalidGrant | Unreachable) -> None:
    """One target or many: the same trouble has the same code."""
    assert error.exit_code == Result("c1", "a", "test", error.outcome, "", error=error).exit_code


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ("", None),
        ("{}", None),
        ("[]", None),
        ("{", None),
        ('{"latency_ms": NaN, "requests_left": 1, "requests_limit": 1}', None),
        ('{"latency_ms": -1, "requests_left": 1, "requests_limit": 1}', None),
        ('{"latency_ms": 182.5, "requests_left": 0, "requests_limit": 0}', (7.0, 182.5, None)),
        ('{"latency_ms": 182.5, "requests_left": 80, "requests_limit": 100}', (7.0, 182.5, 0.8)),
        ('{"latency_ms": 1, "requests_left": 9, "requests_limit": 3}', (7.0, 1.0, 1.0)),
    ],
)
def test_an_event_gives_back_what_a_call_measured(
    facts: str, expected: tuple[float, float, float | None] | None
) -> None:
    """Whoever can write the file can write anything into it: then nothing was measured."""
    assert expected == Event(7.0, "id", "acme", "test", "ok", facts=facts).measure


@pytest.mark.parametrize("left", [-1.0, 0.0, 0.5, EXPIRING_S, EXPIRING_S + 0.5, 3600.0])
@pytest.mark.parametrize("age", [None, 41.0, 40.0, 1.0, 0.0])
def test_a_status_holds_for_as_long_as_it_says(left: float, age: float | None) -> None:
    """Up to then it is the same at every moment."""
    intent = None if age is None else begun(age)
    one = ACME._replace(expires_at=NOW + left, intent=intent, last_check=OK, refused_at=None)
    until = one.steady_until(NOW)
    moments = [NOW + step / 4 for step in range(4 * 4000) if NOW + step / 4 < until]

    assert {one.status(NOW)} >= {one.status(moment) for moment in moments}
