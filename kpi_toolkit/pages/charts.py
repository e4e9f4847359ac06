"""Charts: from the summary to Altair, one function a chart. Kernels only write the Vega-Lite; it is drawn elsewhere.

Layout is in pixels where a row is a person, so that cuts can be drawn between rows. Tiers are told by letter, place and
colour together; the colours are told apart by red-green-blind readers and in grey print.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from kpi_toolkit.method.model import IndicatorClass, Side, Tier
from kpi_toolkit.pages.fitting import TEXT_WIDTH, text_width, wrapped
from kpi_toolkit.pages.kinds import MEASURING
from kpi_toolkit.pages.tokens import COLOURS, tint
from kpi_toolkit.pages.vega import alt, debug_mode
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.excerpt import WHOLE, Excerpt
from kpi_toolkit.results.history import PastCycle
from kpi_toolkit.results.lines import PersonLine
from kpi_toolkit.results.summary import CycleSummary

Chart = alt.LayerChart | alt.FacetChart
FONT = f"{MEASURING}, Inter, Noto Sans SC, sans-serif"
PHONE_WIDTH = 342  # the text width of a phone of 390 pixels
TIER_COLOUR = {tier: COLOURS[f"{tier.value}-area"] for tier in Tier}
INK, SOFT, HAIR = (COLOURS[name] for name in ("ink", "soft", "hair"))
TEAM_COLOUR = COLOURS["team"]
"""What of a score is the team's."""
_ROW, _BAR, _CUT, _MARK = 22, 13, 12, 16
_BROKEN = "M1,0A1,1,0,0,1,.17,.98M-.5,.87A1,1,0,0,1,-.94,-.34M-.5,-.87A1,1,0,0,1,.77,-.64"  # a ring with three gaps
_LEADING = 13  # between the lines of a name
_NAME, _ROLE = 140, 118  # the widest lines of names and roles
_FIRST_PAGE, _PAGE, _FOUR_DIGITS = 25 * _ROW, 38 * _ROW, 1000  # beneath the key figures, and on a page of its own


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
    tints = (0.0, 0.3, 0.52, 0.7)
    results = [kind for kind in reversed(IndicatorClass) if kind.side is Side.RESULT]
    work = [kind for kind in IndicatorClass if kind.side is Side.PROCESS]
    return {
        kind: tint(colour, share)
        for kinds, colour in ((results, scene.accent), (work, scene.primary))
        for kind, share in zip(kinds, tints, strict=True)
    }


def _chart(rows: list[dict[str, Any]]) -> alt.Chart:
    """Return a chart of plain records. Altair would look a table through, and copy a list, for each of its layers."""
    return alt.Chart(alt.InlineData(values=tuple(rows)))


def _pixels(field: str, size: float) -> Any:
    """Return a vertical axis on which a row's place is given in pixels from the top."""
    return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[0, size], range=[0, size], nice=False), axis=None)


def _label(chart: alt.Chart, text: str, x: float, *, size: float, colour: str = SOFT, **more: Any) -> alt.Chart:
    """Return a column of text: ``text`` names the field, ``x`` is in pixels."""
    made: alt.Chart = chart.mark_text(fontSize=size, color=colour, **more)
    return made.encode(x=alt.XValue(x), text=alt.Text(f"{text}:N"))


def _in_lines(
    lines: Sequence[str], middle: float, *, top: float | None, leading: int = _LEADING
) -> list[dict[str, Any]]:
    """Return lines of text one below the other, about their middle or, where it is given, from the top."""
    first = middle - leading * (len(lines) - 1) / 2 if top is None else top
    return [{"y": first + leading * place, "text": text} for place, text in enumerate(lines)]


@dataclass(frozen=True)
class _Ranked:
    """A person's row of the ranking: where it begins, how high it is, and the lines of name and role."""

    line: PersonLine
    top: float
    height: float
    name: tuple[str, ...]
    role: tuple[str, ...]
    cut: str = ""
    """The words of the cut above the row."""


def ranked(scene: Scene, pool: str | None = None) -> list[_Ranked]:
    """Return the rows of a pool's ranking, from the top of the first. A name takes the lines it needs, none is cut."""
    words, rows, y = scene.words, [], 0.0
    cuts = {cut.below.id: cut for cut in scene.summary.cuts}
    for line in scene.excerpt.of(scene.summary.ranking):
        if pool not in {None, line.pool}:
            continue
        parts = cuts.get(line.id)
        cut = words(f"cut.{'top' if parts.upper is Tier.TOP else 'bottom'}") if parts else ""
        if parts and parts.worked_out:
            cut = words("cut.before_meeting", cut=cut)
        y += _CUT if cut else 0
        if scene.phone:
            name, role = wrapped(words.show(line.called), PHONE_WIDTH - 96, 12), []
            height = 14.0 * len(name) + 20
        else:
            name = wrapped(words.show(line.called), _NAME)
            role = wrapped(words.show(line.role.name), _ROLE, 9.5)
            height = max(_ROW, _LEADING * max(len(name), len(role)) + 5.0)
        rows.append(_Ranked(line, y, height, tuple(name), tuple(role), cut))
        y += height
    return rows


def pages_of(scene: Scene, pool: str | None = None) -> list[tuple[int, int]]:
    """Return a pool's ranking in pieces that fit a page, as first row and the one after the last."""
    room = _FIRST_PAGE if scene.excerpt.whole else _FIRST_PAGE - 3 * _ROW  # above it stands who is left out
    rows, pieces, start = ranked(scene, pool), [], 0
    for place, row in enumerate(rows):
        if row.top + row.height - rows[start].top > room:
            pieces.append((start, place))
            start, room = place, _PAGE
    return [*pieces, (start, len(rows))] if rows else []


def _verdict(label: str) -> dict[str, str]:
    """Return the mark of how sure a tier is: solid, ring, broken ring; it needs no colour."""
    ring, inside = (INK if label else "transparent"), (INK if label == "firm" else "transparent")
    return {"ring": ring, "inside": inside, "mark": _BROKEN if label == "open" else "circle"}


def contributions(scene: Scene, *, pool: str | None = None, start: int = 0, stop: int | None = None) -> Chart:
    """Return the ranking of a pool as bars of contributions, with the tier cuts drawn between the rows."""
    words, width, phone = scene.words, scene.width, scene.phone
    everyone = ranked(scene, pool)
    people = everyone[start:stop]
    colours = class_colours(scene)
    highest = max([float(row.line.score or 0) for row in everyone] + [100.0])
    name_width = max([text_width(name) for row in everyone for name in row.name] + [40]) + 10
    role_width = max([text_width(role, 9.5) for row in everyone for role in row.role] + [40]) + 14
    after_rank = 22 if len(scene.summary.ranking) < _FOUR_DIGITS else 30
    sure = scene.summary.confidence.people
    edge = width - (_MARK if sure else 0)  # marks of how sure a tier is stand at the very end
    left, right = (float(after_rank), edge - 74) if phone else (after_rank + 2 + name_width + role_width, edge - 98)
    size = 12 if phone else 11
    bars, ends, names, roles, rows, cuts = [], [], [], [], [], []
    top = people[0].top - (_CUT if people[0].cut else 0) if people else 0.0
    for row in people:
        line, y = row.line, row.top - top
        if row.cut:
            cuts.append({"y": y - _CUT / 2 - 1, "label": row.cut})
        middle = y + row.height / 2
        bar = (y + 14 * len(row.name) + 3, 9) if phone else (middle - 7, _BAR)
        x = 0.0
        items = sorted(line.lines, key=lambda item: list(colours).index(item.indicator.kind))
        for kind, points in [(item.indicator.kind.value, item.points) for item in items] + [("team", line.team_points)]:
            if points:
                end = x + float(points)
                bars.append({"y": bar[0], "y2": sum(bar), "x": x, "x2": end, "class": kind})
                x = end
        if line.score is not None and line.item_score != line.score:
            ends.append({"y": bar[0] + 0.5, "y2": sum(bar) - 0.5, "x": x, "x2": float(line.score)})
        first, leading = (y + 8, 14) if phone else (None, _LEADING)
        names += _in_lines(row.name, middle, top=first, leading=leading)
        roles += _in_lines(row.role, middle, top=first, leading=leading)
        rows.append({
            "y": middle - 2 if phone else middle, "top": y + 8 if phone else middle,
            "rank": str(line.rank) if line.rank else "–", "score": words.number(line.score, 2),
            "letter": words(f"tier.letter.{line.tier}") if line.tier else "–",
            "colour": TIER_COLOUR[line.tier] if line.tier else SOFT,
            "shape": "square" if line.tier is Tier.BOTTOM else "circle",
            **_verdict(sure[line.id].label if line.id in sure else ""),
            "adjustment": words.number(line.adjustment, 2, sign=True) if line.adjustment else "", "under": middle + 10,
        })  # fmt: skip
    size_y = (people[-1].top + people[-1].height - top if people else 0) + 2
    y_axis = _pixels("y", size_y)
    base = _chart(rows).encode(y=y_axis)
    order = [kind for kind in colours if any(bar["class"] == kind.value for bar in bars)]
    scale_x = alt.Scale(domain=[0, highest], range=[left, right], nice=False)
    layers: list[alt.Chart] = [
        _chart(bars)
        .mark_rect(stroke="white", strokeWidth=0.8)
        .encode(
            x=alt.X("x:Q", scale=scale_x, axis=None), x2=alt.X2("x2:Q"), y=y_axis, y2=alt.Y2("y2:Q"),
            color=alt.Color("class:N", legend=None, scale=alt.Scale(
                domain=[*(kind.value for kind in order), "team"],
                range=[*(colours[kind] for kind in order), TEAM_COLOUR])),
        ),
        _label(base, "rank", 0, size=10, align="left").encode(y=_pixels("top", size_y)),
        _label(_chart(names), "text", after_rank, size=size, colour=INK, align="left").encode(y=y_axis),
        base.mark_text(align="right", fontSize=size, fontWeight=600).encode(
            x=alt.XValue(edge - (24 if phone else 52)), text=alt.Text("score:N"),
            color=alt.Color("colour:N", scale=None)),
        _label(base, "adjustment", edge - 24, size=8, align="right").encode(
            y=_pixels("under" if phone else "y", size_y)),
        base.mark_point(filled=True, size=230, opacity=1).encode(
            x=alt.XValue(edge - 9), color=alt.Color("colour:N", scale=None), shape=alt.Shape("shape:N", scale=None)),
        base.mark_text(fontSize=9.5, fontWeight=600, color="white").encode(
            x=alt.XValue(edge - 9), text=alt.Text("letter:N")),
        base.mark_point(size=42, strokeWidth=1.3, opacity=1).encode(
            x=alt.XValue(width - 5), stroke=alt.Stroke("ring:N", scale=None), fill=alt.Fill("inside:N", scale=None),
            shape=alt.Shape("mark:N", scale=None)),
    ]  # fmt: skip
    if not phone:
        layers.append(_label(_chart(roles), "text", after_rank + name_width, size=9.5, align="left").encode(y=y_axis))
    if ends:  # plus and minus points: an outlined piece from what was earned to the official score
        pieces = _chart(ends).encode(y=y_axis, y2=alt.Y2("y2:Q"))
        layers.insert(
            1,
            pieces.mark_rect(fill="white", fillOpacity=0.75, stroke=INK, strokeWidth=0.9, strokeDash=[2, 2]).encode(
                x=alt.X("x:Q", scale=scale_x, axis=None), x2=alt.X2("x2:Q")
            ),
        )
    if cuts:
        between = _chart(cuts).encode(y=y_axis)
        layers += [
            between.mark_rule(strokeDash=[3, 3], color=scene.primary, strokeWidth=0.9).encode(
                x=alt.XValue(0), x2=alt.X2Value(right - 8)),
            _label(between, "label", width if phone else right + 44, size=8.5, colour=scene.primary, align="right"),
        ]  # fmt: skip
    return alt.layer(*layers, width=width, height=size_y)


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
    points = _chart(dots).encode(x=x, y=y)
    mean = float(scene.summary.mean or 0)
    marks = _chart([{"x": mean, "label": scene.words("chart.mean", value=scene.words.number(scene.summary.mean, 2))}])
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
    pairs = scene.summary.gaps[:limit]
    words, width, phone = scene.words, scene.width, scene.phone
    if phone:
        both = [f"{words.show(person.called)} · {words.show(line.indicator.name)}" for person, line in pairs]
        labels = [(wrapped(text, width - 40, 10.5), [""]) for text in both]
    else:
        labels = [
            (wrapped(words.show(person.called), _NAME), wrapped(words.show(line.indicator.name), 150, 9.5))
            for person, line in pairs
        ]
    name_width = max(text_width(name) for names, _ in labels for name in names) + 10
    item_width = max(text_width(item, 9.5) for _, items in labels for item in items) + 14
    rows, called, named, y = [], [], [], 16.0
    for (names, items), (_, line) in zip(labels, pairs, strict=True):
        height = float(_LEADING) * len(names) + 20 if phone else max(20, _LEADING * max(len(names), len(items)) + 5)
        middle = y + height - 10 if phone else y + height / 2
        called += _in_lines(names, middle, top=y + 8 if phone else None)
        named += _in_lines(items, middle, top=y + 8 if phone else None)
        rows.append({"y": middle, "self": float(line.self or 0), "appraiser": float(line.appraiser or 0),
                     "gap": words("chart.gap", value=words.number(line.gap, sign=True))})  # fmt: skip
        y += height
    size = y + 2
    y_axis = _pixels("y", size)
    values = [float(line.self or 0) for _, line in pairs] + [float(line.appraiser or 0) for _, line in pairs]
    domain = [min(*values, 60) - 4, max(*values, 100) + 4]
    left = 8 if phone else name_width + item_width
    scale = alt.Scale(domain=domain, range=[left, width - 70], nice=False)
    base = _chart(rows).encode(y=y_axis)
    head = _chart([{"x": 100, "mark": "100%", "gap": words("chart.gap_head")}])
    return alt.layer(
        head.mark_rule(color=HAIR).encode(
            x=alt.X("x:Q", scale=scale, axis=None), y=alt.YValue(14), y2=alt.Y2Value(size)),
        head.mark_text(fontSize=8.5, color=SOFT).encode(
            x=alt.X("x:Q", scale=scale, axis=None), y=alt.YValue(7), text=alt.Text("mark:N")),
        _label(head, "gap", width - 4, size=8.5, align="right").encode(y=alt.YValue(7)),
        base.mark_rule(color=HAIR, strokeWidth=3).encode(
            x=alt.X("self:Q", scale=scale, axis=None), x2=alt.X2("appraiser:Q")),
        base.mark_point(shape="circle", size=70, color=scene.primary, fill="white", strokeWidth=1.8).encode(
            x=alt.X("self:Q", scale=scale, axis=None)),
        base.mark_point(shape="circle", size=80, filled=True, color=scene.primary, opacity=1).encode(
            x=alt.X("appraiser:Q", scale=scale, axis=None)),
        _label(_chart(called), "text", 0, size=10.5, colour=INK, align="left").encode(y=y_axis),
        _label(_chart(named), "text", name_width, size=9.5, align="left").encode(y=y_axis),
        _label(base, "gap", width - 4, size=10.5, colour=INK, align="right", fontWeight=600),
        width=width, height=size,
    )  # fmt: skip


def trend(scene: Scene) -> Chart:
    """Return the mean score over the last cycles, beside it the person's or what this design makes of other cycles."""
    summary, words, person = scene.summary, scene.words, scene.person
    known = {line.id: line.score for line in summary.ranking if line.score is not None}
    now = [PastCycle(summary.cycle, summary.mean, known, {})] if summary.mean is not None else []
    rows: list[dict[str, Any]] = []
    for past in (*summary.history, *now):
        own = past.scores.get(person.id) if person else past.rescored
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
    base = _chart(rows).encode(x=x, y=y, color=colour)
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


def vega_lite(chart: Chart, *, validate: bool = True) -> dict[str, Any]:
    """Return the Vega-Lite of a chart in the house's look: no frame, no ground, our fonts."""
    spec = dict(chart.to_dict(validate=validate))
    spec["config"] = spec.get("config", {}) | {
        "axis": {"labelColor": SOFT, "labelFontSize": 9}, "background": "transparent", "font": FONT, "padding": 2,
        "view": spec.get("config", {}).get("view", {}) | {"stroke": None},
    }  # fmt: skip
    return spec
