"""Rows out of a workbook, written and read by the workbook adapter."""

from dataclasses import replace
from datetime import date

from adapters.excel.workbook import ExcelWorkbook
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
