"""Rows out of a workbook, written and read by the workbook adapter."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from adapters.excel.workbook import ExcelWorkbook
from engine.checks import CheckedDefinitions, check
from engine.loading import MemoryTree, load
from engine.model.formula import Title
from engine.problems import Problem
from engine.tables.compile import compile_table
from engine.tables.feel import feel_cells
from engine.tables.sheets import column_letters, with_sheet
from tests.engine.tables.building import table

HEAD = ["price", "等级", "price", "from"]
ROWS: list[list[object]] = [[">= 10", "a, b", 1.5, date(2024, 1, 1)], [None, "c", 3, None], [5, "x", None, None]]


def sheet(head: list[str], rows: list[list[object]]) -> tuple[object, tuple[Problem, ...]]:
    """A table whose input and output share a name; the other input goes by its title."""
    made = table("first", {"price": "number", "level": "code levels"}, {"price": "optional number"}, [])
    titled = replace(made.inputs[1], title=Title("等级"), allowed=("a", "b", "c"))
    made = replace(made, inputs=(made.inputs[0], titled), sheet="prices.xlsx")
    return with_sheet(made, ExcelWorkbook(), ExcelWorkbook().write("Sheet1", head, rows))


def test_rows_and_their_places() -> None:
    made, problems = sheet(HEAD, ROWS)
    assert problems == ()
    rows = made.rows  # type: ignore[attr-defined]
    assert [[one.text for one in (*row.when, *row.then)] for row in rows] == [
        [">= 10", "a, b", "1.5"], ["-", "c", "3"], ["5", "x", "null"],
    ]  # fmt: skip
    assert rows[0].dated.start == "2024-01-01"
    assert str(rows[1].when[1].where) == "prices.xlsx!B3:3:2"


def test_problems_of_cells_name_the_cell_of_the_workbook() -> None:
    made, _ = sheet(HEAD, ROWS)
    _, problems = compile_table(made, feel_cells(()))  # type: ignore[arg-type]
    assert [(one.code, str(one.where)) for one in problems] == [("TAB004", "prices.xlsx!B4:4:2")]


def test_strange_and_missing_heads() -> None:
    _, problems = sheet(["price", "levl", "price"], [])
    assert [(one.code, one.where.file, one.suggestion) for one in problems] == [
        ("TAB021", "prices.xlsx!B1", "level"), ("TAB022", "prices.xlsx!A1", ""),
    ]  # fmt: skip


def test_what_is_no_workbook() -> None:
    made = replace(table("first", {"a": "text"}, {"b": "text"}, []), sheet="bad.xlsx")
    _, [problem] = with_sheet(made, ExcelWorkbook(), b"none")
    assert (problem.code, problem.values["file"]) == ("TAB020", "bad.xlsx")


def test_letters_of_columns() -> None:
    assert [column_letters(column) for column in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


# --- from the folder -------------------------------------------------------------------------------------------------

RATES = """table: rate
title: 费率
hit: first
inputs: {way: {type: code ways, title: 方式}, weight: {type: decimal, within: "[0..100]"}}
outputs: {fee: {type: decimal, default: 0}}
sheet: rates.xlsx
"""
WAYS = "code,title\npickup,自取\ncourier,快递\n"


def checked(rows: list[list[object]], **files: str) -> CheckedDefinitions:
    content = ExcelWorkbook().write("费率", ["方式", "weight", "fee", "from"], rows)
    tree = {"desk/tables/rate.yaml": RATES, "desk/tables/rates.xlsx": content, "desk/codes/ways.csv": WAYS, **files}
    system = {"desk/system.yaml": "system: desk\ntitle: 台\n", "nodes/n.yaml": "node: n\nsystems: [desk]\n"}
    return check(load(MemoryTree({**tree, **system})), workbook=ExcelWorkbook())


def test_a_table_of_the_folder_decides_by_its_workbook() -> None:
    found = checked([["pickup", None, 0, None], ["courier", "<= 10", 12.5, date(2024, 1, 1)]])
    assert found.problems == ()
    assert len(found.definitions.tables["rate"].rows) == 2
    decided = found.tables["rate"].decide({"way": "courier", "weight": 3}, date(2024, 2, 1), None)  # type: ignore[arg-type]
    assert decided == {"fee": Decimal("12.5")}


def test_problems_of_the_folder_name_sheet_and_cell() -> None:
    found = checked([["pickup", None, 0, None], ["couriers", "<= 10", "much", None]])
    assert [(one.code, str(one.where), one.suggestion) for one in found.problems] == [
        ("TAB004", "desk/tables/rates.xlsx!A3:3:1", "courier"),
        ("TAB003", "desk/tables/rates.xlsx!C3:3:3", "=much"),
    ]


def test_a_workbook_that_is_not_there_or_none() -> None:
    wrong = RATES.replace("rates.xlsx", "rate.xlsx")
    [problem] = [one for one in checked([], **{"desk/tables/rate.yaml": wrong}).problems if one.code == "NAM009"]
    assert (str(problem.where), problem.values["file"]) == ("desk/tables/rate.yaml:6:8", "desk/tables/rate.xlsx")
    [problem] = [one for one in checked([], **{"desk/tables/rates.xlsx": "none"}).problems if one.code == "TAB020"]
    assert problem.values["file"] == "desk/tables/rates.xlsx"
