"""Two nodes, queues and folders between them: what a firm declares is answered by customs, through to release."""

import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

import app
from adapters.crypto.room import CryptoFolder
from adapters.database.engine import Backend
from adapters.database.queue import DatabaseChannel, DatabaseQueues, DatabaseSource
from adapters.xml.signed import LxmlSignatures
from engine.model.criteria import Selection
from engine.model.crypto import KeyKind
from engine.model.system import Node as System
from engine.model.traffic import Arrived
from engine.signing.xmldsig import sign_xml
from engine.testing.office import SetClock
from engine.usecases.accounts import actor_of
from engine.usecases.deliver import deliver_due
from engine.usecases.demo import DEMO_AUTHORITY, make_keys
from engine.usecases.events import EventRequest, raise_event
from engine.usecases.landed import LandedQuery, LandedView, landed_about, landed_page
from engine.usecases.landing import body
from engine.usecases.listening import Listening
from engine.usecases.parameters import set_parameter
from engine.usecases.taking_in import take_in
from tests.journeys.rounds import Rounds

ROOT = Path(__file__).parents[2]
BEGIN = datetime(2026, 5, 6, 9)
FIRM = {"name": "云岚", "TYSHXYDM": "919901017500009156", "customs_code": "9901960011", "dxp_id": "DXPENT0000099001"}
EBP = {"ebpCode": "9901960011", "ebpName": "云岚"}
EBC = {"ebcCode": "9901960011", "ebcName": "云岚"}
BUYER = {"buyerName": "温晚舟", "buyerIdNumber": "990101196610160035", "buyerTelephone": "19800000001"}
CONSIGNEE = {"consignee": "温晚舟", "consigneeTelephone": "19800000001", "consigneeAddress": "云岚市听松街97号"}
BROKEN = (
    '<ceb:CEB311Message xmlns:ceb="http://www.chinaport.gov.cn/ceb" guid="M-1" version="1.0"><ceb:Order><ceb:OrderHead>'
    "<ceb:guid>G-1</ceb:guid></ceb:OrderHead></ceb:Order></ceb:CEB311Message>"
)
ITEM = {"itemName": "面霜", "gmodel": "50ml/瓶", "unit": "142", "qty": 2, "price": 95, "country": "305"}


def by_folders(node: System, folder: Path) -> System:
    """The node with folders in the place of the queues of exports."""
    channels = {
        name: replace(one, adapter="file", settings={"folder": str(folder / one.settings["queue"])})
        if "export" in name
        else one
        for name, one in node.channels.items()
    }
    return replace(node, channels=channels)


class Node(Rounds):
    """One node with a database of its own; time is the test's."""

    def __init__(self, name: str, home: Path, clock: SetClock, other: "Node | None" = None) -> None:
        where = {"GUIJU_HOME": str(home), "GUIJU_NODE": name, "GUIJU_DEFINITIONS": str(ROOT / "definitions")}
        office = app.Office(app.Settings.of(where), clock)
        built = office._built(other.runtime.force if other else office.in_force(), office.database)
        node = by_folders(built.node, home.parent / "exports")
        channels, sources = office.lines.channels(node), office.lines.sources(node)
        self.runtime = replace(built, node=node, channels=channels, sources=sources)
        self.listening = [Listening(channel, name) for channel in self.runtime.sources]

    def person(self, roles: list[str], **org: Any) -> None:
        """Who acts at this node."""
        unit = self.engine("org", **org)
        user = self.engine("user", login="someone", name="某人", roles=roles, password="Guiju-2026!", org=unit)
        self.actor = actor_of(self.runtime, user)

    def act(self, event: str, document: str, record_id: str | None = None, **raw: Any) -> str:
        asked = raw.pop("asked", {})
        request = EventRequest(document, event, record_id, raw=raw, asked=asked, confirmed=frozenset({"all_stored"}))
        return raise_event(self.runtime, self.actor, request).record_id

    def all(self, document: str) -> list[dict[str, Any]]:
        with self.runtime.store.begin(write=False) as unit:
            return [one.values for one in unit.select(Selection(document, limit=100, tables=None))]

    def of(self, document: str, record_id: str) -> dict[str, Any]:
        return next(one for one in self.all(document) if one["id"] == record_id)


@pytest.fixture(scope="module")
def exchange(tmp_path_factory):
    """The address of the queues between both."""
    with pytest.MonkeyPatch.context() as environment:
        address = f"sqlite:///{tmp_path_factory.mktemp('exchange') / 'queues.db'}"
        environment.setenv("CUSTOMS_EXCHANGE", address)
        yield address


@pytest.fixture(scope="module")
def nodes(exchange, tmp_path_factory):
    """The firm's node, that of customs, and a way to let seconds pass."""
    tmp_path = tmp_path_factory.mktemp("nodes")
    clock = SetClock(BEGIN)
    firm = Node("firms", tmp_path / "firm", clock)
    customs = Node("customs", tmp_path / "customs", clock, firm)
    make_keys(firm.runtime)
    customs.runtime.crypto().issuing.trust(firm.runtime.crypto().desk.certificate(DEMO_AUTHORITY))
    firm.person(
        ["ecommerce", "declarant", "payment", "logistics", "platform_operator"],
        **FIRM,
        firm_kinds=["platform", "seller", "carrier", "payment", "broker"],
    )
    firm.act(
        "enter", "commodity", code="3304990039", name="护肤品", unit1="035", vat="0.13", consumption=0, listed="allowed"
    )
    customs.person(["customs_officer"], name="海关", TYSHXYDM="11990101750000974H")

    def pass_(seconds: int) -> None:
        until = clock.at + timedelta(seconds=seconds)
        while True:
            while firm.run() + customs.run():
                pass
            if clock.at >= until:
                return
            clock.move(seconds=1)

    yield firm, customs, pass_
    for one in (*firm.listening, *customs.listening):
        one.close()


def declared(firm: Node, document: str, **raw: Any) -> str:
    made = firm.act("enter", document, **raw)
    firm.act("declare", document, made)
    return made


def order(firm: Node, number: str) -> str:
    return declared(
        firm, "import_order", orderNo=number, **EBP, **EBC, **BUYER, **CONSIGNEE, freight=10, taxTotal=18.2,
        buyerRegNo="u1001", payCode="9901970033", payName="云岚支付", payTransactionId="P0001", lines=[ITEM],
    )  # fmt: skip


def states(node: Node, document: str, record_id: str) -> tuple[str, list[str]]:
    found = node.of(document, record_id)
    return found["state"], [one["returnStatus"] for one in found["receipts"]]


def test_what_a_firm_declares_is_answered_through_to_release(nodes):
    firm, customs, pass_ = nodes
    o = order(firm, "YL0001")
    twice, mixed, refused = (order(firm, number) for number in ("CF0001", "LX0001", "TD0001"))
    cup = {"itemNo": "A1", "itemName": "水晶杯", "unit": "011", "qty": 2, "price": 15, "currency": "502"}
    export = declared(firm, "export_order", orderNo="YL0002", **EBP, freight=10, currency="502", lines=[cup])
    pass_(2)
    assert states(firm, "import_order", o) == ("sent", ["2", "3"])
    pay = {"payCode": "9901970033", "payName": "云岚支付", "payTransactionId": "P0001", "payTime": "2026-05-06 08:00"}
    payer = {"payerIdNumber": "990101196610160035", "payerName": "温晚舟", "amountPaid": "218.2"}
    p = declared(firm, "import_payment", orderNo="YL0001", **EBP, **pay, **payer)
    way = {"logisticsCode": "9901980022", "logisticsName": "云岚速递", "logisticsNo": "W0001"}
    w = declared(
        firm, "import_waybill", orderNo="YL0001", **way, billNo="B0001", weight="0.6", insuredFee=0, **CONSIGNEE
    )
    pass_(6)
    for document, made in (("import_order", o), ("import_payment", p), ("import_waybill", w)):
        assert states(firm, document, made) == ("stored", ["2", "3", "120"])
    assert states(firm, "export_order", export) == ("stored", ["2", "3", "120"])
    # every receipt came twice; the states came after what they led to; it was rejected
    assert states(firm, "import_order", twice) == ("stored", ["2", "3", "120"])
    assert states(firm, "import_order", mixed) == ("stored", ["120", "2", "3"])
    assert states(firm, "import_order", refused) == ("rejected", ["2", "3", "100"])

    area = {"customsCode": "0100", "emsNo": "T0100W000001", "areaCode": "9901960011", "areaName": "云岚"}
    goods = {**ITEM, "gname": "面霜", "gcode": "3304990039", "itemRecordNo": "0001", "unit1": "035", "qty1": "0.1"}
    x = declared(
        firm, "import_list", orderNo="YL0001", tradeMode="1210", **area, trafMode="4", country="142", netWeight="0.5",
        grossWeight="0.6", **EBP, **EBC, **way, **BUYER, consigneeAddress="听松街97号", lines=[goods],
    )  # fmt: skip
    pass_(8)
    assert states(firm, "import_list", x) == ("released", ["2", "3", "120", "800"])
    (bill,) = firm.all("tax_bill")
    assert (bill["invtNo"], bill["valueAddedTax"] > 0) == (firm.of("import_list", x)["invtNo"], True)
    pass_(12)
    assert states(firm, "import_list", x)[0] == "closed"

    (taken,) = [one for one in customs.all("declaration_taken") if one["orderNo"] == "YL0001" and one["kind"] == "621"]
    assert (taken["state"], taken["course"]) == ("done", "normal")
    customs.act("answer_as", "declaration_taken", taken["id"], asked={"returnStatus": "2"})
    pass_(1)
    assert states(firm, "import_list", x) == ("closed", ["2", "3", "120", "800", "899"])  # too late
    assert landed(firm, "ceb622")[0].state == "processed"


def test_a_broken_message_is_answered_by_900(nodes, exchange):
    firm, customs, pass_ = nodes
    queue = DatabaseChannel(DatabaseQueues(Backend(exchange)), "to_customs_import")
    queue.send(BROKEN.encode(), key="broken", kind="", headers={})
    pass_(1)
    (wrong,) = landed_page(customs.runtime, LandedQuery(direction="in", states=("failed",))).messages
    assert (wrong.kind, wrong.code) == ("taken_ceb311", "MSG209")
    assert "appType" in wrong.text["zh"]
    (fault,) = firm.all("format_fault")
    assert (fault["oriCopMsgId"], fault["oriMessageType"]) == ("M-1", "CEB311Message")
    assert (fault["oriBizMessage"], "appType" in fault["returnInfo"]) == (BROKEN, True)


def carried(content: bytes, kind: str, sender: str, number: str = "") -> bytes:
    """A message in the carrier of a firm."""
    return (
        '<dxp:DxpMsg xmlns:dxp="http://www.chinaport.gov.cn/dxp" ver="1.0"><dxp:TransInfo>'
        f"<dxp:CopMsgId>{number or uuid4()}</dxp:CopMsgId><dxp:SenderId>{sender}</dxp:SenderId><dxp:ReceiverIds>"
        "<dxp:ReceiverId>DXPEDCCEB0000002</dxp:ReceiverId></dxp:ReceiverIds><dxp:CreatTime>2026-05-06T09:00:00"
        f"</dxp:CreatTime><dxp:MsgType>{kind}</dxp:MsgType></dxp:TransInfo><dxp:Data>{b64encode(content).decode()}"
        "</dxp:Data></dxp:DxpMsg>"
    ).encode()


@pytest.fixture(scope="module")
def good(nodes) -> bytes:
    """An order as the firm sends it, out of its carrier: signed."""
    firm = nodes[0]
    order(firm, f"YL{uuid4().hex[:8].upper()}")
    while firm.run():
        pass
    landed_id = landed(firm, "ceb311")[0].id
    with firm.runtime.store.begin(write=False) as unit:
        carrier = body(firm.runtime.files, unit.fetch("_message", landed_id))
    return b64decode(re.search(rb"<dxp:Data>(.*)</dxp:Data>", carrier, re.DOTALL)[1])


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("unsigned", "1001", "没有签名"),
        ("altered", "1004", "签名之后内容被改动"),
        ("wrong", "1001", "签名不正确"),
        ("stranger", "1999", "证书不受信任"),
        ("schema", "0002", "guid"),
        ("broken", "0001", "XML"),
        ("namespace", "0999", "对应的单据或映射"),
        ("unknown", "0999", "对应的单据或映射"),
        ("oversized", "0999", "过大"),
        ("garbage", "0001", ""),
    ],
)
def test_what_is_not_taken_is_answered_by_900_with_the_reason(nodes, exchange, tmp_path, good, name, code, said):
    firm, customs, pass_ = nodes
    signature = re.search(rb"<ds:Signature .*</ds:Signature>", good, re.DOTALL)[0]
    stranger = CryptoFolder(tmp_path, LxmlSignatures())
    stranger.desk.create("other", KeyKind.RSA)
    stranger.issuing.authority("else", BEGIN - timedelta(days=1), BEGIN + timedelta(days=9))
    request = stranger.issuing.request("other")
    stranger.desk.certify(
        "other", stranger.issuing.issue("else", request, BEGIN - timedelta(days=1), BEGIN + timedelta(days=9))
    )
    bodies = {
        "unsigned": good.replace(signature, b""),
        "altered": good.replace("面霜".encode(), "口红".encode()),
        "wrong": good.replace(b"<ds:SignatureValue>", b"<ds:SignatureValue>AAAA"),
        "stranger": sign_xml(good.replace(signature, b""), "other", stranger.provider(), stranger.xml),
        "schema": re.sub(rb'guid="[^"]*"', b'guid="short"', good, count=1),
        "broken": good[:200],
        "namespace": good.replace(b"www.chinaport.gov.cn/ceb", b"www.example.org/ceb"),
        "unknown": good.replace(b"CEB311Message", b"CEB999Message"),
        "oversized": good + b"<!--" + b"x" * (5 << 20) + b"-->",
        "garbage": bytes(range(256)),
    }
    queue = DatabaseChannel(DatabaseQueues(Backend(exchange)), "to_customs_import")
    number = str(uuid4()).upper()
    content = carried(bodies[name], "CEB311Message", "DXPENT0000099001", number)
    queue.send(content, key=number, kind="", headers={})
    pass_(1)
    faults = {one["oriCopMsgId"]: one for one in firm.all("format_fault")}
    fault = faults[number] if number in faults else max(faults.values(), key=lambda one: one["created_at"])
    assert fault["returnInfo"].startswith(f"[Code:{code};"), fault["returnInfo"]
    assert said in fault["returnInfo"]
    assert [one["receiver"] for one in customs.all("refused_message")][-1] == "DXPENT0000099001"


def test_nobody_is_answered_where_nobody_is_known(nodes, exchange):
    firm, customs, pass_ = nodes
    set_parameter(customs.runtime, customs.actor, "answered_dxp", "-")
    before = len(firm.all("format_fault"))
    queue = DatabaseChannel(DatabaseQueues(Backend(exchange)), "to_customs_import")
    queue.send(b"<half", key="half", kind="", headers={})
    pass_(1)
    assert len(firm.all("format_fault")) == before
    (named,) = [one for one in customs.all("refused_message") if one["receiver"] is None]
    assert (named["state"], named["refusal"], named["oriBizMessage"]) == ("unknown", "unreadable", "<half")
    assert landed_page(customs.runtime, LandedQuery(direction="in", states=("quarantined",))).messages


def test_receipts_go_into_the_queue_of_the_firm_that_sent(nodes, exchange):
    _, customs, _ = nodes
    queues = DatabaseQueues(Backend(exchange))
    into = DatabaseChannel(queues, "to_customs_import")
    content = carried(b"<nothing/>", "CEB311Message", "DXPENT0000099077")
    into.send(content, key="other firm", kind="", headers={})
    for one in customs.listening:
        one.step(customs.runtime, wait=0.0)
    while deliver_due(customs.runtime):
        pass
    (waiting,) = DatabaseSource(queues, "from_customs_import.DXPENT0000099077").receive(5, 0.0)
    assert b"<dxp:ReceiverId>DXPENT0000099077</dxp:ReceiverId>" in waiting.body


def test_official_samples_are_taken_as_far_as_their_schema_allows_them(nodes):
    _, customs, _ = nodes
    set_parameter(customs.runtime, customs.actor, "verifies", "false")  # their signatures are placeholders
    found = {}
    for path in sorted((ROOT / "tests/data/customs/samples").glob("CEB*Message.xml")):
        if f"taken_{path.name[:6].lower()}" in customs.runtime.definitions.mappings:
            taken = take_in(customs.runtime, "declarations_import", Arrived(path.read_bytes(), path.name))
            found.setdefault(landed_about(customs.runtime, taken).state, []).append(path.name[3:6])
    assert found == {
        "processed": ["213", "311", "511", "621", "625", "701", "711"],
        "failed": ["303", "505", "603", "607"],
    }
    taken = [one["kind"] for one in customs.all("declaration_taken")]
    assert set(taken) >= set(found["processed"])
    assert {one["oriMessageType"][3:6] for one in customs.all("refused_message")} >= set(found["failed"])


def test_the_edition_of_2018_is_read_beside_the_one_in_force(nodes):
    _, customs, _ = nodes
    set_parameter(customs.runtime, customs.actor, "verifies", "false")
    sample = (ROOT / "tests/data/customs/samples/2018/CEB303Message.xml").read_bytes()
    longer = re.sub(rb"(<ceb:ebpCode>)[^<]*", rb"\g<1>" + b"9" * 30, sample)  # as only the former edition allows
    kinds = [
        landed_about(customs.runtime, take_in(customs.runtime, "declarations_export", Arrived(content, name))).kind
        for name, content in (("in force", sample), ("former", longer))
    ]
    assert kinds == ["taken_ceb303", "taken_ceb303_2018"]


def landed(node: Node, kind: str) -> Sequence[LandedView]:
    """Messages of a mapping, the newest first."""
    return landed_page(node.runtime, LandedQuery(kind=kind)).messages
