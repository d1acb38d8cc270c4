"""The wheel and the sdist: built, looked into, and installed where nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path
from typing import NoReturn

import pytest

from close_tui import __version__
from tests.cli.examples import Screen
from tests.conftest import missing

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
INSTALL_S = 400


class Python:
    """An environment of its own."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, with_pip=True)
        self.programs = folder / ("Scripts" if os.name == "nt" else "bin")

    def install(self, *words: str) -> None:
        """Install from the index that this machine has; without it there is nothing to show."""
        command = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", *words)
        try:
            done = self.run("python", *command, wait_s=INSTALL_S)
        except subprocess.TimeoutExpired:
            unreachable()
        if "No matching distribution" in done.stderr or "NewConnectionError" in done.stderr:
            unreachable()
        assert 0 == done.returncode, done.stderr

    def run(
        self, program: str, *words: str, wait_s: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run one of its programs, in a folder where no source is."""
        return subprocess.run(
            [self.programs / program, *words],
            cwd=self.programs,
            capture_output=True,
            text=True,
            timeout=wait_s,
            check=False,
        )


def unreachable() -> NoReturn:
    """Skip, in CI fail."""
    missing("A package index")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist."""
    folder = tmp_path_factory.mktemp("built")
    builder = Python(folder / "builder")
    builder.install("hatchling>=1.27")
    done = subprocess.run(
        [builder.programs / "python", "-m", "hatchling", "build", "-d", folder / "dist"],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr
    return folder / "dist"


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Python:
    """A clean environment with the wheel and what it depends on, and nothing else."""
    clean = Python(tmp_path_factory.mktemp("clean"))
    (wheel,) = built.glob("*.whl")
    clean.install(str(wheel))
    return clean


def test_the_wheel_holds_the_program_and_nothing_else(built: Path) -> None:
    """Types, style sheets, license; no tests."""
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "close_tui").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert package == {name for name in names if ".dist-info/" not in name}
    assert {"close_tui/py.typed", "close_tui/__init__.pyi"} <= package
    assert any(name.endswith(".tcss") for name in package)
    about = f"close_tui-{__version__}.dist-info"
    assert f"{about}/licenses/LICENSE" in names


def test_the_sdist_can_be_tested(built: Path) -> None:
    """What a distribution needs is in it, and nothing that a machine of ours has made."""
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}

    wanted = {"LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml", "Makefile", "SECURITY.md"}
    assert wanted | {"tests/conftest.py", "close_tui/py.typed", "tests/bench/__main__.py"} <= names
    assert [] == [n for n in names if "__pycache__" in n or n.endswith((".pyc", ".db"))]
    assert [] == [n for n in names if n.startswith((".venv", ".git/", "dist"))]


def test_the_metadata_says_what_an_index_shows(built: Path) -> None:
    """As pyproject.toml has it, the README included."""
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        told = opened.read(f"close_tui-{__version__}.dist-info/METADATA").decode()

    assert f"\nVersion: {__version__}\n" in told
    assert f"\nSummary: {PROJECT['description']}\n" in told
    assert "\nLicense-Expression: MIT\n" in told
    assert "\nRequires-Python: >=3.11\n" in told
    assert "\nDescription-Content-Type: text/markdown\n" in told
    assert "\n# close-tui\n" in told
    for classifier in PROJECT["classifiers"]:
        assert f"\nClassifier: {classifier}\n" in told


def test_an_installed_command_works(installed: Python) -> None:
    """The first things that somebody types."""
    version = installed.run("close-tui", "--version")
    empty = installed.run("close-tui", "list")
    demo = installed.run("close-tui", "demo", "--help")
    imported = installed.run("python", "-c", "import close_tui; print(close_tui.auth)")

    assert (0, f"close-tui {__version__}\n") == (version.returncode, version.stdout)
    assert (0, "") == (empty.returncode, empty.stdout)
    assert "Two ways to begin" in empty.stderr
    assert (0, "") == (demo.returncode, demo.stderr)
    assert 0 == imported.returncode, imported.stderr


def test_an_installed_app_starts(installed: Python) -> None:
    """On a terminal: the first screen teaches, q leaves."""
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
    program = str(installed.programs / "close-tui")
    with Screen(program, installed.programs, environment) as screen:
        screen.expect("There is nothing here yet.")
        screen.press("q")

        assert 0 == screen.end().code


def test_nothing_of_the_tests_is_needed(installed: Python) -> None:
    """What only developers have is not there."""
    code = "import importlib.util as u, sys; sys.exit(any(map(u.find_spec, sys.argv[1:])))"

    assert (
        0 == installed.run("python", "-I", "-c", code, "pytest", "hypothesis", "tests").returncode
    )
    assert sys.prefix != str(installed.programs.parent)
