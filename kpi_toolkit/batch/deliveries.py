"""What was delivered of a closed cycle is kept in the client's folder, and delivered again from there.

``deliveries/<n>/`` holds the pages as they went out, a cover note, and for each time something was added a list
``line-<k>.sha256``, whose hash is in line k of the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from kpi_toolkit import __version__
from kpi_toolkit.batch.run import File, Job
from kpi_toolkit.clients.client import Client
from kpi_toolkit.clients.frozen import DELIVERIES, REASON, delivered, held, kept_bytes, list_name, list_of
from kpi_toolkit.clients.record import RECORD, Line, Record, State, read_record, with_line
from kpi_toolkit.clients.storage import client_lock, sha256, write_all, write_file
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import IssuesError, Place, error
from kpi_toolkit.pages.standing import changed_text
from kpi_toolkit.pages.words import Words

KEPT = ("html", "pdf", "csv")


def closed(workbook: Workbook, job: Job) -> Record | None:
    """Return the record of a job's cycle if it is closed, else None."""
    record = read_record(workbook.client_data / job.client / "cycles" / job.cycle)
    return record if record.state == State.CLOSED else None


def deliver_again(workbook: Workbook, job: Job, record: Record) -> tuple[File, ...]:
    """Put a report's files that were delivered where they belong and return them.

    Raises IssuesError where one that was delivered is gone or was changed, OSError where one cannot be written.
    """
    folder, values = workbook.client_data / job.client, {"client": job.client, "cycle": job.cycle}
    known = delivered(folder, job.cycle, record.of("delivered"))
    files = []
    for kind in (*job.formats, "csv"):  # beside the pages of very many people
        number, digest = known.get(job.path(kind), (0, ""))
        if not digest or _outdated(job, record, number):
            continue
        at = f"cycles/{job.cycle}/{DELIVERIES}/{number}/{job.path(kind)}"
        place = workbook.reports / job.place / job.path(kind)
        there, kept = kept_bytes(place), kept_bytes(folder / at)
        sound = next((data for data in (kept, there) if data is not None and sha256(data) == digest), None)
        if sound is None:
            raise IssuesError([error("delivery-damaged", Place(at), path=at, **values)])
        if there != sound:
            write_file(place, sound)
        files.append(File(kind, digest, len(sound)))
    return tuple(files)


def _outdated(job: Job, record: Record, number: int) -> bool:
    """Whether a later correction made a page another one: the team's always, a person's where the result is another.

    One that was corrected again before it was delivered made none.
    """
    made = {line.facts.get("delivery") for line in (*record.of("delivered"), record.deciding) if line}
    later = (line for line in record.of("corrected") if line.facts.get("delivery") in made - {*range(number + 1)})
    return any(not job.person or job.person in line.facts.get("people", ()) for line in later)


def keep(workbook: Workbook, client: Client, cycle: str, paths: Sequence[str], mark: str) -> None:
    """Keep files of a closed cycle as delivered, with a note that goes with them, and say so in the record.

    ``mark`` is the line that stands on them; where another one holds by now they were not delivered.
    """
    folder, place = client.folder, workbook.reports / client.id / cycle
    with client_lock(folder):
        record = read_record(folder / "cycles" / cycle)
        if record.state != State.CLOSED or record.deciding is None or record.deciding.hash != mark or not paths:
            return
        number, line = held(record), len(record.lines) + 1
        base = f"cycles/{cycle}/{DELIVERIES}/{number}"
        why = (kept_bytes(folder / base / REASON) or b"").decode("utf-8", "replace")
        made = {path: (place / path).read_bytes() for path in paths}
        notes = {
            f"note-{line}.{language}.txt": _note(Words(language, workbook), client, cycle, record.deciding, why, made)
            for language in client.profile.languages
        }
        made |= notes
        listing = list_of(made)
        facts = {"delivery": number, "list": sha256(listing.encode()), "files": len(made), "toolkit": __version__}
        _, data = with_line(folder / "cycles" / cycle, "delivered", "", **facts)
        kept = {f"{base}/{name}": content for name, content in made.items()}
        write_all(folder, {**kept, f"{base}/{list_name(line)}": listing, f"cycles/{cycle}/{RECORD}": data})
        for name, note in notes.items():
            write_file(place / name, note)


def _note(words: Words, client: Client, cycle: str, line: Line, why: str, made: Mapping[str, bytes]) -> bytes:
    """Return the cover note that goes with pages: whose they are, the line they rest on, how anybody checks them."""
    said = [
        f"{words.show(client.profile.name)} · {words.cycle(Cycle.parse(cycle))}", "",
        words("record.note.line", line=line.n, day=line.at[:10], hash=line.hash),
        words("record.note.page", mark=line.mark),
        *([changed_text(words, line.facts), words("record.note.reason", reason=why)] if why else []),
        "", words("record.note.check"), "",
        *(f"{sha256(data)}  {Path(name).as_posix()}" for name, data in sorted(made.items())),
    ]  # fmt: skip
    return ("\n".join(said) + "\n").encode()
