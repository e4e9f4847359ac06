"""``kpi new``: what it makes is there whole or not at all, wherever it is killed; what is not used is not copied."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import forked

from kpi_toolkit.clients.client import load_client, read_client
from kpi_toolkit.clients.scaffold import new_client, new_cycle
from kpi_toolkit.clients.storage import settle
from kpi_toolkit.clients.workbook import WorkbookError

OPERATIONS = (
    (os, "fsync"),
    (os, "open"),
    (os, "mkdir"),
    (os, "replace"),
    (os, "rename"),
    (os, "unlink"),
    (os, "rmdir"),
)


def killed_at(number: int, work: Callable[[], object]) -> bool:
    """Do something in a child that is killed before its n-th storage operation; return whether it came to its end."""

    def counted_work() -> None:
        count = 0
        for module, name in OPERATIONS:
            real = getattr(module, name)

            def counted(*given, _real=real, **named):
                nonlocal count
                count += 1
                if count == number:
                    os._exit(9)
                return _real(*given, **named)

            setattr(module, name, counted)
        work()

    code = forked(counted_work)
    assert code in {0, 9}
    return code == 0


def files(folder: Path) -> dict[str, bytes]:
    """Return what lies in a folder, locks aside."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*") if path.is_file() and path.name != ".kpi-lock"
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked child")
def test_a_new_client_is_whole_or_absent_wherever_it_is_killed(workbook):
    def make(name: str) -> list[Path]:
        return new_client(workbook, name, template="sells-products", name="Acme", language="en")

    make("reference")
    whole = files(workbook.client_data / "reference")
    ended = number = 0
    while not ended:
        number += 1
        name = f"acme-{number}"
        ended = killed_at(number, lambda name=name: make(name))
        if (workbook.client_data / name).exists():
            assert files(workbook.client_data / name) == whole
            with pytest.raises(WorkbookError, match="already"):
                make(name)
        else:
            assert name not in workbook.clients()
            make(name)  # the same command finishes it
        assert files(workbook.client_data / name) == whole
        assert not list(workbook.root.rglob("*.kpi-tmp"))
    assert number > 8


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked child")
@pytest.mark.slow
@pytest.mark.parametrize("begun", [False, True])
def test_a_new_cycle_is_whole_or_can_be_finished_wherever_it_is_killed(workbook, begun):
    folder = workbook.client_data / "home-goods"

    def make(cycle: str) -> list[Path]:
        return new_cycle(workbook, "home-goods", cycle, source="2026-10")

    (folder / "cycles/2026-10/people.csv").unlink(missing_ok=True)
    ended = number = 0
    while not ended:
        number += 1
        cycle = f"{2030 + number // 12}-{number % 12 + 1:02d}"
        if begun:
            (folder / "cycles" / cycle).mkdir()
        kept = folder / "cycles/2026-10/people.csv"
        kept.unlink(missing_ok=True)
        ended = killed_at(number, lambda cycle=cycle: make(cycle))
        settle(folder)  # as whoever reads it next does
        if not (folder / "cycles" / cycle / "actuals.csv").exists():
            make(cycle)
        assert set(files(folder / "cycles" / cycle)) >= {"goals.csv", "actuals.csv", "adjustments.csv"}
        assert kept.exists()
        with pytest.raises(WorkbookError, match="already"):
            make(cycle)
        assert not list(folder.rglob("*.kpi-tmp"))
        for path in (folder / "cycles" / cycle).iterdir():
            path.unlink()
        (folder / "cycles" / cycle).rmdir()
    assert number > 10


def test_a_cycle_that_finds_no_room_leaves_nothing_behind(workbook, monkeypatch):
    folder = workbook.client_data / "home-goods"
    (folder / "cycles/2026-10/people.csv").unlink(missing_ok=True)
    before = files(folder)
    real, calls = os.fsync, []

    def full(handle):
        calls.append(handle)
        if len(calls) == 4:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        new_cycle(workbook, "home-goods", "2027-05", source="2026-10")
    assert files(folder) == before
    assert not (folder / "cycles/2027-05").exists()


PRIVATE = [
    ("身份证号", "440301199001011234", "身份证号"), ("证件", "44030119900101123X", "身份证号"),
    ("id no", "4.40301199001011e+17", "身份证号"), ("手机号", "13812345678", "手机号"),
    ("tel", "+86 138-1234-5678", "手机号"), ("工资卡", "6222020200112233445", "银行卡号"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "cell", "kind"), PRIVATE)
def test_personal_data_that_nothing_needs_are_named_and_not_copied(workbook, column, cell, kind):
    folder = workbook.client_data / "home-goods"
    (folder / "cycles/2026-10/people.csv").unlink(missing_ok=True)
    lines = (folder / "people.csv").read_text("utf-8").splitlines()
    text = "\n".join([f"{lines[0]},{column},工位", *(f"{line},{cell},A{n}" for n, line in enumerate(lines[1:]))])
    (folder / "people.csv").write_text(text, "utf-8")
    _, issues = read_client(folder)
    found = {issue.place.column: issue for issue in issues if issue.code in {"personal-data", "unknown-column"}}
    assert (found[column].code, found[column].values["kind"].zh) == ("personal-data", kind)
    assert found[column].values["count"] == len(lines) - 1
    assert found["工位"].code == "unknown-column"
    new_cycle(workbook, "home-goods", "2027-05", source="2026-10")
    copy = (folder / "cycles/2026-10/people.csv").read_text("utf-8-sig")
    assert cell not in copy
    assert copy.splitlines()[0] == lines[0].removeprefix("\ufeff")
    assert [line.split(",")[:2] for line in copy.splitlines()] == [
        line.removeprefix("\ufeff").split(",")[:2] for line in lines
    ]
    load_client(folder)


def test_a_column_that_fairness_asks_for_is_copied(workbook):
    folder = workbook.client_data / "home-goods"
    (folder / "cycles/2026-10/people.csv").unlink(missing_ok=True)
    with (folder / "design.toml").open("a", encoding="utf-8") as design:
        design.write('\n[fairness]\ncolumn = "site"\n')
    lines = (folder / "people.csv").read_text("utf-8").splitlines()
    text = "\n".join([f"{lines[0]},site", *(f"{line},深圳" for line in lines[1:])])
    (folder / "people.csv").write_text(text, "utf-8")
    new_cycle(workbook, "home-goods", "2027-05", source="2026-10")
    rows = list(csv.DictReader((folder / "cycles/2026-10/people.csv").read_text("utf-8-sig").splitlines()))
    assert {row["site"] for row in rows} == {"深圳"}


FORMULAS = ['=HYPERLINK("http://x","y")', "+1+1", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "＝1+1"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_text_that_is_copied_into_the_next_cycle_is_a_formula_there_and_it_reads_as_before(workbook, formula):
    folder = workbook.client_data / "home-goods"
    goals = folder / "cycles/2026-10/goals.csv"
    rows = list(csv.DictReader(goals.read_text("utf-8-sig").splitlines()))
    fields = [*dict.fromkeys([*rows[0], "text"])]
    rows[0]["text"] = formula
    with goals.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fields)
        writer.writeheader()
        writer.writerows(rows)
    for before, cycle in (("2026-10", "2027-05"), ("2027-05", "2027-06")):
        new_cycle(workbook, "home-goods", cycle, source=before)
        made = folder / "cycles" / cycle
        copied = list(csv.DictReader((made / "goals.csv").read_text("utf-8-sig").splitlines()))
        [text] = [row["text"] for row in copied if formula in row["text"]]
        assert text == f"'{formula}"
        (made / "actuals.csv").write_bytes((folder / "cycles/2026-10/actuals.csv").read_bytes())
