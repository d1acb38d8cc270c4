"""The way to the secrets: passphrases asked for, keyrings waited for, nothing frozen meanwhile."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import NoPlaceForIdentity, VaultLocked
from close_tui.operations.desk import Desk
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.vault import in_keyring
from close_tui.vault.vault import Vault

if TYPE_CHECKING:
    from tests.tui.town import Town

PASSPHRASE = "correct horse battery"


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a keyring."""
    monkeypatch.setattr(in_keyring, "_BY_PLATFORM", {"linux": ()})


@pytest.fixture
def behind_passphrase(town: Town, no_keyring: None) -> Settings:
    """A vault with one API key, behind a passphrase; the town's own vault is beside it."""
    settings = town.settings._replace(
        home=town.settings.home.with_name("behind"), identity_file=None
    )
    vault = Vault.make(settings, at=town.clock(), new_passphrase=Secret(PASSPHRASE))
    town.vault, beside = vault, town.vault
    town.key("acme-export")
    vault.close()
    town.vault = beside
    return settings


async def test_a_verb_asks_for_the_passphrase_and_goes_on(
    town: Town, behind_passphrase: Settings
) -> None:
    """A wrong passphrase is refused beside its field; the right one leads on to the result."""
    async with town.show(settings=behind_passphrase) as screen:
        await screen.sees("vault locked, u unlocks", "acme-export")
        await screen.press("t")
        await screen.on("Unlock")
        await screen.type("#passphrase", "wrong")
        await screen.press("enter")
        await screen.sees("✕ Wrong passphrase. Try again.")
        await screen.type("#passphrase", PASSPHRASE)
        await screen.press("enter")
        await screen.on("Results")
        await screen.sees("Close answers")

        assert PASSPHRASE not in screen.text


async def test_u_unlocks_and_is_offered_only_while_locked(
    town: Town, behind_passphrase: Settings
) -> None:
    """Once the vault is open, u is gone."""
    async with town.show(settings=behind_passphrase) as screen:
        await screen.sees("u Unlock")
        await screen.press("u")
        await screen.on("Unlock")
        await screen.type("#passphrase", PASSPHRASE)
        await screen.press("enter")
        await screen.sees("vault open")
        await screen.until(lambda: "u Unlock" not in screen.text)


async def test_giving_up_calls_nothing(town: Town, behind_passphrase: Settings) -> None:
    """Esc at the passphrase ends the verb too."""
    async with town.show(settings=behind_passphrase) as screen:
        await screen.press("t")
        await screen.on("Unlock")
        await screen.press("escape")
        await screen.until(lambda: screen.app.screen is screen.board)

    assert 0 == town.world.journal.count(route="me")


async def test_a_vault_without_any_place_asks_for_a_new_passphrase(
    town: Town, no_keyring: None
) -> None:
    """Twice the same, ten characters at least; then the app goes on with what was asked."""
    made = town.world.add_api_key(town.ada, town.acme)
    settings = town.settings._replace(home=town.settings.home.with_name("new"), identity_file=None)
    async with town.show(settings=settings) as screen:
        await screen.press("A")
        await screen.on("AddKey")
        await screen.type("#key", made.text)
        await screen.type("#name", "acme-export")
        await screen.press("ctrl+s")
        await screen.on("NewPassphrase")
        await screen.type("#first", "short")
        await screen.type("#second", "short")
        await screen.press("enter")
        await screen.sees("✕ It has 5 characters, and needs 10.")
        await screen.type("#first", " but longer")
        await screen.press("enter", "enter")
        await screen.sees("✕ The two are not the same.", "at 1,000 tries a second")
        await screen.type("#second", " but longer")
        await screen.press("enter")
        await screen.sees("API key added", "acme-export")

    assert (settings.home / "key.age").is_file()


async def test_a_new_passphrase_shows_an_estimate_of_its_strength(
    town: Town, no_keyring: None
) -> None:
    """In words and bars while it is typed, beside its field; it is asked for all the same."""
    settings = town.settings._replace(home=town.settings.home.with_name("new"), identity_file=None)
    made = town.world.add_api_key(town.ada, town.acme)
    async with town.show(settings=settings) as screen:
        await screen.press("A")
        await screen.on("AddKey")
        await screen.type("#key", made.text)
        await screen.type("#name", "acme-export")
        await screen.press("ctrl+s")
        await screen.on("NewPassphrase")
        await screen.type("#first", "password1234")
        await screen.sees("▁ Weak: guessed in about", "This is a very common password.")
        await screen.type("#first", " quarry lantern otter")
        await screen.sees("▁▃▅ Strong: guessed in ", "ions of years at 1,000 tries a second.")

        assert "password1234" not in screen.text


class SlowKeyring(Desk):
    """A desk whose keyring waits for a person."""

    answers: asyncio.Event

    async def unlock(self, passphrase: Secret | None = None, wait_s: float = 8.0) -> Vault:
        """Lock at once where nobody has time; else wait for the person."""
        if wait_s < 30:
            raise VaultLocked("The keyring did not answer within 8 s.")
        await asyncio.sleep(0.3)
        return await super().unlock(passphrase, 1.0)


class DeafKeyring(SlowKeyring):
    """A keyring that nobody unlocks."""

    async def unlock(self, passphrase: Secret | None = None, wait_s: float = 8.0) -> Vault:
        """Wait for ever."""
        if wait_s < 30:
            raise VaultLocked("The keyring did not answer within 8 s.")
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_keyring_is_waited_for_and_the_app_goes_on(town: Town) -> None:
    """The dialog counts down, ends by itself once the keyring answers, and says so."""
    town.grant("acme-reports")
    make_desk = lambda: SlowKeyring(town.settings, clock=town.clock)  # noqa: E731
    async with town.show(make_desk=make_desk) as screen:
        await screen.press("u")
        await screen.sees("The vault is open.", "vault open")


async def test_a_keyring_that_hangs_can_be_left(town: Town) -> None:
    """The time left is shown, keys work, and esc gives up."""
    town.grant("acme-reports")
    make_desk = lambda: DeafKeyring(town.settings, clock=town.clock)  # noqa: E731
    async with town.show(make_desk=make_desk) as screen:
        await screen.press("u")
        await screen.on("Unlock")
        await screen.sees("Waiting for the system's keyring.", "60 s left")
        town.clock.advance(15)
        await screen.sees("45 s left")
        await screen.press("escape")
        await screen.until(lambda: screen.app.screen is screen.board)

        assert "vault locked" in screen.text


def test_the_error_that_asks_is_the_one_the_desk_raises(no_keyring: None, town: Town) -> None:
    """Without keyring, passphrase and identity file the desk says NoPlaceForIdentity."""
    settings = town.settings._replace(home=town.settings.home.with_name("new"), identity_file=None)

    with pytest.raises(NoPlaceForIdentity):
        Desk(settings).make_vault()
