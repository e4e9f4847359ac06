"""What people hand over is read one way or refused; every problem has file, row, column, value and fix."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import DATA, ROOT, altered
from defusedxml.common import DTDForbidden
from hypothesis import given
from hypothesis import strategies as st
from make_schemas import json_schemas
from openpyxl.reader import strings
from openpyxl.styles import stylesheet
from pace import at_most
from pydantic import TypeAdapter

import kpi_toolkit.clients.sheets  # noqa: F401 - it gives its parser to what reads workbooks for us
from kpi_toolkit.clients.client import inspect_cycle, load_client, read_client
from kpi_toolkit.clients.cycle_folders import likely_cycle, meant_cycle
from kpi_toolkit.clients.days import in_the_cycle
from kpi_toolkit.clients.months import another_span, months_said
from kpi_toolkit.clients.plain_xml import fromstring, iterparse
from kpi_toolkit.clients.reading import decode, parse_toml
from kpi_toolkit.clients.separated import split
from kpi_toolkit.clients.tables_out import table_text, unguarded
from kpi_toolkit.clients.tabular import read_table
from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.method.issues import Issues, IssuesError, Place
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.profile import Profile
from kpi_toolkit.method.rows import Day
from kpi_toolkit.method.tables import table

PEOPLE = "id,name,role,team,manager,joined\nlin,林晓,network-editor,内容,,2024-03-01\n"


def people(tmp_path: Path, content: str | bytes):
    path = tmp_path / "people.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, "people", "people.csv")


def faults(issues: Issues) -> list[tuple[str, int | None, str | None]]:
    return [(issue.code, issue.place.row, issue.place.column) for issue in issues]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le"])
def test_V8_the_same_table_in_any_encoding_is_the_same(tmp_path, encoding):
    data = PEOPLE.encode(encoding)
    if encoding == "utf-16-le":
        data = b"\xff\xfe" + data
    rows, issues = people(tmp_path, data)
    assert [issue.code for issue in issues] == (["assumed-encoding"] if encoding.startswith("gb") else [])
    assert rows["name"][0] == "林晓"
    assert rows["joined"][0] == date(2024, 3, 1)


def test_V9_a_field_too_many_never_shifts_a_row(tmp_path):
    rows, issues = people(tmp_path, "id,name,role\nlin,林晓,editor,x\nbo,Bo,editor\n")
    assert faults(issues) == [("ragged-row", 2, None)]
    assert list(rows["id"]) == ["bo"]


def test_V10_names_that_other_readers_swallow_are_kept(tmp_path):
    names = ["Null", "NA", "None", "TRUE", "007", "=1+1", "nan"]
    lines = "\n".join(f"p{n},{name},editor" for n, name in enumerate(names))
    rows, issues = people(tmp_path, f"id,name,role\n{lines}\n")
    assert [issue.code for issue in issues] == ["name-or-nothing"] * 4
    assert list(rows["name"]) == names


def test_every_problem_of_a_file_is_told_at_once(tmp_path):
    rows, issues = people(
        tmp_path, "id,name,rle,role,joined\nE 1,,x,editor,30/10/2026\nok,Ok,x,editor,\n,B,x,editor,2026-02-30\n"
    )
    assert faults(issues) == [
        ("unknown-column", 1, "rle"), ("bad-id", 2, "id"), ("blank-cell", 2, "name"), ("bad-date", 2, "joined"),
        ("blank-cell", 4, "id"), ("bad-date", 4, "joined"),
    ]  # fmt: skip
    assert issues[1].values["suggestion"] == "e-1"
    assert list(rows["id"]) == ["ok"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "empty-file"), ("\n\n", "empty-file"), ("id,name\nx,y\n", "missing-column"), ("id,id,name,role\n", "duplicate-column"),
        (b"id,name,role\n\x00,b,c\n", "control-character"), (b"PK\x03\x04rest", "wrong-kind"), (b"\xd0\xcf\x11\xe0", "old-workbook"),
        (b"id,name,role\nx,\xa9", "unknown-encoding"), ('id,name,role\nx,"open,editor\n', "csv-syntax"), (b"<html><table>", "wrong-kind"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_such_table_is_refused_by_name(tmp_path, content, code):
    rows, issues = people(tmp_path, content)
    assert code in {issue.code for issue in issues.errors}
    assert rows.empty


def test_a_missing_file_and_a_link_are_named(tmp_path):
    assert read_table(tmp_path / "people.csv", "people", "people.csv")[1][0].code == "file-missing"
    (tmp_path / "other.csv").write_text(PEOPLE, "utf-8")
    (tmp_path / "link.csv").symlink_to(tmp_path / "other.csv")
    assert read_table(tmp_path / "link.csv", "people", "people.csv")[1][0].code == "link-refused"


def test_a_folder_in_the_place_of_a_table_is_told_as_one(tmp_path):
    (tmp_path / "people.csv").mkdir()
    [issue] = read_table(tmp_path / "people.csv", "people", "people.csv")[1]
    assert (issue.code, issue.values["kind"]) == ("wrong-kind", "kind.folder")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_two_bytes_a_letter_without_a_mark_are_an_encoding_that_cannot_be_told(tmp_path, encoding):
    issues = people(tmp_path, PEOPLE.encode(encoding))[1]
    assert [issue.code for issue in issues] == ["unknown-encoding"]


@pytest.mark.parametrize("blank", ["\n", ",,\n"])
def test_millions_of_blank_lines_are_refused_early(tmp_path, blank):
    with at_most(60):
        issues = people(tmp_path, "id,name,role\n" + blank * 8_000_000)[1]
    assert [issue.code for issue in issues] == ["too-many-rows"]


def test_too_many_rows_are_refused(tmp_path):
    rows, issues = people(tmp_path, "id,name,role\n" + "a,b,c\n" * 20_001)
    assert [issue.code for issue in issues] == ["too-many-rows"]
    assert rows.empty


@pytest.mark.parametrize("separator", [";", "\t"])
def test_the_separators_that_excel_writes_are_read(tmp_path, separator):
    rows, issues = people(tmp_path, PEOPLE.replace(",", separator))
    assert issues == Issues()
    assert rows["role"][0] == "network-editor"


def test_extra_columns_are_kept_and_named(tmp_path):
    rows, issues = people(tmp_path, "id,name,role,phone\nlin,Lin,editor,555\n")
    assert faults(issues) == [("unknown-column", 1, "phone")]
    assert issues[0].severity == "warning"
    assert rows["phone"][0] == "555"


def test_a_row_that_spans_lines_keeps_its_first_line_as_its_number(tmp_path):
    _, issues = people(tmp_path, 'id,name,role,second_appraiser\na,A,editor,"two\nlines"\nB,x,editor,\n')
    assert faults(issues) == [("bad-id", 4, "id")]


@pytest.mark.parametrize("name", sorted(path.stem for path in (DATA / "files/csv-spectrum/csvs").glob("*.csv")))
def test_csv_spectrum(name):
    """csv-spectrum 2.0.0 (BSD-2): twelve awkward files, each with its right reading."""
    text, issues = decode((DATA / f"files/csv-spectrum/csvs/{name}.csv").read_bytes(), name)
    assert text is not None, issues
    _, header, rows, issues = split(text, name)
    assert issues == Issues()
    right = json.loads((DATA / f"files/csv-spectrum/json/{name}.json").read_text("utf-8"))
    found = [dict(zip(header, cells, strict=True)) for _, cells in rows]
    if name == "location_coordinates":  # the collection's own answer masks the telephone number
        found[0]["Contact Phone Number"] = right["Contact Phone Number"]
        right = [right]
    assert found == right


@pytest.mark.parametrize(
    ("name", "header", "rows", "codes"),
    [
        ("test_utf8_bom.csv", ["foo", "bar", "baz"], [["1", "2", "3"], ["4", "5", "ʤ"]], []),
        ("test_utf16_big.csv", ["a", "b", "c"], [["1", "2", "3"], ["4", "5", "ʤ"]], []),
        ("test_utf16_little.csv", ["a", "b", "c"], [["1", "2", "3"], ["4", "5", "ʤ"]], []),
        ("mac_newlines.csv", ["a", "b", "c"], [["1", "2", "3"], ["Once upon\ra time", "5", "6"]], []),
        ("blanks.csv", ["a", "b", "c", "d", "e", "f"], [["", "NA", "N/A", "NONE", "NULL", "."]], []),
        (
            "bad.csv",
            ["column_a", "column_b", "column_c"],
            [["0", "mixed types.... uh oh", "17"]],
            ["ragged-row", "remark-row"],
        ),
        ("test_empty_columns_long_row.csv", ["a", "b", "c"], [], []),
        ("test_extra_header.csv", ["a", "b", "c", "d"], [], ["ragged-row"]),
        ("test_skip_lines.csv", ["a", "b", "c"], [["1", "2", "3"]], []),
        ("optional_quote_characters.csv", ["a", "b", "c"], [["1", "2", "3"]], []),
    ],
)
def test_csvkit_files(name, header, rows, codes):
    """csvkit 2.2.0 (MIT): encodings, blanks, ragged rows, lines to skip."""
    text, issues = decode((DATA / f"files/csvkit__{name}").read_bytes(), name)
    assert text is not None, issues
    _, found_header, found_rows, issues = split(text, name)
    assert found_header == header
    assert [cells for _, cells in found_rows] == rows
    assert [issue.code for issue in issues] == codes


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("null_byte.csv", "control-character"),
        ("test_latin1.csv", "unknown-encoding"),
        ("test_header_newline.csv", "control-character"),
    ],
)
def test_csvkit_files_that_are_refused(name, code):
    assert decode((DATA / f"files/csvkit__{name}").read_bytes(), name)[1][0].code == code


@pytest.mark.parametrize(
    "declares", ['<!DOCTYPE a [<!ENTITY b "c">]>', '<!DOCTYPE a SYSTEM "file:///etc/hostname">', "<!DOCTYPE a>"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_that_declares_anything_itself_is_not_read_by_us_or_by_what_reads_workbooks_for_us(declares, encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?><!-- {"x" * 70_000} -->{declares}<a>1</a>'.encode(encoding)
    plain = text.decode(encoding).replace(declares, "").encode(encoding)
    for read in (fromstring, stylesheet.fromstring):
        assert read(plain).text == "1"
        with pytest.raises(DTDForbidden):
            read(text)
    for walk in (iterparse, strings.iterparse):
        assert [element.text for _, element in walk(io.BytesIO(plain))] == ["1"]
        with pytest.raises(DTDForbidden):
            [*walk(io.BytesIO(text))]


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_named_refusal(data):
    text, issues = decode(data, "x.csv")
    if text is None:
        assert issues.errors
    else:
        split(text, "x.csv")


cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


@given(st.lists(st.tuples(cells, cells), max_size=8))
def test_what_we_write_we_read_back(pairs):
    rows = [{"person": "p", "indicator": "i", "text": text.strip(), "deadline": when.strip()} for text, when in pairs]
    text, issues = decode(table_text("goals", rows).encode(), "goals.csv")
    assert text is not None, issues
    _, header, found, issues = split(text, "goals.csv")
    assert issues == Issues()
    read = [dict(zip(header, line, strict=True)) for _, line in found]
    assert [(unguarded(line["text"]), unguarded(line["deadline"])) for line in read] == [
        (row["text"], row["deadline"]) for row in rows
    ]
    assert all(len(line["text"]) < 2 or line["text"][0] not in "=+-@" for line in read)


def test_a_config_file_tells_everything_that_is_wrong_with_it():
    text = """
    schema = 1
    vrsion = 2
    missing = "skip"
    [tiers]
    shares = [20, 70, 20]
    [roles.Editor]
    name = "x"
    [roles.clerk]
    name = "Clerk"
    [[roles.clerk.indicators]]
    id = "articles"
    name = "Articles"
    class = "workload"
    weight = 30.005
    curve = "ratoi"
    [[roles.clerk.indicators]]
    id = "Bad Id"
    class = "wrkload"
    weight = -1
    name = "B"
    """
    _, issues = parse_toml(text.encode(), Design, "design.toml")
    found = {(issue.code, issue.place.key) for issue in issues}
    assert found == {
        ("unknown-key", "vrsion"), ("not-one-of", "missing.policy"), ("shares-not-100", "tiers.shares"), ("bad-id-of-key", "roles.Editor"),
        ("too-many-decimals", "roles.clerk.indicators.articles.weight"), ("unknown-curve", "roles.clerk.indicators.articles.curve"),
        ("bad-id-of-key", "roles.clerk.indicators.Bad Id.id"), ("not-one-of", "roles.clerk.indicators.Bad Id.class"),
        ("below-limit", "roles.clerk.indicators.Bad Id.weight"),
    }  # fmt: skip
    near = {issue.place.key: issue.values.get("nearest") for issue in issues}
    assert near["vrsion"] == "version"
    assert near["roles.clerk.indicators.articles.curve"] == "ratio"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"name = 'x'\nname = 'y'", "toml-syntax"), (b"name = ", "toml-syntax"), ("name = '网店'".encode("gbk"), "not-utf8"),
        (b"schema = 1", "missing-key"), (b"name = 'x'\nschema = 2", "not-one-of"), (b"name='x'\n[goals]\na=0.4\nb=0.5", "goal-mix-not-1"),
        (b"name='x'\n[brand]\nprimary='blue'", "bad-brand"), (b"name='x'\n[brand]\nlogo='../secret.png'", "bad-brand"),
        (b"name='x'\nlanguages=[]", "too-few-entries"), (b"name='x'\nlanguages=['fr']", "not-one-of"), (b"a=" + b"[" * 5000, "too-deep"),
    ],
)  # fmt: skip
def test_a_client_page_that_is_wrong_is_refused_by_name(data, code):
    value, issues = parse_toml(data, Profile, "client.toml")
    assert value is None
    assert code in {issue.code for issue in issues}


def test_S018_a_goal_mix_that_is_whole_is_read_exactly():
    profile, _ = parse_toml(b"name='x'\n[goals]\nbrand=0.1\nplatform=0.2\nproduct-sales=0.7", Profile, "client.toml")
    assert profile is not None
    assert sum(profile.goals.values()) == 1


def test_weights_of_20_1_70_2_9_7_are_exactly_100():
    text = "[roles.r]\nname='x'\n" + "".join(
        f"[[roles.r.indicators]]\nid='i{n}'\nname='x'\nclass='workload'\nweight={w}\nsource='x'\n"
        for n, w in enumerate(("20.1", "70.2", "9.7"))
    )
    design, issues = parse_toml(text.encode(), Design, "design.toml")
    assert not issues
    assert design is not None
    assert design.roles["r"].weight_sum == Decimal(100)


def test_two_indicators_of_one_id_are_refused():
    text = "[roles.r]\nname='x'\n" + "[[roles.r.indicators]]\nid='i'\nname='x'\nclass='workload'\nweight=50\n" * 2
    assert parse_toml(text.encode(), Design, "design.toml")[1][0].code == "duplicate-id"


def test_a_broken_client_is_told_whole(workbook):
    folder = workbook.client_data / "home-goods"
    (folder / "people.csv").write_text("id,name,role\nX,y,editor\n", "utf-8")
    design = (folder / "design.toml").read_text("utf-8")
    (folder / "design.toml").write_text(altered(design, ("weight = 50", "weight = 45", 1)), "utf-8")
    (folder / "logo.svg").unlink()
    with pytest.raises(IssuesError) as found:
        load_client(folder)
    assert {issue.code for issue in found.value.issues} == {"bad-id", "sum-not-100", "no-logo"}


def test_cycles_are_found_in_order_and_other_folders_are_passed_over(workbook):
    cycles = workbook.client_data / "home-goods" / "cycles"
    for name in ("2026-Q3", "draft", "2025-12"):
        (cycles / name).mkdir()
        (cycles / name / "actuals.csv").write_text("person,indicator\n", "utf-8")
    (cycles / "2026-11").mkdir()
    client, _ = read_client(workbook.client_data / "home-goods")
    assert client is not None
    assert client.cycles == ("2025-12", "2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-Q3", "2026-10")


@pytest.mark.parametrize(
    "said", ["2026-W12", "2026W3", "2026-H2", "2026H1", "2026-S2", "2026-T3", "W12 2026", "H1 2026", "2026年第12周"]
)
def test_a_week_a_half_year_or_a_term_is_never_taken_for_a_month(said):
    with pytest.raises(WorkbookError) as caught:
        meant_cycle(said, ())
    assert (caught.value.issue.code, months_said(said), likely_cycle(said)) == ("bad-cycle", [], "")
    assert another_span("2026H1 业绩")
    assert another_span("KPI 2026-W12")


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        ("2026年第三季度", True),
        ("2026年3季度", True),
        ("3rd quarter 2026", True),
        ("FY2026_Q3", False),
        ("2026年三季度考核", False),
    ],
)
def test_a_quarter_is_understood_as_people_write_it(said, whole):
    assert meant_cycle(said, ()).id == "2026-Q3" if whole else likely_cycle(said) == "2026-Q3"


@pytest.mark.parametrize("said", ["2026-M9", "2026_09", "2026年 9月", "Sep2026", "9/2026", "2026年九月"])
def test_a_month_is_known_in_its_usual_spellings(said):
    assert meant_cycle(said, ()).id == "2026-09"


@pytest.mark.parametrize(("cycle", "code"), [("2026-13", "bad-cycle"), ("2030-01", "no-cycle")])
def test_a_cycle_that_is_not_there_is_named(workbook, cycle, code):
    client = load_client(workbook.client_data / "home-goods")
    assert [issue.code for issue in inspect_cycle(client, cycle)[1]] == [code]


def test_goals_and_adjustments_may_be_absent(workbook):
    cycle = workbook.client_data / "home-goods" / "cycles" / "2026-10"
    (cycle / "goals.csv").unlink()
    (cycle / "adjustments.csv").unlink()
    (cycle / "cascade.csv").unlink()
    tables, issues = inspect_cycle(load_client(workbook.client_data / "home-goods"), "2026-10")
    assert [issue.code for issue in issues] == ["goals-gone"]  # September had targets of people's own
    assert tables.goals.empty


def test_a_table_from_plain_records_is_validated_like_a_file():
    with pytest.raises(ValueError, match="number"):
        table("actuals", [{"person": "p", "indicator": "i", "actual": "1,200"}])


def test_the_schemas_for_editors_are_current():
    for name, text in json_schemas().items():
        assert (ROOT / "templates/schemas" / name).read_text("utf-8") == text, "run: make schemas"


@pytest.mark.parametrize(
    ("file", "part", "field", "said"),
    [
        ("checklist", "Line", "source", "Row and place"), ("role", "Steps", "counted", "Which steps count"),
        ("indicator", "IndicatorCard", "counter", "at the cost of"), ("training", "Offer", "cost", "For each person"),
        ("design", "TierScheme", "pass_line", "not in the bottom tier"), ("note", "NoteEntry", "mark", "Its letter"),
    ],
)  # fmt: skip
def test_an_editor_shows_what_a_field_of_a_part_means_in_every_file_that_has_it(file, part, field, said):
    parts = json.loads(json_schemas()[f"{file}.schema.json"])["$defs"]
    assert said in parts[part]["properties"][field]["description"]


@pytest.mark.parametrize("client", ["home-goods", "cloudboard", "lumen-brand"])
def test_the_schemas_accept_the_example_clients(client):
    import tomllib

    import jsonschema

    for kind in ("client", "design"):
        schema = json.loads((ROOT / f"templates/schemas/{kind}.schema.json").read_text("utf-8"))
        content = tomllib.loads((ROOT / f"client_data/{client}/{kind}.toml").read_text("utf-8"))
        jsonschema.validate(json.loads(json.dumps(content, default=str)), schema)  # editors see a date as its text


def test_a_day_is_read_year_first_with_any_separator(tmp_path):
    rows, issues = people(tmp_path, "id,name,role,joined\na,A,x,2024/5/6\nb,B,x,2024.05.06\nc,C,x,5/6/2024\n")
    assert list(rows["joined"]) == [date(2024, 5, 6)] * 2
    assert faults(issues) == [("date-two-ways", 4, "joined")]


def test_people_of_earlier_cycles_stay_as_they_were(workbook):
    """Whoever changes posts later changes nothing in the months before."""
    from kpi_toolkit.clients.scaffold import new_cycle
    from kpi_toolkit.results.history import latest_cycle
    from kpi_toolkit.results.summary import summarize_cycle

    folder = workbook.client_data / "home-goods"
    before = summarize_cycle(load_client(folder), "2026-10").to_json()
    new_cycle(workbook, "home-goods", "2026-11")
    now = altered((folder / "people.csv").read_text("utf-8-sig"), ("孙佳琪,web-art", "孙佳琪,network-editor"))
    (folder / "people.csv").write_text(now, "utf-8")
    assert summarize_cycle(load_client(folder), "2026-10").to_json() == before
    client = load_client(folder)
    assert client.cycles[-1] == "2026-11"
    assert latest_cycle(client) == "2026-10"
    assert "blank-cycle" in [issue.code for issue in inspect_cycle(client, "2026-11")[1]]


def test_what_could_not_be_read_is_not_called_missing_as_well(workbook):
    actuals = workbook.client_data / "home-goods/cycles/2026-10/actuals.csv"
    actuals.write_text(
        altered(actuals.read_text("utf-8-sig"), ("wang-lin,network-sales,", "wang-lin,network-sales,1万")), "utf-8"
    )
    _, issues = inspect_cycle(load_client(workbook.client_data / "home-goods"), "2026-10")
    assert [issue.code for issue in issues.errors] == ["bad-number"]
    assert "missing-actual" not in {issue.code for issue in issues}


@pytest.mark.parametrize(
    "logo",
    [
        b"not a picture",
        b"",
        b"<svg><image href='http://x/y.png'/></svg>",
        b"<svg onload='x()'/>",
        b"<svg><script>1</script></svg>",
    ],
)
def test_a_logo_that_is_none_or_reaches_out_is_refused(workbook, logo):
    (workbook.client_data / "home-goods/logo.svg").write_bytes(logo)
    assert "bad-logo" in {issue.code for issue in read_client(workbook.client_data / "home-goods")[1]}


DESIGN = (
    '[roles.clerk]\nname = "C"\n[[roles.clerk.indicators]]\nid = "a"\nname = "A"\nclass = "workload"\nweight = 100\n'
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("item_cap = 0\n" + DESIGN, [("not-above", "item_cap")]),
        ("[tiers]\nshares = [-10, 100, 10]\n" + DESIGN, [("negative-share", "tiers.shares")]),
        ("[tiers]\npass_line = 2000\n" + DESIGN, [("above-limit", "tiers.pass_line")]),
        ('schema = "1"\n' + DESIGN, [("not-one-of", "schema")]),
        ("weight = 3\n" + DESIGN, [("misplaced-key", "weight")]),
        (DESIGN.replace('"A"', "7"), [("wrong-type", "roles.clerk.indicators.a.name")]),
        (DESIGN.replace('"A"', '" "'), [("blank-text", "roles.clerk.indicators.a.name")]),
        (DESIGN.replace('"A"', '"a\\u0007"'), [("control-character", "roles.clerk.indicators.a.name.zh"), ("control-character", "roles.clerk.indicators.a.name.en")]),
        (DESIGN + 'curve = { kind = "bands", bands = [{ from = "x", score = 1 }] }\n', [("bad-number", "roles.clerk.indicators.a.curve.bands.[1].from")]),
        (DESIGN + "target = 1e-32\n", [("too-many-digits", "roles.clerk.indicators.a.target")]),
    ],
)  # fmt: skip
def test_a_single_slip_in_a_design_is_one_finding_at_its_own_key(text, found):
    _, issues = parse_toml(text.encode(), Design, "design.toml")
    assert [(issue.code, issue.place.key) for issue in issues] == found


@pytest.mark.parametrize(
    ("day", "code"),
    [
        *((day, "bad-date") for day in ("86400", "0", "2024-03-01T00:00", "25.3.2024")),
        *((day, "date-two-ways") for day in ("1.3.2024", "03/01/2024", "12-11-2024")),
        *((day, "day-without-year") for day in ("11月30日", "30 November")),
    ],
)
def test_only_a_date_with_the_year_first_is_a_date_and_what_is_wrong_with_another_is_said(tmp_path, day, code):
    _, issues = people(tmp_path, f"id,name,role,joined\nlin,Lin,editor,{day}\n")
    assert faults(issues) == [(code, 2, "joined")]


def test_a_day_without_a_year_is_that_near_the_cycle_where_only_one_is_and_this_is_said(tmp_path):
    folder = tmp_path / "cycles/2026-11"
    folder.mkdir(parents=True)
    steps = (
        "person,step,date\nlin,talk,11月30日\nlin,told,3 Dec\nlin,signed,2026-11-02\nlin,left,5月20日\nlin,x,31 Feb\n"
    )
    (folder / "steps.csv").write_text(steps, "utf-8")
    table, issues = read_table(folder / "steps.csv", "steps", "cycles/2026-11/steps.csv")
    assert [str(row["date"]) for row in table.records()] == ["2026-11-30", "2026-12-03", "2026-11-02"]
    assert [(issue.code, issue.place.row) for issue in issues] == [
        ("year-of-the-cycle", 2), ("year-of-the-cycle", 3), ("day-without-year", 5), ("day-without-year", 6),
    ]  # fmt: skip
    (folder / "spells.csv").write_text("person,from,to,kind,treat\nlin,12月1日,1月15日,leave,days\n", "utf-8")
    spells, _ = read_table(folder / "spells.csv", "spells", "spells.csv")
    assert [(str(row["from"]), str(row["to"])) for row in spells.records()] == [("2026-12-01", "2027-01-15")]
    (folder / "people.csv").write_text("id,name,role,joined\nlin,Lin,editor,11月3日\n", "utf-8")
    assert faults(read_table(folder / "people.csv", "people", "people.csv")[1]) == [("day-without-year", 2, "joined")]


def test_a_column_without_a_name_is_refused_only_where_it_holds_something(tmp_path):
    assert faults(people(tmp_path, "id,name,,role,,joined\nlin,Lin,,editor,,\n")[1]) == []
    _, issues = people(tmp_path, "id,name,,role,,joined\nlin,Lin,x,editor,,\n")
    assert faults(issues) == [("nameless-column", 1, None)]


def test_small_numbers_are_written_as_people_type_them():
    row = {"person": "lin", "indicator": "a", "target": Decimal("0.0000001")}
    assert "0.0000001" in table_text("goals", [row])


def test_a_cycle_folder_with_a_slip_in_its_name_is_named(tmp_path, workbook):
    import shutil

    folder = tmp_path / "home-goods"
    shutil.copytree(workbook.client_data / "home-goods", folder)
    (folder / "cycles" / "2026-13").mkdir()
    (folder / "cycles" / "2026-q4").mkdir()
    (folder / "cycles" / "2026-11").mkdir()
    (folder / "cycles" / "2026-11" / "actual.csv").write_text("x")
    _, issues = read_client(folder)
    assert [(i.code, i.severity, str(i.place), i.values.get("nearest", "")) for i in issues] == [
        ("bad-cycle", "warning", "cycles/2026-13", ""), ("bad-cycle", "warning", "cycles/2026-q4", "2026-Q4"),
    ]  # fmt: skip
    client, _ = read_client(folder)
    assert (
        client.cycles[-1] == "2026-11"
    )  # what was meant for its actuals is there, and is told as an error of that cycle
    assert [i.code for i in inspect_cycle(client, "2026-11")[1].errors] == ["file-called-otherwise"]
    shutil.move(folder, tmp_path / "Home Goods")
    assert "unusable-id" in [issue.code for issue in read_client(tmp_path / "Home Goods")[1].errors]


def test_excel_per_cent_is_read_as_it_is_shown(tmp_path):
    from openpyxl import Workbook as Excel

    book = Excel()
    sheet = book.active
    sheet.append(["person", "indicator", "actual", "self", "appraiser"])
    sheet.append(["lin", "a", 0.74, 0.95, 1])
    for cell in ("C2", "D2", "E2"):
        sheet[cell].number_format = "0%"
    book.save(tmp_path / "actuals.xlsx")
    rows, issues = read_table(tmp_path / "actuals.csv", "actuals", "actuals.csv")
    assert not issues
    assert (rows["actual"][0], rows["actual"][0].unit) == (
        74,
        "%",
    )  # never 0.74; whether % fits is asked of the indicator
    sheet["C2"].number_format = "0.00"
    book.save(tmp_path / "actuals.xlsx")
    rows, issues = read_table(tmp_path / "actuals.csv", "actuals", "actuals.csv")
    assert (rows["self"][0], rows["appraiser"][0]) == (95, 100)


def test_a_file_that_cannot_be_read_is_a_finding_not_a_crash(tmp_path, monkeypatch):
    path = tmp_path / "people.csv"
    path.write_text("id,name,role\n")
    monkeypatch.setattr(
        Path, "read_bytes", lambda self: (_ for _ in ()).throw(PermissionError(13, "Permission denied"))
    )
    _, issues = read_table(path, "people", "people.csv")
    assert [(i.code, i.values) for i in issues] == [("unreadable", {"detail": "Permission denied"})]


def test_one_fault_in_people_is_not_told_again_for_every_line_of_a_cycle(workbook):
    from kpi_toolkit.results.inspection import check_client

    people = workbook.client_data / "home-goods" / "people.csv"
    people.write_text(altered(people.read_text("utf-8-sig"), ("name", "nom", 1)), "utf-8")
    found = [issue.code for issues in check_client(workbook, "home-goods") for issue in issues.errors]
    assert "unknown-person" not in found
    assert found


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("??", "damaged-text"), ("李?? 明", "damaged-text"), ("���", "damaged-text"), ("李\ue7b2", "damaged-text"),
        ("æ\x9d\x8eå®\x89", "control-character"), ("王\u200b芳", "unseen-character"), ("\u202eanna", "unseen-character"),
        ("Ann\u00ad", "unseen-character"),
    ],
)  # fmt: skip
def test_a_name_that_is_damaged_or_holds_what_nobody_sees_is_refused(tmp_path, name, code):
    path = tmp_path / "people.csv"
    path.write_text(f"id,name,role\np1,{name},editor\np2,Bo,editor\n", "utf-8")
    table, issues = read_table(path, "people", "people.csv")
    assert [issue.code for issue in issues] == [code]
    assert "p1" not in set(table["id"])


def test_joiners_that_a_name_needs_are_kept(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(
        "id,name,role\np1,\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 👩\u200d💻,editor\np2,Why Because,editor\n",
        "utf-8",
    )
    table, issues = read_table(path, "people", "people.csv")
    assert not issues
    assert len(table) == 2


@pytest.mark.parametrize(
    ("table", "text", "expected"),
    [
        ("spells", "人员,岗位,开始,结束,种类,处理\n林可,,2026-10-01,2026-10-11,任职,按天\n吴桐,,,,请假,不参加分档\n",
         [("林可", "role", "days"), ("吴桐", "leave", "no-tier")]),
        ("spells", "人员,岗位,开始,结束,种类,处理\n林可,,,,角色,按工作日\n吴桐,,,,岗位,照此执行\n",
         [("林可", "role", "workdays"), ("吴桐", "role", "as-is")]),
        ("answers", "人员,清单,题号,回答,回答人,日期\n林可,exit,l01,是,吴桐,2026-10-11\n", [("林可", "l01", "吴桐")]),
        ("measures", "人员,指标,种类,问题,措施,负责人,期限,完成日期\n林可,,纠正,错字多,自查一遍,林可,2026-11-30,\n",
         [("林可", "corrective", "自查一遍")]),
        ("calibration", "日期,人员,原档次,新档次,原因,批准人\n2026-11-02,林可,中段,前段,复核,陈嘉禾\n",
         [("林可", "middle", "top")]),
    ],
)  # fmt: skip
def test_every_table_is_read_under_chinese_headings_with_values_as_the_pages_print_them(
    tmp_path, table, text, expected
):
    (tmp_path / f"{table}.csv").write_text(text, "utf-8")
    found, issues = read_table(tmp_path / f"{table}.csv", table, f"{table}.csv")
    assert list(issues) == []
    columns = {"spells": ("kind", "treat"), "answers": ("line", "by"), "measures": ("kind", "measure"),
               "calibration": ("from_tier", "to_tier")}[table]  # fmt: skip
    assert [tuple(row[key] for key in ("person", *columns)) for row in found.records()] == expected


@pytest.mark.parametrize(
    ("table", "column", "said", "day"),
    [("adjustments", "date", "3 May", "2026-05-03"), ("adjustments", "date", "20 April", "20 April"),
     ("adjustments", "date", "1 April", "2027-04-01"), ("measures", "deadline", "20 April", "2027-04-20"),
     ("measures", "deadline", "3 May", "3 May")],
)  # fmt: skip
def test_a_day_without_its_year_is_taken_where_one_lies_within_half_a_year_and_a_deadline_ahead(
    table, column, said, day
):
    cells, told = in_the_cycle({column: said}, table, "2026-10", Place("x.csv"))
    assert (cells[column], [issue.code for issue in told]) == (day, ["year-of-the-cycle"] if day != said else [])


@pytest.mark.parametrize("said", ["2026/10/5", "2026年10月5日", "20261005", "5 Oct 2026", "5-Oct-2026"])
def test_a_day_that_has_one_meaning_is_read_however_it_is_written(said):
    assert TypeAdapter(Day).validate_python(said) == date(2026, 10, 5)
