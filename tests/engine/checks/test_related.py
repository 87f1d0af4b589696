"""Problems of two places tell of both."""

import pytest

from engine.checks import check
from engine.loading import load
from tests.definitions.wrong import HERE, read_case


@pytest.mark.parametrize(
    ("case", "code", "related"),
    [
        ("DOC001_back_reference_meets_a_field", "DOC001", {"shared/user/document.yaml", "desk/note/document.yaml"}),
        ("DOC010_circle", "DOC010", {"desk/note/document.yaml"}),
        ("DOC019_unique_twice", "DOC019", {"desk/note/document.yaml"}),
        ("MAC004_deadline_elsewhere", "MAC004", {"desk/note/machine.yaml"}),
        ("MAC006_approval_of_people", "MAC006", {"desk/order/machine.yaml"}),
        ("MAC011_step_twice", "MAC011", {"desk/order/machine.yaml"}),
        ("MAC016_required_not_given", "MAC016", {"desk/order/document.yaml"}),
        ("ACC003_event_for_others", "ACC003", {"desk/order/machine.yaml"}),
        ("PAG002_shown_twice", "PAG002", {"desk/order/pages.yaml"}),
        ("VAL001_values_overlap", "VAL001", {"desk/values/v.yaml"}),
        ("VAL005_codes_overlap", "VAL005", {"desk/codes/kinds.csv"}),
        ("SYS003_accounts_of_other_types", "SYS003", {"shared/user/document.yaml"}),
    ],
)
def test_problem_names_the_other_place(case: str, code: str, related: set[str]) -> None:
    problems = check(load(read_case(HERE / "bad" / f"{case}.yaml").tree)).problems
    assert {where.file for one in problems if one.code == code for where in one.related} == related


def test_circle_is_told_whole() -> None:
    problems = check(load(read_case(HERE / "bad" / "DOC010_circle.yaml").tree)).problems
    assert [one.values["circle"] for one in problems] == ["a → b → c → a", "d → d"]
    assert len(problems[0].related) == 2
