"""The base of everything that is declared once: frozen, strict, able to draw its own JSON Schema."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

ID_PATTERN = r"^[a-z0-9][a-z0-9-]{0,47}$"
Id = Annotated[str, Field(pattern=ID_PATTERN)]


class Value(BaseModel):
    """A frozen value; unknown keys are refused, ``model_copy(update=...)`` gives a changed one."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True)


class Text(Value):
    """Words in one or two languages. In a file: ``"文章"`` or ``{zh = "文章", en = "Articles"}``.

    >>> Text.model_validate("Articles").pick("zh")
    'Articles'
    """

    zh: str = ""
    en: str = ""

    @model_validator(mode="before")
    @classmethod
    def _from_plain(cls, value: Any) -> Any:
        return {"zh": value, "en": value} if isinstance(value, str) else value

    def pick(self, language: Language) -> str:
        """Return the words in this language, or in the other where there are none."""
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)
