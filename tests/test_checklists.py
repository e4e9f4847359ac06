"""Checklists and notes: one form, one way to take stock (catalogue sections F, S, Z and AA)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from conftest import ROOT, indicator
from pydantic import ValidationError

from kpi_toolkit.clients.library import Library
from kpi_toolkit.clients.wording import usual_words
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.charter import CustomerGrades, Decision
from kpi_toolkit.method.checklists import Checklist, take_stock
from kpi_toolkit.method.checks import Case, check_answers, check_design, lint_design
from kpi_toolkit.method.checks.goals import review_is_due
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.profile import Profile

LIBRARY = Library(Workbook(ROOT))
LISTS, NOTES = LIBRARY.checklists, LIBRARY.notes


def ids(name: str) -> list[str]:
    return [line.id for line in LISTS[name].lines]


def test_S077_recruiting_is_not_ready_while_one_preparation_is_open():
    stock = take_stock(LISTS["recruiting"], {"quantity": True, "standard": True, "process": True})
    assert stock.missing == ("tools",)
    assert stock.share == Fraction(3, 4)


def test_S078_each_channels_part_of_the_cvs():
    stock = take_stock(LISTS["recruiting-channels"], {"online": 12, "fair": 5, "specialist": 3})
    assert [stock.part(line) for line in ("online", "fair", "specialist", "commissioned")] == [
        Fraction(3, 5), Fraction(1, 4), Fraction(3, 20), None,
    ]  # fmt: skip
    assert len(ids("recruiting-channels")) == 5


def test_S079_nobody_passes_before_the_talk():
    stages = LISTS["interview-stages"]
    assert take_stock(stages, {"look": True, "talk": False}).locked == ("pass",)
    assert take_stock(stages, {"look": True, "talk": True}).locked == ()


def test_S080_the_interview_has_four_questions():
    assert len(ids("interview")) == 4


def test_S081_choosing_the_right_person_stands_under_select():
    entry = next(entry for entry in NOTES["five-moves"].entries if entry.id == "select")
    assert "can do it already" in entry.text.en


def test_S083_every_move_has_parts_of_the_workbook_and_they_are_there():
    moves = NOTES["five-moves"].entries
    assert [entry.name.zh for entry in moves] == ["选", "用", "考", "训", "留"]
    for entry in moves:
        assert entry.serves, entry.id
    for note in NOTES.values():
        for part in (part for entry in note.entries for part in entry.serves):
            kind, name = part.split(":")
            assert name in {"checklist": LISTS, "note": NOTES, "notebook": notebooks()}[kind], part
    named = {part.split(":")[1] for entry in moves for part in entry.serves if part.startswith("notebook:")}
    assert named == notebooks()


def notebooks() -> set[str]:
    return {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}


def test_S084_the_best_kind_of_work_for_a_person_and_a_tie_as_a_tie():
    fit = LISTS["placement"]
    assert take_stock(fit, {"opening": 5, "maintaining": 3, "after-sales": 2, "publicity": 4}).best == ("opening",)
    assert take_stock(fit, {"opening": 4, "publicity": 4}).best == ("opening", "publicity")


def test_S221_the_ten_sales_items_have_unit_and_direction():
    items = LIBRARY.sets["sales"].indicators
    assert len(items) == 10
    assert [item.id for item in items if item.direction == "lower"] == ["expense-limit"]
    assert all(item.unit.en for item in items)


def test_S222_an_item_without_a_source_is_not_based_on_data(make_design):
    case = Case(make_design(indicator("a", 100, source=None)), usual_words())
    assert "not-measurable" in [i.code for i in lint_design(case)]
    for item in LIBRARY.sets["sales"].indicators:
        assert item.source
        assert item.owner
        assert item.standard


@pytest.mark.parametrize(("spent", "score"), [(9000, "100"), (10000, "100"), (12000, "83.33")])
def test_S224_expenses_within_the_limit_have_full_points(make_design, make_tables, spent, score):
    from kpi_toolkit.method.scoring import score_people

    item = LIBRARY.indicators["expense-limit"].indicator(Decimal(100), Decimal(10000))
    design = make_design(item.model_dump(by_alias=True))
    assert score_people(design, make_tables({"lin": {"expense-limit": spent}}))["score"][0] == Decimal(score)


def test_S226_segments_are_ranked_by_their_rating():
    stock = take_stock(LISTS["segments"], {"first": 3, "second": 5, "third": 4})
    assert stock.ranking("weakest")[::-1] == ["second", "third", "first"]


@pytest.mark.parametrize(("inflow", "grade"), [(500_000, "A"), (100_000, "A"), (80_000, "B"), (5_000, "C")])
def test_S227_customers_are_graded_by_what_comes_in(inflow, grade):
    assert CustomerGrades(limits=(100_000, 10_000)).grade(Decimal(inflow)) == grade


def test_S227_limits_that_do_not_fall_are_refused():
    with pytest.raises(ValidationError, match="10000, 100000"):
        CustomerGrades(limits=(10_000, 100_000))


def test_S283_the_stage_of_an_engagement():
    answers = dict.fromkeys(ids("engagement")[:4], True)
    assert take_stock(LISTS["engagement"], answers).share == Fraction(4, 7)


def test_S284_a_word_finds_its_step_with_its_source():
    name, note, entry = LIBRARY.search("budget")[0]
    assert (name, entry.mark, len(note.entries)) == ("five-steps", "4", 5)
    assert (note.rows, note.seeds) == (("S284",), ("003_9d41dca69e78527a.txt",))
    assert LIBRARY.search("预算")[0][2].id == "budget"


def test_S285_a_choice_compares_two_at_least(make_design):
    def found(*names):
        decision = Decision(problem="Which mix?", alternatives=names, chosen="A", because="x")
        return [issue.code for issue in check_design(make_design(decision=decision))]

    assert found("A") == ["one-alternative"]
    assert found("A", " A ") == ["one-alternative"]
    assert found("A", "B") == []
    assert found("B", "C") == ["chosen-not-compared"]
    assert found("C") == ["one-alternative", "chosen-not-compared"]


def test_S286_five_functions_of_management_and_who_has_them():
    assert [entry.id for entry in NOTES["functions"].entries] == [
        "plan",
        "organise",
        "command",
        "coordinate",
        "control",
    ]
    for role, card in LIBRARY.roles.items():
        assert "control" in card.functions or card.stratum != "decision", role


def test_S287_a_cause_is_controllable_or_not_and_has_an_owner():
    _, _, entry = LIBRARY.search("price")[0]
    assert (entry.kind.en, "not the seller" in entry.owner.en) == ("controllable", True)
    assert len([entry for entry in NOTES["four-factors"].entries if entry.kind.en == "controllable"]) == 4


def test_S288_a_plan_is_reviewed_when_three_questions_are_answered():
    answers = dict.fromkeys(ids("plan-review"), "done")
    assert take_stock(LISTS["plan-review"], answers).missing == ()
    assert take_stock(LISTS["plan-review"], answers | {"results": "  "}).missing == ("results",)


@pytest.mark.parametrize(
    ("name", "ratings", "mean", "weakest"),
    [
        pytest.param("six-pillars", [3, 4, 2, 5, 3, 4], Fraction(7, 2), "communication", id="S289"),
        pytest.param("seven-recommendations", [4, 4, 3, 2, 4, 3, 1], 3, "communication", id="S290"),
        pytest.param("five-parts", [3, 3, 2, 4, 1], Fraction(13, 5), "technology", id="S291"),
        pytest.param("self-check", [5, 4, 3, 4, 2, 5], Fraction(23, 6), "owner", id="S293"),
    ],
)
def test_ratings_give_a_mean_and_the_weakest_first(name, ratings, mean, weakest):
    stock = take_stock(LISTS[name], dict(zip(ids(name), ratings, strict=True)))
    assert (stock.mean, stock.weakest, stock.ranking("weakest")[0]) == (mean, (weakest,), weakest)


def test_S292_several_peoples_ratings_count_by_their_mean():
    assert take_stock(LISTS["culture"], {"positive": (4, 5, 3)}).mean == 4


@pytest.mark.parametrize(("answers", "mean"), [((4, 5), None), ((4, 5, 3), 4), ((5, 5, 5, 5, 4), Fraction(24, 5))])
def test_S294_few_anonymous_answers_are_not_shown(answers, mean):
    stock = take_stock(LISTS["winning-hearts"], {"trust": answers})
    assert stock.mean == mean
    assert stock.hidden == (() if mean else ("trust",))


def test_S295_the_kick_off_has_five_points():
    assert ids("kickoff") == ["goals", "plan", "right-wrong", "reward-punish", "pace"]


def test_S296_fourteen_headings_and_what_the_source_lacks():
    note = NOTES["managers-craft"]
    assert "".join(entry.mark for entry in note.entries) == "ABCDEFGHKLMNOP"
    assert "I and J" in note.missing.en


@pytest.mark.parametrize(
    ("agreed", "due"), [("2025-10-31", True), ("2025-11-01", False), ("2026-10-01", False), (None, False)]
)
def test_S299_a_design_is_looked_at_again_after_a_year(make_design, agreed, due):
    found = list(review_is_due(make_design(agreed=agreed), Cycle.parse("2026-10")))
    assert bool(found) is due


def test_every_card_is_said_in_both_languages_and_says_where_it_comes_from():
    shelves = {**LIBRARY.goals, **LISTS, **NOTES, **LIBRARY.organisations, **LIBRARY.sets}
    for name, card in shelves.items():
        assert card.name.zh, name
        assert card.name.en, name
        assert (card.rows and card.seeds) or getattr(card, "ours", False), name


def test_a_checklist_costs_no_code(tmp_path):
    own = tmp_path / "templates" / "checklists" / "site-audit.toml"
    own.parent.mkdir(parents=True)
    own.write_text('name = "Site audit"\nlead = "x"\nkind = "yes"\n[[lines]]\nid = "https"\ntext = "HTTPS"\n', "utf-8")
    library = Library(Workbook(tmp_path))
    assert library.find("checklists", "Site audit") == "site-audit"
    assert len(library.checklists) == len(LISTS) + 1


QUIZ = LISTS["appraise-correctly"]


@pytest.mark.parametrize(
    ("said", "points", "costly"),
    [
        ("acc", 30, ()), ("aaa", 15, ("order", "when")), ("bbb", 10, ("purpose", "order", "when")),
        ("ccc", 20, ("purpose",)), ("cba", 0, ("purpose", "order", "when")), ("bcc", 25, ("purpose",)),
        ("aca", 20, ("when",)),
    ],
)  # fmt: skip
def test_S162_the_self_test_has_uneven_points(said: str, points: int, costly: tuple[str, ...]):
    stock = take_stock(QUIZ, dict(zip(("purpose", "order", "when"), said, strict=True)))
    assert (stock.points, stock.costly) == (points, costly)


def test_S163_every_answer_teaches_something_and_a_total_has_words_of_ours():
    assert all(option.why for line in QUIZ.lines for option in line.options)
    assert QUIZ.note is not None and "ours" in QUIZ.note.en
    said = [QUIZ.band(Fraction(points)).text.en.split()[0] for points in (0, 19, 20, 29, 30)]
    assert said == ["Read", "Read", "The", "The", "Ready"]


def test_a_self_test_left_half_done_has_no_total():
    stock = take_stock(QUIZ, {"purpose": "a", "when": "c"})
    assert (stock.points, stock.missing) == (None, ("order",))


@pytest.mark.parametrize(
    ("person", "answered", "known"),
    [
        ("wang", ["placement"], True), ("wang", ["interview-stages"], True), ("wang", [], True), ("candidate-a", ["interview-stages"], True),
        ("candidate-a", ["interview-stages", "placement"], True), ("candidate-a", ["placement", "interview-stages"], True),
        ("candidate-a", ["placement"], False), ("candidate-a", ["no-such-list"], False), ("candidate-a", [], False),
    ],
)  # fmt: skip
def test_whoever_is_answered_about_is_of_the_roster_or_goes_through_the_steps_of_being_selected(
    person, answered, known
):
    profile = Profile.model_validate({"name": "X", "answers_about": {person: {name: {} for name in answered}}})
    found = [issue for issue in check_answers(profile, LISTS, {"wang"}) if issue.code == "unknown-person"]
    assert [issue.place.key for issue in found] == ([] if known else ["answers_about.candidate-a"])


def test_a_choice_is_among_its_options_and_only_a_choice_has_options():
    profile = Profile.model_validate({
        "name": "X", "answers_about": {"wang": {"appraise-correctly": {"purpose": "d", "order": 2, "when": "c"}}}
    })  # fmt: skip
    found = [issue for issue in check_answers(profile, LISTS, {"wang"}) if issue.code == "unknown-option"]
    assert [issue.place.key for issue in found] == [
        "answers_about.wang.appraise-correctly.purpose", "answers_about.wang.appraise-correctly.order",
    ]  # fmt: skip
    assert all(issue.values["known"] == "a, b, c" for issue in found)
    for kind, options in (("choice", []), ("yes", [{"id": "a", "text": "A"}])):
        line = {"id": "x", "text": "X", "options": options}
        with pytest.raises(ValidationError):
            Checklist.model_validate({"name": "X", "lead": "", "kind": kind, "lines": [line]})


@pytest.mark.parametrize(
    ("name", "lines", "row"),
    [
        ("vision", 4, "S211"), ("happy-work", 8, "S212"), ("marketing-system", 5, "S269"),
        ("digital-system", 6, "S271"), ("know-first", 3, "S270"), ("talk-prompts", 4, "S013"), ("support", 4, "S005"),
    ],
)  # fmt: skip
def test_the_lists_of_the_method_are_whole(name: str, lines: int, row: str):
    assert (len(LISTS[name].lines), row in LISTS[name].rows) == (lines, True)


def test_S211_three_of_four_tests_of_a_vision():
    assert take_stock(LISTS["vision"], dict.fromkeys(ids("vision")[:3], True)).share == Fraction(3, 4)


def test_S269_S271_the_share_of_what_is_in_place():
    assert take_stock(LISTS["marketing-system"], dict.fromkeys(ids("marketing-system")[1:3], True)).share == Fraction(
        2, 5
    )
    assert take_stock(LISTS["digital-system"], dict.fromkeys(ids("digital-system")[:5], True)).share == Fraction(5, 6)


@pytest.mark.parametrize("role", ["promotion", "editing"])
def test_S249_the_share_of_tools_somebody_has_passed(role: str):
    assert take_stock(LISTS[f"tools-{role}"], dict.fromkeys(ids(f"tools-{role}")[1:4], True)).share == Fraction(3, 5)
