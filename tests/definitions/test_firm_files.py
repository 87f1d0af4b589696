"""What a firm's own system drops into a folder becomes a document and is declared; receipts and faults come back as
files. Definitions as shipped, folders on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.crypto.room import CryptoFolder
from adapters.file_channel.channel import FileChannel
from adapters.file_channel.source import FileSource
from adapters.xml.documents import LxmlMessages
from adapters.xml.signed import LxmlSignatures
from engine.model.criteria import Selection
from engine.model.crypto import KeyKind, NewKey
from engine.model.traffic import Arrived
from engine.testing.memory import MemoryStore
from engine.testing.office import Office, Sent
from engine.usecases.acting import ENGINE
from engine.usecases.deliver import deliver_due
from engine.usecases.desk import Inputs
from engine.usecases.events import in_work
from engine.usecases.internal import storages
from engine.usecases.landing_records import MESSAGE
from engine.usecases.listening import Listening
from engine.usecases.runtime import Runtime
from engine.usecases.taking_in import take_in
from tests.adapters.crypto.authority import Authority
from tests.definitions.shipped import force

NS = "http://www.chinaport.gov.cn/ceb"
GUID = "4CDE1CFD-EDED-46B1-946C-B8022E42FC94"
ORDER = f"""<?xml version="1.0" encoding="UTF-8"?>
<CEB311Message xmlns="{NS}" guid="{GUID[:-1]}5" version="1.0"><Order><OrderHead>
<guid>{GUID}</guid><appType>1</appType><appTime>20260506080000</appTime><appStatus>2</appStatus><orderType>I</orderType>
<orderNo>YL1</orderNo><ebpCode>9901960011</ebpCode><ebpName>甲</ebpName><ebcCode>9901960011</ebcCode>
<ebcName>甲</ebcName><goodsValue>190</goodsValue><freight>10</freight><discount>0</discount><taxTotal>18.2</taxTotal>
<acturalPaid>218.2</acturalPaid><currency>142</currency><buyerRegNo>u1</buyerRegNo><buyerName>温晚舟</buyerName>
<buyerTelephone>19800000001</buyerTelephone><buyerIdType>1</buyerIdType><buyerIdNumber>990101196610160035</buyerIdNumber>
<consignee>温晚舟</consignee><consigneeTelephone>19800000001</consigneeTelephone>
<consigneeAddress>听松街97号</consigneeAddress></OrderHead><OrderList><gnum>1</gnum><itemName>面霜</itemName>
<gmodel>50ml</gmodel><unit>142</unit><qty>2</qty><price>95</price><totalPrice>190</totalPrice><currency>142</currency>
<country>305</country></OrderList></Order><BaseTransfer><copCode>9901960011</copCode><copName>甲</copName>
<dxpMode>DXP</dxpMode><dxpId>DXPENT0000099001</dxpId></BaseTransfer></CEB311Message>"""
RECEIPT = f"""<CEB312Message xmlns="{NS}" guid="{GUID[:-1]}6" version="1.0"><OrderReturn><guid>{GUID}</guid>
<ebpCode>9901960011</ebpCode><ebcCode>9901960011</ebcCode><orderNo>YL1</orderNo><returnStatus>120</returnStatus>
<returnTime>20260506090000000</returnTime><returnInfo>入库</returnInfo></OrderReturn></CEB312Message>"""


class Client:
    """A node that declares for one firm, its three folders, customs as a channel that remembers."""

    def __init__(self, folder: Path) -> None:
        node = replace(force().definitions.nodes["firms"], systems=("import_declaration",))
        store = MemoryStore()
        store.apply([*storages(), *(program.storage for program in force().programs.values())])
        self.customs, self.folder = Sent(), folder
        given = Office({}, now=datetime(2026, 5, 6, 9, 0)).runtime
        self.runtime: Runtime = replace(
            given,
            force=force(),
            node=node,
            store=store,
            xml=LxmlMessages(force().schemas),
            channels={
                "customs_import": self.customs,
                "firm_receipts": FileChannel(folder / "receive", "{serial}_{kind}.xml"),
                "firm_faults": FileChannel(folder / "faults", "{serial}_{kind}.xml"),
            },
            sources={"firm_messages": FileSource(folder / "send", quiet=0.0)},
        )
        room = CryptoFolder(folder / "keys", LxmlSignatures())
        authority = Authority()
        owner = authority.issue(authority.owner("甲"), authority.root())
        room.desk.take("enterprise", NewKey(KeyKind.SM2, owner.secret))
        room.desk.certify("enterprise", owner.certificate)
        object.__setattr__(self.runtime, "crypto", lambda: room)
        firm = {"name": "甲", "TYSHXYDM": "919901017500009156", "customs_code": "9901960011", "firm_kinds": ["seller"]}
        in_work(self.runtime, ENGINE, lambda work: work.apply(work.blank("org"), "enter", ENGINE, Inputs(firm)))
        self.listening = Listening("firm_messages", "here")

    def drop(self, name: str, text: str) -> None:
        part = self.folder / "send" / f"{name}.part"
        part.write_text(text, encoding="utf-8")
        part.rename(part.with_name(name))
        self.listening.step(self.runtime, wait=2.0)
        self.work()

    def work(self) -> None:
        while deliver_due(self.runtime):
            pass

    def every(self, document: str) -> list[dict[str, Any]]:
        with self.runtime.store.begin(write=False) as unit:
            return [one.values for one in unit.select(Selection(document, limit=100, tables=None))]

    def files(self, name: str) -> list[str]:
        return [one.read_text("utf-8") for one in sorted((self.folder / name).glob("*.xml"))]


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    made = Client(tmp_path)
    yield made
    made.listening.close()


def test_an_order_is_declared_and_its_receipt_comes_back(client: Client) -> None:
    client.drop("order-1.xml", ORDER)
    (made,) = client.every("import_order")
    (unit,) = client.every("org")
    assert (made["state"], made["org"], made["guid"], made["by_message"]) == ("declaring", unit["id"], GUID, True)
    ((kind, _),) = client.customs.messages.values()
    assert kind == "ceb311"
    assert [one.name for one in (client.folder / "send" / "done").iterdir()] == ["order-1.xml"]
    take_in(client.runtime, "customs_import_receipts", Arrived(RECEIPT.encode(), "R-1"))
    client.work()
    assert client.every("import_order")[0]["state"] == "stored"
    (told,) = client.files("receive")
    assert f"<ceb:guid>{GUID}</ceb:guid>" in told
    assert "<ceb:returnStatus>120</ceb:returnStatus>" in told


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (ORDER.replace("<copCode>9901960011", "<copCode>9901969999"), "MSG213", "9901969999"),
        (ORDER.replace("<orderNo>YL1</orderNo>", ""), "MSG209", "orderNo"),
        (ORDER.replace("<goodsValue>190", "<goodsValue>191"), "MSG205", "商品价格"),
        (ORDER[:400], "MSG204", "XML"),
        (RECEIPT, "MSG209", "CEB312Message"),
    ],
    ids=["nobodys", "schema", "rule", "cut off", "a receipt"],
)
def test_what_is_not_taken_is_an_incident_and_goes_back_as_a_fault(
    client: Client, content: str, code: str, said: str
) -> None:
    client.drop("order-1.xml", content)
    assert client.every("import_order") == []
    (kept,) = [one for one in client.every(MESSAGE) if one["direction"] == "in"]
    assert kept["code"] == code
    (told,) = client.files("faults")
    assert "CEB900Message" in told
    assert said in told
    assert client.files("receive") == []


def test_what_this_node_signs_may_come_without_a_signature() -> None:
    """The schema demands one of lists; of the mapping that signs them it is not demanded on the way in."""
    signed = (Path(__file__).parents[1] / "data" / "customs" / "samples" / "CEB621Message.xml").read_bytes()
    bare = signed[: signed.index(b"<ds:Signature")] + signed[signed.rindex(b"</ds:Signature>") + 15 :]
    xml, schema = LxmlMessages(force().schemas), "shared/mappings/ceb_import_202205.xsd"
    assert "Signature" in xml.judge(schema, xml.parse(bare))[0].text
    for content in (signed, bare):
        assert xml.judge(schema, xml.parse(content), unsigned=True) == ()
    wrong = bare.replace(b"ceb:copNo>", b"ceb:cop>", 2)
    assert xml.judge(schema, xml.parse(wrong), unsigned=True)
