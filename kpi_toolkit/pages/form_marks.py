"""A copy of a workbook in which some cells are coloured and commented, and nothing else is another.

Reading a workbook and saving it again loses pictures, computed values and whatever the program does not know. So only
the parts that hold a mark are touched, each by adding to it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from posixpath import join, normpath, split
from typing import Any
from xml.parsers.expat import ExpatError

from defusedxml.minidom import parseString
from openpyxl.utils.cell import coordinate_to_tuple

from kpi_toolkit.clients.sheet_parts import sheet_parts
from kpi_toolkit.clients.storage import sha256

_COLOUR, _AUTHOR = "FFFFC9C4", "kpi"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
_KINDS = {
    "comments": "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml",
    "vmlDrawing": "application/vnd.openxmlformats-officedocument.vmlDrawing",
}
"""What a sheet's comments need: their texts, and the boxes in which Excel shows them."""
_BLANK = {
    "comments": f'<comments xmlns="{_MAIN}"><authors/><commentList/></comments>',
    "vmlDrawing": (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
        'xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shapetype id="_x0000_t202" coordsize="21600,21600" '
        'o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
        '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype></xml>'
    ),
}
_BEHIND_THE_DRAWING = (
    "legacyDrawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
)
Marks = Mapping[str, Mapping[str, Sequence[str]]]
"""By sheet and cell: what is said of it."""


def marked(data: bytes, marks: Marks, *, ours: bool = True) -> bytes | None:
    """Return a workbook with cells coloured and commented; None where it is built in a way that cannot be added to.

    The archive's comment says that nobody worked in the copy, which is all ``ours``: it is the hash of what was marked,
    and a program that saves the copy drops it.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        book = _Book({name: archive.read(name) for name in archive.namelist()}, {})
        members = {part.name: part.member for part in sheet_parts(archive)}
    try:
        for number, (sheet, cells) in enumerate(marks.items(), start=1):
            _mark_sheet(book, members[sheet], cells, number)
        parts = book.written()
    except (ExpatError, LookupError, ValueError):  # parts are named or nested in another program's way
        return None
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = sha256(data).encode() if ours else b""
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


@dataclass
class _Book:
    """The parts of a workbook, and the documents of those that were opened."""

    parts: dict[str, bytes]
    opened: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        """Return the outermost element of a part, to be added to."""
        if name not in self.opened:
            self.opened[name] = parseString(self.parts[name].replace(b"&#", _BY_NUMBER))
        return self.opened[name].documentElement

    def written(self) -> dict[str, bytes]:
        """Return all parts with what was added."""
        anew = {name: part.toxml("UTF-8", standalone=True) for name, part in self.opened.items()}
        return self.parts | {name: text.replace(_BY_NUMBER, b"&#") for name, text in anew.items()}


_BY_NUMBER = "\U0010fffd#".encode()
"""Begins a character by its number while a part is open: a line break inside an attribute would become a blank."""


def _all(element: Any, name: str) -> list[Any]:
    """Return all elements of a name inside another, whatever prefix a program gives its names."""
    return list(element.getElementsByTagNameNS("*", name))


def _children(element: Any) -> list[Any]:
    return [child for child in element.childNodes if child.nodeType == child.ELEMENT_NODE]


def _add(parent: Any, name: str, *, before: Any = None, **attributes: str) -> Any:
    """Add an element to another of the same vocabulary and return it."""
    tag = f"{parent.prefix}:{name}" if parent.prefix else name
    child = parent.ownerDocument.createElementNS(parent.namespaceURI, tag)
    for key, value in attributes.items():
        child.setAttribute(key, value)
    return parent.insertBefore(child, before)


def _mark_sheet(book: _Book, member: str, cells: Mapping[str, Sequence[str]], number: int) -> None:
    for cell in _all(book[member], "c"):
        if cell.getAttribute("r") in cells:
            cell.setAttribute("s", _coloured(book["xl/styles.xml"], int(cell.getAttribute("s") or 0)))
    comments = book[_linked(book, member, "comments", f"xl/comments-kpi{number}.xml")]
    drawing = _linked(book, member, "vmlDrawing", f"xl/drawings/vmlDrawing-kpi{number}.vml")
    notes, authors = _all(comments, "commentList")[0], [_text(each) for each in _all(comments, "author")]
    known = {note.getAttribute("ref"): note for note in _children(notes)}
    if _AUTHOR not in authors:
        _say(_add(_all(comments, "authors")[0], "author"), _AUTHOR)
        authors.append(_AUTHOR)
    for cell, said in cells.items():
        if cell not in known:
            box, end = _box(cell).encode(), book.parts[drawing].rindex(b"</xml>")
            book.parts[drawing] = book.parts[drawing][:end] + box + book.parts[drawing][end:]
        elif authors[int(known[cell].getAttribute("authorId"))] == _AUTHOR:  # marked before, and mended in that copy
            notes.removeChild(known.pop(cell))
        if cell not in known:
            known[cell] = _add(notes, "comment", ref=cell, authorId=f"{authors.index(_AUTHOR)}")
            _add(known[cell], "text")
        there = _text(known[cell])
        more = "".join(f"\n{text}" for text in said if text not in there)
        run = _add(_add(_all(known[cell], "text")[0], "r"), "t", **{"xml:space": "preserve"})
        _say(run, more if there else more.lstrip("\n"))


def _say(element: Any, text: str) -> None:
    element.appendChild(element.ownerDocument.createTextNode(text))


def _text(element: Any) -> str:
    return "".join(each.data if each.nodeType == each.TEXT_NODE else _text(each) for each in element.childNodes)


def _coloured(styles: Any, style: int) -> str:
    """Return the number of a cell style that is like another, and coloured."""
    fills, looks = _all(styles, "fills")[0], _all(styles, "cellXfs")[0]
    colours = [_COLOUR in fill.toxml() for fill in _children(fills)]
    if True not in colours:
        pattern = _add(_add(fills, "fill"), "patternFill", patternType="solid")
        _add(pattern, "fgColor", rgb=_COLOUR)
        _add(pattern, "bgColor", indexed="64")
    look = _children(looks)[style].cloneNode(deep=True)
    look.setAttribute("fillId", f"{[*colours, True].index(True)}")
    look.setAttribute("applyFill", "1")
    made = [each.toxml() for each in _children(looks)]
    if look.toxml() not in made:
        looks.appendChild(look)
    for group in (fills, looks):
        group.setAttribute("count", f"{len(_children(group))}")
    return f"{[*made, look.toxml()].index(look.toxml())}"


def _linked(book: _Book, member: str, kind: str, name: str) -> str:
    """Return the part of a kind that a sheet is linked to; where there is none it is added, and named everywhere."""
    folder, file = split(member)
    links = f"{folder}/_rels/{file}.rels"
    book.parts.setdefault(links, f'<Relationships xmlns="{_LINKS}"/>'.encode())
    for link in _children(book[links]):
        if link.getAttribute("Type").endswith(f"/{kind}"):
            return normpath(join(folder, link.getAttribute("Target"))).lstrip("/")
    _add(book[links], "Relationship", Id=f"kpi{kind}", Type=f"{_OFFICE}/{kind}", Target=f"/{name}")
    book.parts[name] = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{_BLANK[kind]}'.encode()
    types, kinds = book["[Content_Types].xml"], _KINDS[kind]
    if kind == "comments":
        _add(types, "Override", PartName=f"/{name}", ContentType=kinds)
        return name
    if "vml" not in {each.getAttribute("Extension") for each in _children(types)}:
        _add(types, "Default", Extension="vml", ContentType=kinds)
    behind = next((each for each in _children(book[member]) if each.localName in _BEHIND_THE_DRAWING), None)
    _add(book[member], "legacyDrawing", before=behind, **{"xmlns:r": _OFFICE, "r:id": f"kpi{kind}"})
    return name


def _box(cell: str) -> str:
    """Return the box in which a comment is shown when the pointer is on its cell."""
    row, column = coordinate_to_tuple(cell)
    return (
        '<v:shape type="#_x0000_t202" style="position:absolute;visibility:hidden" fillcolor="#fff4ce">'
        '<v:fill color2="#fff4ce"/><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:Anchor>{column},10,{row - 1},5,{column + 3},10,{row + 4},5</x:Anchor><x:AutoFill>False</x:AutoFill>"
        f"<x:Row>{row - 1}</x:Row><x:Column>{column - 1}</x:Column></x:ClientData></v:shape>"
    )
