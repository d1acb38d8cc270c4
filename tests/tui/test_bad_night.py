"""The bad night from end to end: a pasted leak, fifty connections, every verdict right."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest
from textual.events import Paste

from close_tui.model import App, SecretKind
from close_tui.operations.desk import Desk
from close_tui.operations.incident import hash_of_last, incidents
from close_tui.operations.incident_text import VERDICTS, markdown
from close_tui.sandbox.faults import DROPPED, UNAVAILABLE, Fault, latency
from close_tui.secret import Secret
from close_tui.tui.widgets.target_list import TargetList
from tests.tui.town import MARKER

if TYPE_CHECKING:
    from close_tui.sandbox import records
    from tests.tui.town import Town

ORGANIZATIONS: Final = 10
MEMBERS: Final = 5
CONNECTIONS: Final = ORGANIZATIONS * MEMBERS
LATENCY_S: Final = 0.1
OWN_APPS: Final = ("org-1-1", "org-2-2")
KEYS: Final = ("org-0-key", "org-4-key", "org-9-key")


class Night:
    """Fifty connections in ten organizations, three of them keys, two with an app of their own.

    Attributes:
        secrets: what leaks: one secret of each connection.
        expected: the verdict that each must come to, by name.

    """

    def __init__(self, town: Town) -> None:
        self.town = town
        self.secrets: list[str] = []
        self.expected: dict[str, str] = {}
        self.keys: dict[str, records.ApiKey] = {}

    def fall(self) -> None:
        """Store everything, then let the trouble begin."""
        world = self.town.world
        for number in range(ORGANIZATIONS):
            where = world.add_organization(f"Organization {number}")
            users = [
                world.add_user(f"u{number}{n}@example.com", f"User {number}{n}", [where])
                for n in range(MEMBERS)
            ]
            for n, user in enumerate(users):
                name = f"org-{number}-{n}"
                if n == 0 and f"org-{number}-key" in KEYS:
                    self._key(f"org-{number}-key", where, user)
                else:
                    self._grant(name, where, user)
        self._trouble("org-1-1", UNAVAILABLE)
        self._trouble("org-2-2", DROPPED)
        dead = self.town.vault.secret(self.town.named("org-3-3"), SecretKind.REFRESH_TOKEN)
        assert dead is not None
        world.kill_family(dead.reveal())
        self.expected["org-3-3"] = "accepted_not_proved"
        world.faults.add(latency(LATENCY_S), times=None)

    def _key(self, name: str, where: records.Organization, user: records.User) -> None:
        self.town.ada, before = user, self.town.ada
        self.keys[name] = self.town.key(name, where)
        self.town.ada = before
        self.secrets.append(self.keys[name].text)
        self.expected[name] = "dead_proved"

    def _grant(self, name: str, where: records.Organization, user: records.User) -> None:
        before, usual = self.town.oauth_app, self.town.app
        if name in OWN_APPS:
            made = self.town.world.add_app(name, usual.redirect_uri)
            app = App(f"app_{name}", name, made.client_id, usual.redirect_uri)
            self.town.vault.add_app(app, Secret(made.client_secret), self.town.clock())
            self.town.oauth_app, self.town.app = made, app
        connection = self.town.grant(name, where, by=user)
        self.town.oauth_app, self.town.app = before, usual
        token = self.town.vault.secret(connection, SecretKind.ACCESS_TOKEN)
        assert token is not None
        self.secrets.append(token.reveal())
        self.expected[name] = "dead_proved"

    def _trouble(self, name: str, fault: Fault) -> None:
        """Let no revocation of the app with this name come through."""
        app = next(app for app in self.town.vault.apps() if app.name == name)
        self.town.world.faults.add(fault, "revoke", times=None, client_id=app.client_id)
        self.expected[name] = "failed"

    def log(self) -> str:
        """Return the log in which everything leaked, among other lines."""
        noise = "2027-01-15T07:59:59Z GET /api/v1/lead/ 200 id=9f2c41d07ab3e58c9f2c41d07ab3e58c\n"
        return "".join(f"{noise * 20}Authorization: Bearer {each}\n" for each in self.secrets)


@pytest.mark.usefixtures("open_at_once")
async def test_fifty_connections_die_and_every_verdict_is_right(town: Town) -> None:
    """One 5xx-ing, one unreachable, one dead before, three keys: screen and record agree."""
    night = Night(town)
    night.fall()
    async with town.show() as screen:
        await screen.opened()
        await screen.press("exclamation_mark")
        await screen.on("Leak")
        screen["#leaked"].post_message(Paste(night.log()))
        await screen.sees(f"{CONNECTIONS} secrets of this vault", f"Revoke {CONNECTIONS} (X)")
        await screen.press("X")
        await screen.on("Revoke")
        await screen.sees("47 will be revoked and proved, 3 by hand.")
        await screen.type("#count", str(CONNECTIONS))
        await screen.type("#reason", "pasted into a public ticket")
        screen["#revoke"].focus()
        await screen.press("enter")
        await screen.on("Revoking")
        listed = screen.app.screen.query_one(TargetList)
        await screen.until(lambda: len(listed.results) == CONNECTIONS)
        for number, name in enumerate(KEYS, start=1):
            await screen.sees(f"Key {number} of {len(KEYS)}: delete {night.keys[name].id}")
            assert night.keys[name].id == screen.app.clipboard
            town.world.delete_api_key(night.keys[name].id)
        await screen.sees("Record: inc-", "dead 47 · not proved 1 · failed 2")
        shown = {result.name: result.outcome for result in listed.results}
    async with Desk(town.settings, clock=town.clock) as desk:
        record = incidents(desk)[0]
        exported = markdown(record, hash_of_last(desk, record))
    told = dict(
        re.findall(r"^\| `(org-[^`]+)` \|.*\| ([^|]+) \| [^|]+ \|$", exported, re.MULTILINE)
    )

    assert night.expected == shown
    assert night.expected == {target.name: target.verdict for target in record.targets}
    assert {name: VERDICTS[word] for name, word in night.expected.items()} == told
    assert "`pasted into a public ticket`" in exported
    assert MARKER not in exported
    assert len(night.expected) == CONNECTIONS
