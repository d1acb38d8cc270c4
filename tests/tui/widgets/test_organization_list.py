"""The list of organizations."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from close_tui.text import clean
from close_tui.tui.widgets.organization_list import OrganizationList, OrganizationRow

from .conftest import HOSTILE_NAMES, Shelf

ACME = OrganizationRow("orga_1", "Acme GmbH", 12, 0)
NORTH = OrganizationRow("orga_2", "Northwind Traders", 3, 2)


class Listening(Shelf):
    """Notes what the list tells."""

    def on_organization_list_highlighted(self, event: OrganizationList.Highlighted) -> None:
        """Note the organization under the cursor."""
        self.said.append(event.organization_id)

    def on_organization_list_opened(self, event: OrganizationList.Opened) -> None:
        """Note what was opened."""
        self.said.append(("opened", event.organization_id))


async def test_all_organizations_come_first_with_their_sum() -> None:
    """Counts stand at the right, and a sign beside what needs a person."""
    organizations = OrganizationList()
    app = Shelf(organizations)
    async with app.run_test(size=(34, 6)) as pilot:
        organizations.show([ACME, NORTH])
        await pilot.pause()
        lines = app.lines()

    assert "▌ All organizations        ! 2 15" == lines[0]
    assert " ▎Acme GmbH                    12" == lines[1]
    assert " ▎Northwind Traders        ! 2  3" == lines[2]


async def test_a_line_for_all_can_be_given() -> None:
    """It is not made twice."""
    organizations = OrganizationList()
    app = Shelf(organizations)
    async with app.run_test(size=(34, 6)) as pilot:
        organizations.show([OrganizationRow(None, "Everything", 7, 0), ACME])
        await pilot.pause()
        lines = app.lines()

    assert lines[0].startswith("▌ Everything ")
    assert ["▎Acme", "GmbH", "12"] == lines[1].split()


async def test_in_little_room_all_is_short_and_counts_stay() -> None:
    """Names give way to the numbers."""
    organizations = OrganizationList()
    app = Shelf(organizations)
    async with app.run_test(size=(18, 6)) as pilot:
        organizations.show([ACME, NORTH])
        await pilot.pause()
        lines = app.lines()

    assert "▌ All      ! 2 15" == lines[0]
    assert " ▎Northwi… ! 2  3" == lines[2]


async def test_a_name_that_needs_nobody_has_the_room_of_the_sign() -> None:
    """At 80 columns that tells Acme Dental from Acme Legal."""
    organizations = OrganizationList()
    app = Shelf(organizations)
    async with app.run_test(size=(17, 6)) as pilot:
        organizations.show([OrganizationRow("orga_3", "Acme Dental", 1, 0), NORTH])
        await pilot.pause()
        lines = app.lines()

    assert " ▎Acme Dental  1" == lines[1]
    assert " ▎Northwi… ! 2 3" == lines[2]


async def test_it_tells_what_is_highlighted_and_opened() -> None:
    """None stands for all organizations."""
    organizations = OrganizationList()
    app = Listening(organizations)
    async with app.run_test(size=(30, 6)) as pilot:
        organizations.show([ACME, NORTH])
        await pilot.press("j", "j", "enter", "g", "enter")

    assert ["orga_1", "orga_2", ("opened", "orga_2"), None, ("opened", None)] == app.said


async def test_the_cursor_stays_on_its_organization() -> None:
    """New rows do not move it; when its organization is gone, it goes to all of them."""
    organizations = OrganizationList()
    app = Listening(organizations)
    async with app.run_test(size=(30, 6)) as pilot:
        organizations.show([ACME, NORTH])
        await pilot.press("j", "j")
        organizations.show([OrganizationRow("orga_0", "Aardvark", 1, 0), ACME, NORTH])
        kept = organizations.highlighted
        organizations.show([ACME])
        await pilot.pause()

    assert "orga_2" == kept
    assert organizations.highlighted is None
    assert ["orga_1", "orga_2", None] == app.said


@pytest.mark.parametrize("name", HOSTILE_NAMES)
async def test_names_are_shown_literally(name: str) -> None:
    """Markup stays text and wide names leave the numbers where they are."""
    organizations = OrganizationList()
    app = Shelf(organizations)
    cleaned = clean(name)
    async with app.run_test(size=(40, 6)) as pilot:
        organizations.show([OrganizationRow("orga_1", cleaned, 4, 1)])
        await pilot.pause()
        await pilot.click(organizations, offset=(4, 1))
        line = app.lines()[1]
        running = app.is_running

    assert running
    assert cleaned[:10] in line
    assert line.endswith("! 1 4")
    assert 39 == cell_len(line)
