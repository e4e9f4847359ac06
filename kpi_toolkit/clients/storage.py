"""The one atomic writer. A reader sees the old file or the new one, never half of one.

Sequence: temporary file beside the target, write, flush to disk, rename, flush the folder. Files that hold names are
readable by their owner only (0600), folders are 0700.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile

FILE_MODE, FOLDER_MODE = 0o600, 0o700
TEMPORARY = ".kpi-tmp"
_RENAME_TRIES = 5


def write_file(path: Path, content: bytes | str) -> str:
    """Write a file so that no reader ever sees half of it; return its SHA-256.

    Raises OSError (no space, no permission) with the target as it was.
    """
    data = content.encode() if isinstance(content, str) else content
    make_folder(path.parent)
    with NamedTemporaryFile(dir=path.parent, suffix=TEMPORARY, delete=False) as temporary:
        name = Path(temporary.name)
        try:
            temporary.write(data)
            temporary.flush()
            os.fsync(temporary.fileno())
        except OSError:
            name.unlink()  # closing may fail once more on a full disk
            raise
    try:
        name.chmod(FILE_MODE)
        _rename(name, path)
    except OSError:
        name.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)
    return sha256(data)


def write_files(files: Mapping[Path, bytes | str]) -> None:
    """Write new files, all of them or none: where one fails, those before it are removed again."""
    made: list[Path] = []
    try:
        for path, content in files.items():
            if path.exists():
                msg = f"{path} is there already"
                raise FileExistsError(msg)
            made.append(path)
            write_file(path, content)
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
        for folder in sorted({path.parent for path in made}, key=lambda folder: -len(folder.parts)):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        raise


def make_folder(path: Path) -> None:
    """Make a folder and those above it, each for its owner only; what is there already keeps its mode."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(mode=FOLDER_MODE, exist_ok=True)


def sweep(folder: Path) -> None:
    """Remove temporary files that an interrupted run left in a folder or below it."""
    for left in folder.rglob(f"*{TEMPORARY}"):
        left.unlink(missing_ok=True)


def sha256(data: bytes) -> str:
    """Return the SHA-256 of some bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _rename(source: Path, target: Path) -> None:
    """Rename; on Windows a viewer or a cloud drive may hold the target for a moment, so it is tried a few times."""
    for attempt in range(_RENAME_TRIES):
        try:
            source.replace(target)
        except PermissionError:
            if os.name != "nt" or attempt == _RENAME_TRIES - 1:
                raise
            time.sleep(0.1 * 2**attempt)
        else:
            return


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":  # folders cannot be opened there, and renames are journalled
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
