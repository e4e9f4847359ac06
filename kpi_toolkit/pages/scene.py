"""What every chart is drawn from and made of: the summary, the words, the brand's colours; marks placed in pixels.

Layout is in pixels where a row is a person, so that cuts can be drawn between rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kpi_toolkit.method.colour import tint
from kpi_toolkit.method.model import IndicatorClass, Side
from kpi_toolkit.method.scheme import Tier
from kpi_toolkit.pages.fitting import TEXT_WIDTH
from kpi_toolkit.pages.kinds import MEASURING
from kpi_toolkit.pages.tokens import COLOURS
from kpi_toolkit.pages.vega import alt
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.excerpt import Excerpt
from kpi_toolkit.results.lines import PersonLine
from kpi_toolkit.results.summary import CycleSummary

Chart = alt.LayerChart | alt.FacetChart
FONT = f"{MEASURING}, Inter, Noto Sans SC, sans-serif"
PHONE_WIDTH = 342  # the text width of a phone of 390 pixels
TIER_COLOUR = {tier: COLOURS[f"{tier.value}-area"] for tier in Tier}
INK, SOFT, HAIR = (COLOURS[name] for name in ("ink", "soft", "hair"))
TEAM_COLOUR = COLOURS["team"]
"""What of a score is the team's."""
LEADING = 13  # between the lines of a name
NAME_WIDTH = 140  # the widest line of a name


@dataclass(frozen=True)
class Scene:
    """What every chart is drawn from: the summary, the words, and the brand's colours."""

    summary: CycleSummary
    words: Words
    person: PersonLine | None = None
    phone: bool = False

    @cached_property
    def excerpt(self) -> Excerpt:
        """Whom the ranking shows."""
        return Excerpt(self.summary)

    @property
    def width(self) -> int:
        """The width of a chart in CSS pixels."""
        return PHONE_WIDTH if self.phone else TEXT_WIDTH

    @property
    def primary(self) -> str:
        """The brand's main colour."""
        return self.summary.profile.brand.primary

    @property
    def accent(self) -> str:
        """The brand's second colour."""
        return self.summary.profile.brand.accent


def class_colours(scene: Scene) -> dict[IndicatorClass, str]:
    """Return a colour for each class of indicator: work done in the main colour's tints, results in the second's."""
    tints = (100, 70, 48, 30)
    results = [kind for kind in reversed(IndicatorClass) if kind.side is Side.RESULT]
    work = [kind for kind in IndicatorClass if kind.side is Side.PROCESS]
    return {
        kind: tint(colour, share)
        for kinds, colour in ((results, scene.accent), (work, scene.primary))
        for kind, share in zip(kinds, tints, strict=True)
    }


def chart_of(rows: list[dict[str, Any]]) -> alt.Chart:
    """Return a chart of plain records. Altair would look a table through, and copy a list, for each of its layers."""
    return alt.Chart(alt.InlineData(values=tuple(rows)))


def pixels(field: str, size: float) -> Any:
    """Return a vertical axis on which a row's place is given in pixels from the top."""
    return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[0, size], range=[0, size], nice=False), axis=None)


def label_column(chart: alt.Chart, text: str, x: float, *, size: float, colour: str = SOFT, **more: Any) -> alt.Chart:
    """Return a column of text: ``text`` names the field, ``x`` is in pixels."""
    made: alt.Chart = chart.mark_text(fontSize=size, color=colour, **more)
    return made.encode(x=alt.XValue(x), text=alt.Text(f"{text}:N"))


def in_lines(lines: Sequence[str], middle: float, *, top: float | None, leading: int = LEADING) -> list[dict[str, Any]]:
    """Return lines of text one below the other, about their middle or, where it is given, from the top."""
    first = middle - leading * (len(lines) - 1) / 2 if top is None else top
    return [{"y": first + leading * place, "text": text} for place, text in enumerate(lines)]


def vega_lite(chart: Chart, *, validate: bool = True) -> dict[str, Any]:
    """Return the Vega-Lite of a chart in the house's look: no frame, no ground, our fonts."""
    spec = dict(chart.to_dict(validate=validate))
    spec["config"] = spec.get("config", {}) | {
        "axis": {"labelColor": SOFT, "labelFontSize": 9}, "background": "transparent", "font": FONT, "padding": 2,
        "view": spec.get("config", {}).get("view", {}) | {"stroke": None},
    }  # fmt: skip
    return spec
