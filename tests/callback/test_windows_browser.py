"""The Windows browser from WSL: each way gets the address whole, and no shell sees it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from close_tui.callback import windows_browser
from close_tui.callback.browser import open_in_browser, opener_here
from close_tui.callback.surroundings import Place, Surroundings
from close_tui.callback.windows_browser import open_in_windows

URL = (
    "https://app.close.com/oauth2/authorize/?client_id=oa2client_1&response_type=code"
    "&redirect_uri=https%3A%2F%2Flocalhost%3A25673%2Fcallback&state=a-b_c~1"
)


class Programs:
    """A folder on the PATH with programs that write down what they were given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, code: int = 0) -> None:
        """Put a program there."""
        program = self.folder / name
        program.write_text(
            f"#!{sys.executable}\nimport json, os, sys\n"
            f"with open({str(self.folder / 'calls')!r}, 'a') as calls:\n"
            "    print(json.dumps([os.path.basename(sys.argv[0]), sys.argv[1:], "
            "sys.stdin.read()]), file=calls)\n"
            f"print('noise'); print('noise', file=sys.stderr)\nsys.exit({code})\n"
        )
        program.chmod(0o755)

    @property
    def calls(self) -> list[list[object]]:
        """Program, arguments and standard input of each call."""
        path = self.folder / "calls"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    """A PATH that holds nothing but what the test puts there."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("BROWSER", raising=False)
    return Programs(tmp_path)


RUNDLL = ["rundll32.exe", ["url.dll,FileProtocolHandler", URL], ""]
START = "Start-Process -FilePath ([Console]::In.ReadLine())"
POWERSHELL = ["powershell.exe", ["-NoProfile", "-NonInteractive", "-Command", START], f"{URL}\n"]


@pytest.mark.parametrize(
    ("there", "called"),
    [
        ({"wslview": 0, "rundll32.exe": 0, "powershell.exe": 0}, [["wslview", [URL], ""]]),
        ({"rundll32.exe": 0, "powershell.exe": 0}, [RUNDLL]),
        ({"powershell.exe": 0}, [POWERSHELL]),
        ({"wslview": 1, "rundll32.exe": 0}, [["wslview", [URL], ""], RUNDLL]),
    ],
)
def test_the_first_way_that_works_is_taken(
    there: dict[str, int],
    called: list[list[object]],
    programs: Programs,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """One argument, ampersands and all, or standard input; nothing is written to our terminal."""
    for name, code in there.items():
        programs.add(name, code)

    assert open_in_windows(URL)
    assert called == programs.calls
    assert ("", "") == capfd.readouterr()


def test_without_any_way_nothing_was_opened(programs: Programs) -> None:
    """cmd.exe is not one: it would take the ampersand for the end of the command."""
    programs.add("cmd.exe")

    assert not open_in_windows(URL)
    assert [] == programs.calls


def test_windows_programs_are_found_beside_the_path(
    programs: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where Windows' folders are kept off the PATH, as wsl.conf can say."""
    programs.add("rundll32.exe")
    found = tuple(
        way._replace(elsewhere=str(tmp_path / way.program)) for way in windows_browser.WAYS
    )
    monkeypatch.setattr(windows_browser, "WAYS", found)
    monkeypatch.setenv("PATH", "/nonexistent")
    # The stub's first line names its interpreter, so that it runs without a PATH.
    assert open_in_windows(URL)
    assert [RUNDLL] == programs.calls


@pytest.mark.parametrize(
    "url",
    [
        "https://app.close.com/?a=$(calc)",
        "https://app.close.com/?a=`calc`",
        "https://app.close.com/?a='",
        'https://app.close.com/?a="&calc"',
        "https://app.close.com/?a=^&calc",
        "https://app.close.com/?a=1;calc",
        "https://app.close.com/?a=1|calc",
        "https://app.close.com/\n",
        "--version",
        "calc.exe",
    ],
)
def test_what_a_quoting_could_break_on_is_not_handed_over(url: str, programs: Programs) -> None:
    """An address of ours never holds such a character; one from the settings could."""
    programs.add("wslview")
    programs.add("rundll32.exe")

    assert not open_in_windows(url)
    assert [] == programs.calls


async def test_in_wsl_the_windows_browser_opens(programs: Programs) -> None:
    """As the opener of the place."""
    programs.add("wslview")

    assert await open_in_browser(URL, opener=opener_here(Surroundings(Place.WSL)), seconds=60)
    assert [["wslview", [URL], ""]] == programs.calls


async def test_in_wsl_too_browser_is_honoured(
    programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who names one wants that one."""
    programs.add("wslview")
    programs.add("mine")
    monkeypatch.setenv("BROWSER", f"{programs.folder}/mine %s")
    opener = opener_here(Surroundings(Place.WSL, browser="mine"))

    assert await open_in_browser(URL, opener=opener, seconds=60)
    assert [["mine", [URL], ""]] == programs.calls
