"""The desk's panels: choosing, keeping, comparing, adopting, and asking people what matters. Forms only, no sums."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from html import escape
from itertools import combinations
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.live.answering import Answer
from kpi_toolkit.live.choosing import Chooser, below_chooser
from kpi_toolkit.pages.drawing import draw
from kpi_toolkit.pages.said import html_table
from kpi_toolkit.pages.scenarios import Comparison, adopted_lines, comparison_notes, comparison_rows, slope_chart
from kpi_toolkit.pages.scene import vega_lite
from kpi_toolkit.whatif.elicit import (
    ElicitationError,
    Elicited,
    direct_points,
    from_statements,
    pairwise,
    parse_statement,
    rank_order,
    swing,
)

if TYPE_CHECKING:
    from kpi_toolkit.live.whatif import Desk

_SAATY = [*(1 / n for n in range(9, 1, -1)), *range(1, 10)]
_METHODS = ("direct", "swing", "rank_roc", "rank_rs", "rank_rr", "pairwise", "statements")
_WIDE = {"description_width": "110px"}


def desk_panel(desk: Desk) -> w.Widget:
    """Return everything: where we are, the live view, and below it what is done with what it shows."""
    parts = {"keep": _keep, "compare": _compare, "elicit": _elicit, "adopt": _adopt}

    def made(chooser: Chooser, asked: dict[str, str]) -> Sequence[w.Widget]:
        if asked != desk.asked or not hasattr(desk, "summary"):
            desk.open(**asked)
        t = desk.words
        desk.listeners.clear()
        chooser.offer_all(desk.client.id, t, desk.summary.cycle.id)
        tabs = w.Tab([make(desk) for make in parts.values()], titles=[t(f"desk.{name}") for name in parts])
        return [_starters(desk), desk.live, tabs]

    return below_chooser(desk.workbook, desk.asked, made)


def _starters(desk: Desk) -> w.Widget:
    t, answer = desk.words, Answer(desk.words)
    role = w.Dropdown(options=_roles(desk), description=t("cli.role"))
    starter = w.Dropdown(description=t("desk.starter"), style=_WIDE)

    def chosen(*_: Any) -> None:
        desk.live.role = role.value or ""
        starter.options = list(desk.starters(role.value)) if role.value else []
        starter.index = 0 if starter.options else None

    def started() -> str:
        desk.records.pop(role.value, None)
        desk.weigh(role.value, desk.starters(role.value)[starter.value])
        return ""

    role.observe(chosen, "value")
    chosen()
    return w.VBox([w.HBox([role, starter, answer.button("desk.use", started)]), answer.shown])


def _roles(desk: Desk) -> list[tuple[str, str]]:
    """Return the roles that somebody holds, most people first; forms put together of two follow from them."""
    held = sorted(desk.summary.roles, key=lambda pair: -len(pair[1]))
    names = {id(role): name for name, role in desk.summary.design.as_agreed.roles.items()}
    return [(desk.words.show(role.name), names[id(role)]) for role, _ in held if id(role) in names]


def _kept(desk: Desk) -> w.Dropdown:
    """Return a list of the scenarios that are kept, which follows what is kept."""
    box = w.Dropdown(description=desk.words("whatif.kept"), style=_WIDE)

    def listed() -> None:
        box.options = [(desk.words.show(one.name), key) for key, one in desk.scenarios.items()]

    desk.listen(listed)
    listed()
    return box


def _keep(desk: Desk) -> w.Widget:
    t, answer = desk.words, Answer(desk.words)
    name, asked, why = (
        w.Text(description=t(f"whatif.{key}"), style=_WIDE, layout={"width": "520px"})
        for key in ("name", "asked_by", "why")
    )
    kept = _kept(desk)

    def saved() -> str:
        made = desk.save(name.value, asked_by=asked.value, why=why.value)
        name.value = why.value = ""
        return escape(t("desk.saved", path=f"client_data/{desk.client.id}/scenarios/{made}.toml"))

    def shown() -> str:
        if kept.value:
            desk.recall(kept.value)
        return ""

    keep = answer.button("whatif.keep", saved, button_style="primary")
    return w.VBox([name, asked, why, keep, answer.shown, w.HBox([kept, answer.button("desk.show", shown)])])


def _choices(desk: Desk, *, now: bool) -> list[tuple[str, str]]:
    first = [(desk.words("whatif.agreed"), "")] + ([(desk.words("desk.now"), "*")] if now else [])
    return [*first, *((desk.words.show(one.name), key) for key, one in desk.scenarios.items())]


def _compare(desk: Desk) -> w.Widget:
    t, answer = desk.words, Answer(desk.words)
    first, second = (w.Dropdown(description=t(f"desk.{key}"), style=_WIDE) for key in ("first", "second"))
    shown = w.HTML()

    def listed() -> None:
        for box in (first, second):
            value = box.value
            box.options = _choices(desk, now=True)
            box.value = value if value in {key for _, key in box.options} else ""

    def compared() -> str:
        found = desk.compare(first.value, second.value)
        shown.value = comparison_html(desk, found)
        return escape(t("cli.crossed", n=len(found.crossed)))

    desk.listen(listed)
    listed()
    second.value = "*"
    button = answer.button("desk.compare", compared, button_style="primary")
    return w.VBox([w.HBox([first, second, button]), answer.shown, shown])


def comparison_html(desk: Desk, found: Comparison) -> str:
    """Return a comparison as a table and a slope chart."""
    head = (desk.words(f"whatif.{key}") for key in ("person", "tier", "rank", "score", "mostly"))
    table = html_table(head, comparison_rows(found, desk.words), kind="kpi-moved")
    chart = draw({**vega_lite(slope_chart(found, desk.words)), "description": desk.words("desk.slope")}, prefix="slope")
    said = "".join(f"<p>{escape(line)}</p>" for line in comparison_notes(found, desk.words))
    return f"<div class='kwi'>{said}{table}{chart}</div>"


def _adopt(desk: Desk) -> w.Widget:
    t, answer = desk.words, Answer(desk.words)
    kept = _kept(desk)
    by = w.Text(description=t("desk.by"), style=_WIDE)
    sure = w.Checkbox(description=t("desk.sure"), indent=False, layout={"width": "auto"})

    def adopted() -> str:
        sure.value = False
        if not kept.value:
            raise WorkbookError("unknown-scenario", name="–", nearest="", known="–")
        done = desk.adopt(kept.value, by=by.value)
        return escape(" ".join(adopted_lines(done, t)))

    button = answer.button("desk.adopt", adopted, button_style="danger", disabled=True)
    sure.observe(lambda change: setattr(button, "disabled", not change["new"]), "value")
    return w.VBox([kept, by, sure, button, answer.shown])


def _elicit(desk: Desk) -> w.Widget:
    t, answer = desk.words, Answer(desk.words)
    role = w.Dropdown(options=_roles(desk), description=t("cli.role"), style=_WIDE)
    methods = [(t(f"desk.{key}"), key) for key in _METHODS]
    method = w.Dropdown(options=methods, description=t("desk.method"), style=_WIDE)
    inputs = w.VBox()
    boxes: dict[Any, w.Widget] = {}

    def asked(*_: Any) -> None:
        boxes.clear()
        if role.value:
            boxes.update(_boxes(desk, role.value, method.value))
        inputs.children = [w.HTML(t(f"desk.how_{method.value.partition('_')[0]}")), *boxes.values()]

    def used() -> str:
        found = _found(desk, role.value, method.value, boxes)
        weights = desk.use(role.value, found)
        names = {item.id: t.show(item.name) for item in desk.role(role.value).indicators}
        said = t("list.comma").join(f"{names[key]} {t.number(weight)}" for key, weight in weights.items())
        if found.consistency is not None:
            said += t("list.space") + t("elicited.consistency", ratio=t.number(found.consistency, 3))
        return escape(said)

    role.observe(asked, "value")
    method.observe(asked, "value")
    asked()
    button = answer.button("desk.use", used, button_style="primary")
    return w.VBox([role, method, inputs, button, answer.shown])


def _boxes(desk: Desk, role: str, method: str) -> dict[Any, w.Widget]:
    """Return the questions of a method, by what they ask about."""
    items = [item for item in desk.role(role).indicators if item.weight]
    name = {item.id: desk.words.show(item.name) for item in items}
    wide = {"style": {"description_width": "200px"}, "layout": {"width": "400px"}}
    if method == "statements":
        example = f"{items[0].id} >= {items[-1].id}\n{items[0].id} 5..40"
        return {"": w.Textarea(placeholder=example, description=", ".join(name), rows=5, **wide)}
    if method == "pairwise":
        options = [("–", 0), *((f"1/{round(1 / value)}" if value < 1 else str(value), value) for value in _SAATY)]
        pairs = combinations(name, 2)
        return {
            (a, b): w.Dropdown(options=options, value=0, description=f"{name[a]} : {name[b]}", **wide) for a, b in pairs
        }
    ranked = method.startswith("rank")
    kind, least, most = (w.BoundedIntText, 1, len(items)) if ranked else (w.BoundedFloatText, 0, 1000)
    order = [item.id for item in sorted(items, key=lambda item: -item.weight)]
    return {
        item.id: kind(
            value=order.index(item.id) + 1 if ranked else 0 if method == "swing" else float(item.weight),
            min=least, max=most, description=name[item.id], **wide,
        )
        for item in items
    }  # fmt: skip


def _found(desk: Desk, role: str, method: str, boxes: dict[Any, w.Widget]) -> Elicited:
    """Return what the answers come to. ElicitationError where nothing was answered: silence gives no weights."""
    # One piece: a branch for each way to ask for weights; so the list is read, and added to.
    answers = [box.value for box in boxes.values()]
    # Noughts are how the boxes were when they were opened: a form of them is one that nobody filled in.
    if not any(str(answer).strip(" 0.") for answer in answers) or (method == "pairwise" and 0 in answers):
        raise ElicitationError("no-answer", n=sum(not answer for answer in answers))
    if method == "statements":
        lines = [line for line in boxes[""].value.splitlines() if line.strip()]
        return from_statements(desk.role(role), role, [parse_statement(role, line) for line in lines])
    if method == "pairwise":
        names = [item.id for item in desk.role(role).indicators if item.weight]
        return pairwise(names, {pair: float(box.value) for pair, box in boxes.items()})
    if method.startswith("rank"):
        places = sorted(boxes, key=lambda key: boxes[key].value)
        if len({box.value for box in boxes.values()}) != len(boxes):
            name = {item.id: item.name for item in desk.role(role).indicators}
            raise ElicitationError("rank-twice", names=[name[place] for place in places])
        return rank_order(places, method={"rank_roc": "roc", "rank_rs": "rs", "rank_rr": "rr"}[method])  # type: ignore[arg-type]
    points = {key: Decimal(str(box.value)) for key, box in boxes.items()}
    return direct_points(points) if method == "direct" else swing(points)
