"""Which certificates are trusted: the system's, or those that ``SSL_CERT_FILE`` and its twin name.

There is no way to trust everything.
"""

from __future__ import annotations

import errno
import os
import re
import ssl
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from close_tui.errors import Unreachable

FILE_VARIABLE: Final = "SSL_CERT_FILE"
FOLDER_VARIABLE: Final = "SSL_CERT_DIR"

_BUNDLES: Final = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # Fedora, RHEL
    "/etc/pki/tls/cert.pem",  # RHEL to 9
    "/etc/ssl/cert.pem",  # Alpine, Arch, BSD
    "/etc/ssl/ca-bundle.pem",  # SUSE
)
_HASHED: Final = re.compile(r"[0-9a-f]{8}\.\d")  # how c_rehash names a certificate


def context(
    environment: Mapping[str, str] | None = None, platform: str = sys.platform
) -> ssl.SSLContext:
    """Return the client's side of TLS: certificate and host name are always checked.

    ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` replace the system's store. Unreachable, nothing was
    sent, when what they name cannot be read.
    """
    env = os.environ if environment is None else environment
    file, folder = env.get(FILE_VARIABLE), env.get(FOLDER_VARIABLE)
    if not (file or folder) and platform in ("darwin", "win32"):
        import truststore

        # The system itself judges: it knows what its administrator has added or taken away.
        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if file or folder:
        _load(made, FILE_VARIABLE, file)
        _load(made, FOLDER_VARIABLE, folder)
    else:
        # Elsewhere the store is OpenSSL's. Loaded once here; truststore would load it anew for
        # each connection, which takes tens of milliseconds.
        made.load_verify_locations(*system_store())
    return made


def system_store() -> tuple[str | None, str | None]:
    """Return the file and the folder in which OpenSSL finds the system's certificates.

    An interpreter that was built elsewhere may look where this system has none: then it is the
    usual place. Where there is none at all it is the list that httpx brings (certifi).
    """
    paths = ssl.get_default_verify_paths()
    folder = paths.capath if paths.capath and _has_certificates(Path(paths.capath)) else None
    if paths.cafile or folder:
        return paths.cafile, folder
    found = next((each for each in _BUNDLES if Path(each).is_file()), None)
    if found is None:
        import certifi

        found = certifi.where()
    return found, None


def _load(made: ssl.SSLContext, variable: str, path: str | None) -> None:
    if not path:
        return
    try:
        if variable == FILE_VARIABLE:
            made.load_verify_locations(cafile=path)
        elif Path(path).is_dir():
            made.load_verify_locations(capath=path)
        else:
            raise NotADirectoryError(errno.ENOTDIR, "It is not a folder")
    except OSError as error:  # ssl.SSLError among them
        why = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        unusable = Unreachable(
            f"{variable} names {path}, which cannot be used: {why}. Nothing was sent.", sent=False
        )
    else:
        return
    unusable.advice = f"Correct {variable}, or unset it to trust what this system trusts."
    raise unusable


def _has_certificates(folder: Path) -> bool:
    try:
        return any(_HASHED.fullmatch(path.name) for path in folder.iterdir())
    except OSError:
        return False
