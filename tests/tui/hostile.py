"""Names that try to break out, a town full of them, and what it means that they did not."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment

from close_tui.leaks import Operator
from close_tui.model import Connection
from close_tui.operations.add import add_key
from close_tui.operations.desk import Desk
from close_tui.operations.keep import rename
from close_tui.operations.kill import begin, kill
from close_tui.secret import Secret
from tests.tui.town import Screen, Town

SEEN: Final = "[@click=app.bell]"
"""Begins every name, and is to be read wherever one is shown."""

BREAKOUTS: Final = {
    "csi": "\x1b[2J\x1b[31m\x1b[999;999H\x9b7m",
    "clipboard": "\x1b]52;c;UFdORUQ=\x07\x9d52;c;UFdORUQ=\x9c",
    "title": "\x1b]0;PWNED\x07\x1b]2;PWNED\x1b\\\x1bkPWNED\x1b\\",
    "link": "\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\",
    "markup": "it[/][/x] [bold red]red[link=https://evil.example]x [$text-error]",
    "bidi": "\u202eolleh\u2066\u2069\u200f",
    "zero": "a\u200bb\u200dc\u2060d\ufeffe",
    "tags": "\U000e0041\U000e0042\U000e007f",
    "lines": "one\r\ntwo\u2028three\x0bfour\x85five\ttab",
    "emoji": "👩\u200d👩\u200d👧 🏴\U000e0067\U000e007f 🚀",
    "cjk": "株式会社さくら花丸商事",
    "combining": "e" + "\u0301\u0489" * 40,
    "long": "x" * 10_000,
}
NAMES: Final = {kind: f"{SEEN}{text}" for kind, text in BREAKOUTS.items()}
WORST: Final = SEEN + "".join(BREAKOUTS.values())
"""All of it in one name."""

ALLOWED: Final = f"{SEEN}it[bold red]{BREAKOUTS['cjk']} 🚀 [$text-error]"
"""The worst that the verbs take as a name of ours: without controls, and without a slash."""

_DRAWN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_TEXTS: Final = (
    "organizations.name", "users.email", "users.name", "connections.description",
    "connections.scope", "connections.key_id", "connections.fingerprint", "apps.listen",
    "fingerprints.owner_name",
)  # fmt: skip


async def live_among(town: Town) -> None:
    """Store hostile names the way they come: from Close's answers, from a person, from a record."""
    town.acme = town.world.add_organization(WORST)
    town.globex = town.world.add_organization(SEEN + "globex\x1b]0;PWNED\x07")
    town.ada = eve = town.world.add_user(WORST, WORST, [town.acme, town.globex])
    town.vault.process = WORST
    town.vault.remove_app(town.app.id)
    town.app = town.app._replace(name=ALLOWED)
    town.vault.add_app(town.app, Secret(town.oauth_app.client_secret), town.clock())
    made = town.world.add_api_key(eve, town.acme)
    async with Desk(town.settings, clock=town.clock) as desk:
        await add_key(desk, ALLOWED, Secret(made.text), WORST)
        shown = town.grant("grant", app=ALLOWED, description=WORST, scope=WORST)
        rename(desk, shown, f"{SEEN}grant")
        ended = town.grant("ended", town.globex)
        rename(desk, ended, f"{SEEN}ended")
        incident = begin(desk, [ended], WORST, Operator(WORST, WORST))
        await kill(desk, [town.named(f"{SEEN}ended")], incident, lambda _: None)


def write_into_the_file(town: Town) -> None:
    """Overwrite every text of the vault's file that nothing is looked up by."""
    with closing(sqlite3.connect(town.settings.home / "vault.db")) as file, file:
        for column in _TEXTS:
            table, name = column.split(".")
            if column != "vault.place_detail":
                file.execute(f"UPDATE {table} SET {name} = ?", (WORST,))
        for (id_,) in file.execute("SELECT id FROM connections").fetchall():
            values = (WORST + id_, WORST, "nobody" + WORST, id_)
            file.execute(
                "UPDATE connections SET name = ?, description = ?, check_outcome = ? WHERE id = ?",
                values,
            )
            file.execute(
                "INSERT INTO events (at, connection_id, connection, verb, outcome, detail, reason,"
                " incident, facts, process) VALUES (?, ?, ?, ?, ?, ?, ?, '', ?, ?)",
                (town.clock(), id_, *[WORST] * 7),
            )
        file.execute("UPDATE apps SET name = ?", (WORST,))
        file.execute(
            "INSERT INTO events (at, connection_id, connection, verb, outcome, detail, reason,"
            " incident, facts, process) SELECT at, connection_id, connection, verb, outcome,"
            " detail, reason, ?, facts, process FROM events WHERE incident != ''",
            (WORST,),
        )
        for kind, name in NAMES.items():
            file.execute("INSERT INTO organizations VALUES (?, ?)", (f"orga_{kind}", name))
            file.execute("INSERT INTO users VALUES (?, ?, ?)", (f"user_{kind}", name, name))
            file.execute(
                "INSERT INTO connections (id, name, description, kind, organization_id, user_id,"
                " key_id, scope, generation, fingerprint, can_refresh, created_at)"
                " VALUES (?, ?, ?, 'api_key', ?, ?, ?, ?, 1, ?, 0, ?)",
                (kind, name, name, f"orga_{kind}", f"user_{kind}", *[name] * 3, town.clock()),
            )


def connection_of(town: Town, kind: str) -> Connection:
    """Return the living connection of a kind: the one that came through the verbs."""
    return next(
        c
        for c in town.vault.connections()
        if c.kind.value == kind and c.frozen_at is None and c.id.startswith("conn_")
    )


def trouble(screen: Screen) -> Iterator[str]:
    """Say what on the screen is more than text, or does not fit."""
    app = screen.app
    for y, strip in enumerate(app.screen._compositor.render_strips(app.size)):
        if strip.cell_length != app.size.width:
            yield f"line {y} has {strip.cell_length} cells"
        yield from _trouble(strip)
    for toast in app._notifications:
        yield from _acting(toast.message + toast.title)
    if "PWNED" in app.title or "PWNED" in (app.sub_title or ""):
        yield "the title is another"
    if not app.is_running or app._exception is not None:
        yield f"it has stopped: {app._exception!r}"


def _trouble(segments: Iterable[Segment]) -> Iterator[str]:
    for segment in segments:
        yield from _acting(segment.text)
        style = segment.style
        if style is not None and (style.link or "app.bell" in str(style.meta)):
            yield f"{segment.text!r} can be clicked"


def _acting(text: str) -> Iterator[str]:
    for c in text:
        if unicodedata.category(c) in _DRAWN and c != "\n":
            yield f"U+{ord(c):04X} in {text[:60]!r}"


def columns_of(screen: Screen, word: str) -> set[int]:
    """Return the cells in which a word begins on the lines of the list of connections."""
    x, y, width, height = screen.board.connection_list.region
    lines = [
        set_cell_size(line, x + width)[len(set_cell_size(line, x)) :]
        for line in screen.text.splitlines()[y : y + height]
    ]
    return {cell_len(line[: line.rindex(word)]) for line in lines if word in line}
