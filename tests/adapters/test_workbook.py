import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from time import process_time

import openpyxl
import pytest
import xlwt

from adapters.excel.guard import Limits
from adapters.excel.workbook import ExcelWorkbook
from engine.model.workbooks import CellForm, Mark, MarkedPage, MarkedRow, TemplateColumn
from engine.ports import Unreadable

BOOK = ExcelWorkbook()
HEAD = ["姓名", "数量", "日期"]


def changed(content: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The workbook with other parts."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def cells_at(*places: str) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for place in places:
        book.active[place] = 1
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_values_come_back_as_they_went() -> None:
    row = [
        "张三",
        12,
        Decimal("0.1"),
        True,
        date(2026, 5, 6),
        datetime.fromisoformat("2026-05-06 15:33"),
        time(8, 30),
        None,
        "0110",
        "末",
    ]
    sheets = BOOK.read(BOOK.write("名单", ["列"] * len(row), [row]))
    assert list(sheets) == ["名单"]
    assert sheets["名单"] == [["列"] * len(row), row]


def test_a_column_shows_its_values_as_they_are_meant() -> None:
    forms = [CellForm("number", 2, grouped=True), CellForm("number", 0), CellForm("number", 3), CellForm("number")]
    forms += [CellForm("date"), CellForm("datetime"), CellForm("number", 2, grouped=True), CellForm()]
    row = [Decimal("2500.00"), 12, Decimal("0.125"), Decimal("0.5"), date(2026, 11, 23)]
    row += [datetime.fromisoformat("2026-11-23 10:00"), "***", "=1+1"]
    content = BOOK.write("x", list("abcdefgh"), [row, [date(1850, 5, 6), None]], forms)
    assert BOOK.read(content)["x"][1:] == [row, ["1850-05-06", *[None] * 7]]
    sheet = openpyxl.load_workbook(io.BytesIO(content))["x"]
    assert [cell.number_format for cell in sheet[2]] == [
        *["#,##0.00", "0", "0.000", "General"],
        *["yyyy-mm-dd", "yyyy-mm-dd hh:mm", "General", "General"],
    ]
    assert sheet.column_dimensions["F"].width > len("2026-11-23 10:00")


def test_long_numbers_stay_exact_as_text() -> None:
    row = [12345678901234567890, Decimal("0.1234567890123456789"), "110105194912310021"]
    assert BOOK.read(BOOK.write("x", ["a", "b", "c"], [row]))["x"][1] == [str(value) for value in row]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x","y")', "\t=1", "＝1", "'=1"])
def test_text_never_becomes_a_formula(text: str) -> None:
    content = BOOK.write("x", [text], [[text]])
    sheet = openpyxl.load_workbook(io.BytesIO(content))["x"]
    assert {cell.data_type for row in sheet for cell in row} == {"s"}
    assert BOOK.read(content)["x"] == [[text.replace("\t", "\t")]] * 2


def test_signs_that_xml_cannot_hold_are_left_out() -> None:
    assert BOOK.read(BOOK.write("a/b:[c]*'", ["x"], [["a\x00b\x1fc\ufffe"]])) == {"a b  c": [["x"], ["abc"]]}


def test_rows_keep_their_place_and_trailing_empty_ones_go() -> None:
    content = cells_at("B3")
    assert BOOK.read(content)["Sheet"] == [[None, None], [None, None], [None, 1]]


def test_rows_are_written_one_by_one() -> None:
    seen: list[int] = []

    def rows() -> list[list[object]]:
        seen.append(1)
        return [["x"]]

    assert BOOK.read(BOOK.write("x", ["a"], (row for _ in range(3) for row in rows())))["x"][1:] == [["x"]] * 3


@pytest.mark.parametrize("content", [b"", b"PK", b"a,b\n1,2\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="xlsx"):
        BOOK.read(content)


def test_archive_that_is_no_workbook_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(ValueError, match="cannot be read"):
        BOOK.read(out.getvalue())


def test_cells_far_apart_are_refused_before_they_cost_memory() -> None:
    with pytest.raises(ValueError, match="stray cells"):
        BOOK.read(cells_at("A1", "XFD1048576"))


@pytest.mark.parametrize(
    "cells",
    [
        b"<row r='1'><c r='A1'/></row><row r='900000'><c s='>' r='XFD900000'><v>1</v></c></row>",
        b'<row r="1"><c r="xfd1"><v>1</v></c></row><row><c r = "A99999"><v>1</v></c></row>',
        b'<row r="1">' + b"<c/>" * 4_000 + b"</row>" + b"<row><c/></row>" * 4_000,
        b'<row r="1"><c r="XFD1"/></row><row x=">" r="900000"><c><v>1</v></c></row>',
        b'<row r="1"><c r="XFD1"/></row><row r="0000900000"><c><v>1</v></c></row>',
        b'<row r="1"><c r="XFD1"/></row><row r="2"><c r="A0000900000"><v>1</v></c></row>',
    ],
    ids=["odd quotes", "small letters", "no places", "end within", "zeros of rows", "zeros of cells"],
)
def test_places_cannot_be_hidden(cells: bytes) -> None:
    def spread(parts: dict[str, bytes]) -> None:
        head, _, tail = parts[SHEET].partition(b"<sheetData>")
        parts[SHEET] = head + b"<sheetData>" + cells + b"</sheetData>" + tail.partition(b"</sheetData>")[2]

    with pytest.raises(ValueError, match="stray cells"):
        BOOK.read(changed(cells_at("A1"), spread))


@pytest.mark.parametrize("tag", [b"<row ", b"<c >", b"<c ", b"<v ", b"<row hidden "])
def test_tags_that_never_end_cost_no_more_than_their_length(tag: bytes) -> None:
    def fill(parts: dict[str, bytes]) -> None:
        cell = b'<row r="1"><c r="A1"><f>1</f><!--' + tag * 100_000 + b"--></c></row><!--" + tag * 100_000 + b"-->"
        head, _, tail = parts[SHEET].partition(b"<sheetData>")
        parts[SHEET] = head + b"<sheetData>" + cell + b"</sheetData>" + tail.partition(b"</sheetData>")[2]

    content = changed(cells_at("A1"), fill)
    begun = process_time()
    assert len(BOOK.open(content)) == 1
    assert process_time() - begun < 5  # minutes, where each tag reads on to the end


def test_sheet_is_judged_whatever_its_part_is_called() -> None:
    def rename(parts: dict[str, bytes]) -> None:
        parts["xl/picture.png"] = parts.pop(SHEET)
        for name in ("xl/_rels/workbook.xml.rels", "[Content_Types].xml"):
            parts[name] = parts[name].replace(b"worksheets/sheet1.xml", b"picture.png")

    with pytest.raises(ValueError, match="stray cells"):
        BOOK.read(changed(cells_at("A1", "XFD1048576"), rename))


def test_bomb_is_refused_by_what_it_inflates_to() -> None:
    def bomb(parts: dict[str, bytes]) -> None:
        parts["xl/media/bomb.bin"] = bytes(30 << 20)

    with pytest.raises(ValueError, match="inflates"):
        ExcelWorkbook(Limits(inflated_bytes=20 << 20)).read(changed(cells_at("A1"), bomb))


def test_part_that_lies_about_its_size_is_refused() -> None:
    """The declared size and checksum are those of the first 100 bytes; zipfile itself would believe them."""
    body = b"x" * (5 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    raw = packer.compress(body) + packer.flush()
    crc = zlib.crc32(body[:100])
    name = b"xl/worksheets/sheet1.xml"
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(raw), 100, len(name), 0) + name + raw
    central = (
        struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 0, crc, len(raw), 100, len(name), 0, 0, 0, 0, 0, 0)
        + name
    )
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(central), len(local), 0)
    content = local + central + end
    assert len(zipfile.ZipFile(io.BytesIO(content)).read(name.decode())) == 100
    with pytest.raises(ValueError, match="lies"):
        BOOK.read(content)


@pytest.mark.parametrize("name", ["xl/externalLinks/externalLink1.xml", "xl/vbaProject.bin", "xl/connections.xml"])
def test_links_and_macros_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="macros or links"):
        BOOK.read(changed(cells_at("A1"), lambda parts: parts.update({name: b"<x/>"})))


@pytest.mark.parametrize("head", [b"<!DOCTYPE x [<!ENTITY a 'b'>]>", "<?xml version='1.0'?>".encode("utf-16")])
def test_entities_and_other_encodings_are_refused(head: bytes) -> None:
    with pytest.raises(ValueError, match=r"save it again"):
        BOOK.read(changed(cells_at("A1"), lambda parts: parts.update({SHEET: head + parts[SHEET]})))


def test_one_long_text_in_many_cells_is_refused() -> None:
    def many(parts: dict[str, bytes]) -> None:
        parts["xl/sharedStrings.xml"] = (
            b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
            + b"x" * 30_000
            + b"</t></si></sst>"
        )
        rows = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(1, 20_001))
        head, _, tail = parts[SHEET].partition(b"<sheetData>")
        parts[SHEET] = head + b"<sheetData>" + rows + b"</sheetData>" + tail.partition(b"</sheetData>")[2]

    with pytest.raises(ValueError, match="memory"):
        BOOK.read(changed(cells_at("A1"), many))


def test_large_upload_is_refused() -> None:
    with pytest.raises(ValueError, match="1 MB"):
        ExcelWorkbook(Limits(file_bytes=1 << 20)).read(bytes((1 << 20) + 1))


# --- imports ---------------------------------------------------------------------------------------------------------


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_rows_are_given_with_the_numbers_that_people_see() -> None:
    [sheet] = BOOK.open(cells_at("B3", "C6"))
    assert list(sheet.rows) == [(3, [None, 1, None]), (6, [None, None, 1])]
    assert list(sheet.rows) == list(sheet.rows)


def test_sheets_tell_what_is_hidden_merged_and_failed() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "A & B"
    sheet.append(["姓名", "数量"])
    for row in ("甲", "乙", None, "丙"):
        sheet.append([row, "=1+1"])
    sheet["B5"].value, sheet["B5"].data_type = "#N/A", "e"
    sheet.merge_cells("A3:A4")
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["A"].hidden = True
    book.create_sheet("其他").sheet_state = "hidden"
    first, second = BOOK.open(saved(book))
    assert (first.title, first.is_hidden, second.title, second.is_hidden) == ("A & B", False, "其他", True)
    assert first.hidden_rows == {2}
    assert [(one.top, one.left, one.bottom, one.right) for one in first.merged] == [(3, 1, 4, 1)]
    assert dict(first.faults) == {(2, 2): "", (3, 2): "", (4, 2): "", (5, 2): "#N/A"}
    assert [number for number, _ in first.rows] == [1, 2, 3, 4, 5]


def test_an_empty_cell_does_not_hide_the_fault_of_the_next() -> None:
    def failed(parts: dict[str, bytes]) -> None:
        head, _, tail = parts[SHEET].partition(b"<sheetData>")
        cells = b'<row r="1"><c r="A1" s="0"/><c r="B1" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        parts[SHEET] = head + b"<sheetData>" + cells + b"</sheetData>" + tail.partition(b"</sheetData>")[2]

    assert dict(BOOK.open(changed(cells_at("A1"), failed))[0].faults) == {(1, 2): "#DIV/0!"}


def test_formulas_with_a_saved_value_are_their_value() -> None:
    def valued(parts: dict[str, bytes]) -> None:
        parts[SHEET] = (
            parts[SHEET]
            .replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>")
            .replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>")
        )

    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"] = "=1+1"
    [sheet] = BOOK.open(changed(saved(book), valued))
    assert (list(sheet.rows), dict(sheet.faults)) == ([(1, [2])], {})


def test_long_numbers_show_that_they_lost_their_digits() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"] = 110105194912310021
    [sheet] = BOOK.open(saved(book))
    [(_, [cell])] = sheet.rows
    assert isinstance(cell, Decimal)
    assert abs(cell) >= 10**15


def test_templates_offer_choices_and_keep_text_text() -> None:
    many = tuple(f"选项{number}" for number in range(200))
    columns = [
        TemplateColumn("姓名", "如：甲", is_needed=True),
        TemplateColumn("性别", choices=("男", "女")),
        TemplateColumn("民族", choices=many, width=30),
        TemplateColumn("日期", form="date"),
    ]
    book = openpyxl.load_workbook(io.BytesIO(BOOK.template("人员/模板", columns)))
    sheet = book.worksheets[0]
    assert sheet.title == "人员 模板"
    assert [cell.value for cell in sheet[1]] == ["姓名", "性别", "民族", "日期"]
    assert sheet["A1"].comment is not None
    assert sheet["A1"].comment.text == "如：甲"
    rules = {str(one.sqref).split(":")[0]: one.formula1 for one in sheet.data_validations.dataValidation}
    assert rules == {"B2": '"男,女"', "C2": "choices!$A$1:$A$200"}
    assert book.worksheets[1].sheet_state == "hidden"
    assert [cell.value for cell in book.worksheets[1]["A"]] == list(many)
    assert sheet.column_dimensions["C"].width > 29
    opened = BOOK.open(BOOK.template("x", columns))
    assert [one.is_hidden for one in opened] == [False, True]


def test_templates_show_examples_on_a_sheet_of_their_own() -> None:
    columns = [
        TemplateColumn("单号", examples=("A1", "=1+1")),
        TemplateColumn("数量", form="number", examples=("2.5", "三")),
    ]
    book = openpyxl.load_workbook(io.BytesIO(BOOK.template("单", columns, "填写示例")))
    assert book.sheetnames == ["单", "填写示例"]
    assert [[cell.value for cell in row] for row in book["填写示例"].rows] == [
        ["单号", "数量"],
        ["A1", 2.5],
        ["=1+1", "三"],
    ]
    assert book["填写示例"]["A3"].data_type == "s"
    bare = BOOK.template("单", [TemplateColumn("单号")], "填写示例")
    assert openpyxl.load_workbook(io.BytesIO(bare)).sheetnames == ["单"]


def test_marked_rows_stand_where_they_stood() -> None:
    rows = [
        MarkedRow(2, ["姓名", "数量"]),
        MarkedRow(5, ["=1+1", Decimal("1.5"), date(2026, 5, 6)], {2: Mark("太小"), 4: Mark("空着", is_error=False)}),
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(BOOK.marked([MarkedPage("x", 2, rows)]))).worksheets[0]
    assert (sheet["A2"].value, sheet["A5"].value, sheet["A5"].data_type, sheet["B5"].value) == (
        "姓名",
        "=1+1",
        "s",
        1.5,
    )
    assert {cell.coordinate: cell.comment.text for row in sheet for cell in row if cell.comment} == {
        "B5": "太小",
        "D5": "空着",
    }
    assert sheet["B5"].fill.fgColor.rgb != sheet["D5"].fill.fgColor.rgb != sheet["A5"].fill.fgColor.rgb
    assert sheet.freeze_panes == "A3"


@pytest.mark.parametrize("content", [b"PK", b"\xd0\xcf\x11\xe0" + bytes(600)])
def test_refusals_are_worded_in_both_languages(content: bytes) -> None:
    with pytest.raises(Unreadable) as told:
        BOOK.open(content)
    assert ".xlsx" in told.value.text["zh"]
    assert str(told.value) == told.value.text["en"]


def old_workbook() -> bytes:
    """A workbook as Excel wrote it before 2007."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("人员")
    for row, cells in enumerate([["姓名", "数量", "日期"], ["张三", 2.5, datetime(2026, 5, 6)], [None, 7, None]]):
        for column, cell in enumerate(cells):
            if cell is not None:
                style = (
                    xlwt.easyxf(num_format_str="yyyy-mm-dd") if isinstance(cell, datetime) else xlwt.Style.default_style
                )
                sheet.write(row, column, cell, style)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_old_workbooks_are_read() -> None:
    (sheet,) = BOOK.open(old_workbook())
    rows = list(sheet.rows)
    assert (sheet.title, rows[0]) == ("人员", (1, ["姓名", "数量", "日期"]))
    number, (name, amount, day) = rows[1]
    assert (number, name, amount, str(day)[:10]) == (2, "张三", Decimal("2.5"), "2026-05-06")
    assert rows[2] == (3, [None, 7, None])


def test_an_old_container_with_an_encrypted_workbook_is_refused() -> None:
    with pytest.raises(Unreadable) as told:
        BOOK.open(b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le"))
    assert "密码" in told.value.text["zh"]


def test_a_template_with_tags_has_them_above_its_heads_and_rules_beneath():
    columns = [
        TemplateColumn("单号", tag="no", rule="必填，文本", choices=("甲",)),
        TemplateColumn("数量", tag="qty", rule="选填，数"),
    ]
    found = BOOK.read(BOOK.template("N-1", columns))
    assert found["N-1"] == [["no", "qty"], ["单号", "数量"], ["※必填，文本", "※选填，数"]]
