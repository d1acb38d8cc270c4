"""Every key, pressed in every place that has it."""

from __future__ import annotations

from typing import Final

import pytest

from tests.tui.keys.doing import DOING
from tests.tui.keys.looking import LOOKING
from tests.tui.keys.table import all_keys, go, keys_of
from tests.tui.town import Town

TOURS: Final = LOOKING | DOING
DEAD: Final = {("TargetList", "enter", "list.open")}
"""What a list has inherited, and refuses: no place offers it."""
SHARED: Final = {"dialog.help"}
"""What every dialog has from one class, and none changes: pressed in one of them."""


@pytest.mark.usefixtures("open_at_once")
@pytest.mark.parametrize("name", TOURS)
async def test_every_key_has_its_consequence(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was not so before the key, its own binding ran, and then it is so."""
    tour = TOURS[name]
    town: Town = request.getfixturevalue("town" if tour.needs_close else "still_town")
    await tour.found(town)
    async with town.show(tour.size) as screen:
        if tour.opens:
            await screen.opened()
        await go(tour.walk, town, screen, monkeypatch)


def test_no_key_is_left_out() -> None:
    """What the tables press is what the app has: each binding of each screen and each list."""
    pressed = set().union(*(keys_of(tour.walk) for tour in TOURS.values()))

    shared = {(key, id_) for _, key, id_ in pressed if id_ in SHARED}
    missing = {each for each in all_keys() - pressed if each[1:] not in shared}

    assert set() == missing - DEAD
    assert set() == pressed - all_keys()
