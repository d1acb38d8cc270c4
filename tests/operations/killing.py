"""Code for child processes that kill themselves at a durable step, and what they pretend.

A step is the instant before or after a COMMIT, an fsync, a rename, a deletion, or a call that
changes the keyring. The product knows nothing of it: what it calls is wrapped here.
"""

from __future__ import annotations

PRETEND = '''
import json, sys, types
from pathlib import Path
from close_tui.errors import WrongPassphrase
from close_tui.secret import Secret
from close_tui.vault import in_passphrase

class Keyring:
    """A keyring that keeps its items in a file."""
    priority = 5
    path = None
    def _items(self):
        return json.loads(self.path.read_text()) if self.path.exists() else {}
    def get_password(self, service, user):
        return self._items().get(f"{service} {user}")
    def set_password(self, service, user, password):
        self.path.write_text(json.dumps({**self._items(), f"{service} {user}": password}))
    def delete_password(self, service, user):
        items = self._items()
        del items[f"{service} {user}"]
        self.path.write_text(json.dumps(items))

def in_child(task, passphrase, content, path):
    """Wrap without scrypt, which takes seconds and is tested elsewhere."""
    lock = f"wrapped {passphrase.sha256.hex()} "
    if task == "wrap":
        return Secret(lock + content.reveal())
    if not content.reveal().startswith(lock):
        raise WrongPassphrase
    return Secret(content.reveal().removeprefix(lock))

def pretend(folder):
    """Put both in the place of the real ones."""
    Keyring.path = Path(folder) / "keyring.json"
    module = types.ModuleType("keyring.backends.SecretService")
    module.Keyring = Keyring
    sys.modules[module.__name__] = module
    in_passphrase.in_child = in_child
'''

KILLED = (
    PRETEND
    + """
import asyncio, contextlib, functools, os, signal, sqlite3
from close_tui.errors import VaultDestroyed
from close_tui.operations import vault_backup
from close_tui.operations.desk import Desk
from close_tui.operations.destroy import destroy
from close_tui.operations.vault_key import move_key, rekey
from close_tui.settings import Settings

folder, work, fatal = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
steps = []

def step(name):
    steps.append(name)
    if len(steps) == fatal:
        os.kill(os.getpid(), signal.SIGKILL)

def around(owner, name):
    real = getattr(owner, name)
    @functools.wraps(real)
    def run(*args, **kwargs):
        step(f"before {name}")
        done = real(*args, **kwargs)
        step(f"after {name}")
        return done
    setattr(owner, name, run)

class Counting(sqlite3.Connection):
    def execute(self, sql, *values):
        durable = sql.startswith(("COMMIT", "VACUUM INTO"))
        if durable:
            step(f"before {sql}")
        done = super().execute(sql, *values)
        if durable:
            step(f"after {sql}")
        return done

sqlite3.connect = functools.partial(sqlite3.connect, factory=Counting)
pretend(folder)
for owner, name in (
    (os, "fsync"), (os, "link"), (Path, "replace"), (Path, "rename"), (Path, "unlink"),
    (Keyring, "set_password"), (Keyring, "delete_password"),
):
    around(owner, name)

async def main():
    async with Desk(Settings(folder / "home"), clock=lambda: 1_800_000_000.0) as desk:
        behind = Secret("one") if desk.vault.place_kind == "passphrase" else None
        if work == "rekey":
            await rekey(desk, behind)
        elif work == "import":
            await desk.unlock(behind)
            document = Secret((folder / "document.json").read_text())
            vault_backup.import_document(desk, document)
        elif work == "destroy":
            with contextlib.suppress(VaultDestroyed):
                await desk.unlock(behind)
            for each in desk.vault.connections():
                desk.vault.freeze(each.id, desk.clock())
            await destroy(desk)
        elif work != "open":
            await move_key(
                desk, work, file=folder / "new.txt", passphrase=behind, new_passphrase=Secret("one")
            )
asyncio.run(main())
print(json.dumps(steps))
"""
)
