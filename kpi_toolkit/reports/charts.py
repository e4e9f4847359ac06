"""Charts: from the summary to Altair, one function a chart. Kernels only write the Vega-Lite; it is drawn elsewhere.

Layout is in pixels where a row is a person, so that cuts can be drawn between rows. Tiers are told by letter, place and
colour together; the colours are told apart by red-green-blind readers and in grey print.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import altair as alt
from altair.utils.schemapi import debug_mode

from kpi_toolkit.method.model import IndicatorClass, Side, Tier
from kpi_toolkit.reports.bundle import MEASURING
from kpi_toolkit.reports.history import PastCycle
from kpi_toolkit.reports.lines import MOVED, PersonLine
from kpi_toolkit.reports.summary import CycleSummary
from kpi_toolkit.reports.words import Words

Chart = alt.LayerChart | alt.FacetChart
FONT = f"{MEASURING}, Inter, Noto Sans SC, sans-serif"
WIDTH = 642  # the text width of an A4 page in CSS pixels
TIER_COLOUR = {Tier.TOP: "#0072b2", Tier.MIDDLE: "#767676", Tier.BOTTOM: "#d55e00"}
INK, SOFT, HAIR = "#222222", "#5c6670", "#d5dce3"
TEAM_COLOUR = "#ddd3bd"
"""What of a score is the team's."""
_ROW, _BAR, _CUT = 22, 13, 12


@dataclass(frozen=True)
class Scene:
    """What every chart is drawn from: the summary, the words, and the brand's colours."""

    summary: CycleSummary
    words: Words
    person: PersonLine | None = None

    @property
    def primary(self) -> str:
        """The brand's main colour."""
        return self.summary.profile.brand.primary

    @property
    def accent(self) -> str:
        """The brand's second colour."""
        return self.summary.profile.brand.accent


def tint(colour: str, share: float) -> str:
    """Return a colour mixed with this share of white.

    >>> tint("#000000", 0.5)
    '#808080'
    """
    channels = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(value + (255 - value) * share):02x}" for value in channels)


def class_colours(scene: Scene) -> dict[IndicatorClass, str]:
    """Return a colour for each class of indicator: work done in the main colour's tints, results in the second's."""
    tints = (0.0, 0.3, 0.52, 0.7)
    results = [kind for kind in reversed(IndicatorClass) if kind.side is Side.RESULT]
    work = [kind for kind in IndicatorClass if kind.side is Side.PROCESS]
    return {
        kind: tint(colour, share)
        for kinds, colour in ((results, scene.accent), (work, scene.primary))
        for kind, share in zip(kinds, tints, strict=True)
    }


def _text_width(text: str) -> float:
    """Return about how many pixels a text takes at 11 pixels: Han glyphs are twice as wide as Latin ones."""
    return sum(11.2 if ord(char) > 0x2E7F else 6.2 for char in text)  # noqa: PLR2004 - first CJK block


def _fitted(text: str, width: float) -> str:
    """Return the text, or as much of it as fits with an ellipsis; a viewer's own cut cannot be relied on for Han text.

    >>> _fitted("Maximiliane Schoenfeldt", 80)
    'Maximiliane…'
    """
    if _text_width(text) <= width:
        return text
    while text and _text_width(text) > width - 11:
        text = text[:-1]
    return text.rstrip(" -·") + "…"


def _chart(rows: list[dict[str, Any]]) -> alt.Chart:
    """Return a chart of plain records. Altair would look a table through, and copy a list, for each of its layers."""
    return alt.Chart(alt.InlineData(values=tuple(rows)))


def _pixels(field: str, size: float) -> Any:
    """Return a vertical axis on which a row's place is given in pixels from the top."""
    return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[0, size], range=[0, size], nice=False), axis=None)


def contributions(scene: Scene, *, pool: str | None = None, start: int = 0, stop: int | None = None) -> Chart:
    """Return the ranking of a pool as bars of contributions, with the tier cuts drawn between the rows."""
    words = scene.words
    everyone = [line for line in scene.summary.ranking if pool in {None, line.pool}]
    people = everyone[start:stop]
    colours = class_colours(scene)
    highest = max([float(line.score or 0) for line in everyone] + [100.0])
    name_width = min(150.0, max([_text_width(words.show(line.called)) for line in everyone] + [40]) + 10)
    role_width = min(128.0, 0.87 * max([_text_width(words.show(line.role.name)) for line in everyone] + [40]) + 14)
    left, right = 24 + name_width + role_width, WIDTH - 98
    bars, ends, rows, cuts = [], [], [], []
    y = 0.0
    for place, line in enumerate(people):
        before = everyone[start + place - 1] if start + place else None
        last = next((p for p in reversed(everyone[: start + place]) if p.tier and p.reason not in MOVED), None)
        told = line.reason not in MOVED and last is not None and last.tier is not None
        if before and told and last and last.tier and line.tier and last.tier != line.tier:
            label = words(f"cut.{'top' if last.tier is Tier.TOP else 'bottom'}")
            cuts.append({"y": y + _CUT / 2 - 1, "label": label})
            y += _CUT
        x = 0.0
        for item in sorted(line.lines, key=lambda item: list(colours).index(item.indicator.kind)):
            if item.points:
                end = x + float(item.points)
                bars.append({"y": y + 4, "y2": y + 4 + _BAR, "x": x, "x2": end, "class": item.indicator.kind.value})
                x = end
        if line.team_points:
            end = x + float(line.team_points)
            bars.append({"y": y + 4, "y2": y + 4 + _BAR, "x": x, "x2": end, "class": "team"})
            x = end
        if line.score is not None and line.item_score != line.score:
            ends.append({"y": y + 4.5, "y2": y + 3.5 + _BAR, "x": x, "x2": float(line.score)})
        rows.append({
            "y": y + _ROW / 2, "name": _fitted(words.show(line.called), name_width - 8),
            "role": _fitted(words.show(line.role.name), (role_width - 10) / 0.87),
            "rank": str(line.rank) if line.rank else "–", "score": words.number(line.score, 2),
            "letter": words(f"tier.letter.{line.tier}") if line.tier else "–",
            "colour": TIER_COLOUR[line.tier] if line.tier else SOFT,
            "shape": "square" if line.tier is Tier.BOTTOM else "circle",
            "adjustment": words.number(line.adjustment, 2, sign=True) if line.adjustment else "",
        })  # fmt: skip
        y += _ROW
    size = y + 2
    base = _chart(rows).encode(y=_pixels("y", size))
    order = [kind for kind in colours if any(bar["class"] == kind.value for bar in bars)]
    scale_x = alt.Scale(domain=[0, highest], range=[left, right], nice=False)
    layers: list[alt.Chart] = [
        _chart(bars)
        .mark_rect(stroke="white", strokeWidth=0.8)
        .encode(
            x=alt.X("x:Q", scale=scale_x, axis=None), x2=alt.X2("x2:Q"), y=_pixels("y", size), y2=alt.Y2("y2:Q"),
            color=alt.Color("class:N", legend=None, scale=alt.Scale(
                domain=[*(kind.value for kind in order), "team"],
                range=[*(colours[kind] for kind in order), TEAM_COLOUR])),
        ),
        base.mark_text(align="left", fontSize=10, color=SOFT).encode(x=alt.XValue(0), text=alt.Text("rank:N")),
        base.mark_text(align="left", fontSize=11, color=INK).encode(
            x=alt.XValue(22), text=alt.Text("name:N")),
        base.mark_text(align="left", fontSize=9.5, color=SOFT).encode(
            x=alt.XValue(22 + name_width), text=alt.Text("role:N")),
        base.mark_text(align="right", fontSize=11, fontWeight=600).encode(
            x=alt.XValue(WIDTH - 52), text=alt.Text("score:N"), color=alt.Color("colour:N", scale=None)),
        base.mark_text(align="right", fontSize=8, color=SOFT).encode(
            x=alt.XValue(WIDTH - 24), text=alt.Text("adjustment:N")),
        base.mark_point(filled=True, size=230, opacity=1).encode(
            x=alt.XValue(WIDTH - 9), color=alt.Color("colour:N", scale=None), shape=alt.Shape("shape:N", scale=None)),
        base.mark_text(fontSize=9.5, fontWeight=600, color="white").encode(
            x=alt.XValue(WIDTH - 9), text=alt.Text("letter:N")),
    ]  # fmt: skip
    if ends:  # plus and minus points: an outlined piece from what was earned to the official score
        pieces = _chart(ends).encode(y=_pixels("y", size), y2=alt.Y2("y2:Q"))
        layers.insert(
            1,
            pieces.mark_rect(fill="white", fillOpacity=0.75, stroke=INK, strokeWidth=0.9, strokeDash=[2, 2]).encode(
                x=alt.X("x:Q", scale=scale_x, axis=None), x2=alt.X2("x2:Q")
            ),
        )
    if cuts:
        lines = _chart(cuts).encode(y=_pixels("y", size))
        layers += [
            lines.mark_rule(strokeDash=[3, 3], color=scene.primary, strokeWidth=0.9).encode(
                x=alt.XValue(0), x2=alt.X2Value(right - 8)),
            lines.mark_text(align="right", fontSize=8.5, color=scene.primary).encode(
                x=alt.XValue(right + 44), text=alt.Text("label:N")),
        ]  # fmt: skip
    return alt.layer(*layers, width=WIDTH, height=size)


def distribution(scene: Scene) -> Chart:
    """Return how the scores lie: a dot a person at the true score, stacked where dots would touch, the mean marked."""
    people = scene.summary.ranking
    scores = [float(line.score or 0) for line in people]
    low, high = min(scores), max(*scores, min(scores) + 10)
    span = high - low
    width, dot = WIDTH - 20, 17
    reach = span * 1.08 * dot / width  # two dots nearer than this would touch
    levels: list[float] = []
    dots = []
    for score, line in sorted(zip(scores, people, strict=True), key=lambda pair: pair[0]):
        level = next((place for place, last in enumerate(levels) if score - last >= reach), len(levels))
        levels[level : level + 1] = [score]
        tier = line.tier.value if line.tier else "none"
        dots.append({"x": score, "y": level + 1, "tier": tier, "letter": scene.words(f"tier.letter.{tier}"),
                     "shape": "square" if line.tier is Tier.BOTTOM else "circle"})  # fmt: skip
    top = max(len(levels) + 1.8, 4.2)
    x = alt.X("x:Q", scale=alt.Scale(domain=[low - span * 0.04, high + span * 0.03], nice=False),
              axis=alt.Axis(title=None, grid=False, domainColor=HAIR, tickColor=HAIR))  # fmt: skip
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=None)
    tiers = [*[tier.value for tier in Tier], "none"]
    points = _chart(dots).encode(x=x, y=y)
    mean = float(scene.summary.mean or 0)
    marks = _chart([{"x": mean, "label": scene.words("chart.mean", value=scene.summary.mean)}])
    return alt.layer(
        marks.mark_rule(color=scene.primary, strokeDash=[2, 2]).encode(x=x),
        points.mark_point(filled=True, size=190, opacity=1).encode(
            color=alt.Color("tier:N", legend=None, scale=alt.Scale(domain=tiers, range=[*TIER_COLOUR.values(), SOFT])),
            shape=alt.Shape("shape:N", scale=None)),
        points.mark_text(fontSize=8, fontWeight=600, color="white").encode(text=alt.Text("letter:N")),
        marks.mark_text(align="left", dx=5, fontSize=9, color=scene.primary).encode(
            x=x, y=alt.YValue(6), text=alt.Text("label:N")),
        width=width, height=dot * top,
    )  # fmt: skip


def gaps(scene: Scene, *, limit: int = 12) -> Chart:
    """Return where self and appraiser part the most: an open dot for self, a filled one for the appraiser."""
    pairs = scene.summary.gaps[:limit]
    words = scene.words
    labels = [
        (_fitted(words.show(person.called), 140), _fitted(words.show(line.indicator.name), 150))
        for person, line in pairs
    ]
    name_width = max(_text_width(name) for name, _ in labels) + 10
    item_width = 0.87 * max(_text_width(item) for _, item in labels) + 14
    rows = [
        {
            "y": 20 * place + 26, "name": name, "item": item, "self": float(line.self or 0),
            "appraiser": float(line.appraiser or 0), "gap": words("chart.gap", value=words.number(line.gap, sign=True)),
        }
        for place, ((name, item), (_, line)) in enumerate(zip(labels, pairs, strict=True))
    ]  # fmt: skip
    size = 20 * len(rows) + 18
    values = [float(line.self or 0) for _, line in pairs] + [float(line.appraiser or 0) for _, line in pairs]
    domain = [min(*values, 60) - 4, max(*values, 100) + 4]
    left = name_width + item_width
    scale = alt.Scale(domain=domain, range=[left, WIDTH - 70], nice=False)
    base = _chart(rows).encode(y=_pixels("y", size))
    head = _chart([{"x": 100, "mark": "100%", "gap": words("chart.gap_head")}])
    return alt.layer(
        head.mark_rule(color=HAIR).encode(
            x=alt.X("x:Q", scale=scale, axis=None), y=alt.YValue(14), y2=alt.Y2Value(size)),
        head.mark_text(fontSize=8.5, color=SOFT).encode(
            x=alt.X("x:Q", scale=scale, axis=None), y=alt.YValue(7), text=alt.Text("mark:N")),
        head.mark_text(align="right", fontSize=8.5, color=SOFT).encode(
            x=alt.XValue(WIDTH - 4), y=alt.YValue(7), text=alt.Text("gap:N")),
        base.mark_rule(color=HAIR, strokeWidth=3).encode(
            x=alt.X("self:Q", scale=scale, axis=None), x2=alt.X2("appraiser:Q")),
        base.mark_point(shape="circle", size=70, color=scene.primary, fill="white", strokeWidth=1.8).encode(
            x=alt.X("self:Q", scale=scale, axis=None)),
        base.mark_point(shape="circle", size=80, filled=True, color=scene.primary, opacity=1).encode(
            x=alt.X("appraiser:Q", scale=scale, axis=None)),
        base.mark_text(align="left", fontSize=10.5, color=INK).encode(
            x=alt.XValue(0), text=alt.Text("name:N")),
        base.mark_text(align="left", fontSize=9.5, color=SOFT).encode(
            x=alt.XValue(name_width), text=alt.Text("item:N")),
        base.mark_text(align="right", fontSize=10.5, fontWeight=600, color=INK).encode(
            x=alt.XValue(WIDTH - 4), text=alt.Text("gap:N")),
        width=WIDTH, height=size,
    )  # fmt: skip


def trend(scene: Scene) -> Chart:
    """Return the mean score over the last cycles; on a person's report, the person against the mean."""
    summary, words, person = scene.summary, scene.words, scene.person
    known = {line.id: line.score for line in summary.ranking if line.score is not None}
    now = [PastCycle(summary.cycle, summary.mean, known, {})] if summary.mean is not None else []
    rows: list[dict[str, Any]] = []
    for past in (*summary.history, *now):
        own = past.scores.get(person.id) if person else None
        # Labels of the mean go below where the person's line runs above it, and the other way round.
        own_above = own is None or own >= past.mean
        for series, value in (("mean", past.mean), ("person", own)):
            if value is not None:
                up = person is None or (series == "person") == own_above
                rows.append({"cycle": words.cycle_short(past.cycle), "series": series, "score": float(value),
                             "label": words.number(value, 2), "up": up})  # fmt: skip
    values = [row["score"] for row in rows]
    x = alt.X("cycle:O", sort=list(dict.fromkeys(row["cycle"] for row in rows)),
              axis=alt.Axis(title=None, labelAngle=0, domainColor=HAIR, ticks=False, labelPadding=6))  # fmt: skip
    y = alt.Y("score:Q", axis=None, scale=alt.Scale(domain=[min(values) - 8, max(values) + 6], nice=False))
    colour = alt.Color("series:N", legend=None, scale=alt.Scale(
        domain=["mean", "person"], range=[SOFT if person else scene.primary, scene.accent]))  # fmt: skip
    base = _chart(rows).encode(x=x, y=y, color=colour)
    label = base.mark_text(fontSize=9).encode(text=alt.Text("label:N"), y=y)
    return alt.layer(
        base.mark_line(strokeWidth=2).encode(strokeDash=alt.StrokeDash("series:N", legend=None, scale=alt.Scale(
            domain=["mean", "person"], range=[[3, 3] if person else [1, 0], [1, 0]]))),
        base.mark_point(filled=True, size=36, opacity=1),
        label.transform_filter("datum.up").mark_text(fontSize=9, dy=-10),
        label.transform_filter("!datum.up").mark_text(fontSize=9, dy=12),
        width=WIDTH - 20, height=110,
    )  # fmt: skip


CHARTS: Mapping[str, Callable[..., Chart]] = {
    "contributions": contributions,
    "distribution": distribution,
    "gaps": gaps,
    "trend": trend,
}


def draw_chart(name: str, scene: Scene, *, validate: bool = False, **options: Any) -> dict[str, Any]:
    """Return the Vega-Lite of a chart by its name. A report does not validate, which halves its time: the tests do."""
    with debug_mode(validate):
        return vega_lite(CHARTS[name](scene, **options), validate=validate)


def vega_lite(chart: Chart, *, validate: bool = True) -> dict[str, Any]:
    """Return the Vega-Lite of a chart in the house's look: no frame, no ground, our fonts."""
    spec = dict(chart.to_dict(validate=validate))
    spec["config"] = spec.get("config", {}) | {
        "axis": {"labelColor": SOFT, "labelFontSize": 9}, "background": "transparent", "font": FONT, "padding": 2,
        "view": spec.get("config", {}).get("view", {}) | {"stroke": None},
    }  # fmt: skip
    return spec
