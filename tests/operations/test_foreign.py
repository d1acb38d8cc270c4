"""Keys out of what people have: the forms as they are written, mangled, hostile and huge."""

from __future__ import annotations

import io
import json
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from close_tui.operations.foreign import candidates
from close_tui.operations.foreign.candidates import LIMIT, Candidate, NotReadable
from close_tui.operations.foreign.dotenv import found_in_environment
from close_tui.operations.foreign.reading import read_bytes, read_file

ONE, TWO, THREE = (f"api_{c * 22}.{c.lower() * 22}" for c in "ABC")
ONEPASSWORD_CSV = (
    "Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes\n"
    f"acme,https://app.close.com,,{ONE},,false,false,,\nbank,,me,hunter2,,,,,\n"
    f"globex,,,,,,,,The key: {TWO}\n"
)
BITWARDEN_CSV = (
    "folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,"
    f"login_totp\n,,login,acme,,,0,,,{ONE},\n,,note,globex,,key: {TWO},0,,,,\n"
)
DEEP = '{"items":' + "[" * 200_000


def seen(found: list[Candidate]) -> list[tuple[str, str, int | None]]:
    """Return key, name and line of each candidate; what is no key as a dash."""
    return [(each.key.reveal() if each.key else "-", each.name, each.line) for each in found]


def read(text: str, name: str = "") -> list[tuple[str, str, int | None]]:
    """Read a text."""
    return seen(read_bytes(text.encode(), name))


def archive(content: bytes, name: str = "export.data", **more: Any) -> bytes:
    """Return a zip archive with one file in it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", **more) as written:
        written.writestr("export.attributes", "{}")
        written.writestr(name, content)
    return made.getvalue()


def onepassword(*items: dict[str, object]) -> bytes:
    """Return an export of 1Password with these items in one vault."""
    return json.dumps({"accounts": [{"attrs": {}, "vaults": [{"items": items}]}]}).encode()


@pytest.mark.parametrize(
    "line",
    [
        f"CLOSE_API_KEY={ONE}",
        f"export CLOSE_API_KEY='{ONE}'",
        f'CLOSE_API_KEY = "{ONE}"  # for exports',
        f"\tset CLOSE_API_KEY={ONE}\r",
        f'$env:CLOSE_API_KEY="{ONE}"',
        f"  CLOSE_API_KEY: {ONE}",
        f"  - CLOSE_API_KEY={ONE}",
        f"CLOSE_AUTH=https://{ONE}:@api.close.com/#me",
        ONE,
    ],
)
def test_a_line_of_a_dotenv_file(line: str) -> None:
    """As dotenv, shells, PowerShell, compose files and people write it."""
    assert [(ONE, "", 2)] == [
        (key, name.replace("auth", ""), at) for key, name, at in read(f"# ours\n{line}\nA=b\n")
    ]


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("ACME_CLOSE_API_KEY", "acme"),
        ("CLOSE_API_KEY_ACME_EU", "acme-eu"),
        ("CLOSEIO_API_KEY", ""),
        ("acme.close.token", "acme"),
    ],
)
def test_a_variable_may_say_whose_key_it_is(variable: str, name: str) -> None:
    """What is left of it without the words that every key has."""
    assert [(ONE, name, 1)] == read(f"{variable}={ONE}")


def test_what_is_commented_out_is_told_and_not_taken() -> None:
    """It is in plain text all the same."""
    found = read_bytes(f"#CLOSE_API_KEY={ONE}\nA_KEY={TWO} # was {THREE}\n".encode())

    assert [(ONE, "", 1), (TWO, "a", 2), (THREE, "", 2)] == seen(found)
    assert [True, False, True] == [each.why_not == candidates.IN_A_COMMENT for each in found]


def test_a_variable_that_should_hold_a_key_is_told_when_it_does_not() -> None:
    """Left open is not wrong; other variables are nobody's business."""
    found = read("CLOSE_API_KEY=hunter2\nCLOSE_API_KEY_B=\nCLOSE_API_KEY_C=''\nPASSWORD=hunter2\n")

    assert [("-", "", 1)] == found


@pytest.mark.parametrize(
    "text",
    [
        f"name,api_key\nacme,{ONE}\nglobex,{TWO}\n",
        f"\ufeffAPI Key;Notes;Name\r\n{ONE};n;acme\r\n{TWO};;globex\r\n",
        f"name\tapikey\nacme\t{ONE}\nglobex\t{TWO}\n",
        f"acme,{ONE}\nglobex,{TWO}\n",
        ONEPASSWORD_CSV,
        BITWARDEN_CSV,
    ],
)
def test_csv_in_every_shape(text: str) -> None:
    """Any order of columns and delimiter, with a mark, with or without a heading, two exports."""
    found = read(text, "clients.csv")

    assert [(ONE, "acme"), (TWO, "globex")] == [(key, name) for key, name, _ in found]
    assert found == read(text) or "name" not in text.lower()  # without the suffix it is seen too
    assert [key for key, *_ in found] == [
        key for key, *_ in seen(read_bytes(text.encode("utf-16"), "clients.csv"))
    ]


def test_a_row_with_a_line_break_is_where_it_begins() -> None:
    """Lines are those of an editor; a row without a key is told, an empty one is not."""
    text = f'name,api_key\n"acme\nEU",{ONE}\n\nglobex,nope\ninitech,\n"Zoë",{TWO}\n'

    assert [(ONE, "acme\nEU", 2), ("-", "globex", 5), (TWO, "Zo\xeb", 7)] == seen(
        read_bytes(text.encode("cp1252"), "clients.csv")
    )


def test_1password_as_it_exports() -> None:
    """API credentials, logins, notes, passwords; the trash and old passwords are left out."""
    content = onepassword(
        {
            "overview": {"title": "Close – Acme"},
            "details": {
                "sections": [
                    {"fields": [{"id": "credential", "value": {"concealed": ONE}}, {"value": 7}]}
                ],
                "passwordHistory": [{"value": THREE}],
            },
        },
        {
            "overview": {"title": "Globex"},
            "details": {"loginFields": [{"value": TWO, "designation": "password"}]},
        },
        {"overview": {"title": "old"}, "trashed": True, "details": {"notesPlain": THREE}},
        {"item": {"overview": {"title": f"v1 {ONE}"}, "details": {"notesPlain": f"see {ONE}."}}},
        {"overview": None, "details": [], "junk": 1},
    )

    found = seen(read_bytes(archive(content)))
    assert found == seen(read_bytes(content))
    assert [(ONE, "Close – Acme", None), (TWO, "Globex", None), (ONE, "v1  ", None)] == found


def test_bitwarden_as_it_exports() -> None:
    """Passwords, fields and notes; in a zip archive with attachments too."""
    content = json.dumps(
        {
            "encrypted": False,
            "folders": [],
            "items": [
                {"type": 1, "name": "acme", "login": {"password": ONE, "uris": []}, "fields": None},
                {"type": 2, "name": "globex", "notes": None, "fields": [{"value": TWO}, None, {}]},
                {"type": 1, "name": None, "notes": THREE, "passwordHistory": [{"password": ONE}]},
            ],
        }
    ).encode()

    expected = [(ONE, "acme", None), (TWO, "globex", None), (THREE, "", None)]
    assert expected == seen(read_bytes(content))
    assert expected == seen(read_bytes(archive(content, "data.json", compression=8)))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'{"encrypted": true, "passwordProtected": true, "data": "x"}', "encrypted"),
        (b'{"encrypted": true, "items": []}', "encrypted"),
        (b'{"hello": 1}', "neither"),
        (b'{"items": ', "begins like JSON"),
        (DEEP.encode(), "begins like JSON"),
        (b'{"items": ' + b"9" * 10_000 + b"}", "begins like JSON"),
        (b"age-encryption.org/v1\n-> X25519 ", "sealed with age"),
        (b"-----BEGIN AGE ENCRYPTED FILE-----\n", "sealed with age"),
        (b"SQLite format 3\0", "not a text"),
        (b"PK\x03\x04 and nothing", "broken"),
        (archive(b"x", "other"), "not an export"),
        (archive(archive(b"x")), "within an archive"),
        (archive(onepassword(), compression=zipfile.ZIP_LZMA), "packed"),
        (archive(onepassword())[:-40], "broken"),
        (b'name,api_key\nacme,"' + b"x" * 200_000, "not CSV"),
        (b"x" * (LIMIT + 1), "too large"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_cannot_be_read_says_why(content: bytes, why: str) -> None:
    """Encrypted, broken, bottomless, of another program, or our own export."""
    with pytest.raises(NotReadable, match=why):
        read_bytes(content)


def test_an_archive_that_unpacks_to_gigabytes_is_refused_early(tmp_path: Path) -> None:
    """Also when its directory, or the file itself, is what is too large."""
    bomb = archive(b"0" * (LIMIT + 1), compression=zipfile.ZIP_DEFLATED)
    assert len(bomb) < LIMIT / 100
    whole = archive(onepassword())
    at = whole.rfind(b"PK\x05\x06")
    long = whole[: at + 12] + b"\xf0\xff\xff\xff" + whole[at + 16 :]
    sparse = tmp_path / "sparse"
    with sparse.open("wb") as file:
        file.truncate(3 * 1024**3)
    begin = time.monotonic()
    for content in (bomb, long):
        with pytest.raises(NotReadable, match="too large"):
            read_bytes(content)
    for path in (sparse, Path("/dev/zero")):
        with pytest.raises(NotReadable, match="too large"):
            read_file(path)
    assert time.monotonic() - begin < 30


def test_an_archive_with_attachments_may_be_large(tmp_path: Path) -> None:
    """Only its one document is read."""
    content = onepassword({"overview": {"title": "acme"}, "details": {"notesPlain": ONE}})
    path = tmp_path / "all.1pux"
    with zipfile.ZipFile(path, "w") as written:
        written.writestr("files/film", b"0" * (LIMIT + 1))
        written.writestr("export.data", content)

    assert [(ONE, "acme", None)] == seen(read_file(path))


@pytest.mark.parametrize("name", ["missing", ".", "a\0b"])
def test_a_file_that_is_not_there(name: str, tmp_path: Path) -> None:
    """It says so in a sentence."""
    with pytest.raises(NotReadable, match="cannot be read"):
        read_file(tmp_path / name)


@pytest.mark.parametrize(
    "line",
    ["CLOSE" * 400_000, "'" * 1_000_000, " #" * 500_000, "CLOSE_API_KEY=" + '"a #' * 300_000],
)
def test_a_hostile_line_takes_no_more_than_its_length(line: str) -> None:
    """No expression takes quadratic time or memory over it."""
    begin = time.monotonic()
    read(f"{line} {ONE}\n" * 2)

    assert time.monotonic() - begin < 10


def test_the_environment() -> None:
    """All that holds a key, or what was named, which must hold one."""
    environment = {"B": f"x {TWO}", "ACME_API_KEY": ONE, "HOME": "/", "EMPTY": ""}

    assert [(ONE, "acme", None), (TWO, "b", None)] == seen(list(found_in_environment(environment)))
    named = list(found_in_environment(environment, ("B", "HOME", "NONE")))
    assert [TWO, "-", "-"] == [key for key, *_ in seen(named)]
    assert ["", candidates.NO_KEY, "It is not set, or empty."] == [each.why_not for each in named]


@given(st.binary(max_size=300), st.sampled_from(["", "a.csv", ".env"]))
@example(b'{"accounts": [{"vaults": [{"items": [{"item": 1}]}]}]}', "")
@example(b"\xff\xfe\x00", "")
def test_no_bytes_are_too_strange(content: bytes, name: str) -> None:
    """They hold nothing, or cannot be read."""
    for begins in (b"", b"{", b"PK\x03\x04", b"name,api_key\n", b'{"items":[{"name":'):
        with suppress(NotReadable):
            assert isinstance(read_bytes(begins + content, name), list)


@given(st.data())
def test_no_damage_to_an_archive_is_too_strange(data: st.DataObject) -> None:
    """A flipped byte anywhere in it leaves it readable, or not readable."""
    whole = bytearray(archive(onepassword({"details": {"notesPlain": ONE}}), compression=8))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] = data.draw(st.integers(0, 255))
    with suppress(NotReadable):
        assert len(read_bytes(bytes(whole))) <= 1


def test_nothing_shows_a_key() -> None:
    """Neither a candidate nor a name that somebody has pasted one into."""
    (found,) = read_bytes(f"api_key,name\n{ONE},mine is {ONE}\n".encode(), "a.csv")

    assert ONE not in repr(found)
    assert "mine is  " == found.name
