"""Generated requests: which are listened to, and which never."""

from __future__ import annotations

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from close_tui.callback.addresses import RedirectURI
from close_tui.callback.exchange import Refusal, Request
from close_tui.callback.rules import check

SOAK = os.environ.get("CLOSE_TUI_SOAK") == "1"
URI = RedirectURI.parse("https://localhost:25673/callback")

METHODS = st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "get", ""]) | st.text()
PATHS = (
    st.sampled_from(["/callback", "/callback/done", "/callback/", "//callback", "/"]) | st.text()
)
VALUES = st.sampled_from(["localhost:25673", "localhost", "navigate", "document", "cors", "iframe"])
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["host", "sec-fetch-mode", "sec-fetch-dest", "sec-fetch-site", "x"]),
        VALUES | st.text(),
    ),
    max_size=6,
)


@settings(max_examples=100_000 if SOAK else 300)
@given(METHODS, PATHS, HEADERS)
def test_only_a_tab_that_comes_back_is_listened_to(
    method: str, path: str, headers: list[tuple[str, str]]
) -> None:
    """Every other request is refused with a 4xx, and with nothing but a Refusal."""
    request = Request(method, path, "", tuple(headers))
    wanted = (
        method == "GET"
        and path in ("/callback", "/callback/done")
        and [URI.authority] == request.values("host")
        and set(request.values("sec-fetch-mode")) <= {"navigate"}
        and set(request.values("sec-fetch-dest")) <= {"document"}
    )
    status = 0
    try:
        check(request, URI)
    except Refusal as refusal:
        status = refusal.response.status

    assert wanted == (status == 0)
    assert wanted or 400 <= status < 500
