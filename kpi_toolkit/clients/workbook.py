"""Where things are: the workbook's folders, and the templates in it that replace shipped ones of the same path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kpi_toolkit.method.issues import nearest
from kpi_toolkit.method.value import ID_PATTERN

EXAMPLES = ("home-goods", "cloudboard", "lumen-brand")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)")


class WorkbookError(ValueError):
    """The command line or the workbook's own settings are wrong."""


def shipped() -> Path:
    """Return the folder that holds the shipped notebooks, templates and example clients.

    A wheel carries them inside the package; in an editable install they stand in the checkout, beside the package.
    """
    package = Path(__file__).resolve().parent.parent
    inside = package / "_workbook"
    return inside if inside.is_dir() else package.parent


def starter_names() -> list[str]:
    """Return the names of the shipped design starters."""
    return sorted(path.stem for path in (shipped() / "templates" / "designs").glob("*.toml"))


def valid_id(text: str) -> bool:
    """Whether a text can name a client, a person or a cycle's folder on every file system."""
    return bool(re.fullmatch(ID_PATTERN, text)) and not _RESERVED.fullmatch(text)


@dataclass(frozen=True)
class Workbook:
    """A folder in which a practice works: ``client_data/``, ``reports/``, ``notebooks/`` and ``templates/``."""

    root: Path

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
            msg = f"no workbook in {self.root}: there is no folder client_data; make one with: kpi init {self.root}"
            raise WorkbookError(msg)
        return tuple(sorted(path.name for path in self.client_data.iterdir() if (path / "client.toml").is_file()))

    def client_folder(self, client: str) -> Path:
        """Return the folder of a client that is there; WorkbookError names the nearest one otherwise."""
        known = self.clients()
        if client not in known:
            near = nearest(client, known)
            hint = f"; did you mean {near}?" if near else ""
            listed = f" (clients: {', '.join(known)})" if known else " (there are no clients yet; make one: kpi new ID)"
            msg = f"no client {client!r}{hint}{listed}"
            raise WorkbookError(msg)
        return self.client_data / client

    def template(self, path: str) -> Path:
        """Return a template file: the workbook's own where there is one, else the shipped one."""
        own = self.root / "templates" / path
        return own if own.is_file() else shipped() / "templates" / path

    def template_folders(self, folder: str) -> tuple[Path, ...]:
        """Return where templates of one kind are looked for, the workbook's own first."""
        return tuple(base / folder for base in dict.fromkeys((self.root / "templates", shipped() / "templates")))

    def templates(self, folder: str, suffix: str = ".toml") -> Iterator[Path]:
        """Go through all templates of one kind, sorted by name, each once."""
        names = {path.name for base in self.template_folders(folder) if base.is_dir() for path in base.iterdir()}
        for name in sorted(name for name in names if name.endswith(suffix)):
            yield self.template(f"{folder}/{name}")

    def notebook(self, name: str) -> Path:
        """Return a notebook: the workbook's own where there is one, else the shipped one. Client folders hold none."""
        own = self.root / "notebooks" / name
        return own if own.is_file() else shipped() / "notebooks" / name
