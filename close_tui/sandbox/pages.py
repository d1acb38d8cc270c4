"""The pages that a browser sees. No scripts; everything foreign is escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import Final, NamedTuple
from urllib.parse import quote

from starlette.responses import HTMLResponse

from close_tui.sandbox.records import ApiKey, Consent, OAuthApp, Organization, User, origin
from close_tui.sandbox.stylesheet import CSS

_CSS_HASH: Final = base64.b64encode(hashlib.sha256(CSS.encode()).digest()).decode()


class ApiKeyRow(NamedTuple):
    """An API key with its people; ``last_used`` in Unix seconds, or None."""

    key: ApiKey
    user: User
    organization: Organization
    last_used: float | None


def consent(
    app: OAuthApp, user: User, organizations: Sequence[Organization], request: Consent
) -> HTMLResponse:
    """Ask a user which organization an app may work in.

    Nothing is chosen beforehand unless there is one organization only.
    """
    checked = " checked" if len(organizations) == 1 else ""
    choices = "".join(
        f'<label class="choice"><input type="radio" name="organization" value="{escape(each.id)}"'
        f" required{checked}><span><strong><bdi>{escape(each.name)}</bdi></strong>"
        f"<code>{escape(each.id)}</code></span></label>"
        for each in organizations
    )
    where = origin(app.redirect_uri)
    body = f"""
<h1><bdi>{escape(app.name)}</bdi> asks for access</h1>
<p class="lead">Signed in as <strong><bdi>{escape(user.name)}</bdi></strong>,
<bdi>{escape(user.email)}</bdi></p>
<form method="post" action="/oauth2/authorize/">
<input type="hidden" name="consent" value="{escape(request.id)}">
<fieldset><legend>Which organization?</legend>{choices}</fieldset>
<h2>What it will be able to do</h2>
<ul><li>Everything you can do in that organization <code>all.full_access</code></li>
<li>Keep working while you are away <code>offline_access</code></li></ul>
<div class="actions">
<button class="primary" name="decision" value="approve">Approve</button>
<button name="decision" value="decline" formnovalidate>Decline</button>
</div>
<p class="note">Either way you are sent back to <code>{escape(where)}</code></p>
</form>"""
    return _page(f"{app.name} asks for access", body, form_action=f"'self' {where}")


def api_keys(
    rows: Sequence[ApiKeyRow],
    organizations: Sequence[Organization],
    path: str,
    made: ApiKey | None = None,
) -> HTMLResponse:
    """List API keys, each with a button that deletes it, and offer to create one.

    A key that was just ``made`` is shown, this once.
    """
    items = "".join(
        f"<li><div><strong><bdi>{escape(row.key.name)}</bdi></strong>"
        f"<code>{escape(row.key.id)}</code>"
        f"<small><bdi>{escape(row.organization.name)}</bdi> · <bdi>{escape(row.user.name)}</bdi> · "
        f"{_used(row.last_used)}</small></div>"
        f'<form method="post" action="{escape(path)}{quote(row.key.id, safe="")}/delete/">'
        f'<button class="danger" aria-label="Delete API key {escape(row.key.name)}">Delete</button>'
        "</form></li>"
        for row in rows
    )
    choices = "".join(
        f'<option value="{escape(each.id)}">{escape(each.name)}</option>' for each in organizations
    )
    body = f"""<h1>API keys</h1>
<p class="lead">A deleted key stops working at once and cannot be brought back. The part shown
here is the key's ID: it is safe to share.</p>
{_once(("API key", made.text)) if made else ""}
<form method="post" action="{escape(path)}">
<label class="field">Name <input name="name" maxlength="100" required></label>
<label class="field">Organization <select name="organization" required>{choices}</select></label>
<button class="primary">Create New API Key</button>
</form>
{_list(items, "There are no API keys.")}"""
    return _page("API keys", body, here="api-keys")


def oauth_apps(apps: Sequence[OAuthApp], path: str, made: OAuthApp | None = None) -> HTMLResponse:
    """List OAuth apps and offer to create one; the secret of one just ``made`` is shown."""
    items = "".join(
        f"<li><div><strong><bdi>{escape(app.name)}</bdi></strong>"
        f"<code>{escape(app.client_id)}</code>"
        f"<small>Redirect URL {escape(app.redirect_uri)}</small></div></li>"
        for app in apps
    )
    body = f"""<h1>OAuth apps</h1>
<p class="lead">Client secrets are shown once, when an app is created.</p>
{_once(("Client ID", made.client_id), ("Client secret", made.client_secret)) if made else ""}
<form method="post" action="{escape(path)}">
<label class="field">Name <input name="name" maxlength="100" required></label>
<label class="field">Redirect URL <input type="url" name="redirect_uri" pattern="https://.+"
placeholder="https://localhost:25673/callback" required></label>
<button class="primary">Create App</button>
</form>
{_list(items, "There are no OAuth apps.")}"""
    return _page("OAuth apps", body, here="oauth-apps")


def error(sentence: str, status: int = 400) -> HTMLResponse:
    """Tell a person what is wrong; nothing is sent back to the app."""
    body = f'<h1>This cannot go on</h1><p class="lead">{escape(sentence)}</p>'
    return _page("This cannot go on", body, status=status)


def _page(
    title: str, body: str, *, form_action: str = "'self'", here: str = "", status: int = 200
) -> HTMLResponse:
    links = "".join(
        f'<a href="/settings/developer/{name}"{_current(name, here)}>{label}</a>'
        for name, label in (("api-keys", "API keys"), ("oauth-apps", "OAuth apps"))
    )
    navigation = f"<nav aria-label='Developer settings'>{links}</nav>" if here else ""
    html = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)} · Sandbox</title><style>{CSS}</style></head>
<body><header><strong>Sandbox — not close.com</strong><span>Nothing here is real.</span></header>
<main>{navigation}{body}</main></body></html>"""
    policy = (
        f"default-src 'none'; style-src 'sha256-{_CSS_HASH}'; form-action {form_action}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
    # A name can hold a lone surrogate, which no charset can write.
    return HTMLResponse(html.encode("utf-8", "replace"), status, headers)


def _once(*shown: tuple[str, str]) -> str:
    """Show what cannot be shown again."""
    lines = "".join(f"<p>{label} <code>{escape(value)}</code></p>" for label, value in shown)
    return f'<div class="once" role="status"><p>Copy it now: it is shown once.</p>{lines}</div>'


def _current(name: str, here: str) -> str:
    return ' aria-current="page"' if name == here else ""


def _list(items: str, nothing: str) -> str:
    return f'<ul class="cards">{items}</ul>' if items else f'<p class="empty">{nothing}</p>'


def _used(at: float | None) -> str:
    if at is None:
        return "never used"
    return datetime.fromtimestamp(at, UTC).strftime("last used %Y-%m-%d %H:%M:%S UTC")
