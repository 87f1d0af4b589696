"""Pasted rows and CSV files."""

import codecs

import pytest

from engine.ports import Unreadable
from engine.sheets.text import decode, read_text


def test_rows_out_of_a_clipboard():
    found = read_text('姓名\t简历\r\n\r\n甲\t"一\n二，""三"""\r\n')
    assert list(found.rows) == [(1, ["姓名", "简历"]), (3, ["甲", '一\n二，"三"'])]


def test_commas_where_no_tab_stands():
    assert list(read_text("\ufeffa,b\n1,\n").rows) == [(1, ["a", "b"]), (2, ["1", None])]


def test_files_as_spreadsheets_write_them_here():
    ways = ["gb18030", "utf-8", "utf-8-sig", "utf-16"]
    assert {decode("姓名".encode(one)) for one in ways} == {"姓名"}
    assert decode(codecs.BOM_UTF16_BE + "姓名".encode("utf-16-be")) == "姓名"
    with pytest.raises(Unreadable):
        decode(b"\xff\xff\xff")


@pytest.mark.parametrize(
    "text", ["x" * (21 << 20), "\t" * 2_000, '"' + "x" * 200_000], ids=["long", "wide", "one cell"]
)
def test_what_is_no_table(text):
    with pytest.raises(Unreadable):
        read_text(text)


def test_signs_that_nothing_can_hold_are_left_out():
    assert list(read_text("a\0b\tc").rows) == [(1, ["ab", "c"])]
