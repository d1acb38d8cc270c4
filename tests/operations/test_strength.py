"""What a passphrase is worth."""

from __future__ import annotations

import pytest

from close_tui.operations.strength import strength
from close_tui.secret import Secret


@pytest.mark.parametrize(
    ("passphrase", "level"),
    [
        ("password1234", "weak"),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", "weak"),
        ("close-tui2024", "weak"),
        ("kx8#qPz!mL2vT9w", "strong"),
        ("correct horse battery staple", "strong"),
        ("z" * 5000, "weak"),
        ("Grüße\U0001f600 aus Köln am Rhein", "strong"),
    ],
)
def test_length_is_not_strength(passphrase: str, level: str) -> None:
    """Words, habits and repetitions are known; nothing of the passphrase is quoted."""
    found = strength(Secret(passphrase))

    assert level == found.level
    assert found.sentence.startswith(level.capitalize())
    assert passphrase not in found.sentence


def test_what_takes_longer_than_anybody_counts_is_not_said_to_be_about_that() -> None:
    """Seconds are about so many; thousands of years are not."""
    weak, strong = (strength(Secret(each)).sentence for each in ("password1234", "kx8#qPz!mL2vT9w"))

    assert weak.startswith("Weak: guessed in about ")
    assert "about" not in strong
