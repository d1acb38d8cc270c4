"""Settings: what the environment says, else the settings file, else the default."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from close_tui.errors import UsageError

CLOSE_API_URL: Final = "https://api.close.com"
CLOSE_APP_URL: Final = "https://app.close.com"
DEFAULT_REDIRECT_URI: Final = "https://localhost:25673/callback"
"""25673 spells CLOSE on a phone."""

AUTHORIZE_WAIT_S: Final = 300.0
THEME: Final = "textual-dark"
THEMES: Final = (
    THEME, "textual-light", "nord", "gruvbox", "catppuccin-mocha", "dracula", "tokyo-night",
    "monokai", "flexoki", "catppuccin-latte", "catppuccin-frappe", "catppuccin-macchiato",
    "solarized-light", "solarized-dark", "rose-pine", "rose-pine-moon", "rose-pine-dawn",
    "atom-one-dark", "atom-one-light", "ansi-dark", "ansi-light",
)  # fmt: skip
"""Textual's own, known here so that a command can check the name without Textual."""

FILE_NAME: Final = "settings.toml"
DEMO_PREFIX: Final = "close-tui-demo-"
"""How the name of a demo's home begins."""

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST_S: Final = 86400.0


class Settings(NamedTuple):
    """What a run of close-tui is told from outside.

    Attributes:
        home: the folder that holds all state.
        api_url: where the API and the token endpoint are, without a trailing slash.
        app_url: where the consent screen and the settings pages are, likewise.
        identity_file: an age identity file.
        passphrase_file: a file that holds a passphrase.
        redirect_uri: what an OAuth app is given when nothing else is said.
        authorize_wait_s: how long an authorization waits for the browser.
        certificate_file: the owner's own certificate for the local address, in the place of ours.
        certificate_key_file: its key, where that is not in the same file.
        theme: the app's colours.
        keys: other keys of the app: the id of a binding, and its keys with commas between.

    """

    home: Path
    api_url: str = CLOSE_API_URL
    app_url: str = CLOSE_APP_URL
    identity_file: Path | None = None
    passphrase_file: Path | None = None
    redirect_uri: str = DEFAULT_REDIRECT_URI
    authorize_wait_s: float = AUTHORIZE_WAIT_S
    certificate_file: Path | None = None
    certificate_key_file: Path | None = None
    theme: str = THEME
    keys: tuple[tuple[str, str], ...] = ()

    @property
    def is_passing(self) -> bool:
        """True in a demo: its home goes with it, so that nothing may be left elsewhere."""
        return self.home.name.startswith(DEMO_PREFIX)

    @property
    def is_close(self) -> bool:
        """True when both addresses are Close's own."""
        return self.api_url == CLOSE_API_URL and self.app_url == CLOSE_APP_URL

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Return the settings alone; see :func:`read`."""
        return read(environment).settings


class Setting(NamedTuple):
    """One setting, as it is documented.

    Attributes:
        name: in the file.
        variable: its twin in the environment.
        default: in words; what holds where neither says anything.
        example: a TOML value.
        sentence: what it is.
        taken: makes the value of what was given; a UsageError whose message goes on after the
            name says why it cannot be. Paths are relative to the folder.
        stops: whether a mistake in the environment stops everything. Where it only concerns what
            the app looks like, nobody's token waits for it.

    """

    name: str
    variable: str
    default: str
    example: str
    sentence: str
    taken: Callable[[object, Path], object]
    stops: bool = True


class Told(NamedTuple):
    """The settings, and how they came about.

    Attributes:
        settings: what holds.
        file: where the settings file is, or would be.
        origins: for each name ``environment``, ``file`` or ``default``.
        problems: what is wrong, in sentences; what they name is not in effect.

    """

    settings: Settings
    file: Path
    origins: Mapping[str, str]
    problems: tuple[str, ...]


def read(environment: Mapping[str, str] | None = None) -> Told:
    """Read environment and file. A mistake in the environment is a UsageError, but for looks.

    A mistake in the file never stops anything: its setting keeps the default, and is told of.
    """
    env = os.environ if environment is None else environment
    file = settings_file(env)
    values, problems = _from_file(file)
    origins = {each.name: "file" if each.name in values else "default" for each in SETTINGS}
    for setting in SETTINGS:
        if given := env.get(setting.variable):
            try:
                values[setting.name] = setting.taken(given, Path())
            except UsageError as error:
                if not setting.stops:
                    problems.append(f"{setting.variable} {error} It is not used.")
                    continue
                raise UsageError(
                    f"{setting.variable} {error}", advice=f"Correct or unset {setting.variable}."
                ) from None
            origins[setting.name] = "environment"
    if "home" not in values:
        from platformdirs import user_data_path

        values["home"] = user_data_path("close-tui", appauthor=False)
    return Told(Settings(**values), file, origins, tuple(problems))


def settings_file(environment: Mapping[str, str] | None = None) -> Path:
    """Return where the settings file is: in ``CLOSE_TUI_HOME``, else with the user's settings."""
    env = os.environ if environment is None else environment
    if home := env.get("CLOSE_TUI_HOME"):
        return Path(home).expanduser().absolute() / FILE_NAME
    from platformdirs import user_config_path

    return user_config_path("close-tui", appauthor=False) / FILE_NAME


def is_loopback(host: str | None) -> bool:
    """Tell whether a URL's host is this machine and nothing else."""
    return host in _LOOPBACK


def _from_file(file: Path) -> tuple[dict[str, Any], list[str]]:
    """Return the values that the file gives, by name, and what is wrong with it."""
    try:
        file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return {}, []
    except OSError:
        pass  # whatever it is, reading says it in words
    from close_tui.settings_file import written

    found = written(file, [each.name for each in SETTINGS])
    values: dict[str, Any] = {}
    problems = list(found.problems)
    for setting in SETTINGS:
        if setting.name in found.values:
            try:
                values[setting.name] = setting.taken(found.values[setting.name], file.parent)
            except UsageError as error:
                line = found.lines[setting.name]
                problems.append(f"{file}, line {line}: {setting.name} {error} {_IGNORED}")
    return values, problems


_IGNORED: Final = "The default is used."


def _path(given: object, folder: Path) -> Path:
    return (folder / Path(_text(given)).expanduser()).absolute()


def _address(given: object, _: Path) -> str:
    from urllib.parse import urlsplit

    text = _text(given)
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise UsageError("is not an address.") from None
    plain = parts.scheme == "http" and is_loopback(host)
    if not host or not (parts.scheme == "https" or plain):
        raise UsageError("must begin with https:// (http:// only for this machine itself).")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise UsageError("must be a plain address, without user, query or fragment.")
    return text.rstrip("/")


def _redirect_uri(given: object, folder: Path) -> str:
    text = _text(given)
    _address(text, folder)
    if not text.startswith("https://"):
        raise UsageError("must begin with https://: Close refuses plain http redirect URIs.")
    return text


def _seconds(given: object, _: Path) -> float:
    try:
        seconds = float(given) if isinstance(given, str | int | float) else 0.0
    except (ValueError, OverflowError):
        seconds = 0.0
    if isinstance(given, bool) or not 1.0 <= seconds <= _LONGEST_S:
        raise UsageError(f"must be a number of seconds, from 1 to {_LONGEST_S:.0f}.")
    return seconds


def _theme(given: object, _: Path) -> str:
    text = _text(given)
    if text not in THEMES:
        from difflib import get_close_matches

        near = get_close_matches(text.casefold(), THEMES, 1)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(THEMES)}."
        raise UsageError(f"is not a built-in theme. {hint}")
    return text


def _keys(given: object, _: Path) -> tuple[tuple[str, str], ...]:
    """Take a table of ids and keys, or in the environment words such as ``main.test=f5``."""
    if isinstance(given, str):
        pairs = [word.partition("=") for word in given.split()]
        if not all(name and keys for name, _, keys in pairs):
            raise UsageError('must be words such as "main.refresh=f5,r main.test=f6".')
        return tuple((name, keys) for name, _, keys in pairs)
    found = dict(_flat(given, ())) if isinstance(given, dict) else None
    if found is None or not all(isinstance(keys, str) and keys for keys in found.values()):
        raise UsageError('must be a table of texts, such as "main.refresh" = "f5,r".')
    return tuple((name, str(keys)) for name, keys in found.items())


def _flat(table: dict[str, object], above: tuple[str, ...]) -> Iterator[tuple[str, object]]:
    """Yield what stands in a table; without quotes, TOML takes the dots of an id for tables."""
    for name, value in table.items():
        path = (*above, name)
        if isinstance(value, dict):
            yield from _flat(value, path)
        else:
            yield ".".join(path), value


def said(value: object) -> str:
    """Return a setting's value in words."""
    if value is None or value == ():
        return "–"
    if isinstance(value, tuple):
        return " ".join(f"{name}={keys}" for name, keys in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _text(given: object) -> str:
    if not isinstance(given, str) or not given or "\0" in given:
        raise UsageError("must be text, in quotes, and not empty.")
    return given


SETTINGS: Final = (
    Setting(
        "home",
        "CLOSE_TUI_HOME",
        "the platform's folder for data",
        '"~/close"',
        "The folder that holds the vault and everything else that is kept.",
        _path,
    ),
    Setting(
        "api_url",
        "CLOSE_TUI_API_URL",
        CLOSE_API_URL,
        f'"{CLOSE_API_URL}"',
        "Where Close's API is. https, or http on this machine itself.",
        _address,
    ),
    Setting(
        "app_url",
        "CLOSE_TUI_APP_URL",
        CLOSE_APP_URL,
        f'"{CLOSE_APP_URL}"',
        "Where Close's consent screen and settings pages are, likewise.",
        _address,
    ),
    Setting(
        "identity_file",
        "CLOSE_TUI_IDENTITY_FILE",
        "none: the key of a new vault goes into the system keyring",
        '"~/close.key"',
        "An age identity file, the vault's key.",
        _path,
    ),
    Setting(
        "passphrase_file",
        "CLOSE_TUI_PASSPHRASE_FILE",
        "none: a passphrase is asked for where one is needed",
        '"~/close.passphrase"',
        "A file whose first line is the passphrase of the vault's key.",
        _path,
    ),
    Setting(
        "redirect_uri",
        "CLOSE_TUI_REDIRECT_URI",
        DEFAULT_REDIRECT_URI,
        f'"{DEFAULT_REDIRECT_URI}"',
        "The redirect URI of a new OAuth app, when none is named.",
        _redirect_uri,
    ),
    Setting(
        "authorize_wait_s",
        "CLOSE_TUI_AUTHORIZE_WAIT_S",
        f"{AUTHORIZE_WAIT_S:.0f}",
        f"{AUTHORIZE_WAIT_S:.0f}",
        "How many seconds authorize waits for the browser.",
        _seconds,
    ),
    Setting(
        "certificate_file",
        "CLOSE_TUI_CERTIFICATE_FILE",
        "none: close-tui makes one, and browsers warn until they are told to trust it",
        '"~/localhost.pem"',
        "A certificate of yours for the redirect URI's host (mkcert, your company's CA), PEM.",
        _path,
    ),
    Setting(
        "certificate_key_file",
        "CLOSE_TUI_CERTIFICATE_KEY_FILE",
        "none: the key stands in certificate_file",
        '"~/localhost-key.pem"',
        "The key of that certificate, PEM, readable by you alone and not encrypted.",
        _path,
    ),
    Setting(
        "theme",
        "CLOSE_TUI_THEME",
        THEME,
        '"nord"',
        "The colours of the app: the name of one of Textual's themes.",
        _theme,
        stops=False,
    ),
    Setting(
        "keys",
        "CLOSE_TUI_KEYS",
        "none: the keys that ? shows",
        '{ "main.refresh" = "f5,r" }',
        "Other keys for the app. Its settings (,) list the ids, and say what is wrong.",
        _keys,
        stops=False,
    ),
)
