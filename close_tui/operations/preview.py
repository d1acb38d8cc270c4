"""Preview: whose key was pasted, before anything is stored."""

from __future__ import annotations

from typing import NamedTuple

from close_tui.close.credential import Basic
from close_tui.errors import NoVault
from close_tui.operations.add import organization_of
from close_tui.operations.desk import Desk
from close_tui.operations.pasted_key import Pasted, recognized
from close_tui.secret import Secret
from close_tui.text import numbered, plain_name


class Preview(NamedTuple):
    """What is known of a key before it is stored; nothing here is secret.

    Attributes:
        form: what it was pasted as.
        organization: whose data it opens, by name.
        user: as whom.
        suggested: a name that is free.

    """

    form: str
    organization: str
    user: str
    suggested: str


def known_as(desk: Desk, pasted: Secret) -> tuple[Pasted, str]:
    """Return the key that was pasted, and in a sentence where it is known from; empty: new.

    Sends nothing, needs no key to the vault. UsageError when there is no key in it.
    """
    found = recognized(pasted)
    try:
        held = [one for one in desk.vault.held(found.key.sha256) if one.kind == "api_key"]
        there = [desk.vault.connection(one.owner) for one in held]
    except NoVault:
        return found, ""
    for one in there:
        if one is not None and one.revoked_at is None:
            return found, f"This key is here already, as {one.name}."
    return found, f"This key was here before, as {held[0].name}." if held else ""


async def preview(desk: Desk, pasted: Secret) -> Preview:
    """Ask Close whose key was pasted. Nothing is stored; errors as for ``add_key``."""
    found = recognized(pasted)
    answer = await desk.close.me(Basic(found.key))
    organization = organization_of(answer)
    where = organization.name or organization.id
    try:
        taken = {c.name for c in desk.vault.connections() if c.revoked_at is None}
    except NoVault:
        taken = set()
    return Preview(
        found.form,
        where or "no organization",
        " ".join(filter(None, (answer.user.name, answer.user.email))) or answer.user.id,
        numbered(plain_name(where or answer.user.email), taken),
    )
