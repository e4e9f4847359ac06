"""Changes in a file's own text: what is written is what was meant, comments stay where they are, undo is exact."""

from __future__ import annotations

import re
import shutil

import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_toolkit.clients.acts import DESIGN, Act, done
from kpi_toolkit.clients.draft import ClashError, keep_draft, number_or_text, open_draft, save_draft
from kpi_toolkit.clients.merging import Clash, merged, settled
from kpi_toolkit.clients.toml_parts import comments_in, parts_of
from kpi_toolkit.clients.toml_text import load_toml
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.live.form import open_form

HARD = '''# top
schema = 1  # kept
name = """A
[not a header]
# no comment"""
[roles.clerk] # a header with a comment
name = { zh = "员", en = "Clerk" } # both
indicators = [
  { id = "a", name = "A", class = "workload", weight = 60, source = "x", target = 1 }, # first
  { id = "b", name = "B # no comment", class = "result", weight = 40, source = "x", target = 1 },
]

# stands free

# of the boss
[roles."boss"]
name = 'Boss'

# of c
[[roles.boss.indicators]]
id = "c"
name = "C"
class = "workload"
weight = 100 # all
source = "x"
target = 1
# below the target
'''


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """Return a workbook whose one client has a file that is hard to change."""
    root = tmp_path_factory.mktemp("hard")
    folder = root / "client_data/hard"
    shutil.copytree(ROOT / "client_data/home-goods", folder)
    (folder / DESIGN).write_text(HARD, "utf-8")
    return Workbook(root)


@pytest.mark.parametrize("client", ["home-goods", "cloudboard", "lumen-brand"])
def test_a_file_is_cut_into_parts_and_nothing_is_lost(client):
    text = (ROOT / "client_data" / client / DESIGN).read_text("utf-8")
    assert "".join(part.text for part in parts_of(text)) == text
    assert "".join(part.text for part in parts_of(HARD)) == HARD


LIST = ("roles", "clerk", "indicators")
ITEM = {"id": "n", "name": "N", "class": "workload", "weight": 5}
CASES = [
    (Act("set", (*LIST, "a", "weight"), number_or_text("60.50")), [("weight = 60,", "weight = 60.50,")]),
    (Act("set", ("roles", "clerk", "name", "en"), "Writer"), [('en = "Clerk"', 'en = "Writer"')]),
    (Act("set", ("roles", "boss", "indicators", "c", "weight"), 90), [("weight = 100 #", "weight = 90 #")]),
    (Act("rename", ("roles", "boss"), to="head"), [('[roles."boss"]', "[roles.head]"), ("[[roles.boss.", "[[roles.head.")]),
    (Act("set", ("item_cap",), 120), [('comment"""\n', 'comment"""\nitem_cap = 120\n')]),
    (Act("remove", ("roles", "boss", "indicators", "c")), [(HARD[HARD.index("\n# of c") :], "")]),
    (Act("set", ("tiers", "pass_line"), 70), [("# top", "# top"), ("[roles.clerk]", "\n[tiers]\npass_line = 70\n[roles.clerk]")]),
]  # fmt: skip


@pytest.mark.parametrize(("act", "changes"), CASES, ids=lambda value: getattr(value, "op", ""))
def test_one_act_changes_just_its_place(bench, act, changes):
    draft = open_draft(bench, "hard")
    expected = HARD
    for old, new in changes:
        expected = expected.replace(old, new)
    assert draft.change(act).text == expected
    assert draft.change(act).undo().text == HARD


def test_taking_off_all_indicators_and_adding_one_leaves_a_file_that_can_be_read(bench):
    draft = open_draft(bench, "hard")
    for name in ("a", "b"):
        draft = draft.change(Act("remove", (*LIST, name)))
    draft = draft.change(Act("add", LIST, ITEM))
    assert [item.id for item in draft.design.roles["clerk"].indicators] == ["n"]
    assert draft.text.index("[[roles.clerk.indicators]]") < draft.text.index("# stands free")


A, B = ('name = "A", class = "workload", weight = 60 }', 'name = "B # no comment", class = "result", weight = 40 }')
IN_BRACKETS = f"""[roles.clerk]
name = "Clerk"
indicators = [
  # about a
  {{ id = "a", {A}, # first

  # of nobody

  {{ id = "b", {B} # second
  # the end
] # all
{HARD[HARD.index("# of the boss") :]}"""
BOSS = ("roles", "boss", "indicators")


@pytest.mark.parametrize(
    ("act", "stands"),
    [
        (Act("move", (*LIST, "a")), [f'[\n  {{ id = "b", {B}, # second\n', f'  # about a\n  {{ id = "a", {A} # first\n  # the end']),
        (Act("move", (*LIST, "b"), to=0), [f'  # about a\n  {{ id = "a", {A} # first\n  # the end']),
        (Act("copy", (*LIST, "a"), {"id": "c"}), [f'  # about a\n  {{ id = "a", {A}, # first\n  {{ id = "c", {A},\n']),
        (Act("remove", (*LIST, "a")), [f'[\n  {{ id = "b", {B} # second\n\n  # of nobody\n\n  # the end\n]']),
        (Act("remove", (*LIST, "b")), [f'  # about a\n  {{ id = "a", {A} # first\n\n  # of nobody\n\n  # the end\n]']),
        (Act("carry", (*LIST, "a"), BOSS), ['\n# about a\n# first\n[[roles.boss.indicators]]\nid = "a"\n']),
        (Act("carry", (*BOSS, "c"), LIST), [f'{B}, # second\n  # of c\n  # all\n  # below the target\n  {{ id = "c"']),
        (Act("add", LIST, ITEM), [f'{B}, # second\n  {{ id = "n", name = "N", class = "workload", weight = 5 }}\n  # the end']),
    ],
    ids=lambda value: getattr(value, "op", ""),
)  # fmt: skip
def test_a_comment_in_a_list_in_brackets_stays_with_its_entry(act, stands):
    made = done(IN_BRACKETS, act)
    assert [text for text in (*stands, "\n\n  # of nobody\n\n", "# the end\n] # all\n") if text not in made] == []


@pytest.mark.parametrize(
    ("acts", "comment"),
    [
        ([Act("move", ("roles", "clerk"), to="boss"), Act("remove", ("roles", "clerk"))], "# stands free"),
        ([Act("move", ("roles", "boss"), to="clerk"), Act("remove", ("roles", "clerk"))], "# below the target"),
        ([Act("remove", ("name",)), Act("remove", ("schema",)), Act("remove", ("roles", "clerk"))], "# top"),
    ],
    ids=["of nobody", "of the entry above", "of the file"],
)
def test_a_comment_does_not_become_that_of_an_entry_put_below_it(bench, acts, comment):
    draft = open_draft(bench, "hard")
    for act in acts:
        draft = draft.change(act)
    assert f"{comment}\n" in draft.text


def test_windows_line_ends_and_a_byte_order_mark_stay(bench):
    folder = bench.client_data / "hard"
    (folder / DESIGN).write_bytes(b"\xef\xbb\xbf" + HARD.replace("\n", "\r\n").encode())
    try:
        draft = open_draft(bench, "hard").change(Act("add", ("roles", "boss", "indicators"), ITEM))
        save_draft(bench, "hard", draft)
        data = (folder / DESIGN).read_bytes()
    finally:
        (folder / DESIGN).write_text(HARD, "utf-8")
    assert data.startswith(b"\xef\xbb\xbf#")
    assert data.count(b"\n") == data.count(b"\r\n") == HARD.count("\n") + 6


def test_what_cannot_be_written_as_meant_is_refused_and_changes_nothing(bench):
    draft = open_draft(bench, "hard")
    for act in (Act("set", (*LIST, "gone", "weight"), 1), Act("remove", (*LIST, "gone")),
                Act("rename", ("roles", "boss"), to="clerk"), Act("move", (*LIST, "gone"))):  # fmt: skip
        with pytest.raises(WorkbookError, match="could not be changed"):
            draft.change(act)


def test_what_was_typed_in_one_go_is_one_step(bench):
    draft = open_draft(bench, "hard")
    typed = draft
    for text in ("1", "12", "120"):
        typed = typed.change(Act("set", ("item_cap",), number_or_text(text)), touch="cap 1")
    assert typed.undo().text == draft.text
    assert typed.change(Act("set", ("item_cap",), 130), touch="cap 2").undo().text == typed.text


# Random work: whatever is done, the text can be read, comments stay with their entries, and undo leads back.

_ROLES, _IDS = st.sampled_from(["clerk", "boss", "twin", "new-1"]), st.sampled_from(["a", "b", "c", "n", "m"])
_VALUES = st.one_of(
    st.integers(0, 200), st.booleans(), st.text(max_size=12), st.lists(st.text(max_size=4), max_size=3),
    st.fixed_dictionaries({"zh": st.text(max_size=5), "en": st.text(max_size=5)}),
    st.decimals(0, 100, places=2),
)  # fmt: skip
_KEYS = st.sampled_from(["weight", "target", "name", "standard", "cap", "curve", "shared"])
_ENTRY = st.builds(lambda name, value: {"id": name, "name": "N", "weight": 1, "standard": value}, _IDS, _VALUES)
_ITEMS = st.builds(lambda role, item: ("roles", role, "indicators", item), _ROLES, _IDS)
ACTS = st.one_of(
    st.builds(lambda path, key, value: Act("set", (*path, key), value), _ITEMS, _KEYS, _VALUES),
    st.builds(lambda key, value: Act("set", (key,), value), st.sampled_from(["name", "agreed", "item_cap"]), _VALUES),
    st.builds(lambda a, b, value: Act("set", (a, b), value), st.sampled_from(["tiers", "charter"]), _KEYS, _VALUES),
    st.builds(lambda path, key: Act("set", (*path, key), None), _ITEMS, _KEYS),
    st.builds(lambda role, entry: Act("add", ("roles", role, "indicators"), entry), _ROLES, _ENTRY),
    st.builds(lambda entry: Act("add", ("mute",), entry), _ENTRY),
    st.builds(lambda path: Act("remove", path), _ITEMS),
    st.builds(lambda path, to: Act("move", path, to=to), _ITEMS, st.one_of(st.none(), st.integers(0, 3))),
    st.builds(lambda path, name: Act("copy", path, {"id": name}), _ITEMS, _IDS),
    st.builds(lambda path, role: Act("carry", path, ("roles", role, "indicators")), _ITEMS, _ROLES),
    st.builds(lambda role: Act("put", ("roles", role), {"name": "New"}), _ROLES),
    st.builds(lambda role: Act("remove", ("roles", role)), _ROLES),
    st.builds(lambda role, to: Act("rename", ("roles", role), to=to), _ROLES, _ROLES),
    st.builds(lambda role, to: Act("copy", ("roles", role), {"name": "Copy"}, to=to), _ROLES, _ROLES),
    st.builds(lambda role, to: Act("move", ("roles", role), to=to), _ROLES, st.one_of(st.none(), _ROLES)),
)  # fmt: skip
STANDING = ["# top", "# kept", "# stands free", "# no comment"]
OF_ENTRIES = {
    "# of the boss": "boss",
    "# of c": "c",
    "# all": "c",
    "# below the target": "c",
    "# a header with a comment": "clerk",
}


@pytest.fixture(scope="module")
def first(bench):
    return open_draft(bench, "hard")


def _worked(first, acts):
    draft = first
    for act in acts:
        before = comments_in(draft.text)
        try:
            draft = draft.change(act)
        except WorkbookError as problem:
            assert problem.issue.code == "edit-refused"
        assert (
            act.op == "remove" or (act.op == "set" and act.value is None) or {*before} <= {*comments_in(draft.text)}
        ), act
        whole = load_toml(draft.text.encode(), DESIGN)[0]
        assert whole is not None and draft.of(DESIGN).content == whole
    comments = set(re.findall(r"# [a-z ]+", draft.text))
    assert set(STANDING) - {"# kept", "# no comment"} <= comments
    roles = draft.of(DESIGN).content.get("roles", {})
    for part in parts_of(draft.text):
        for comment in re.findall(r"#[^\n]*", part.lead + part.header):
            if comment == "# of c":
                assert part.path[2:3] == ("indicators",), part
    while draft.place:
        draft = draft.undo()
    assert draft.text == first.text == HARD
    return roles


def test_a_value_takes_the_place_of_what_stood_under_a_header_of_its_own():
    text = 'version = 1\n\n[rationale]\nzh = "为何"\nen = "Why"\n\n# Seats.\n[tiers]\nx = 1\n'
    after = 'version = 1\nrationale = "Why not"\n\n# Seats.\n[tiers]\nx = 1\n'
    assert done(text, Act("set", ("rationale",), "Why not")) == after


_RELAXED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=15, suppress_health_check=_RELAXED)
@given(st.lists(ACTS, max_size=8))
def test_whatever_is_done_the_text_can_be_read_and_undo_leads_back(first, acts):
    _worked(first, acts)


@pytest.mark.slow
@settings(max_examples=1000, suppress_health_check=_RELAXED)
@given(st.lists(ACTS, min_size=3, max_size=20))
def test_a_thousand_ways_of_working_lose_nothing(first, acts):
    _worked(first, acts)


# Saving


def test_a_draft_survives_whoever_held_it(workbook):
    folder = workbook.client_data / "home-goods"
    first = open_draft(workbook, "home-goods")
    draft = first.change(Act("set", ("item_cap",), 120))
    keep_draft(workbook, "home-goods", draft)
    assert (folder / ".draft.json").stat().st_mode & 0o777 == 0o600
    again = open_draft(workbook, "home-goods")
    assert (again.text, again.undo().text) == (draft.text, first.text)
    path = folder / DESIGN
    path.write_text(path.read_text("utf-8").replace("pass_line = 75", "pass_line = 70"), "utf-8")
    both = open_draft(workbook, "home-goods")
    assert "item_cap = 120" in both.text and "pass_line = 70" in both.text
    assert keep_draft(workbook, "home-goods", both).text == both.text
    save_draft(workbook, "home-goods", again)
    assert not (folder / ".draft.json").exists()
    keep_draft(workbook, "home-goods", open_draft(workbook, "home-goods"))
    assert not (folder / ".draft.json").exists()


def test_somebody_elses_change_is_merged_or_shown_beside_ours(workbook):
    path = workbook.client_data / "home-goods" / DESIGN
    before = path.read_text("utf-8")
    draft = open_draft(workbook, "home-goods").change(Act("set", ("item_cap",), 120))
    path.write_text(before.replace("pass_line = 75", "pass_line = 70"), "utf-8")
    saved = save_draft(workbook, "home-goods", draft)
    assert (
        path.read_text("utf-8")
        == saved.text
        == before.replace("pass_line = 75", "pass_line = 70").replace("item_cap = 100", "item_cap = 120")
    )
    assert saved.undo().text == draft.text
    theirs = saved.change(Act("set", ("item_cap",), 110))
    path.write_text(saved.text.replace("item_cap = 120", "item_cap = 130"), "utf-8")
    with pytest.raises(ClashError) as caught:
        save_draft(workbook, "home-goods", theirs)
    (clash,) = caught.value.clashes
    assert (clash.ours, clash.theirs) == (("item_cap = 110",), ("item_cap = 130",))
    assert "item_cap = 130" in path.read_text("utf-8")
    save_draft(workbook, "home-goods", theirs, sides=[True])
    assert "item_cap = 110" in path.read_text("utf-8")


def test_two_forms_of_one_client_lose_nothing_of_each_other(workbook):
    one, two = (open_form(workbook, "home-goods", "en") for _ in range(2))
    one.set(("item_cap",), "120")
    two.add(("roles",), {"card": "seo", "key": "seo"})
    one.set(("tiers", "pass_line"), "70")
    assert "seo" in one.draft.design.roles
    two.set(("name",), {"en": "Two", "zh": "Two"})
    for form in (two, open_form(workbook, "home-goods", "en")):
        design = form.draft.design
        assert (design.item_cap, design.tiers.pass_line, design.name.en, "seo" in design.roles) == (
            120,
            70,
            "Two",
            True,
        )


def test_a_draft_kept_over_night_does_not_write_over_what_somebody_else_changed(workbook):
    path = workbook.client_data / "home-goods" / DESIGN
    before = path.read_text("utf-8")
    draft = open_draft(workbook, "home-goods").change(Act("set", ("item_cap",), 120))
    keep_draft(workbook, "home-goods", draft)
    theirs = before.replace("item_cap = 100", "item_cap = 130")
    path.write_text(theirs, "utf-8")
    again = open_draft(workbook, "home-goods")
    assert (again.text, again.undo().text) == (draft.text, theirs)
    with pytest.raises(ClashError, match="somebody else"):
        save_draft(workbook, "home-goods", again)
    keep_draft(workbook, "home-goods", again)
    with pytest.raises(ClashError, match="somebody else"):
        save_draft(workbook, "home-goods", open_draft(workbook, "home-goods"))
    assert save_draft(workbook, "home-goods", again.undo()).text == path.read_text("utf-8") == theirs


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "both"),
    [
        ("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", "A\nb\nC\n"),
        ("a\nb\n", "a\nX\n", "a\nX\n", "a\nX\n"),
        ("a\nb\n", "a\nX\n", "a\nY\n", None),
        ("a\nb\n", "a\nnew\nb\n", "a\nother\nb\n", None),
        ("a\nb\nc\n", "a\nc\n", "a\nb\nc\nd\n", "a\nc\nd\n"),
        ("a\n", "a\n", "b\n", "b\n"),
    ],
)
def test_two_changes_are_put_together_where_they_touch_other_lines(base, ours, theirs, both):
    pieces = merged(DESIGN, base, ours, theirs)
    assert (None if any(isinstance(piece, Clash) for piece in pieces) else settled(pieces)) == both


def test_a_clash_says_below_which_header_of_the_file_it_lies():
    base = "item_cap = 1\n[roles.seo]\nname = 1\n[[roles.seo.indicators]]\nweight = 1\n"
    ours, theirs = (base.replace("weight = 1", f"weight = {weight}") for weight in (2, 3))
    (clash,) = (piece for piece in merged(DESIGN, base, ours, theirs) if isinstance(piece, Clash))
    assert clash.path == ("roles", "seo", "indicators", 0)


def test_of_several_acts_the_one_that_is_refused_is_named():
    text = 'schema = 1\nversion = 1\n[roles.seo]\nname = "SEO"\n[[roles.seo.indicators]]\nid = "a"\nname = "A"\n'
    sound = Act("set", ("rationale",), "new"), Act("set", ("roles", "seo", "indicators", "a", "name"), "B")
    for wrong in (Act("remove", ("roles", "cook")), Act("set", ("roles", "seo", "indicators", "b", "name"), "C")):
        with pytest.raises(WorkbookError) as refused:
            done(text, sound[0], wrong, sound[1])
        assert refused.value.issue.values["name"] == ".".join(map(str, wrong.path))
    assert 'name = "B"' in done(text, *sound)
