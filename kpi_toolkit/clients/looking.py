"""What is looked for in a cycle's tables: what makes figures wrong, what is odd, what the method cautions against."""

from __future__ import annotations

from kpi_toolkit.clients.another_month import Where, columns_beside, cycle_before, of_another_month, reached
from kpi_toolkit.clients.declared import in_file
from kpi_toolkit.clients.frozen import DESIGN, own_file
from kpi_toolkit.method.checks import Case, check_cycle, lint_cycle, lint_design
from kpi_toolkit.method.checks.before import against_before
from kpi_toolkit.method.checks.parts import check_parts, with_completions
from kpi_toolkit.method.checks.quotients import check_quotients, worked_out
from kpi_toolkit.method.checks.relation import against_the_cycle_before
from kpi_toolkit.method.checks.talks import check_disputes
from kpi_toolkit.method.checks.views import check_views
from kpi_toolkit.method.checks.words import check_words
from kpi_toolkit.method.issues import Issues, Place
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.namesakes import names_of
from kpi_toolkit.method.procedures import check_plans
from kpi_toolkit.method.tables import Tables, settled


def found_in(
    case: Case, where: Where, read: Tables, unread: Issues, spelled: Issues, declared: Issues
) -> tuple[Tables, Issues]:
    """Return a cycle's tables with quotients worked out and disputes settled, and what is wrong in them.

    ``unread`` is what is wrong with the files themselves, ``declared`` with what the client declares; what only follows
    from either is not told as well. ``spelled`` is what was found before somebody's roles were joined.
    """
    read, followed = _followed(case.design, read)
    found = check_cycle(case.design, read, cycle=where.cycle) + followed + spelled
    if not read.steps.empty:
        found += check_plans(case.procedures, read, names_of(read.people, case.design.roles))
    own = own_file(where.folder, where.cycle.id, DESIGN)
    quiet = follows_from_roster(read.file("people"), unread, declared)
    quiet |= {"missing-actual", "blank-cycle", "no-target", "self-appraisal-missing"} if unread.errors else set()
    told = {(issue.code, issue.place) for issue in unread}
    stated = {_view(issue.place) for issue in unread if issue.code == "not-reported"}  # nothing is left to fill in
    return read, Issues(
        issue
        for issue in in_file(found, DESIGN, own)
        if issue.code not in quiet
        and (issue.code, issue.place) not in told
        and not (issue.code == "missing-actual" and issue.severity == "warning" and _view(issue.place) in stated)
    )


def _view(place: Place) -> tuple[str, int | None, str | None]:
    """Return the place of what somebody gives, in a quotient's parts or whole."""
    return place.file, place.row, "actual" if place.column in {"part", "whole"} else place.column


def odd_in(case: Case, where: Where, read: Tables, unread: Issues, found: Issues) -> tuple[Issues, Issues]:
    """Return what is odd about a cycle, none of which stops scoring, and what the method cautions against."""
    last = cycle_before(where)
    odd = Issues(of_another_month(where, read, unread, last)) + columns_beside(read, where.cycle, where.roster)
    before = [where.figures(each) for each in where.alike]
    odd += against_before(case.design, read, before, found + odd)
    odd += check_views(case.design, read, last, found + odd)
    if last is not None:
        odd += against_the_cycle_before(case.design, read, where.cycle, last, before, unread + found + odd)
    odd += check_words(case, read, found + odd)
    own = own_file(where.folder, where.cycle.id, DESIGN)
    return odd, in_file(lint_design(case), DESIGN, own) + lint_cycle(case, read, where.cycle, reached(where))


def follows_from_roster(file: str, *issues: Issues) -> set[str]:
    """Return the codes of what only follows where the table of people has an error: it is told there, once."""
    broken = any(issue.place.file == file for found in issues for issue in found.errors)
    return {"unknown-person", "unknown-manager"} if broken else set()


def _followed(design: Design, read: Tables) -> tuple[Tables, Issues]:
    """Return the tables with quotients worked out and disputes settled, and what is wrong with either."""
    found = [*check_quotients(design, read), *check_parts(design, worked_out(design, read))]
    read = with_completions(design, worked_out(design, read))
    found += check_disputes(design, read)
    return settled(read), Issues(found)
