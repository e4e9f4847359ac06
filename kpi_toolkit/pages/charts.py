"""Charts: from the summary to Altair, one function a chart. Kernels only write the Vega-Lite; it is drawn elsewhere.

Tiers are told by letter, place and colour together; the colours are told apart by red-green-blind readers and in grey
print.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from kpi_toolkit.method.lines import IndicatorLine
from kpi_toolkit.method.scheme import Tier
from kpi_toolkit.pages.fitting import text_width, wrapped
from kpi_toolkit.pages.ranking import contributions
from kpi_toolkit.pages.scene import (
    HAIR,
    INK,
    LEADING,
    NAME_WIDTH,
    SOFT,
    TIER_COLOUR,
    Chart,
    Scene,
    chart_of,
    in_lines,
    label_column,
    pixels,
    vega_lite,
)  # fmt: skip
from kpi_toolkit.pages.vega import alt, debug_mode
from kpi_toolkit.results.excerpt import WHOLE
from kpi_toolkit.results.history import PastCycle
from kpi_toolkit.results.lines import PersonLine


def distribution(scene: Scene) -> Chart:
    """Return how the scores lie: a dot a person at the true score, stacked where dots would touch, the mean marked."""
    people = scene.summary.ranking
    scores = [float(line.score or 0) for line in people]
    low, high = min(scores), max(*scores, min(scores) + 10)
    span = high - low
    width, dot = scene.width - 20, (14.0 if scene.phone else 17.0) * min(1.0, (WHOLE / len(people)) ** 0.5)
    reach = span * 1.08 * dot / width  # two dots nearer than this would touch
    levels: list[float] = []
    dots = []
    for score, line in sorted(zip(scores, people, strict=True), key=lambda pair: pair[0]):
        level = next((place for place, last in enumerate(levels) if score - last >= reach), len(levels))
        levels[level : level + 1] = [score]
        tier = line.tier.value if line.tier else "none"
        dots.append({"x": score, "y": level + 1, "tier": tier, "letter": scene.words(f"tier.letter.{tier}"),
                     "shape": "square" if line.tier is Tier.BOTTOM else "circle"})  # fmt: skip
    top = max(len(levels) + max(1.8, 25 / dot), 4.2)
    x = alt.X("x:Q", scale=alt.Scale(domain=[low - span * 0.04, high + span * 0.03], nice=False),
              axis=alt.Axis(title=None, grid=False, domainColor=HAIR, tickColor=HAIR))  # fmt: skip
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=None)
    tiers = [*[tier.value for tier in Tier], "none"]
    points = chart_of(dots).encode(x=x, y=y)
    mean = float(scene.summary.mean or 0)
    marks = chart_of([{"x": mean, "label": scene.words("chart.mean", value=scene.words.number(scene.summary.mean, 2))}])
    letters = points.mark_text(fontSize=dot / 2, fontWeight=600, color="white").encode(text=alt.Text("letter:N"))
    return alt.layer(
        marks.mark_rule(color=scene.primary, strokeDash=[2, 2]).encode(x=x),
        points.mark_point(filled=True, size=dot**2 * 0.66, opacity=1).encode(
            color=alt.Color("tier:N", legend=None, scale=alt.Scale(domain=tiers, range=[*TIER_COLOUR.values(), SOFT])),
            shape=alt.Shape("shape:N", scale=None)),
        *([letters] if scene.excerpt.whole else []),
        marks.mark_text(align="left", dx=5, fontSize=9, color=scene.primary).encode(
            x=x, y=alt.YValue(6), text=alt.Text("label:N")),
        width=width, height=dot * top,
    )  # fmt: skip


def gaps(scene: Scene, *, limit: int = 12) -> Chart:
    """Return where self and appraiser part the most: an open dot for self, a filled one for the appraiser."""
    pairs, words, width = scene.summary.gaps[:limit], scene.words, scene.width
    rows, called, named, size, (name_width, item_width) = _gap_rows(scene, pairs)
    values = [view for row in rows for view in (row["self"], row["appraiser"])]
    domain = [min(*values, 60) - 4, max(*values, 100) + 4]
    left = 8 if scene.phone else name_width + item_width
    scale, y_axis = alt.Scale(domain=domain, range=[left, width - 70], nice=False), pixels("y", size)
    x, own, theirs = (alt.X(f"{field}:Q", scale=scale, axis=None) for field in ("x", "self", "appraiser"))
    base = chart_of(rows).encode(y=y_axis)
    head = chart_of([{"x": 100, "mark": "100%", "gap": words("chart.gap_head")}])
    return alt.layer(
        head.mark_rule(color=HAIR).encode(x=x, y=alt.YValue(14), y2=alt.Y2Value(size)),
        head.mark_text(fontSize=8.5, color=SOFT).encode(x=x, y=alt.YValue(7), text=alt.Text("mark:N")),
        label_column(head, "gap", width - 4, size=8.5, align="right").encode(y=alt.YValue(7)),
        base.mark_rule(color=HAIR, strokeWidth=3).encode(x=own, x2=alt.X2("appraiser:Q")),
        base.mark_point(shape="circle", size=70, color=scene.primary, fill="white", strokeWidth=1.8).encode(x=own),
        base.mark_point(shape="circle", size=80, filled=True, color=scene.primary, opacity=1).encode(x=theirs),
        label_column(chart_of(called), "text", 0, size=10.5, colour=INK, align="left").encode(y=y_axis),
        label_column(chart_of(named), "text", name_width, size=9.5, align="left").encode(y=y_axis),
        label_column(base, "gap", width - 4, size=10.5, colour=INK, align="right", fontWeight=600),
        width=width, height=size,
    )  # fmt: skip


def _gap_rows(scene: Scene, pairs: Sequence[tuple[PersonLine, IndicatorLine]]) -> tuple[Any, Any, Any, float, Any]:
    """Return the records of gaps, of names and of indicators, how high they are, and the widths of both columns."""
    words, phone = scene.words, scene.phone
    both = [(words.show(person.called), words.show(line.indicator.name)) for person, line in pairs]
    labels = [
        (wrapped(" · ".join(texts), scene.width - 40, 10.5), [""]) if phone
        else (wrapped(texts[0], NAME_WIDTH), wrapped(texts[1], 150, 9.5))
        for texts in both
    ]  # fmt: skip
    rows, called, named, y = [], [], [], 16.0
    for (names, items), (_, line) in zip(labels, pairs, strict=True):
        height = float(LEADING) * len(names) + 20 if phone else max(20, LEADING * max(len(names), len(items)) + 5)
        middle = y + height - 10 if phone else y + height / 2
        called += in_lines(names, middle, top=y + 8 if phone else None)
        named += in_lines(items, middle, top=y + 8 if phone else None)
        rows.append({"y": middle, "self": float(line.self or 0), "appraiser": float(line.appraiser or 0),
                     "gap": words("chart.gap", value=words.number(line.gap, sign=True))})  # fmt: skip
        y += height
    widths = [max(text_width(text, size) for texts in column for text in texts)
              for column, size in zip(zip(*labels, strict=True), (11, 9.5), strict=True)]  # fmt: skip
    return rows, called, named, y + 2, (widths[0] + 10, widths[1] + 14)


def trend(scene: Scene) -> Chart:
    """Return the mean score over the last cycles, beside it the person's or what this design makes of other cycles."""
    summary, words, person = scene.summary, scene.words, scene.person
    known = {line.id: line.score for line in summary.ranking if line.score is not None}
    now = [PastCycle(summary.cycle, summary.mean, known, {})] if summary.mean is not None else []
    rows: list[dict[str, Any]] = []
    for past in (*summary.history, *now):
        own = past.scores.get(person.id) if person else past.again.mean
        # Labels of the mean go below where the other line runs above it, and the other way round.
        own_above = own is None or own >= past.mean
        for series, value in (("mean", past.mean), ("other", own)):
            if value is not None:
                up = own is None or (series == "other") == own_above
                rows.append({"cycle": words.cycle_short(past.cycle), "series": series, "score": float(value),
                             "label": words.number(value, 2), "up": up})  # fmt: skip
    values = [row["score"] for row in rows]
    axis = alt.Axis(title=None, labelAngle=-40 * scene.phone, domainColor=HAIR, ticks=False, labelPadding=6)
    x = alt.X("cycle:O", sort=list(dict.fromkeys(row["cycle"] for row in rows)), axis=axis)
    y = alt.Y("score:Q", axis=None, scale=alt.Scale(domain=[min(values) - 8, max(values) + 6], nice=False))
    colours = [SOFT, scene.accent] if person else [scene.primary, SOFT]
    kinds, dashes = ["mean", "other"], [[3, 3] if each == SOFT else [1, 0] for each in colours]
    colour = alt.Color("series:N", legend=None, scale=alt.Scale(domain=kinds, range=colours))
    dash = alt.StrokeDash("series:N", legend=None, scale=alt.Scale(domain=kinds, range=dashes))
    base = chart_of(rows).encode(x=x, y=y, color=colour)
    label = base.mark_text(fontSize=9).encode(text=alt.Text("label:N"), y=y)
    return alt.layer(
        base.mark_line(strokeWidth=2).encode(strokeDash=dash),
        base.mark_point(filled=True, size=36, opacity=1),
        label.transform_filter("datum.up").mark_text(fontSize=9, dy=-10),
        label.transform_filter("!datum.up").mark_text(fontSize=9, dy=12),
        width=scene.width - 20, height=110,
    )  # fmt: skip


CHARTS: Mapping[str, Callable[..., Chart]] = {
    "contributions": contributions,
    "distribution": distribution,
    "gaps": gaps,
    "trend": trend,
}


def draw_chart(name: str, scene: Scene, *, validate: bool = False, **options: Any) -> dict[str, Any]:
    """Return the Vega-Lite of a chart by its name, with its twin for a phone's width in ``usermeta``.

    A report does not validate, which halves its time: the tests do.
    """
    with debug_mode(validate):
        scenes = (scene, replace(scene, phone=True))
        wide, narrow = (vega_lite(CHARTS[name](each, **options), validate=validate) for each in scenes)
    return wide | {"usermeta": {"phone": narrow}}
