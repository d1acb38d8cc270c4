"""The code exchange: exactly the documented answer, and every reason to refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.sandbox.records import s256

if TYPE_CHECKING:
    import httpx

    from tests.sandbox.conftest import Town

VERIFIER = "correct-horse-battery-staple-correct-horse-battery"
PKCE = {"code_challenge": s256(VERIFIER), "code_challenge_method": "S256"}


def refusal(response: httpx.Response) -> tuple[int, object]:
    """Return status and body of an error answer."""
    return response.status_code, response.json()


INVALID_GRANT = (400, {"error": "invalid_grant"})


def test_s256_matches_the_standards_example() -> None:
    """The challenge of RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    assert "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" == s256(verifier)


async def test_the_answer_is_the_documented_one(town: Town) -> None:
    """The seven documented fields, for the organization that was consented to."""
    back = await town.consent(state="s", **PKCE)
    response = await town.exchange(back["code"], code_verifier=VERIFIER)
    answer = response.json()
    access, refresh = answer.pop("access_token"), answer.pop("refresh_token")

    assert {
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "all.full_access offline_access",
        "organization_id": town.acme.id,
        "user_id": town.ada.id,
    } == answer
    assert "no-store" == response.headers["cache-control"]
    assert access != refresh
    assert town.world.is_alive(access)
    assert town.world.is_alive(refresh)
    assert 200 == (await town.me(access)).status_code


async def test_a_reused_code_ends_what_was_issued_for_it(town: Town) -> None:
    """The second exchange is refused and the first one's tokens die (RFC 6749 §4.1.2)."""
    code = (await town.consent())["code"]
    first = (await town.exchange(code)).json()
    second = await town.exchange(code)

    assert refusal(second) == INVALID_GRANT
    assert not town.world.is_alive(first["access_token"])
    assert not town.world.is_alive(first["refresh_token"])
    assert 1 == town.world.journal.count(route="token", outcome="code_reused")


async def test_a_code_expires(town: Town) -> None:
    """After its lifetime a code is worth nothing."""
    code = (await town.consent())["code"]
    town.clock.now += town.world.policies.code_lifetime_s

    assert refusal(await town.exchange(code)) == INVALID_GRANT


async def test_another_apps_code_is_refused_and_not_spent(town: Town) -> None:
    """A stranger with valid credentials can neither use a code nor spoil it."""
    code = (await town.consent())["code"]
    thief = {"client_id": town.other_app.client_id, "client_secret": town.other_app.client_secret}
    form = {**thief, "grant_type": "authorization_code", "code": code}
    stolen = await town.client.post("/oauth2/token/", data=form)
    own = await town.exchange(code)

    assert refusal(stolen) == INVALID_GRANT
    assert 200 == own.status_code


@pytest.mark.parametrize(
    ("challenge", "verifier", "outcome"),
    [
        (PKCE, {"code_verifier": VERIFIER}, "issued"),
        (PKCE, {"code_verifier": VERIFIER.upper()}, "wrong_verifier"),
        (PKCE, {"code_verifier": PKCE["code_challenge"]}, "wrong_verifier"),
        (PKCE, {}, "no_verifier"),
        ({}, {"code_verifier": VERIFIER}, "verifier_without_challenge"),
        ({}, {}, "issued"),
    ],
)
async def test_the_verifier_must_match_the_challenge(
    town: Town, challenge: dict[str, str], verifier: dict[str, str], outcome: str
) -> None:
    """Missing, wrong or unasked-for verifiers are refused (RFC 7636 §4.6, RFC 9700 §4.8.2)."""
    back = await town.consent(**challenge)
    response = await town.exchange(back["code"], **verifier)

    assert (200 if outcome == "issued" else 400) == response.status_code
    assert 1 == town.world.journal.count(route="token", outcome=outcome)


async def test_a_code_does_not_survive_a_wrong_verifier(town: Town) -> None:
    """A verifier cannot be guessed in several tries."""
    code = (await town.consent(**PKCE))["code"]
    await town.exchange(code, code_verifier=VERIFIER.upper())

    assert refusal(await town.exchange(code, code_verifier=VERIFIER)) == INVALID_GRANT


@pytest.mark.parametrize(
    ("asked", "given", "status"),
    [(True, True, 200), (False, False, 200), (False, True, 200), (True, False, 400)],
)
async def test_a_redirect_uri_that_was_sent_must_be_sent_again(
    town: Town, asked: bool, given: bool, status: int
) -> None:
    """Sent at both or at neither; registered is registered (RFC 6749 §4.1.3)."""
    parameter = {"redirect_uri": town.app.redirect_uri}
    back = await town.consent(**(parameter if asked else {}))
    response = await town.exchange(back["code"], **(parameter if given else {}))

    assert status == response.status_code


async def test_another_redirect_uri_is_refused(town: Town) -> None:
    """A redirect URI that was not asked for gives no tokens."""
    code = (await town.consent())["code"]

    assert refusal(await town.exchange(code, redirect_uri="https://x.example/")) == INVALID_GRANT


async def test_a_wrong_secret_is_invalid_client_and_spends_nothing(town: Town) -> None:
    """401, or 400 by policy; the code still works afterwards."""
    code = (await town.consent())["code"]
    form = {"client_id": town.app.client_id, "grant_type": "authorization_code", "code": code}
    wrong = await town.client.post("/oauth2/token/", data={**form, "client_secret": "wrong"})
    missing = await town.client.post("/oauth2/token/", data=form)
    town.world.policies.wrong_secret_status = 400
    other = await town.client.post("/oauth2/token/", data={**form, "client_secret": "ü"})

    assert refusal(wrong) == (401, {"error": "invalid_client"})
    assert refusal(missing) == (401, {"error": "invalid_client"})
    assert refusal(other) == (400, {"error": "invalid_client"})
    assert 200 == (await town.exchange(code)).status_code


async def test_the_secret_may_come_in_a_basic_header(town: Town) -> None:
    """Header or body, never both; a wrong one is challenged."""
    app, url = town.app, "/oauth2/token/"
    form = {"grant_type": "authorization_code", "code": (await town.consent())["code"]}
    both = await town.client.post(
        url, data=town.credentials(**form), auth=(app.client_id, app.client_secret)
    )
    wrong = await town.client.post(url, data=form, auth=(app.client_id, "wrong"))
    right = await town.client.post(url, data=form, auth=(app.client_id, app.client_secret))

    assert refusal(both) == (400, {"error": "invalid_request"})
    assert 401 == wrong.status_code
    assert wrong.headers["www-authenticate"].startswith("Basic")
    assert 200 == right.status_code


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("", "invalid_client"),
        ("{app}", "invalid_request"),
        ("{app}&grant_type=authorization_code", "invalid_request"),
        ("{app}&grant_type=refresh_token", "invalid_request"),
        ("{app}&grant_type=password", "unsupported_grant_type"),
        ("{app}&grant_type=refresh_token&refresh_token=a&refresh_token=a", "invalid_request"),
        ("{app}&grant_type=refresh_token&refresh_token=%00%ff", "invalid_grant"),
    ],
)
async def test_malformed_requests_are_refused_in_the_standards_words(
    town: Town, body: str, error: str
) -> None:
    """RFC 6749 §5.2."""
    app = f"client_id={town.app.client_id}&client_secret={town.app.client_secret}"
    response = await town.client.post(
        "/oauth2/token/",
        content=body.format(app=app),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )

    assert error == response.json()["error"]
    assert response.status_code in (400, 401)


async def test_json_is_not_a_form(town: Town) -> None:
    """Parameters in another format are not read."""
    response = await town.client.post("/oauth2/token/", json=town.credentials())

    assert "invalid_client" == response.json()["error"]


async def test_an_overlong_body_is_refused(town: Town) -> None:
    """More than 64 KiB is no token request."""
    response = await town.token(grant_type="refresh_token", refresh_token="x" * 70_000)

    assert 413 == response.status_code


async def test_an_answer_can_lack_a_refresh_token_or_name_another_organization(town: Town) -> None:
    """Two switches for what a client must not trust."""
    town.world.policies.omit_refresh_token = True
    town.world.policies.answer_organization_id = town.globex.id
    answer = (await town.exchange((await town.consent())["code"])).json()

    assert "refresh_token" not in answer
    assert town.globex.id == answer["organization_id"]


async def test_the_metadata_is_as_closes(town: Town) -> None:
    """PKCE S256 and the three ways of client authentication (RFC 8414)."""
    answer = (await town.client.get("/.well-known/oauth-authorization-server")).json()

    assert ["S256"] == answer["code_challenge_methods_supported"]
    assert {"none", "client_secret_basic", "client_secret_post"} == set(
        answer["token_endpoint_auth_methods_supported"]
    )
    assert "http://sandbox/oauth2/revoke/" == answer["revocation_endpoint"]
    assert "introspection_endpoint" not in answer
