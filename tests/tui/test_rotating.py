"""Rotating and reconnecting in the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.tui.test_authorizing import agrees, redirect

if TYPE_CHECKING:
    from close_tui.model import Connection
    from close_tui.sandbox import records
    from tests.tui.town import Screen, Town


def live(town: Town) -> dict[str, str]:
    """Return name and status of what is not revoked."""
    found = town.vault.connections()
    return {c.name: c.status(town.clock()).value for c in found if c.revoked_at is None}


async def fill_in(town: Town, screen: Screen, key: str) -> None:
    """Open the dialog and give it a key."""
    await screen.press("R")
    await screen.on("RotateKey")
    await screen.type("#key", key)
    await screen.press("ctrl+s")


async def test_a_key_takes_over_and_the_old_one_is_watched(town: Town) -> None:
    """The queue of keys follows at once, until the old one is deleted; nothing of it is shown."""
    old = town.key("acme-export")
    new = town.world.add_api_key(town.ada, town.acme)
    async with town.show() as screen:
        await fill_in(town, screen, new.text)
        await screen.on("Revoking")
        await screen.sees(f"{old.id} in Acme GmbH", "acme-export-old")
        assert {"acme-export": "ok", "acme-export-old": "revoking"} == live(town)
        shown = screen.text
        town.world.delete_api_key(old.id)
        await screen.until(lambda: {"acme-export": "ok"} == live(town))
        await screen.sees("inc-")

        assert new.text not in shown + screen.text
    assert {"acme-export": "ok"} == live(town)


async def test_what_is_wrong_stands_beside_the_key(town: Town) -> None:
    """Another organization, another user, and the dialog stays; a tick lets the user pass."""
    town.key("acme-export")
    elsewhere = town.world.add_api_key(town.ada, town.globex)
    other = town.world.add_api_key(town.bob, town.acme)
    async with town.show() as screen:
        await fill_in(town, screen, elsewhere.text)
        await screen.sees("✕ The new key is for Globex, and Acme GmbH is meant.")
        await screen.press("ctrl+u")
        await screen.type("#key", other.text)
        await screen.press("ctrl+s")
        await screen.sees("✕ The new key is of bob@acme.example", "Tick the box below")
        assert {"acme-export": "ok"} == live(town)
        screen["#other-user"].focus()
        await screen.press("space", "ctrl+s")
        await screen.on("Revoking")

    assert {"acme-export": "ok", "acme-export-old": "revoking"} == live(town)


async def test_giving_up_changes_nothing(town: Town) -> None:
    """Esc, as everywhere."""
    town.key("acme-export")
    async with town.show() as screen:
        await screen.press("R")
        await screen.on("RotateKey")
        await screen.press("escape")
        await screen.until(lambda: screen.app.screen is screen.board)

    assert {"acme-export": "ok"} == live(town)


async def test_an_authorization_is_given_anew(town: Town) -> None:
    """The same connection; the toast says that the old grant is dead."""
    connection = town.grant("acme")
    old = {text for text in town.world.grants._tokens if town.world.is_alive(text)}
    agrees(town, town.acme)
    async with town.show() as screen:
        await screen.press("R")
        await screen.sees("Authorized anew")
        (toast,) = screen.app._notifications

        assert "Its old grant is dead, proved at" in toast.message

    assert ("acme", 2) == (town.named("acme").name, town.named("acme").generation)
    assert connection.id == town.named("acme").id
    assert not [text for text in old if town.world.is_alive(text)]


async def test_a_server_that_ends_both_grants_is_said(town: Town) -> None:
    """A message that stays, and not a toast that says it is authorized."""
    town.grant("acme")
    town.world.policies.revoke_ends_authorization = True
    agrees(town, town.acme)
    async with town.show() as screen:
        await screen.press("a")
        await screen.on("Choose")
        await screen.press("enter")
        await screen.on("Message")
        await screen.sees("Must be authorized again", "Close refuses the new tokens too")


async def test_another_user_is_said(town: Town) -> None:
    """What was allowed is stored under another name."""
    town.grant("acme", by=town.bob)
    agrees(town, town.acme)
    async with town.show() as screen:
        await screen.press("R")
        await screen.on("Message")
        await screen.sees("ada@acme.example has allowed access, and acme is of bob")

    assert {"acme": "ok", "acme-2": "ok"} == live(town)


async def test_what_cannot_be_rotated_is_not_offered(town: Town) -> None:
    """A connection that is frozen, or nothing at all."""
    async with town.show() as screen:
        assert not screen.board.check_action("rotate", ())
    town.grant("acme")
    town.vault.freeze("conn_acme", town.clock())
    async with town.show() as screen:
        await screen.until(lambda: screen.board.connection_list.highlighted)

        assert not screen.board.check_action("rotate", ())


async def test_reconnect_walks_through_what_was_lost(town: Town) -> None:
    """The first is given up, the second comes back under its name."""
    purge(town, town.grant("acme"), town.grant("globex", town.globex))
    async with town.show() as screen:
        await screen.press("C")
        await screen.on("Reconnect")
        await screen.sees("Authorize again: 2", "acme (Acme GmbH, ada@acme.example)")
        await screen.press("enter")
        await waiting(screen, town, 1)
        await screen.press("escape")
        await screen.on("GoOn")
        await screen.sees("acme was not authorized", "1 is left.")
        await screen.press("enter")
        await waiting(screen, town, 2)
        await paste(town, screen, town.globex)
        await screen.sees("1 of 2 authorized again.")

    assert {"globex": "ok"} == live(town)


async def test_reconnect_can_be_stopped(town: Town) -> None:
    """Between two of them."""
    purge(town, town.grant("acme"), town.grant("globex", town.globex))
    async with town.show() as screen:
        await screen.press("C")
        await screen.on("Reconnect")
        await screen.press("enter")
        await waiting(screen, town, 1)
        await screen.press("escape")
        await screen.on("GoOn")
        await screen.press("right", "tab", "enter")
        await screen.sees("0 of 2 authorized again.")

    assert 1 == len(town.opened_urls)


async def test_nothing_lost_is_said(town: Town) -> None:
    """No dialog for nothing."""
    town.grant("acme")
    async with town.show() as screen:
        await screen.press("C")
        await screen.sees("Nothing needs to be authorized again.")


def purge(town: Town, *targets: Connection) -> None:
    """Leave the connections as an incident does in which all were proved dead."""
    at = town.clock()
    for each in targets:
        town.vault.freeze(each.id, at, "inc-20270115-7f3a")
        town.vault.revoked(each.id, at, proved_dead_at=at)


async def waiting(screen: Screen, town: Town, number: int) -> None:
    """Wait until the browser was opened for the so-and-so-manieth time."""
    await screen.on("Authorize")
    await screen.until(lambda: number == len(town.opened_urls))
    await screen.sees("Waiting for the browser")


async def paste(town: Town, screen: Screen, organization: records.Organization) -> None:
    """Allow access, and paste where that leads."""
    await screen.type("#paste", redirect(town, town.opened_urls[-1], organization))
    await screen.press("enter")
