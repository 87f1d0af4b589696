"""Looks at an uploaded workbook before any reader does: what could exhaust the machine or reach outside is refused.

In: the bytes of an upload. Out: nothing, or Unreadable with a sentence for the person who uploaded it. Readers lay a
sheet out as a full rectangle, so two cells far apart cost gigabytes; declared sizes in an archive may lie, so every
part is inflated and counted. Knows ZIP (APPNOTE 6.3) and the part names of ECMA-376, no cell's meaning.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from engine.ports import Unreadable

NO_WORKBOOK = ("文件不是 .xlsx 或 .xls 工作簿，或已损坏", "the file is no .xlsx or .xls workbook or is damaged")
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")  # APPNOTE 4.3.7
_CHUNK = 1 << 20
_STRETCH = 1 << 18
_OLD_FORMAT = b"\xd0\xcf\x11\xe0"
_OUTSIDE = re.compile(r"xl/externalLinks/|vbaProject\.bin$|xl/connections\.xml$|xl/queryTables/", re.IGNORECASE)
_OTHER_ENCODINGS = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<", b"\0\0")
_TEXT_END = re.compile(rb"</(?:\w+:)?si>")
# Places are looked for by themselves, not within their tags: `>` may stand in an attribute and end a tag too soon for a
# pattern, and a tag that never ends makes each pattern that begins like one read to the end of the file.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLD_STREAMS = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book"))
"""Names of the stream that holds the cells, BIFF8 and BIFF5 ([MS-XLS] 2.1.2)."""
_PLACE = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]*)0*(\d{1,9})[\"']")  # of a cell; of a row without letters
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_VALUE = re.compile(rb"<(?:\w+:)?v>(\d+)<")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']+)[\"']")


@dataclass(frozen=True, slots=True)
class Limits:
    """What an upload may cost."""

    file_bytes: int = 50 << 20
    inflated_bytes: int = 400 << 20
    parts: int = 2_000
    cells: int = 10_000_000  # of the rectangle that holds all cells of a sheet
    text: int = 500 << 20  # bytes of all texts once each cell has its own


def inspect(content: bytes, limits: Limits) -> None:
    """Raises Unreadable when the bytes are no workbook of the present format or would cost more than the limits."""
    if len(content) > limits.file_bytes:
        raise Unreadable(
            f"文件超过{limits.file_bytes >> 20} MB", f"the file is larger than {limits.file_bytes >> 20} MB"
        )
    if content.startswith(_OLD_FORMAT):
        _inspect_old(content)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _inspect_parts(content, archive.infolist(), limits)
    except (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError) as error:
        raise Unreadable(*NO_WORKBOOK) from error


def is_old(content: bytes) -> bool:
    """Whether the bytes are a compound file, which workbooks were before 2007 (.xls) and encrypted ones still are."""
    return content.startswith(_OLD_FORMAT)


def _inspect_old(content: bytes) -> None:
    """An old workbook is not packed: what it holds is bounded by its size. Encrypted ones of any age are refused."""
    if _ENCRYPTED in content:
        raise Unreadable(
            "文件设有密码：请去掉密码后再传",
            "the file has a password: take it off and save it as .xlsx",
        )
    if not any(stream in content for stream in _OLD_STREAMS):
        raise Unreadable(*NO_WORKBOOK)


def _inspect_parts(content: bytes, parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    names = [part.filename for part in parts]
    if len(parts) > limits.parts or len(set(names)) < len(names):
        raise Unreadable("文件结构异常：部件过多或重复", "the file has too many parts, or a part twice")
    if outside := next((name for name in names if _OUTSIDE.search(name)), None):
        raise Unreadable(
            f"工作簿含有宏或外部链接（{outside}）：请只保留数值，另存为 .xlsx",
            f"the workbook has macros or links to other files ({outside}): save it as values only",
        )
    left = limits.inflated_bytes
    texts: list[int] = []
    sheets: list[bytes] = []
    for part in parts:
        body = _inflate(content, part, left)
        left -= len(body)
        _inspect_head(body[:1024])
        # By what is in them: a relation may give a sheet any name.
        if b"sheetData" in body:
            sheets.append(body)
        if b"sst" in body:
            texts.extend(len(item) for item in _TEXT_END.split(body))
    for sheet in sheets:
        _inspect_sheet(sheet, limits, texts)


def _inflate(content: bytes, part: zipfile.ZipInfo, left: int) -> bytes:
    """The whole part, as long as it is of the size that it declares and that is left."""
    pieces, size = [], 0
    for piece in _pieces(content, part):
        pieces.append(piece)
        size += len(piece)
        if size > left:
            raise Unreadable(
                "文件解压后过大，疑似恶意文件", "the file inflates to more than a workbook of this size may hold"
            )
        if size > part.file_size:
            break
    if size != part.file_size:
        raise Unreadable("文件标注的大小与内容不符", "the file lies about the size of its parts")
    return b"".join(pieces)


def _pieces(content: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The raw part, inflated without believing the declared size (zipfile stops there, other readers do not)."""
    header = _LOCAL_HEADER.unpack_from(content, part.header_offset)
    start = part.header_offset + _LOCAL_HEADER.size + header[-2] + header[-1]
    raw = content[start : start + part.compress_size]
    if part.flag_bits & 1 or part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise Unreadable(
            "文件已加密或压缩方式异常：请重新另存为 .xlsx",
            "the file is encrypted or packed in an unusual way: save it again as .xlsx",
        )
    if part.compress_type == zipfile.ZIP_STORED:
        yield raw
        return
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    while raw or not inflater.eof:
        piece = inflater.decompress(raw, _CHUNK)
        raw = inflater.unconsumed_tail
        if not piece and not raw:
            return
        yield piece


def _inspect_head(head: bytes) -> None:
    """Text that is not UTF-8 would slip past the looks below; a document type is where entities come from."""
    encoding = _ENCODING.search(head)
    if head.startswith(_OTHER_ENCODINGS) or (encoding and encoding[1].lower() not in {b"utf-8", b"utf8", b"us-ascii"}):
        raise Unreadable(
            "工作簿不是 UTF-8 编码：请重新另存为 .xlsx", "the workbook is not written in UTF-8: save it again as .xlsx"
        )
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise Unreadable(
            "工作簿含有不允许的声明：请重新另存为 .xlsx",
            "the workbook declares a document type: save it again as .xlsx",
        )


def _inspect_sheet(sheet: bytes, limits: Limits, texts: list[int]) -> None:
    letters: set[bytes] = set()
    numbers: set[bytes] = set()
    cells = placed = 0
    for begin, end in _stretches(sheet):
        places = _PLACE.findall(sheet, begin, end)
        columns_of = [column for column, _ in places]
        placed += len(places) - columns_of.count(b"")
        letters.update(columns_of)
        numbers.update([row for _, row in places])
        cells += len(_CELL.findall(sheet, begin, end))
    columns, rows = max(map(_number, letters), default=0), max(map(int, numbers), default=0)
    # Cells and rows may leave their place out: then they follow the one before.
    if cells > placed:
        columns += max(part.count(b"<c") for part in sheet.split(b"<row"))
        rows += sheet.count(b"row")
    if rows * columns > limits.cells:
        raise Unreadable(
            f"工作表占{rows}行{columns}列：请删除远离数据的零散单元格后再保存",
            f"a sheet spans {rows} rows by {columns} columns: delete the stray cells far from the data and save again",
        )
    longest = max(texts, default=0)
    if longest * cells > limits.text:
        uses = Counter(int(value[1]) for value in _VALUE.finditer(sheet))
        if sum(texts[place] * times for place, times in uses.items() if place < len(texts)) > limits.text:
            raise Unreadable("工作表的文字过多", "the texts of a sheet take more memory than a workbook may use")


def _stretches(sheet: bytes) -> Iterator[tuple[int, int]]:
    """The text in stretches that begin with a tag, so that what is found of all cells is never there at once."""
    begin = 0
    while begin < len(sheet):
        end = sheet.find(b"<", begin + _STRETCH)
        end = len(sheet) if end < 0 else end
        yield begin, end
        begin = end


def _number(letters: bytes) -> int:
    """A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
