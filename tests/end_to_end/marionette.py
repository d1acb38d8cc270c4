"""The protocol that Firefox is driven by: JSON packets over a local socket, one answer each."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, Self

_PATIENCE_S = 60


class Refused(Exception):
    """Firefox answered a command with an error, whose WebDriver name is ``name``."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name


class Marionette:
    """One session with one Firefox, which was started with ``--marionette``."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._sent = 0

    @classmethod
    async def connect(cls, profile: Path) -> Self:
        """Wait for the Firefox of a profile to say its port, and begin a session there.

        Certificates are checked, and no command waits for a page to have loaded.
        """
        port = profile / "MarionetteActivePort"
        async with asyncio.timeout(_PATIENCE_S):
            while not (port.exists() and port.read_text()):
                await asyncio.sleep(0.05)
            session = cls(*await asyncio.open_connection("127.0.0.1", int(port.read_text())))
            await session._packet()  # it introduces itself
        wanted = {"acceptInsecureCerts": False, "pageLoadStrategy": "none"}
        await session.do("WebDriver:NewSession", capabilities={"alwaysMatch": wanted})
        return session

    async def do(self, command: str, **parameters: object) -> Any:
        """Give a command and return the value of its answer; Refused when it failed."""
        self._sent += 1
        message = json.dumps([0, self._sent, command, parameters]).encode()
        self._writer.write(b"%d:%s" % (len(message), message))
        async with asyncio.timeout(_PATIENCE_S):
            _, number, error, result = await self._packet()
        assert self._sent == number
        if error:
            raise Refused(error["error"], error["message"])
        return result["value"] if isinstance(result, dict) and "value" in result else result

    def close(self) -> None:
        """Leave."""
        self._writer.transport.abort()

    async def _packet(self) -> Any:
        length = await self._reader.readuntil(b":")
        return json.loads(await self._reader.readexactly(int(length[:-1])))
