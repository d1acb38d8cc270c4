"""The verbs of the certificate, and the words for the person who waits."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from close_tui.callback.certificate import ensure
from close_tui.callback.trust import Standing
from close_tui.callback.trust_stores import Store
from close_tui.errors import CertificateBroken, UsageError
from close_tui.operations import certificate as verbs
from close_tui.operations.authorize import authorization
from close_tui.operations.certificate import State
from close_tui.operations.certificate_words import expected
from close_tui.settings import DEMO_PREFIX, Settings
from tests.callback.machines import Tools, user
from tests.callback.test_own_certificate import bring
from tests.conftest import NOW

if TYPE_CHECKING:
    from tests.operations.conftest import Town

CHROMIUM = Store("chromium", "nss", "Chromium", "/c")
FIREFOX = Store("firefox", "nss", "Firefox (default)", "/f")
KEYCHAIN = Store("system", "keychain", "macOS login keychain", "/k")


def clock() -> float:
    """Where every clock starts."""
    return NOW


def standing(store: Store, trusts: bool, old: bool = False) -> Standing:
    """Return how a store stands."""
    return Standing(store, trusts, NOW if trusts else None, old)


@pytest.mark.parametrize(
    ("standings", "said", "unsaid"),
    [
        ([], ["will warn", "NET::ERR_CERT_AUTHORITY_INVALID", "Accept the Risk"], []),
        ([standing(CHROMIUM, False)], ["will warn", "Your connection is not private"], ["Risk"]),
        ([standing(FIREFOX, False)], ["will warn", "Potential Security Risk Ahead"], ["NET::"]),
        ([standing(CHROMIUM, True)], ["The browser will not warn", "Chromium trusts"], ["NET::"]),
        (
            [standing(CHROMIUM, True), standing(FIREFOX, False)],
            ["Chromium will not warn", "Firefox (default) will: “Warning"],
            ["NET::"],
        ),
        ([standing(CHROMIUM, False, old=True)], ["It was renewed", "gives trust anew"], []),
        ([standing(KEYCHAIN, False)], ["NET::", "This Connection Is Not Private"], ["Risk"]),
    ],
)
def test_the_wait_says_who_will_warn_and_how(
    settings: Settings, standings: list[Standing], said: list[str], unsaid: list[str]
) -> None:
    """By the stores that trust the present certificate; the SHA-256 is to be compared."""
    made = ensure(settings.home, clock=clock)

    words = expected(State(made, None, tuple(standings), None))

    assert [] == [each for each in [*said, "SHA-256"] if each not in words]
    assert [] == [each for each in unsaid if each in words]


def test_of_ones_own_certificate_nothing_is_promised(settings: Settings, tmp_path: Path) -> None:
    """It is named; trust in it is not ours to know."""
    own = bring(tmp_path / "own", "localhost")
    with_own = settings._replace(certificate_file=own.file, certificate_key_file=own.key)

    words = expected(verbs.look(with_own, user(tmp_path)))

    assert f"your own certificate ({own.file})" in words
    assert "not close-tui's to know" in words


def test_ones_own_is_served_once_it_is_good(settings: Settings, tmp_path: Path) -> None:
    """And close-tui makes none."""
    own = bring(tmp_path / "own", "localhost")
    with_own = settings._replace(certificate_file=own.file, certificate_key_file=own.key)

    found = verbs.serving(with_own, "localhost", clock)

    assert (own.file, own.key, True) == (found.path, found.key_path, found.is_brought)
    with pytest.raises(CertificateBroken, match="is not for 127"):
        verbs.serving(with_own, "127.0.0.1", clock)
    assert not settings.home.exists()


def test_ones_own_is_neither_trusted_nor_renewed_here(settings: Settings, tmp_path: Path) -> None:
    """With advice; what was trusted before can still be taken back."""
    own = bring(tmp_path / "own", "localhost")
    tools = Tools()
    machine = user(tmp_path, platform="darwin", runner=tools, programs=())
    verbs.trust(settings, machine, clock)
    with_own = settings._replace(certificate_file=own.file, certificate_key_file=own.key)
    refused: list[Any] = [
        lambda: verbs.trust(with_own, machine, clock),
        lambda: verbs.plan_trust(with_own, machine, clock),
        lambda: verbs.renew(with_own, clock),
    ]
    for verb in refused:
        with pytest.raises(UsageError, match="your own") as error:
            verb()
        assert "mkcert -install" in error.value.advice

    (taken,) = verbs.untrust(with_own, machine, clock)

    assert ("removed", 0) == (taken.result.outcome, taken.result.exit_code)


def test_a_demo_leaves_no_trust_behind(tmp_path: Path) -> None:
    """Its home goes, and the record with it."""
    demo = Settings(tmp_path / f"{DEMO_PREFIX}x")

    with pytest.raises(UsageError, match="demo"):
        verbs.trust(demo, user(tmp_path), clock)


def test_a_damaged_certificate_is_replaced_by_renewing(settings: Settings, tmp_path: Path) -> None:
    """Looking says what is wrong and changes nothing."""
    path = ensure(settings.home, clock=clock).path
    path.write_text("rubbish")
    broken = verbs.look(settings, user(tmp_path))

    renewed = verbs.renew(settings, clock)

    assert (None, CertificateBroken) == (broken.certificate, type(broken.problem))
    assert renewed == verbs.look(settings, user(tmp_path)).certificate


async def test_an_authorization_says_what_the_browser_will(town: Town) -> None:
    """By the record of this user's home."""
    async with authorization(town.desk, town.app) as under_way:
        words = under_way.browser_says
    async with authorization(town.desk, town.app, listen=False) as pasting:
        nothing = pasting.browser_says

    assert "will warn of close-tui's certificate" in words
    assert "" == nothing


async def test_the_listener_answers_with_ones_own(town: Town, tmp_path: Path) -> None:
    """A client that knows the company's CA alone is content."""
    own = bring(tmp_path / "own", "localhost", begins=1.7e9, ends=NOW + 1e8)
    town.desk.settings = town.desk.settings._replace(
        certificate_file=own.file, certificate_key_file=own.key
    )
    trusting = ssl.create_default_context(cadata=own.authority)
    trusting.verify_flags &= ~ssl.VERIFY_X509_STRICT
    async with authorization(town.desk, town.app) as under_way:
        port = int(town.app.redirect_uri.split(":")[2].split("/")[0])
        _, writer = await asyncio.open_connection("localhost", port, ssl=trusting)
        names = writer.get_extra_info("peercert")["subjectAltName"]
        writer.close()

    assert (("DNS", "localhost"),) == names
    assert "your own certificate" in under_way.browser_says
