"""A reason is kept for ever and pasted into reports: no secret stays in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.leaks import Operator
from close_tui.operations.incident import incidents
from close_tui.operations.kill import begin
from close_tui.operations.masking import masked

if TYPE_CHECKING:
    from tests.operations.conftest import Town


@pytest.mark.parametrize("around", ["{}", "leaked: {}", "in https://x.example/?t={}&a=1", "'{}'."])
def test_a_secret_of_the_vault_is_masked_wherever_it_stands(town: Town, around: str) -> None:
    """The words around it stay."""
    connection = town.connect()
    secret = town.token(connection)

    assert around.format("****") == masked(town.desk.vault, around.format(secret))


def test_of_an_api_key_its_id_stays(town: Town) -> None:
    """Nobody has to know whose it is."""
    key = "api_2N5ZuyIUCCCX6hCgXhxeeU.5YhW9IXHbjPWmfHTlB0mQZ"

    assert "api_2N5ZuyIUCCCX6hCgXhxeeU.**** was in a log" == masked(
        town.desk.vault, f"{key} was in a log"
    )


def test_other_words_stay_as_they_are(town: Town) -> None:
    """Long ones too: an address, a commit."""
    words = (
        "see https://example.com/a/very/long/address/indeed and 3f2c8e0a9d7b6c5a4f3e2d1c0b9a8f7e"
    )

    assert words == masked(town.desk.vault, words)


async def test_the_incident_has_no_secret_in_its_reason(town: Town) -> None:
    """Neither the incident nor any of its events."""
    connection = town.connect()
    secret = town.token(connection)

    begin(town.desk, [connection], f"pasted {secret}", Operator("ada", "laptop"))

    (found,) = incidents(town.desk)
    assert "pasted ****" == found.reason
    assert not [event for event in found.events if secret in str(event)]
