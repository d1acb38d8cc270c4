"""What the app does a command does, and the other way round; or a reason stands here.

A new key or command without an entry makes this fail.
"""

from __future__ import annotations

import pkgutil
import shlex
from collections.abc import Iterator
from importlib import import_module

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

import close_tui.tui
from close_tui.cli.commands import parse
from close_tui.tui.screens.vault import COMMANDS as COMMANDS_OF_THE_VAULT
from tests.cli.examples import parsers

MOVES = "- moves, or chooses what is looked at: a script has grep, jq and sort"
DIALOG = "- a step inside of a dialog: the command asks the same on its terminal, or has a flag"
SAYS = "- says why a key does nothing here: the command's error does"

KEYS = {
    "main.add_key": "add key NAME",
    "main.add_app": "add app NAME --client-id ID",
    "main.authorize": "authorize APP --name NAME --organization orga_1",
    "main.refresh": "refresh NAME --json",
    "main.test": "test NAME --json",
    "main.revoke": "revoke NAME OTHER --reason TEXT",
    "main.find_leak": "find",
    "main.incidents": "incident list",
    "main.remove": "remove NAME --yes",
    "main.results": "test NAME OTHER",
    "main.undo_remove": "- a command asks first, and then does it at once",
    "main.rotate": "rotate NAME",
    "main.reconnect": "reconnect",
    "main.retry_pending": "revoke --pending",
    "main.auto_refresh": "set connection NAME --no-auto-refresh",
    "main.auto_refresh_of_all": "set vault --no-auto-refresh",
    "main.rename": "rename OLD NEW",
    "main.import": "import clients.csv",
    "main.apps": "apps",
    "main.vault": "vault check",
    "main.doctor": "doctor",
    "main.settings": "settings show",
    "main.certificate": "certificate show",
    "main.unlock": "- a command asks for the passphrase when it needs the key",
    "main.help": "- close-tui --help",
    "main.say_revoked": SAYS,
    "main.say_hidden": SAYS,
    "main.say_hidden_fresh": SAYS,
    "main.say_hidden_remove": SAYS,
    "main.filter": "list --filter org:acme",
    "main.sort": MOVES,
    "main.needs_first": MOVES,
    "main.back": MOVES,
    "quit": MOVES,
    "quit.anywhere": MOVES,
    "list.down": MOVES,
    "list.up": MOVES,
    "list.first": MOVES,
    "list.last": MOVES,
    "list.page_down": MOVES,
    "list.page_up": MOVES,
    "list.mark": "- several are named behind each other, or with --organization, --app, --user",
    "list.mark_down": "- likewise",
    "list.mark_up": "- likewise",
    "list.mark_range": "- likewise",
    "list.mark_shown": "list --filter org:acme",
    "list.open": "show NAME",
    "main.copy": "token NAME",
    "main.copy_redirect": "settings show",
    "add.copy_redirect": "settings show",
    "main.reveal": "token NAME",
    "detail.copy": "token NAME",
    "detail.reveal": "token NAME",
    "detail.authorize": "authorize APP --name NAME",
    "detail.refresh": "refresh NAME",
    "detail.test": "test NAME",
    "detail.revoke": "revoke NAME",
    "detail.remove": "remove NAME",
    "detail.add_key": "add key NAME",
    "detail.rename": "rename OLD NEW",
    "detail.back": MOVES,
    "detail.help": "- close-tui --help",
    "detail.down": MOVES,
    "detail.up": MOVES,
    "hand_out.previous": MOVES,
    "hand_out.next": MOVES,
    "leak.revoke": "revoke NAME",
    "leak.again": "find --file app.log",
    "incident.copy": "incident export last",
    "incidents.copy": "incident export last",
    "incident.back": MOVES,
    "incident.help": "- close-tui --help",
    "incident.down": MOVES,
    "incident.up": MOVES,
    "incident.left": MOVES,
    "incident.right": MOVES,
    "incidents.back": MOVES,
    "incidents.help": "- close-tui --help",
    "incidents.close": "incident close inc-1 --reason TEXT",
    "close_incident.do": "incident close inc-1 --reason TEXT",
    "rename.do": "rename OLD NEW",
    "import.look": "import clients.csv --dry-run",
    "importing.add": "import clients.csv",
    "filter.keep": MOVES,
    "filter.list": MOVES,
    "filter.clear": MOVES,
    "apps.help": "- close-tui --help",
    "apps.back": MOVES,
    "apps.add": "add app NAME --client-id ID",
    "apps.authorize": "authorize APP",
    "apps.change": "set app NAME --secret",
    "apps.remove": "remove app NAME",
    "change_app.do": "set app NAME --redirect-uri https://localhost:25673/callback --no-pkce",
    "doctor.copy": "doctor",
    "doctor.again": "doctor",
    "settings.edit": "settings edit",
    "settings.copy": "settings path",
    "settings.ids": "- the app alone has keys",
    "vault.unlock": "- a command asks for the passphrase when it needs the key",
    "vault.again": "vault check",
    "vault.export": "vault export backup.age",
    "vault.move_key": "vault move-key keyring",
    "vault.rekey": "vault rekey",
    "vault.copy": "- copies commands",
    "export.do": "vault export backup.age --recipient age1…",
    "rekey.do": "vault rekey",
    "move_key.do": "vault move-key file FILE",
    "page.help": "- close-tui --help",
    "page.back": MOVES,
    "page.down": MOVES,
    "welcome.down": MOVES,
    "welcome.up": MOVES,
    "page.up": MOVES,
    "paper.first": MOVES,
    "paper.last": MOVES,
    "paper.page_down": MOVES,
    "paper.page_up": MOVES,
    "add": "add key NAME",
    "rotate.do": "rotate NAME --from-env VAR",
    "revoke.previous": MOVES,
    "revoke.next": MOVES,
    "revoke.unlock": DIALOG,
    "revoking.close": MOVES,
    "revoking.skip": DIALOG,
    "revoking.open": DIALOG,
    "revoking.copy": DIALOG,
    "revoking.copy_record": "incident export last",
    "revoking.try_again": "revoke --pending",
    "authorize.copy": "authorize APP --no-browser",
    "authorize.y": "authorize APP --no-browser",
    "authorize.open": "authorize APP --browser",
    "authorize.qr": "authorize APP --no-browser --qr",
    "authorize.forward": "authorize APP --no-browser",
    "qr.back": MOVES,
    "dialog.cancel": MOVES,
    "dialog.help": "- close-tui --help",
    "help.close": MOVES,
    "leaving.stay": MOVES,
}
"""What each key of ours does, as a command line; behind a dash: why there is none."""

SHELL = "- reads or prints what a shell sends on; the vault screen names the command"

COMMANDS = {
    "list": "- the main screen",
    "show": "list.open",
    "apps": "main.apps",
    "history": "list.open",
    "add": "main.add_key",
    "add key": "main.add_key",
    "add app": "main.add_app",
    "import": "main.import",
    "authorize": "main.authorize",
    "certificate": "main.certificate",
    "certificate show": "main.certificate",
    "certificate trust": "main.certificate",
    "certificate untrust": "main.certificate",
    "certificate renew": "main.certificate",
    "set": "main.auto_refresh",
    "set app": "apps.change",
    "set connection": "main.auto_refresh",
    "set vault": "main.auto_refresh_of_all",
    "test": "main.test",
    "refresh": "main.refresh",
    "token": "main.copy",
    "exec": "- is for scripts",
    "find": "main.find_leak",
    "revoke": "main.revoke",
    "incident": "main.incidents",
    "incident list": "main.incidents",
    "incident show": "main.incidents",
    "incident export": "incidents.copy",
    "incident close": "incidents.close",
    "rotate": "main.rotate",
    "reconnect": "main.reconnect",
    "remove": "main.remove",
    "rename": "main.rename",
    "vault": "main.vault",
    "vault check": "main.vault",
    "vault export": "vault.export",
    "vault import": SHELL,
    "vault rekey": "vault.rekey",
    "vault move-key": "vault.move_key",
    "vault identity": SHELL,
    "vault destroy": "- the last resort has no key that a finger can slip on",
    "settings": "main.settings",
    "settings show": "main.settings",
    "settings edit": "settings.edit",
    "settings path": "settings.copy",
    "completion": "- is for shells",
    "doctor": "main.doctor",
    "demo": "- begins the app",
}
"""The key that does what a command does; behind a dash: why there is none."""

NOT_IN_THE_APP = frozenset(
    {
        "list",
        "exec",
        "vault import",
        "vault identity",
        "vault destroy",
        "completion",
        "demo",
    }
)
"""The only commands that may have a reason in place of a key."""


def bindings() -> Iterator[tuple[str, Binding]]:
    """Every key that is declared in the app, with the module that declares it."""
    for module in pkgutil.walk_packages(close_tui.tui.__path__, "close_tui.tui."):
        for found in vars(import_module(module.name)).values():
            is_ours = isinstance(found, type) and found.__module__ == module.name
            if is_ours and issubclass(found, DOMNode):
                for each in found.__dict__.get("BINDINGS", ()):
                    assert isinstance(each, Binding), f"{module.name}: {each}"
                    yield module.name, each


def test_every_key_has_a_command_or_a_reason() -> None:
    """And the table names no key that is gone."""
    found = {binding.id for _, binding in bindings()}

    assert None not in found
    assert found == set(KEYS)


@pytest.mark.parametrize("key", [key for key, line in KEYS.items() if line[0] != "-"])
def test_a_keys_command_exists(key: str) -> None:
    """With the flags that it is given here."""
    assert callable(parse(shlex.split(KEYS[key])).run)


def test_every_command_has_a_key_or_a_reason() -> None:
    """And the table names no command that is gone."""
    assert {name for name, _ in parsers()} == set(COMMANDS)
    named = {key for key in COMMANDS.values() if key[0] != "-"}
    assert named <= set(KEYS)


def test_an_excuse_is_no_way_out() -> None:
    """What a person expects of the app has a key; who takes one away must change this list."""
    assert NOT_IN_THE_APP == {name for name, key in COMMANDS.items() if key[0] == "-"}


def test_what_the_app_leaves_to_a_shell_is_named_in_it() -> None:
    """The vault screen shows the command line."""
    shown = {" ".join(command.split()[1:3]) for command, _ in COMMANDS_OF_THE_VAULT}

    assert {name for name in NOT_IN_THE_APP if name.startswith("vault ")} == shown


def test_every_key_says_what_it_does() -> None:
    """The palette and the help show it."""
    assert [] == [binding.id for _, binding in bindings() if not binding.tooltip]
