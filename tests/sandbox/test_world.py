"""Who exists, what ids look like, and that a seed gives the same world again."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from close_tui.sandbox.seed import demo_world
from close_tui.sandbox.state import World

if TYPE_CHECKING:
    from tests.sandbox.conftest import Town


def test_ids_and_secrets_have_closes_shapes(town: Town) -> None:
    """Prefixes and lengths as seen in the wild; the marker changes none of them."""
    key, grant = town.world.add_api_key(town.ada, town.acme), town.grant()

    assert re.fullmatch(r"orga_[A-Za-z0-9]{22}", town.acme.id)
    assert re.fullmatch(r"user_[A-Za-z0-9]{22}", town.ada.id)
    assert re.fullmatch(r"oa2client_[A-Za-z0-9]{22}", town.app.client_id)
    assert re.fullmatch(r"CANARY[A-Za-z0-9]{42}", town.app.client_secret)
    assert re.fullmatch(r"api_[A-Za-z0-9]{22}\.CANARY[A-Za-z0-9]{16}", key.text)
    assert re.fullmatch(r"CANARY[A-Za-z0-9]{37}", grant.access_token)
    assert key.id == key.text.split(".")[0]


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:25673/callback",
        "localhost:25673/callback",
        "https:///callback",
        "https://user@host/callback",
        "https://host/callback#fragment",
        "https://host/call back",
        "https://host;x/callback",
        "https://host:port/callback",
        "https://hö.example/callback",
        "",
    ],
)
def test_an_app_is_not_registered_with_a_redirect_uri_that_close_refuses(uri: str) -> None:
    """Https only, plain, without a fragment."""
    world = World()
    with pytest.raises(ValueError):  # noqa: PT011 - urllib has words of its own for some
        world.add_app("App", uri)

    assert {} == world.apps


@pytest.mark.parametrize(
    "uri", ["https://127.0.0.1:1/cb", "https://[::1]:8443/", "https://x.example/cb?a=b"]
)
def test_any_https_redirect_uri_is_registered(uri: str) -> None:
    """Loopback or not, with a port or a query."""
    assert uri == World().add_app("App", uri).redirect_uri


def test_an_api_key_is_for_members(town: Town) -> None:
    """Nobody gets a key to an organization they are not in."""
    with pytest.raises(ValueError, match="not a member"):
        town.world.add_api_key(town.bob, town.acme)


def test_a_marker_that_spoils_the_shapes_is_refused() -> None:
    """Letters and digits, at most twelve."""
    for marker in ("MUCHTOOLONGONE", "a-b", "ü"):
        with pytest.raises(ValueError, match="marker"):
            World(marker=marker)


def test_the_demo_world_is_the_same_for_the_same_seed() -> None:
    """Four organizations, several people, two apps, some keys: ids and secrets included."""
    one, two = (demo_world(clock=lambda: 0.0, random=random.Random(5)) for _ in range(2))
    other = demo_world(clock=lambda: 0.0, random=random.Random(6))

    assert (4, 3, 2, 4) == (
        len(one.organizations),
        len(one.users),
        len(one.apps),
        len(one.api_keys),
    )
    assert (one.organizations, one.users, one.apps, one.api_keys) == (
        two.organizations,
        two.users,
        two.apps,
        two.api_keys,
    )
    assert one.api_keys != other.api_keys
    assert set(one.organizations) == set(one.world.organizations_of(one.users[0]))
    assert one.users[0] == one.world.signed_in_user


def test_the_sandbox_loads_nothing_else_of_close_tui() -> None:
    """A fake that shared code would share bugs."""
    code = (
        "import sys, close_tui.sandbox.server, close_tui.sandbox.seed;"
        "print([m for m in sys.modules if m.startswith('close_tui.')"
        " and not m.startswith('close_tui.sandbox')], 'httpx' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert "[] False" == result.stdout.strip()
