"""What becomes of a grant: stored, named, or given back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import httpx
import pytest

from close_tui.errors import (
    Frozen,
    Unavailable,
    VaultNotWritable,
)
from close_tui.operations.authorize import Authorization
from close_tui.operations.refresh import refresh
from close_tui.operations.revoke import freeze
from close_tui.sandbox import faults
from tests.operations.conftest import Meddling
from tests.operations.test_authorize import by_paste

if TYPE_CHECKING:
    from tests.operations.conftest import Town

Answer = Callable[[Authorization], Awaitable[None]]


async def test_authorizing_again_replaces_the_tokens(town: Town) -> None:
    """The same app, organization and user are the same connection; a refusal is forgotten."""
    first = town.shown((await by_paste(town)).id)
    town.world.kill(town.token(first))
    await refresh(town.desk, first.id)
    assert "needs_authorization" == town.status(first)

    again = await by_paste(town, name=first.name)

    assert (first.id, 2, "ok") == (again.id, town.shown(first.id).generation, town.status(first))
    assert 1 == len(town.desk.vault.connections())
    assert town.is_alive(town.token(first))


async def test_names_are_chosen_or_made(town: Town) -> None:
    """A chosen name is kept; a made one gets the first number that is free."""
    chosen = await by_paste(town, name="my own")
    town.world.signed_in_user = town.bob
    second = await by_paste(town)
    town.world.signed_in_user = town.world.add_user("c@acme.example", "Cy Poe", [town.acme])
    third = await by_paste(town)

    assert ["my own", "reports-acme", "reports-acme-2"] == [
        town.shown(done.id).name for done in (chosen, second, third)
    ]


async def test_a_frozen_authorization_takes_no_new_grant(town: Town) -> None:
    """Its revocation is finished first; the new grant is revoked."""
    frozen = town.connect()
    freeze(town.desk, frozen, "")
    before = living(town)

    with pytest.raises(Frozen, match="its revocation is not finished"):
        await by_paste(town)

    assert before == living(town)
    assert 1 == town.shown(frozen.id).generation


async def test_a_grant_that_cannot_be_stored_is_given_back(town: Town) -> None:
    """Nobody else knows of it: it is revoked rather than lost."""

    async def after(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.url.path == "/oauth2/token/":
            town.read_only(desk)
        return answer

    desk = town.open_desk(transport=Meddling(after))
    with pytest.raises(VaultNotWritable):
        await by_paste(town, desk=desk)

    assert [] == living(town)


async def test_tokens_are_stored_also_when_nobody_says_whose_they_are(town: Town) -> None:
    """Where ``/me/`` fails after the exchange, the connection is untested and has a made name."""
    town.world.faults.add(faults.UNAVAILABLE, "me", times=None)
    town.world.faults.add(faults.UNAVAILABLE, "organization", times=None)

    done = await by_paste(town)

    stored = town.shown(done.id)
    assert ("authorized", "untested") == (done.outcome, town.status(stored))
    assert (town.acme.id, town.ada.id) == (stored.organization.id, stored.user.id)
    assert stored.name.startswith("reports-orga-")
    assert town.is_alive(town.token(stored))


async def test_a_token_answer_that_names_nobody_is_completed_or_given_back(town: Town) -> None:
    """``/me/`` tells for whom it is; where it does not, the grant is revoked."""

    async def after(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.url.path != "/oauth2/token/":
            return answer
        kept = {k: v for k, v in answer.json().items() if not k.endswith("_id")}
        return httpx.Response(200, json=kept)

    desk = town.open_desk(transport=Meddling(after))

    done = await by_paste(town, desk=desk)
    assert (town.acme.id, town.ada.id) == (
        town.shown(done.id).organization.id,
        town.shown(done.id).user.id,
    )
    before = living(town)
    for policy in ("me_lists_all", ""):
        town.world.policies.me_lists_all = bool(policy)
        if not policy:
            town.world.faults.add(faults.UNAVAILABLE, "me")
        with pytest.raises(Unavailable):
            await by_paste(town, desk=desk)
    assert before == living(town)


def living(town: Town) -> list[str]:
    """Return the tokens that the sandbox would accept."""
    return [text for text in town.world.grants._tokens if town.is_alive(text)]
