"""XML of files from elsewhere, by the quick parser: of a document that declares anything itself nothing is read."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import IO, Any, Literal
from xml.etree import ElementTree
from xml.parsers import expat

from defusedxml.common import DTDForbidden

_PROLOG = 1024


def fromstring(data: bytes) -> Any:
    """Return the root of a document. Raises DTDForbidden, and ParseError where it is damaged."""
    _declares_nothing(io.BytesIO(data))
    return ElementTree.fromstring(data)  # noqa: S314


def iterparse(stream: IO[bytes], events: Iterable[Literal["start", "end"]] = ("end",)) -> Iterator[tuple[str, Any]]:
    """Go through the elements of a document as they begin and end; raises as :func:`fromstring`."""
    _declares_nothing(stream)
    stream.seek(0)
    yield from ElementTree.iterparse(stream, events)  # noqa: S314


def _declares_nothing(stream: IO[bytes]) -> None:
    """Raise DTDForbidden for types of a document's own: they stand before its first element, or nowhere."""

    def refuse(name: str, system: str | None, public: str | None, _inside: bool) -> None:
        raise DTDForbidden(name, system, public)

    begun = list[str]()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler, parser.StartElementHandler = refuse, lambda name, _: begun.append(name)
    with suppress(expat.ExpatError):  # what is damaged the reader finds
        while not begun and (chunk := stream.read(_PROLOG)):
            parser.Parse(chunk, False)
