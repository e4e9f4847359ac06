"""What can be wrong with weights, blocks and the method they are counted by."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from kpi_toolkit.method.checks.case import Case
from kpi_toolkit.method.checks.places import DESIGN_FILE, indicator_place, indicators_of
from kpi_toolkit.method.issues import Issue, Place, error, hint, nearest, warning
from kpi_toolkit.method.model import Design, Method, Side
from kpi_toolkit.method.numbers import FULL
from kpi_toolkit.method.value import Word

_PAIR = 2


def _weights_sum_to_100(design: Design) -> Iterator[Issue]:
    for name, role in design.roles.items():
        place = Place(DESIGN_FILE, key=f"roles.{name}")
        if not role.indicators:
            yield error("role-without-indicator", place, role=role.name)
        elif not role.blocks and role.weight_sum != FULL:
            gap = f"{FULL - role.weight_sum:+f}"
            yield error("sum-not-100", place, role=role.name, total=role.weight_sum, gap=gap)


def _blocks_hold_their_maximum(design: Design) -> Iterator[Issue]:
    for name, role in design.roles.items():
        for indicator in role.indicators:
            if indicator.block not in role.blocks and (role.blocks or indicator.block is not None):
                near = nearest(indicator.block or "", role.blocks)
                known = [block.name for block in role.blocks.values()] or "–"
                said = {"indicator": indicator.name, "block": indicator.block or "–", "nearest": near, "known": known}
                yield error("unknown-block", indicator_place(name, indicator), **said)
        for key, block in role.blocks.items():
            total = sum((item.weight for item in role.indicators if item.block == key), Decimal(0))
            if total != block.maximum:
                place = Place(DESIGN_FILE, key=f"roles.{name}.blocks.{key}")
                yield error("block-sum", place, block=block.name, total=total, maximum=block.maximum)


def _weights_fit_curves(design: Design) -> Iterator[Issue]:
    """Find weights of nothing on what must weigh, and weights on what stands outside them."""
    for _, _, indicator, place in indicators_of(design):
        if not indicator.weight and not indicator.may_weigh_nothing:
            yield error("no-weight", place, indicator=indicator.name)
        if indicator.weight and indicator.outside:
            yield error("weight-outside", place, indicator=indicator.name, weight=indicator.weight)


def _method_fits(design: Design) -> Iterator[Issue]:
    for name, role in design.roles.items():
        if not role.indicators:
            continue
        place = Place(DESIGN_FILE, key=f"roles.{name}.method")
        if role.method is Method.COMBINED:
            if not role.share(Side.PROCESS):
                yield error("combined-without-process", place, role=role.name)
            continue
        idle = [indicator.name for indicator in role.indicators if not role.method.counts(indicator.side)]
        said = {"role": role.name, "method": Word(f"method.{role.method.value}")}
        if len(idle) == len(role.indicators):
            yield error("nothing-counts", place, **said)
        elif idle:
            yield warning("not-counted", place, indicators=idle, **said)


def _weights_as_in_the_library(case: Case) -> Iterator[Issue]:
    """Find two weights of a role that have changed places against the starter that has the same weights otherwise."""
    for name, role in case.design.roles.items():
        own = {(item.id, item.name): item.weight for item in role.indicators}
        like = (starter.roles[name].indicators for starter in case.starters.values() if name in starter.roles)
        theirs = ({(item.id, item.name): item.weight for item in each} for each in like)
        same = [each for each in theirs if each.keys() == own.keys()]
        moved = [{key: weight for key, weight in each.items() if own[key] != weight} for each in same]
        turned = [odd for odd in moved if len(odd) == _PAIR and [*odd.values()] == [own[key] for key in odd][::-1]]
        if turned and {} not in moved:
            place, odd = Place(DESIGN_FILE, key=f"roles.{name}"), turned[0]
            said = {"indicators": [called for _, called in odd], "weights": [f"{own[key]:f}%" for key in odd]}
            yield hint("weights-exchanged", place, role=role.name, **said)


CAUTIONS = (_weights_as_in_the_library,)
CHECKS = (_weights_sum_to_100, _blocks_hold_their_maximum, _weights_fit_curves, _method_fits)
