"""What a cycle's figures come from, and the copies of it that are kept once the figures hold.

``deliveries/<n>/`` holds what was held fast as number n: ``inputs/`` with every file, ``inputs.sha256`` over them (as
``sha256sum -c`` reads it) and ``results.json``. A line of the record names the hashes of the last two.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from kpi_toolkit.clients.countries import work_days_of
from kpi_toolkit.clients.reading import read_bytes
from kpi_toolkit.clients.record import Line, Problem, Record, State
from kpi_toolkit.clients.storage import sha256
from kpi_toolkit.clients.tabular import neighbours, table_file
from kpi_toolkit.clients.toml_text import written
from kpi_toolkit.method.checks.plausible import adds_up
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issue, Place, error
from kpi_toolkit.method.model import Design, Indicator
from kpi_toolkit.method.wording import Wording

PEOPLE, DESIGN, CURVES, PROFILE = "people.csv", "design.toml", "curves.toml", "client.toml"
SPELLS, WORKDAYS, AMOUNTS, CASCADE = "spells.csv", "workdays.csv", "amounts.csv", "cascade.csv"
DELIVERIES, RESULTS, INPUTS = "deliveries", "results.json", "inputs"
REASON, REOPENED = "reason.txt", "reopened.txt"
_COPIED = (PROFILE, DESIGN, CURVES, PEOPLE)
"""What a cycle has a copy of, and reads from the client where it has none yet."""
_TABLES = ("goals", "actuals", "adjustments", "calibration", "cascade", "spells", "disputes", "workdays", "amounts")
_LISTED = re.compile(r"([0-9a-f]{64})  ([\w.-]+(?:/[\w.-]+)*)", re.ASCII)


def own_file(folder: Path, cycle: str, name: str) -> str:
    """Return where a client's file lies for a cycle, as a path in the client's folder: the cycle's own, or its own."""
    own = folder / "cycles" / cycle / name
    there = cycle and (os.path.lexists(table_file(own)) or (name == PEOPLE and neighbours(own)))
    return table_file(own if there else folder / name).relative_to(folder).as_posix()


def inputs_of(folder: Path, cycle: str, *, own: bool = False) -> dict[str, bytes]:
    """Return the bytes of every file that a cycle's figures come from, by its name in the cycle's folder.

    What the cycle has no copy of is the client's, unless only its own files are asked for.
    """
    base = folder / "cycles" / cycle
    copied = [table_file(base / name) if own else folder / own_file(folder, cycle, name) for name in _COPIED]
    tables = [table_file(base / f"{name}.csv") for name in _TABLES]
    return {path.name: path.read_bytes() for path in (*copied, *tables) if path.is_file() and not path.is_symlink()}


def list_of(files: Mapping[str, bytes]) -> str:
    """Return the hashes of files as ``sha256sum`` writes them."""
    return "".join(f"{sha256(data)}  {name}\n" for name, data in sorted(files.items()))


def listed(data: bytes) -> dict[str, str]:
    """Return the hashes by path that such a list names; lines that are none of ours are left out."""
    found = (_LISTED.fullmatch(line) for line in data.decode("utf-8", "replace").splitlines())
    return {line[2]: line[1] for line in found if line and ".." not in line[2].split("/")}


def list_name(line: int) -> str:
    """Return the name of the list of what one line delivered."""
    return f"line-{line}.sha256"


def kept_bytes(path: Path) -> bytes | None:
    """Return the bytes of a file that is kept, None where there is none such; links are none."""
    return read_bytes(path, path.name)[0] if os.path.lexists(path) else None


def held(record: Record) -> int:
    """Return the number under which a cycle's figures are held fast, 0 where they are not."""
    said = record.deciding.facts.get("delivery") if record.deciding and record.state != State.DRAFT else None
    return said if isinstance(said, int) and said > 0 else 0


def input_problems(folder: Path, cycle: str, record: Record) -> Iterator[Problem]:
    """Find what of a cycle's files is otherwise than they were when its figures were held fast."""
    number, base = held(record), f"cycles/{cycle}"
    if not number or record.deciding is None:
        return
    data, whole = None, False
    for name, fact in ((RESULTS, "results"), (f"{INPUTS}.sha256", INPUTS)):
        at = f"{base}/{DELIVERIES}/{number}/{name}"
        data = kept_bytes(folder / at)
        whole = data is not None and sha256(data) == record.deciding.facts.get(fact)
        if not whole:
            yield Problem("missing" if data is None else "changed", at, line=record.deciding.n)
    if data is None or not whole:  # of the list: it says what the files were
        return
    then = {name.removeprefix(f"{INPUTS}/"): digest for name, digest in listed(data).items()}
    now = {name: sha256(found) for name, found in inputs_of(folder, cycle, own=True).items()}
    open_to = {"disputes"} if record.state == State.PRESENTED else set()
    for name in sorted({*then, *now}):
        if then.get(name) != now.get(name) and Path(name).stem not in open_to:
            kind = "missing" if name not in now else "changed" if name in then else "added"
            yield Problem(kind, f"{base}/{name}")


def disputed_since(base: Path, record: Record) -> bool:
    """Whether disputes were settled since a cycle was shown for the talks; ``base`` is the cycle's folder.

    It is open to them until it is closed, and its figures may become others by them.
    """
    if record.state != State.PRESENTED:
        return False
    now = table_file(base / "disputes.csv")
    return kept_bytes(now) != kept_bytes(base / DELIVERIES / str(held(record)) / INPUTS / now.name)


def kept_inputs(folder: Path, cycle: str, record: Record) -> str:
    """Return where the files lie that the held figures come from, as a path in the workbook."""
    return f"client_data/{folder.name}/cycles/{cycle}/{DELIVERIES}/{held(record)}/{INPUTS}/"


def changed_since(folder: Path, cycle: str, record: Record) -> Iterator[Issue]:
    """Find what changed since the figures were held, as errors of the cycle that say the way back and the way on."""
    values = {"cycle": cycle, "client": folder.name, "kept": kept_inputs(folder, cycle, record)}
    code = "closed-changed" if record.state == State.CLOSED else "presented-changed"
    for problem in input_problems(folder, cycle, record):
        yield error("held-lost" if DELIVERIES in problem.path else code, Place(problem.path), **values)


def works_in(folder: Path, cycle: Cycle, country: str | None) -> Callable[[date], bool]:
    """Return what says whether a day of a cycle is worked: the calendar, as it was when figures were held fast."""
    kept = kept_bytes(folder / "cycles" / cycle.id / WORKDAYS)
    days = {*kept.decode("utf-8", "replace").split()} if kept is not None else set()
    return (lambda day: day.isoformat() in days) if kept is not None else work_days_of(cycle, country).works


def workdays_text(cycle: Cycle, works: Callable[[date], bool]) -> str:
    """Return the days of a cycle that are worked, one a line: the calendar of another day may have others."""
    return "\n".join(["day", *(day.isoformat() for day in cycle.each_day() if works(day)), ""])


def adds_in(folder: Path, cycle: str, wording: Wording | None) -> Callable[[str, Indicator], bool]:
    """Return what says whether an indicator of a role grows with the days, as it was when figures were held fast."""
    kept = kept_bytes(folder / "cycles" / cycle / AMOUNTS)
    if kept is None:
        return lambda _, item: adds_up(item, wording)
    lines = {*kept.decode("utf-8", "replace").split()}
    return lambda role, item: f"{role},{item.id}" in lines


def amounts_text(design: Design, adds: Callable[[str, Indicator], bool]) -> str:
    """Return the indicators that grow with the days, one a line: what is known of their names may be more one day."""
    lines = [f"{name},{item.id}" for name, role in design.as_agreed.roles.items() for item in role.indicators
             if adds(name, item)]  # fmt: skip
    return "\n".join(["role,indicator", *lines, ""])


def copies_of(folder: Path, design: Design, named: Mapping[str, Any], people: str) -> dict[str, bytes]:
    """Return what a cycle gets as its own of what a client has today, by name in the cycle's folder.

    ``named`` is what can be called by name; the curves and the cards of indicators that the design calls are kept.
    ``people`` is the text of the table: a cycle keeps no column that nothing needs.
    """
    import tomlkit

    files = {name: (folder / name).read_bytes() for name in (PROFILE, DESIGN)} | {PEOPLE: people.encode()}
    lines = [item for role in design.roles.values() for item in role.indicators]
    curves, cards = named["curves"], sorted({item.card for item in lines if item.card})
    used = sorted({item.curve.named for item in lines} & curves.keys())
    kept = {"curves": {name: written(curves[name]) for name in used}} if used else {}
    kept |= {"indicators": {card: written(named["cards"]()[card]) for card in cards}} if cards else {}
    return files | ({CURVES: tomlkit.dumps(kept).encode()} if kept else {})


def replaced(folder: Path, cycle: str, record: Record, person: str = "", *, kind: str = "team") -> Line | None:
    """Return the line of the record on the page that a corrected one replaces; None where there is no such page.

    It is the newest earlier delivery's in which there was a page of this person, or one of this kind where nobody is
    named: a correction makes new pages only for those whom it concerns. Where nothing was delivered before, it is that
    of the talks.
    """
    line = record.deciding
    if line is None or "replaces" not in line.facts:
        return None
    talks = [each for each in record.of("presented") if each.n < line.n]
    if talks and not any(each.n < line.n for each in record.of("delivered")):
        return talks[-1]
    lines = {each.facts.get("delivery"): each for each in record.of("closed", "corrected") if each.n < line.n}
    known = delivered(folder, cycle, [each for each in record.of("delivered") if each.n < line.n])
    if not known:
        return next((each for each in record.lines if each.n == line.facts["replaces"]), None)
    whose = f"people/{person}." if person else f"{kind}."
    own = [number for name, (number, _) in known.items() if name.startswith(whose)]
    return lines.get(max(own)) if own else None


def delivered(folder: Path, cycle: str, lines: Sequence[Line]) -> Mapping[str, tuple[int, str]]:
    """Return the newest delivered file of each name: under which number it is kept, and its SHA-256.

    ``lines`` are those of the record that say what was delivered.
    """
    found: dict[str, tuple[int, str]] = {}
    for line in lines:
        number = int(line.facts.get("delivery", 0))
        data = kept_bytes(folder / "cycles" / cycle / DELIVERIES / str(number) / list_name(line.n))
        for name, digest in listed(data).items() if data is not None else ():
            found[name] = (number, digest)
    return found
