"""The doctor on the browser's way back."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.callback import trust_record
from close_tui.callback.certificate import FILE_NAME, ensure
from close_tui.callback.trust_stores import Store
from close_tui.callback.trust_tools import wanted
from close_tui.operations import doctor_callback
from close_tui.settings import Settings
from close_tui.text import rfc3339
from close_tui.vault.checking import Finding
from tests.callback.test_own_certificate import bring
from tests.conftest import NOW
from tests.operations.checkup import case

if TYPE_CHECKING:
    from tests.operations.conftest import Town

DAY = 86400.0
NOWHERE = Path("/nonexistent/mine.pem")


def test_no_certificate_is_made_by_looking(settings: Settings) -> None:
    """The first authorization does that."""
    (finding,) = doctor_callback.certificate(case(settings))

    assert ("ok", "None yet: the first authorization makes it.") == (finding.level, finding.detail)
    assert not (settings.home / FILE_NAME).exists()


@pytest.mark.parametrize(("age_d", "level"), [(0, "ok"), (360, "ok"), (370, "warning")])
def test_the_end_of_the_certificate_is_told(settings: Settings, age_d: int, level: str) -> None:
    """In its last thirty days with a warning: the browser will ask again."""
    made = ensure(settings.home, clock=lambda: NOW - age_d * DAY)

    (finding,) = doctor_callback.certificate(case(settings))

    assert level == finding.level
    assert f"Valid until {rfc3339(made.not_after)}." in finding.detail


def test_a_certificate_that_is_damaged_is_a_problem(settings: Settings) -> None:
    """What to do stands beside it."""
    settings.home.mkdir(mode=0o700)
    (settings.home / FILE_NAME).touch(mode=0o600)

    (finding,) = doctor_callback.certificate(case(settings))

    assert ("problem", True) == (finding.level, "is damaged" in finding.detail)
    assert finding.advice.startswith("Delete that file")


def test_who_trusts_the_certificate_is_told(settings: Settings, tmp_path: Path) -> None:
    """As it was recorded; a damaged record is a warning."""
    made = ensure(settings.home, clock=lambda: NOW)
    store = Store("chromium", "nss", "Chromium", str(tmp_path))
    (tmp_path / "cert9.db").touch()
    trust_record.save(settings.home, [trust_record.Entry(store, wanted(made.pem), NOW, ())])
    (trusted,) = doctor_callback.certificate(case(settings))
    (settings.home / trust_record.FILE_NAME).write_bytes(b"{")
    (unknown,) = doctor_callback.certificate(case(settings))

    assert ("ok", True) == (trusted.level, trusted.detail.endswith("Trusted by Chromium."))
    assert ("warning", True) == (unknown.level, "is damaged" in unknown.detail)


@pytest.mark.parametrize(
    ("names", "days", "level", "words"),
    [
        (("localhost",), 100, "ok", "Your own. Valid until"),
        (("localhost",), 10, "warning", "Get the next one soon"),
        (("localhost",), -1, "problem", "has ended"),
        (("dev.example",), 100, "problem", "is not for localhost"),
    ],
)
def test_a_certificate_of_ones_own_is_looked_at(
    settings: Settings, tmp_path: Path, names: tuple[str, ...], days: int, level: str, words: str
) -> None:
    """Whether it is good for the redirect URI, now and for the next two weeks."""
    own = bring(tmp_path / "own", *names, begins=NOW - 9 * DAY, ends=NOW + days * DAY)
    with_own = settings._replace(certificate_file=own.file, certificate_key_file=own.key)

    (finding,) = doctor_callback.certificate(case(with_own))

    assert (level, True) == (finding.level, words in finding.detail)


def test_half_a_certificate_of_ones_own_is_a_problem(settings: Settings) -> None:
    """A key without a certificate, and a file that is not there."""
    (alone,) = doctor_callback.certificate(case(settings._replace(certificate_key_file=NOWHERE)))
    (gone,) = doctor_callback.certificate(case(settings._replace(certificate_file=NOWHERE)))

    assert ["problem", "problem"] == [alone.level, gone.level]
    assert "no certificate" in alone.detail
    assert "cannot be read" in gone.detail


async def test_the_port_of_each_app_is_tried(town: Town) -> None:
    """One that is taken is a problem; none is kept afterwards."""
    port = int(town.registered.redirect_uri.split(":")[2].split("/")[0])
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        (busy,) = doctor_callback.redirect_uris(case(town.settings))
    (free,) = doctor_callback.redirect_uris(case(town.settings))

    assert ("problem", True) == (busy.level, f"listens on port {port}" in busy.detail)
    assert (
        Finding("redirect URI", "ok", f"https://localhost:{port} (of 1 app): port {port} is free.")
        == free
    )
    with socket.socket() as again:
        again.bind(("127.0.0.1", port))


async def test_an_app_elsewhere_is_counted_and_not_named(town: Town) -> None:
    """Its address is its owner's; there the answer is pasted."""
    elsewhere = "https://auth.acme.example/callback"
    town.desk.vault.set_app(town.app._replace(redirect_uri=elsewhere), None, NOW)

    (finding,) = doctor_callback.redirect_uris(case(town.settings))

    assert ("ok", True) == (finding.level, finding.detail.startswith("1 not on this machine"))


async def test_the_near_end_of_a_tunnel_is_tried(town: Town) -> None:
    """Its far end is not named."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        changed = town.app._replace(
            redirect_uri="https://auth.acme.example/callback", listen=f"http://127.0.0.1:{port}"
        )
        town.desk.vault.set_app(changed, None, NOW)
        (busy,) = doctor_callback.redirect_uris(case(town.settings))
    (free,) = doctor_callback.redirect_uris(case(town.settings))

    assert "problem" == busy.level
    assert f"A tunnel to http://127.0.0.1:{port} (of 1 app): port {port} is free." == free.detail


def test_without_an_app_the_default_is_tried(settings: Settings) -> None:
    """As the settings have it."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    uri = f"https://127.0.0.1:{port}/callback"

    (finding,) = doctor_callback.redirect_uris(case(settings._replace(redirect_uri=uri)))

    assert ("ok", f"https://127.0.0.1:{port} (the default): port {port} is free.") == (
        finding.level,
        finding.detail,
    )
