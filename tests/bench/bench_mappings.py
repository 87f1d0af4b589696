"""Messages made and read by a mapping, against the same by hand with lxml, rounds interleaved, by processor time.

An import order of the customs' unified edition (CEB311, schema of 202205) with five lines, judged by its schema on both
sides. By hand: elements are made one by one, serialised and judged; read by `findtext`, dates and amounts typed. Run it
with `python tests/bench/bench_mappings.py`.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest
from lxml import etree

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from adapters.xml.documents import LxmlMessages
from engine.checks import check
from engine.expressions.environment import Env, World
from engine.loading import MemoryTree, load
from engine.mappings.compiled import CompiledMapping, compiled
from engine.mappings.leaves import Surroundings
from engine.mappings.roundtrip import StillWorld
from engine.mappings.scaffold import Scaffold, scaffold

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = {path.name: path.read_text("utf-8-sig") for path in (ROOT / "definitions/shared/mappings").glob("*.xsd")}
SCHEMA = "ceb_import_202205.xsd"
NS = "http://www.chinaport.gov.cn/ceb"
ROUNDS, SECONDS, LINES = 7, 0.4, 5
TEXTS = {
    "guid": "4CDE1CFD-EDED-46B1-946C-B8022E42FC94", "appType": "1", "appStatus": "2", "orderType": "I",
    "orderNo": "order2026030811340001", "ebpCode": "1101110325", "ebpName": "甲平台", "ebcCode": "1101110325",
    "ebcName": "甲企业", "currency": "142", "buyerRegNo": "u1", "buyerName": "张三", "buyerTelephone": "13800000000",
    "buyerIdType": "1", "buyerIdNumber": "110101199003070003", "consignee": "张三",
    "consigneeTelephone": "13800000000", "consigneeAddress": "北京市某区某路1号",
}  # fmt: skip
HEAD = [
    "guid", "appType", "appTime", "appStatus", "orderType", "orderNo", "ebpCode", "ebpName", "ebcCode", "ebcName",
    "goodsValue", "freight", "discount", "taxTotal", "acturalPaid", "currency", "buyerRegNo", "buyerName",
    "buyerTelephone", "buyerIdType", "buyerIdNumber", "consignee", "consigneeTelephone", "consigneeAddress",
]  # fmt: skip
LINE = ["gnum", "itemNo", "itemName", "gmodel", "unit", "qty", "price", "totalPrice", "currency", "country"]
SENDER = ["copCode", "copName", "dxpMode", "dxpId"]
AMOUNTS = {name: Decimal("123.45000") for name in HEAD if name in {"goodsValue", "freight", "acturalPaid"}}
ROW: dict[str, Any] = {
    **TEXTS, **AMOUNTS, "appTime": datetime(2026, 3, 8, 11, 34), "discount": Decimal(0), "taxTotal": Decimal(0),
    "copCode": "1101180326", "copName": "甲企业", "dxpMode": "DXP", "dxpId": "DXPENT0000000001",
    "orderList": [
        {"gnum": n, "itemNo": f"AF-{n}", "itemName": "盒子", "gmodel": "黑色|无牌", "unit": "011", "qty": Decimal(2),
         "price": Decimal("61.72500"), "totalPrice": Decimal("123.45000"), "currency": "142", "country": "116"}
        for n in range(1, LINES + 1)
    ],
}  # fmt: skip


class Row(NamedTuple):
    """One measurement: messages a second of ours and by hand, the ratio and what it has to reach."""

    name: str
    ours: float
    peer: float
    ratio: float
    bar: float


def ours() -> CompiledMapping:
    """The mapping that the schema gives, with the time as a moment."""
    xml = LxmlMessages(SCHEMAS)
    shape = xml.shape(SCHEMA, f"{{{NS}}}CEB311Message")
    assert shape is not None
    document, mapping = scaffold(shape, Scaffold("order", "m", SCHEMA, "ceb"))
    mapping = mapping.replace("ceb:appTime: appTime", 'ceb:appTime: {value: appTime, format: "%Y%m%d%H%M%S"}')
    document = document.replace("type: text, min: 14, max: 14", "type: datetime")
    files = {
        "shop/system.yaml": "system: shop\ntitle: s\nroles: {clerk: {title: c}}\n",
        "shop/order/document.yaml": document,
        "shop/mappings/m.yaml": mapping,
        **{f"shop/mappings/{name}": text for name, text in SCHEMAS.items()},
    }
    checked = check(load(MemoryTree(files)), xml=LxmlMessages)
    assert checked.is_sound, [one for one in checked.problems if one.severity == "error"]
    xml = LxmlMessages(checked.schemas)
    return compiled(checked.definitions.mappings["m"], Surroundings(lambda _hash: b"", {}), xml)


def by_hand(schema: etree.XMLSchema, row: Mapping[str, Any]) -> bytes:
    """The same message as one would write it."""
    root = etree.Element(f"{{{NS}}}CEB311Message", nsmap={"ceb": NS}, guid=row["guid"], version="1.0")
    order = etree.SubElement(root, f"{{{NS}}}Order")
    head = etree.SubElement(order, f"{{{NS}}}OrderHead")
    for name in HEAD:
        value = row[name]
        text = value.strftime("%Y%m%d%H%M%S") if isinstance(value, datetime) else str(value)
        etree.SubElement(head, f"{{{NS}}}{name}").text = text
    for line in row["orderList"]:
        element = etree.SubElement(order, f"{{{NS}}}OrderList")
        for name in LINE:
            etree.SubElement(element, f"{{{NS}}}{name}").text = str(line[name])
    sender = etree.SubElement(root, f"{{{NS}}}BaseTransfer")
    for name in SENDER:
        etree.SubElement(sender, f"{{{NS}}}{name}").text = row[name]
    content = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    schema.assertValid(root)
    return content


def read_by_hand(content: bytes) -> dict[str, Any]:
    """The same row as one would read it."""
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    order = root.find(f"{{{NS}}}Order")
    assert order is not None
    head = order.find(f"{{{NS}}}OrderHead")
    assert head is not None
    row: dict[str, Any] = {name: head.findtext(f"{{{NS}}}{name}") for name in HEAD}
    row["appTime"] = datetime.strptime(row["appTime"], "%Y%m%d%H%M%S")
    for name in ("goodsValue", "freight", "discount", "taxTotal", "acturalPaid"):
        row[name] = Decimal(row[name])
    row["orderList"] = [_line(element) for element in order.findall(f"{{{NS}}}OrderList")]
    sender = root.find(f"{{{NS}}}BaseTransfer")
    assert sender is not None
    return row | {name: sender.findtext(f"{{{NS}}}{name}") for name in SENDER}


def _line(element: etree._Element) -> dict[str, Any]:
    line: dict[str, Any] = {name: element.findtext(f"{{{NS}}}{name}") for name in LINE}
    line["gnum"] = int(line["gnum"])
    for name in ("qty", "price", "totalPrice"):
        line[name] = Decimal(line[name])
    return line


def rate(act: Callable[[], object]) -> float:
    """How often it is done in a second."""
    count, begun = 0, time.process_time()
    while (passed := time.process_time() - begun) < SECONDS:
        for _ in range(20):
            act()
        count += 20
    return count / passed


def compare(name: str, mine: Callable[[], object], other: Callable[[], object], bar: float) -> Row:
    """Rounds of both, in turn; the median of the ratios."""
    gc.collect()
    pairs = [(rate(mine), rate(other)) for _ in range(ROUNDS)]
    ratio = statistics.median(first / second for first, second in pairs)
    return Row(name, statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs), ratio, bar)


def measure() -> list[Row]:
    """Making with judging, and reading."""
    mapping = ours()
    xml = LxmlMessages(SCHEMAS)
    schema = xml._compiled(SCHEMA)
    env = Env(
        ROW, cast("World", StillWorld(datetime(2026, 1, 1), {})), this=ROW, names={"message": {"id": ROW["guid"]}}
    )

    def make() -> bytes:
        content = mapping.write([env])
        assert not xml.judge(SCHEMA, xml.parse(content))
        return content

    content = make()
    made, read = by_hand(schema, ROW), mapping.read(content)
    assert not read.faults
    assert xml.canonical(made).count("<n1:") == xml.canonical(content).count("<n1:")
    assert {name: read.documents[0][name] for name in HEAD} == {name: read_by_hand(content)[name] for name in HEAD}
    return [
        compare("made and judged", make, lambda: by_hand(schema, ROW), 1.2),
        compare("made alone", lambda: mapping.write([env]), lambda: by_hand(schema, ROW), 1.2),
        compare("read", lambda: mapping.read(content), lambda: read_by_hand(content), 0.8),
    ]


def worded(row: Row) -> str:
    """A line of the report."""
    return f"{row.name:20} {row.ours:9.0f}/s  by hand {row.peer:9.0f}/s  {row.ratio:6.2f}  (bar {row.bar})\n"


@pytest.mark.parametrize("row", measure() if "pytest" in sys.modules else [], ids=lambda row: row.name)
def test_ratio(row: Row) -> None:
    sys.stdout.write(worded(row))
    assert row.ratio >= row.bar


if __name__ == "__main__":
    for one in measure():
        sys.stdout.write(worded(one))
