from engine.model.sheets import SheetColumn
from engine.model.workbooks import Merged
from engine.sheets.heads import find_heads, normal, read_heads, spellings

COLUMNS = (
    SheetColumn(("name",), "姓名", ("人员姓名", "Name")),
    SheetColumn(("rank",), "职级/职称"),
    SheetColumn(("phone",), "联系电话(手机)"),
)
KNOWN = spellings(COLUMNS)


def test_width_spaces_case_and_marks_of_necessity_make_no_difference():
    for head in ("姓名", " 姓 名 ", "姓\n名", "＊姓名", "姓名（必填）", "*姓名*", "ＮＡＭＥ", "name", "姓名[必填]"):
        assert KNOWN.get(normal(head)) == "name", head
    for head in ("职级／职称", "职级 / 职称"):
        assert KNOWN.get(normal(head)) == "rank", head
    assert KNOWN.get(normal("联系电话（手机）")) == "phone"


def test_a_head_that_is_nothing_but_a_mark_stays_itself():
    assert normal("必填") == "必填"
    assert normal(None) == normal(True) == normal(1.5) == ""


def test_heads_are_numbered_as_people_count():
    found = read_heads(3, [None, "姓名", "工龄", "职级/职称", "人员姓名"], KNOWN)
    assert found.columns == {"name": 2, "rank": 4}
    assert found.unknown == {3: "工龄"}
    assert found.doubled == {5: "人员姓名"}


def test_titles_above_the_heads_are_passed_over():
    rows = [(1, ["人员名单"]), (2, ["姓名：见下表", "姓名"]), (4, ["姓名", "职级/职称"]), (5, ["姓名", "甲"])]
    found = find_heads(rows, KNOWN)
    assert found is not None
    assert (found.row, dict(found.columns)) == (4, {"name": 1, "rank": 2})
    assert find_heads([(1, ["甲", "乙"])], KNOWN) is None


def test_heads_that_are_merged_over_rows_stand_beside_those_beneath_a_common_one():
    rows = [(1, ["名单"]), (2, ["姓名", None, "其他"]), (3, [None, None, "民族", "级别"]), (4, ["甲", None, "汉族", 1])]
    merged = [Merged(1, 1, 1, 4), Merged(2, 1, 3, 2), Merged(2, 3, 2, 4)]
    known = {"姓名": "name", "民族": "people", "级别": "grade"}
    found = find_heads(rows, known, merged)
    assert (found.row, found.columns, found.unknown) == (3, {"name": 1, "people": 3, "grade": 4}, {})
    assert find_heads(rows, known).columns == {"people": 3, "grade": 4}
    assert find_heads([(2, ["姓名"]), (4, ["甲"])], known, [Merged(2, 1, 3, 1)]).row == 2
