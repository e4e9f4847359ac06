"""The long tables that row data lives in, each drawn once.

``people`` (one row a person)::

    id   name    role            team      manager  joined
    lin  林晓    network-editor  content   wang     2024-03-01

``goals`` (one row a person x indicator; replaces the design's target in this cycle; more columns in ``GoalRow``)::

    person  indicator  target  text          quality       deadline  approach
    lin     articles   200     200 articles  all reviewed  30 Oct    7 a day, trained on the CMS

``cascade`` (one row a goal above those of people; ``share`` is per cent of the parent's value)::

    id       level       parent   name               value    share  made
    company  company              Sales of the month 1000000         2026-09-28
    network  department  company  Network sales               60     2026-09-28

``steps`` (one row a step of setting a person's goals: explain, ask, fill, check, confirm)::

    person  step     date
    lin     explain  2026-09-28

``actuals`` (one row a person x indicator; ``self``, ``appraiser`` and ``others`` are completion in per cent)::

    person  indicator  actual  self  appraiser  note
    lin     articles   188     100   94

``adjustments`` (one row an event)::

    date        person  rule         points  reason              approver
    2026-10-12  lin     late-report  -1      weekly report late  wang

``calibration`` (one row a decision of the calibration meeting; tiers are ``top``, ``middle``, ``bottom``)::

    date        person  from_tier  to_tier  reason                        approver
    2026-11-05  lin     bottom     middle   on sick leave for two weeks   wang

``disputes`` (one row a value that somebody did not agree with; ``column`` is one of ``actuals``)::

    person  indicator  column     from  to  outcome  reason                   by    date
    lin     articles   appraiser  80    85  changed  five texts overlooked    wang  2026-11-06

Three tables move no score: ``answers`` (what was said in the talk), ``measures`` (the plan) and ``work`` (each day's)::

    person  checklist  line    answer                        by    date
    lin     support    coach   an hour a week on headlines   wang  2026-11-06

    person  indicator  kind        problem     cause   measure          owner  deadline    check
    lin     articles   corrective  12 missing  person  plan each week   lin    2026-11-30  200 in November

    person  sheet  line        text            planned  done  carried               problem
    lin     daily  2026-10-09  three articles  4        3     one: picture missing

``spells`` (one row a role held or a leave for part of the cycle; ``treat`` is days, workdays, no-tier or as-is)::

    person  role            from        to          kind   treat
    lin     network-editor  2026-10-16  2026-10-31  role   days

Numbers are exact decimals, what is blank is None, ``row`` is the line in the file it came from. Extra columns are kept.
A table as pandas has it, for notebooks, is ``to_frame()``; nothing is ever read back from one.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issues
from kpi_toolkit.method.rows import ROW_TYPES

if TYPE_CHECKING:
    from pandas import DataFrame

AFTERWARDS = ("answers", "measures", "work")
"""Tables of what was said and agreed afterwards, and of each day's work: no score comes from them."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows in their order. A column is a list, a cell an attribute of its row (:func:`rows_of`)."""

    columns: tuple[str, ...]
    rows: tuple[Any, ...]

    @classmethod
    def of(cls, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> Table:
        """Return a table of rows that have their cells in the order of the columns."""
        named = tuple(columns)
        return cls(named, tuple(map(_row_kind(named)._make, rows)))

    def __reduce__(self) -> tuple[Any, ...]:
        return Table.of, (self.columns, [tuple(row) for row in self.rows])

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, column: str) -> list[Any]:
        """Return a column. ValueError where there is none of that name."""
        place = self.columns.index(column)
        return [row[place] for row in self.rows]

    @property
    def empty(self) -> bool:
        """Whether there is no row."""
        return not self.rows

    def records(self) -> list[dict[str, Any]]:
        """Return the rows as dicts by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def only(self, wanted: Callable[[Any], bool]) -> Table:
        """Return a table of some of the rows."""
        return Table(self.columns, tuple(filter(wanted, self.rows)))

    def assign(self, **columns: Iterable[Any]) -> Table:
        """Return a table with other values in some columns."""
        kept = {name: self[name] for name in self.columns} | {name: list(own) for name, own in columns.items()}
        return Table.of(kept, zip(*kept.values(), strict=True))

    def to_frame(self) -> DataFrame:
        """Return the table as pandas has it."""
        from pandas import DataFrame

        return DataFrame(self.rows, columns=list(self.columns), dtype=object)

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(notebook=True))


def table(name: str, rows: Iterable[Mapping[str, Any]] = ()) -> Table:
    """Return a table of this name from plain records; each is validated like a line of the file.

    >>> table("goals", [{"person": "lin", "indicator": "articles", "target": 200}])["target"]
    [Decimal('200')]
    """
    row_type = ROW_TYPES[name]
    columns = ("row", *row_type.model_fields)
    made = (row_type.model_validate(dict(row)) for row in rows)
    return Table.of(columns, ((number, *dict(row).values()) for number, row in enumerate(made, start=2)))


def rows_of(table: Table) -> Iterator[Any]:
    """Go through a table's rows; a cell is an attribute named by its column."""
    return iter(table.rows)


def apart(spells: Table) -> set[str]:
    """Return of whom ``spells.csv`` says that this cycle gives them no tier."""
    return {row.person for row in rows_of(spells) if row.treat == "no-tier"}


def by_person(rows: Iterable[Any]) -> dict[str, list[Any]]:
    """Return rows, in their order, by the person they are about."""
    return gathered((row.person, row) for row in rows)


@lru_cache(maxsize=256)
def _row_kind(columns: tuple[str, ...]) -> Any:
    """Return what a row of these columns is; making it costs more than going through a small table.

    A column that is not ours by its letters is reached by its place only: what a file says never becomes a name.
    One that is a word of Python's is followed by a stroke: ``from_``.
    """
    plain = [column if column.isascii() else f"_{place}" for place, column in enumerate(columns)]
    plain = [f"{column}_" if iskeyword(column) else column for column in plain]
    return namedtuple("Row", plain, rename=True)


@dataclass(frozen=True, kw_only=True)
class Tables:
    """What one cycle is scored from."""

    people: Table
    goals: Table
    actuals: Table
    adjustments: Table
    calibration: Table
    cascade: Table = field(default_factory=lambda: table("cascade"))
    steps: Table = field(default_factory=lambda: table("steps"))
    disputes: Table = field(default_factory=lambda: table("disputes"))
    spells: Table = field(default_factory=lambda: table("spells"))
    follows: frozenset[tuple[str, str]] = frozenset()
    """Whose target of an indicator is a part of the design's and moves with it: it was not agreed with the person."""
    in_part: Mapping[tuple[str, str], tuple[Fraction, Decimal | None]] = field(default_factory=dict)
    """Of which person and indicator a part of the target is asked for: which part, and the whole if it is known."""
    files: Mapping[str, str] = field(default_factory=dict)
    """The file that each table was read from, as its path in the client's folder."""
    issues: Issues = field(default_factory=Issues)
    """Everything that was found wrong with them. They go where the tables go, so that nobody can drop them."""

    @classmethod
    def of(cls, **rows: Iterable[Mapping[str, Any]]) -> Tables:
        """Return tables from plain records, for instance in a notebook."""
        own = [name for name in ROW_TYPES if name not in AFTERWARDS]
        return cls(**{name: table(name, rows.get(name, ())) for name in own})  # type: ignore[arg-type]

    @property
    def apart(self) -> set[str]:
        """Who is scored and gets no tier, because that was decided of a part of the cycle."""
        return apart(self.spells)

    def __getstate__(self) -> dict[str, Any]:
        """Return what is sent to another process: no ways into the tables, whose rows are of a kind made here."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @cached_property
    def goal(self) -> Mapping[tuple[str, str], Any]:
        """The rows of the goals by person and indicator."""
        return {(row.person, row.indicator): row for row in self.goals.rows}

    @cached_property
    def actual(self) -> Mapping[tuple[str, str], Any]:
        """The rows of the actuals by person and indicator."""
        return {(row.person, row.indicator): row for row in self.actuals.rows}

    def target(self, person: str, item: Any, *, whole: bool = False) -> Decimal | None:
        """Return what a person is to reach in an indicator: as agreed for this cycle, else as the design has it.

        ``whole`` is what is agreed, of which whoever was there for a part of the cycle is asked for that part.
        """
        if whole and (person, item.id) in self.in_part:
            return self.in_part[person, item.id][1]
        own: Decimal | None = getattr(self.goal.get((person, item.id)), "target", None)
        return item.target if own is None else own

    def file(self, name: str) -> str:
        """Return the file of a table, by which findings are placed."""
        return self.files.get(name, f"{name}.csv")


def settled(tables: Tables) -> Tables:
    """Return the tables with every value that a talk changed; the files and ``tables.disputes`` keep what stood there.

    >>> tables = Tables.of(
    ...     people=[{"id": "lin", "name": "Lin", "role": "editor"}],
    ...     actuals=[{"person": "lin", "indicator": "style", "appraiser": 80}],
    ...     disputes=[{"person": "lin", "indicator": "style", "column": "appraiser", "from": 80, "to": 85, "by": "wang",
    ...                "outcome": "changed", "reason": "five texts overlooked", "date": "2026-11-06"}],
    ... )
    >>> settled(tables).actuals["appraiser"]
    [Decimal('85')]
    """
    changed = {
        (row.person, row.indicator, row.column): row.to for row in rows_of(tables.disputes) if row.outcome == "changed"
    }
    if not changed:
        return tables
    agreed = (
        [changed.get((row["person"], row["indicator"], column), value) for column, value in row.items()]
        for row in tables.actuals.records()
    )
    return replace(tables, actuals=Table.of(tables.actuals.columns, agreed))
