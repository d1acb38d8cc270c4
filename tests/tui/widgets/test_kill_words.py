"""What a revocation would come to, and what it came to, in words."""

from __future__ import annotations

import pytest

from close_tui.leaks import Revocability
from close_tui.tui.widgets.kill_words import counted, prospect, took, verdict_words

from .conftest import NOW, World

BOTH = ("refresh_token", "access_token")


def test_every_way_has_its_sentence(world: World) -> None:
    """What is sent, whether it can be proved, and why not."""
    one, key = world.connection(), world.key()

    assert "Refresh and access token revoked, and proved dead." == prospect(
        Revocability(one, "revoke", BOTH, provable=True)
    )
    assert "Access token (no refresh token) revoked, but not proved. It has expired." == prospect(
        Revocability(one, "revoke", BOTH[1:], why_not="It has expired.")
    )
    assert (
        f"By hand: delete {key.key_id} in Close. It is watched until Close refuses it."
        == prospect(Revocability(key, "by_hand", provable=True))
    )
    assert "It was deleted before. That is checked once more, and recorded." == prospect(
        Revocability(key, "by_hand", why_not="It was deleted before.")
    )
    assert "Cannot be revoked. Its app was removed." == prospect(
        Revocability(one, "impossible", why_not="Its app was removed.")
    )
    assert "Revoked already: nothing is left to do." == prospect(Revocability(one, "settled"))
    assert "Revoked as far as possible. Newer tokens may exist." == prospect(
        Revocability(one, "settled", why_not="Newer tokens may exist.")
    )


def test_plans_are_counted_in_one_line(world: World) -> None:
    """In the order of hope; what there is none of is not mentioned."""
    one = world.connection()
    provable = Revocability(one, "revoke", BOTH, provable=True)

    assert "2 will be revoked and proved, 1 by hand" == counted(
        [provable, Revocability(one, "by_hand"), provable]
    )


@pytest.mark.parametrize(
    ("outcome", "status", "words"),
    [
        ("dead_proved", 200, "dead, proved 08:00:00Z, 1.2 s"),
        ("accepted_not_proved", 200, "accepted, not proved, 1.2 s"),
        ("already_revoked", 401, "already revoked, 1.2 s"),
        ("by_hand", None, "by hand"),
        ("failed", 503, "failed, still alive (HTTP 503)"),
        ("needs_authorization", None, "failed, still alive"),
    ],
)
def test_every_verdict_has_its_words(outcome: str, status: int | None, words: str) -> None:
    """A death has its time; whatever is not a known good end has failed."""
    assert words == verdict_words(outcome, NOW, 1.23, status)


def test_times_to_kill_read_as_people_compare_them() -> None:
    """Tenths while it is quick, seconds up to a minute, then minutes."""
    assert ["0.0 s", "9.9 s", "41 s", "3 min 05 s"] == [took(s) for s in (-1, 9.94, 41.4, 185)]
