"""The settings file that is made: it explains everything, and changes nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from close_tui.operations.settings_template import SettingsNotWritten, ensure, template
from close_tui.settings import SETTINGS, read


def test_as_it_is_made_nothing_is_set(tmp_path: Path) -> None:
    """Every line is a comment."""
    assert ensure(tmp_path / "settings.toml")

    found = read({"CLOSE_TUI_HOME": str(tmp_path)})

    assert () == found.problems
    assert {"default"} == set(found.origins.values()) - {"environment"}


def test_with_its_examples_set_everything_is(tmp_path: Path) -> None:
    """Each example is a value that is taken, under the name that is read."""
    lines = re.findall(r"^# (\w+ = .*)$", template(), re.MULTILINE)
    (tmp_path / "settings.toml").write_text("\n".join(lines), encoding="utf-8")

    found = read({"CLOSE_TUI_HOME": str(tmp_path)})

    assert len(SETTINGS) == len(lines)
    assert () == found.problems
    assert {"home"} == {n for n, origin in found.origins.items() if origin != "file"}


def test_it_is_private_and_never_overwritten(tmp_path: Path) -> None:
    """0600 in a folder that is made 0700; what is there stays."""
    path = tmp_path / "config" / "settings.toml"

    assert ensure(path)
    assert (0o600, 0o700) == (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777)
    assert [path] == list(path.parent.iterdir())

    path.write_text("authorize_wait_s = 60\n", encoding="utf-8")
    assert not ensure(path)
    assert "authorize_wait_s = 60\n" == path.read_text(encoding="utf-8")


def test_where_it_cannot_be_made_it_is_said(tmp_path: Path) -> None:
    """In a sentence with the path."""
    (tmp_path / "config").touch()

    with pytest.raises(SettingsNotWritten, match=r"config/settings.toml: "):
        ensure(tmp_path / "config" / "settings.toml")
