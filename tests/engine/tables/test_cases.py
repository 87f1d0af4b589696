"""Case files: the public cases, subsets of them, and files that are wrong."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from engine.tables.case_tables import CaseFileError
from engine.tables.cases import is_expected, run_case_file, run_cases

FILE = Path(__file__).parents[2] / "data" / "decision-table-cases.json"
ITEMS = json.loads(FILE.read_text(encoding="utf-8"), parse_float=Decimal)["items"]


def test_all_public_cases_pass() -> None:
    report = run_case_file(FILE)
    assert str(report).endswith("36 passed, 0 failed")
    assert report.exit_code == 0


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item["id"])
def test_each_item_alone(item: dict[str, object]) -> None:
    report = run_cases([item])
    assert report.failed == 0, str(report)
    assert report.results


def sample(hit: str = "U", rules: object = None, **case: object) -> dict[str, object]:
    made = {
        "name": "T",
        "hitPolicy": hit,
        "inputs": [{"expression": "Order.The size", "type": "number"}],
        "outputs": [{"name": "Out"}],
        "rules": rules or [{"when": [">limit"], "then": ['"large"']}, {"when": ["[0..limit]"], "then": ['"small"']}],
    }
    inputs = {"Order": {"The size": 5}, "limit": 3}
    return {
        "id": "i",
        "tables": [made],
        "cases": [{"id": "1", "table": "T", "inputs": inputs, "expected": "large", **case}],
    }


def test_paths_and_variables_of_the_case() -> None:
    made = sample()
    made["tables"][0]["inputs"][0]["expression"] = "size"  # type: ignore[index]
    made["cases"][0]["inputs"] = {"size": 5, "limit": 3}  # type: ignore[index]
    assert run_cases({"items": [made]}).failed == 0


@pytest.mark.parametrize(
    ("path", "inputs"),
    [
        ("order.size", {"order": {"size": 5}, "limit": 3}),
        ("order size", {"order size": 5, "limit": 3}),
        ("if a then b else 0", {"a": True, "b": 5, "limit": 3}),
        ("(a + 1) * 2 - b / 2", {"a": 2, "b": 2, "limit": 3}),
        ("max(a, b)", {"a": 2, "b": 5, "limit": 3}),
    ],
)
def test_input_expressions(path: str, inputs: dict[str, object]) -> None:
    made = sample(inputs=inputs)
    made["tables"][0]["inputs"][0]["expression"] = path  # type: ignore[index]
    report = run_cases([made])
    assert report.failed == 0, str(report)


@pytest.mark.parametrize(
    ("hit", "when", "expected"),
    [
        ("U", ["-", ">3"], None),
        ("A", ["-", ">3"], None),
        ("C#", ["<0", "<1"], None),
        ("C", ["<0", "<1"], None),
        ("C", ["-", ">3"], ["b", "a"]),
        ("R", ["-", ">3"], ["a", "b"]),
        ("C#", ["-", ">3"], 2),
    ],
)
def test_conventions_of_results(hit: str, when: list[str], expected: object) -> None:
    rules = [{"when": [text], "then": [f'"{word}"']} for text, word in zip(when, "ab", strict=True)]
    made = sample(hit, rules, inputs={"size": 5}, expected=expected)
    made["tables"][0]["inputs"][0]["expression"] = "size"  # type: ignore[index]
    report = run_cases([made])
    assert report.failed == 0, str(report)


def test_typed_values() -> None:
    rules = [{"when": ['>date("2016-10-01")'], "then": ["true"]}, {"when": ['<=date("2016-10-01")'], "then": ["false"]}]
    made = sample("U", rules, inputs={"d": {"$date": "2016-11-01"}}, expected=True)
    made["tables"][0]["inputs"][0] = {"expression": "d", "type": "date"}  # type: ignore[index]
    assert run_cases([made]).failed == 0
    length = sample("U", [{"when": ["> other"], "then": ["1"]}], expected=1)
    length["cases"][0]["inputs"] = {"d": {"$duration": "P2D"}, "other": {"$duration": "PT47H"}}  # type: ignore[index]
    length["tables"][0]["inputs"][0] = {"expression": "d", "type": "dayTimeDuration"}  # type: ignore[index]
    assert run_cases([length]).failed == 0


def test_failed_case_is_named_and_sets_the_exit_code() -> None:
    made = sample(inputs={"size": 5, "limit": 9})
    made["tables"][0]["inputs"][0]["expression"] = "size"  # type: ignore[index]
    report = run_cases([made])
    assert (report.failed, report.exit_code) == (1, 1)
    assert str(report.results[0]) == "FAILED  i  1  T: expected 'large', got 'small'"


def test_table_that_does_not_compile_fails_its_cases_alone() -> None:
    bad = sample("U", [{"when": ["[1.."], "then": ["1"]}])
    good = sample(inputs={"size": 5, "limit": 3})
    good["tables"][0]["inputs"][0]["expression"] = "size"  # type: ignore[index]
    bad["tables"][0]["inputs"][0]["expression"] = "limit"  # type: ignore[index]
    report = run_cases([bad, good])
    assert [one.passed for one in report.results] == [False, True]
    assert "TAB002" in report.results[0].message


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"items": [{"id": "x"}]},
        {"items": [1]},
        [sample("Z")],
        [sample(inputs={"d": {"$date": "soon"}})],
    ],
)
def test_broken_files_are_told(broken: object) -> None:
    with pytest.raises(CaseFileError):
        run_cases(broken)


def test_file_that_is_no_json(tmp_path: Path) -> None:
    path = tmp_path / "cases.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(CaseFileError):
        run_case_file(path)


def test_truth_values_are_no_numbers() -> None:
    assert not is_expected(1, True)
    assert is_expected(Decimal("1.0"), 1)
    assert is_expected({"a": [1, None]}, {"a": (1, None)})
