"""The child process that wraps and unwraps the identity: JSON on stdin, text on stdout."""

from __future__ import annotations

import json
import sys

import pyrage

_WRONG_PASSPHRASE = 3
_NOT_THE_KEY = "Decryption failed"


def main() -> int:
    """Do the one task that stdin asks for; exit code 3 means a wrong passphrase."""
    request = json.load(sys.stdin)
    content: str = request["content"]
    try:
        if request["task"] == "wrap":
            done = pyrage.passphrase.encrypt(content.encode(), request["passphrase"], armored=True)
        else:
            done = pyrage.passphrase.decrypt(content.encode(), request["passphrase"])
    except pyrage.DecryptError as error:
        # pyrage tells a wrong passphrase from a damaged file by its words only.
        return _WRONG_PASSPHRASE if str(error) == _NOT_THE_KEY else 1
    sys.stdout.write(done.decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
