"""A coloured log, pasted into a real terminal."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Need
    from tests.end_to_end.stage import Stage


def test_no_key_is_pressed_and_nothing_is_lost_by_colours_in_a_paste(
    stage: Stage, need: Need
) -> None:
    """The key within the colours is found; the letters beside them revoke and close nothing."""
    stage.run("add", "key", "acme-key", stdin=f"{stage.key.text}\n")
    tmux = [need("tmux"), "-L", f"close-tui-{stage.home.parent.name}"]
    log = stage.home.parent / "coloured.log"
    log.write_text(
        f"\x1b[Xn\x1b\x1b[1;31mkey={stage.key.text}\x1b[0m\x1bX\nend\n", encoding="ascii"
    )
    command = str(Path(sys.executable).with_name("close-tui"))
    subprocess.run(
        [*tmux, "-f", "/dev/null", "new", "-d", "-x", "100", "-y", "30", command],
        check=True,
        env=stage.environment,
    )
    try:
        _shows(tmux, "acme-key")
        subprocess.run([*tmux, "send-keys", "!"], check=True)
        _shows(tmux, "Paste what leaked")
        subprocess.run([*tmux, "load-buffer", str(log)], check=True)
        subprocess.run([*tmux, "paste-buffer", "-p"], check=True)
        _shows(tmux, "1 secret of this vault; 2 lines read.", "acme-key")
    finally:
        subprocess.run([*tmux, "kill-server"], check=False, stderr=subprocess.DEVNULL)


def _shows(tmux: list[str], *words: str) -> None:
    """Wait until the terminal shows all of these words."""
    screen = ""
    for _ in range(200):
        done = subprocess.run(
            [*tmux, "capture-pane", "-p"], capture_output=True, text=True, check=True
        )
        screen = done.stdout
        if all(word in screen for word in words):
            return
        time.sleep(0.1)
    pytest.fail(f"the terminal never showed {words}:\n{screen}")
