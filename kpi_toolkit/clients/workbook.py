"""Where things are: the workbook's folders, and the templates in it that replace shipped ones of the same path."""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from kpi_toolkit.clients.notebooks import code_of
from kpi_toolkit.method.issues import Issue, Known, Place, error, nearest
from kpi_toolkit.method.value import ENGLISH, ID_PATTERN, LANGUAGES, Text, likely_id

EXAMPLES = ("home-goods", "cloudboard", "lumen-brand")
_TEMPLATES = {".j2", ".toml", ".js"}
_LARGEST = 100_000
"""Bytes of a client.toml that is read for its name."""
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)")


@cache
def shipped() -> Path:
    """Return the folder that holds the shipped notebooks, templates and example clients.

    A wheel carries them inside the package; in an editable install they stand in the checkout, beside the package.
    """
    package = Path(__file__).resolve().parent.parent
    inside = package / "_workbook"
    return inside if inside.is_dir() else package.parent


class WorkbookError(ValueError):
    """The command line or the workbook's own settings are wrong: a finding whose sentence is in ``checks/``."""

    def __init__(self, code: str, key: str | None = None, **values: Any) -> None:
        self.issue = error(code, Place(key=key), **values)
        super().__init__(code)

    def __str__(self) -> str:
        return _in_english(self.issue)


def check_known(code: str, name: str, known: Iterable[str]) -> None:
    """Raise WorkbookError for a name that is none of those known, with the nearest of them."""
    names = list(known)
    if name not in names:
        raise WorkbookError(code, name=name, nearest=nearest(name, names), known=", ".join(names))


class NotStartedError(WorkbookError):
    """Nothing was begun and nothing has changed, for a reason outside the workbook: another run, a full disk."""


def _in_english(issue: Issue) -> str:
    """Return a finding as it reads in a traceback or a notebook; the command line says it in the reader's language."""
    text = shipped_checks()[issue.code][ENGLISH]
    values = {
        key: ", ".join(_plain(each) for each in (value if isinstance(value, list) else [value]))
        for key, value in issue.values.items()
    }
    near = f" Did you mean {values['nearest']}?" if values.get("nearest") else ""
    return re.sub(r"\{(\w+)\}", lambda place: values[place[1]], f"{text['message']}{near} {text['fix']}")


def _plain(value: Any) -> str:
    return value.pick() if isinstance(value, Text) else str(value)


@cache
def shipped_checks() -> dict[str, Any]:
    """Return the shipped sentences of findings by code, from the files of all subjects."""
    files = sorted((shipped() / "templates" / "checks").glob("*.toml"))
    return {code: said for file in files for code, said in tomllib.loads(file.read_text("utf-8")).items()}


def starter_names() -> list[str]:
    """Return the names of the shipped design starters."""
    return sorted(path.stem for path in (shipped() / "templates" / "designs").glob("*.toml"))


def valid_id(text: str) -> bool:
    """Whether a text can name a client, a person or a cycle's folder on every file system."""
    return bool(re.fullmatch(ID_PATTERN, text)) and not _RESERVED.fullmatch(text)


def copies_beside(folder: Path) -> list[str]:
    """Return the names of folders beside a client's that a copy of it would have: ``acme (2)``, ``acme - Copy``."""
    names = sorted(each.name for each in folder.parent.iterdir() if each.is_dir()) if folder.parent.is_dir() else []
    return [
        name
        for name in names
        if name.startswith(folder.name)
        and _COPY.fullmatch(name[len(folder.name) :])
        and _holds_client(folder.parent / name)
    ]


_COPY = re.compile(
    r"[ _-]*(\(\d+\)|\(?(copy|copie|kopie|副本|备份|拷贝|backup|bak|old|旧)\)?)[ _-]*(\(?\d*\)?)", re.IGNORECASE
)


def usable_id(text: str) -> str:
    """Return an id to offer in place of a text that cannot be one."""
    found = likely_id(text) or "acme-shop"
    return found if valid_id(found) else f"{found}-1"


@dataclass(frozen=True)
class Workbook:
    """A folder in which a practice works: ``client_data/``, ``reports/``, ``notebooks/`` and ``templates/``."""

    root: Path
    only: str = ""
    """The one client that may be reached; blank: all."""

    @property
    def client_data(self) -> Path:
        """The folder of all clients."""
        return self.root / "client_data"

    @property
    def reports(self) -> Path:
        """The folder of all that is delivered."""
        return self.root / "reports"

    @classmethod
    def nearest(cls, folder: Path) -> Workbook:
        """Return the workbook that a folder is or lies in; the folder itself where there is none."""
        here = folder.resolve()
        return next((cls(above) for above in (here, *here.parents) if cls(above).exists()), cls(folder))

    def exists(self) -> bool:
        """Whether there is a workbook here."""
        return self.client_data.is_dir()

    def clients(self) -> tuple[str, ...]:
        """Return the ids of all clients, sorted."""
        if not self.exists():
            below = next((each.parent.name for each in sorted(self.root.glob("*/client_data"))), "")
            raise WorkbookError("no-workbook", folder=str(self.root.resolve()), nearest=below)
        folders = [path for path in self.client_data.iterdir() if path.is_dir() and not path.is_symlink()]
        folders = [path for path in folders if not path.name.endswith(".kpi-tmp")]  # half made when it was killed
        known = sorted(path.name for path in folders if _holds_client(path))
        return tuple(name for name in known if self.only in {"", name})

    def some_clients(self) -> tuple[str, ...]:
        """Return the ids of all clients; WorkbookError where there is none yet, for it may be the wrong folder."""
        if not (known := self.clients()):
            raise WorkbookError("no-clients", folder=str(self.root.resolve()))
        return known

    def named_clients(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the ids of clients that were asked for by id or name, each once.

        WorkbookError names the nearest one otherwise, or all that share a name.
        """
        known = frozenset(self.clients())
        return tuple(dict.fromkeys(name if name in known else self._id_of(name) for name in names))

    def _id_of(self, name: str) -> str:
        called = Known({client: self._names(client).values() for client in self.clients()})
        found = sorted(called.exactly(name))
        if len(found) > 1:
            raise WorkbookError("shared-client-name", name=name, known=", ".join(found))
        if not found:
            if not self.clients():
                raise WorkbookError("no-client-yet", name=name)
            near, known = called.meant(name), ", ".join(self.clients())
            raise WorkbookError(
                "unknown-client", name=name, nearest=near and self.called(near).after(near), known=known
            )
        return found[0]

    def called(self, client: str) -> Text:
        """Return a client's name; its id where no file says one."""
        return Text(**(dict.fromkeys(LANGUAGES, client) | self._names(client)))

    def _names(self, client: str) -> dict[str, str]:
        """Return what a client's file calls it, by language; nothing where it cannot be read, which check will say."""
        file = self.client_data / client / "client.toml"
        with suppress(OSError, ValueError):
            if file.is_file() and file.stat().st_size <= _LARGEST:
                said = tomllib.loads(file.read_text("utf-8-sig")).get("name") or {}
                said = said if isinstance(said, dict) else dict.fromkeys(LANGUAGES, said)
                return {name: str(said[name]) for name in LANGUAGES if name in said}
        return {}

    def client_folder(self, client: str) -> Path:
        """Return the folder of a client that is there; WorkbookError names the nearest one otherwise."""
        return self.client_data / self.named_clients([client])[0]

    def _own(self, path: str) -> Path | None:
        """Return a file of the workbook's own, None where there is none. WorkbookError where a link leads to it."""
        own = self.root / path
        if any((self.root / part).is_symlink() for part in [PurePosixPath(path), *PurePosixPath(path).parents][:-1]):
            raise WorkbookError("linked-template", file=path)
        return own if own.is_file() else None

    def template(self, path: str) -> Path:
        """Return a template file: the workbook's own where there is one, else the shipped one."""
        return self.versions(path)[-1]

    def versions(self, path: str) -> list[Path]:
        """Return the shipped file of a template and, behind it, the workbook's own where there is one."""
        own = self._own(f"templates/{path}")
        given = shipped() / "templates" / path
        return [given] if own is None or own == given else [given, own]

    def templates(self, folder: str, suffix: str = ".toml") -> Iterator[Path]:
        """Go through all templates of one kind, sorted by name, each once."""
        own, given = (_names_in(base / "templates" / folder, suffix) for base in (self.root, shipped()))
        for name in sorted(own | given):
            path = f"{folder}/{name}"
            yield self.template(path) if name in own else shipped() / "templates" / path

    def notebook(self, name: str) -> Path:
        """Return a notebook: the workbook's own where there is one, else the shipped one. Client folders hold none."""
        return self._own(f"notebooks/{name}") or shipped() / "notebooks" / name

    def own_files(self, notebooks: Iterable[str] = ()) -> dict[str, str]:
        """Return what would be used of this workbook instead of what comes with the toolkit: path and SHA-256.

        These are its templates and, of its notebooks, those named; only what differs from the shipped file of its path.
        """
        base = self.root / "templates"
        paths = [p for p in sorted(base.rglob("*")) if p.suffix in _TEMPLATES and "schemas" not in p.parts]
        names = [p.relative_to(self.root).as_posix() for p in paths] + [f"notebooks/{name}" for name in notebooks]
        if self.root.resolve() == shipped():
            return {}
        own = {name: file for name in names if (file := self._own(name)) and _differs(file, shipped() / name)}
        return {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in own.items()}


def _names_in(folder: Path, suffix: str) -> set[str]:
    return {path.name for path in folder.iterdir() if path.name.endswith(suffix)} if folder.is_dir() else set()


def _differs(own: Path, given: Path) -> bool:
    if not given.is_file() or own.suffix != ".ipynb":
        return not given.is_file() or own.read_bytes() != given.read_bytes()
    with suppress(ValueError, KeyError, TypeError):  # their text and what they printed run nothing
        return code_of(own.read_bytes()) != code_of(given.read_bytes())
    return True


def _holds_client(folder: Path) -> bool:
    try:
        return any((folder / file).exists() for file in ("client.toml", "design.toml", "people.csv"))
    except PermissionError:
        return True  # so that somebody is told


def asked_client(workbook: Workbook, given: str) -> str:
    """Return the client that a notebook is for: a given one, else ``KPI_CLIENT``, else the only one there is."""
    chosen = given.strip() or os.environ.get("KPI_CLIENT", "")
    if chosen:
        return workbook.named_clients([chosen])[0]
    known = workbook.clients()
    if len(known) != 1:
        raise WorkbookError("blank-client", known=", ".join(known))
    return known[0]


def find_workbook(start: Path | None = None) -> Workbook:
    """Return the workbook of ``KPI_WORKBOOK``, or the nearest one at or above a folder (default: here).

    ``KPI_ONLY`` names the one client that may be reached in the former.
    """
    chosen = os.environ.get("KPI_WORKBOOK")
    if chosen:
        return Workbook(Path(chosen), os.environ.get("KPI_ONLY", ""))
    return Workbook.nearest(start or Path.cwd())
