"""The key behind the codes of a client's forms: ``client_data/<client>/.form-key``, for its owner only.

Whoever has it can make a form that counts as one of ours; whoever loses it sends new forms.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from kpi_toolkit.clients.storage import write_file

KEY = ".form-key"
_BYTES = 32


def form_key(folder: Path) -> bytes | None:
    """Return the key of a client's folder, None where there is none or it is damaged."""
    path = folder / KEY
    try:
        key = bytes.fromhex(path.read_text("ascii").strip()) if path.is_file() and not path.is_symlink() else b""
    except (ValueError, OSError):
        return None
    return key if len(key) == _BYTES else None


def make_key(folder: Path) -> bytes:
    """Return the key of a client's folder, a new one where there is none. Who calls this holds the client's lock."""
    key = form_key(folder)
    if key is None:
        key = secrets.token_bytes(_BYTES)
        write_file(folder / KEY, key.hex() + "\n")
    return key
