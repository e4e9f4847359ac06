"""What an appraisal is for, and what was chosen for it: the pages of a design that state intentions."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from kpi_toolkit.method.numbers import Number
from kpi_toolkit.method.value import Text, Value

Use = Literal["pay", "shortfalls", "correction", "direction", "strategy", "training", "promotion", "talk", "records"]
Purpose = Literal["motivate", "develop", "align", "reflect", "expose_faults"]


class Charter(Value):
    """Why appraise, whom, by what (S003). What is left blank is an open point of the design."""

    purpose: Purpose | None = None
    object: Text | None = None
    """Who is appraised."""
    criteria: Text | None = None
    method: Text | None = None
    goal: Text | None = None
    uses: tuple[Use, ...] = ()
    """What the results are used for (S104)."""

    @property
    def blanks(self) -> list[str]:
        """The fields left blank.

        >>> Charter(purpose="motivate", uses=("pay",)).blanks
        ['object', 'criteria', 'method', 'goal']
        """
        return [name for name in type(self).model_fields if not getattr(self, name)]


class Decision(Value):
    """A choice between designs, in four steps: problem and goal, alternatives, choice, carrying out (S285)."""

    problem: Text
    alternatives: tuple[Text, ...] = ()
    chosen: Text | None = None
    because: Text | None = None


class CustomerGrades(Value):
    """Grades of customers by what comes in from them (S227, duty of the business vice-president)."""

    limits: tuple[Number, ...] = Field(min_length=1, max_length=25)
    """The least of each grade but the last, highest first."""
    unit: Text | None = None
    """The currency of the client's country where absent."""

    @field_validator("limits")
    @classmethod
    def _falling(cls, limits: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
        if list(limits) != sorted(set(limits), reverse=True):
            raise PydanticCustomError("limits-not-falling", "{limits}", {"limits": ", ".join(map(str, limits))})
        return limits

    def grade(self, inflow: Decimal) -> str:
        """Return the letter of a customer, A for the best.

        >>> CustomerGrades(limits=(100_000, 10_000)).grade(Decimal(80_000))
        'B'
        """
        return chr(ord("A") + sum(inflow < limit for limit in self.limits))
