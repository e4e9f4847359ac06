"""What the linter looks at: a design, and what it is compared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kpi_toolkit.method.cards import CurveCard, RoleFacts
from kpi_toolkit.method.checks.places import indicators_of
from kpi_toolkit.method.issues import Place
from kpi_toolkit.method.model import Design, Indicator, Role
from kpi_toolkit.method.procedures import Procedure
from kpi_toolkit.method.regulation import CountryCard
from kpi_toolkit.method.wording import Wording


@dataclass(frozen=True)
class Case:
    """A design before the linter."""

    design: Design
    wording: Wording
    starters: Mapping[str, Design] = field(default_factory=dict)
    """The starters by name, to tell a tailored design from a copy (S100)."""
    roles: Mapping[str, RoleFacts] = field(default_factory=dict)
    """The library's role cards by id."""
    procedures: Mapping[str, Procedure] = field(default_factory=dict)
    curves: Mapping[str, CurveCard] = field(default_factory=dict)
    """The named curves."""
    country: CountryCard = field(default_factory=CountryCard)
    """What the client's country asks for."""

    def bears_quota(self, role: str) -> bool:
        """Whether a role may bear a sales quota: the design allows it and no card speaks against it (S088)."""
        own, card = self.design.roles[role], self.roles.get(role)
        if card is not None and card.name.words and not {*card.name.words} & {*own.name.words}:
            card = None  # it has become another role
        return own.may_bear_sales_quota and (card is None or card.may_bear_sales_quota)

    def decides(self, role: str) -> bool:
        """Whether a role decides for the whole department or company."""
        return role in self.roles and self.roles[role].stratum == "decision"

    def indicators(self) -> Iterator[tuple[str, Role, Indicator, Place]]:
        """Go through all indicators with the id of their role, the role and their place."""
        return indicators_of(self.design)
