"""Figures that are those of the cycle before: the same, a little beside them, or all of them so many times as much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import prod
from statistics import median_low

from kpi_toolkit.method.checks.plausible import is_per_cent
from kpi_toolkit.method.checks.relation import Figures
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issue, Place, warning
from kpi_toolkit.method.model import Indicator
from kpi_toolkit.method.numbers import FULL
from kpi_toolkit.method.tables import Tables, rows_of

_Key = tuple[str, str]
"""A person and an indicator."""
USUAL = {Decimal(0), Decimal(FULL)}
"""Figures that many reach month after month; they tell nothing."""
_KINDS = 3
"""Ours: so many figures of one kind are no chance."""
_RARE = Fraction(1, 50)
"""Ours: what chance makes in fewer of so many tables is asked about."""
_SOME, _MOST, _NEAR, _FINE = 6, Fraction(9, 10), Fraction(1, 5), Fraction(1, 12)
"""Ours: of so many figures nearly all lie in a fifth of the room that chance has, where it has room for many."""


def what_is_as_before(
    own: Figures, past: Sequence[Figures], other: str, tables: Tables, roster: Roster
) -> Iterator[Issue]:
    """Find people, indicators and single figures that are those of the cycle before, as chance hardly makes them.

    Where none is, find all of them moved by one step or factor, or nearly all of them by next to nothing; ``past`` are
    the last cycles, oldest first, which show whether it is always like that. A target reached to the digit is no
    chance, and no copy.
    """
    table = _Beside(own, past[-1], tables, roster)
    found = [*table.the_same(other)]
    yield from found or table.moved_together(other) or table.hardly_moved(past, other)


@dataclass(frozen=True)
class _Beside:
    """A table of actuals beside that of the cycle before."""

    own: Figures
    then: Figures
    tables: Tables
    roster: Roster

    @cached_property
    def rows(self) -> Mapping[_Key, int]:
        """Where each figure stands."""
        return {(row.person, row.indicator): row.row for row in rows_of(self.tables.actuals)}

    @cached_property
    def known(self) -> Mapping[_Key, Decimal]:
        """The figures that tell anything, and have one before them."""
        both = {key[:2]: value for key, value in self.own.items() if key[2] == "actual" and key in self.then}
        return {key: value for key, value in both.items()
                if value not in USUAL and key in self.items and self.items[key].target != value}  # fmt: skip

    @cached_property
    def items(self) -> Mapping[_Key, Indicator]:
        """What each figure is of."""
        return {(row.person, row.indicator): item for row, item in self.roster.lines(self.tables.actuals)}

    @cached_property
    def step(self) -> Mapping[_Key, Decimal]:
        """How finely each figure is counted."""
        ends = {key: int(value.normalize().as_tuple().exponent) for key, value in self.known.items()}
        usual = {name: median_low(of) for name, of in gathered((key[1], end) for key, end in ends.items()).items()}
        return {key: Decimal(1).scaleb(min(end, usual[key[1]])) for key, end in ends.items()}

    def chance(self, key: _Key) -> Fraction:
        """Return how likely a figure comes again by chance: one of those, a step apart, within a tenth around it.

        A share has no more room than is left to the whole.
        """
        value, share = self.known[key], is_per_cent(self.items[key])
        room = min(abs(value), abs(FULL - value) or abs(value)) if share else abs(value)
        return 1 / (1 + Fraction(room) / (3 if share else 5) / Fraction(self.step[key]))

    def before(self, key: _Key) -> Decimal:
        """Return the figure of the cycle before."""
        return self.then[*key, "actual"]

    def the_same(self, other: str) -> Iterator[Issue]:
        """Find the figures of people, of indicators and single ones that are those of the cycle before."""
        equal = {key: self.chance(key) for key, value in self.known.items() if self.before(key) == value}
        told: set[_Key] = set()
        for at, code in ((0, "figures-of-before"), (1, "column-of-before"), (None, "figure-of-before")):
            groups = gathered((key if at is None else key[at], key) for key in self.known)
            for keys in groups.values():
                likely = prod((equal.get(key, Fraction(1)) for key in keys), start=Fraction(len(groups)))
                enough = at is None or len(keys) >= _KINDS
                if not enough or not told.isdisjoint(keys) or not equal.keys() >= {*keys} or likely > _RARE:
                    continue
                told |= {*keys}
                (who, _), item = keys[0], self.items[keys[0]]
                name = {"person": self.roster.called(who)} if at == 0 else {"indicator": item.name}
                value = {} if at is not None else {"value": self.known[keys[0]]}
                yield warning(code, self._place(keys[0]), other=other, **name, **value)

    def moved_together(self, other: str) -> list[Issue]:
        """Find a table, or indicators in it, of which everybody's figures moved by one step or by one factor."""
        found: list[Issue] = []
        groups = [[*self.known], *gathered((key[1], key) for key in self.known).values()]
        for keys in groups:
            moved = {self.known[key] != self.before(key) for key in keys} == {True}
            likely = prod((self.chance(key) for key in keys[1:]), start=Fraction(len(groups)))
            if not found and moved and len(keys) > _KINDS and likely <= _RARE and self._alike(keys):
                said = {"indicators": [*{key[1]: self.items[key].name for key in keys}.values()], "n": len(keys)}
                found.append(warning("moved-together", self._place(keys[0]), other=other, **said))
        return found

    def _alike(self, keys: Sequence[_Key]) -> bool:
        """Whether all of some figures lie one and the same way off those before, or are so many times as much."""
        if len({self.known[key] - self.before(key) for key in keys}) == 1:
            return True
        if min(self.before(key) for key in keys) <= 0:
            return False
        ends = [[(self.known[key] + side * self.step[key] / 2) / self.before(key) for side in (-1, 1)] for key in keys]
        return max(low for low, _ in ends) <= min(high for _, high in ends)

    def hardly_moved(self, past: Sequence[Figures], other: str) -> list[Issue]:
        """Find a table nearly all of whose figures lie next to those before, where that is not always so."""
        fine = [key for key in self.known if self.chance(key) <= _FINE and not is_per_cent(self.items[key])]
        near = [key for key in fine if self._is_near(key, self.known[key], self.before(key))]
        if len(fine) < _SOME or len(near) < _MOST * len(fine):
            return []
        pairs = [(key, [cycle[cell] for cycle in past if (cell := (*key, "actual")) in cycle]) for key in fine]
        usual = [self._is_near(key, *values[-2:]) for key, values in pairs if len(values) > 1]
        if 2 * sum(usual) > len(usual):
            return []
        return [warning("hardly-moved", self._place(near[0]), n=len(near), of=len(fine), other=other)]

    def _is_near(self, key: _Key, one: Decimal, two: Decimal) -> bool:
        return (Fraction(2 * abs(one - two) / self.step[key]) + 1) * self.chance(key) <= _NEAR

    def _place(self, key: _Key) -> Place:
        return Place(self.tables.file("actuals"), self.rows[key], "actual")
