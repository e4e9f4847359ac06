"""The team report of very many people: short, nothing hidden, everybody in the file beside it."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from stress import Stress, stress_workbook

from kpi_toolkit.batch.render import render
from kpi_toolkit.clients.client import load_client
from kpi_toolkit.pages.everybody import everybody_csv
from kpi_toolkit.pages.report import report_of
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.excerpt import MOST, WHOLE, Excerpt
from kpi_toolkit.results.summary import summarize_cycle

PEOPLE = 130


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    return stress_workbook(tmp_path_factory.mktemp("large"), Stress("large", people=PEOPLE, indicators=2, plain=True))


@pytest.fixture(scope="module")
def summary(large):
    return summarize_cycle(load_client(large.client_folder("large")), "2026-10")


def test_the_first_the_last_and_those_at_the_cuts_are_shown_and_no_more_than_fit(summary):
    excerpt = Excerpt(summary)
    at_cuts = {line.id for cut in summary.cuts for line in (cut.above, cut.below)}
    ends = {line.id for line in (*summary.ranking[:10], *summary.ranking[-10:])}
    assert len(summary.people) > WHOLE
    assert ends | at_cuts <= excerpt.shown
    assert len(excerpt.shown) <= MOST


def test_every_count_of_a_headline_is_the_sum_of_the_table_below(summary):
    excerpt = Excerpt(summary)
    firm = sum(counts[0] for _, counts in excerpt.verdicts)
    assert firm == summary.confidence.count("firm")
    assert sum(sum(counts) for _, counts in excerpt.verdicts) == sum(summary.counts)
    assert [group.counts[:3] for group in excerpt.roles] == [tuple(summary.counts)]
    assert (excerpt.roles[0].people, excerpt.roles[0].mean) == (PEOPLE, summary.mean)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_everybody_stands_in_the_file_with_rank_tier_and_every_score(large, summary, language):
    head, *rows = csv.reader(io.StringIO(everybody_csv(summary, Words(language, large)).removeprefix("\ufeff")))
    line = summary.ranking[40]
    own = next(row for row in rows if line.id in row)
    assert {row[3] for row in rows} == {line.id for line in summary.people}
    assert own[:3] == [str(line.rank), Words(language, large)(f"tier.letter.{line.tier}"), str(line.score)]
    assert own[-2:] == [str(item.score) for item in line.lines]
    assert len(head) == len(own)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_says_how_many_are_left_out_and_where_they_are(large, language):
    report = report_of(large, "team", client="large", cycle="2026-10", language=language)
    left = str(PEOPLE - len(report.scene.excerpt.shown))
    for name in ("ranking", "confidence", "indicators"):
        text = "".join(piece for piece in report.section(name).pieces if isinstance(piece, str))
        note = next(note for note in re.findall(r'<p class="note">(.*?)</p>', text, re.DOTALL) if ".csv" in note)
        assert f"team.{language}.csv" in note
        assert left in note
    rows = sum(piece.count("<td>") for piece in report.section("indicators").pieces if isinstance(piece, str))
    assert rows < PEOPLE


@pytest.mark.slow
def test_the_file_is_delivered_listed_and_found_unchanged(large):
    first = render(large, ["large"], reports=["team"], languages=["en"], formats=["html"], jobs=1)
    folder = large.reports / "large" / "2026-10"
    listed = [file["path"] for file in json.loads((folder / "manifest.json").read_text("utf-8"))["files"]]
    assert first.ok, first
    assert "team.en.csv" in listed
    assert (folder / "team.en.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert "2026-10/team.en.csv" in (large.reports / "index.html").read_text("utf-8")
    again = render(large, ["large"], reports=["team"], languages=["en"], formats=["html"], jobs=1)
    assert [outcome.state for outcome in again.outcomes] == ["unchanged"]
