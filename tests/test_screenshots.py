"""The pictures show the app as it is now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.screenshots import FOLDER, PICTURES, Picture, take, words

README = FOLDER.parent / "README.md"


@pytest.mark.parametrize("picture", PICTURES, ids=[picture.name for picture in PICTURES])
async def test_a_picture_is_not_stale(picture: Picture, tmp_path: Path) -> None:
    """It reads as the app does; ``make screenshots`` makes it anew."""
    kept = (FOLDER / f"{picture.name}.svg").read_text(encoding="utf-8")

    assert words(await take(picture, tmp_path / "home")) == words(kept)


def test_each_picture_is_there_in_both_forms() -> None:
    """And no other lies about."""
    made = {f"{picture.name}.{form}" for picture in PICTURES for form in ("svg", "png")}

    assert made == {path.name for path in FOLDER.iterdir()}


def test_the_readme_shows_pictures_that_are_there() -> None:
    """With words for those who cannot see them."""
    shown = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", README.read_text(encoding="utf-8"))

    assert {f"screenshots/{each.name}.png" for each in PICTURES} == {path for _, path in shown}
    for said, path in shown:
        assert len(said) > 20
        assert (README.parent / path).is_file()
