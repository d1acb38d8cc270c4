"""Where close-tui runs, told from the environment, and the way back to it from elsewhere."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from close_tui.callback.addresses import RedirectURI
from close_tui.callback.surroundings import DESK, Place, Surroundings, look

if TYPE_CHECKING:
    from tests.conftest import Need

LOCAL = RedirectURI.parse("https://localhost:25673/callback")
LINUX = "Linux version 6.1.0-28-amd64 (debian-kernel@lists.debian.org)"
WSL = "Linux version 5.15.153.1-microsoft-standard-WSL2 (root@941d701f84f1)"
OVER_SSH = {"SSH_CONNECTION": "198.51.100.7 52144 203.0.113.5 22", "LOGNAME": "ada"}


@pytest.fixture
def kernel(tmp_path: Path) -> Path:
    """What an ordinary Linux says it is."""
    path = tmp_path / "version"
    path.write_text(LINUX)
    return path


@pytest.mark.parametrize(
    ("environment", "platform", "place"),
    [
        ({"DISPLAY": ":0"}, "linux", Place.DESK),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", Place.DESK),
        ({}, "linux", Place.HEADLESS),
        ({"DISPLAY": ""}, "linux", Place.HEADLESS),
        ({}, "freebsd14", Place.HEADLESS),
        ({}, "darwin", Place.DESK),
        ({}, "win32", Place.DESK),
        (OVER_SSH, "darwin", Place.SSH),
        (OVER_SSH, "linux", Place.SSH),
        ({**OVER_SSH, "DISPLAY": "localhost:10.0"}, "linux", Place.SSH),
        ({"SSH_TTY": "/dev/pts/1", "DISPLAY": ":0"}, "linux", Place.SSH),
        ({"WSL_DISTRO_NAME": "Debian"}, "linux", Place.WSL),
        ({"WSL_DISTRO_NAME": "Debian", "DISPLAY": ":0"}, "linux", Place.WSL),
        ({"WSL_DISTRO_NAME": "Debian", **OVER_SSH}, "linux", Place.SSH),
    ],
)
def test_a_place_is_recognized(
    environment: dict[str, str], platform: str, place: Place, kernel: Path
) -> None:
    """SSH before everything else, then WSL, then whether there is a screen."""
    found = look(environment, platform=platform, kernel=kernel)

    assert place == found.place
    assert (place in (Place.DESK, Place.WSL)) == found.opens
    assert found.opens == (found.why_not == "")


def test_wsl_is_recognized_by_its_kernel(tmp_path: Path) -> None:
    """Also where sudo or a service has dropped the variable."""
    kernel = tmp_path / "version"
    kernel.write_text(WSL)

    assert Place.WSL == look({}, platform="linux", kernel=kernel).place
    assert Place.HEADLESS == look({}, platform="linux", kernel=tmp_path / "missing").place


@pytest.mark.parametrize(
    ("browser", "named"),
    [
        ("firefox", "firefox"),
        ("/opt/a browser/run %s", "/opt/a browser/run %s"),
        ("lynx:chromium %s", "chromium %s"),
        ("lynx", ""),
        ("w3m %s:links", ""),
        ("/usr/bin/elinks", ""),
        ("www-browser", ""),
        ("", ""),
        (":", ""),
        ("'", "'"),
    ],
)
def test_the_browser_of_the_environment_is_a_wish(browser: str, named: str, kernel: Path) -> None:
    """Who names one over SSH will see it, as editors do that forward it; a text browser never."""
    found = look({**OVER_SSH, "BROWSER": browser}, platform="linux", kernel=kernel)

    assert named == found.browser
    assert bool(named) == found.opens


def test_a_text_browser_behind_a_link_is_one(tmp_path: Path, kernel: Path) -> None:
    """As Debian's alternatives have it."""
    lynx = tmp_path / "lynx"
    lynx.write_text("#!/bin/sh\n")
    lynx.chmod(0o755)
    (tmp_path / "my-browser").symlink_to(lynx)
    env = {"BROWSER": "my-browser", "PATH": str(tmp_path)}

    assert "" == look(env, platform="linux", kernel=kernel).browser


@pytest.mark.parametrize(
    ("connection", "uri", "command"),
    [
        ("198.51.100.7 52144 203.0.113.5 22", LOCAL.text,
         "ssh -L 25673:localhost:25673 ada@203.0.113.5"),
        ("198.51.100.7 52144 203.0.113.5 2222", "https://127.0.0.1:8443/",
         "ssh -L 8443:127.0.0.1:8443 -p 2222 ada@203.0.113.5"),
        ("2001:db8::7 52144 2001:db8::5 22", "https://[::1]:8443/",
         "ssh -L '[::1]:8443:[::1]:8443' ada@2001:db8::5"),
        ("198.51.100.7 52144 203.0.113.5 22", "https://localhost/callback",
         "ssh -L 443:localhost:443 ada@203.0.113.5"),
    ],
)  # fmt: skip
def test_the_way_back_over_ssh_is_a_command(
    connection: str, uri: str, command: str, kernel: Path
) -> None:
    """Port and host come from the redirect URI, user, address and port from the SSH connection."""
    env = {"SSH_CONNECTION": connection, "LOGNAME": "ada"}
    found = look(env, platform="linux", kernel=kernel)

    assert command == found.forwarding(RedirectURI.parse(uri))


@pytest.mark.real
def test_ssh_understands_the_command(kernel: Path, need: Need) -> None:
    """The client parses it to the host, user, port and forwarding that are meant."""
    ssh = need("ssh")
    env = {"SSH_CONNECTION": "198.51.100.7 52144 203.0.113.5 2222", "LOGNAME": "ada"}
    found = look(env, platform="linux", kernel=kernel)
    for uri in ("https://localhost:25673/callback", "https://[::1]:8443/"):
        command = shlex.split(found.forwarding(RedirectURI.parse(uri)))
        told = subprocess.run(
            [ssh, "-G", *command[1:]], capture_output=True, text=True, check=True, timeout=60
        ).stdout

        assert "\nuser ada\n" in f"\n{told}"
        assert "\nhostname 203.0.113.5\n" in told
        assert "\nport 2222\n" in told
        assert "\nlocalforward " in told


def test_the_other_name_of_the_machine_is_offered(kernel: Path) -> None:
    """The address may be one that only this network knows."""
    found = look(OVER_SSH, platform="linux", kernel=kernel)._replace(name="build-7")

    assert "(build-7)" in found.forwarding_hint(LOCAL)
    assert "administrator" in found.forwarding_hint(RedirectURI.parse("https://localhost/"))
    assert "" == found._replace(host="build-7").forwarding_hint(LOCAL)


@pytest.mark.parametrize(
    "connection",
    ["", "1 2 3", "a b $(reboot) 22", "127.0.0.1 5 127.0.0.1 22", "198.51.100.7 1 203.0.113.5 -oX"],
)
def test_an_unusable_connection_leaves_the_hostname(connection: str, kernel: Path) -> None:
    """What is no address does not get into a command that people copy."""
    env = {"SSH_CONNECTION": connection, "SSH_TTY": "/dev/pts/0", "LOGNAME": "ada"}
    found = look(env, platform="linux", kernel=kernel)

    assert (found.name, "") == (found.host, found.ssh_port)
    assert found.forwarding(LOCAL).startswith("ssh -L 25673:localhost:25673 ada@")


def test_a_hostile_user_name_stays_one_word(kernel: Path) -> None:
    """It is quoted for the shell, without what a terminal acts on, and is no option."""
    env = {**OVER_SSH, "LOGNAME": "-oProxyCommand=x\x1b[2J; rm -rf ~"}
    command = look(env, platform="linux", kernel=kernel).forwarding(LOCAL)

    assert "\x1b" not in command
    assert ["ssh", "-L", "25673:localhost:25673"] == shlex.split(command)[:3]
    assert 4 == len(shlex.split(command))
    assert not shlex.split(command)[3].startswith("-")


@pytest.mark.parametrize(
    ("here", "uri"),
    [
        (DESK, LOCAL.text),
        (Surroundings(Place.WSL, user="ada", host="pc"), LOCAL.text),
        (Surroundings(Place.SSH, user="ada", host="pc"), "https://acme.ngrok.app/callback"),
    ],
)
def test_no_command_where_none_is_needed(here: Surroundings, uri: str) -> None:
    """A browser on the same desk comes back by itself, and one far away by its tunnel."""
    assert "" == here.forwarding(RedirectURI.parse(uri))
