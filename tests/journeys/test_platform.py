"""A firm, the platform, customs: what a firm declares by queue or interface passes the platform, its receipts come back
the way it chose, and another firm sees nothing of it."""

import json
import os
import re
from base64 import b64encode
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

import app
from adapters.database.engine import Backend
from adapters.database.queue import DatabaseChannel, DatabaseQueues, DatabaseSource
from engine.envelopes.securing import signed_parts
from engine.model.criteria import Selection
from engine.model.crypto import KeyKind, NewKey
from engine.signing.xmldsig import sign_xml
from engine.testing.office import SetClock
from engine.usecases.accounts import actor_of
from engine.usecases.demo import DEMO_AUTHORITY, make_keys
from engine.usecases.events import EventRequest, raise_event
from engine.usecases.listening import Listening
from engine.usecases.listing import list_documents
from engine.usecases.views import ListRequest
from engine.web import WebSettings, create_app
from tests.adapters.crypto.authority import Authority
from tests.journeys.rounds import Rounds

ROOT = Path(__file__).parents[2]
CEB = 'xmlns:ceb="http://www.chinaport.gov.cn/ceb"'
A, B = "9901960011", "9901960022"
FIRM_A = {"name": "云岚", "TYSHXYDM": "919901017500009156", "customs_code": A, "dxp_id": "DXPENT0000099001"}
FIRM_B = {"name": "松口", "TYSHXYDM": "919901017500009231", "customs_code": B, "dxp_id": "DXPENT0000099002"}
ORDER = {
    "ebpCode": A, "ebpName": "云岚", "ebcCode": A, "ebcName": "云岚", "goodsValue": 190, "taxTotal": "17.29",
    "acturalPaid": "207.29", "buyerRegNo": "u1", "buyerName": "温晚舟", "buyerIdNumber": "990101196610160035",
    "buyerTelephone": "19800000001", "consignee": "温晚舟", "consigneeTelephone": "19800000001",
    "consigneeAddress": "云岚市听松街97号",
    "lines": [{"itemName": "面霜", "gmodel": "50ml/瓶", "unit": "142", "qty": 2, "price": 95, "country": "305"}],
}  # fmt: skip


class Node(Rounds):
    """One node with a database of its own; time is the test's."""

    def __init__(self, name: str, home: Path, clock: SetClock, other: "Node | None" = None) -> None:
        where = {"GUIJU_HOME": str(home), "GUIJU_NODE": name, "GUIJU_DEFINITIONS": str(ROOT / "definitions")}
        office = app.Office(app.Settings.of(where), clock)
        self.runtime = office._built(other.runtime.force if other else office.in_force(), office.database)
        self.listening = [Listening(channel, name) for channel in self.runtime.sources]

    def person(self, login: str, roles: list[str], org: str) -> Any:
        user = self.engine("user", login=login, name=login, roles=roles, password="Guiju-2026!", org=org)
        return actor_of(self.runtime, user)

    def act(self, actor: Any, event: str, document: str, record_id: str | None = None, **raw: Any) -> str:
        asked = raw.pop("asked", {})
        return raise_event(
            self.runtime, actor, EventRequest(document, event, record_id, raw=raw, asked=asked)
        ).record_id

    def all(self, document: str) -> list[dict[str, Any]]:
        with self.runtime.store.begin(write=False) as unit:
            return [one.values for one in unit.select(Selection(document, limit=100, tables=None))]

    def one(self, document: str, **about: object) -> dict[str, Any]:
        (found,) = [one for one in self.all(document) if about.items() <= one.items()]
        return found

    def seen(self, actor: Any, document: str) -> int:
        return len(list_documents(self.runtime, actor, ListRequest(document)).rows)


class Caller:
    """A firm that calls the interface of the platform and signs with its own key."""

    def __init__(self, platform: Node, provider: Any, code: str) -> None:
        settings = WebSettings("s" * 32)
        self.client = Client(create_app(lambda: platform.runtime, settings))
        self.platform, self.provider, self.code, self.count = platform, provider, code, 0

    def call(self, path: str, body: object = None, firm: str = "") -> dict[str, Any]:
        self.count += 1
        at = self.platform.runtime.clock.now().isoformat(timespec="seconds")
        head = {"request": f"{self.code}-{self.count}", "time": at, "firm": firm or self.code}
        tree: dict[str, Any] = {"head": head, "body": body if body is not None else {}}
        content = signed_parts(tree, ("head", "body"))
        tree["sign"] = b64encode(self.provider.sm2_sign("own", content)).decode()
        answer = self.client.post(f"/exchange/v1/{path}", data=json.dumps(tree))
        found = json.loads(answer.data)
        assert isinstance(found, dict)
        return found


class Exchange:
    """The three nodes; firm A by its queues, firm B by the interface."""

    def __init__(self, tmp_path: Path) -> None:
        self.clock = SetClock(datetime(2026, 5, 6, 9))
        self.firm = Node("connected_firm", tmp_path / "firm", self.clock)
        self.platform = Node("platform", tmp_path / "platform", self.clock, self.firm)
        self.customs = Node("customs", tmp_path / "customs", self.clock, self.firm)
        self.nodes = (self.firm, self.platform, self.customs)
        make_keys(self.firm.runtime)
        trusted = self.firm.runtime.crypto().desk.certificate(DEMO_AUTHORITY)
        self.customs.runtime.crypto().issuing.trust(trusted)
        platform = self.platform
        a, b = (platform.engine("org", **one, firm_kinds=["seller"]) for one in (FIRM_A, FIRM_B))
        own = platform.engine("org", name="平台", TYSHXYDM="91990101750000966E")
        self.operator = platform.person("operator", ["exchange_operator"], own)
        self.at_a, self.at_b = (
            platform.person(name, ["connected_firm"], org) for name, org in (("firm_a", a), ("firm_b", b))
        )
        platform.act(self.operator, "enter", "exchange_route", name="进口", side="I", target="headquarters_import")
        self.caller = self._caller()
        file = platform.runtime.files.put(self.certificate, "b.cer", "application/octet-stream")
        self.records = [
            platform.act(self.operator, "apply", "exchange_firm", org=a, contact="甲", phone="1"),
            platform.act(
                self.operator, "apply", "exchange_firm", org=b, contact="乙", phone="2", way="api", certificate=file
            ),
        ]
        org = self.firm.engine("org", **FIRM_A, firm_kinds=["platform", "seller"])
        self.shop = self.firm.person("shop", ["ecommerce"], org)

    def _caller(self) -> Caller:
        authority = Authority()
        room = self.platform.runtime.crypto()
        room.desk.create("exchange", KeyKind.SM2)
        firm = self.firm.runtime.crypto()
        owner = authority.issue(authority.owner("B"), authority.root())
        firm.desk.take("own", NewKey(KeyKind.SM2, owner.secret))
        self.certificate = bytes(owner.certificate)
        return Caller(self.platform, firm.provider(), B)

    def pass_(self, seconds: int) -> None:
        until = self.clock.at + timedelta(seconds=seconds)
        while True:
            while sum(one.run() for one in self.nodes):
                pass
            if self.clock.at >= until:
                return
            self.clock.move(seconds=1)

    def step(self, event: str, record: int, **asked: object) -> None:
        self.platform.act(self.operator, event, "exchange_firm", self.records[record], asked=asked)
        self.pass_(1)

    def state(self, record: int) -> object:
        return self.platform.one("exchange_firm", id=self.records[record])["state"]

    def declared(self, number: str) -> str:
        order = self.firm.act(self.shop, "enter", "import_order", orderNo=number, **ORDER)
        self.firm.act(self.shop, "declare", "import_order", order)
        return order


@pytest.fixture(scope="module")
def exchange(tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("platform")
    with pytest.MonkeyPatch.context() as environment:
        for name in ("FIRM_EXCHANGE", "CUSTOMS_EXCHANGE"):
            environment.setenv(name, f"sqlite:///{tmp_path / name}.db")
        made = Exchange(tmp_path)
        yield made
        for node in made.nodes:
            for one in node.listening:
                one.close()


def test_a_firm_is_connected_step_by_step_and_each_step_is_really_tried(exchange):
    exchange.step("inform", 0, standard="202205")
    exchange.step("connect", 0)
    exchange.step("probe_it", 0)  # down its own queue, answered by its client, up its own queue
    assert exchange.state(0) == "reachable"
    exchange.step("try_message", 0)
    exchange.declared("YL0000")
    exchange.pass_(2)
    assert exchange.state(0) == "tested"
    assert exchange.customs.all("declaration_taken") == []  # a test goes no further
    exchange.step("go_live", 0)
    told = exchange.platform.one("exchange_firm", id=exchange.records[0])["tests"]
    assert [(one["test"], one["result"]) for one in told] == [("channel", "passed"), ("message", "passed")]


def test_what_is_declared_by_the_queue_comes_back_by_the_queue(exchange):
    order = exchange.declared("YL0001")
    exchange.pass_(10)
    assert exchange.firm.one("import_order", id=order)["state"] == "stored"
    passed = exchange.platform.one("exchange_document", order_no="YL0001")
    assert (passed["state"], passed["returnStatus"]) == ("stored", "120")
    message = exchange.platform.one("exchange_message", id=passed["declared"])
    sent, kept = exchange.customs.one("declaration_taken", orderNo="YL0001"), exchange.platform.runtime.files
    assert sent["messageGuid"] == message["message_no"]
    assert f'guid="{message["message_no"]}"'.encode() in kept.get(message["content"].hash)
    assert {one["state"] for one in exchange.platform.all("exchange_receipt")} == {"delivered"}


def test_another_firm_sees_nothing_of_it(exchange):
    platform = exchange.platform
    for document in ("exchange_firm", "exchange_message", "exchange_document", "exchange_receipt"):
        assert platform.seen(exchange.at_a, document) > 0
        assert platform.seen(exchange.at_b, document) == (document == "exchange_firm")
    queues = DatabaseQueues(Backend(_address()))
    assert DatabaseSource(queues, f"down_import.{B}").receive(5, 0) == []


def test_what_is_declared_by_the_interface_is_fetched_by_the_interface(exchange):
    caller = exchange.caller
    assert caller.call("ping")["code"] == 1202  # not yet connected
    exchange.step("inform", 1, standard="202205")
    exchange.step("connect", 1)
    exchange.step("probe_it", 1)
    assert caller.call("ping")["code"] == 0
    assert exchange.state(1) == "reachable"
    exchange.step("try_message", 1)
    xml = _order_of(exchange, "SK0001")
    tried = caller.call("import", _order_of(exchange, "SK0000"))
    exchange.pass_(1)
    assert (tried["code"], exchange.state(1)) == (0, "tested")
    exchange.step("go_live", 1)
    answer = caller.call("import", xml)
    assert (answer["code"], answer["body"]["message"]) == (0, message_no("SK0001"))
    assert caller.call("import", xml)["body"]["refusal"] == "repeated"
    assert (
        caller.call("import", xml.replace(f"<ceb:copCode>{B}", f"<ceb:copCode>{A}"))["body"]["refusal"]
        == "wrong_sender"
    )
    assert caller.call("import", "<a/>")["code"] == 2001
    exchange.pass_(10)
    found = caller.call("declarations", {"order_no": "SK0001"})["body"]
    assert [(one["state"], one["status"]) for one in found["rows"]] == [("stored", "120")]
    receipts = caller.call("receipts")["body"]["rows"]
    assert [one["status"] for one in receipts] == ["2", "3", "120"]
    assert caller.call("receipts/taken", {"until": receipts[1]["number"]})["code"] == 0
    assert caller.call("receipts")["body"]["count"] == 1
    assert caller.call("declarations", {"order_no": "YL0001"})["body"]["count"] == 0  # another firm's


def test_nobody_speaks_for_another(exchange):
    assert exchange.caller.call("ping", firm=A)["code"] != 0
    queues = DatabaseQueues(Backend(_address()))
    xml = _order_of(exchange, "SK0002").encode()
    DatabaseChannel(queues, f"up_import.{A}").send(xml, key="k", kind="", headers={"topic": B})
    exchange.pass_(2)
    (refused,) = [one for one in exchange.platform.all("exchange_message") if one["message_no"] == message_no("SK0002")]
    assert (refused["refusal"], refused["topic"]) == ("wrong_sender", A)
    assert exchange.platform.all("exchange_document")[-1]["order_no"] != "SK0002"


def test_one_receipt_for_two_firms_is_given_to_each_in_his_part(exchange):
    first = exchange.platform.one("exchange_document", order_no="YL0001")
    second = exchange.platform.one("exchange_document", order_no="SK0001")
    rows = "".join(
        f"<ceb:OrderReturn><ceb:guid>{one['guid']}</ceb:guid><ceb:ebpCode>{A}</ceb:ebpCode><ceb:ebcCode>{A}</ceb:ebcCode>"
        f"<ceb:orderNo>{one['order_no']}</ceb:orderNo><ceb:returnStatus>120</ceb:returnStatus>"
        "<ceb:returnTime>20260506100000000</ceb:returnTime><ceb:returnInfo>again</ceb:returnInfo></ceb:OrderReturn>"
        for one in (first, second)
    )
    body = f'<ceb:CEB312Message {CEB} guid="BOTH" version="1.0">{rows}</ceb:CEB312Message>'.encode()
    queues = DatabaseQueues(Backend(_address("CUSTOMS_EXCHANGE")))
    DatabaseChannel(queues, "from_customs_import.DXPENT0000099006").send(body, key="both", kind="", headers={})
    exchange.pass_(1)
    given = [one for one in exchange.platform.all("exchange_receipt") if one["message_no"] == "BOTH"]
    texts = {one["order_no"]: exchange.platform.runtime.files.get(one["content"].hash).decode() for one in given}
    assert {number: ("YL0001" in text, "SK0001" in text) for number, text in texts.items()} == {
        "YL0001": (True, False),
        "SK0001": (False, True),
    }


def test_what_got_lost_is_found_by_the_firms_list_and_asked_for(exchange):
    body = {
        "day": "2026-05-06",
        "side": "I",
        "numbers": [{"number": message_no("SK0001")}, {"number": message_no("SK0009")}],
    }
    told = exchange.caller.call("reconcile", body)["body"]
    assert (told["missing"], told["rows"]) == (1, [{"number": message_no("SK0009"), "result": "missing"}])


def message_no(number: str) -> str:
    """What a message is called: 36 signs."""
    return f"5B7A90D2-0000-4C3E-8A00-{number:0>12}"


def _address(name: str = "FIRM_EXCHANGE") -> str:
    return os.environ[name]


def _order_of(exchange: Exchange, number: str) -> str:
    """A message as firm B makes it: that of firm A with other numbers."""
    message = next(one for one in exchange.platform.all("exchange_message") if one["topic"] == A)
    text = exchange.platform.runtime.files.get(message["content"].hash).decode()
    order = exchange.firm.all("import_order")[0]
    for old, new in (
        (message["message_no"], message_no(number)), (order["guid"], f"0A4FBA21-4E3C-4E8B-9D1B-{number:0>12}"),
        (order["orderNo"], number), (A, B),
    ):  # fmt: skip
        text = text.replace(str(old), new)
    room = exchange.firm.runtime.crypto()
    bare = re.sub(r"<ds:Signature.*</ds:Signature>", "", text, flags=re.DOTALL)
    return sign_xml(bare.encode(), "enterprise", room.provider(), room.xml).decode()
