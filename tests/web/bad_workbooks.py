"""Workbooks and text files as nobody should send them, with what must be said of each."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import xlsxwriter

HEADS = ["姓名", "证号", "民族", "出生日期", "上级", "级别"]
SHEET = "xl/worksheets/sheet1.xml"
Fill = Callable[[Any, Any], object]
Parts = dict[str, bytes]


def made(fill: Fill, **options: object) -> bytes:
    """A workbook of one sheet."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, **options}) as book:
        fill(book, book.add_worksheet("名单"))
    return out.getvalue()


def changed(change: Callable[[Parts], object], content: bytes | None = None) -> bytes:
    """A good workbook with other parts."""
    with zipfile.ZipFile(io.BytesIO(content or made(good))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return out.getvalue()


def with_part(name: str, body: bytes) -> bytes:
    return changed(lambda parts: parts.update({name: body}))


def cut_off() -> bytes:
    return changed(lambda parts: parts.update({SHEET: parts[SHEET].partition(b"</row>")[0]}))


def in_sheet(old: bytes, new: bytes, content: bytes | None = None) -> bytes:
    return changed(lambda parts: parts.update({SHEET: parts[SHEET].replace(old, new)}), content)


def rows(*lines: list[object], heads: list[str] | None = None) -> Fill:
    def fill(_: Any, sheet: Any) -> None:
        for number, line in enumerate([heads or HEADS, *lines]):
            sheet.write_row(number, 0, line)

    return fill


def good(book: Any, sheet: Any) -> None:
    rows(["甲", "c1", "汉族"])(book, sheet)


def far(book: Any, sheet: Any) -> None:
    good(book, sheet)
    sheet.write(1_048_575, 16_383, "x")


def merged_heads(_: Any, sheet: Any) -> None:
    sheet.merge_range(0, 0, 0, 5, "职员名单")
    for column, head in enumerate(HEADS[:2]):
        sheet.merge_range(1, column, 2, column, head)
    sheet.merge_range(1, 2, 1, 5, "其他")
    sheet.write_row(2, 2, HEADS[2:])
    sheet.write_row(3, 0, ["甲", "c1", "汉祖"])


def merged_rows(_: Any, sheet: Any) -> None:
    rows(["甲", "c1"], ["乙", "c2"])(_, sheet)
    sheet.merge_range(1, 2, 2, 2, "汉族")
    sheet.merge_range(1, 5, 2, 5, 10)


def formulas(_: Any, sheet: Any) -> None:
    rows(["甲"], ["乙"], ["丙"])(_, sheet)
    sheet.write_formula(1, 1, '="c"&1', None, "c1")
    sheet.write_formula(2, 1, '="c"&2', None, "unsaved")
    sheet.write_formula(3, 1, "=1/0", None, "#DIV/0!")


def dated(book: Any, sheet: Any) -> None:
    rows(["甲", "c1"])(book, sheet)
    sheet.write_datetime(1, 3, datetime(2000, 1, 2), book.add_format({"num_format": "yyyy-mm-dd"}))


def two_sheets(book: Any, sheet: Any) -> None:
    good(book, sheet)
    rows(["乙", "c2"])(book, book.add_worksheet("续"))


_EMPTY = b"".join(b'<row r="%d" s="1" customFormat="1"/>' % number for number in range(3, 1_000_001))
_BOMB = b"\0" * (60 << 20)
REFUSED, TAKEN = "refused", "taken"
Case = tuple[Callable[[], bytes], str, str | tuple[int, int]]
"""What makes the file, its name, and either a part of what is said or how many rows are good and bad."""

SLOW = frozenset({"1,000,000 empty rows", "bomb"})
"""What takes long to make."""
CASES: Mapping[str, Case] = {
    "good": (partial(made, good), "a.xlsx", (1, 0)),
    "empty": (bytes, "a.xlsx", "空"),
    "truncated": (lambda: made(good)[:-200], "a.xlsx", "已损坏"),
    "its beginning alone": (lambda: made(good)[:300], "a.xlsx", "已损坏"),
    "other heads": (partial(made, rows(["1"], heads=["甲", "乙"])), "a.xlsx", "没有找到表头"),
    "a head too few": (partial(made, rows(["甲"], heads=["姓名"])), "a.xlsx", "缺少必填列“证号”"),
    "a head twice": (partial(made, rows(["甲", "c1"], heads=["姓名", "证号", "姓名"])), "a.xlsx", "重复"),
    "1,000 columns": (
        partial(made, rows(["甲", "c1"], heads=[*HEADS, *(f"h{number}" for number in range(1_000))])), "a.xlsx", (1, 0),
    ),
    "1,000,000 empty rows": (lambda: in_sheet(b"</sheetData>", _EMPTY + b"</sheetData>"), "a.xlsx", (1, 0)),
    "cells far apart": (partial(made, far), "a.xlsx", "零散单元格"),
    "merged heads": (partial(made, merged_heads), "a.xlsx", (0, 1)),
    "merged rows": (partial(made, merged_rows), "a.xlsx", (0, 2)),
    "formulas": (partial(made, formulas), "a.xlsx", (2, 1)),
    "a formula never reckoned": (lambda: in_sheet(b"<v>unsaved</v>", b"", made(formulas)), "a.xlsx", (1, 2)),
    "days from 1900": (partial(made, dated), "a.xlsx", (1, 0)),
    "days from 1904": (partial(made, dated, date_1904=True), "a.xlsx", (1, 0)),
    "two sheets": (partial(made, two_sheets), "a.xlsx", (2, 0)),
    "what looks like a formula": (
        partial(made, rows(["=cmd|' /C calc'!A0", "@SUM(1)"]), strings_to_formulas=False), "a.xlsx", (0, 1),
    ),
    "bomb": (lambda: with_part("xl/media/a.bin", _BOMB * 7), "a.xlsx", "解压后过大"),
    "entities": (
        lambda: in_sheet(b"<worksheet", b'<!DOCTYPE w [<!ENTITY a "b">]><worksheet'), "a.xlsx", "不允许的声明",
    ),
    "macros": (lambda: with_part("xl/vbaProject.bin", b"x"), "a.xlsm", "宏"),
    "links to other files": (lambda: with_part("xl/externalLinks/externalLink1.xml", b"<x/>"), "a.xlsx", "外部链接"),
    "a database behind it": (lambda: with_part("xl/connections.xml", b"<x/>"), "a.xlsx", "外部链接"),
    "encrypted": (
        lambda: b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "a.xlsx", "密码",
    ),
    "an old container of nothing": (lambda: b"\xd0\xcf\x11\xe0" + bytes(3_000), "a.xls", "已损坏"),
    "no sheet": (lambda: changed(lambda parts: parts.pop(SHEET)), "a.xlsx", "无法读取"),
    "a sheet cut off": (cut_off, "a.xlsx", "无法读取"),
    "texts that are missing": (lambda: with_part("xl/sharedStrings.xml", b"<sst/>"), "a.xlsx", "无法读取"),
    "another program's file": (
        lambda: changed(lambda parts: [parts.pop(name) for name in list(parts)] and parts.update({"word/a.xml": b""})),
        "a.docx", "无法读取",
    ),
    "a page that calls itself a workbook": ("<table><tr><td>姓名".encode, "a.xls", "不是 .xlsx"),
    "a workbook that calls itself csv": (partial(made, good), "a.csv", (1, 0)),
    "an old one that calls itself csv": (lambda: b"\xd0\xcf\x11\xe0" + bytes(3_000), "a.csv", "编码无法识别"),
    "csv that calls itself a workbook": ("姓名,证号\n甲,c1".encode, "a.xlsx", "不是 .xlsx"),
    "csv in GBK": (lambda: "姓名,证号\r\n甲,c1\r\n".encode("gbk"), "a.csv", (1, 0)),
    "Unicode text": (lambda: "姓名\t证号\r\n甲\tc1\r\n".encode("utf-16"), "a.txt", (1, 0)),
    "csv with NULs": ("姓名,证号\r\n甲\0,c1\r\n".encode, "a.csv", (1, 0)),
    "csv of 1,500 columns": (lambda: ",".join(["姓名", "证号", *map(str, range(1_500))]).encode(), "a.csv", "列过多"),
    "csv with a cell of 200,000 signs": (lambda: b"a," + b"x" * 200_000, "a.csv", "不能按表格读取"),
    "any bytes": (lambda: bytes(range(256)) * 9, "a.csv", "编码无法识别"),
}  # fmt: skip
