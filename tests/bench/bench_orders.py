"""A workbook of 50,000 order lines in 39 columns: read, checked, stored as orders with their lines, on SQLite.

The measure is python-calamine's own time for the same file in the same run. Memory is the highest resident size of the
process that does it. Run it with `python -m tests.bench.bench_orders`.
"""

from __future__ import annotations

import io
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from python_calamine import CalamineWorkbook

from adapters.excel.workbook import ExcelWorkbook
from engine.documents.identifiers import citizen_check_digit
from engine.usecases import imports, sheets
from tests.bench.bench_sheets import opened, started, worked_off

SHEET, LOGIN, BOOK = "import_orders", "shop", "orders.xlsx"
ROWS, LINES = 50_000, 5
FIXED: Mapping[str, object] = {
    "ebpCode": "9901960011", "ebpName": "甲平台", "ebcCode": "9901960011", "ebcName": "甲企业", "buyerIdType": "1",
    "buyerName": "张三", "orderType": "I", "goodsValue": 500, "freight": 0, "discount": 0, "taxTotal": 0,
    "acturalPaid": 500, "currency": "142", "payCode": "9901970044", "payName": "支付", "batchNumbers": "B1",
    "consignee": "张三", "consigneeAddress": "某市某区某路1号", "consigneeDistrict": "990101",
    "lines.itemName": "盒子", "lines.gmodel": "黑|无牌", "lines.itemDescribe": "描述", "lines.barCode": "无",
    "lines.unit": "011", "lines.qty": 2, "lines.price": 50, "lines.totalPrice": 100, "lines.currency": "142",
    "lines.country": "116",
}  # fmt: skip


class Row(NamedTuple):
    """What was measured and what it has to stay under."""

    name: str
    value: float
    unit: str
    bar: float


def citizen(order: int) -> str:
    """An invented citizen number of no real place."""
    body = f"990101{1960 + order % 40}{order // 28 % 12 + 1:02}{order % 28 + 1:02}{order % 999:03}"
    return body + citizen_check_digit(body)


def lines(columns: Sequence[str]) -> Iterator[list[object]]:
    """Rows of the sheet; five lines are one order."""
    for row in range(ROWS):
        order = row // LINES
        own = {
            "orderNo": f"T{order:08}", "buyerIdNumber": citizen(order), "buyerTelephone": f"139{order:08}",
            "buyerRegNo": f"u{order}", "payTransactionId": f"P{order}", "consigneeTelephone": f"139{order:08}",
            "lines.gnum": row % LINES + 1, "lines.itemNo": f"A{row % LINES}",
        }  # fmt: skip
        yield [own.get(name, FIXED.get(name, "")) for name in columns]


def prepared(home: str) -> float:
    """A database with demo data, and the workbook beside it; seconds that it takes to read that alone."""
    runtime, _ = started(Path(home), LOGIN)
    sheet = runtime.definitions.sheets[SHEET]
    heads = [column.head for column in sheet.columns.values()]
    content = ExcelWorkbook().write("订单", heads, lines([one.name for one in sheet.columns.values()]))
    Path(home, BOOK).write_bytes(content)
    begun = time.perf_counter()
    CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    return time.perf_counter() - begun


def imported(home: str) -> tuple[float, float, float]:
    """Seconds of trying, of storing; megabytes."""
    runtime, actor = opened(Path(home), LOGIN)
    document, content = runtime.definitions.sheets[SHEET].document, Path(home, BOOK).read_bytes()
    begun = time.perf_counter()
    view = worked_off(runtime, actor, sheets.begin(runtime, actor, document, SHEET, content, BOOK))
    tried = time.perf_counter() - begun
    assert (view.bad, view.takes) == (0, ROWS // LINES), view.findings[:3]
    begun = time.perf_counter()
    view = worked_off(runtime, actor, imports.take(runtime, actor, document, view.id, imports.GOOD_ONES))
    taken = time.perf_counter() - begun
    assert (view.taken, view.refused) == (ROWS // LINES, 0)
    return tried, taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured() -> list[Row]:
    """Each in a process of its own, so that the memory is that of the import alone."""
    spawned = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as home:
        with spawned.Pool(1) as pool:
            alone = pool.apply(prepared, (home,))
        with spawned.Pool(1) as pool:
            tried, taken, megabytes = pool.apply(imported, (home,))
    return [
        Row(f"{ROWS} lines read by calamine alone", alone, "s", 60),
        Row(f"{ROWS} lines read and checked", tried, "s", 60),
        Row(f"{ROWS} lines read, checked and stored", tried + taken, "s", 60),
        Row("highest memory", megabytes, "MB", 500),
    ]


def test_orders_come_in_within_their_bars() -> None:
    assert [row for row in measured() if row.value > row.bar] == []


def main() -> int:
    """Print the table; 1 where a bar is missed."""
    found = measured()
    for row in found:
        sys.stdout.write(f"{row.name:44} {row.value:8.1f} {row.unit:3} (bar {row.bar:g})\n")
    sys.stdout.write(f"{'times calamine':44} {found[2].value / found[0].value:8.1f}     (aim 6)\n")
    return int(any(row.value > row.bar for row in found))


if __name__ == "__main__":
    sys.exit(main())
