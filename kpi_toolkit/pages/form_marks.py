"""A copy of a workbook in which some cells are coloured and commented, and nothing else is another.

Reading a workbook and saving it again loses pictures, computed values and whatever the program does not know, and takes
long. So what a mark needs is written in between, into the text of the parts that hold it.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from html import escape, unescape
from posixpath import basename, dirname, join, normpath

from openpyxl.utils.cell import coordinate_to_tuple

from kpi_toolkit.clients.sheet_parts import sheet_parts
from kpi_toolkit.clients.storage import sha256

_AS_IT_IS = "latin-1"
"""A letter a byte: what is not touched comes out as it was, whatever it is."""
_AUTHOR, _COLOUR = "kpi", "FFFFC9C4"
_FILL = '<:fill><:patternFill patternType="solid"><:fgColor rgb="{}"/><:bgColor indexed="64"/></:patternFill></:fill>'
_STYLES, _TYPES = "xl/styles.xml", "[Content_Types].xml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NO_LINKS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>'
_KINDS = {
    "comments": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml",
        '<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><authors/><commentList/></comments>',
    ),
    "vmlDrawing": (
        "application/vnd.openxmlformats-officedocument.vmlDrawing",
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
        'xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shapetype id="_x0000_t202" coordsize="21600,21600" '
        'o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
        '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype></xml>',
    ),
}
"""What a sheet's comments need: their texts, and the boxes in which Excel shows them. Each with its kind."""
_BEHIND = {"legacyDrawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst"}
"""What stands behind the drawing of comments in a sheet."""
_ATTRIBUTE = re.compile(r"""\s+([\w.:-]+)\s*=\s*("[^"]*"|'[^']*')""")
_WITHIN = rf"""(?:{_ATTRIBUTE.pattern.replace("(", "(?:")})*\s*"""
_TAG = re.compile(rf"<(/?)((?:[\w.-]+:)?)([\w.-]+)({_WITHIN})(/?)>")
Marks = Mapping[str, Mapping[str, Sequence[str]]]
"""By sheet and cell: what is said of it."""


def marked(data: bytes, marks: Marks, *, ours: bool = True) -> bytes | None:
    """Return a workbook with cells coloured and commented; None where it is built in a way that cannot be added to.

    The archive's comment says that nobody worked in the copy, which is all ``ours``: it is the hash of what was marked,
    and a program that saves the copy drops it.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name).decode(_AS_IT_IS) for name in archive.namelist()}
        members = {part.name: part.member for part in sheet_parts(archive)}
    if any("<!" in part for name, part in parts.items() if name.startswith("xl/") and name.endswith(".xml")):
        return None  # a remark or the like might hold what looks like an element
    try:
        for sheet, cells in marks.items():
            _mark_sheet(parts, members[sheet], cells)
    except (LookupError, ValueError):  # parts are named or nested in another program's way
        return None
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = sha256(data).encode() if ours else b""
        for name, part in parts.items():
            archive.writestr(name, part.encode(_AS_IT_IS))
    return stream.getvalue()


def _mark_sheet(parts: dict[str, str], member: str, cells: Mapping[str, Sequence[str]]) -> None:
    def coloured(cell: str) -> str:
        has = _attributes(cell)
        return _with(cell, s=_coloured(parts, int(has.get("s", 0)))) if has.get("r") in cells else cell

    parts[member] = _changed(parts[member], "c", coloured)
    texts, boxes = (_linked(parts, member, kind) for kind in _KINDS)
    boxed = {_attributes(note)["ref"] for note in _elements(parts[texts], "comment")}
    parts[texts] = _commented(parts[texts], cells)
    parts[boxes] = _added(parts[boxes], "xml", [_box(cell) for cell in cells if cell not in boxed])


def _commented(part: str, cells: Mapping[str, Sequence[str]]) -> str:
    """Return a sheet's comments with what is said of cells: under somebody's own, in place of ours."""
    authors, kept = [_text(author) for author in _elements(part, "author")], set()
    if _AUTHOR not in authors:
        authors.append(_AUTHOR)
        part = _added(part, "authors", [f"<:author>{_AUTHOR}</:author>"])

    def amended(note: str) -> str:
        has = _attributes(note)
        if has["ref"] not in cells:
            return note
        if authors[int(has["authorId"])] == _AUTHOR:  # marked before, and mended in that copy
            return ""
        kept.add(has["ref"])
        there = _text(note)
        more = "".join(f"\n{text}" for text in cells[has["ref"]] if text not in there)
        return _added(note, "text", [_run(more if there else more.lstrip())])

    part, ours = _changed(part, "comment", amended), authors.index(_AUTHOR)
    new = {cell: _run("\n".join(said)) for cell, said in cells.items() if cell not in kept}
    note = '<:comment ref="{}" authorId="{}"><:text>{}</:text></:comment>'
    return _added(part, "commentList", [note.format(cell, ours, said) for cell, said in new.items()])


def _run(text: str) -> str:
    said = escape(text, quote=False).encode("ascii", "xmlcharrefreplace").decode()  # whatever the part's encoding
    return f'<:r><:t xml:space="preserve">{said}</:t></:r>'


def _coloured(parts: dict[str, str], style: int) -> int:
    """Return the number of a cell style that is like another, and coloured."""
    fills = _elements(_elements(parts[_STYLES], "fills")[0], "fill")
    colours = [_COLOUR in fill for fill in fills]
    if True not in colours:
        parts[_STYLES] = _added(parts[_STYLES], "fills", [_FILL.format(_COLOUR)])
    looks = _elements(_elements(parts[_STYLES], "cellXfs")[0], "xf")
    look = _with(looks[style], fillId=[*colours, True].index(True), applyFill=1)
    if look not in looks:
        parts[_STYLES] = _added(parts[_STYLES], "cellXfs", [look])
    return [*looks, look].index(look)


def _linked(parts: dict[str, str], member: str, kind: str) -> str:
    """Return the part of a kind that a sheet is linked to; where there is none it is added, and named everywhere."""
    folder, file = dirname(member), basename(member)
    links, (content, blank) = f"{folder}/_rels/{file}.rels", _KINDS[kind]
    parts.setdefault(links, _NO_LINKS)
    for link in map(_attributes, _elements(parts[links], "Relationship")):
        if link["Type"].endswith(f"/{kind}"):
            return normpath(join(folder, link["Target"])).lstrip("/")
    name = f"xl/kpi-{kind}-{file.removesuffix('.xml')}.{'xml' if kind == 'comments' else 'vml'}"
    new = f'<:Relationship Id="kpi{kind}" Type="{_OFFICE}/{kind}" Target="/{name}"/>'
    parts[links], parts[name] = _added(parts[links], "Relationships", [new]), blank
    said = f'<:Override PartName="/{name}" ContentType="{content}"/>'
    if kind == "vmlDrawing":
        said = "" if 'Extension="vml"' in parts[_TYPES] else f'<:Default Extension="vml" ContentType="{content}"/>'
        behind = _behind_the_drawing(parts[member])
        drawing = f'<{behind[2]}legacyDrawing xmlns:r="{_OFFICE}" r:id="kpi{kind}"/>'
        parts[member] = parts[member][: behind.start()] + drawing + parts[member][behind.start() :]
    parts[_TYPES] = _added(parts[_TYPES], "Types", [said])
    return name


def _behind_the_drawing(sheet: str) -> re.Match[str]:
    """Return the tag before which a sheet's drawing of comments stands: of what comes after it, or the end."""
    depth = 0
    for tag in _TAG.finditer(sheet, sheet.rindex("sheetData")):
        if depth == 0 and (tag[1] or tag[3] in _BEHIND):
            return tag
        depth += -1 if tag[1] else not tag[5]
    raise ValueError(sheet[-99:])


def _box(cell: str) -> str:
    """Return the box in which a comment is shown when the pointer is on its cell."""
    row, column = coordinate_to_tuple(cell)
    return (
        '<v:shape type="#_x0000_t202" style="position:absolute;visibility:hidden" fillcolor="#fff4ce">'
        '<v:fill color2="#fff4ce"/><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:Anchor>{column},10,{row - 1},5,{column + 3},10,{row + 4},5</x:Anchor><x:AutoFill>False</x:AutoFill>"
        f"<x:Row>{row - 1}</x:Row><x:Column>{column - 1}</x:Column></x:ClientData></v:shape>"
    )


def _named(name: str) -> re.Pattern[str]:
    """Return what finds the elements of a name, whatever prefix a program gives names; none holds one like itself."""
    return re.compile(rf"<((?:[\w.-]+:)?{name}){_WITHIN}(?:/>|>.*?</\1\s*>)", re.DOTALL)


def _elements(part: str, name: str) -> list[str]:
    return [element[0] for element in _named(name).finditer(part)]


def _changed(part: str, name: str, change: Callable[[str], str]) -> str:
    return _named(name).sub(lambda element: change(element[0]), part)


def _text(element: str) -> str:
    return unescape(re.sub("<[^>]*>", "", element).encode(_AS_IT_IS).decode())


def _own_tag(element: str) -> re.Match[str]:
    tag = _TAG.match(element)
    if tag is None:
        raise ValueError(element[:99])
    return tag


def _attributes(element: str) -> dict[str, str]:
    return {name: unescape(value[1:-1]) for name, value in _ATTRIBUTE.findall(_own_tag(element)[4])}


def _with(element: str, **values: object) -> str:
    """Return an element that says something else in its own tag."""
    tag = _own_tag(element)
    said = "".join(f' {name}="{value}"' for name, value in values.items())
    kept = _ATTRIBUTE.sub(lambda each: "" if each[1] in values else each[0], tag[4])
    return f"{element[: tag.end(3)]}{said}{kept}{element[tag.end(4) :]}"


def _added(part: str, name: str, new: Sequence[str]) -> str:
    """Return a part whose first element of a name holds more at its end, and counts it if it counts.

    In what is new, a colon stands where a program's prefix comes.
    """
    element, has = (own := _elements(part, name)[0]), _attributes(own)
    tag = _own_tag(own)
    if element.endswith("/>"):
        element = f"{element[:-2]}></{tag[2]}{tag[3]}>"
    if "count" in has:
        element = _with(element, count=int(has["count"]) + len(new))
    end = element.rindex("</")
    more = re.sub("<(/?):", rf"<\1{tag[2]}", "".join(new))
    return part.replace(own, element[:end] + more + element[end:], 1)
