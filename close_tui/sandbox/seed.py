"""The world of the demo: fictional organizations, people, apps and keys."""

from __future__ import annotations

import random as random_module
import time
from collections.abc import Callable
from dataclasses import dataclass

from close_tui.sandbox.records import ApiKey, OAuthApp, Organization, User
from close_tui.sandbox.state import World

DEFAULT_REDIRECT_URI = "https://localhost:25673/callback"


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo's world, and everyone in it by order of appearance.

    The last organization has a name that a careless program acts on. The first user belongs to
    all organizations and is signed in; the keys belong to the first three users in turn.
    """

    world: World
    organizations: tuple[Organization, ...]
    users: tuple[User, ...]
    apps: tuple[OAuthApp, ...]
    api_keys: tuple[ApiKey, ...]


def demo_world(
    *,
    clock: Callable[[], float] = time.time,
    random: random_module.Random | None = None,
    redirect_uri: str = DEFAULT_REDIRECT_URI,
    marker: str = "",
) -> Demo:
    """Return a fresh demo world; the same ``random`` seed gives the same ids and secrets."""
    world = World(clock=clock, random=random, marker=marker)
    northwind, brightwater, meridian, sakura = organizations = tuple(
        world.add_organization(name)
        for name in (
            "Northwind Dental Group",
            "Brightwater Freight & Sons",
            "Meridian Solar",
            "株式会社さくら 🌸 [bold]Kōbe[/]",
        )
    )
    mara, jonas, aiko = users = (
        world.add_user("mara@halloran.example", "Mara Halloran", organizations),
        world.add_user("jonas@brightwater.example", "Jonas Lindqvist", [brightwater, meridian]),
        world.add_user("aiko@sakura.example", "Aiko Tanabe", [sakura]),
    )
    apps = (
        world.add_app("Pipeline Reports", redirect_uri),
        world.add_app("Lead Importer", redirect_uri),
    )
    api_keys = (
        world.add_api_key(mara, northwind, "Nightly export"),
        world.add_api_key(jonas, brightwater, "Zap: new leads"),
        world.add_api_key(aiko, sakura, "経理 <script>"),
        world.add_api_key(mara, meridian, "Call recordings"),
    )
    return Demo(world, organizations, users, apps, api_keys)
