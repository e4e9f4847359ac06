"""A copy of a workbook in which some cells are coloured and commented, and all else is byte for byte as it was.

Reading a workbook and saving it again loses pictures, computed values and whatever the program does not know. So only
the parts that hold a mark are touched, each by adding to it.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from html import escape

from openpyxl.utils.cell import coordinate_to_tuple

from kpi_toolkit.clients.sheet_parts import sheet_parts
from kpi_toolkit.clients.storage import sha256

_FILL = '<fill><patternFill patternType="solid"><fgColor rgb="FFFFC9C4"/><bgColor indexed="64"/></patternFill></fill>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
_COMMENTS = f'<comments xmlns="{_MAIN}"><authors><author>kpi</author></authors><commentList></commentList></comments>'
_DRAWING = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202"'
    ' path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/>'
    "</v:shapetype></xml>"
)
_AFTER_DRAWING = r"<(?:legacyDrawingHF|picture|oleObjects|controls|webPublishItems|tableParts|extLst)\b|</worksheet>"
Marks = Mapping[str, Mapping[str, Sequence[str]]]
"""By sheet and cell: what is said of it."""


def marked(data: bytes, marks: Marks) -> bytes | None:
    """Return a workbook with cells coloured and commented; None where it is built in a way that cannot be added to.

    The archive's comment is the hash of what was marked; a program that saves the copy drops it.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
        members = {part.name: part.member for part in sheet_parts(archive)}
    try:
        for number, (sheet, cells) in enumerate(marks.items(), start=1):
            _mark_sheet(parts, members[sheet], cells, number)
    except (LookupError, ValueError, AttributeError, TypeError):  # parts are named or nested in another program's way
        return None
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = sha256(data).encode()
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _mark_sheet(parts: dict[str, bytes], member: str, cells: Mapping[str, Sequence[str]], number: int) -> None:
    sheet = parts[member].decode()
    for cell in cells:
        tag = re.search(rf'<c r="{cell}"[^>]*>', sheet)
        if tag is not None:
            style = re.search(r' s="(\d+)"', tag[0])
            bare = tag[0].replace(style[0], "") if style else tag[0]
            told = bare.replace(f'r="{cell}"', f'r="{cell}" s="{_coloured(parts, int(style[1]) if style else 0)}"')
            sheet = sheet.replace(tag[0], told, 1)
    parts[member] = sheet.encode()
    comments = _linked(parts, member, "comments", f"xl/comments-kpi{number}.xml", _COMMENTS)
    drawing = _linked(parts, member, "vmlDrawing", f"xl/drawings/vmlDrawing-kpi{number}.vml", _DRAWING)
    for cell, said in cells.items():
        text = escape("\n".join(said))
        again = re.compile(rf'<comment [^>]*ref="{cell}".*?</comment>'.encode(), re.DOTALL)
        known = again.search(parts[comments]) is not None  # marked before, and mended by somebody in that copy
        parts[comments] = again.sub(b"", parts[comments])
        note = f'<comment ref="{cell}" authorId="0"><text><r><t xml:space="preserve">{text}</t></r></text></comment>'
        parts[comments] = _before(parts[comments], "</commentList>", note)
        if not known:
            parts[drawing] = _before(parts[drawing], "</xml>", _box(cell))


def _coloured(parts: dict[str, bytes], style: int) -> int:
    """Return the number of a cell style that is like another, and coloured."""
    styles = parts["xl/styles.xml"].decode()
    if _FILL not in styles:
        styles = re.sub(r'<fills count="\d+"', lambda found: _one_more(found[0]), styles, count=1)
        styles = styles.replace("</fills>", f"{_FILL}</fills>", 1)
    fills = re.search(r"<fills.*?</fills>", styles, re.DOTALL)[0]  # type: ignore[index]
    place = len(re.findall(r"<fill>|<fill/>", fills[: fills.index(_FILL)]))
    looks = re.search(r"<cellXfs.*?</cellXfs>", styles, re.DOTALL)[0]  # type: ignore[index]
    each = re.findall(r"<xf [^>]*?/>|<xf .*?</xf>", looks, re.DOTALL)
    look = re.sub(r' (?:fillId|applyFill)="\w+"', "", each[style]).replace(
        "<xf ", f'<xf fillId="{place}" applyFill="1" ', 1
    )
    if look in each:
        return each.index(look)
    more = _one_more(looks.replace("</cellXfs>", f"{look}</cellXfs>"))
    parts["xl/styles.xml"] = styles.replace(looks, more, 1).encode()
    return len(each)


def _one_more(text: str) -> str:
    return re.sub(r'count="(\d+)"', lambda found: f'count="{int(found[1]) + 1}"', text, count=1)


def _linked(parts: dict[str, bytes], member: str, kind: str, name: str, content: str) -> str:
    """Return the part of a kind that a sheet is linked to; where there is none it is added, and named everywhere."""
    folder, _, file = member.rpartition("/")
    links = f"{folder}/_rels/{file}.rels"
    text = parts.get(links, f'<Relationships xmlns="{_LINKS}"></Relationships>'.encode()).decode()
    there = next((link for link in re.findall(r"<Relationship [^>]*>", text) if f'{_OFFICE}/{kind}"' in link), None)
    if there is not None:
        target = re.search(r'Target="([^"]*)"', there)[1]  # type: ignore[index]
        return target.lstrip("/") if target.startswith("/") else f"xl/{target.removeprefix('../')}"
    mark = f"kpi{kind}"
    link = f'<Relationship Id="{mark}" Type="{_OFFICE}/{kind}" Target="/{name}"/>'
    parts[links] = _before(text.encode(), "</Relationships>", link)
    parts[name] = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{content}'.encode()
    types = parts["[Content_Types].xml"]
    if kind == "comments":
        of = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
        parts["[Content_Types].xml"] = _before(types, "</Types>", f'<Override PartName="/{name}" ContentType="{of}"/>')
        return name
    if b'Extension="vml"' not in types:
        of = "application/vnd.openxmlformats-officedocument.vmlDrawing"
        parts["[Content_Types].xml"] = re.sub(
            rb"(<Types[^>]*>)", rf'\1<Default Extension="vml" ContentType="{of}"/>'.encode(), types, count=1
        )
    sheet = parts[member].decode()
    at = re.search(_AFTER_DRAWING, sheet).start()  # type: ignore[union-attr]
    parts[member] = f'{sheet[:at]}<legacyDrawing xmlns:r="{_OFFICE}" r:id="{mark}"/>{sheet[at:]}'.encode()
    return name


def _before(part: bytes, end: str, more: str) -> bytes:
    text = part.decode()
    at = text.rindex(end)
    return f"{text[:at]}{more}{text[at:]}".encode()


def _box(cell: str) -> str:
    """Return the box in which a comment is shown when the pointer is on its cell."""
    row, column = coordinate_to_tuple(cell)
    return (
        '<v:shape type="#_x0000_t202" style="position:absolute;visibility:hidden" fillcolor="#fff4ce">'
        '<v:fill color2="#fff4ce"/><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:Anchor>{column},10,{row - 1},5,{column + 3},10,{row + 4},5</x:Anchor><x:AutoFill>False</x:AutoFill>"
        f"<x:Row>{row - 1}</x:Row><x:Column>{column - 1}</x:Column></x:ClientData></v:shape>"
    )
