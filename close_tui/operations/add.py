"""Add: an API key, which is tested first; an OAuth app; and changing an app."""

from __future__ import annotations

import re
import secrets
from typing import Final

from close_tui.callback.addresses import RedirectURI, validate_redirect_uri
from close_tui.callback.tunnel import validate_listen
from close_tui.close.credential import Basic, fits_a_header
from close_tui.errors import InUse, NameTaken, NotFound, UsageError
from close_tui.model import Answer, App, Connection, Event, Kind, Organization, Result
from close_tui.operations import names, port
from close_tui.operations.desk import Desk
from close_tui.operations.pasted_app import client_id_in, client_secret_in
from close_tui.operations.pasted_key import recognized
from close_tui.operations.pending import pending
from close_tui.operations.test import check_of, describe, measured
from close_tui.secret import Secret
from close_tui.settings import DEFAULT_REDIRECT_URI
from close_tui.text import clean, counted

_PASTED_LIMIT: Final = 1000
_CLIENT_ID: Final = re.compile(r"[A-Za-z0-9_.~-]{1,200}")
_SHAPE: Final = re.compile(r"oa2client_[A-Za-z0-9]{22}")


def new_id(kind: str) -> str:
    """Return a fresh id of ours: ``conn_…`` or ``app_…``."""
    return f"{kind}_{secrets.token_hex(8)}"


def recognized_key(pasted: Secret) -> Secret:
    """Return the API key in what was pasted: see :func:`.pasted_key.recognized`."""
    return recognized(pasted).key


async def add_key(desk: Desk, name: str, key: Secret, description: str = "") -> Result:
    """Store an API key under a name, after Close has said whose it is.

    Raises Refused, and stores nothing, when Close does not accept the key; NameTaken when the name
    is there already, AlreadyStored when the key is.
    """
    name = names.checked(name)
    key = recognized_key(key)
    vault = desk.make_vault()
    await desk.unlock()
    if any(c.name == name and c.revoked_at is None for c in vault.connections()):
        raise NameTaken(f"There is a connection named {name} already.")
    return store_key(desk, name, key, await desk.close.me(Basic(key)), description)


def store_key(desk: Desk, name: str, key: Secret, answer: Answer, description: str = "") -> Result:
    """Store an API key that Close has just answered; errors as for :func:`add_key`.

    The vault is there and unlocked.
    """
    with desk.vault.transaction():
        added = keep_key(desk, name, key, answer, clean(description, 400))
        desk.record(
            added,
            "add",
            "added",
            describe(answer),
            http_status=answer.http_status,
            facts=measured(answer),
        )
    where = added.organization.name or added.organization.id or "no organization"
    whose = f"{where}, as {answer.user.email or answer.user.id}."
    return desk.result(added, "add", "added", whose, http_status=answer.http_status)


def keep_key(desk: Desk, name: str, key: Secret, answer: Answer, description: str) -> Connection:
    """Make a key that Close has just answered a connection, inside the caller's transaction."""
    connection = Connection(
        id=new_id("conn"),
        name=name,
        description=description,
        kind=Kind.API_KEY,
        organization=organization_of(answer),
        user=answer.user,
        app=None,
        app_id=None,
        key_id=key.reveal().partition(".")[0],
        scope="",
        expires_at=None,
        generation=1,
        fingerprint="",
        can_refresh=False,
        created_at=desk.clock(),
    )
    desk.vault.add_key(connection, key)
    desk.vault.checked(connection.id, check_of(desk, connection, "ok", answer))
    return connection


def organization_of(answer: Answer) -> Organization:
    """Return whose data a key opens: Close's own habit, as a key belongs to one organization."""
    return answer.organizations[0] if answer.organizations else Organization("", "")


async def add_app(
    desk: Desk,
    name: str,
    client_id: str,
    client_secret: Secret | None,
    *,
    redirect_uri: str = DEFAULT_REDIRECT_URI,
    pkce: bool = True,
    listen: str = "",
) -> Result:
    """Store an OAuth app as it is registered in Close.

    ``listen`` is where a tunnel behind the redirect URI delivers. Connections of this client id
    whose app was removed belong to it again.
    """
    app = App(
        id=new_id("app"),
        name=names.checked(name),
        client_id=checked_client_id(client_id),
        redirect_uri=validate_redirect_uri(redirect_uri),
        pkce=pkce,
    )
    if listen:
        app = app._replace(listen=validate_listen(listen, app.redirect_uri))
    secret = checked_secret(client_secret)
    vault = desk.make_vault()
    await desk.unlock()
    with vault.transaction():
        vault.add_app(app, secret, desk.clock())
        _record(desk, app, "add", "added", f"OAuth app, redirect URI {app.redirect_uri}")
    done = _result(desk, app, "add", "added", f"Its redirect URI in Close: {app.redirect_uri}")
    return done._replace(advice=port.warning(app.redirect_uri))


async def set_app(
    desk: Desk,
    app: App,
    *,
    redirect_uri: str | None = None,
    pkce: bool | None = None,
    listen: str | None = None,
    client_secret: Secret | None = None,
) -> Result:
    """Change an app's redirect URI, PKCE, tunnel or client secret; what is None stays.

    An empty ``listen``, and a new redirect URI on this machine itself, end the tunnel.
    """
    changed = app._replace(
        redirect_uri=app.redirect_uri
        if redirect_uri is None
        else validate_redirect_uri(redirect_uri),
        pkce=app.pkce if pkce is None else pkce,
    )
    changed = _with_tunnel(changed, listen)
    secret = checked_secret(client_secret)
    if secret is not None:
        await desk.unlock()
    detail = f"Redirect URI {changed.redirect_uri}, PKCE {'on' if changed.pkce else 'off'}"
    if changed.listen:
        detail += f", tunnel to {changed.listen}"
    detail += ", a new client secret." if secret else "."
    with desk.vault.transaction():
        desk.vault.set_app(changed, secret, desk.clock())
        _record(desk, changed, "set", "ok", detail)
    done = _result(desk, changed, "set", "ok", detail)
    return done if redirect_uri is None else done._replace(advice=port.warning(redirect_uri))


def _with_tunnel(app: App, listen: str | None) -> App:
    if listen:
        return app._replace(listen=validate_listen(listen, app.redirect_uri))
    ends = listen == "" or (app.listen and RedirectURI.parse(app.redirect_uri).is_loopback)
    return app._replace(listen="") if ends else app


def remove_app(desk: Desk, app: App) -> Result:
    """Forget an app that no connection needs, neither a live one nor one that is being revoked."""
    with desk.vault.transaction():
        return _remove_app(desk, app)


def _remove_app(desk: Desk, seen: App) -> Result:
    app = desk.vault.app(seen.id)
    if app is None:
        raise NotFound(f"There is no OAuth app named {seen.name} any more.")
    if app.connections:
        raise InUse(
            f"{counted(app.connections, 'connection')} cannot be refreshed or revoked without "
            f"{app.name}.",
            advice="Revoke or remove them first: close-tui list shows them.",
        )
    now = desk.clock()
    left = [c for c in pending(desk.vault.connections(), now) if c.app_id == app.id]
    if left:
        raise InUse(
            f"The revocation of {', '.join(c.name for c in left)} is not done, and trying again "
            f"needs {app.name}.",
            advice="Finish it: close-tui revoke --pending. What Close has accepted is done by "
            "itself within the hour.",
        )
    desk.vault.remove_app(app.id)
    _record(desk, app, "remove", "removed", "Forgotten here. In Close it still exists.")
    return _result(desk, app, "remove", "removed", "Forgotten here. In Close it still exists.")


def _record(desk: Desk, app: App, verb: str, outcome: str, detail: str) -> None:
    desk.vault.record(
        Event(
            at=desk.clock(),
            connection_id=app.id,
            connection=app.name,
            verb=verb,
            outcome=outcome,
            detail=detail,
        )
    )


def _result(desk: Desk, app: App, verb: str, outcome: str, detail: str) -> Result:
    return Result(app.id, app.name, verb, outcome, detail, at=desk.clock())


def checked_client_id(client_id: str) -> str:
    """Return a client id without the space, quotes or name around it, or a UsageError."""
    text = client_id_in(client_id)
    if not text:
        raise UsageError(
            "It needs the client ID.",
            advice="Close shows it under Settings → Developer → OAuth Apps: oa2client_…",
        )
    if not _CLIENT_ID.fullmatch(text):
        raise UsageError(
            "That is not a client id.",
            advice="Close shows it under Settings → Developer → OAuth Apps: oa2client_…",
        )
    return text


def looks_like_close_s(client_id: str) -> bool:
    """Tell whether a client id has the shape of those that Close has been seen to give out."""
    return bool(_SHAPE.fullmatch(client_id))


def checked_secret(client_secret: Secret | None) -> Secret | None:
    """Return a client secret without the space, quotes or name around it, or a UsageError."""
    if client_secret is None:
        return None
    secret = client_secret_in(client_secret)
    if not secret:
        raise UsageError(
            "It needs the client secret.",
            advice="Close shows it once, when the OAuth app is made: 48 letters and digits.",
        )
    if len(secret) > _PASTED_LIMIT or not fits_a_header(secret.reveal()):
        raise UsageError(
            "That is not a client secret.",
            advice="Close shows it once, when the OAuth app is made: 48 letters and digits.",
        )
    return secret
