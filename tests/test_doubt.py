"""Doubt held against full re-scoring: every figure that a page says of certainty, for every kind of design."""

from __future__ import annotations

import numpy as np
import pytest
from doubt_cases import KINDS, MORE, a_basis, fully_rescored, in_hundredths, rescoring_of

from kpi_toolkit.whatif.weights import generator, uniform


@pytest.mark.parametrize("kind", [*KINDS, *MORE])
def test_whole_columns_give_what_scoring_one_by_one_gives(kind):
    for seed in range(3):
        basis = a_basis(kind, seed)
        rescoring = rescoring_of(basis)
        drawn = {
            name: np.array([in_hundredths(_spread(form, row)) for row in uniform(8, len(form.weighing), generator(seed))])
            for name, form in rescoring.forms.items()
        }  # fmt: skip
        scored = rescoring.scored({name: rows / 10_000 for name, rows in drawn.items()})
        tiers = rescoring.tiers(scored)
        for at in range(8):
            wanted = fully_rescored(basis, {name: [int(w) for w in rows[at]] for name, rows in drawn.items()})
            assert list(zip(scored.centi[at], tiers[at], strict=True)) == wanted, (kind, seed, at)


def _spread(form, row):
    weights = np.zeros(len(form.agreed))
    weights[form.weighing] = row
    return weights
