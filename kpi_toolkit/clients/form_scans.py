"""Scans of signed forms: whose one is says the name of its file, and its hash comes into the record; no names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from kpi_toolkit.clients.form_signatures import BY
from kpi_toolkit.clients.headings import folded
from kpi_toolkit.clients.record import append, read_record
from kpi_toolkit.clients.storage import sha256
from kpi_toolkit.method.value import Text

_SCANS = (".pdf", ".png", ".jpg", ".jpeg", ".heic", ".tif", ".tiff", ".bmp", ".webp")


def keep_scans(home: Path, paths: Iterable[Path], called: Mapping[str, Text]) -> dict[str, str]:
    """Put the hash of each scan on record, once; return whose each file is, by the file's name the person's id.

    A scan is of whoever's name, or code of a form, stands in the name of its file, where that is one person's alone.
    """
    lines = read_record(home).lines
    names = {folded(word): who for who, name in called.items() for word in name.words}
    names |= {folded(code): who for line in lines if line.kind == "sent" for who, code in line.facts["forms"].items()}
    known = {line.facts["sha256"] for line in lines if line.kind == "scanned"}
    found: dict[str, str] = {}
    for path in paths:
        there = [name for name in names if name in folded(path.stem)]
        whose = {names[name] for name in there if not any(name != other and name in other for other in there)}
        if path.suffix.lower() in _SCANS and len(whose) == 1:
            found[path.name] = whose.pop()
            if (said := sha256(path.read_bytes())) not in known:
                append(home, "scanned", BY, person=found[path.name], sha256=said)
                known.add(said)
    return found
