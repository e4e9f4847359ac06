"""What is pasted into a form from a spreadsheet: lines of a list, or the whole table of indicators with their roles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from kpi_toolkit.clients.acts import Act
from kpi_toolkit.clients.frozen import DESIGN
from kpi_toolkit.clients.library import wording_rules
from kpi_toolkit.clients.toml_text import entry_id
from kpi_toolkit.live.bench import FRESH, Bench
from kpi_toolkit.live.drafted import NOUNS, Path, decimal_of, id_of, keys_of, place_of, text_of
from kpi_toolkit.live.fields import Node
from kpi_toolkit.live.pasting import rows_of_paste
from kpi_toolkit.method.issues import folded
from kpi_toolkit.method.model import IndicatorClass, Method, Side
from kpi_toolkit.method.value import likely_id
from kpi_toolkit.method.wording import matches

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
        if not acts and not left:
            self.say("paste_nothing", bad=True)
        elif left:
            self.say("paste_left", bad=True, lines=self.words.join(left))
        elif scored := [str(text_of(row["name"]).pick(self.words.language)) for row in rows if self._says_points(row)]:
            self.say("paste_points", bad=True, names=self.words.join(scored), n=len(scored))
        elif unknown:
            self.say("paste_columns", bad=True, columns=self.words.join(unknown), n=len(unknown))
        first = next((act.path[: len(path) + 1] for act in acts if act.op == "set"), ())
        added = [act.value for act in acts if act.op == "add"]
        if added and not whole:
            first = (*path, entry_id(added[0]) or len(keys_of(self._at(file, path))) - len(added))
        self.made = place_of((*first, column if at else "name")) if first and not whole else ""

    def _says_points(self, row: Mapping[str, Any]) -> bool:
        """Whether the standard of a pasted line says how points are earned, and no column says by which curve."""
        said = " ".join(text_of(row.get("standard")).words)
        return bool(row.get("name") and not row.get("curve")) and matches(wording_rules(self.workbook).points, said)

    def _lines_of(
        self, path: Path, file: str, node: Node, rows: Sequence[dict[str, Any]], at: str, besides: Mapping[str, Any],
        *, instead: bool,
    ) -> tuple[list[Act], list[str]]:  # fmt: skip
        """Return the acts that enter rows into a list, and what is left of rows that name nothing."""
        entries = self._at(file, path) or []
        known = [each.get("id") for each in entries] if path[-1] != "indicators" else keys_of(entries)
        held = [key or n for n, key in enumerate(known)]
        places = [place_of([key]) for key in held]
        taken, first = [] if instead else list(held), places.index(at) if at in places else len(held)
        by = [f["key"] for f in node["fields"] if f.get("needed") and f.get("options")]
        named = next((f["key"] for f in node["fields"] if f["key"] in {"name", *by}), "")
        keyed = "id" not in {f["key"] for f in node["fields"]}  # a line is known by whom and what it is about
        acts = [Act("remove", (*path, key), file=file) for key in reversed(held)] if instead else []
        left: list[str] = []
        for place, said in enumerate(rows, start=first):
            old = held[place] if place < len(held) and not instead else None
            if old is None and keyed and by and not instead and all(said.get(key) for key in by):
                alike = (n for n, one in enumerate(entries) if all(one.get(key) == said[key] for key in by))
                old = next((held[n] for n in alike), None)
            if old is not None and not self._renamed(file, (*path, old), said):
                acts += self._over(file, (*path, old), said)
            elif named and not said.get(named):
                left += map(str, said.values())  # a column that goes past the last row names nothing to be added
            else:
                act = self._fresh(path, file, node, {**besides, **said}, taken)
                acts.append(act)
                if old is not None:  # another indicator in its place has nothing of it
                    acts += [Act("move", (*path, act.value["id"]), to=place), Act("remove", (*path, old))]
        added = [act.value for act in acts if act.op == "add"]
        ids = {folded(str(entry.get("name"))): entry.get("id") for entry in added}
        for entry in added:  # one of these lines that another names by its name
            entry |= {
                key: ids[folded(str(entry[key]))] for key in _alike(node, path) if folded(str(entry.get(key))) in ids
            }
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


def _alike(node: Node, path: Path) -> list[str]:
    """Return the fields of an entry that name another one of its list."""
    return [field["key"] for field in node["fields"] if field.get("options") == path[-1]]
