"""What became of forms that came back, said alike in a terminal and a notebook; and marked copies to be sent on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kpi_toolkit.clients.collecting import Collected
from kpi_toolkit.clients.form_origins import MARKED
from kpi_toolkit.clients.form_reading import Return, columns_of
from kpi_toolkit.clients.headings import folded
from kpi_toolkit.clients.language import language_of
from kpi_toolkit.clients.library import form_layout
from kpi_toolkit.clients.storage import write_file
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issue, Issues
from kpi_toolkit.method.value import LANGUAGES, Language, Text
from kpi_toolkit.pages.form_marks import marked
from kpi_toolkit.pages.words import Words

_OWN = frozenset({"actual", "self"})
"""What an appraisal brings from the person; the appraiser's view comes later."""
_BACK = ("ask.form_", "form_back.")
"""What is asked of whoever collects is put otherwise to whoever filled in."""

Marks = Mapping[str, Path | None]
"""By the name of a file that came back: its marked copy, None where nothing in it has a cell or it cannot be marked."""


@dataclass(frozen=True, kw_only=True)
class Returned:
    """What is shown of a client's forms that came back, in the order of the fields."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, str, str, str], ...]
    """File (once, above its sheets), state, what it brought, and whose it is; the state by its code in ``states``."""
    states: tuple[str, ...]
    first: tuple[str, ...]
    issues: Issues
    copies: tuple[str, ...]
    unmarked: tuple[str, ...]
    last: tuple[str, ...]


def returned(done: Collected, marks: Marks, words: Words, whose: Text, *, counted: bool = False) -> Returned:
    """Return what became of forms; ``counted``: of accepted ones that are filled in only how many there are."""
    # One piece: each field of the value is one list over the same files.
    told = [
        each for each in done.files  # of forms without news all was told before
        if each.state != "unchanged" and not (counted and each.state == "accepted" and not _blank(each, _OWN))
    ]  # fmt: skip
    before = (None, *(each.path for each in told))
    rows = [
        (each.path.name if each.path != last else "", words(f"collected.{each.state}"),
         _brought(words, each) if each.state == "accepted" else "",
         (words.show(done.called[each.person]) if each.person else words("collected.nobody")) if each.forms else "")
        for each, last in zip(told, before, strict=False)
    ]  # fmt: skip
    copies = [path for path in marks.values() if path is not None]
    scans = [words("collected.scan", file=file, person=done.called[who]) for file, who in done.scans.items()]
    last = {"written": list(done.written), "scans": scans, "aside": list(done.aside)}
    where = str(copies[0].parent) if copies else ""
    return Returned(
        title=f"{words.show(whose)} · {words.cycle(Cycle.parse(done.cycle))}",
        head=(*(words(f"collected.{key}") for key in ("file", "state", "what")), words("cli.person")),
        rows=tuple(rows), states=tuple(each.state for each in told),
        first=tuple(_first_said(done, told, words, whose)),
        issues=Issues(one for each in done.files for one in each.issues if _is_told(each, one)),
        copies=(words("collected.marked", folder=where, files=[path.name for path in copies]),) if copies else (),
        unmarked=tuple(words("collected.unmarked", file=name) for name in _unmarked(done, marks)),
        last=tuple(words(f"collected.{key}", files=files) for key, files in last.items() if files),
    )  # fmt: skip


def _first_said(done: Collected, told: Collection[Return], words: Words, whose: Text) -> Iterator[str]:
    """Go through what is said before the table: that nothing came, or how many forms are not in it."""
    if not done.files:
        yield words("collected.empty", folder=str(done.folder))
    for state, said in (("accepted", "taken"), ("unchanged", "same")):
        if count := sum(each.state == state and each not in told for each in done.files):
            yield words(f"collected.{said}", n=count, cycle=done.cycle, client=whose)


def _unmarked(done: Collected, marks: Marks) -> dict[str, None]:
    """Return the files in which something would be marked, and of which no copy could be written."""
    open_ones = (each for each in done.files if each.blocked and marks[each.path.name] is None)
    return dict.fromkeys(
        each.path.name for each in open_ones if any(one.place.cell and one.severity != "hint" for one in each.issues)
    )


def _is_told(each: Return, issue: Issue) -> bool:
    """Whether a finding is shown: hints once, when a form is taken; what is not read as long as it is not."""
    again = each.blocked and issue.severity != "hint"
    return each.state == "accepted" or again or issue.code == "hidden-sheets"


def _brought(words: Words, each: Return) -> str:
    """Return how many entries a form brought and how many figures it leaves blank, or that it was signed."""
    count, blank = sum(map(len, each.values.values())), _blank(each)
    said = words("collected.signed" if not count and each.written_in("sign") else "collected.entries", n=count)
    return said + (words("list.comma") + words("collected.blank", n=blank) if blank else "")


def _blank(each: Return, columns: Collection[str] = (*_OWN, "appraiser")) -> int:
    """Return how many figures of an appraisal nobody filled in."""
    own = (came for came in each.entries.values() if came.row.item is not None and came.row.phase == "appraisal")
    return sum(not came.text and came.column in columns for came in own)


def marked_copies(done: Collected, words: Words, workbook: Workbook) -> Marks:
    """Write a copy of each file in which what is wrong or asked is marked, for whoever filled it in."""
    files = gathered((each.path.name, each) for each in done.files)
    return {name: _marked(done.folder, returns, words, workbook) for name, returns in files.items()}


def _marked(folder: Path, returns: Sequence[Return], words: Words, workbook: Workbook) -> Path | None:
    words, blocked = _words_of(returns, words, workbook), [each for each in returns if each.blocked]
    marks: dict[str, dict[str, list[str]]] = {}
    issues, questions = ([one for each in blocked for one in getattr(each, kind)] for kind in ("issues", "questions"))
    said = [(issue.place, _for_who_filled_in(words, issue)) for issue in issues if issue.severity != "hint"]
    asked = [(each.place, words(each.text.replace(*_BACK), **each.values)) for each in questions if each.place.cell]
    for place, text in dict.fromkeys((*said, *asked)):
        if place.sheet and place.cell:
            marks.setdefault(place.sheet, {}).setdefault(place.cell, []).append(text)
    source = returns[0].path
    data = marked(returns[0].data, marks, ours=source.parent.name != MARKED) if marks else None
    if data is None:
        return None
    path = folder / MARKED / source.name
    write_file(path, data)
    return path


def _for_who_filled_in(words: Words, issue: Issue) -> str:
    """Return a finding with its remedy, if that is one in the form itself."""
    remedy = words.remedy(issue)
    return words.message(issue) if "kpi " in remedy else f"{words.message(issue)}\n{remedy}"


def _words_of(returns: Sequence[Return], words: Words, workbook: Workbook) -> Words:
    """Return the words of the language in which a form's columns are headed: whoever fills it in mends it."""
    headed = {folded(came.place.key) for each in returns for came in each.entries.values() if came.place.key}
    cells = [cell for part in columns_of(form_layout(workbook)).values() for cell in part.values()]

    def likely(language: Language) -> tuple[int, bool]:
        named = sum(folded(cell.name.pick(language)) in headed for cell in cells)
        return named, language == language_of("".join(headed))

    return Words(max(LANGUAGES, key=likely), workbook) if headed else words
