"""New workbooks, new clients, new cycles."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import tomlkit

from kpi_toolkit.clients.client import PEOPLE, columns, inspect_cycle, load_client
from kpi_toolkit.clients.library import design_template
from kpi_toolkit.clients.reading import raise_errors, table_file
from kpi_toolkit.clients.storage import make_folder, write_file, write_files
from kpi_toolkit.clients.workbook import EXAMPLES, Workbook, WorkbookError, shipped, valid_id
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import nearest
from kpi_toolkit.method.tables import ROW_TYPES, rows_of

_OF_ONE_CYCLE = ("deadline", "starts", "made", "assigned", "confirmed")
"""What a goal says of its own cycle only, and is not copied into the next."""
_GITIGNORE = "# Real clients and what is delivered never enter git.\n/client_data/*\n/reports/*\n*.kpi-tmp\n"


def init_workbook(root: Path, *, examples: bool = False) -> list[Path]:
    """Lay out a fresh workbook and return what was made. Nothing that is there is changed.

    Templates are not copied: a file in the workbook's ``templates/`` replaces the shipped one of the same path.
    """
    made: list[Path] = []
    for folder in ("client_data", "reports", "templates", "notebooks"):
        make_folder(root / folder)
    files = {root / ".gitignore": _GITIGNORE.encode()}
    for notebook in (shipped() / "notebooks").glob("*.ipynb"):
        files[root / "notebooks" / notebook.name] = notebook.read_bytes()
    for schema in (shipped() / "templates" / "schemas").glob("*.json"):  # for editors; not a template to tailor
        files[root / "templates" / "schemas" / schema.name] = schema.read_bytes()
    for client in EXAMPLES if examples else ():
        base = shipped() / "client_data" / client
        files |= {
            root / "client_data" / client / p.relative_to(base): p.read_bytes() for p in base.rglob("*") if p.is_file()
        }
    for path, content in files.items():
        if not path.exists():
            write_file(path, content)
            made.append(path)
    return made


def new_client(workbook: Workbook, client: str, *, template: str, name: str, language: str) -> list[Path]:
    """Start a client from a design template and return the files that were made.

    Raises WorkbookError for an id that cannot be used or is taken, and for an unknown template.
    """
    if not valid_id(client):
        raise WorkbookError("unusable-id", name=client)
    if client in workbook.clients() or (workbook.client_data / client).exists():
        raise WorkbookError("client-exists", name=client)
    path, _ = design_template(workbook, template)
    folder = workbook.client_data / client
    page = tomlkit.document()
    page.add(tomlkit.comment("Who the client is. Two languages make every report in both."))
    page.add("schema", tomlkit.item(1))
    page.add("name", tomlkit.item(name.strip() or client))
    page.add("languages", tomlkit.item([language]))
    page.add("size", tomlkit.item("small"))
    brand = tomlkit.table()
    brand.add("primary", "#17324d")
    brand.add("accent", "#0072b2")
    brand.add(tomlkit.comment('logo = "logo.svg"  # a picture in this folder'))
    page.add("brand", brand)
    files = {
        folder / "client.toml": tomlkit.dumps(page),
        folder / "design.toml": path.read_text("utf-8").replace(
            "#:schema ../schemas/", "#:schema ../../templates/schemas/"
        ),
        folder / "people.csv": table_text("people"),
    }
    write_files(files)
    return list(files)


def new_cycle(workbook: Workbook, client: str, cycle: str, *, source: str | None = None) -> list[Path]:
    """Open a client's cycle and return the files that were made: people and goals are copied, actuals never.

    ``people.csv`` goes on into the new cycle; the cycles before it keep a copy of their own, so that whoever changes
    posts or leaves later changes nothing in them. ``source`` is the cycle whose goals are copied (default: the latest
    before). ``goals.csv`` and ``actuals.csv`` get a row for every person and indicator, their values blank.

    Raises WorkbookError when the cycle is there already.
    """
    value = load_client(workbook.client_folder(client))
    try:
        period = Cycle.parse(cycle)
    except ValueError as problem:
        raise WorkbookError("bad-cycle", cycle=cycle, nearest=nearest(cycle, value.cycles)) from problem
    folder = value.folder / "cycles" / period.id
    if table_file(folder / "actuals.csv").exists():
        raise WorkbookError("cycle-exists", cycle=period.id, client=client)
    if source is None:
        earlier = [
            name for name in value.cycles if Cycle.parse(name).months == period.months and Cycle.parse(name) < period
        ]
        source = earlier[-1] if earlier else None
    pairs = [
        (person.id, item.id) for person in rows_of(value.people) for item in value.design.roles[person.role].indicators
    ]
    goals: list[dict[str, Any]] = []
    above: list[dict[str, Any]] = []
    if source is not None:
        tables, issues = inspect_cycle(value, source)
        raise_errors(issues)
        goals = [
            {**row._asdict(), **dict.fromkeys(_OF_ONE_CYCLE, "")}
            for row in rows_of(tables.goals)
            if (row.person, row.indicator) in set(pairs)
        ]
        above = [{**row._asdict(), "made": ""} for row in rows_of(tables.cascade)]
    now = table_file(value.folder / PEOPLE)
    kept = {
        value.folder / "cycles" / name / now.name: now.read_bytes()
        for name in value.cycles
        if Cycle.parse(name) < period and not table_file(value.folder / "cycles" / name / PEOPLE).exists()
    }
    known = {(row["person"], row["indicator"]) for row in goals}
    blank = [{"person": person, "indicator": item} for person, item in pairs if (person, item) not in known]
    files: dict[Path, bytes | str] = {
        **kept,
        folder / "goals.csv": table_text("goals", [*goals, *blank]),
        folder / "actuals.csv": table_text(
            "actuals", ({"person": person, "indicator": item} for person, item in pairs)
        ),
        folder / "adjustments.csv": table_text("adjustments"),
        **({folder / "cascade.csv": table_text("cascade", above)} if above else {}),
    }
    made = {path: content for path, content in files.items() if not table_file(path).exists()}  # what was begun stays
    write_files(made)
    return list(made)


def table_text(name: str, rows: Iterable[Mapping[str, Any]] = ()) -> str:
    """Return a table of a client's folder as CSV, with the byte-order mark that Excel on a Chinese Windows wants."""
    stream = io.StringIO()
    lines = [{key: _cell(value) for key, value in row.items()} for row in rows]
    rare = [key for key in ROW_TYPES[name].model_fields if any(line.get(key) for line in lines)]
    header = [key for key in ROW_TYPES[name].model_fields if key in {*columns(name), *rare}]
    writer = csv.DictWriter(stream, header, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(lines)
    return "\ufeff" + stream.getvalue()


def _cell(value: Any) -> Any:
    """Return a value as a person types it: nothing for None, 0.0000001 rather than 1E-7, stages as 20/30/50."""
    if isinstance(value, tuple):
        return "/".join(map(str, value))
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else value
