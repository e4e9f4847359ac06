"""How the declared values look as a form: what each field is called, what there is to choose, what is folded away."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from kpi_toolkit.method.value import Id, Name, Text, Value


class FieldCard(Value):
    """What a form says of one field of a value."""

    label: Name
    help: Text | None = None
    fold: bool = False
    """Whether it is for the rarer case, and shown on demand."""
    words: str = ""
    """What stands before a choice in the words files: ``class.``."""
    choices: dict[str, Text] = Field(default_factory=dict)
    """The choices in words of their own."""
    options: Literal[
        "",
        "roles",
        "cards",
        "goals",
        "blocks",
        "people",
        "codes",
        "indicators",
        "countries",
        "entries",
        "ties",
        "cascade",
        "owners",
    ] = ""
    """What there is to choose from: it changes with the client."""
    free: bool = False
    """Whether something else than the options may stand there."""
    keys: Literal["", "goal_types", "classes"] = ""
    """What the keys of a section are chosen from."""
    units: str = ""
    """What may be typed behind a number, or money before it, besides what the label has in brackets."""
    of_one: bool = False
    """Whether its numbers are shares of 1: 60% is 0.6."""
    unit: str = ""
    """The field beside it that says the unit."""
    bound: str = ""
    """The field beside it that says which side of it is meant: at least so many, or at most."""
    lined: bool = False
    """Whether each entry of a list is a line, with what is folded behind it."""
    plain: str = ""
    """The key that a plain value stands for: ``missing = "zero"`` is ``missing = { policy = "zero" }``."""


class FormPart(Value):
    """A page of the form."""

    id: Id
    label: Name
    file: Literal["design.toml", "client.toml", "people.csv", "cascade.csv", "goals.csv", "actuals.csv"] = "design.toml"
    fields: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    """The sections of the design book that it shows instead, as the draft would print them."""


class FormFields(Value):
    """The form as a whole: ``templates/forms/fields.toml``."""

    fields: dict[str, dict[str, FieldCard]]
    """By value and field."""
    omitted: dict[str, Text]
    """Fields that no form shows, each with the reason."""
    fixes: dict[str, Text]
    """How a finding is mended in the form, by its code, where that is not as in a file."""
    parts: tuple[FormPart, ...]

    def omits(self, owner: str, name: str) -> bool:
        """Whether a field is on the list of exceptions: by its name, or with all of its value that have no label."""
        rest = f"{owner}.*" in self.omitted and name not in self.fields.get(owner, {})
        return rest or f"{owner}.{name}" in self.omitted or f"*.{name}" in self.omitted
