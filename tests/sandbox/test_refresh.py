"""Rotation, reuse, revocation: the life of tokens over the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.sandbox.policies import Reuse

if TYPE_CHECKING:
    from tests.sandbox.conftest import Town


async def test_a_refresh_rotates_the_pair(town: Town) -> None:
    """A new pair is issued, the old refresh token is spent, the old access token lives on."""
    old = town.grant()
    new = (await town.refresh(old.refresh_token)).json()

    assert town.world.is_alive(new["access_token"])
    assert town.world.is_alive(new["refresh_token"])
    assert not town.world.is_alive(old.refresh_token or "")
    assert town.world.is_alive(old.access_token)
    assert town.acme.id == new["organization_id"]
    assert town.ada.id == new["user_id"]


async def test_rotation_can_end_the_old_access_token(town: Town) -> None:
    """By policy, the access token before the refresh dies with it."""
    town.world.policies.rotation_kills_access = True
    old = town.grant()
    new = (await town.refresh(old.refresh_token)).json()

    assert not town.world.is_alive(old.access_token)
    assert town.world.is_alive(new["access_token"])


@pytest.mark.parametrize(("reuse", "survives"), [(Reuse.FAMILY, False), (Reuse.PLAIN, True)])
async def test_reuse_is_refused_and_ends_the_family_or_not(
    town: Town, reuse: Reuse, survives: bool
) -> None:
    """FAMILY kills the winner's live tokens as well, PLAIN leaves them alone."""
    town.world.policies.reuse = reuse
    old, bystander = town.grant(), town.grant()
    winner = (await town.refresh(old.refresh_token)).json()
    loser = await town.refresh(old.refresh_token)

    assert (400, {"error": "invalid_grant"}) == (loser.status_code, loser.json())
    assert survives is town.world.is_alive(winner["access_token"])
    assert survives is town.world.is_alive(winner["refresh_token"])
    assert town.world.is_alive(bystander.refresh_token or "")


async def test_grace_repeats_the_answer_for_a_while(town: Town) -> None:
    """The same pair with the time it has left, until the grace is over; then the family ends."""
    town.world.policies.reuse, town.world.policies.grace_s = Reuse.GRACE, 10
    old = town.grant()
    first = (await town.refresh(old.refresh_token)).json()
    town.clock.now += 10
    again = (await town.refresh(old.refresh_token)).json()
    town.clock.now += 1
    late = await town.refresh(old.refresh_token)

    assert {**first, "expires_in": 3590} == again
    assert 400 == late.status_code
    assert not town.world.is_alive(first["access_token"])
    assert 1 == town.world.journal.count(route="refresh", outcome="repeated")


async def test_grace_ends_when_the_new_pair_was_used(town: Town) -> None:
    """Once the successor is spent, the old token is worth nothing, grace or not."""
    town.world.policies.reuse = Reuse.GRACE
    old = town.grant()
    first = (await town.refresh(old.refresh_token)).json()
    await town.refresh(first["refresh_token"])

    assert 400 == (await town.refresh(old.refresh_token)).status_code


async def test_a_refresh_without_a_new_refresh_token_keeps_the_old_one(town: Town) -> None:
    """An answer that holds none did not spend the one presented."""
    grant = town.grant()
    town.world.policies.omit_refresh_token = True
    answers = [(await town.refresh(grant.refresh_token)).json() for _ in range(2)]

    assert all("refresh_token" not in answer for answer in answers)
    assert answers[0]["access_token"] != answers[1]["access_token"]
    assert town.world.is_alive(grant.refresh_token or "")


async def test_tokens_that_cannot_be_refreshed(town: Town) -> None:
    """Unknown, another app's, an access token, expired and killed ones are all invalid_grant."""
    town.world.policies.refresh_lifetime_s = 60
    expired, killed, access = town.grant(), town.grant(), town.grant()
    foreign = town.world.authorize_directly(town.other_app, town.ada, town.acme)
    town.world.expire(expired.refresh_token or "")
    town.world.kill(killed.refresh_token or "")
    tokens = [
        expired.refresh_token,
        killed.refresh_token,
        access.access_token,
        foreign.refresh_token,
        "nonsense",
    ]
    answers = [await town.refresh(token) for token in tokens]

    assert [(400, {"error": "invalid_grant"})] * 5 == [
        (answer.status_code, answer.json()) for answer in answers
    ]
    assert town.world.is_alive(foreign.refresh_token or "")


async def test_the_journal_counts_refreshes_by_family_without_secrets(town: Town) -> None:
    """Who presented what, how it ended, and not one secret."""
    one, two = town.grant(), town.grant()
    answer = (await town.refresh(one.refresh_token)).json()
    await town.refresh(one.refresh_token)
    await town.refresh(two.refresh_token)
    journal = town.world.journal

    assert ["rotated", "reuse_detected"] == [
        entry.outcome for entry in journal.entries(route="refresh", family=one.family.id)
    ]
    assert 1 == journal.count(route="refresh", family=two.family.id)
    assert 2 == len({entry.presented for entry in journal.entries()})
    written = repr(journal.entries()) + repr(town.world.api_keys) + repr(one) + repr(town.app)
    assert "CANARY" in answer["access_token"]
    assert "CANARY" not in written


async def test_access_tokens_expire(town: Town) -> None:
    """After ``expires_in`` seconds, or when a test says so, a token is refused."""
    aged, ended = town.grant(), town.grant()
    town.world.expire(ended.access_token)
    before = await town.me(aged.access_token)
    town.clock.now += 3600

    assert 200 == before.status_code
    assert 401 == (await town.me(ended.access_token)).status_code
    assert 401 == (await town.me(aged.access_token)).status_code


async def test_revoking_a_refresh_token_leaves_the_access_token_alive(town: Town) -> None:
    """Unknown in reality, so a client has to revoke both."""
    grant = town.grant()
    response = await town.revoke(grant.refresh_token)
    between = await town.me(grant.access_token)
    await town.revoke(grant.access_token)

    assert (200, b"") == (response.status_code, response.content)
    assert 400 == (await town.refresh(grant.refresh_token)).status_code
    assert 200 == between.status_code
    assert 401 == (await town.me(grant.access_token)).status_code


async def test_revoking_a_refresh_token_can_end_everything(town: Town) -> None:
    """By policy the access tokens of the family die too, and only those."""
    town.world.policies.revoke_kills_access = True
    grant, bystander = town.grant(), town.grant()
    await town.revoke(grant.refresh_token)

    assert not town.world.is_alive(grant.access_token)
    assert town.world.is_alive(bystander.access_token)


async def test_revoking_can_end_every_grant_of_the_same_user(town: Town) -> None:
    """By policy one revocation ends what one user has given one app for one organization."""
    town.world.policies.revoke_ends_authorization = True
    grant, second = town.grant(), town.grant()
    foreign = town.world.authorize_directly(town.other_app, town.ada, town.acme)
    await town.revoke(grant.access_token)

    dead = (grant.refresh_token, second.refresh_token, second.access_token)
    assert not [text for text in dead if text is None or town.world.is_alive(text)]
    assert town.world.is_alive(foreign.access_token)


async def test_revocation_can_be_late_or_a_lie(town: Town) -> None:
    """A 200 proves nothing: the token may live on for a while, or for good."""
    town.world.policies.revoke_delay_s = 5
    slow, lied = town.grant(), town.grant()
    await town.revoke(slow.access_token)
    soon = town.world.is_alive(slow.access_token)
    town.clock.now += 5
    town.world.policies.revoke_acts = False
    await town.revoke(lied.access_token)

    assert soon
    assert not town.world.is_alive(slow.access_token)
    assert town.world.is_alive(lied.access_token)


async def test_revoking_needs_the_apps_secret_and_its_own_token(town: Town) -> None:
    """An unknown token is 200 (RFC 7009 §2.2); a wrong secret or foreign token is refused."""
    foreign = town.world.authorize_directly(town.other_app, town.ada, town.acme)
    form = {"client_id": town.app.client_id, "client_secret": "x", "token": foreign.access_token}
    wrong = await town.client.post("/oauth2/revoke/", data=form)
    missing = await town.client.post("/oauth2/revoke/", data=town.credentials())

    assert 200 == (await town.revoke("nonsense")).status_code
    assert 400 == (await town.revoke(foreign.access_token)).status_code
    assert (401, {"error": "invalid_client"}) == (wrong.status_code, wrong.json())
    assert 400 == missing.status_code
    assert town.world.is_alive(foreign.access_token)
    assert 1 == town.world.journal.count(route="revoke", outcome="unknown_token")


async def test_a_test_can_refresh_as_somebody_else_and_end_families(town: Town) -> None:
    """``spend`` gives the winner's pair; ``kill_family`` ends both."""
    grant = town.grant()
    winner = town.world.spend(grant.refresh_token or "")
    alive = town.world.is_alive(winner.access_token)
    town.world.kill_family(winner.access_token)

    assert alive
    assert not town.world.is_alive(winner.access_token)
    assert not town.world.is_alive(grant.access_token)
