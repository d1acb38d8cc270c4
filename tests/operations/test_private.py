"""An OAuth app that is private to another organization: however Close says so, it is explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.errors import Cancelled, CloseTuiError, Declined, InvalidGrant, Rejected
from close_tui.operations.add import add_app
from close_tui.operations.authorize import Authorization, authorize
from close_tui.sandbox.policies import PrivateApp
from close_tui.secret import Secret
from tests.operations.test_authorize import by_paste, consent
from tests.operations.test_grant import living

if TYPE_CHECKING:
    from tests.operations.conftest import Town

REASON = "An OAuth app is private by default: then only members of the organization"


@pytest.fixture
async def inner(town: Town) -> Town:
    """A town whose app is private to an organization that nobody here is a member of."""
    other = town.world.add_organization("Initech")
    registered = town.world.add_app("Inner", "https://127.0.0.1:1/callback", private_to=other)
    await add_app(
        town.desk,
        "inner",
        registered.client_id,
        Secret(registered.client_secret),
        redirect_uri=registered.redirect_uri,
    )
    town.app = next(app for app in town.desk.vault.apps() if app.name == "inner")
    return town


async def redirected(under_way: Authorization) -> None:
    """Let the consent screen send the browser back at once, and paste that."""
    import httpx

    async with httpx.AsyncClient() as browser:
        answer = await browser.get(under_way.url)
    under_way.paste(answer.headers["location"])


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("access_denied", "Access was declined on the consent screen."),
        ("unauthorized_client", "Close does not let this OAuth app be authorized here"),
        ("org_not_allowed", "The consent screen ended with the error org_not_allowed."),
    ],
)
async def test_sent_back_with_an_error(inner: Town, error: str, says: str) -> None:
    """It is named as what may be; a person who has declined knows better."""
    inner.world.policies.private_app = PrivateApp.REDIRECT
    inner.world.policies.private_app_error = error

    with pytest.raises(Declined) as refused:
        await authorize(inner.desk, inner.app, redirected, listen=False, seconds=30)

    assert says in str(refused.value)
    assert REASON in refused.value.advice


@pytest.mark.parametrize("error", ["invalid_request", "invalid_scope", "server_error"])
async def test_an_error_with_another_meaning_is_not_blamed_on_it(inner: Town, error: str) -> None:
    """RFC 6749 §4.1.2.1 says what these are."""
    inner.world.policies.private_app = PrivateApp.REDIRECT
    inner.world.policies.private_app_error = error

    with pytest.raises(Declined, match=error) as refused:
        await authorize(inner.desk, inner.app, redirected, listen=False, seconds=30)

    assert REASON not in refused.value.advice


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("access_denied", Rejected),
        ("unauthorized_client", Rejected),
        ("invalid_grant", InvalidGrant),
    ],
)
async def test_refused_at_the_token_endpoint(
    inner: Town, error: str, kind: type[CloseTuiError]
) -> None:
    """After consent was given: nothing is stored, nothing lives."""
    inner.world.policies.private_app = PrivateApp.TOKEN
    inner.world.policies.private_app_error = error

    with pytest.raises(kind) as refused:
        await by_paste(inner)

    assert REASON in refused.value.advice
    assert [] == living(inner)
    assert [] == inner.desk.vault.connections()


async def test_told_by_the_consent_page_alone(inner: Town) -> None:
    """Then the browser never comes back: the end of the wait says what may have been seen."""

    async def started(under_way: Authorization) -> None:
        with pytest.raises(IndexError):  # a page that says so, without anything to approve
            await consent(inner, under_way.url)

    with pytest.raises(Cancelled, match="Nobody answered within") as ended:
        await authorize(inner.desk, inner.app, started, listen=False, seconds=0.05)

    assert "If Close showed an error" in ended.value.advice
    assert REASON in ended.value.advice
