"""The main job of the exchange, in a browser: order lines of a workbook go out as signed messages over RabbitMQ,
customs answers, receipts move the documents, an operator watches, sees what is wrong, mends it and tries again.

Two installations of the product with a real broker between them. GUIJU_TEST_ORDERS says how many orders the workbook
has (14 unless given; two lines each).
"""

from __future__ import annotations

import io
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from playwright.sync_api import Browser, Page, expect

from adapters.excel.workbook import ExcelWorkbook
from engine.documents.identifiers import citizen_check_digit
from engine.model.sheets import Sheet
from tests.broker import Broker
from tests.browser.hands import event, sign_in
from tests.stations import FIRM, Running, Station, furnish_customs, furnish_firm, over_broker

ORDERS = int(os.environ.get("GUIJU_TEST_ORDERS", "14"))
LINES, PAGE = 2, 50
PATIENCE = 60_000 + 20 * ORDERS
DESK = {"width": 1366, "height": 768}
CODE, NAME = FIRM["customs_code"], FIRM["name"]
PARTY = {"ebpCode": CODE, "ebpName": NAME, "ebcCode": CODE, "ebcName": NAME}
AREA = {"customsCode": "0100", "emsNo": "T0100W000001", "areaCode": CODE, "areaName": NAME}
CARRIER = {"logisticsCode": "9901980022", "logisticsName": "云岚速递"}
GOODS = {"gcode": "3304990039", "itemRecordNo": "0001", "unit": "011", "unit1": "035", "qty1": "0.1", "currency": "142"}
Rows = Sequence[Mapping[str, object]]


class Firm:
    """What its sheets say: orders with a payment, a waybill and a list each. Customs refuses the second."""

    def __init__(self, count: int) -> None:
        self.numbers = [f"{'TD' if n == 1 else 'YL'}{n:06}" for n in range(count)]

    def people(self, n: int) -> dict[str, object]:
        body = f"990101{1960 + n % 40}{n // 28 % 12 + 1:02}{n % 28 + 1:02}{n % 999:03}"
        return {"name": f"温晚舟{n}", "id": body + citizen_check_digit(body), "phone": f"198{n:08}"}

    def orders(self) -> Rows:
        return [line for n in range(len(self.numbers)) for line in self._order(n)]

    def _order(self, n: int) -> Iterator[dict[str, object]]:
        who = self.people(n)
        head = {
            **PARTY, "orderNo": self.numbers[n], "orderType": "I", "buyerIdType": "1", "buyerName": who["name"],
            "buyerIdNumber": who["id"], "buyerTelephone": who["phone"], "buyerRegNo": f"u{n}", "currency": "142",
            "goodsValue": 190, "freight": 10, "discount": 0, "taxTotal": 0, "acturalPaid": 200, "payCode": "9901970033",
            "payName": "云岚支付", "payTransactionId": f"P{n:06}", "consignee": who["name"],
            "consigneeTelephone": who["phone"], "consigneeAddress": "云岚市听松街97号",
        }  # fmt: skip
        for line in range(1, LINES + 1):
            yield {
                **head, "lines.gnum": line, "lines.itemName": f"面霜{line}", "lines.gmodel": "50ml/瓶", "lines.qty": 1,
                "lines.unit": "011", "lines.price": 95, "lines.totalPrice": 95, "lines.currency": "142",
                "lines.country": "305",
            }  # fmt: skip

    def payments(self, taken: Sequence[int]) -> Rows:
        return [
            {
                "payCode": "9901970033", "payName": "云岚支付", "payTransactionId": f"P{n:06}",
                "orderNo": self.numbers[n], "ebpCode": CODE, "ebpName": NAME, "payerIdType": "1",
                "payerIdNumber": self.people(n)["id"], "payerName": self.people(n)["name"], "amountPaid": 200,
                "currency": "142", "payTime": "2026-05-06 08:00:00",
            }
            for n in taken
        ]  # fmt: skip

    def waybills(self, taken: Sequence[int]) -> Rows:
        return [
            {
                **CARRIER, "logisticsNo": f"W{n:06}", "orderNo": self.numbers[n], "freight": 10, "insuredFee": 0,
                "currency": "142", "weight": "0.6", "packNo": 1, "consignee": self.people(n)["name"],
                "consigneeAddress": "云岚市听松街97号", "consigneeTelephone": self.people(n)["phone"],
            }
            for n in taken
        ]  # fmt: skip

    def lists(self, taken: Sequence[int]) -> Rows:
        return [
            {
                **PARTY, **AREA, "orderNo": self.numbers[n], "tradeMode": "1210", "trafMode": "4", "country": "142",
                "netWeight": "0.5", "grossWeight": "0.6", "lines.gnum": line, "lines.itemName": f"面霜{line}",
                "lines.gname": f"面霜{line}", "lines.gmodel": "50ml/瓶", "lines.country": "305", "lines.qty": 1,
                "lines.price": 95, "lines.totalPrice": 95, **{f"lines.{name}": value for name, value in GOODS.items()},
            }
            for n in taken
            for line in range(1, LINES + 1)
        ]  # fmt: skip


class Exchange:
    """Both installations as they run, and the sheets of the firm's."""

    def __init__(
        self, firm: Running, customs: Running, sheets: Mapping[str, Sheet], bring_key: Callable[[], None]
    ) -> None:
        self.firm, self.customs, self.sheets, self.bring_key = firm, customs, sheets, bring_key

    def workbook(self, sheet: str, rows: Rows) -> bytes:
        columns = self.sheets[sheet].columns
        table = [[row.get(name, "") for name in columns] for row in rows]
        return ExcelWorkbook().write(sheet, [column.head for column in columns.values()], table)

    def cell(self, sheet: str, column: str, row: int) -> str:
        return f"{get_column_letter(list(self.sheets[sheet].columns).index(column) + 1)}{row}"


@pytest.fixture
def exchange(broker: Broker, tmp_path: Path) -> Iterator[Exchange]:
    folder = tmp_path
    definitions = over_broker(folder / "definitions", f"main{os.getpid()}")
    firm, customs = (
        Station(name, folder / name, definitions, f"sqlite:///{folder / name}.db", broker.url, {"GUIJU_WORKERS": "1"})
        for name in ("firms", "customs")
    )
    with ExitStack() as stack:
        with firm.office() as own, customs.office() as other:
            furnish_firm(own)
            furnish_customs(other, own, answer_pace="0.3")
            sheets = own.definitions.sheets
        keys, away = firm.home / "keys" / "signing", firm.home / "keys" / "away"
        keys.rename(away)
        started = stack.enter_context(firm.running()), stack.enter_context(customs.running())
        yield Exchange(*started, sheets, lambda: _brought(away, keys))


def _brought(away: Path, keys: Path) -> None:
    keys.mkdir(exist_ok=True, mode=0o700)
    for path in away.iterdir():
        path.rename(keys / path.name)


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    """The firm's own place, and another for whoever watches."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport=DESK, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


@pytest.fixture
def watch(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport=DESK, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def shot(page: Page, name: str) -> None:
    """A picture for who looks, where GUIJU_TEST_SHOTS names a folder."""
    if folder := os.environ.get("GUIJU_TEST_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png")


def uploaded(page: Page, exchange: Exchange, document: str, content: bytes) -> None:
    """A workbook is chosen and checked."""
    page.goto(f"{exchange.firm.address}/d/{document}")
    page.get_by_role("main").get_by_role("link", name="导入").click()
    chosen = {"name": f"{document}.xlsx", "mimeType": "application/octet-stream", "buffer": content}
    page.locator("input[type=file]").set_input_files([chosen])  # type: ignore[list-item]
    page.get_by_role("button", name="检查").first.click()


def taken(page: Page, exchange: Exchange, document: str, content: bytes, count: int) -> None:
    """A workbook without faults comes in."""
    uploaded(page, exchange, document, content)
    page.get_by_role("button", name="全部导入").click()
    expect(page.get_by_text(f"已导入 {count} 条")).to_be_visible(timeout=PATIENCE)


def declared(page: Page, exchange: Exchange, document: str, *, asks: bool = False) -> None:
    """All that stands to be declared goes out, by the list's button."""
    page.goto(f"{exchange.firm.address}/d/{document}?f.state=entered")
    page.locator("[data-pick-all]").check()
    page.locator(".bulk-acts").get_by_role("button", name="申报", exact=True).click()
    shot(page, f"bulk-{document}")
    if asks:
        page.locator(".errand-ask button").click()
    expect(page.locator("#errand .tag").first).to_contain_text("完成")
    expect(page.locator(".errand-sums .bad")).to_have_count(0)
    if page.locator(".errand-lines").count():
        expect(page.locator(".errand-lines tbody tr a").first).not_to_have_text(re.compile("^[0-9a-f]{8}$"))


def stands(page: Page, exchange: Exchange, document: str, words: str, count: int) -> None:
    """So many documents come to stand there."""
    until = time.monotonic() + PATIENCE / 1000
    found = -1
    while time.monotonic() < until:
        page.goto(f"{exchange.firm.address}/d/{document}")
        found = page.locator("td.state").filter(has_text=words).count()
        if found == count:
            return
        time.sleep(0.5)
    raise AssertionError(f"{found} of {document} instead of {count} stand at {words}: {page.inner_text('main')[:2000]}")


def test_a_workbook_goes_out_and_its_receipts_come_back(exchange: Exchange, desk: Page, watch: Page) -> None:
    firm = Firm(ORDERS)
    sign_in(desk, exchange.firm, "firm")
    sign_in(watch, exchange.firm, "admin")
    good = _orders_come_in(exchange, desk, firm)[-PAGE:]  # of very many the newest are declared
    watch.goto(f"{exchange.firm.address}/admin/monitor")
    watch.evaluate("window.there = true")
    before = _sent(watch)
    declared(desk, exchange, "import_order")
    _what_is_blocked_goes_on(exchange, desk, len(good))
    _the_console_is_live(watch, before, len(good))
    rest = [n for n in good if n != 1]
    stands(desk, exchange, "import_order", "海关入库", len(rest))
    stands(desk, exchange, "import_order", "海关退单", len(good) - len(rest))
    shot(desk, "orders")
    for document, sheet, rows in (
        ("import_payment", "import_payments", firm.payments(rest)),
        ("import_waybill", "import_waybills", firm.waybills(rest)),
    ):
        taken(desk, exchange, document, exchange.workbook(sheet, rows), len(rest))
        declared(desk, exchange, document)
    for document in ("import_payment", "import_waybill"):
        stands(desk, exchange, document, "海关入库", len(rest))
    taken(desk, exchange, "import_list", exchange.workbook("import_lists", firm.lists(rest)), len(rest))
    shot(desk, "lists-taken")
    declared(desk, exchange, "import_list", asks=True)
    shot(desk, "lists-declared")
    stands(desk, exchange, "import_list", "放行", len(rest))
    shot(desk, "lists")
    _an_officer_answers(exchange, desk, firm.numbers[good[0]])


def _orders_come_in(exchange: Exchange, page: Page, firm: Firm) -> list[int]:
    """Three orders have a wrong cell each, marked in the workbook that comes back; the others are taken."""
    rows = [dict(row) for row in firm.orders()]
    last = len(rows) - 1
    wrong = [
        ("buyerIdNumber", last - 4, "990101198001011"),
        ("lines.unit", last - 2, "箱子"),
        ("lines.itemName", last, ""),
    ]
    for name, row, value in wrong:
        rows[row][name] = value
    bad = {rows[row]["orderNo"] for _, row, _ in wrong}
    uploaded(page, exchange, "import_order", exchange.workbook("import_orders", rows))
    expect(page.get_by_text(f"其余 {ORDERS - len(bad)} 条可以导入")).to_be_visible(timeout=PATIENCE)
    shot(page, "checked")
    with page.expect_download() as kept:
        page.get_by_role("link", name="下载标注的工作簿").click()
    sheet = openpyxl.load_workbook(io.BytesIO(Path(kept.value.path()).read_bytes())).worksheets[0]
    marked = {cell.coordinate for row in sheet.iter_rows(min_row=2) for cell in row if cell.comment}
    assert marked >= {exchange.cell("import_orders", name, row + 2) for name, row, _ in wrong}
    assert {int(re.sub(r"\D", "", one)) - 2 for one in marked} <= {
        n for n, row in enumerate(rows) if row["orderNo"] in bad
    }
    page.get_by_role("button", name="只导入正确的").click()
    expect(page.get_by_text(f"已导入 {ORDERS - len(bad)} 条")).to_be_visible(timeout=PATIENCE)
    return [n for n, number in enumerate(firm.numbers) if number not in bad]


def _what_is_blocked_goes_on(exchange: Exchange, page: Page, count: int) -> None:
    """The key is not there: found in the console, with what to do; the key is brought back, the messages are tried."""
    base = exchange.firm.address
    sign_in(page, exchange.firm, "admin")
    page.goto(f"{base}/admin/blocked")
    until = time.monotonic() + PATIENCE / 1000
    while page.locator("tbody tr").count() < count and time.monotonic() < until:
        page.reload()
    expect(page.locator("tbody tr")).to_have_count(count)
    expect(page.locator("tbody")).to_contain_text("不能签名")
    shot(page, "blocked")
    page.locator("tbody tr a").first.click()
    expect(page.get_by_role("main")).to_contain_text("enterprise")
    shot(page, "message")
    exchange.bring_key()
    page.goto(f"{base}/admin/blocked")
    if page.locator("[data-pick-all]").count():  # they are tried again by themselves, too: whoever is first
        page.locator("[data-pick-all]").check()
        page.locator(".bulk-acts button[value=retry]").click()
        shot(page, "ask")
        page.get_by_role("main").locator("form button.primary").click()
        expect(page.get_by_text(re.compile(r"已重试 \d+ 份"))).to_be_visible()
    page.goto(f"{base}/admin/blocked")
    while page.locator("tbody tr").count() and time.monotonic() < until:
        page.reload()
    expect(page.locator("tbody tr")).to_have_count(0)
    sign_in(page, exchange.firm, "firm")


def _sent(page: Page) -> int:
    """Messages sent today, as the monitor says."""
    told = page.locator(".flows section").nth(1).locator("dd strong").first.inner_text()
    return int(told.replace(",", ""))


def _the_console_is_live(page: Page, before: int, count: int) -> None:
    """The numbers have changed, and the page was not loaded again."""
    until = time.monotonic() + PATIENCE / 1000
    while _sent(page) < before + count and time.monotonic() < until:
        time.sleep(0.2)
    shot(page, "monitor")
    assert _sent(page) >= before + count
    assert page.evaluate("window.there") is True


def _an_officer_answers(exchange: Exchange, page: Page, number: str) -> None:
    """At the other end somebody answers by hand: 暂存, kept beside the document, which is further on by then."""
    sign_in(page, exchange.customs, "customs")
    page.goto(f"{exchange.customs.address}/d/declaration_taken?q={number}")
    page.locator("tr").filter(has_text="进口电子订单").locator("a").first.click()
    shot(page, "declaration")
    event(page, "指定回执").click()
    asks = page.locator("dialog[open], main form.form").first
    box = asks.locator("[id$='-returnStatus']").first
    box.click()
    box.fill("暂存")
    page.get_by_role("option").filter(has_text="暂存").first.click()
    asks.get_by_role("button", name="指定回执", exact=True).click()
    expect(page.locator("main")).to_contain_text("电子口岸已暂存")
    sign_in(page, exchange.firm, "firm")
    page.goto(f"{exchange.firm.address}/d/import_order?q={number}")
    page.locator("tbody tr a").first.click()
    until = time.monotonic() + PATIENCE / 1000
    while "电子口岸已暂存" not in page.inner_text("main") and time.monotonic() < until:
        page.reload()
    shot(page, "order")
    expect(page.get_by_role("main")).to_contain_text("电子口岸已暂存")
    expect(page.locator(".head .tag").first).to_contain_text("海关入库")
