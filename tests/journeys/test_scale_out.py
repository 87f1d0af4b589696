"""Two web processes and two workers of one node, on PostgreSQL and RabbitMQ, started from its node file: while orders
come in by the web and messages go both ways, one of each is killed. Nothing is lost, nothing counts twice.

GUIJU_TEST_SCALE says how many orders (40 unless given).
"""

from __future__ import annotations

import json
import os
import re
import signal
import threading
import time
import uuid
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pika
import pytest

from engine.model.criteria import ALWAYS, Compare, Selection
from engine.usecases.accounts import issue_token
from engine.usecases.landed import LandedQuery, landed_count
from engine.usecases.landing_records import MESSAGE
from engine.usecases.runtime import Runtime
from tests.bench.bench_orders import FIXED, citizen
from tests.broker import Broker
from tests.servers import fresh_database
from tests.stations import Running, Station, awaited, furnish_firm, over_broker

ORDERS = int(os.environ.get("GUIJU_TEST_SCALE", "40"))
PATIENCE = 150 + ORDERS
RECEIPT = (
    '<ceb:CEB312Message xmlns:ceb="http://www.chinaport.gov.cn/ceb" guid="{guid}" version="1.0"><ceb:OrderReturn>'
    "<ceb:guid>{guid}</ceb:guid><ceb:ebpCode>9901960011</ceb:ebpCode><ceb:ebcCode>9901960011</ceb:ebcCode>"
    "<ceb:orderNo>{order}</ceb:orderNo><ceb:returnStatus>{status}</ceb:returnStatus><ceb:returnTime>{at}</ceb:returnTime>"
    "<ceb:returnInfo>ok</ceb:returnInfo></ceb:OrderReturn></ceb:CEB312Message>"
)


class FarEnd(threading.Thread):
    """The other side of the queues: answers each message by two receipts, and remembers what it was sent."""

    def __init__(self, url: str, queues: str) -> None:
        super().__init__(daemon=True)
        self._url, self._queue, self._back = url, f"{queues}.to_customs_import", f"{queues}.from_customs_import"
        self.stopped = threading.Event()
        self.got: Counter[tuple[str, str]] = Counter()  # by the order's number and the message's key

    def run(self) -> None:
        connection = pika.BlockingConnection(pika.URLParameters(self._url))
        channel = connection.channel()
        while not self.stopped.is_set():
            try:
                method, about, body = channel.basic_get(self._queue)
            except pika.exceptions.ChannelClosedByBroker:  # the first message makes the queue
                channel = connection.channel()
                time.sleep(0.1)
                continue
            if method is None:
                time.sleep(0.02)
                continue
            self._answer(channel, body, str(about.message_id))
            channel.basic_ack(method.delivery_tag)
        connection.close()

    def _answer(self, channel: Any, body: bytes, key: str) -> None:
        inner = b64decode(re.search(rb"Data>([^<]+)<", body)[1])  # type: ignore[index]
        order = re.search(rb"orderNo>([^<]+)<", inner)[1].decode()  # type: ignore[index]
        self.got[order, key] += 1
        for number, status in enumerate(("2", "120")):
            guid = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{order}:{status}")).upper()
            receipt = RECEIPT.format(guid=guid, order=order, status=status, at=f"2026050609000{number}000")
            channel.basic_publish("", self._back, receipt.encode(), pika.BasicProperties(message_id=guid))


class Caller(threading.Thread):
    """Somebody's system: enters orders and declares them, and asks again with the same key where no answer came."""

    def __init__(self, address: str, token: str, numbers: Sequence[int]) -> None:
        super().__init__(daemon=True)
        self._address, self._token, self._numbers = address, token, numbers
        self.failures: list[str] = []
        self.unanswered = 0

    def run(self) -> None:
        for number in self._numbers:
            made = self._call("import_order", {"event": "enter", "values": order(number)}, f"enter-{number}")
            self._call(f"import_order/{made['id']}/events/declare", {}, f"declare-{number}")

    def _call(self, path: str, body: object, key: str) -> Any:
        heads = {
            "Authorization": f"Bearer {self._token}", "Content-Type": "application/json", "Idempotency-Key": key
        }  # fmt: skip
        for _ in range(PATIENCE):
            request = Request(f"{self._address}/api/v1/{path}", json.dumps(body).encode(), heads)  # noqa: S310
            try:
                with urlopen(request, timeout=20) as answer:  # noqa: S310 -- our own server
                    return json.load(answer)
            except HTTPError as refused:
                if refused.code < 500:
                    self.failures.append(f"{path}: {refused.code} {refused.read()[:300]!r}")
                    raise
            except (OSError, ValueError):
                self.unanswered += 1
            time.sleep(0.2)
        raise AssertionError(f"no answer to {path}")


def order(number: int) -> dict[str, object]:
    own = {
        "orderNo": f"S{number:06}", "buyerIdNumber": citizen(number), "buyerTelephone": f"139{number:08}",
        "buyerRegNo": f"u{number}", "payTransactionId": f"P{number}", "consigneeTelephone": f"139{number:08}",
        "goodsValue": 100, "acturalPaid": 100,
    }  # fmt: skip
    told = {name: str(value) for name, value in (FIXED | own).items()}
    line = {name.removeprefix("lines."): value for name, value in told.items() if name.startswith("lines.")}
    head = {name: value for name, value in told.items() if not name.startswith("lines.")}
    return {**head, "lines": [{**line, "gnum": 1}]}


@pytest.fixture
def node(broker: Broker, postgres_folder: Path, tmp_path: Path) -> Iterator[tuple[Station, str]]:
    queues = f"scale{os.getpid()}"
    definitions = over_broker(tmp_path / "definitions", queues)
    with fresh_database(postgres_folder) as url:
        yield Station("firms", tmp_path / "firm", definitions, url, broker.url, {"GUIJU_WORKERS": "2"}), queues


def killed(running: Running) -> None:
    """One of two processes dies as by a power cut; the program begins another."""
    first = running.await_children(2)[0]
    os.kill(first, signal.SIGKILL)
    running.await_children(2, frozenset([first]))


def test_two_of_each_and_one_of_each_is_killed(node: tuple[Station, str]) -> None:
    station, queues = node
    with ExitStack() as stack:
        runtime = stack.enter_context(station.office())
        actor = furnish_firm(runtime)
        token = issue_token(runtime, actor, "test", 30)
        web = stack.enter_context(station.running("--pages-only"))
        work = stack.enter_context(station.working())
        far = FarEnd(station.broker, queues)
        far.start()
        stack.callback(far.stopped.set)
        callers = [Caller(web.address, token, range(first, ORDERS, 2)) for first in range(2)]
        for one in callers:
            one.start()
        awaited(
            lambda: len(far.got) >= ORDERS // 8 or failed(callers), PATIENCE, lambda: told(runtime, web, work, callers)
        )
        assert not failed(callers), told(runtime, web, work, callers)
        killed(work)
        killed(web)
        for one in callers:
            one.join(PATIENCE)
        awaited(lambda: over(runtime), PATIENCE, lambda: told(runtime, web, work, callers))
        judged(runtime, far, callers)


def failed(callers: Sequence[Caller]) -> bool:
    return any(one.failures for one in callers)


def over(runtime: Runtime) -> bool:
    """Every order stands where its receipts led to, and every receipt was processed."""
    with runtime.store.begin(write=False) as unit:
        stored = unit.count("import_order", Compare(("state",), "==", "stored"), ORDERS + 1)
    return stored == ORDERS and landed_count(runtime, LandedQuery(states=("processed",)), 3 * ORDERS) == 2 * ORDERS


def told(runtime: Runtime, web: Running, work: Running, callers: Sequence[Caller]) -> str:
    """How it stands, for whoever reads a failure."""
    with runtime.store.begin(write=False) as unit:
        states = Counter(one.values["state"] for one in unit.select(Selection("import_order", limit=10_000, tables=())))
        messages = Counter(
            (one.values["direction"], one.values["state"], one.values["code"])
            for one in unit.select(Selection(MESSAGE, limit=10_000))
        )
    logs = "\n".join(one.log.read_text()[-1500:] for one in (web, work))
    return f"{states} {messages} {[one.failures for one in callers]}\n{logs}"


def judged(runtime: Runtime, far: FarEnd, callers: Sequence[Caller]) -> None:
    assert [one.failures for one in callers] == [[], []]
    # the far end may be told twice what a dead worker had just told it, under the same key; no order has two messages
    assert Counter(number for number, _ in far.got) == {f"S{number:06}": 1 for number in range(ORDERS)}
    with runtime.store.begin(write=False) as unit:
        orders = unit.select(Selection("import_order", ALWAYS, limit=2 * ORDERS, tables=None))
        messages = unit.select(Selection(MESSAGE, ALWAYS, limit=10 * ORDERS))
        steps = Counter(entry.event for one in orders for entry in unit.history("import_order", one.id))
    assert len(orders) == ORDERS
    kept = [[row["returnStatus"] for row in one.values["receipts"]] for one in orders]  # type: ignore[union-attr]
    assert {tuple(sorted(statuses)) for statuses in kept} == {("120", "2")}
    assert (steps["enter"], steps["declare"], steps["receipt"], steps["store"]) == (ORDERS, ORDERS, 2 * ORDERS, ORDERS)
    found = Counter((one.values["direction"], one.values["state"]) for one in messages)
    assert found == {("out", "confirmed"): ORDERS, ("in", "processed"): 2 * ORDERS}
    assert runtime.store.effects(state="failed") == []
    assert list(runtime.store.verify_history()) == []
