"""Who signed a form: what its rows and scans say, what is missing, and what comes into the record; no names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from kpi_toolkit.clients.form_reading import Came, Return
from kpi_toolkit.clients.headings import folded
from kpi_toolkit.clients.record import append, read_record
from kpi_toolkit.clients.storage import sha256
from kpi_toolkit.method.form_rows import FormRow
from kpi_toolkit.method.issues import Issue, Place, error, hint, warning
from kpi_toolkit.method.numbers import is_not_reported
from kpi_toolkit.method.value import Text, Word

BY = "kpi"
"""Who writes what forms say into the record."""
_PLAN = "1"
"""The row for the signatures of the plan; the other is for those of the appraisal."""
_SCANS = (".pdf", ".png", ".jpg", ".jpeg", ".heic", ".tif", ".tiff", ".bmp", ".webp")
_PARTIES = {"appraised": "planner", "appraiser": "signed"}
"""Who signs, and the column of the signature."""
SIGNED = frozenset(_PARTIES.values())


@dataclass(frozen=True)
class Signatures:
    """The signatures of a cycle's forms, held against its record."""

    home: Path
    """The folder of the cycle."""
    called: Mapping[str, Text]

    @cached_property
    def _told(self) -> set[tuple[str, str]]:
        return {(line.kind, str(line.facts.get("person"))) for line in read_record(self.home).lines}

    def unsigned(self, found: Return, held: Iterable[Return], agreed: Iterable[str]) -> Iterator[Issue]:
        """Go through appraisals of people whose plan both sides did not sign, on ``held`` forms or before (S157)."""
        rows = [(row, entries) for each in held for row, entries in each.written_in("sign").items()]
        known = {row.person for row, entries in rows if "agreed" in _steps_of(row, entries)} | {*agreed}
        known |= {person for kind, person in self._told if kind == "agreed"}
        said = {person for name, person, _ in found.values if name == "actuals"}
        for person in sorted(said - known):
            yield error("plan-unsigned", Place(found.path.name), person=self.called[person])

    def missing(self, taken: Sequence[Return], files: Sequence[Return]) -> None:
        """Say of forms that are taken, once each, which side has signed no copy; a plan is signed before the result."""
        first = {row: each for each in reversed(taken) for row, _ in each.entries if row.kind == "sign"}
        for row, found in first.items():
            step = "agreed" if row.id == _PLAN else "signed"
            if (step == "agreed") is not (row.phase == "plan") or (step, row.person) in self._told:
                continue
            said = [each.written_in("sign").get(row, {}) for each in files]
            gone = [Word(f"copy.{who}") for who, column in _PARTIES.items() if not any(one.get(column) for one in said)]
            if gone:
                place, values = found.entries[row, "on"].place, {"person": self.called[row.person], "parties": gone}
                found.issues.append(hint("form-unsigned", place, **values))

    def given_before(self, found: Return) -> Iterator[Issue]:
        """Say that a signature on a form is none to what was added to it from another copy."""
        signed = {row.person for row, entries in found.written_in("sign").items() if _has_signed(entries)}
        for person in sorted(signed):
            yield warning("form-signed-before", Place(found.path.name), person=self.called[person])

    def keep(
        self, files: Iterable[Return], mixed: Collection[str], day: Callable[[str], str], way: Callable[[str], str]
    ) -> int:
        """Say in the record what was talked over and signed, once each: who, when and how. Return how many lines.

        On ``mixed`` returns, to which others' entries were added, signatures do not count.
        """
        told, before = {*self._told}, len(self._told)
        for each in files:
            for row, entries in each.written_in("sign").items():
                facts = {
                    "person": row.person, "on": day(entries.get("on", "")), "how": way(entries.get("how", "")),
                    "parties": [*_has_signed(entries)], "sha256": each.sha256,
                }  # fmt: skip
                for kind in _steps_of(row, entries):
                    if (kind, row.person) not in told and (kind == "talk" or each.id not in mixed):
                        append(self.home, kind, BY, **facts)
                        told.add((kind, row.person))
                        each.state = "accepted"
        return len(told) - before

    def file_scans(self, paths: Iterable[Path]) -> dict[str, str]:
        """Put the hash of each scan on record, once; return whose each file is, by the file's name the person's id.

        A scan is of whoever's name or form's code stands in the name of its file, where that is one person alone.
        """
        record = read_record(self.home)
        names = {folded(word): who for who, name in self.called.items() for word in name.words}
        names |= {folded(code): who for line in record.of("sent") for who, code in line.facts["forms"].items()}
        known = {line.facts["sha256"] for line in record.of("scanned")}
        found: dict[str, str] = {}
        for path in paths:
            there = [name for name in names if name in folded(path.stem)]
            whose = {names[name] for name in there if not any(name != other and name in other for other in there)}
            if path.suffix.lower() in _SCANS and len(whose) == 1:
                found[path.name] = whose.pop()
                if (said := sha256(path.read_bytes())) not in known:
                    append(self.home, "scanned", BY, person=found[path.name], sha256=said)
                    known.add(said)
        return found


def read_signature(came: Came, name: str, called: Text | None, not_signed: Iterable[str]) -> tuple[Came, list[Issue]]:
    """Return what stands where somebody of a ``name`` signs, blank where it says that nobody did, and what is odd."""
    said = folded(came.text)
    if is_not_reported(came.text) or said in map(folded, not_signed):
        return replace(came, text=""), [hint("not-signed", came.place, value=came.text)]
    if name and folded(name) not in said:
        return came, [hint("signed-by-other", came.place, value=came.text, person=called)]
    return came, []


def _has_signed(entries: Mapping[str, str]) -> list[str]:
    return [who for who, column in _PARTIES.items() if entries.get(column)]


def _steps_of(row: FormRow, entries: Mapping[str, str]) -> list[str]:
    """Return what a row for signatures says was done: the talk was held, the plan or the appraisal was signed."""
    plan = row.id == _PLAN
    held = [] if plan or not entries.get("on") else ["talk"]
    return [*held, "agreed" if plan else "signed"] if len(_has_signed(entries)) == len(_PARTIES) else held
