"""Scenarios in and out of a client's folder, and the one way from a scenario to a new version of the design."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import tomlkit

from kpi_toolkit.clients.acts import Act, done
from kpi_toolkit.clients.client import Client, as_of, load_client, named_cycle
from kpi_toolkit.clients.frozen import DESIGN, own_file
from kpi_toolkit.clients.library import called_by_name
from kpi_toolkit.clients.reading import parse_toml, raise_errors, read_bytes
from kpi_toolkit.clients.record import RECORD, State, read_record, with_line
from kpi_toolkit.clients.storage import client_lock, sha256, write_all, write_file
from kpi_toolkit.clients.toml_text import stated, written
from kpi_toolkit.clients.workbook import WorkbookError, usable_id, valid_id
from kpi_toolkit.method.checks import check_design, check_people
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.issues import Issue, Issues, IssuesError, Place, error, nearest
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.scenario import Scenario, changed_design, check_scenario, made_on_another
from kpi_toolkit.method.value import likely_id, not_taken

SCENARIOS = "scenarios"
_SLIPS = {"fraction-in-design", "low-cap", "high-cap", "shares-order"}
"""What is probably mistyped is not made a design; whoever means it mutes it with a reason."""
_LEAST_CAP = 50
"""Ours: a highest score under it is a number that lost a digit; another one may be meant."""
_SCHEMA = "#:schema ../../../templates/schemas/scenario.schema.json\n"


def read_scenarios(client: Client) -> tuple[dict[str, Scenario], Issues]:
    """Return a client's scenarios by id, and everything that is wrong in their files."""
    found: dict[str, Scenario] = {}
    issues = Issues()
    for path in sorted((client.folder / SCENARIOS).glob("*.toml")):
        name = f"{SCENARIOS}/{path.name}"
        data, more = read_bytes(path, name)
        if not valid_id(path.stem):
            more += [error("unusable-scenario-id", Place(name), name=path.stem, suggestion=usable_id(path.stem))]
        scenario = None
        if data is not None:
            scenario, wrong = _parsed(client, data, name)
            more += wrong
        if scenario is not None and not more.errors:
            found[path.stem] = scenario
        issues += more
    return found, issues


def scenario_id(client: Client, name: str) -> str:
    """Return the id of a scenario: by its id, or by a name that only one of them has.

    WorkbookError names the nearest id, IssuesError what is wrong in its file.
    """
    known, issues = read_scenarios(client)
    if name in known:
        return name
    called = [own for own, one in known.items() if name in one.name.words]
    if len(called) == 1:
        return called[0]
    raise_errors(Issues(issue for issue in issues if issue.place.file == f"{SCENARIOS}/{name}.toml"))
    near = called[0] if called else nearest(name, known)
    raise WorkbookError("unknown-scenario", name=name, nearest=near, known=", ".join(known))


def read_scenario(client: Client, name: str) -> Scenario:
    """Return one scenario by its id or its name. Raises as :func:`scenario_id`."""
    return read_scenarios(client)[0][scenario_id(client, name)]


def kept_as(client: Client, scenario: Scenario) -> str | None:
    """Return the id under which just this scenario is kept already, None where it is not."""
    return next((name for name, one in read_scenarios(client)[0].items() if one == scenario), None)


def parse_scenario(client: Client, text: str | bytes, name: str) -> tuple[Scenario, Issues]:
    """Return the scenario that a text declares, and warnings. IssuesError lists everything wrong with it at once.

    A text that a mail quoted (``>``) or that stands between fences is taken out of them first.
    """
    data = text.encode() if isinstance(text, str) else text
    scenario, issues = _parsed(client, _unwrapped(data), name)
    if scenario is None or issues.errors:
        raise IssuesError(issues)
    return scenario, issues


def _unwrapped(data: bytes) -> bytes:
    lines = data.removeprefix(BOM_UTF8).splitlines()
    while any(line.strip() for line in lines) and all(line.lstrip()[:1] in {b"", b">"} for line in lines):
        lines = [line.lstrip()[1:].removeprefix(b" ") for line in lines]
    fences = [place for place, line in enumerate(lines) if line.strip().startswith((b"```", b"~~~"))]
    return b"\n".join(lines[fences[0] + 1 : fences[1]] if len(fences) > 1 else lines) + b"\n"


def _parsed(client: Client, data: bytes, name: str) -> tuple[Scenario | None, Issues]:
    scenario, issues = parse_toml(data, Scenario, name)
    if scenario is None:
        return None, issues
    if scenario.client != client.id:
        issues += [error("scenario-other-client", Place(name, key="client"), name=scenario.client, client=client.id)]
        return scenario, issues
    try:
        named_cycle(client, scenario.cycle)
    except WorkbookError as problem:
        issues += [error(problem.issue.code, Place(name, key="cycle"), **problem.issue.values)]
    return scenario, issues + check_scenario(_design_of(client, scenario), scenario, name)


def _design_of(client: Client, scenario: Scenario) -> Design:
    """Return the design that a scenario is held against: that of its cycle, as far as it can be read."""
    try:
        return as_of(client, scenario.cycle).design
    except IssuesError:
        return client.design


def free_id(client: Client, scenario: Scenario) -> str:
    """Return an id for a scenario that no file has yet, after its name where that gives one."""
    kept = likely_id(scenario.name.pick())[:40].strip("-")
    taken = {path.stem for path in (client.folder / SCENARIOS).glob("*.toml")}
    return not_taken(kept if valid_id(kept) else "scenario", taken)


def save_scenario(client: Client, name: str, scenario: Scenario, *, replace: bool = False) -> Path:
    """Write ``scenarios/<name>.toml`` and return it. The design is not touched.

    Raises WorkbookError for an id that cannot be used or is taken, IssuesError for a scenario that does not fit.
    """
    if not valid_id(name):
        raise WorkbookError("unusable-scenario-id", name=name, suggestion=usable_id(name))
    path = client.folder / SCENARIOS / f"{name}.toml"
    with client_lock(client.folder):
        if path.exists() and not replace:
            raise WorkbookError("scenario-exists", name=name, client=client.id)
        now = load_client(client.folder)
        raise_errors(check_scenario(_design_of(now, scenario), scenario, f"{SCENARIOS}/{path.name}"))
        write_file(path, scenario_text(scenario))
    return path


def scenario_text(scenario: Scenario) -> str:
    """Return a scenario as its file; what it does not change is not written."""
    page = tomlkit.document()
    for key, value in {"schema": scenario.schema_, **stated(scenario)}.items():
        page.add(key, tomlkit.item(value))
    return _SCHEMA + tomlkit.dumps(page)


@dataclass(frozen=True, slots=True)
class Adoption:
    """A scenario that became the design."""

    version: int
    path: Path


def adopt(client: Client, name: str, *, by: str, day: date) -> Adoption:
    """Make a scenario a new version of the client's design: comments stay, the change log says who and why.

    The scenario is called by its id or its name. The reason becomes the version's rationale, the day when it was
    agreed. Targets of a cycle that ``goals.csv`` agreed stay as they are; the design's own move.

    Raises WorkbookError for an unknown scenario or where nobody takes it on, IssuesError where it was made for another
    design than today's, where nothing was kept beside it to choose from, where it changes nothing, or where it would
    make a design that may not be scored. Nothing is changed then.
    """
    with client_lock(client.folder):
        return _adopt(load_client(client.folder), name, by, day)


def _adopt(client: Client, name: str, by: str, day: date) -> Adoption:
    name = scenario_id(client, name)
    known = read_scenarios(client)[0]
    scenario = known[name]
    if not by.strip():
        raise WorkbookError("adopt-by-whom")
    others = [other for other, one in known.items() if _stands_beside(one, scenario)]
    raise_errors(Issues(_keeps_from_adopting(client, name, scenario, others)))
    files: dict[str, bytes | str | None] = {}
    for design in _designs_moved(client, scenario):
        text, version = _adopted(client, design, scenario, name, by.strip(), day, others)
        kept = (client.folder / design).read_bytes()
        files |= {design: text, f"{_BEFORE}/{design}": kept, f"{_BEFORE}/{design}.sha256": sha256(text.encode())}
    files |= _line_of(client, files, scenario.cycle, by, scenario=name)
    write_all(client.folder, {**dict.fromkeys(_kept(client), None), **files})
    return Adoption(version, client.folder / DESIGN)


def _designs_moved(client: Client, scenario: Scenario) -> list[str]:
    """Return the designs that an adoption changes: the client's, and that of its cycle while it is open and has one.

    Raises IssuesError where the cycle's is not the one that the scenario was made on.
    """
    own = own_file(client.folder, scenario.cycle, DESIGN)
    if own == DESIGN or read_record(client.folder / "cycles" / scenario.cycle).state != State.DRAFT:
        return [DESIGN]
    raise_errors(Issues(filter(None, [made_on_another(as_of(client, scenario.cycle).design, scenario, Place(own))])))
    return [own, DESIGN]


def _adopted(
    client: Client, name: str, scenario: Scenario, called: str, by: str, day: date, others: Sequence[str]
) -> tuple[str, int]:
    """Return the text of a design file with a scenario adopted, and its new version."""
    data, issues = read_bytes(client.folder / name, name)
    raise_errors(issues)
    version = client.design.version + 1
    entry = {"version": version, "date": day, "by": by, "scenario": called}
    entry |= {key: getattr(scenario, key) for key in ("asked_by", "why") if getattr(scenario, key)}
    entry |= {"alternatives": list(others)}
    entry |= {"elicited": [stated(record) for record in scenario.elicited]} if scenario.elicited else {}
    reason = {"rationale": scenario.why} if scenario.why else {}  # without one the design keeps what it says
    said = {"version": version, "agreed": day, **reason}.items()
    acts = [*_moves(client.design, scenario), *(Act("set", (key,), value) for key, value in said)]
    text = done((data or b"").decode("utf-8-sig"), *acts, Act("add", ("changes",), entry))
    made, issues = parse_toml(text.encode(), Design, name, **called_by_name(client.workbook))
    if made is not None:
        issues += check_design(made) + check_people(Roster(made, client.people))
    raise_errors(issues)
    return text, version


_BEFORE = ".before-adoption"
"""Where the designs are kept as they were, until the next adoption."""


def _kept(client: Client) -> list[str]:
    base = client.folder / _BEFORE
    return [path.relative_to(client.folder).as_posix() for path in base.rglob("*") if path.is_file()]


def _line_of(client: Client, files: Mapping[str, Any], cycle: str, by: str, **facts: Any) -> dict[str, bytes]:
    """Return the record of a cycle with the line that it has another design now, by its path; nothing if it has not."""
    text = files.get(f"cycles/{cycle}/{DESIGN}")
    if text is None:
        return {}
    digest = sha256(text if isinstance(text, bytes) else text.encode())
    _, data = with_line(client.folder / "cycles" / cycle, "agreed", by.strip(), design=digest, **facts)
    return {f"cycles/{cycle}/{RECORD}": data}


def take_back(folder: Path, *, by: str) -> list[Path]:
    """Make the designs again what they were before the last adoption; return what was written.

    A cycle that was closed since keeps its own. Raises WorkbookError where nothing was adopted, or nobody takes it on;
    IssuesError where a design was changed since.
    """
    if not by.strip():
        raise WorkbookError("by-whom")
    with client_lock(folder):
        base = folder / _BEFORE
        found = sorted(path for path in base.rglob("*.toml") if path.is_file())
        if not found:
            raise WorkbookError("nothing-adopted", client=folder.name)
        files: dict[str, bytes | str | None] = {}
        client = load_client(folder)
        for path in found:
            name = path.relative_to(base).as_posix()
            cycle = name.split("/")[1] if "/" in name else ""
            if cycle and read_record(folder / "cycles" / cycle).state != State.DRAFT:
                continue
            if sha256((folder / name).read_bytes()) != path.with_name(f"{path.name}.sha256").read_text("utf-8"):
                raise IssuesError([error("changed-since-adoption", Place(name))])
            files[name] = path.read_bytes()
            files |= _line_of(client, {name: files[name]}, cycle, by, back=True)
        write_all(folder, {**files, **dict.fromkeys(_kept(client), None)})
        return [folder / name for name in files]


def _stands_beside(one: Scenario, scenario: Scenario) -> bool:
    """Whether a scenario was kept to choose from: of the same cycle and design, it says something else."""
    return (one.cycle, one.design) == (scenario.cycle, scenario.design) and one.changes != scenario.changes


def _keeps_from_adopting(client: Client, name: str, scenario: Scenario, others: Sequence[str]) -> Iterator[Issue]:
    place = Place(f"{SCENARIOS}/{name}.toml")
    older = made_on_another(client.design, scenario, place)
    if older:
        yield older
    elif not any(scenario.changes.values()):
        yield error("nothing-to-adopt", place, name=scenario.name)
    elif not others:
        yield error("one-scenario", place, name=scenario.name, cycle=scenario.cycle)
    lived_with = {mute.code for mute in client.design.mute}
    for issue in check_scenario(client.design, scenario, place.file):
        meant = issue.values.get("cap", 0) >= _LEAST_CAP
        if issue.code in _SLIPS and issue.code not in lived_with and not meant:
            yield error(issue.code, issue.place, **issue.values)


def _moves(design: Design, scenario: Scenario) -> Iterator[Act]:
    """Go through what a scenario changes in a design's file, and nothing else."""
    after = changed_design(design, scenario)
    for key, part in (("weight", scenario.weights), ("target", scenario.targets), ("cap", scenario.caps)):
        for role, own in part.items():
            for n, item in enumerate(after.roles[role].indicators):
                if item.id in own and (value := getattr(item, key)) is not None:
                    yield Act("set", ("roles", role, "indicators", n, key), written(value))
    if scenario.item_cap is not None:
        yield Act("set", ("item_cap",), written(scenario.item_cap))
    if scenario.shares is not None:
        yield Act("set", ("tiers", "shares"), written(scenario.shares))
