"""The authorization endpoint: what it asks, and what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.sandbox.policies import PrivateApp
from close_tui.sandbox.records import s256

if TYPE_CHECKING:
    from tests.sandbox.conftest import Town

CHALLENGE = s256("v" * 43)


async def test_the_page_offers_the_users_organizations_and_chooses_none(town: Town) -> None:
    """Every organization is a labelled radio button, escaped, and none is checked."""
    page = await town.ask()

    assert f'value="{town.acme.id}"' in page.text
    assert f'value="{town.globex.id}"' in page.text
    assert "Acme &lt;i&gt;&amp;" in page.text
    assert "<i>" not in page.text
    assert " checked" not in page.text
    assert "Sandbox — not close.com" in page.text


async def test_the_page_has_no_scripts_and_may_send_forms_only_where_it_must(town: Town) -> None:
    """The policy forbids everything but our styles, our forms and the redirect after them."""
    page = await town.ask()
    policy = page.headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "form-action 'self' https://localhost:25673;" in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script" not in page.text
    assert "no-store" == page.headers["cache-control"]


async def test_the_only_organization_is_chosen_already(town: Town) -> None:
    """A person with one organization need not click it."""
    town.world.signed_in_user = town.bob

    assert 1 == (await town.ask()).text.count(" checked")


async def test_approving_sends_back_a_code_and_the_state(town: Town) -> None:
    """The redirect holds exactly the code and the state, whatever characters are in it."""
    back = await town.consent(state="a b&c=ü")

    assert {"code", "state"} == set(back)
    assert "a b&c=ü" == back["state"]


async def test_declining_sends_back_access_denied(town: Town) -> None:
    """A decline is an error with the state, or without it, as the policy says."""
    echoed = await town.consent("decline", state="s")
    town.world.policies.decline_echoes_state = False
    silent = await town.consent("decline", state="s")

    assert {"error": "access_denied", "state": "s"} == echoed
    assert {"error": "access_denied"} == silent


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ({"client_id": "oa2client_nobody"}, "unknown_client"),
        ({"client_id": ""}, "unknown_client"),
        ({"redirect_uri": "https://localhost:25673/callback/"}, "other_redirect_uri"),
        ({"redirect_uri": "https://evil.example/callback"}, "other_redirect_uri"),
        ({"redirect_uri": "http://localhost:25673/callback"}, "other_redirect_uri"),
    ],
)
async def test_a_wrong_client_or_redirect_is_never_redirected(
    town: Town, query: dict[str, str], why: str
) -> None:
    """The person sees an error page; the browser is sent nowhere."""
    page = await town.ask(**query)

    assert 400 == page.status_code
    assert "location" not in page.headers
    assert 1 == town.world.journal.count(route="authorize", outcome=why)


async def test_a_repeated_parameter_is_never_redirected(town: Town) -> None:
    """Two client ids are an error page, not a guess."""
    client_id = town.app.client_id
    page = await town.client.get(f"/oauth2/authorize/?client_id={client_id}&client_id={client_id}")

    assert 400 == page.status_code


async def test_a_private_app_is_for_members_only(town: Town) -> None:
    """Somebody outside the app's organization cannot authorize it; a member can."""
    app = town.world.add_app("Inner", town.app.redirect_uri, private_to=town.acme)
    member = await town.ask(client_id=app.client_id)
    town.world.signed_in_user = town.bob
    stranger = await town.ask(client_id=app.client_id)

    assert 200 == member.status_code
    assert 400 == stranger.status_code


async def test_a_private_app_can_also_send_strangers_back(town: Town) -> None:
    """With the error that the policy names, and our state."""
    town.world.policies.private_app = PrivateApp.REDIRECT
    town.world.policies.private_app_error = "unauthorized_client"
    app = town.world.add_app("Inner", town.app.redirect_uri, private_to=town.acme)
    member = await town.ask(client_id=app.client_id)
    town.world.signed_in_user = town.bob
    stranger = await town.ask(client_id=app.client_id)

    assert 200 == member.status_code
    assert 303 == stranger.status_code
    assert "error=unauthorized_client" in stranger.headers["location"]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": ""}, "invalid_request"),
        ({"code_challenge": CHALLENGE}, "invalid_request"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
    ],
)
async def test_a_malformed_request_goes_back_to_the_app_as_an_error(
    town: Town, query: dict[str, str], error: str
) -> None:
    """Only S256 challenges and the code flow are known (RFC 6749 §4.1.2.1)."""
    response = await town.ask(state="s", **query)

    assert {"error": error, "state": "s"} == town.sent_back(response)


async def test_pkce_can_be_required(town: Town) -> None:
    """With the policy on, a request without a challenge is refused and one with it is not."""
    town.world.policies.pkce_required = True
    without = await town.ask()
    given = await town.ask(code_challenge=CHALLENGE, code_challenge_method="S256")

    assert "invalid_request" == town.sent_back(without)["error"]
    assert 200 == given.status_code


async def test_a_consent_page_is_answered_once_and_in_time(town: Town) -> None:
    """A double click is sent the way of the first; what comes too late ends on an error page."""
    once, late = await town.ask(), await town.ask()
    first = await town.answer(once, "approve", town.acme)
    second = await town.answer(once, "decline", town.globex)
    town.clock.now += town.world.policies.consent_lifetime_s
    third = await town.answer(once, "approve", town.acme)
    fourth = await town.answer(late, "approve", town.acme)

    assert [303, 303, 400, 400] == [each.status_code for each in (first, second, third, fourth)]
    assert "code" in town.sent_back(first)
    assert first.headers["location"] == second.headers["location"]


async def test_nobody_approves_for_an_organization_they_are_not_in(town: Town) -> None:
    """A forged organization id gives no code."""
    town.world.signed_in_user = town.bob
    response = await town.answer(await town.ask(), "approve", town.acme)

    assert 400 == response.status_code
    assert "location" not in response.headers
