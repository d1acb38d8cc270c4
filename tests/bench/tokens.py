"""What a token costs that a script asks for, its key in a real keyring."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from close_tui.vault.in_keyring import SERVICE
from tests.bench.timing import Timed, whole_process
from tests.vault.conftest import bus_session

_MAKE = """
import sys, time
from close_tui.model import Check, Connection, Kind, Organization, User
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.vault.vault import Vault
at = time.time()
vault = Vault.make(Settings.from_environment(), at=at)
assert vault.place_kind == "keyring"
connection = Connection(
    id="conn_1", name="acme", description="", kind=Kind.API_KEY,
    organization=Organization("orga_1", "Acme"), user=User("user_1", "ada@acme.example"),
    app=None, app_id=None, key_id="api_1", scope="", expires_at=None, generation=1,
    fingerprint="", can_refresh=False, created_at=at,
)
vault.add_key(connection, Secret("api_1.secret"))
vault.checked("conn_1", Check(at, "ok", 200, 80.0, None, 1))
print(vault.id)
"""


@contextmanager
def handed_out() -> Iterator[tuple[Timed, Timed]]:
    """Time ``close-tui token NAME``, and keyring's own command for the item it needs."""
    with bus_session() as session:
        session.start_keyring(unlocked=True)
        code, said, errors = session.python(_MAKE)
        assert code == 0, errors
        environment = {**os.environ, **session.variables}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        close_tui = str(Path(sys.executable).with_name("close-tui"))
        item = f"vault-identity-v1:{said.strip()}"
        yield (
            whole_process([close_tui, "token", "acme"], environment),
            whole_process([sys.executable, "-m", "keyring", "get", SERVICE, item], environment),
        )
