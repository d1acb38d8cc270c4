"""Which connection or app a person means: in full, begun, or by its organization."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.errors import Ambiguous, CloseTuiError, NotFound
from close_tui.operations import names
from close_tui.operations.plan import select
from close_tui.operations.token import hand_out_named

if TYPE_CHECKING:
    from close_tui.model import Connection
    from tests.operations.conftest import Town


def end(town: Town, connection: Connection) -> None:
    """Let a connection be revoked, which releases its name."""
    town.desk.vault.revoked(connection.id, town.clock(), proved_dead_at=town.clock())


def meant(town: Town, name: str, *, exact: bool = False) -> str:
    """Return the id of what is meant."""
    return names.connection(town.desk.vault, name, exact=exact).id


@pytest.mark.parametrize("beginning", ["acme-r", "ACME-R", "acme-reports"])
async def test_the_beginning_of_one_name_only_is_enough(town: Town, beginning: str) -> None:
    """In any case of letters; a name in full comes before names that begin with it."""
    acme = town.connect("acme")
    reports = town.connect("acme-reports", organization=town.globex)

    assert reports.id == meant(town, beginning)
    assert acme.id == meant(town, "acme")


async def test_a_beginning_of_several_names_says_which(town: Town) -> None:
    """At most eight of them, with how many more, and nothing that a terminal acts on."""
    for number, user in enumerate((town.ada, town.bob)):
        town.connect(f"acme-{number}", user=user)
    with pytest.raises(Ambiguous, match=r"^'acm' may mean acme-0, acme-1\.$") as two:
        meant(town, "acm")
    for number in range(2, 11):
        user = town.world.add_user(f"{number}@acme.example", "N. N.", [town.acme])
        town.connect(f"acme-{number:02}", user=user)

    with pytest.raises(Ambiguous, match="and 3 more") as eleven:
        meant(town, "acm")
    assert 5 == two.value.exit_code == eleven.value.exit_code
    with pytest.raises(NotFound) as hostile:
        meant(town, "\x1b]52;c;x\x07")
    assert "\x1b" not in str(hostile.value)


async def test_only_live_connections_are_meant_by_a_beginning(town: Town) -> None:
    """A revoked one has its whole name and its id, and nothing less."""
    old = town.connect("acme-old")
    end(town, old)

    assert old.id == meant(town, "acme-old") == meant(town, old.id)
    with pytest.raises(NotFound):
        meant(town, "acme")


@pytest.mark.parametrize("name", ["", "/", "Acme/", "/reports", "Initech/reports"])
async def test_nothing_is_nobodys_beginning(town: Town, name: str) -> None:
    """A variable that was not set must not mean the only connection there is."""
    town.connect("reports")

    with pytest.raises(NotFound):
        meant(town, name)


async def test_an_organization_tells_two_apart(town: Town) -> None:
    """By its name in any case, or its id; either part may be only begun."""
    here = town.connect("reports-acme")
    there = town.connect("reports-globex", organization=town.globex)

    for name in ("Globex/reports", "globex/reports-globex", f"{town.globex.id}/rep", "Glo/rep"):
        assert there.id == meant(town, name), name
    assert here.id == meant(town, "ac/reports-acme")
    with pytest.raises(Ambiguous):
        meant(town, "reports")


async def test_an_organization_in_full_comes_before_one_that_is_begun(town: Town) -> None:
    """``Acme/…`` is never that of Acme Europe as long as Acme has one."""
    europe = town.world.add_organization("Acme/Europe")
    eve = town.world.add_user("eve@acme.example", "Eve Poe", [europe])
    here = town.connect("reports")
    there = town.connect("reports-eu", user=eve, organization=europe)

    assert here.id == meant(town, "Acme/rep")
    assert there.id == meant(town, "Acme/Europe/rep")


async def test_what_does_harm_takes_no_beginning(town: Town) -> None:
    """It says who may have been meant; in full, with the organization or the id, it is taken."""
    acme = town.connect("acme-reports")

    for name in ("acme", "ACME-REPORTS", "Acme/acme", "Ac/acme-reports"):
        with pytest.raises(NotFound) as refused:
            meant(town, name, exact=True)
        assert "Did you mean acme-reports?" in refused.value.advice
    for name in ("acme-reports", "acme/acme-reports", acme.id):
        assert acme.id == meant(town, name, exact=True)


async def test_a_name_that_begins_nobodys_suggests_nobody(town: Town) -> None:
    """Where nobody may have been meant, no name is asked after."""
    town.connect("acme-reports")

    with pytest.raises(NotFound) as refused:
        meant(town, "nosuch", exact=True)

    assert "Did you mean" not in refused.value.advice


async def test_a_revocation_takes_no_beginning(town: Town) -> None:
    """Neither of a connection nor of an app."""
    acme = town.connect("acme-reports")
    vault = town.desk.vault

    assert [acme] == select(vault, names=["Acme/acme-reports"])
    for wrong in ({"names": ["acme"]}, {"app": "repo"}):
        with pytest.raises(NotFound, match=r"no (connection|OAuth app)"):
            select(vault, **wrong)


async def test_a_secret_is_handed_out_by_a_name_in_full(town: Town) -> None:
    """While a program runs, what a beginning means may change."""
    acme = await town.tested("acme-reports")

    with pytest.raises(NotFound):
        await hand_out_named(town.desk, "acme")
    assert acme.id == (await hand_out_named(town.desk, "acme-reports")).connection.id


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("Acme", "That is an organization. Did you mean reports, zap?"),
        ("globe", "That is an organization. Did you mean export?"),
        ("reprots", "Did you mean reports?"),
        ("initech", NotFound.advice),
    ],
)
async def test_a_name_that_is_nobodys_says_who_may_be_meant(
    town: Town, name: str, advice: str, exact: bool
) -> None:
    """By an organization's name, or a slip of the hand; never nobody."""
    town.connect("reports")
    town.connect("zap", user=town.bob)
    town.connect("export", organization=town.globex)

    with pytest.raises(NotFound) as told:
        meant(town, name, exact=exact)
    assert advice == told.value.advice


async def test_several_that_had_a_name_are_told_apart_by_their_ids(town: Town) -> None:
    """The names of revoked connections are no help."""
    ended = []
    for _ in range(2):
        ended.append(town.connect("acme"))
        end(town, ended[-1])

    with pytest.raises(Ambiguous) as refused:
        meant(town, "acme")
    assert all(each.id in str(refused.value) for each in ended)


async def test_an_app_may_be_begun_where_that_does_no_harm(town: Town) -> None:
    """One is found, several are named, and ``exact`` takes none."""
    vault = town.desk.vault

    assert town.app == names.app(vault, "Repo")
    with pytest.raises(NotFound) as refused:
        names.app(vault, "repo", exact=True)
    assert "Did you mean reports?" in refused.value.advice
    vault.add_app(
        town.app._replace(id="app_2", name="reporting", client_id="oa2client_2"), None, town.clock()
    )
    with pytest.raises(Ambiguous, match="'repo' may mean reporting, reports"):
        names.app(vault, "repo")
    with pytest.raises(CloseTuiError):
        names.app(vault, "")
