"""Code lists: columns with types, dates, and what can be wrong in a cell."""

from datetime import date
from decimal import Decimal

import pytest

from engine.loading.csv_rows import read_rows
from engine.model.system import CodeList
from engine.model.types import Kind, Type
from engine.problems import Problem
from tests.engine.loading.trees import loaded, problems, said

PATH = "shared/codes/kinds.csv"


def codes(text: str, files: dict[str, str] | None = None) -> CodeList:
    return loaded({PATH: text} | (files or {})).definitions.codes["kinds"]


def test_columns_get_the_type_of_what_stands_in_them() -> None:
    found = codes(
        "code,title,rate,open,since,unit,note\n01,甲,0.065,true,2020-01-01,035,\n02,乙,1,false,,036,x\n03,丙,,,,037,\n"
    )
    assert {name: kind.kind for name, kind in found.columns.items()} == {
        "title": Kind.TEXT, "rate": Kind.NUMBER, "open": Kind.BOOLEAN, "since": Kind.DATE, "unit": Kind.TEXT,
        "note": Kind.TEXT,
    }  # fmt: skip
    first, second, third = found.entries
    assert (first.code, first.columns["rate"], first.columns["open"]) == ("01", Decimal("0.065"), True)
    assert (first.columns["since"], first.columns["unit"]) == (date(2020, 1, 1), "035")
    assert (second.columns["rate"], second.columns["since"]) == (Decimal(1), None)
    assert third.columns["open"] is None


def test_head_may_say_the_type() -> None:
    found = codes("code,title,next: code kinds,weight: integer,text: text\n1,甲,2,3,4\n2,乙,,,5\n")
    assert found.columns["next"] == Type(Kind.CODE, "kinds")
    assert (found.entries[0].columns["next"], found.entries[0].columns["weight"]) == ("2", 3)
    assert found.entries[0].columns["text"] == "4"


def test_parent_is_a_code_of_the_same_list() -> None:
    found = codes("code,title,parent\n1,甲,\n11,乙,1\n")
    assert found.columns["parent"] == Type(Kind.CODE, "kinds")
    assert found.entries[1].columns["parent"] == "1"


def test_rows_have_dates_and_a_title() -> None:
    found = codes("code,from,until\nA,2019-04-01,2026-12-31\nA,2027-01-01,\n")
    assert [(row.dated.start, row.dated.end) for row in found.entries] == [
        ("2019-04-01", "2026-12-31"),
        ("2027-01-01", ""),
    ]
    assert found.entries[0].columns["title"] == "A"


def test_spreadsheet_export_is_read() -> None:
    text = '\ufeffcode,title\r\n1,"甲, 乙"\r\n2,"说 ""好""\r\n第二行"\r\n'
    assert [entry.columns["title"] for entry in codes(text).entries] == ["甲, 乙", '说 "好"\n第二行']


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["1:1 SYN018"]),
        ("title\n甲\n", ["1:1 SHP031"]),
        ("code,title,title\nA,B,C\n", ["1:12 SHP032"]),
        ("code,a b\nA,B\n", ["1:6 SHP032"]),
        ("code,title\nA,B,C\n", ["2:5 SHP033"]),
        ("code,title\n,甲\n", ["2:1 SHP034"]),
        ("code,n: integer\nA,x\n", ["2:3 SHP035"]),
        ("code,n: nonsense\nA,x\n", ["1:6 SHP012"]),
        ("code,from\nA,2026-02-30\n", ["2:3 SHP036"]),
        ("code,title\nA,甲\nB,乙\nA,丙\n", ["4:1 SHP037"]),
        ('code,title\nA,"甲\n', ["2:3 SYN017"]),
    ],
)
def test_wrong_cell_is_told_at_its_place(text: str, expected: list[str]) -> None:
    assert [one.removeprefix(f"{PATH}:") for one in said(problems({PATH: text}))] == expected


def test_cells_know_where_they_begin() -> None:
    faults: list[Problem] = []
    (row,) = read_rows("f.csv", 'a, 中 ,"x, y",z\n', faults)
    assert row.cells == ("a", "中", "x, y", "z")
    assert [row.where("f.csv", index).column for index in range(4)] == [1, 4, 8, 14]
    assert not faults


def test_large_list_is_read_row_by_row() -> None:
    text = "code,title,rate\n" + "".join(f"{n:010},名称{n},0.{n % 10}\n" for n in range(20_000))
    found = codes(text)
    assert len(found.entries) == 20_000
    assert found.entries[7].columns == {"title": "名称7", "rate": Decimal("0.7")}
