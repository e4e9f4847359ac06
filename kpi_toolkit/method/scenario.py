"""A scenario: other weights, targets, caps or tier shares somebody asked about, and what can be wrong with one.

A scenario never changes the design by itself; :func:`changed_design` gives the design as it would be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from kpi_toolkit.method.checks import check_design
from kpi_toolkit.method.checks.rules import SETTINGS
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issue, Issues, Place, error, nearest, warning
from kpi_toolkit.method.model import Design, Indicator, Role
from kpi_toolkit.method.numbers import FULL, Hundredths, Percent
from kpi_toolkit.method.settings import Elicitation, Line
from kpi_toolkit.method.value import Id, Name, Text, Value

LONGEST_NAME = 200
_FRACTION = 3
"""So few per cent of a target are more likely a fraction of it: 1.1 for 110."""


def _short(name: Text) -> Text:
    if any(len(said) > LONGEST_NAME for said in name.words):
        raise PydanticCustomError("text-too-long", "{most}", {"most": LONGEST_NAME})
    return name


_ByIndicator = dict[Id, dict[Id, Annotated[Hundredths, Field(ge=0, le=1000)]]]


class Scenario(Value):
    """What if: only what differs from the design is written down."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    name: Annotated[Name, AfterValidator(_short)]
    client: Id
    cycle: Line
    """The cycle on whose results it was looked at."""
    design_version: int = Field(ge=1)
    design: str = Field(pattern=r"^[0-9a-f]{16}$")
    """The fingerprint of the design it started from."""
    asked_by: Line = ""
    why: Line = ""
    weights: _ByIndicator = Field(default_factory=dict)
    """By role and indicator; each role's weights must sum to what they summed to before."""
    targets: dict[Id, dict[Id, Annotated[Percent, Field(gt=0, le=1000, decimal_places=2)]]] = Field(
        default_factory=dict
    )
    """Per cent of the targets agreed: 110 is ten per cent more."""
    caps: dict[Id, dict[Id, Annotated[Hundredths, Field(gt=0, le=1000)]]] = Field(default_factory=dict)
    item_cap: Annotated[Hundredths, Field(gt=0, le=1000)] | None = None
    shares: tuple[Hundredths, Hundredths, Hundredths] | None = None
    elicited: tuple[Elicitation, ...] = ()

    @property
    def changes(self) -> dict[str, Any]:
        """What it would change, by part; parts that stay are empty or None."""
        return {part: getattr(self, part) for part in ("weights", "targets", "caps", "item_cap", "shares")}


def fingerprint(design: Design) -> str:
    """Return a short hash of all that a design says; a design that says the same has the same."""
    return sha256(design.as_agreed.model_dump_json(by_alias=True, exclude_defaults=True).encode()).hexdigest()[:16]


def changed_design(design: Design, scenario: Scenario) -> Design:
    """Return the design as the scenario would have it; the version stays.

    >>> from kpi_toolkit.method.model import Design
    >>> lines = [{"id": i, "name": i, "class": "workload", "weight": 50, "target": 200} for i in ("a", "b")]
    >>> design = Design.model_validate({"roles": {"editor": {"name": "Editor", "indicators": lines}}})
    >>> scenario = Scenario(name="a counts 70", client="c", cycle="2026-10", design_version=1,
    ...     design=fingerprint(design), weights={"editor": {"a": 70, "b": 30}}, targets={"editor": {"b": 110}})
    >>> [(item.weight, item.target) for item in changed_design(design, scenario).roles["editor"].indicators]
    [(Decimal('70'), Decimal('200')), (Decimal('30'), Decimal('220'))]
    """
    roles = {name: _changed_role(role, name, scenario) for name, role in design.roles.items()}
    changes: dict[str, Any] = {"roles": roles}
    if scenario.item_cap is not None:
        changes["item_cap"] = scenario.item_cap
    if scenario.shares is not None:
        changes["tiers"] = design.tiers.model_copy(update={"shares": scenario.shares})
    return design.model_copy(update=changes)


def _changed_role(role: Role, name: str, scenario: Scenario) -> Role:
    weights, targets, caps = (part.get(name, {}) for part in (scenario.weights, scenario.targets, scenario.caps))
    if not (weights or targets or caps):
        return role
    items = []
    for item in role.indicators:
        changes: dict[str, Any] = {"weight": weights[item.id]} if item.id in weights else {}
        if item.id in targets:
            changes["target"] = scaled(item.target, targets[item.id])
        if item.id in caps:
            changes["cap"] = caps[item.id]
        items.append(item.model_copy(update=changes))
    return role.model_copy(update={"indicators": tuple(items)})


def scaled(target: Decimal | None, per_cent: Decimal) -> Decimal | None:
    """Return a target at so many per cent of itself, exactly; None where there is none.

    >>> scaled(Decimal(200), Decimal(110)), scaled(Decimal("4.5"), Decimal(90))
    (Decimal('220'), Decimal('4.05'))
    """
    if target is None:
        return None
    exact = target * per_cent / 100
    return Decimal(int(exact)) if exact == exact.to_integral_value() else exact.normalize()


def groups(role: Role) -> Mapping[str | None, list[Indicator]]:
    """Return the indicators whose weights are shared out together: the role's, or each block's."""
    return gathered((item.block, item) for item in role.indicators if not item.outside)


_LEAST, _MOST = 50, 200
"""Ours: per cent of what was agreed outside of which a target is rather a slip than a thought."""


def check_scenario(design: Design, scenario: Scenario, file: str) -> Issues:
    """Return what is wrong with a scenario against the design; an older design is a warning.

    What could not be adopted because the design would not be one that may be scored is an error here already.
    """
    issues = Issues(_wrong(design, scenario, file))
    if issues.errors:
        return issues
    changed = changed_design(design, scenario)
    before = {repr(issue) for check in SETTINGS for issue in check(design)}
    slips = [issue for check in SETTINGS for issue in check(changed) if repr(issue) not in before]
    issues += _targets_in_per_cent(scenario, file)
    found = (*check_design(changed).errors, *slips)
    return issues + (replace(issue, place=Place(file, key=issue.place.key)) for issue in found)


def _targets_in_per_cent(scenario: Scenario, file: str) -> Iterator[Issue]:
    """Find targets that were probably written as fractions of those agreed."""
    for role, own in scenario.targets.items():
        for name, share in own.items():
            place = Place(file, key=f"targets.{role}.{name}")
            if share <= _FRACTION:
                yield warning("fraction-in-design", place, value=share, percent=share * 100)
            elif not _LEAST <= share <= _MOST:
                yield warning("scenario-far", place, share=share)


def made_on_another(design: Design, scenario: Scenario, place: Place) -> Issue | None:
    """Return the finding that a scenario was made on another design than this one, None where it was not."""
    if scenario.design == fingerprint(design):
        return None
    if scenario.design_version == design.version:
        return error("scenario-edited-design", place, version=design.version)
    return error("scenario-stale", place, version=scenario.design_version, now=design.version)


def _wrong(design: Design, scenario: Scenario, file: str) -> Iterator[Issue]:
    older = made_on_another(design, scenario, Place(file))
    if older:
        yield replace(older, severity="warning")
    if scenario.shares is not None and min(scenario.shares) < 0:
        yield error("negative-share", Place(file, key="shares"), least=min(scenario.shares))
    elif scenario.shares is not None and sum(scenario.shares) != FULL:
        yield error("shares-not-100", Place(file, key="shares"), total=sum(scenario.shares))
    for part in ("weights", "targets", "caps"):
        for name, own in getattr(scenario, part).items():
            if name in design.roles:
                yield from _part_fits(design.roles[name], part, own, Place(file, key=f"{part}.{name}"))
            else:
                yield _unknown(name, design.roles, Place(file, key=f"{part}.{name}"))
    for name in scenario.weights.keys() & design.roles.keys():
        yield from _sums(design.roles[name], name, scenario, file)


def _unknown(name: str, known: Iterable[str], place: Place) -> Issue:
    return error("scenario-unknown", place, name=name, nearest=nearest(name, known), known=", ".join(known))


def _part_fits(role: Role, part: str, own: Mapping[str, Decimal], at: Place) -> Iterator[Issue]:
    """Find what a part of a scenario says of indicators that the role does not have, or of which it cannot be said."""
    items = {item.id: item for item in role.indicators}
    for name, value in own.items():
        place, item = replace(at, key=f"{at.key}.{name}"), items.get(name)
        if item is None:
            yield _unknown(name, items, place)
        elif part == "targets" and not item.needs_target:
            yield error("scenario-no-target", place, indicator=item.name)
        elif part == "weights" and item.outside:
            yield error("weight-outside", place, indicator=item.name, weight=value)


def _sums(role: Role, name: str, scenario: Scenario, file: str) -> Iterator[Issue]:
    weights = scenario.weights[name]
    for items in groups(role).values():
        agreed = sum((item.weight for item in items), Decimal(0))
        total = sum((weights.get(item.id, item.weight) for item in items), Decimal(0))
        if total != agreed:
            place = Place(file, key=f"weights.{name}")
            yield error("scenario-sum", place, role=role.name, total=total, agreed=agreed, gap=f"{agreed - total:+f}")
