"""New workbooks, new clients, new cycles."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import tomlkit
from pydantic import ValidationError

from kpi_toolkit.clients.client import (
    Client,
    as_of,
    inspect_cycle,
    load_client,
    named_cycle,
    own_copies,
    roster_differs,
)
from kpi_toolkit.clients.countries import country_of
from kpi_toolkit.clients.cycle_folders import meant_cycle
from kpi_toolkit.clients.frozen import CURVES, DESIGN, PEOPLE, PROFILE, copies_of, works_in
from kpi_toolkit.clients.language import in_all
from kpi_toolkit.clients.library import Library, called_by_name, design_template, usual_meetings
from kpi_toolkit.clients.one_language import in_language, in_languages
from kpi_toolkit.clients.reading import issue_of, raise_errors
from kpi_toolkit.clients.record import RECORD, State, read_record, with_line
from kpi_toolkit.clients.starting import first_design, with_roles
from kpi_toolkit.clients.storage import client_lock, make_folder, sha256, sweep, write_all, write_file, write_folder
from kpi_toolkit.clients.tables_out import own_columns, people_text, table_text
from kpi_toolkit.clients.tabular import read_table, rows_as_written, table_file
from kpi_toolkit.clients.toml_text import inline, stated
from kpi_toolkit.clients.workbook import EXAMPLES, Workbook, WorkbookError, shipped, usable_id, valid_id
from kpi_toolkit.method.checks import check_people
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issues, IssuesError, Place, error
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.organisation import Post, organise
from kpi_toolkit.method.profile import Profile
from kpi_toolkit.method.spells import joined, still_there
from kpi_toolkit.method.tables import Table, Tables, rows_of
from kpi_toolkit.method.value import ENGLISH, Language, Text, Value

V = TypeVar("V", bound=Value)

_OF_ONE_CYCLE = ("deadline", "starts", "made", "assigned", "confirmed")
"""What a goal says of its own cycle only, and is not copied into the next."""
_UNTRACKED = ("/client_data/*", "/reports/*", "/START.md", "/.kpi/", "*.kpi-tmp", ".kpi-lock")
_GITIGNORE = "\n".join(["# Real clients and what is delivered never enter git.", *_UNTRACKED, ""])


def init_workbook(root: Path, *, examples: bool = False, language: Language | None = None) -> list[Path]:
    """Lay out a fresh workbook and return what was made. Nothing that is there is changed.

    The notebooks' text is in one ``language``, or in both.
    Templates are not copied: a file in the workbook's ``templates/`` replaces the shipped one of the same path.
    """
    made: list[Path] = []
    for folder in ("client_data", "reports", "templates", "notebooks"):
        make_folder(root / folder)
    files = {root / ".gitignore": _GITIGNORE.encode()}
    for notebook in (shipped() / "notebooks").glob("*.ipynb"):
        text = notebook.read_text("utf-8")
        files[root / "notebooks" / notebook.name] = (in_language(text, language) if language else text).encode()
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


def check_new(workbook: Workbook, client: str) -> None:
    """Raise WorkbookError for a client's id that cannot be used or is taken."""
    if not valid_id(client):
        raise WorkbookError("unusable-id", name=client, suggestion=usable_id(client))
    if client in workbook.clients() or (workbook.client_data / client).exists():
        raise WorkbookError("client-exists", name=client)


def new_client(
    workbook: Workbook, client: str, *, template: str, name: str, language: str,
    facts: Mapping[str, Any] | None = None, organisation: str | None = None,
    rationale: str = "", meetings: bool = False,
) -> list[Path]:  # fmt: skip
    """Start a client from a design template and return the files that were made.

    ``facts`` go into ``client.toml``; goals that are not among them are those that the template serves, the calendar is
    that of the country. With ``organisation`` the posts of a starter, as these facts make them, go into
    ``design.toml``, and for each post that has people and no role in it the role of the card; with ``meetings`` the
    method's meetings and reports.
    Raises WorkbookError for an id that cannot be used or is taken, for an unknown template, starter or country, and for
    words or facts that no file of a client may hold.
    """
    check_new(workbook, client)
    path, design = design_template(workbook, template)
    known = {"name": name.strip() or client, "languages": [language]} | dict(facts or {})
    known.setdefault("goals", dict.fromkeys(sorted(_served(design)), 1) if len(_served(design)) == 1 else {})
    profile = _stated(Profile, known)
    _stated(Text, {ENGLISH: rationale}, key="rationale")
    country = country_of(workbook, profile.country)
    if country.card.calendar and "calendar" not in known:
        profile = profile.model_copy(update={"calendar": country.card.calendar})
    text = first_design(
        path.read_text("utf-8"), rationale=rationale, currency=country.currency,
        routines=usual_meetings(workbook) if meetings else "",
    )  # fmt: skip
    if organisation is not None:
        library = Library(workbook)
        starter = library.organisations[library.find("organisations", organisation)]
        posts = organise(starter, profile)
        here = [post.role for post in posts if post.counted != (0, 0)]
        served = max(profile.goals, key=lambda goal: profile.goals[goal], default=None)
        text = with_roles(text, {role: library.roles[role] for role in here if role not in design.roles}, served)
        text = f"{text.rstrip()}\n\n{posts_text(posts)}"
    folder = workbook.client_data / client
    text = in_languages(text, language, profile.languages)
    page = page_text(workbook, profile, language)
    files = {"client.toml": page, "design.toml": text, "people.csv": table_text("people")}
    sweep(workbook.client_data, deep=False)
    try:
        write_folder(folder, files, beside=workbook.client_data)
    except FileExistsError as problem:  # somebody else was faster
        raise WorkbookError("client-exists", name=client) from problem
    return [folder / name for name in files]


def _stated(model: type[V], values: Mapping[str, Any], key: str = "") -> V:
    """Return a value as it was stated; WorkbookError names the first statement that a client's file may not hold."""
    try:
        return model.model_validate(values)
    except ValidationError as problem:
        detail = problem.errors()[0]
        issue = issue_of(detail, Place(key=key or str(detail["loc"][0])), detail["input"])
        raise WorkbookError(issue.code, **{"key": issue.place.key, **issue.values}) from problem


def _served(design: Design) -> set[str]:
    return {item.serves_goal for role in design.roles.values() for item in role.indicators if item.serves_goal}


def page_text(workbook: Workbook, profile: Profile, language: Language) -> str:
    """Return a client's page as a person would type it: only what is stated."""
    page = tomlkit.document()
    page.add(tomlkit.comment(in_all("written.client", workbook).pick(language)))
    page.add("schema", tomlkit.item(1))
    tables: dict[str, Any] = {}
    for key, value in stated(profile).items():
        if isinstance(value, dict) and key not in {"name", "department"}:
            tables[key] = value
        else:
            page.add(key, inline(value))
    for key, value in tables.items():
        page.add(key, tomlkit.item(value))
    brand = tomlkit.table()
    brand.add("primary", profile.brand.primary)
    brand.add("accent", profile.brand.accent)
    logo = in_all("written.logo", workbook).pick(language)
    brand.add(tomlkit.comment(f'logo = "logo.svg"  # {logo}'))
    page["brand"] = brand
    return f"#:schema ../../templates/schemas/client.schema.json\n{tomlkit.dumps(page)}"


def posts_text(posts: Iterable[Post]) -> str:
    """Return posts as they stand in ``design.toml``."""
    rows = tomlkit.aot()
    for post in posts:
        table = tomlkit.table()
        for key, value in stated(post).items():
            same = isinstance(value, list) and key in {"headcount", "pay"} and value[0] == value[1]
            table.add(key, inline(value[0] if same else value))
        rows.append(table)
    return tomlkit.dumps({"posts": rows})


def new_cycle(
    workbook: Workbook, client: str, cycle: str, *, source: str | None = None, by: str = ""
) -> list[Path]:  # fmt: skip
    """Open a client's cycle and return the files that were made: people and goals are copied, actuals never.

    The cycle gets its own ``client.toml``, ``design.toml``, ``curves.toml`` and ``people.csv``, and so do cycles before
    it that have none: whatever changes later, or whoever leaves, changes nothing in them. ``source`` is the cycle whose
    goals are copied (default: the latest before). ``goals.csv`` and ``actuals.csv`` get a row for every person and
    indicator, their values blank.

    Only columns that are used are copied. The cycle is there whole or not at all; whoever was interrupted asks again.

    Where the cycle is there already and the client's people are others by now, these are taken over (:func:`take`).
    Raises WorkbookError when it is there and nothing is otherwise, or ``source`` is not.
    """
    with client_lock(workbook.client_folder(client)):
        return _new_cycle(load_client(workbook.client_folder(client)), client, cycle, source, by)


def _new_cycle(value: Client, client: str, cycle: str, source: str | None, by: str) -> list[Path]:
    period = meant_cycle(cycle, value.cycles)
    folder = value.folder / "cycles" / period.id
    if table_file(folder / "actuals.csv").exists():
        differs = roster_differs(value.folder, as_of(value, period.id), period.id)
        draft = read_record(folder).state == State.DRAFT
        taken = _take(value, period.id, "people" if differs else "rows", by) if differs or draft else []
        if not taken:
            raise WorkbookError("cycle-exists", cycle=period.id, client=client)
        return taken
    everyone, value = value, replace(value, people=still_there(value.people, period))
    if value.people.empty:  # its tables would have no rows, and would be in the way afterwards
        raise IssuesError([error("no-people", Place(PEOPLE))])
    source = _before(value, period) if source is None else named_cycle(value, source)
    pairs = _pairs(value.design, value.people)
    goals, above = _agreed(everyone, source, set(pairs)) if source else ([], [])
    kept = _copies_before(everyone, period)
    known = {(row["person"], row["indicator"]) for row in goals}
    blank = [{"person": person, "indicator": item} for person, item in pairs if (person, item) not in known]
    fresh = {
        "goals.csv": table_text("goals", [*goals, *blank]),
        "adjustments.csv": table_text("adjustments"),
        **({"cascade.csv": table_text("cascade", above)} if above else {}),
        "actuals.csv": table_text("actuals", ({"person": person, "indicator": item} for person, item in pairs)),
    }
    made = {  # what was begun stays
        f"cycles/{period.id}/{name}": text for name, text in fresh.items() if not table_file(folder / name).exists()
    }
    _, record = with_line(folder, "opened", by, **({"from": source} if source else {}))
    files = {**kept, **made, **own_copies(value, period.id), f"cycles/{period.id}/{RECORD}": record}
    write_all(value.folder, files)
    return [value.folder / name for name in files]


def _copies_before(value: Client, period: Cycle) -> dict[str, bytes]:
    """Return the own copies of the earlier cycles that are drafts still: what they are held by is not changed."""
    kept: dict[str, bytes] = {}
    for name in value.cycles:
        opened = read_record(value.folder / "cycles" / name).state == State.DRAFT
        kept |= own_copies(value, name) if opened and Cycle.parse(name) < period else {}
    return kept


def _before(value: Client, period: Cycle) -> str | None:
    """Return the latest earlier cycle of the same kind, None where there is none."""
    earlier = [each for each in map(Cycle.parse, value.cycles) if each.kind == period.kind and each < period]
    return earlier[-1].id if earlier else None


def _agreed(
    client: Client, source: str, pairs: Collection[tuple[str, str]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what another cycle agreed with these people on, and the goals above theirs, as rows of a fresh cycle."""
    tables, issues = inspect_cycle(client, source, as_agreed=True)
    raise_errors(Issues(issue for issue in issues if issue.code != "no-target"))  # none to be copied, that is all
    goals = [
        {**row._asdict(), **dict.fromkeys(_OF_ONE_CYCLE, "")}
        for row in rows_of(tables.goals)
        if (row.person, row.indicator) in pairs
    ]
    return goals, [{**row._asdict(), "made": ""} for row in rows_of(tables.cascade)]


TAKEN = {"design": (DESIGN, CURVES), "people": (PEOPLE,), "all": (PROFILE, DESIGN, CURVES, PEOPLE), "rows": ()}
"""What an open cycle can take over of what the client has today; in any case it gets rows for all that is asked."""


def take(workbook: Workbook, client: str, cycle: str, what: str, *, by: str) -> list[Path]:
    """Let an open cycle take over the client's design, people or both, and return the files that were written.

    ``goals.csv`` and ``actuals.csv`` get rows for who and what is new; rows without a value that nothing asks for any
    more are left out. Raises IssuesError where the cycle's figures are held fast, or a table is an Excel workbook,
    WorkbookError where nobody takes it on.
    """
    if not by.strip():
        raise WorkbookError("by-whom")
    with client_lock(workbook.client_folder(client)):
        value = load_client(workbook.client_folder(client))
        return _take(value, named_cycle(value, cycle), what, by.strip())


def _take(value: Client, cycle: str, what: str, by: str) -> list[Path]:
    folder, base = value.folder / "cycles" / cycle, f"cycles/{cycle}"
    if read_record(folder).state != State.DRAFT:
        raise IssuesError([error("take-closed", Place(base), cycle=cycle, client=value.id)])
    named = called_by_name(value.workbook)
    value = replace(value, people=still_there(value.people, Cycle.parse(cycle)))
    today = copies_of(value.folder, value.design, named, people_text(value.people, value.design))
    then = as_of(value, cycle)
    files: dict[str, bytes | str | None] = {}
    for name in TAKEN[what]:
        old = table_file(folder / name)
        files |= {f"{base}/{old.name}": None} if old.exists() and old.name not in today else {}
        files |= {f"{base}/{name}": today[name]} if name in today else {}
    design = value.design if DESIGN in TAKEN[what] else then.design
    people = value.people if PEOPLE in TAKEN[what] else then.people
    raise_errors(check_people(Roster(design, people)))
    held = replace(Tables.of(), people=people, spells=inspect_cycle(then, cycle)[0].spells)
    if not held.spells.empty:  # whoever holds two roles is asked for what both ask for
        period = Cycle.parse(cycle)
        design, held = joined(design, held, period, works_in(value.folder, period, value.profile.country))
    pairs, roster = _pairs(design, held.people), Roster(design, held.people)
    signed = read_record(folder).agreed_with
    for name in ("goals", "actuals"):
        agreed = _signed_targets(then.design, design, held.people, signed) if name == "goals" else {}
        files |= _with_rows(folder / f"{name}.csv", f"{base}/{name}.csv", name, pairs, roster, agreed)
    kept = {name: (value.folder / name).read_bytes() if (value.folder / name).is_file() else None for name in files}
    if all(kept[name] == (data.encode() if isinstance(data, str) else data) for name, data in files.items()):
        return []
    hashes = {Path(name).stem: sha256(data) for name, data in files.items() if isinstance(data, bytes)}
    _, files[f"{base}/{RECORD}"] = with_line(folder, "opened", by, take=what, **hashes)
    write_all(value.folder, files)
    return [value.folder / name for name in files]


def _pairs(design: Design, people: Table) -> list[tuple[str, str]]:
    """Return every person with every indicator of the role."""
    return [(person.id, item.id) for person in rows_of(people) for item in design.roles[person.role].indicators]


def _signed_targets(
    then: Design, design: Design, people: Table, signed: Collection[str]
) -> dict[tuple[str, str], Decimal]:
    """Return the targets that people have signed as the design had them then and that it has no more."""
    return {
        (person.id, item.id): old.target
        for person in rows_of(people)
        if person.id in signed and person.role in then.roles
        for item in design.roles[person.role].indicators
        for old in then.roles[person.role].indicators
        if old.id == item.id and old.target is not None and old.target != item.target
    }


def _with_rows(
    path: Path, name: str, table: str, pairs: list[tuple[str, str]], roster: Roster,
    agreed: Mapping[tuple[str, str], Decimal],
) -> dict[str, str]:  # fmt: skip
    """Return a table with a row for each pair, by its path; nothing where it has them all.

    Targets that were ``agreed`` are written where a row has none.
    """
    if not table_file(path).exists():
        return {}
    frame, issues = read_table(path, table, name, roster)
    raise_errors(issues)
    rows = rows_as_written(frame, issues)
    wanted = set(pairs)
    kept = [row for row in rows if (row["person"], row["indicator"]) in wanted or _says_something(row)]
    known = {(row["person"], row["indicator"]) for row in kept}
    new = [{"person": person, "indicator": item} for person, item in pairs if (person, item) not in known]
    told = [row for row in (*kept, *new) if row.get("target") is None and (row["person"], row["indicator"]) in agreed]
    for row in told:
        row["target"] = agreed[row["person"], row["indicator"]]
    if len(kept) == len(rows) and not new and not told:
        return {}
    if table_file(path) != path:
        lacking = [f"{row['person']} {row['indicator']}" for row in (new or told)]
        raise IssuesError([error("roster-in-workbook", Place(name), rows=lacking)] if lacking else [])
    return {name: table_text(table, [*kept, *new], more=own_columns(table, frame))}


def _says_something(row: Mapping[str, Any]) -> bool:
    return any(value not in (None, "") for key, value in row.items() if key not in {"row", "person", "indicator"})
