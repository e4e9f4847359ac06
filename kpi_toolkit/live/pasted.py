"""What is pasted into a form from a spreadsheet: lines of a list, or the whole table of indicators with their roles."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from kpi_toolkit.clients.acts import Act
from kpi_toolkit.clients.apart import Source
from kpi_toolkit.clients.blocks import Found, find_records
from kpi_toolkit.clients.cell_values import number_in
from kpi_toolkit.clients.days import dates_of
from kpi_toolkit.clients.frozen import DESIGN
from kpi_toolkit.clients.grids import Grid
from kpi_toolkit.clients.headings import Lines, meant
from kpi_toolkit.clients.library import curve_cards
from kpi_toolkit.clients.toml_text import entry_id
from kpi_toolkit.clients.vocabulary import Vocabulary
from kpi_toolkit.clients.wording import wording_rules
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.live.bench import FRESH, Bench
from kpi_toolkit.live.drafted import FULL, NOUNS, Path, decimal_of, id_of, keys_of, path_said, text_of
from kpi_toolkit.live.fields import Node
from kpi_toolkit.method.cards import CurveCard
from kpi_toolkit.method.issues import folded
from kpi_toolkit.method.model import IndicatorClass, Method, Side
from kpi_toolkit.method.value import LANGUAGES, likely_id
from kpi_toolkit.method.wording import matches

COLUMNS = ("name", "unit", "weight", "target", "direction", "curve", "standard", "source")
"""What the columns of indicators are where no line says it; those of other lists are the fields that are not folded."""
_CALLED = {"name": "indicator", "serves_goal": "goal"}
"""What an imported sheet calls two of the form's columns of indicators."""

_BRACKET = re.compile(r"\s*[(（][^()（）]*[)）]$")
"""What stands behind a heading: its unit, which others may leave out."""
_CALLED_OTHERWISE = {"direction", "curve"}
"""What people have more words for than the form."""
_TITLES = 4
"""So many lines of titles may stand above headings."""

Said = str | Mapping[str, str]
Options = Mapping[str, Sequence[Sequence[str]]]


def rows_of_paste(
    workbook: Workbook, text: str, node: Node, options: Options, column: str = "name"
) -> tuple[list[dict[str, Said]], list[str]]:
    """Return the rows of a paste, by its own headings, or by the usual order from a column on; a blank line is empty.

    Beside them stand the headings of columns that nothing was taken from.

    Names, choices and ``options`` are understood in either language; what is not is left as it was typed.
    """
    # One piece: rows are found, put into per cent and said in words in this order, each from what stands before it.
    lines = [
        [" ".join(cell.split()) for cell in line] for line in csv.reader(io.StringIO(text.rstrip()), delimiter="\t")
    ]
    fields = {field["key"]: field for field in node["fields"]}
    called = _CALLED if "weight" in fields else {}
    labels = {
        f"column:{label}": called.get(key, key)
        for key, field in fields.items()
        for label in (field["label"], _BRACKET.sub("", field["label"]))
    }
    words, known = Vocabulary(workbook, labels), {"serial", *(called.get(key, key) for key in fields)}
    if not called:
        return _plain(lines, fields, words, options, column)
    besides = {f"column:{cell}": words.means("pasted", cell) for line in lines for cell in line}
    words = Vocabulary(workbook, labels | {cell: key for cell, key in besides.items() if key})
    found = _headed([*enumerate(lines, start=1)], words)
    rows = [
        {key: each.text(called.get(key, key)) for key in fields if key not in called.values()} for each in found.records
    ]
    left = [each.heading for each in found.columns if rows and each.texts and each.concept not in known]
    rows = rows or [*_in_order(lines, words, column)]
    said = [
        {key: _said(fields[key], cell, words, options) for key, cell in row.items() if key in fields and cell}
        for row in _in_per_cent(rows)
    ]
    _say_directions(said, curve_cards(workbook))
    return said, left


def _in_per_cent(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return rows with weights of 100 where they are of 1, as a cell shows them that has lost its format."""
    shares = {place: number_in(row["weight"]) or FULL for place, row in enumerate(rows) if row.get("weight")}
    if any(share > 1 for share in shares.values()):
        return rows
    return [
        {**row, "weight": f"{(shares[n] * FULL).normalize():f}"} if n in shares else row for n, row in enumerate(rows)
    ]


def _say_directions(rows: list[dict[str, Said]], cards: Mapping[str, CurveCard]) -> None:
    """Say which way is better where no column does and the curve is for one way only."""
    for row in rows:
        if "direction" not in row and (card := cards.get(str(row.get("curve")))) and card.direction:
            row["direction"] = card.direction.value


def _plain(
    lines: list[list[str]], fields: Mapping[str, Node], words: Vocabulary, options: Options, column: str
) -> tuple[list[dict[str, Said]], list[str]]:
    """Return pasted entries by their headings or in the usual order; one day settles how all are meant."""
    heads = [[_of_list(cell, fields, words) for cell in line] for line in lines[: _TITLES + 1]]
    at = next((at for at, head in enumerate(heads) if _heads(head, lines[at], lines[:at])), None)
    left: list[str] = []
    if at is not None:
        columns, named, lines = heads[at], lines[at], lines[at + 1 :]
        left = [cell for cell, key in zip(named, columns, strict=True) if cell and key not in fields]
    else:
        usual = [key for key, field in fields.items() if not field["fold"]]
        columns = usual[usual.index(column) :] if column in usual else [column]
    rows = [{key: cell for key, cell in zip(columns, cells, strict=False) if key in fields and cell} for cells in lines]
    _settle_days(rows, fields)
    return [{key: _said(fields[key], cell, words, options) for key, cell in row.items()} for row in rows], left


def _settle_days(rows: list[dict[str, str]], fields: Mapping[str, Node]) -> None:
    """Write days as the design has them, in the one order that all of them may be meant in."""
    dated = [{key: dates_of(row[key]) for key in row if fields[key]["kind"] == "date"} for row in rows]
    orders = [{*said} for days in dated for said in days.values() if said]
    known = set.intersection(*orders) if orders else set()  # 14/06 in one line says how 01/03 in another is meant
    for row, days in zip(rows, dated, strict=True):
        found = {key: {said[order] for order in known & {*said} or said} for key, said in days.items()}
        row |= {key: each.pop().isoformat() for key, each in found.items() if len(each) == 1}


def _heads(head: list[str], line: list[str], above: list[list[str]]) -> bool:
    """Whether a line holds headings: most of its cells are known, and what stands above it is titles."""
    known = len([*filter(None, head)])
    titles = all(len([*filter(None, each)]) <= 1 for each in above)
    return bool(known) and known * 2 >= len([*filter(None, line)]) and titles and known > bool(above)


def _of_list(heading: str, fields: Mapping[str, Node], words: Vocabulary) -> str:
    """Return the field that a heading means; empty for none."""
    concept = words.concept(heading)
    meant = (concept, words.means("pasted", heading), {"name": "person"}.get(concept, ""))
    return next((key for key in meant if key in fields), "")


def _headed(lines: Lines, words: Vocabulary) -> Found:
    """Return the rows below headings and these; none where there are none."""
    grid, none = Grid(name="1", lines=lines), {"people": dict[str, str](), "indicators": dict[str, str]()}
    return find_records([Source("", grids=(grid,))], words, none, "target")


def _in_order(lines: list[list[str]], words: Vocabulary, column: str) -> Iterator[dict[str, str]]:
    """Go through rows without headings: numbered or not, with units in a column of their own or not."""
    usual = COLUMNS[COLUMNS.index(column) :] if column in COLUMNS else (column,)
    lines = lines[1:] if lines and all(map(words.concept, lines[0])) else lines
    lines = [line for line in lines if not any(line) or not meant(line[0], "total")]
    if column == "name":
        lines = _without_numbers(lines)
        second = [line[1] for line in lines if any(line) and len(line) > 1]
        if second and all(re.match(r"[\d.]+%?$", cell) for cell in second):
            usual = tuple(key for key in usual if key != "unit")
    yield from (dict(zip(usual, line, strict=False)) for line in lines)


def _without_numbers(lines: list[list[str]]) -> list[list[str]]:
    """Return lines without their own numbers, which Excel copies with them."""
    first = [line[0] for line in lines if any(line)]
    numbered = len(first) > 1 and first == [f"{n + 1}" for n in range(len(first))]
    return [line[1:] for line in lines] if numbered else lines


def _said(field: Node, cell: str, words: Vocabulary, options: Options) -> Said:
    if field["kind"] == "text":
        return dict.fromkeys(LANGUAGES, cell)
    known = [*field.get("choices", ()), *options.get(field.get("options", ""), ())]
    meant = words.means(field["key"], cell) if field["key"] in _CALLED_OTHERWISE else ""
    if field["key"] == "curve":
        known += options["curves"]
        known += [[name, word] for name, card in curve_cards(words.workbook).items() for word in card.name.words]
    named = {folded(word): value for value, label, *_ in known for word in (value, label)}
    return named.get(folded(cell)) or meant or cell


_ROLE = {"key": "role", "kind": "string", "label": "role", "fold": False, "options": "roles"}
"""What a line of a whole design's indicators says besides those of one role."""
_OF_ONE_SIDE = {Side.PROCESS: Method.WORKLOAD, Side.RESULT: Method.PERFORMANCE}


class Pasted(Bench):
    """Takes in what was copied in Excel; one paste is one step."""

    def paste(
        self, path: Sequence[str | int], text: str, *, at: str = "", column: str = "name", file: str = DESIGN,
        besides: Mapping[str, Any] | None = None, instead: bool = False,
    ) -> None:  # fmt: skip
        """Take lines of a spreadsheet as entries: from a row on where one is named, else as new ones; one step.

        For ``roles`` they are indicators, each with its role. ``besides`` is what is said of all that do not say it
        themselves; ``instead`` takes away what is there.
        """
        # One piece: one paste is one step, whether it is of lines, of a whole design's or of nothing.
        path, whole = tuple(path), tuple(path) == ("roles",)
        if file == DESIGN and path[0] == "roles" and not whole:
            self._there(str(path[1]))
        node = self.forms[file].at((*path, "-", "indicators") if whole else path)["item"]
        asked = {**node, "fields": [_ROLE, *node["fields"]]} if whole else node
        rows, unknown = rows_of_paste(self.workbook, text, asked, self.options, column)
        if whole and not any(row.get("role") for row in rows):
            self.say("paste_role", bad=True)
            return
        besides, left = besides or {}, list[str]()
        acts = self._roles_of(rows, besides, instead=instead) if whole else []
        if not whole:
            acts, left = self._lines_of(path, file, node, rows, at, besides, instead=instead)
        self._do(*acts, *self._blocks_of(acts))
        self._say_what_came(rows, acts, left, unknown)
        first = next((act.path[: len(path) + 1] for act in acts if act.op == "set"), ())
        added = [act.value for act in acts if act.op == "add"]
        if added and not whole:
            first = (*path, entry_id(added[0]) or len(keys_of(self._at(file, path))) - len(added))
        self.made = path_said((*first, column if at else "name")) if first and not whole else ""

    def _say_what_came(
        self, rows: Sequence[Mapping[str, Any]], acts: Sequence[Act], left: Sequence[str], unknown: Sequence[str]
    ) -> None:
        """Say what of a paste came to nothing, or is to be looked at."""
        scored = [str(text_of(row["name"]).pick(self.words.language)) for row in rows if self._says_points(row)]
        if not acts and not left:
            self.say("paste_nothing", bad=True)
        elif left:
            self.say("paste_left", bad=True, lines=self.words.join(left))
        elif scored:
            self.say("paste_points", bad=True, names=self.words.join(scored), n=len(scored))
        elif unknown:
            self.say("paste_columns", bad=True, columns=self.words.join(unknown), n=len(unknown))

    def _says_points(self, row: Mapping[str, Any]) -> bool:
        """Whether the standard of a pasted line says how points are earned, and no column says by which curve."""
        said = " ".join(text_of(row.get("standard")).words)
        return bool(row.get("name") and not row.get("curve")) and matches(wording_rules(self.workbook).points, said)

    def _lines_of(
        self, path: Path, file: str, node: Node, rows: Sequence[dict[str, Any]], at: str, besides: Mapping[str, Any],
        *, instead: bool,
    ) -> tuple[list[Act], list[str]]:  # fmt: skip
        """Return the acts that enter rows into a list, and what is left of rows that name nothing."""
        # One piece: which entry a line is decides what may still be taken by the lines below it.
        entries = self._at(file, path) or []
        known = [each.get("id") for each in entries] if path[-1] != "indicators" else keys_of(entries)
        held = [key or n for n, key in enumerate(known)]
        places = [path_said([key]) for key in held]
        taken, first = [] if instead else list(held), places.index(at) if at in places else len(held)
        by = [f["key"] for f in node["fields"] if f.get("needed") and f.get("options")]
        named = next((f["key"] for f in node["fields"] if f["key"] in {"name", *by}), "")
        keyed = "id" not in {f["key"] for f in node["fields"]}  # a line is known by whom and what it is about
        acts = [Act("remove", (*path, key), file=file) for key in reversed(held)] if instead else []
        left: list[str] = []
        for place, said in enumerate(rows, start=first):
            old = None if instead else next(iter(held[place : place + 1]), None)
            if old is None and keyed and not instead:
                old = next((held[n] for n, one in enumerate(entries) if _of_the_same(one, said, by)), None)
            if old is not None and not self._renamed(file, (*path, old), said):
                acts += self._over(file, (*path, old), said)
            elif named and not said.get(named):
                left += map(str, said.values())  # a column that goes past the last row names nothing to be added
            else:
                act = self._fresh(path, file, node, {**besides, **said}, taken)
                acts.append(act)
                if old is not None:  # another indicator in its place has nothing of it
                    acts += [Act("move", (*path, act.value["id"]), to=place), Act("remove", (*path, old))]
        _name_each_other([act.value for act in acts if act.op == "add"], _alike(node, path))
        return acts, left

    def _renamed(self, file: str, path: Path, said: Mapping[str, Any]) -> bool:
        """Whether a row that is pasted over an indicator is another one."""
        name = said.get("name")
        held = text_of(self._at(file, (*path, "name"))).words
        return path[-2] == "indicators" and isinstance(name, Mapping) and not {*held} & {*name.values()}

    def _over(self, file: str, path: Path, said: Mapping[str, Any]) -> list[Act]:
        """Return the acts that write a row over an entry: numbers in its unit, the id after the name last."""
        acts = []
        for key, value in sorted(said.items(), key=lambda pair: (pair[0] == "name", pair[0] != "unit")):
            acts += self._setting(file, (*path, key), value, beside=said)
        return acts

    def _fresh(self, path: Path, file: str, node: Node, said: dict[str, Any], taken: list[Any]) -> Act:
        """Return the act that adds a pasted row; its id follows its name, and is taken from then on."""
        stem = id_of(said.get("name", "")) or NOUNS.get(str(path[-1]), "entry")
        key = likely_id(str(said.pop("id", ""))) or self._free(taken, stem)
        taken.append(key)
        entry = self._entry(path, node, said, key, file)
        if path[-1] == "indicators" and "class" not in said and "indicator" not in said:
            entry.pop("class", None)  # it decides what counts: asked rather than assumed
        return Act("add", path, entry, file=file)

    def _roles_of(self, rows: Sequence[dict[str, Any]], besides: Mapping[str, Any], *, instead: bool) -> list[Act]:
        """Return the acts that make roles of rows that each say theirs, in the place of those that are there if asked.

        A row without a role is of the one above it: cells that were merged hold it once. A blank new role gives way.
        """
        node, held = self.forms[DESIGN].at(("roles", "-", "indicators"))["item"], self._section(DESIGN, ("roles",))
        gone = {key for key, role in held.items() if instead or (FRESH.fullmatch(key) and not role.get("indicators"))}
        kept = {key: text_of(role.get("name")).words for key, role in held.items() if key not in gone}
        known = {folded(word): key for key, words in kept.items() for word in (key, *words)}
        acts, current, taken = [Act("remove", ("roles", key)) for key in gone], "", dict[str, list[Any]]()
        for row in rows:
            title = str(row.get("role", ""))
            current = known.get(folded(title), "") if title else current
            if title and not current:
                current = known[folded(title)] = self._free({*known.values()}, id_of(title) or NOUNS["roles"])
                acts.append(Act("put", ("roles", current), {"name": title}))
            if current and row.get("name"):
                path = ("roles", current, "indicators")
                ids = taken.setdefault(current, keys_of(self._at(DESIGN, path)) if current in kept else [])
                said = {key: value for key, value in row.items() if key != "role"}
                acts.append(self._fresh(path, DESIGN, node, {**besides, **said}, ids))
        self._methods(acts)
        return acts + self._without_posts(gone - {*known.values()})

    def _methods(self, acts: Sequence[Act]) -> None:
        """Let roles that are made of indicators of one side be appraised by the method that weighs this side."""
        for made in (act for act in acts if act.op == "put"):
            kinds = {act.value.get("class") for act in acts if act.op == "add" and act.path[:-1] == made.path}
            sides = {IndicatorClass(kind).side for kind in kinds if kind in {each.value for each in IndicatorClass}}
            if len(sides) == 1 and None not in kinds:
                made.value["method"] = _OF_ONE_SIDE[sides.pop()].value

    def _blocks_of(self, acts: Iterable[Act]) -> Iterator[Act]:
        """Go through the acts that make the blocks that fresh indicators name; their weights are its maximum."""
        sums, made = dict[tuple[Path, str], Decimal](), {act.path for act in acts if act.op == "put"}
        for act in acts:
            block = str(act.value.get("block", "")) if act.op == "add" and act.path[-1] == "indicators" else ""
            path = (*act.path[:-1], "blocks")
            if block and (path[:-1] in made or block not in self._section(DESIGN, path)):
                act.value["block"] = id_of(block) or block
                sums[path, block] = sums.get((path, block), Decimal(0)) + decimal_of(act.value.get("weight"))
        for (path, block), full in sums.items():
            yield Act("put", (*path, id_of(block) or block), {"name": block, "maximum": full})


def _of_the_same(entry: Mapping[str, Any], said: Mapping[str, Any], by: Sequence[str]) -> bool:
    """Whether a pasted line says whom and what an entry is about, which is all that it is known by."""
    return bool(by) and all(said.get(key) and entry.get(key) == said[key] for key in by)


def _name_each_other(added: Sequence[dict[str, Any]], keys: Sequence[str]) -> None:
    """Put the id of a line in the place of its name where another one of these lines calls it by that."""
    ids = {folded(str(entry.get("name"))): entry.get("id") for entry in added}
    for entry in added:
        entry |= {key: ids[folded(str(entry[key]))] for key in keys if folded(str(entry.get(key))) in ids}


def _alike(node: Node, path: Path) -> list[str]:
    """Return the fields of an entry that name another one of its list."""
    return [field["key"] for field in node["fields"] if field.get("options") == path[-1]]
