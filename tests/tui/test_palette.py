"""The palette: to any connection, to any organization, and every verb with its key."""

from __future__ import annotations

from time import perf_counter

from close_tui.model import Organization
from close_tui.tui.palette import MOST, Places
from tests.tui.town import Town

HOSTILE = "[red]x[/] [@click=app.quit]q[/]"
LIMIT_S = 0.5


async def hits(screen: object, query: str) -> list[str]:
    """Return what the palette would offer."""
    provider = Places(screen)  # type: ignore[arg-type]
    return [hit.text or "" async for hit in provider.search(query)]


async def test_the_palette_jumps_to_a_connection_and_drops_what_hides_it(still_town: Town) -> None:
    """Also from behind a filter and another organization."""
    still_town.grant("acme-reports")
    still_town.grant("globex-reports", still_town.globex)
    async with still_town.show() as screen:
        await screen.press("slash", *"org:acme", "enter", "ctrl+p", *"globex-r")
        await screen.sees("→ globex-reports")
        await screen.press("down", "enter")
        listed = screen.board.connection_list
        await screen.until(lambda: listed.highlighted and listed.highlighted.id[5:11] == "globex")

        assert screen.app.focused is listed
        assert 2 == listed.count


async def test_the_palette_chooses_an_organization(still_town: Town) -> None:
    """Its connections are shown, and the left list says so."""
    still_town.grant("acme-reports")
    still_town.grant("zap", still_town.globex)
    async with still_town.show() as screen:
        await screen.press("ctrl+p", *"globex")
        await screen.sees("→ Globex")
        await screen.press("down", "enter")
        await screen.until(lambda: screen.lines(["zap", "acme-reports"]) == ["zap"])

        assert still_town.globex.id == screen.board.organization_list.highlighted


async def test_hostile_names_are_shown_literally_in_the_palette(still_town: Town) -> None:
    """Nothing of them is markup."""
    still_town.grant("acme", organization=still_town.acme)
    still_town.vault.rename("conn_acme", HOSTILE)
    async with still_town.show() as screen:
        await screen.press("ctrl+p", *"[red]")
        await screen.sees(f"→ {HOSTILE}")


async def test_ten_thousand_connections_give_a_few_hits_quickly(still_town: Town) -> None:
    """Bounded, the best first."""
    one = still_town.grant("acme")
    async with still_town.show() as screen:
        seen = screen.board.seen
        many = tuple(
            one._replace(
                id=f"c{n}", name=f"zap-{n}", organization=Organization(f"orga_{n % 100}", "Zappa")
            )
            for n in range(10_000)
        )
        screen.board.seen = seen._replace(connections=many)
        before = perf_counter()
        found = await hits(screen.board, "zap-99")
        took = perf_counter() - before
        screen.board.seen = seen

    assert MOST == len(found)
    assert "zap-99" == found[0]
    assert took < LIMIT_S


async def test_the_palette_says_the_key_of_each_verb(still_town: Town) -> None:
    """In the words of its binding; marks are there too."""
    still_town.grant("acme")
    async with still_town.show() as screen:
        await screen.until(lambda: screen.app.screen.focused)
        found = {
            each.title: each.help for each in screen.app.get_system_commands(screen.app.screen)
        }

    assert "t  Test this, the marked ones or the organization: who answers?" == found["Test"]
    assert "*  Mark all that are shown, or take their marks away" == found["Mark shown"]
