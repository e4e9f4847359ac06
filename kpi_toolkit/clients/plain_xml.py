"""XML of files from elsewhere, by the quick parser: of a document that declares anything itself nothing is read."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import IO, Any, Literal
from xml.etree import ElementTree
from xml.parsers import expat

from defusedxml.common import DTDForbidden


class _BegunError(Exception):
    """The first element was reached; no declaration may come behind it."""


def fromstring(data: bytes) -> Any:
    """Return the root of a document. Raises DTDForbidden, and ParseError where it is damaged."""
    return ElementTree.fromstring(_declaring_nothing(data))  # noqa: S314


def iterparse(stream: IO[bytes], events: Iterable[Literal["start", "end"]] = ("end",)) -> Iterator[tuple[str, Any]]:
    """Go through the elements of a document as they begin and end; raises as :func:`fromstring`."""
    return ElementTree.iterparse(io.BytesIO(_declaring_nothing(stream.read())), events)  # noqa: S314


def _declaring_nothing(data: bytes) -> bytes:
    def refuse(name: str, system: str | None, public: str | None, _inside: bool) -> None:
        raise DTDForbidden(name, system, public)

    def begun(_name: str, _attributes: Any) -> None:
        raise _BegunError

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler, parser.StartElementHandler = refuse, begun
    with suppress(_BegunError, expat.ExpatError):  # what is damaged the reader finds
        parser.Parse(data, False)
    return data
