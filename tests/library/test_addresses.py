"""close_tui.auth: the credential goes to the API's own address, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

import close_tui
from close_tui.errors import UsageError
from tests.library.conftest import FRESH, body

if TYPE_CHECKING:
    from tests.library.conftest import Town


@pytest.mark.parametrize(
    "url",
    ["https://example.com/", "http://127.0.0.1:9/api/v1/me/", "https://127.0.0.1/", "http://a@b/"],
)
def test_another_address_gets_nothing(town: Town, url: str) -> None:
    """Another scheme, host or port is refused, and the vault is not even looked at."""
    seen = list[httpx.Request]()
    transport = httpx.MockTransport(town.answers(seen))
    with (
        httpx.Client(auth=close_tui.auth("nobody"), transport=transport) as client,
        pytest.raises(UsageError, match="Nothing was sent"),
    ):
        client.get(url)

    assert not seen


def test_a_redirect_elsewhere_carries_no_credential_and_costs_no_refresh(town: Town) -> None:
    """Its 401 says nothing about the token."""
    before, seen = town.refreshes, list[httpx.Request]()

    def lead_away(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if request.url.host == "elsewhere.example":
            return httpx.Response(401)
        return httpx.Response(307, headers={"Location": "https://elsewhere.example/"})

    with httpx.Client(
        auth=close_tui.auth(FRESH), transport=httpx.MockTransport(lead_away), follow_redirects=True
    ) as client:
        answer = client.post(f"{town.settings.api_url}/api/v1/lead/", content=body())

    assert 401 == answer.status_code
    assert [True, False] == ["Authorization" in each.headers for each in seen]
    assert before == town.refreshes


def test_a_redirect_at_home_is_followed_to_the_end(town: Town) -> None:
    """A 401 there is mended there."""
    town.refuse(FRESH)
    seen = list[httpx.Request]()
    answer = town.answers(seen)

    def lead_on(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/me"):
            return httpx.Response(301, headers={"Location": "/api/v1/me/"})
        return answer(request)

    with httpx.Client(
        auth=close_tui.auth(FRESH), transport=httpx.MockTransport(lead_on), follow_redirects=True
    ) as client:
        final = client.get(f"{town.settings.api_url}/api/v1/me")

    assert 200 == final.status_code
    assert ["/api/v1/me/"] * 2 == [each.url.path for each in seen]
