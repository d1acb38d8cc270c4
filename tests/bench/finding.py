"""What it costs to look through a whole log, beside what a shell would do with it."""

from __future__ import annotations

import base64
import json
import random
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tests.bench.timing import Timed

SIZE: Final = 100_000_000
SECRET: Final = f"api_{7:022}.{7:022}"
"""The leak: an API key of the benchmark's vaults."""

_FLOOR: Final = "grep -Eo '[A-Za-z0-9._~+/=-]{20,}' %s | sort -u | wc -l"


def whole_log(folder: Path, environment: Mapping[str, str]) -> tuple[Timed, Timed]:
    """Time ``find`` on 100 MB of log, and the shell's way to list its words.

    Half of the log's lines repeat their identifiers, in the other half every one is new.
    """
    log = folder / "app.log"
    with log.open("w", encoding="ascii") as file:
        file.writelines(_lines(random.Random(5)))
    ours = [str(Path(sys.executable).with_name("close-tui")), "find", "--file", str(log)]
    floor = ["sh", "-c", _FLOOR % shlex.quote(str(log))]
    # As in most people's shells; in the C locale grep does not look at characters and is quicker.
    return _quietly(ours, environment), _quietly(floor, {**environment, "LC_ALL": "C.UTF-8"})


def _quietly(command: list[str], environment: Mapping[str, str]) -> Timed:
    def run() -> float:
        begin = time.perf_counter()
        subprocess.run(command, env=dict(environment), check=True, capture_output=True)
        return time.perf_counter() - begin

    return run


def _lines(noise: random.Random) -> Iterator[str]:
    known = [_identifiers(noise) for _ in range(1000)]
    written, middle = 0, SIZE // 2
    while written < SIZE:
        uuid, token, blob = noise.choice(known) if noise.random() < 0.5 else _identifiers(noise)
        line = _line(noise, uuid, token, blob)
        written += len(line)
        yield line
        if written - len(line) < middle <= written:
            yield f'curl -u "{SECRET}:" https://api.close.com/api/v1/me/\n'


def _identifiers(noise: random.Random) -> tuple[str, str, str]:
    text = noise.randbytes(16).hex()
    uuid = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
    token = base64.urlsafe_b64encode(noise.randbytes(32)).decode().rstrip("=")
    return uuid, token, base64.b64encode(noise.randbytes(150)).decode()


def _line(noise: random.Random, uuid: str, token: str, blob: str) -> str:
    at = f"2026-11-{noise.randrange(1, 30):02}T05:{noise.randrange(60):02}:07.{noise.random():.6f}Z"
    kind, number = noise.random(), noise.randrange(1000)
    if kind < 0.3:
        return (
            f"{at} INFO [worker-{number % 32}] com.example.sync.LeadImporter request_id={uuid} GET "
            f"https://api.close.com/api/v1/lead/lead_{token[:40]}/?_limit=100&cursor={token} 200\n"
        )
    if kind < 0.55:
        url = f"https://app.example.com/organizations/orga_{token[:22]}/exports?status=done%20now"
        return json.dumps({"ts": at, "request_id": uuid, "msg": f"{number} ms", "url": url}) + "\n"
    if kind < 0.75:
        return (
            f'10.1.2.{number % 256} - - [22/Nov/2026:05:14:27 +0000] "POST /webhooks/close/{uuid}/ '
            f'HTTP/1.1" 200 {number} "-" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 '
            '(KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"\n'
        )
    if kind < 0.95:
        path = "/srv/app/releases/20261120/close_sync/pipeline/transform.py"
        return f"{at} DEBUG close_sync.pipeline.transform {number} contacts loaded in {path}:17\n"
    return f'{at} TRACE payload="{blob}" etag=W/"{uuid.replace("-", "")}"\n'
