"""The REST API: who am I, rate limits, and the pages that delete keys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.sandbox.conftest import Town

FIELDS = "id,email,first_name,last_name,organizations,memberships"


async def test_me_says_who_an_access_token_belongs_to(town: Town) -> None:
    """The wanted fields and no others."""
    answer = (await town.me(town.grant().access_token, _fields=FIELDS)).json()

    assert {
        "id": town.ada.id,
        "email": "ada@acme.example",
        "first_name": "Ada",
        "last_name": "Byron",
        "organizations": [{"id": town.acme.id, "name": "Acme <i>&"}],
    } == {name: value for name, value in answer.items() if name != "memberships"}
    assert town.acme.id == answer["memberships"][0]["organization_id"]


async def test_me_unfiltered_gives_too_much_away(town: Town) -> None:
    """Without ``_fields`` the answer holds a secret that no client should keep."""
    grant = town.grant()
    whole = (await town.me(grant.access_token)).text
    filtered = (await town.me(grant.access_token, _fields=FIELDS)).text

    assert town.ada.sip_secret in whole
    assert town.ada.sip_secret not in filtered


async def test_me_can_list_every_organization(town: Town) -> None:
    """By policy, those of the user and not only the credential's."""
    town.world.policies.me_lists_all = True
    grant = town.world.authorize_directly(town.app, town.ada, town.globex)
    answer = (await town.me(grant.access_token)).json()

    assert [town.acme.id, town.globex.id] == [each["id"] for each in answer["organizations"]]


async def test_an_api_key_is_a_user_name_without_a_password(town: Town) -> None:
    """The whole key with an empty password is accepted; anything else is 401."""
    key = town.world.add_api_key(town.bob, town.globex)
    get = town.client.get
    answers = [
        await get("/api/v1/me/", auth=(key.text, "")),
        await get("/api/v1/me/", auth=(key.text, "x")),
        await get("/api/v1/me/", auth=(key.id, "")),
        await get("/api/v1/me/", headers={"authorization": f"Bearer {key.text}"}),
        await get("/api/v1/me/", headers={"authorization": "Basic !!!"}),
        await get("/api/v1/me/"),
        await town.me(town.grant().refresh_token or ""),
    ]

    assert [200, 401, 401, 401, 401, 401, 401] == [answer.status_code for answer in answers]
    assert town.bob.id == answers[0].json()["id"]
    assert {"error": "Unauthorized"} == answers[1].json()
    assert answers[1].headers["WWW-Authenticate"].startswith("Bearer ")


async def test_an_organization_is_shown_to_its_own_credentials_only(town: Town) -> None:
    """Another organization, and another path, is 404 in JSON."""
    headers = {"authorization": f"Bearer {town.grant().access_token}"}
    own, other, nowhere = [
        await town.client.get(f"/api/v1/{path}?_fields=id,name", headers=headers)
        for path in (f"organization/{town.acme.id}/", f"organization/{town.globex.id}/", "lead/")
    ]

    assert {"id": town.acme.id, "name": "Acme <i>&"} == own.json()
    assert [404, 404] == [other.status_code, nowhere.status_code]
    assert other.json()["error"].startswith("The requested URL was not found")


async def test_paths_end_in_a_slash_and_there_is_no_icon(town: Town) -> None:
    """No redirects between the two forms, and 404 for the browser's curiosity."""
    paths = ("/api/v1/me", "/oauth2/authorize", "/favicon.ico")
    answers = [(await town.client.get(path)).status_code for path in paths]

    assert [401, 404, 404] == answers


async def test_every_answer_tells_the_rate_limit_in_the_live_form(town: Town) -> None:
    """``limit=…; remaining=…; reset=…`` and the three single headers."""
    grant = town.grant()
    await town.me(grant.access_token)
    second = (await town.me(grant.access_token)).headers

    assert "limit=100; remaining=98; reset=1" == second["ratelimit"]
    assert ("100", "98", "1") == tuple(
        second[f"ratelimit-{name}"] for name in ("limit", "remaining", "reset")
    )
    assert "ratelimit" in (await town.client.get("/api/v1/me/")).headers


async def test_the_documented_header_has_commas(town: Town) -> None:
    """By policy, the form in the documentation and nothing else."""
    town.world.policies.documented_rate_header = True
    headers = (await town.me(town.grant().access_token)).headers

    assert "limit=100, remaining=99, reset=1" == headers["ratelimit"]
    assert "ratelimit-reset" not in headers


async def test_too_many_requests_are_429_until_the_window_ends(town: Town) -> None:
    """The third of two is refused with the time to wait, and only for this credential."""
    town.world.policies.rate_limit = 2
    grant, other = town.grant(), town.world.add_api_key(town.bob, town.globex)
    answers = [await town.me(grant.access_token) for _ in range(3)]
    bystander = await town.client.get("/api/v1/me/", auth=(other.text, ""))
    town.clock.now += 1
    later = await town.me(grant.access_token)

    assert [200, 200, 429] == [answer.status_code for answer in answers]
    assert "1" == answers[2].headers["retry-after"]
    assert "0" == answers[2].headers["ratelimit-remaining"]
    assert [200, 200] == [bystander.status_code, later.status_code]


async def test_an_organization_has_three_times_the_limit(town: Town) -> None:
    """Many credentials of one organization are slowed down together."""
    town.world.policies.rate_limit = 1
    answers = [(await town.me(town.grant().access_token)).status_code for _ in range(4)]

    assert [200, 200, 200, 429] == answers


async def test_the_settings_page_deletes_a_key_for_good(town: Town) -> None:
    """The page shows name, ID and last use, never the key; after Delete the key is refused."""
    key = town.world.add_api_key(town.bob, town.globex, "<b>Nightly</b>")
    await town.client.get("/api/v1/me/", auth=(key.text, ""))
    page = (await town.client.get("/settings/developer/api-keys/")).text
    action = re.findall(r'action="([^"]+/delete/)"', page)
    deleted = await town.client.post(action[0])

    assert [f"/settings/developer/api-keys/{key.id}/delete/"] == action
    assert key.id in page
    assert key.text not in page
    assert "&lt;b&gt;Nightly" in page
    assert "last used 2027-01-15" in page
    assert 303 == deleted.status_code
    assert not town.world.is_alive(key.text)
    assert 401 == (await town.client.get("/api/v1/me/", auth=(key.text, ""))).status_code
    assert 404 == (await town.client.post(action[0])).status_code


async def test_another_site_cannot_delete_a_key(town: Town) -> None:
    """A browser that says the form came from elsewhere is refused; GET deletes nothing."""
    key = town.world.add_api_key(town.bob, town.globex)
    path = f"/settings/developer/api-keys/{key.id}/delete/"
    forged = await town.client.post(path, headers={"sec-fetch-site": "cross-site"})
    fetched = await town.client.get(path)

    assert [403, 405] == [forged.status_code, fetched.status_code]
    assert town.world.is_alive(key.text)


async def test_the_apps_page_shows_no_secrets(town: Town) -> None:
    """Names, client ids and redirect URLs."""
    page = (await town.client.get("/settings/developer/oauth-apps")).text

    assert town.app.client_id in page
    assert town.app.redirect_uri in page
    assert "CANARY" not in page


async def test_a_new_key_is_shown_once_and_works(town: Town) -> None:
    """The page that answers holds the key, escaped name and all; the next one does not."""
    form = {"name": "<b>Export</b>", "organization": town.globex.id}
    made = await town.client.post("/settings/developer/api-keys/", data=form)
    (key,) = town.world.api_keys.values()
    later = await town.client.get("/settings/developer/api-keys/")
    answer = await town.client.get("/api/v1/me/", auth=(key.text, ""))

    assert key.text in made.text
    assert "<b>" not in made.text
    assert "no-store" == made.headers["cache-control"]
    assert key.text not in later.text
    assert (town.ada.id, town.globex.id) == (key.user_id, key.organization_id)
    assert 200 == answer.status_code


async def test_no_key_is_created_for_a_stranger_or_another_site(town: Town) -> None:
    """Only for the organizations of who is signed in, and only from our own page."""
    town.world.signed_in_user = town.bob
    form, path = {"name": "x", "organization": town.acme.id}, "/settings/developer/api-keys/"
    stranger = await town.client.post(path, data=form)
    form["organization"] = town.globex.id
    forged = await town.client.post(path, data=form, headers={"sec-fetch-site": "cross-site"})

    assert [400, 403] == [stranger.status_code, forged.status_code]
    assert {} == town.world.api_keys


async def test_a_new_app_shows_its_secret_once(town: Town) -> None:
    """Client ID and secret are on the page that answers; https is asked for."""
    path, before = "/settings/developer/oauth-apps/", set(town.world.apps)
    form = {"name": "Mine", "redirect_uri": "https://localhost:1234/cb"}
    made = await town.client.post(path, data=form)
    (client_id,) = set(town.world.apps) - before
    refused = await town.client.post(path, data={**form, "redirect_uri": "http://localhost/"})
    forged = await town.client.post(path, data=form, headers={"sec-fetch-site": "cross-site"})
    later = await town.client.get(path)
    app = town.world.apps[client_id]

    assert client_id in made.text
    assert app.client_secret in made.text
    assert app.client_secret not in later.text
    assert ("Mine", "https://localhost:1234/cb") == (app.name, app.redirect_uri)
    assert [400, 403] == [refused.status_code, forged.status_code]
    assert len(before) + 1 == len(town.world.apps)


@pytest.mark.parametrize("name", ["\ud800", "a\x00b", "\u202egnp.exe", '" onclick="x'])
async def test_no_name_breaks_a_page(town: Town, name: str) -> None:
    """Whatever an organization is called, the page comes and quotes stay shut."""
    organization = town.world.add_organization(name)
    town.world.signed_in_user = town.world.add_user("x@x.example", name, [organization])
    page = await town.ask()

    assert 200 == page.status_code
    assert 'onclick="' not in page.text
