"""Vega-Lite to inline SVG: drawn outside the kernel, reduced to allowed elements, with ids of its own per chart."""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree as ET  # it reads only what vl-convert has just written

import vl_convert

from kpi_toolkit.kernels.limits import scratch_prefix
from kpi_toolkit.pages.fonts import measuring_faces
from kpi_toolkit.pages.kinds import MEASURING

_VEGA_LITE = "6.4"
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


def start() -> None:
    """Start the converter, which its first chart would wait for."""
    _converter()
    vl_convert.vegalite_to_svg({"data": {"values": [{}]}, "mark": "point"}, vl_version=_VEGA_LITE)


def started() -> bool:
    """Whether this process has a converter: it has threads of its own then, and a fork of it would wait for ever."""
    return _converter.cache_info().currsize > 0


def svg_of(spec: dict[str, Any]) -> str:
    """Return a chart as the converter draws it; a process draws the same chart once.

    Raises ChartError when the converter refuses the chart.
    """
    return _drawn(json.dumps({**spec, "$schema": ""}, ensure_ascii=False))


@lru_cache(maxsize=64)
def _drawn(spec: str) -> str:
    _converter()
    try:
        return str(vl_convert.vegalite_to_svg(spec, vl_version=_VEGA_LITE))
    except ValueError as problem:
        raise ChartError(str(problem)) from problem


@cache
def _converter() -> None:
    """Make the converter ready with the faces that measure."""
    for number, face in enumerate(measuring_faces()):
        Path(_faces_folder().name, f"{number}.ttf").write_bytes(face)
    vl_convert.register_font_directory(_faces_folder().name)


@cache
def _faces_folder() -> TemporaryDirectory[str]:
    """Return a folder that stays until the process ends: the converter opens its faces again for every text."""
    return TemporaryDirectory(prefix=scratch_prefix(), ignore_cleanup_errors=True)


def twins(spec: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the drawings that a chart asks for: for paper and wide screens, and its twin for phones if it has one."""
    phone = spec.get("usermeta", {}).get("phone")
    wide = {key: value for key, value in spec.items() if key != "usermeta"}
    return [("wide", wide), ("phone", phone)] if phone else [("", wide)]


def draw(spec: dict[str, Any], *, prefix: str) -> str:
    """Return a chart as inline SVG with a text alternative. ``prefix`` keeps its ids apart from other charts'.

    Raises ChartError when the converter refuses the chart or draws an element that is not allowed.
    """
    drawings = []
    for screen, twin in twins(spec):
        try:
            root = ET.fromstring(svg_of(twin))  # noqa: S314
        except ChartError as problem:
            msg = f"chart {prefix}: {problem}"
            raise ChartError(msg) from problem
        _reduce(root, prefix + screen[:1])
        if screen:
            root.set("class", screen)
        drawings.append(ET.tostring(root, encoding="unicode").replace("ns0:", "").replace("xmlns:ns0", "xmlns"))
    alternative = escape(str(spec.get("description", "")), quote=True)
    return f'<figure class="chart" role="img" aria-label="{alternative}">{"".join(drawings)}</figure>'


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
        elif key == "font-family":
            element.set(key, value.replace(f"{MEASURING}, ", "").replace(f"'{MEASURING}', ", ""))
        elif key == "clip-path":
            element.set(key, re.sub(r"url\(#", f"url(#{prefix}-", value))
    for child in list(element):
        if child.tag == f"{_SVG}path" and not child.get("d"):
            element.remove(child)
        else:
            _reduce(child, prefix)
