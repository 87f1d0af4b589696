"""Which sheet, which heads, which rows belong together."""

from engine.model.documents import Field
from engine.model.formula import Title
from engine.model.sheets import SheetColumn
from engine.model.types import TEXT
from engine.model.workbooks import Merged, ReadSheet
from engine.sheets.columns import Page, Place
from engine.sheets.findings import column_letters, on_page
from engine.sheets.layout import Layout, Unfit, data_rows, faults_in, groups, lay_out, part_up

NAME, PHONE, NOTE = (
    Place(SheetColumn((name,), head), Field(name, Title(head), "text", TEXT))
    for name, head in (("name", "姓名"), ("phone", "联系电话"), ("note", "备注"))
)
PLACES = (NAME, PHONE, NOTE)


def sheet(*rows, title="人员", **keys):
    return ReadSheet(title, [(number, list(row)) for number, row in enumerate(rows, 1) if any(row)], **keys)


def laid(*sheets) -> Layout:
    found = lay_out(sheets, PLACES, [NAME, PHONE])
    assert isinstance(found, Layout)
    return found


def told(found) -> dict[str, str]:
    return {f"{one.address} {one.code}".strip(): one.text["zh"] for one in found.findings}


def test_a_sheet_as_it_should_be():
    found = laid(sheet(["姓名", "联系电话"], ["甲", "1"]))
    assert found.findings == ()
    assert list(data_rows(found)) == [(2, ["甲", "1"])]


def test_wrong_heads_name_the_nearest():
    found = laid(sheet(["姓名", "联系电活", "备 注", "备柱"], ["甲", "1"]))
    assert not found.is_sound
    assert told(found) == {
        "B1 missing_head": "缺少必填列“联系电话”；B1的“联系电活”是不是它？",
        "B1 unknown_head": "不认识的表头“联系电活”，此列不导入；是否应为“联系电话”？",
        "D1 unknown_head": "不认识的表头“备柱”，此列不导入",
    }


def test_missing_and_doubled_heads_stop_the_sheet():
    found = laid(sheet(["姓名", "姓　名"], ["甲", "乙"]))
    assert not found.is_sound
    assert told(found).keys() == {"1 missing_head", "B1 doubled_head"}


def test_no_heads_at_all_and_nothing_at_all():
    found = lay_out([sheet(["甲", "乙"])], PLACES, [NAME])
    assert isinstance(found, Unfit)
    assert found.findings[0].text["zh"] == "前20行里没有找到表头，应有：姓名、联系电话、备注"
    for empty in ([], [sheet()], [sheet(["姓名"], is_hidden=True)]):
        found = lay_out(empty, PLACES, [NAME])
        assert isinstance(found, Unfit)
        assert found.findings[0].code == "empty"


def test_the_sheet_with_the_most_heads_is_taken_and_the_others_are_named():
    other, mine = sheet(["姓名"], title="说明"), sheet(["姓名", "联系电话"], ["甲", "1"])
    hidden = sheet(["姓名", "联系电话", "备注"], title="选项", is_hidden=True)
    found = laid(other, hidden, mine, sheet(title="空"))
    assert [page.sheet for page in found.pages] == [mine]
    assert told(found) == {"other_sheets": "只导入工作表“人员”，未导入：说明"}


def test_sheets_with_the_same_columns_are_read_together():
    may = sheet(["姓名", "联系电话"], ["甲", "1"], title="五月")
    june = sheet(["联系电话", "姓名", "工号"], ["2", "乙", "x"], title="六月", hidden_rows=frozenset({2}))
    found = laid(may, sheet(["姓名"], ["丙"], title="名单"), june)
    assert [page.sheet.title for page in found.pages] == ["五月", "六月"]
    assert list(data_rows(found)) == [(2, ["甲", "1"]), (on_page(1, 2), ["2", "乙", "x"])]
    assert told(found) == {
        "六月!C1 unknown_head": "不认识的表头“工号”，此列不导入",
        "六月!2 hidden_rows": "有1行是隐藏或筛选掉的（第2行），也会一起导入",
        "several_pages": "2个工作表一起导入：五月、六月",
        "other_sheets": "只导入工作表“五月、六月”，未导入：名单",
    }


def test_sheets_that_have_the_column_of_the_group_are_read_together():
    people, phones = sheet(["姓名", "备注"], ["甲", "x"]), sheet(["姓名", "联系电话"], ["甲", "1"], title="电话")
    found = lay_out([people, phones], PLACES, [NAME, PHONE], "name")
    assert isinstance(found, Layout)
    assert found.is_sound
    assert [list(page.heads.columns) for page in found.pages] == [["name", "note"], ["name", "phone"]]
    rows = list(data_rows(found))
    assert list(groups(lambda: rows, [1, 1])) == [[(2, ["甲", "x"]), (on_page(1, 2), ["甲", "1"])]]
    alone = lay_out([people, phones], PLACES, [NAME, PHONE])
    assert isinstance(alone, Layout)
    assert not alone.is_sound


def test_examples_are_no_data():
    found = laid(sheet(["姓名", "联系电话"], ["甲", "1"]), sheet(["姓名", "联系电话"], ["某", "0"], title="填写示例"))
    assert [page.sheet.title for page in found.pages] == ["人员"]
    assert found.findings == ()


def test_hidden_rows_are_told():
    found = laid(sheet(["姓名", "联系电话"], ["甲", "1"], ["乙", "2"], hidden_rows=frozenset({3})))
    assert found.is_sound
    assert "第3行" in told(found)["3 hidden_rows"]
    assert len(list(data_rows(found))) == 2


def test_merged_cells_stand_in_every_row_of_their_block():
    rows = [["姓名", "联系电话"], ["甲", "1"], [None, "2"], [None, "3"], ["乙", "4"]]
    found = laid(sheet(*rows, merged=(Merged(2, 1, 4, 1), Merged(1, 1, 1, 2))))
    assert list(data_rows(found)) == [(2, ["甲", "1"]), (3, ["甲", "2"]), (4, ["甲", "3"]), (5, ["乙", "4"])]
    assert told(found) == {"A2 merged": "有1处合并单元格，合并的各行都按第一格的值导入"}


def test_rows_of_one_document_are_gathered_wherever_they_stand():
    rows = [(2, ["甲"]), (3, ["乙"]), (5, [" 甲 "]), (6, [None]), (7, [None]), (8, [1]), (9, ["1"])]
    assert [[number for number, _ in group] for group in groups(lambda: rows, [1])] == [[2, 5], [3], [6], [7], [8, 9]]
    assert len(list(groups(lambda: rows, []))) == len(rows)


def test_only_groups_that_are_not_complete_are_held():
    given: list[int] = []

    def rows():
        for number in range(2, 102):
            given.append(number)
            yield number, [f"单{number // 2}"]

    found = groups(rows, [1])
    next(found)
    assert given[100:] == [2, 3]  # the first time all are gone through, to know where each group ends


def test_parts_never_tear_a_document():
    found = [[(1, [])] * 3, [(2, [])] * 3, [(3, [])] * 9, [(4, [])]]
    assert [len(part) for part in part_up(found, 6)] == [2, 1, 1]
    assert list(part_up([], 6)) == []


def test_failed_formulas_are_told_at_their_cells():
    found = faults_in(
        [(4, [None, None])],
        {(4, 2): "#N/A", (4, 1): "", (5, 1): "#REF!", (4, 3): "x"},
        [Page("", [(1, NAME), (2, PHONE)])],
    )
    assert [(one.address, one.head) for one in found] == [("A4", "姓名"), ("B4", "联系电话")]
    assert "重新" not in found[1].text["zh"]
    assert found[1].text["zh"] == "公式出错：#N/A"


def test_columns_are_lettered_as_in_spreadsheets():
    assert [column_letters(number) for number in (0, 1, 26, 27, 702, 703)] == ["", "A", "Z", "AA", "ZZ", "AAA"]


def test_rows_of_advice_around_the_heads_are_no_data():
    tags = (
        Place(SheetColumn(("name",), "姓名", ("xm",)), NAME.field),
        Place(SheetColumn(("phone",), "联系电话", ("dh",)), PHONE.field),
    )
    page = sheet(
        ["xm", "dh"], ["姓名", "联系电话"], ["※必填，文本", None], ["甲", "1"], ["※乙", "2"], ["姓名", "联系电话"]
    )
    found = lay_out([page], tags, tags)
    assert isinstance(found, Layout)
    assert list(data_rows(found)) == [(4, ["甲", "1"]), (5, ["※乙", "2"]), (6, ["姓名", "联系电话"])]
    assert [row for row, _ in found.pages[0].above] == [1, 2, 3]
