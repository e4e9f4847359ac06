"""Vega-Lite to inline SVG: drawn outside the kernel, reduced to allowed elements, with ids of its own per chart."""

from __future__ import annotations

import json
import re
from html import escape
from typing import Any
from xml.etree import ElementTree as ET  # it reads only what vl-convert has just written

import vl_convert

from kpi_toolkit.reports.fonts import FOLDERS

_SVG = "{http://www.w3.org/2000/svg}"
_ELEMENTS = {"svg", "g", "path", "rect", "line", "circle", "text", "tspan", "defs", "clipPath"}
_ATTRIBUTES = {
    "width", "height", "viewBox", "transform", "d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "dx", "dy",
    "id", "clip-path", "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity",
    "stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "opacity", "text-anchor", "font-family", "font-size",
    "font-weight", "font-style",
}  # fmt: skip


class ChartError(ValueError):
    """A chart could not be drawn, or its drawing holds what a report may not hold."""


def draw(spec: dict[str, Any], *, prefix: str) -> str:
    """Return a chart as inline SVG with a text alternative. ``prefix`` keeps its ids apart from other charts'.

    Raises ChartError when the converter refuses the chart or draws an element that is not allowed.
    """
    for folder in FOLDERS:
        vl_convert.register_font_directory(str(folder))
    try:
        svg = vl_convert.vegalite_to_svg(json.dumps({**spec, "$schema": ""}), vl_version="6.4")
    except ValueError as problem:
        msg = f"chart {prefix}: {problem}"
        raise ChartError(msg) from problem
    root = ET.fromstring(svg)  # noqa: S314
    _reduce(root, prefix)
    drawing = ET.tostring(root, encoding="unicode").replace("ns0:", "").replace("xmlns:ns0", "xmlns")
    alternative = escape(str(spec.get("description", "")), quote=True)
    return f'<figure class="chart" role="img" aria-label="{alternative}">{drawing}</figure>'


def _reduce(element: ET.Element, prefix: str) -> None:
    name = element.tag.removeprefix(_SVG)
    if name not in _ELEMENTS:
        msg = f"chart {prefix}: element {name} is not allowed"
        raise ChartError(msg)
    for key, value in list(element.attrib.items()):
        if key not in _ATTRIBUTES or (value in {"none", ""} and key != "fill"):
            del element.attrib[key]
        elif key == "id":
            element.set(key, f"{prefix}-{value}")
        elif key == "clip-path":
            element.set(key, re.sub(r"url\(#", f"url(#{prefix}-", value))
    for child in list(element):
        if child.tag == f"{_SVG}path" and not child.get("d"):
            element.remove(child)
        else:
            _reduce(child, prefix)
