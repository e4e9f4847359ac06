"""The signatures of forms that came back: who signed what, when and how, for the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kpi_toolkit.clients.form_checks import Reading
from kpi_toolkit.clients.form_reading import Return
from kpi_toolkit.clients.record import append, read_record
from kpi_toolkit.method.form_rows import FormRow
from kpi_toolkit.method.issues import Issue, hint
from kpi_toolkit.method.value import Word

_PLAN = "1"
"""The row for the signatures of the plan; the other is for those of the appraisal."""
_PARTIES = {"appraised": "planner", "appraiser": "signed"}
"""Who signs, and the column of the signature."""


def signatures_missing(reading: Reading, home: Path, found: Return, files: Sequence[Return]) -> Iterator[Issue]:
    """Say which side has not signed a form that has a row for it; a plan is signed before the appraisal is."""
    told = {(line.kind, line.facts.get("person")) for line in read_record(home).lines}
    for row in dict.fromkeys(row for row, _ in found.entries if row.kind == "sign"):
        step = "agreed" if row.id == _PLAN else "signed"
        if (step == "agreed") is not (row.phase == "plan") or (step, row.person) in told or found.wrong:
            continue
        said = [each.written_in("sign").get(row, {}) for each in files]
        gone = [
            Word(f"party.{who}")
            for who, column in _PARTIES.items()
            if not any(map(bool, (one.get(column) for one in said)))
        ]
        if gone:
            yield hint("form-unsigned", found.entries[row, "on"].place, person=reading.called[row.person], parties=gone)


def sign(reading: Reading, home: Path, files: Sequence[Return], by: str) -> int:
    """Say in the record what was talked over and signed, once each: who, when and how; no names.

    Returns how many lines were added.
    """
    record = read_record(home)
    told = {(line.kind, line.facts.get("person")) for line in record.lines}
    for each in files:
        for row, entries in each.written_in("sign").items():
            facts = {
                "person": row.person, "on": reading.day(entries.get("on", "")),
                "how": reading.way(entries.get("how", "")),
                "parties": [who for who, column in _PARTIES.items() if entries.get(column)],
                "sha256": each.sha256,
            }  # fmt: skip
            for kind in steps_of(row, entries):
                if (kind, row.person) not in told:
                    append(home, kind, by, **facts)
                    told.add((kind, row.person))
    return len(read_record(home).lines) - len(record.lines)


def steps_of(row: FormRow, entries: Mapping[str, str]) -> list[str]:
    """Return what a row for signatures says was done: the talk was held, the plan or the appraisal was signed."""
    plan = row.id == _PLAN
    held = [] if plan or not entries.get("on") else ["talk"]
    return [*held, "agreed" if plan else "signed"] if all(map(entries.get, _PARTIES.values())) else held
