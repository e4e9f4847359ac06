"""The one atomic writer. A reader sees the old file or the new one, never half of one.

Sequence: temporary file beside the target, write, flush to disk, rename, flush the folder. Files that hold names are
readable by their owner only (0600), folders are 0700. What a killed process left half done carries its number in its
name, so that the next one to write there can remove it.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from errno import EISDIR, ENOTDIR
from pathlib import Path

from kpi_toolkit.clients.workbook import NotStartedError

FILE_MODE, FOLDER_MODE = 0o600, 0o700
TEMPORARY = ".kpi-tmp"
LOCK = ".kpi-lock"
UNFINISHED = ".kpi-unfinished"
_GONE = b"\0gone"
_RENAME_TRIES = 5
_SECONDS_TO_WAIT = 10
_SECONDS_TILL_OLD = 3600


def write_file(path: Path, content: bytes | str) -> str:
    """Write a file so that no reader ever sees half of it; return its SHA-256.

    Raises OSError (no space, no permission) with the target as it was.
    """
    return write_together({path: content})[path]


def write_together(files: Mapping[Path, bytes | str]) -> dict[Path, str]:
    """Write files that belong together and return their SHA-256: none takes its name before all are on the disk.

    Raises OSError; where there was no room for all of them, every target is as it was.
    """
    staged: dict[Path, Path] = {}
    digests: dict[Path, str] = {}
    try:
        for path, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            make_folder(path.parent)
            if path.is_dir():  # found before the others have taken their names
                raise IsADirectoryError(EISDIR, os.strerror(EISDIR), str(path))
            staged[path] = path.parent / _temporary_name()
            _write_new(staged[path], data)
            digests[path] = sha256(data)
        for path in files:
            _rename(staged[path], path)
            del staged[path]
    finally:
        for left in staged.values():
            left.unlink(missing_ok=True)
    for folder in dict.fromkeys(path.parent for path in files):
        _flush_folder(folder)
    return digests


def write_all(folder: Path, files: Mapping[str, bytes | str | None]) -> None:
    """Write files of a client, by their paths in its folder, all of them or none, also where the process is killed.

    They are laid out under another name; one rename makes that the truth, and they take their places from there
    (:func:`finish`, which whoever comes next calls as well). None stands for a file to be removed. The caller holds the
    client's lock. Raises OSError: before the rename nothing has changed, after it the next one to come finishes it.
    """
    with _laid_out({name: _GONE if data is None else data for name, data in files.items()}, beside=folder) as staged:
        _rename(staged, folder / UNFINISHED)
    _flush_folder(folder)
    finish(folder)


@contextmanager
def _laid_out(files: Mapping[str, bytes | str], *, beside: Path) -> Iterator[Path]:
    """Write files into a folder under another name, which is gone again where it does not get its own."""
    staged = beside / _temporary_name()
    staged.mkdir(mode=FOLDER_MODE)
    try:
        write_together({staged / name: content for name, content in files.items()})
        yield staged
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise


def finish(folder: Path) -> None:
    """Let files that were written together take their places, where something had kept them from it."""
    begun = folder / UNFINISHED
    if begun.is_symlink() or not begun.is_dir():
        return
    for path in sorted(path for path in begun.rglob("*") if path.is_file() and not path.is_symlink()):
        target = folder / path.relative_to(begun)
        if target.parent.resolve() != folder.resolve() / target.parent.relative_to(folder):  # a link leads elsewhere
            raise NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR), str(target.parent))
        data = path.read_bytes()
        if data == _GONE:
            target.unlink(missing_ok=True)
        elif not target.is_file() or target.read_bytes() != data:
            write_file(target, data)
    done = folder / _temporary_name()
    _rename(begun, done)
    try:
        _flush_folder(folder)
    finally:
        shutil.rmtree(done, ignore_errors=True)


def settle(folder: Path) -> None:
    """Finish what was begun in a client's folder, before it is read."""
    if (folder / UNFINISHED).is_dir():
        with client_lock(folder):
            pass


def write_folder(folder: Path, files: Mapping[str, bytes | str], *, beside: Path) -> None:
    """Make a new folder with these files, by their names in it: whole, or not at all, also where the process is killed.

    It is made under another name in ``beside``, a folder of the same disk. Raises OSError, FileExistsError among them.
    """
    make_folder(folder.parent)
    with _laid_out(files, beside=beside) as staged:
        if folder.exists():  # an empty one would be replaced without a word
            msg = f"{folder} is there already"
            raise FileExistsError(msg)
        _rename(staged, folder)
    _flush_folder(folder.parent)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, each for its owner only; what is there already keeps its mode."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(mode=FOLDER_MODE, exist_ok=True)
    _flush_folder(path.parent)


@contextmanager
def client_lock(folder: Path) -> Iterator[None]:
    """Hold a client's folder while its files are read, changed and written; whoever else wants that waits.

    What a killed process left there is swept, and what it had begun is finished. Raises NotStartedError where somebody
    holds it for too long.
    """
    from filelock import FileLock, Timeout

    try:
        with FileLock(folder / LOCK, timeout=_SECONDS_TO_WAIT, mode=FILE_MODE, is_singleton=True):
            sweep(folder)
            finish(folder)
            yield
    except Timeout as problem:
        raise NotStartedError("client-in-use", client=folder.name) from problem


def sweep(folder: Path, *, deep: bool = True) -> None:
    """Remove what killed processes left half written in a folder and, if ``deep``, below it."""
    for left in folder.rglob(f"*{TEMPORARY}") if deep else folder.glob(f"*{TEMPORARY}"):
        if _abandoned(left, rf"\.(\d+)-\w+{re.escape(TEMPORARY)}"):
            _remove(left)


def sweep_scratch() -> None:
    """Remove the folders with clients' files that killed processes left where temporary files go."""
    for base in {Path(tempfile.gettempdir()), *([] if os.name == "nt" else [Path("/tmp")])}:  # noqa: S108 - for sockets
        with suppress(OSError):
            for left in base.glob("kpi-*"):
                if left.is_dir() and not left.is_symlink() and _abandoned(left, r"kpi-(\d+)-\w+"):
                    _remove(left)


def sha256(data: bytes) -> str:
    """Return the SHA-256 of some bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def sha256_of_all(files: Iterable[tuple[str, bytes]]) -> str:
    """Return one SHA-256 for files with their paths, in the order in which they are given."""
    whole = hashlib.sha256()
    for path, data in files:
        whole.update(path.encode() + b"\0" + hashlib.sha256(data).digest())
    return whole.hexdigest()


def _temporary_name() -> str:
    return f".{os.getpid()}-{secrets.token_hex(4)}{TEMPORARY}"


def _write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, and have it on the disk."""
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, FILE_MODE)) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _abandoned(path: Path, pattern: str) -> bool:
    """Whether whoever made this is gone; a name without a process's number, or on Windows any, once it is old."""
    named = re.fullmatch(pattern, path.name)
    try:
        if named and os.name != "nt":
            os.kill(int(named[1]), 0)
            return False
        return time.time() - path.stat().st_mtime > _SECONDS_TILL_OLD
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):  # somebody else's process, or it has just gone
        return False


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


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
