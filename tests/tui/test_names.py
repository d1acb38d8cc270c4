"""Names, descriptions and reprs that Textual makes of what the app does: no secret is in one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import pytest
from textual import events
from textual.message import Message
from textual.message_pump import MessagePump
from textual.timer import Timer
from textual.worker import Worker

from close_tui.tui.app import CloseTuiApp
from tests.tui.test_authorizing import redirect
from tests.tui.town import MARKER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.town import Screen, Town

PASSPHRASE: Final = "correct horse battery staple"
TYPED: Final = (events.Paste, events.Key)
"""What the terminal sends; Textual shows it to devtools alone, and those are off."""


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Everything that got a name, a description or a repr, and every word of a toast."""
    found: list[tuple[str, str]] = []
    make_worker, make_timer = Worker.__init__, Timer.__init__
    post, notify = MessagePump.post_message, CloseTuiApp.notify

    def worker(self: Worker[Any], *args: Any, **kwargs: Any) -> None:
        make_worker(self, *args, **kwargs)
        words = (self.name, self.group, self.description, repr(self), repr(self.node))
        found.append(("worker", " ".join(words)))

    def timer(self: Timer, *args: Any, **kwargs: Any) -> None:
        make_timer(self, *args, **kwargs)
        found.append(("timer", f"{self.name} {self!r}"))

    def posted(self: MessagePump, message: Message) -> bool:
        if not isinstance(message, TYPED):
            found.append((type(message).__qualname__, f"{message!r} from {message._sender!r}"))
        return post(self, message)

    def told(self: CloseTuiApp, message: str, **kwargs: Any) -> None:
        found.append(("toast", f"{kwargs.get('title')} {message}"))
        notify(self, message, **kwargs)

    monkeypatch.setattr(Worker, "__init__", worker)
    monkeypatch.setattr(Timer, "__init__", timer)
    monkeypatch.setattr(MessagePump, "post_message", posted)
    monkeypatch.setattr(CloseTuiApp, "notify", told)
    return found


def seen(screen: Screen) -> Iterator[tuple[str, str]]:
    """Yield the names of what is running, and the picture that Textual would save."""
    for task in asyncio.all_tasks():
        yield "task", f"{task.get_name()} {task!r}"
    for node in screen.app.screen.walk_children(with_self=True):
        yield "widget", f"{node!r} {node.name} {node.tooltip}"  # type: ignore[attr-defined]
    yield "picture", screen.app.export_screenshot()
    yield "title", f"{screen.app.title} {screen.app.sub_title}"


@pytest.mark.usefixtures("open_at_once")
async def test_no_secret_is_in_a_name(
    town: Town,
    named: list[tuple[str, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A key added, replaced, shown, copied, imported; an app added; a code pasted; a leak found."""
    monkeypatch.setattr("close_tui.tui.clipboard.system_clipboard", lambda: None)
    made = [town.world.add_api_key(town.ada, town.acme).text for _ in range(3)]
    other = town.world.add_app("Billing", town.app.redirect_uri)
    file = tmp_path / "keys.env"
    file.write_text(f"CLOSE_API_KEY={made[1]}\n", encoding="utf-8")
    async with town.show() as screen:
        await screen.opened()

        async def shows(*words: str) -> None:
            await screen.sees(*words)
            named.extend(seen(screen))

        async def opens(keys: str, kind: str) -> None:
            await screen.press(*keys.split())
            await screen.on(kind)
            named.extend(seen(screen))

        async def back() -> None:
            await screen.press("escape")
            await screen.on("MainScreen")

        await opens("A", "AddKey")
        await screen.type("#key", f"CLOSE_API_KEY={made[0]}")
        await shows("Nothing is stored yet.")
        await screen.type("#name", "acme-export")
        await screen.press("ctrl+s")
        await shows("API key added")
        await opens("Y", "Reveal")
        await screen.press("tab", "enter")
        await shows("Hidden again in")
        await back()
        await opens("y", "Copy")
        await screen.press("tab", "enter")
        await shows("copied")
        await opens("i", "ImportFrom")
        await screen.type("#path", str(file))
        await screen.press("enter")
        await shows("Nothing is stored yet")
        await screen.press("enter")
        await shows("It is in the vault now.")
        await back()
        await opens("R", "RotateKey")
        await screen.type("#key", made[2])
        await screen.press("ctrl+s")
        await screen.on("Revoking")
        await shows("Watching until")
        await back()
        await opens("a", "Authorize")
        await shows(" left")
        address = redirect(town, town.opened_urls[-1], town.acme)
        await screen.type("#paste", address)
        await screen.press("enter")
        await shows("Authorized")
        await opens("exclamation_mark", "Leak")
        tokens = [token.text for token in town.world.grants._tokens.values()]
        await screen.type("#leaked", f"{made[0]}\n{address}\n" + "\n".join(tokens))
        await shows("of this vault")
        await back()
        await opens("o", "AddApp")
        await screen.type("#name", "billing")
        await screen.type("#client", other.client_id)
        await screen.type("#secret", other.client_secret)
        await screen.press("ctrl+s")
        await shows("OAuth app added")
        await opens("W", "ShowVault")
        await shows("live")
        await opens("e", "ExportVault")
        await screen.type("#path", str(tmp_path / "backup.age"))
        await screen.type("#first", PASSPHRASE)
        await screen.type("#second", "another passphrase")
        await screen.press("ctrl+s")
        await shows("The two are not the same.")
    kinds = {kind for kind, _ in named}

    assert {"worker", "timer", "toast", "task", "picture", "Input.Changed"} <= kinds
    assert all(MARKER in each for each in (*made, address, *tokens, other.client_secret))
    assert [] == [(kind, text) for kind, text in named if MARKER in text or PASSPHRASE in text]
