"""Figures that stand in each other's place: those of two people or of two indicators, or a column that slipped.

Each order in which a table may have been mistaken is held against how it stands: how likely both make the figures, by
what was reached before. It is told where it explains them so much better that hardly a right table would
look like it, however many orders are tried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import cached_property
from itertools import chain, combinations
from statistics import median

from kpi_toolkit.method.checks.plausible import FEW, adds_up
from kpi_toolkit.method.checks.relation import Figures, by_key
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issue, Place, warning
from kpi_toolkit.method.tables import Tables, rows_of

Cell = tuple[str, str, str]
"""A person, an indicator and a column."""
_Kind = tuple[str | None, str, str]
"""A role, an indicator and a column."""
_CHANCE = Decimal("0.08")
"""Ours: figures of one person move at least so far (as a logarithm) from cycle to cycle by chance."""
_VIEWS = Decimal("1.5")
"""Ours: views move so many times as far."""
_STEADY = Decimal("0.7")
"""Ours: pieces come more steadily than by chance alone: people plan them."""
_FARTHEST = Decimal(4)
"""Ours: beyond so many times what chance makes, farther off says no more: anything may be the reason."""
_SURE = Decimal(14)
"""Ours: how much likelier (as a logarithm) an order has to be; in the examples' right months chance made up to 13.6."""
_APART = Decimal("0.1")
"""Figures a tenth apart are not what is usual."""
_ROUGHLY = Context(prec=9)
"""Digits enough for what is only likely."""
_KINDS = 3
"""A column of so many can slip."""
_MANY = 60
"""Among so many people of a role with unusual figures each pair is held against each other."""


@dataclass(frozen=True)
class _Order:
    """How a table may have been mistaken: whose figure, by another cell's past, stands where."""

    code: str
    of: Mapping[Cell, Cell]
    who: tuple[str, ...] = ()


def exchanged(tables: Tables, earlier: Sequence[Figures], roster: Roster) -> Iterator[Issue]:
    """Find figures that stand in each other's place, by all earlier cycles or by the last alone; each is told once."""
    rows = {(row.person, row.indicator): row for row in reversed([*rows_of(tables.actuals)])}
    told: set[Cell] = set()
    now = by_key(tables.actuals)
    for past in (earlier, earlier[-1:])[: len(earlier)]:
        for order in _Reading(now, past, roster).mistaken():
            if told.isdisjoint(order.of):
                told |= {*order.of}
                yield _said(order, rows, tables.file("actuals"), roster)


class _Reading:
    """A cycle's figures beside what is usual."""

    def __init__(self, now: Figures, past: Iterable[Figures], roster: Roster) -> None:
        before = gathered(chain.from_iterable(cycle.items() for cycle in past))
        usual = {cell: sum(of, Decimal(0)) / len(of) for cell, of in before.items()}
        cells = {cell: value for cell, value in now.items() if value > 0 and usual.get(cell, 0) > 0}
        self.now = {cell: _ROUGHLY.ln(value) for cell, value in cells.items()}
        self.usual = {cell: _ROUGHLY.ln(usual[cell]) for cell in cells}
        self.few = {cell: 1 / usual[cell] + 1 / value for cell, value in cells.items()}
        self._known: dict[tuple[_Kind, frozenset[str]], tuple[Decimal, Decimal]] = {}
        self.roster, self.most = roster, {cell: max(value, usual[cell]) for cell, value in cells.items()}

    @cached_property
    def _moves(self) -> dict[_Kind, list[tuple[str, Decimal]]]:
        """How far everybody's figures of one thing moved, by role, indicator and column."""
        return gathered(
            ((self.roster.roles.get(who), indicator, column), (who, self.now[cell] - self.usual[cell]))
            for cell in self.now
            for who, indicator, column in (cell,)
        )

    def mistaken(self) -> list[_Order]:
        """Return the orders that explain the figures so much better than the one they stand in, the clearest first."""
        orders = [*self._orders()]
        tries = Counter(order.code for order in orders)
        tried = {code: _ROUGHLY.ln(Decimal(n)) for code, n in tries.items()}
        better = [(self._gain(order) - tried[order.code], order) for order in orders]
        return [order for gain, order in sorted(better, key=lambda each: -each[0]) if gain >= _SURE]

    def _orders(self) -> Iterator[_Order]:
        for cells in gathered((self.roster.roles.get(cell[0]), cell) for cell in self.now).values():
            moved = {cell[0] for cell in cells if abs(self.now[cell] - self.usual[cell]) > _APART}
            odd = [who for who in self.roster.roles if who in moved]
            for pair in combinations(odd, 2) if len(odd) <= _MANY else ():
                yield from self._of_people(pair, [cell for who in pair for cell in cells if cell[0] == who])
            actual = gathered((cell[1], cell) for cell in cells if cell[2] == "actual")
            for one, other in combinations(actual, 2):
                yield from self._of_indicators({one: other, other: one}, cells)
            for column in actual.values():
                yield from self._of_a_column([cell for cell in column if self.most[cell] >= FEW])

    def _of_a_column(self, column: Sequence[Cell]) -> Iterator[_Order]:
        """Yield a column that slipped by a row, up or down."""
        for step in (1, -1) if len(column) >= _KINDS else ():
            yield _Order("rows-slipped", dict(zip(column, [*column[step:], *column[:step]], strict=True)))

    def _of_people(self, pair: tuple[str, str], cells: Sequence[Cell]) -> Iterator[_Order]:
        """Yield the figures of two people exchanged: those of a column, or a single actual; views only follow these."""
        other = dict(zip(pair, reversed(pair), strict=True))
        whole = {cell: turned for cell in cells if (turned := (other[cell[0]], *cell[1:])) in self.now}
        parts = [{c: whole[c] for c in whole if c[1] == part and c[2] == "actual"} for part in {c[1]: 0 for c in whole}]
        parts += [{c: whole[c] for c in whole if c[2] == column} for column in {c[2]: 0 for c in whole}]
        for of in {frozenset(part): part for part in parts if part}.values():
            yield _Order("figures-exchanged", of, pair)

    def _of_indicators(self, other: Mapping[str, str], cells: Sequence[Cell]) -> Iterator[_Order]:
        """Yield the figures of two indicators exchanged, for everybody of a role and for each person."""
        mine = [cell for cell in cells if cell[1] in other and cell[2] == "actual"]
        whole = {c: turned for c in mine if (turned := (c[0], other[c[1]], c[2])) in self.now}
        by_person = gathered((cell[0], cell) for cell in whole)
        for who, own in by_person.items():
            yield _Order("indicators-exchanged", {cell: whole[cell] for cell in own}, (who,))
        if len(by_person) > 1:
            yield _Order("indicators-exchanged", whole, tuple(by_person))

    def _gain(self, order: _Order) -> Decimal:
        """Return how much likelier an order makes the figures than the one they stand in, as a logarithm."""
        if len(order.who) == 1 and not all(self._nearer(*each) for each in order.of.items()):
            return Decimal(0)
        involved = frozenset(cell[0] for cell in order.of)
        theirs = [(cell, *self._others(self._kind(cell), involved)) for cell in order.of]
        off = [self.now[cell] - self.usual[cell] - moved for cell, moved, _ in theirs]
        # chance moves a figure as it does the others', and more where it is a few pieces
        chance = [max(self._least[cell], spread) for cell, _, spread in theirs]
        if order.code != "rows-slipped" and sum(map(_unlikely, off, chance)) < _SURE:
            return Decimal(0)  # whatever the other order makes of them: no figure is less unlikely than not at all
        turned = [(cell, other, self._others(self._kind(other), involved)[0]) for cell, other in order.of.items()]
        would = [self.now[cell] - self.usual[other] - moved for cell, other, moved in turned]
        if order.code == "rows-slipped":  # nobody is left who would show how all moved
            nearer = sum(abs(then) < abs(own) for own, then in zip(off, would, strict=True))
            if 3 * nearer <= 2 * len(off):  # a figure or two that are far off make no column slip
                return Decimal(0)
            off, would = ([move - sum(all_, Decimal(0)) / len(all_) for move in all_] for all_ in (off, would))
            chance = [max(by, self._of_others(next(iter(order.of)))) for by in chance]
        farther = zip(off, would, chance, strict=True)
        return sum((_unlikely(own, by) - _unlikely(then, by) for own, then, by in farther), Decimal(0))

    def _nearer(self, cell: Cell, other: Cell) -> bool:
        return abs(self.now[cell] - self.usual[other]) < abs(self.now[cell] - self.usual[cell])

    def _of_others(self, cell: Cell) -> Decimal:
        """Return how far chance moves the figures of the role's other indicators, of the most restless one."""
        role, indicator, column = self._kind(cell)
        kinds = (kind for kind in self._moves if kind[::2] == (role, column) and kind[1] != indicator)
        return max((self._others(kind, frozenset())[1] for kind in kinds), default=Decimal(0))

    def _others(self, kind: _Kind, involved: frozenset[str]) -> tuple[Decimal, Decimal]:
        """Return how the others' figures moved, and how far from there they lie; among many, everybody's."""
        key = kind, involved if len(self._moves[kind]) <= _MANY else frozenset()
        if key not in self._known:
            self._known[key] = _middle_and_spread([move for who, move in self._moves[kind] if who not in key[1]])
        return self._known[key]

    def _kind(self, cell: Cell) -> _Kind:
        return self.roster.roles.get(cell[0]), *cell[1:]

    @cached_property
    def _least(self) -> dict[Cell, Decimal]:
        """How far chance alone moves each figure."""
        pieces = {
            (name, item.id): adds_up(item, None)
            for name, role in self.roster.design.roles.items()
            for item in role.indicators
        }
        least: dict[Cell, Decimal] = {}
        for cell in self.now:
            role, indicator, column = self._kind(cell)
            own = _CHANCE if column == "actual" else _CHANCE * _VIEWS
            counts = pieces.get((role or "", indicator), False)
            least[cell] = max(own, _ROUGHLY.sqrt(self.few[cell]) * _STEADY) if counts else own
        return least


def _middle_and_spread(moves: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """Return the middle of moves, and how far they lie from it, as a standard deviation."""
    middle = median(moves) if moves else Decimal(0)
    lie = median(abs(move - middle) for move in moves) * Decimal("1.5") if len(moves) > 1 else Decimal(0)
    return middle, lie


def _unlikely(move: Decimal, chance: Decimal) -> Decimal:
    return min(abs(move) / chance, _FARTHEST) ** 2 / 2


def _said(order: _Order, rows: Mapping[tuple[str, str], object], file: str, roster: Roster) -> Issue:
    """Return an order as a finding, at the first of its cells."""
    first, second = next(iter(order.of.items()))
    whose = [cell[0] for cell in order.of]
    row, other = rows[first[:2]], rows[second[:2]]
    place = Place(file, row.row, first[2])  # type: ignore[attr-defined]
    name = item.name if (item := roster.item(row)) else first[1]
    if order.code == "figures-exchanged":
        people = {"person": roster.called(first[0]), "other": roster.called(second[0])}
        return warning(order.code, place, whose, **people, row=other.row)  # type: ignore[attr-defined]
    if order.code == "indicators-exchanged":
        also = item.name if (item := roster.item(other)) else second[1]
        who = [roster.called(each) for each in order.who]
        return warning(order.code, place, whose, indicator=name, other=also, people=who)
    return warning(order.code, place, whose, indicator=name, n=len(order.of))
