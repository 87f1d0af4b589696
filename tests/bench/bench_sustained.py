"""Messages end to end on PostgreSQL and RabbitMQ: rows of a sheet become orders, are declared, mapped, signed (SM2),
judged by their schema, wrapped, sent and confirmed, by two processes of `guiju work`.

Sustained: from the first workbook to the last confirmation, one message in 200 of nearly 4 MB, the most. At a pace: so
many orders a second are declared from outside; from declaring to the broker's confirmation, and from the landing of a
receipt to the state that it brings, as the records themselves say. Peak: orders that are there, declared all at once.
Processor seconds of the workers, the database and the broker are told beside the clock, since the bench may not be
alone on its machine. PostgreSQL writes to disk at each commit.

`python -m tests.bench.bench_sustained`, all of it; `sustained`, `paced`, `peak` after it for one, `--orders N`.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import sys
import tempfile
import threading
import time
import uuid
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pika

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from adapters.excel.workbook import ExcelWorkbook
from engine.model.criteria import Compare, Every, Selection
from engine.usecases import bulk, imports, sheets
from engine.usecases.events import raise_event
from engine.usecases.landed import LandedQuery, landed_count
from engine.usecases.landing_records import MESSAGE
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor, EventRequest
from tests.bench.bench_orders import FIXED, citizen
from tests.broker import Broker, begin_broker
from tests.servers import fresh_database, start_postgres, stop_postgres
from tests.stations import Station, awaited, furnish_firm, over_broker, processor_seconds

WORKERS = 2
ORDERS, SHEETS, LARGE_EVERY = 3_000, 6, 200
LARGE_ORDERS, LARGE_BYTES = 5, 3_900_000
PACE, PACED_SECONDS = 50, 20
PATIENCE = 600
SUSTAINED_BAR, DELAY_BAR, PEAK_AIM = 100.0, 2.0, 300.0
TOGETHER = {
    "import_order/machine.yaml": """machine: import_order
events:
  together: {title: 合并, from: entered, to: declaring, do: [{send: ceb311, of: heap(name=batchNumbers)}]}
""",
    "queries.yaml": """queries:
  heap: {title: 合并, takes: {name: text}, of: import_order, where: batchNumbers == name}
""",
}
"""What sends several orders in one message, which no shipped definition does."""
RECEIPT = (
    '<ceb:CEB312Message xmlns:ceb="http://www.chinaport.gov.cn/ceb" guid="{guid}" version="1.0"><ceb:OrderReturn>'
    "<ceb:guid>{guid}</ceb:guid><ceb:ebpCode>9901960011</ceb:ebpCode><ceb:ebcCode>9901960011</ceb:ebcCode>"
    "<ceb:orderNo>{order}</ceb:orderNo><ceb:returnStatus>3</ceb:returnStatus><ceb:returnTime>{at}</ceb:returnTime>"
    "<ceb:returnInfo>taken</ceb:returnInfo></ceb:OrderReturn></ceb:CEB312Message>"
)


class Row(NamedTuple):
    """What was measured and what it has to reach, `most` where it is a bound from above."""

    name: str
    value: float
    unit: str
    bar: float
    most: bool = False
    told: str = ""

    @property
    def well(self) -> bool:
        return self.value <= self.bar if self.most else self.value >= self.bar


@dataclass
class Yard:
    """A firm's node with its workers running, the broker, and what all of them take of the processors."""

    runtime: Runtime
    actor: Actor
    broker: Broker
    groups: Mapping[str, Callable[[], float]]
    queues: str

    def spent(self) -> dict[str, float]:
        return {name: taken() for name, taken in self.groups.items()}

    def sent(self) -> int:
        return landed_count(self.runtime, LandedQuery(direction="out", states=("sent", "confirmed")), 1_000_000)


@contextmanager
def yard(workers: int = WORKERS) -> Iterator[Yard]:
    with tempfile.TemporaryDirectory(prefix="guiju-sustained-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        run = folder / f"run-{os.getpid()}"  # its name ends with whom the database must not outlive
        run.mkdir()
        start_postgres(run / "pg", safe=True)
        broker = begin_broker(folder / "broker", os.getpid())
        broker.wait()
        queues = "bench"
        definitions = over_broker(folder / "definitions", queues)
        for path, text in TOGETHER.items():
            (definitions / "import_declaration" / path).write_text(text, "utf-8")
        try:
            with fresh_database(run / "pg") as url:
                settings = {"GUIJU_WORKERS": str(workers)}
                station = Station("firms", folder / "firm", definitions, url, broker.url, settings)
                with station.office() as runtime:
                    actor = furnish_firm(runtime)
                    with station.working() as working:
                        working.await_children(workers)
                        group = int((broker.folder / "group").read_text())
                        postmaster = int((run / "pg/data/postmaster.pid").read_text().split("\n")[0])
                        groups = {
                            "workers": working.processor_seconds,
                            "database": lambda: children_seconds(postmaster),
                            "broker": lambda: processor_seconds(group),
                        }
                        yield Yard(runtime, actor, broker, groups, queues)
        finally:
            broker.close()
            stop_postgres(run / "pg")


def children_seconds(postmaster: int) -> float:
    """Processor time of the database: its processes have groups of their own, and their parent in common. Those that
    have ended count with their parent."""
    spent = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(path.parent.name) == postmaster:
                spent += sum(map(int, fields[11:15]))
            elif int(fields[1]) == postmaster:
                spent += int(fields[11]) + int(fields[12])
    return spent / os.sysconf("SC_CLK_TCK")


def workbook(runtime: Runtime, first: int, count: int) -> bytes:
    """A sheet of orders, one line each."""
    columns = runtime.definitions.sheets["import_orders"].columns

    def rows() -> Iterator[list[object]]:
        for number in range(first, first + count):
            own = order(number) | {"lines.gnum": 1, "lines.itemNo": "A1"}
            yield [own.get(name, FIXED.get(name, "")) for name in columns]

    return ExcelWorkbook().write("订单", [column.head for column in columns.values()], rows())


def order(number: int) -> dict[str, object]:
    """What is an order's own."""
    return {
        "orderNo": f"T{number:08}", "buyerIdNumber": citizen(number), "buyerTelephone": f"139{number:08}",
        "buyerRegNo": f"u{number}", "payTransactionId": f"P{number}", "consigneeTelephone": f"139{number:08}",
        "goodsValue": 100, "acturalPaid": 100,
    }  # fmt: skip


def put_large(yard: Yard, count: int) -> list[str]:
    """Orders that are declared together, so many that one message is nearly 4 MB; an id of each heap."""
    text = "商品说明" * 240
    line = {name.removeprefix("lines."): value for name, value in FIXED.items() if name.startswith("lines.")}
    lines = [
        {**line, "gnum": n, "itemDescribe": text, "note": text, "qty": 1, "price": 1, "totalPrice": 1}
        for n in range(1, 100)
    ]
    head = {name: value for name, value in FIXED.items() if not name.startswith("lines.")}
    first = []
    for heap in range(count):
        for part in range(LARGE_ORDERS):
            raw = {
                **head,
                **order(9_000_000 + heap * 10 + part),
                "batchNumbers": f"L{heap}",
                "goodsValue": 99,
                "acturalPaid": 99,
                "lines": lines,
            }
            made = raise_event(yard.runtime, yard.actor, EventRequest("import_order", "enter", raw=raw)).record_id
        first.append(made)
    return first


def entered(yard: Yard, orders: int) -> Iterator[tuple[str, ...]]:
    """Orders come in by workbooks; their ids, after each that is taken."""
    runtime, actor, each = yard.runtime, yard.actor, orders // SHEETS
    views = {}
    for number in range(SHEETS):
        content = workbook(runtime, number * each, each)
        view = sheets.begin(runtime, actor, "import_order", "import_orders", content, f"orders{number}.xlsx")
        views[view.id] = number * each
    taking: set[str] = set()
    while views:
        for one, first in list(views.items()):
            view = imports.read(runtime, actor, "import_order", one)
            if view.is_running:
                continue
            if one not in taking:
                assert (view.bad, view.takes) == (0, each), view.findings[:3]
                imports.take(runtime, actor, "import_order", one, imports.GOOD_ONES)
                taking.add(one)
            else:
                assert (view.taken, view.refused) == (each, 0)
                del views[one]
                yield ids_of(runtime, first, each)
        time.sleep(0.1)


def ids_of(runtime: Runtime, first: int, count: int) -> tuple[str, ...]:
    """The orders of a workbook."""
    numbers = [str(order(number)["orderNo"]) for number in (first, first + count - 1)]
    within = Every((Compare(("orderNo",), ">=", numbers[0]), Compare(("orderNo",), "<=", numbers[1])))
    with runtime.store.begin(write=False) as unit:
        return tuple(one.id for one in unit.select(Selection("import_order", within, limit=count, tables=())))


def declare_all(yard: Yard, ids: tuple[str, ...]) -> None:
    """In bulk, as the list's button does it."""
    bulk.start_bulk(yard.runtime, yard.actor, bulk.BulkRequest("import_order", "declare", ids))


def sustained(yard: Yard, orders: int) -> Row:
    """From the first workbook to the last confirmation."""
    large = max(1, orders // LARGE_EVERY)
    heaps = put_large(yard, large)
    before, begun = yard.spent(), time.perf_counter()
    for ids in entered(yard, orders):
        declare_all(yard, ids)
        for heap in heaps[::SHEETS]:
            heaps.remove(heap)
            raise_event(yard.runtime, yard.actor, EventRequest("import_order", "together", heap))
    for heap in heaps:
        raise_event(yard.runtime, yard.actor, EventRequest("import_order", "together", heap))
    awaited_sent(yard, orders + large)
    assert largest(yard.runtime, large) > LARGE_BYTES
    return row_of("sheet row to confirmed", yard, orders + large, before, begun, SUSTAINED_BAR)


def largest(runtime: Runtime, count: int) -> int:
    """Bytes of the smallest of so many largest messages."""
    with runtime.store.begin(write=False) as unit:
        found = unit.select(Selection(MESSAGE, Compare(("size",), ">", 1 << 20), limit=count))
    assert len(found) == count
    return min(int(str(one.values["size"])) for one in found)


def awaited_sent(yard: Yard, wanted: int) -> None:
    until = time.monotonic() + PATIENCE
    while (sent := yard.sent()) < wanted:
        assert time.monotonic() < until, f"{sent} of {wanted}"
        time.sleep(0.1)


def peak(yard: Yard, orders: int) -> Row:
    """Orders that are there already, declared in bulk all at once: the work of the declaration alone."""
    ids = [one for some in entered(yard, orders) for one in some]
    before, begun, sent = yard.spent(), time.perf_counter(), yard.sent()
    for start in range(0, len(ids), 500):
        declare_all(yard, tuple(ids[start : start + 500]))
    awaited_sent(yard, sent + len(ids))
    return row_of("declared to confirmed, all at once", yard, len(ids), before, begun, PEAK_AIM)


class FarEnd(threading.Thread):
    """Answers each message that comes by a receipt, at once; what is not sent on by our node is not measured here."""

    def __init__(self, yard: Yard) -> None:
        super().__init__(daemon=True)
        self._yard, self.stopped, self.answered = yard, threading.Event(), 0
        self._queue = f"{yard.queues}.to_customs_import"

    def run(self) -> None:
        connection = pika.BlockingConnection(pika.URLParameters(self._yard.broker.url))
        channel = self._where_it_stands(connection)
        for method, _, body in channel.consume(self._queue, auto_ack=True, inactivity_timeout=0.2):
            if self.stopped.is_set():
                break
            if method is None:
                continue
            number = re.search(rb"orderNo>([^<]+)<", b64decode(re.search(rb"Data>([^<]+)<", body)[1]))[1].decode()
            at = self._yard.runtime.clock.now().strftime("%Y%m%d%H%M%S%f")[:17]
            receipt = RECEIPT.format(guid=str(uuid.uuid4()).upper(), order=number, at=at)
            channel.basic_publish("", f"{self._yard.queues}.from_customs_import", receipt.encode())
            self.answered += 1
        connection.close()

    def _where_it_stands(self, connection: pika.BlockingConnection) -> Any:
        """A channel, once the queue is there: the first message makes it."""
        while True:
            channel = connection.channel()
            try:
                channel.queue_declare(self._queue, passive=True)
            except pika.exceptions.ChannelClosedByBroker:
                time.sleep(0.05)
            else:
                return channel


def paced(yard: Yard, seconds: int = PACED_SECONDS) -> list[Row]:
    """So many orders a second, declared one by one; each is answered."""
    ids = [one for some in entered(yard, PACE * seconds) for one in some]
    awaited_calm(yard)
    far = FarEnd(yard)
    far.start()
    before, begun = yard.spent(), time.perf_counter()
    for number, one in enumerate(ids):
        raise_event(yard.runtime, yard.actor, EventRequest("import_order", "declare", one))
        time.sleep(max(0.0, begun + (number + 1) / PACE - time.perf_counter()))
    lasted = time.perf_counter() - begun
    awaited(lambda: not in_state(yard, "declaring"), PATIENCE, lambda: f"{far.answered} answered")
    far.stopped.set()
    told = row_of("", yard, len(ids), before, begun, 0).told
    confirmed, changed = delays(yard, ids)
    told = f"{len(ids)} in {lasted:.1f} s, {len(ids) / lasted:.0f} a second; {told}"
    return [
        delay_row("declared to confirmed", confirmed, told),
        delay_row("receipt landed to state changed", changed, ""),
    ]


def in_state(yard: Yard, state: str) -> int:
    with yard.runtime.store.begin(write=False) as unit:
        return unit.count("import_order", Compare(("state",), "==", state), 1)


def awaited_calm(yard: Yard) -> None:
    """Nothing waits any more but what is due later."""
    now = yard.runtime.clock.now

    def calm() -> bool:
        return not [one for one in yard.runtime.store.effects(state="waiting", limit=5_000) if one.due <= now()]

    awaited(calm, PATIENCE)


def delays(yard: Yard, ids: Sequence[str]) -> tuple[list[float], list[float]]:
    """Seconds from declaring to the broker's confirmation, and from the receipt's landing to the state it brings."""
    confirmed, changed = [], []
    with yard.runtime.store.begin(write=False) as unit:
        for one in ids:
            about = Every((Compare(("record_id",), "==", one), Compare(("document",), "==", "import_order")))
            messages = {
                str(found.values["direction"]): found.values for found in unit.select(Selection(MESSAGE, about))
            }
            steps = {entry.event: entry.at for entry in unit.history("import_order", one)}
            confirmed.append((messages["out"]["sent_at"] - steps["declare"]).total_seconds())
            changed.append((steps["sent_on"] - messages["in"]["created_at"]).total_seconds())
    return confirmed, changed


def delay_row(name: str, spent: Sequence[float], told: str) -> Row:
    cuts = statistics.quantiles(spent, n=100)
    each = f"middle {cuts[49]:.2f}, p95 {cuts[94]:.2f}, p99 {cuts[98]:.2f}, longest {max(spent):.2f} s"
    return Row(
        f"{name}, p99 at {PACE}/s", cuts[98], "s", DELAY_BAR, most=True, told="; ".join(filter(None, (each, told)))
    )


def row_of(name: str, yard: Yard, count: int, before: Mapping[str, float], begun: float, bar: float) -> Row:
    seconds = time.perf_counter() - begun
    spent = {part: taken - before[part] for part, taken in yard.spent().items()}
    each = ", ".join(f"{part} {1000 * taken / count:.1f}" for part, taken in spent.items())
    told = (
        f"{count} in {seconds:.1f} s; ms of processor each: {each}; {sum(spent.values()) / seconds:.2f} processors busy"
    )
    return Row(name, count / seconds, "/s", bar, told=told)


KINDS: Mapping[str, Callable[[Yard, int], Sequence[Row]]] = {
    "sustained": lambda yard, orders: [sustained(yard, orders)],
    "paced": lambda yard, _: paced(yard),
    "peak": lambda yard, orders: [peak(yard, orders // 2)],
}


def measured(kinds: Sequence[str], orders: int = ORDERS) -> list[Row]:
    """Each kind on a yard of its own."""
    rows: list[Row] = []
    for kind in kinds:
        with yard() as made:
            rows += KINDS[kind](made, orders)
    return rows


def test_messages_keep_their_pace() -> None:
    assert [row for row in measured(["sustained", "paced"]) if not row.well] == []


def main(arguments: Sequence[str]) -> int:
    """Print every measurement; 1 where a bar is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kinds", nargs="*", choices=[*KINDS, []])
    parser.add_argument("--orders", type=int, default=ORDERS)
    options = parser.parse_args(arguments)
    rows = measured(options.kinds or list(KINDS), options.orders)
    for row in rows:
        sign = "at most" if row.most else "at least"
        sys.stdout.write(f"{row.name:44} {row.value:8.2f} {row.unit:3} ({sign} {row.bar:g})\n    {row.told}\n")
    sys.stdout.write(f"load {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} processors\n")
    return int(any(not row.well for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
