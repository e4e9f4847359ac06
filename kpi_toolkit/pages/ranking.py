"""The ranking as bars of contributions, a row a person, with the tier cuts between the rows.

Tiers are told by letter, place and colour together, how sure they are by the shape of a mark.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from kpi_toolkit.method.scheme import Tier
from kpi_toolkit.pages.fitting import text_width, wrapped
from kpi_toolkit.pages.scene import (
    INK,
    LEADING,
    NAME_WIDTH,
    PHONE_WIDTH,
    SOFT,
    TEAM_COLOUR,
    TIER_COLOUR,
    Chart,
    Scene,
    chart_of,
    class_colours,
    in_lines,
    label_column,
    pixels,
)  # fmt: skip
from kpi_toolkit.pages.vega import alt
from kpi_toolkit.results.lines import PersonLine

_ROW, _BAR, _CUT, _MARK = 22, 13, 12, 16
_BROKEN = "M1,0A1,1,0,0,1,.17,.98M-.5,.87A1,1,0,0,1,-.94,-.34M-.5,-.87A1,1,0,0,1,.77,-.64"  # a ring with three gaps
_ROLE = 118  # the widest line of a role
_FIRST_PAGE, _PAGE, _FOUR_DIGITS = 25 * _ROW, 38 * _ROW, 1000  # beneath the key figures, and on a page of its own


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
            name = wrapped(words.show(line.called), NAME_WIDTH)
            role = wrapped(words.show(line.role.name), _ROLE, 9.5)
            height = max(_ROW, LEADING * max(len(name), len(role)) + 5.0)
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


@dataclass
class _Ranking:
    """The records of one drawing, and where its columns stand."""

    scene: Scene
    everyone: list[_Ranked]
    people: list[_Ranked]
    records: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    """What is drawn, by kind: bars, ends, names, roles, rows, cuts."""

    def __post_init__(self) -> None:
        for row in self.people:
            self._take(row, row.top - self._top)

    def chart(self, kind: str) -> alt.Chart:
        """Return a chart of one kind of records."""
        return chart_of(self.records[kind])

    @property
    def _top(self) -> float:
        return self.people[0].top - (_CUT if self.people[0].cut else 0) if self.people else 0.0

    @property
    def height(self) -> float:
        """How high the drawing is."""
        return (self.people[-1].top + self.people[-1].height - self._top if self.people else 0) + 2

    @property
    def after_rank(self) -> int:
        """Where names begin on a screen of any width."""
        return 22 if len(self.scene.summary.ranking) < _FOUR_DIGITS else 30

    @cached_property
    def name_width(self) -> float:
        """How wide the column of names is, the same on all pages of a ranking."""
        return max([text_width(name) for row in self.everyone for name in row.name] + [40]) + 10

    @property
    def edge(self) -> float:
        """Where the columns end; marks of how sure a tier is stand behind it, at the very end."""
        return self.scene.width - (_MARK if self.scene.summary.confidence.people else 0)

    @cached_property
    def span(self) -> tuple[float, float]:
        """Where the bars begin and end."""
        if self.scene.phone:
            return float(self.after_rank), self.edge - 74
        roles = max([text_width(role, 9.5) for row in self.everyone for role in row.role] + [40]) + 14
        return self.after_rank + 2 + self.name_width + roles, self.edge - 98

    @cached_property
    def colours(self) -> dict[str, str]:
        """The colours of the classes of indicators, and of the team."""
        own = {kind.value: colour for kind, colour in class_colours(self.scene).items()}
        return own | {"team": TEAM_COLOUR}

    def _take(self, row: _Ranked, y: float) -> None:
        """Take a person's row into the records; ``y`` is where it begins in this drawing."""
        phone, line, middle = self.scene.phone, row.line, y + row.height / 2
        if row.cut:
            self.records["cuts"].append({"y": y - _CUT / 2 - 1, "label": row.cut})
        bar = (y + 14 * len(row.name) + 3, 9) if phone else (middle - 7, _BAR)
        x = 0.0
        own = [(item.indicator.kind.value, item.points) for item in line.lines]
        for kind, points in [*sorted(own, key=lambda part: [*self.colours].index(part[0])), ("team", line.team_points)]:
            if points:
                end = x + float(points)
                self.records["bars"].append({"y": bar[0], "y2": sum(bar), "x": x, "x2": end, "class": kind})
                x = end
        if line.score is not None and line.item_score != line.score:
            self.records["ends"].append({"y": bar[0] + 0.5, "y2": sum(bar) - 0.5, "x": x, "x2": float(line.score)})
        first, leading = (y + 8, 14) if phone else (None, LEADING)
        self.records["names"] += in_lines(row.name, middle, top=first, leading=leading)
        self.records["roles"] += in_lines(row.role, middle, top=first, leading=leading)
        self.records["rows"].append(self._told(line, y, middle))

    def _told(self, line: PersonLine, y: float, middle: float) -> dict[str, Any]:
        """Return what stands in a person's row beside name and bar."""
        words, phone, sure = self.scene.words, self.scene.phone, self.scene.summary.confidence.people
        return {
            "y": middle - 2 if phone else middle, "top": y + 8 if phone else middle,
            "rank": str(line.rank) if line.rank else "–", "score": words.number(line.score, 2),
            "letter": words(f"tier.letter.{line.tier}") if line.tier else "–",
            "colour": TIER_COLOUR[line.tier] if line.tier else SOFT,
            "shape": "square" if line.tier is Tier.BOTTOM else "circle",
            **_verdict(sure[line.id].label if line.id in sure else ""),
            "adjustment": words.number(line.adjustment, 2, sign=True) if line.adjustment else "", "under": middle + 10,
        }  # fmt: skip


def contributions(scene: Scene, *, pool: str | None = None, start: int = 0, stop: int | None = None) -> Chart:
    """Return the ranking of a pool as bars of contributions, with the tier cuts drawn between the rows."""
    everyone = ranked(scene, pool)
    made = _Ranking(scene, everyone, everyone[start:stop])
    y_axis, size = pixels("y", made.height), 12 if scene.phone else 11
    highest = max([float(row.line.score or 0) for row in everyone] + [100.0])
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, highest], range=[*made.span], nice=False), axis=None)
    names = made.chart("names").encode(y=y_axis)
    layers = [
        *_bars(made, x, y_axis),
        label_column(made.chart("rows"), "rank", 0, size=10, align="left").encode(y=pixels("top", made.height)),
        label_column(names, "text", made.after_rank, size=size, colour=INK, align="left"),
        *_figures(made, y_axis, size),
    ]
    if not scene.phone:
        roles = label_column(made.chart("roles"), "text", made.after_rank + made.name_width, size=9.5, align="left")
        layers.append(roles.encode(y=y_axis))
    if made.records["cuts"]:
        between, right = made.chart("cuts").encode(y=y_axis), made.span[1]
        at = scene.width if scene.phone else right + 44
        layers += [
            between.mark_rule(strokeDash=[3, 3], color=scene.primary, strokeWidth=0.9).encode(
                x=alt.XValue(0), x2=alt.X2Value(right - 8)),
            label_column(between, "label", at, size=8.5, colour=scene.primary, align="right"),
        ]  # fmt: skip
    return alt.layer(*layers, width=scene.width, height=made.height)


def _bars(made: _Ranking, x: Any, y_axis: Any) -> list[alt.Chart]:
    """Return the bars, and where points were added or taken an outlined piece from what was earned to the score."""
    used = {bar["class"] for bar in made.records["bars"]} | {"team"}
    known = {kind: colour for kind, colour in made.colours.items() if kind in used}
    colour = alt.Color("class:N", legend=None, scale=alt.Scale(domain=[*known], range=[*known.values()]))
    layers: list[alt.Chart] = [
        made.chart("bars").mark_rect(stroke="white", strokeWidth=0.8).encode(
            x=x, x2=alt.X2("x2:Q"), y=y_axis, y2=alt.Y2("y2:Q"), color=colour)
    ]  # fmt: skip
    if made.records["ends"]:
        pieces = made.chart("ends").encode(y=y_axis, y2=alt.Y2("y2:Q"))
        outlined = pieces.mark_rect(fill="white", fillOpacity=0.75, stroke=INK, strokeWidth=0.9, strokeDash=[2, 2])
        layers.append(outlined.encode(x=x, x2=alt.X2("x2:Q")))
    return layers


def _figures(made: _Ranking, y_axis: Any, size: int) -> list[alt.Chart]:
    """Return what stands behind the bars: score, points by rules, the tier and how sure it is."""
    phone, edge, base = made.scene.phone, made.edge, made.chart("rows").encode(y=y_axis)
    own = alt.Color("colour:N", scale=None)
    return [
        base.mark_text(align="right", fontSize=size, fontWeight=600).encode(
            x=alt.XValue(edge - (24 if phone else 52)), text=alt.Text("score:N"), color=own),
        label_column(base, "adjustment", edge - 24, size=8, align="right").encode(
            y=pixels("under" if phone else "y", made.height)),
        base.mark_point(filled=True, size=230, opacity=1).encode(
            x=alt.XValue(edge - 9), color=own, shape=alt.Shape("shape:N", scale=None)),
        base.mark_text(fontSize=9.5, fontWeight=600, color="white").encode(
            x=alt.XValue(edge - 9), text=alt.Text("letter:N")),
        base.mark_point(size=42, strokeWidth=1.3, opacity=1).encode(
            x=alt.XValue(made.scene.width - 5), stroke=alt.Stroke("ring:N", scale=None),
            fill=alt.Fill("inside:N", scale=None), shape=alt.Shape("mark:N", scale=None)),
    ]  # fmt: skip
