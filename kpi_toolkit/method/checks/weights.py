"""What can be wrong with weights, blocks and the method they are counted by."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from kpi_toolkit.method.checks.places import DESIGN_FILE, indicator_place, indicators_of
from kpi_toolkit.method.issues import Issue, Place, error, nearest, warning
from kpi_toolkit.method.model import FULL, Design, Method, Side
from kpi_toolkit.method.value import Word


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
                known = ", ".join(role.blocks) or "–"
                place = indicator_place(name, indicator)
                yield error("unknown-block", place, block=indicator.block or "–", nearest=near, known=known)
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
        if len(idle) == len(role.indicators):
            yield error("nothing-counts", place, role=role.name, method=Word(f"method.{role.method.value}"))
        elif idle:
            yield warning(
                "not-counted", place, role=role.name, method=Word(f"method.{role.method.value}"), indicators=idle
            )


CHECKS = (_weights_sum_to_100, _blocks_hold_their_maximum, _weights_fit_curves, _method_fits)
