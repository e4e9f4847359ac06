"""People, roles, indicators and rules may stand in a client's files by their names: what comes out is the same."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kpi_toolkit.clients.client import as_of, load_client
from kpi_toolkit.clients.tables_out import columns
from kpi_toolkit.clients.tabular import read_table
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.rows import ROW_TYPES
from kpi_toolkit.method.tables import Tables
from kpi_toolkit.results.closing import close

CYCLES = ("2026-09", "2026-10")


def rewritten(path: Path, names: dict[str, Callable[[str], str]]) -> None:
    """Write a table again with other words in some of its columns."""
    lines = csv.DictReader(io.StringIO(path.read_text("utf-8-sig")))
    rows = [{key: names.get(key, str)(cell) for key, cell in line.items()} for line in lines]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]) if rows else columns(path.stem))
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(out.getvalue(), "utf-8")


def open_again(folder: Path) -> None:
    """Take away what holds a client's two newest cycles fast, and give the newest a leave and a dispute."""
    for cycle in CYCLES:
        base = folder / "cycles" / cycle
        shutil.rmtree(base / "deliveries", ignore_errors=True)
        for name in ("record.jsonl", "results.json"):
            (base / name).unlink(missing_ok=True)
    people, base = load_client(folder).people, folder / "cycles/2026-10"
    (base / "spells.csv").write_text(
        f"person,role,from,to,kind,treat\n{people.rows[1].id},,2026-10-05,2026-10-09,leave,days\n", "utf-8"
    )
    row = next(row for row in read_table(base / "actuals.csv", "actuals", "")[0].rows if row.actual is not None)
    (base / "disputes.csv").write_text(
        "person,indicator,column,from,to,outcome,reason,by,date\n"
        f"{row.person},{row.indicator},actual,{row.actual},{row.actual + 1},changed,counted again,boss,2026-11-02\n", "utf-8"
    )  # fmt: skip


def with_names(folder: Path, as_written: Callable[[str], str], language: str) -> None:
    """Let a client's files call everybody and everything by name, or by name and team where two share one."""
    for base in (folder, *(folder / "cycles" / cycle for cycle in CYCLES)):
        client = as_of(load_client(folder), base.name if base.parent.name == "cycles" else "")
        roster = Roster(client.design, client.people)
        items = {item.id: item.name for role in client.design.roles.values() for item in role.indicators}
        rules = {rule.id: rule.name for rule in client.design.adjustments.rules}
        said = {
            "person": roster.names, "manager": roster.names, "rule": rules, "indicator": items,
            "role": {name: role.name for name, role in client.design.roles.items()},
        }  # fmt: skip
        found = {
            column: lambda cell, known=known: as_written(known[cell].pick(language)) if cell in known else cell
            for column, known in said.items()
        }
        for path in base.glob("*.csv"):
            rewritten(path, {column: name for column, name in found.items() if path.stem in ROW_TYPES})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("client", "as_written", "language"),
    [("home-goods", str, "zh"), ("cloudboard", lambda name: f"  {name.upper()} ", "en")],
)
def test_a_client_with_names_for_ids_has_the_same_results_findings_and_record(
    kpi, workbook, client, as_written, language
):
    folder = workbook.client_folder(client)
    open_again(folder)
    asked = (("score", client, "2026-10"), ("check", client, "2026-10"), ("talk", client, "2026-09"))
    ids = [kpi(*words, "--json")[:2] for words in asked]
    with_names(folder, as_written, language)
    assert [kpi(*words, "--json")[:2] for words in asked] == ids
    written = (folder / "cycles/2026-10/actuals.csv").read_bytes()
    close(folder, "2026-10", by="Li")
    assert (folder / "cycles/2026-10/deliveries/1/inputs/actuals.csv").read_bytes() == written
    held = json.loads((folder / "cycles/2026-10/results.json").read_text("utf-8"))
    assert [row["id"] for row in held["people"]] == [row["id"] for row in json.loads(ids[0][1])["people"]]
    assert kpi("verify", client, "2026-10")[0] == 0


def roster(*people: dict[str, str]) -> Roster:
    def role(name: str, **items: str) -> dict[str, object]:
        each = {"class": "workload", "weight": 50, "target": 1}
        return {
            "name": {"zh": f"{name}岗", "en": name},
            "indicators": [{"id": i, "name": n} | each for i, n in items.items()],
        }

    roles = {
        "ed": role("Editor", posts="Articles", seen="Views"),
        "pr": role("Promoter", links="Articles", calls="Calls"),
    }
    design = Design.model_validate({"roles": roles})
    return Roster(design, Tables.of(people=people).people)


def test_an_id_comes_before_a_name_and_what_two_go_by_stays_as_written():
    known = roster(
        {"id": "li", "name": "wu", "role": "ed", "team": "N", "number": "007"},
        {"id": "wu", "name": "Li Na", "role": "pr", "team": "N"},
        {"id": "li-2", "name": "Li Na", "role": "ed", "team": "N"},
    )
    said = ["li", "wu", "Li Na", "li na（Promoter岗）", "Li Na (Editor)", "007", "nobody"]
    rows = [{"person": one, "indicator": "Articles"} for one in said]
    own = known.in_own_ids("actuals", Tables.of(actuals=rows).actuals)
    assert own["person"] == ["li", "wu", "Li Na", "wu", "li-2", "li", "nobody"]
    assert own["indicator"] == ["posts", "links", "Articles", "links", "posts", "posts", "Articles"]


def test_a_client_is_loaded_from_where_one_stands(examples, monkeypatch):
    monkeypatch.chdir(examples.client_folder("cloudboard") / "cycles")
    assert load_client("..").id == "cloudboard"


def test_a_role_is_renamed_and_its_people_follow(kpi, workbook):
    folder = workbook.client_folder("home-goods")
    with_names(folder, str, "zh")
    role = load_client(folder).people.rows[0].role
    assert kpi("roles", "rename", "home-goods", role, "掌柜")[0] == 0
    assert load_client(folder).people.rows[0].role == role
