"""What leaves is signed, judged and wrapped once; what cannot be waits or is told, and is made ready when it can be."""

from __future__ import annotations

import base64
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.crypto.room import CryptoFolder
from adapters.xml.documents import LxmlMessages
from adapters.xml.signed import LxmlSignatures
from engine.model.crypto import KeyKind
from engine.model.traffic import Arrived
from engine.signing.xmldsig import verify_xml
from engine.testing.office import Office
from engine.usecases.demo import make_keys
from engine.usecases.landed_acts import resend
from engine.usecases.landing_records import MESSAGE
from engine.usecases.taking_in import take_in

FILES = {
    "desk/paper/document.yaml": """document: paper
title: 件
fields:
  ref:  {title: 号, type: text, max: 20}
  told: {title: 说明, type: text, max: 60, edit: false}
unique: [[ref]]
""",
    "desk/paper/machine.yaml": """machine: paper
states: {sent: {title: 已发}, taken: {title: 已收, final: true}}
events:
  enter: {title: 登记, from: new, to: sent, by: clerk, do: [{send: paper_out}]}
  take:  {title: 收下, from: sent, to: taken, by: engine}
""",
    "desk/paper/access.yaml": "access: {clerk: {read: '*', create: true, edit: '*', events: '*'}}",
    "desk/mappings/paper.xsd": """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:p"
  elementFormDefault="qualified"><xs:element name="Paper"><xs:complexType><xs:sequence>
  <xs:element name="Ref"><xs:simpleType><xs:restriction base="xs:string"><xs:minLength value="2"/>
  <xs:maxLength value="20"/></xs:restriction></xs:simpleType></xs:element>
  <xs:any namespace="##other" processContents="lax" minOccurs="0"/></xs:sequence>
  <xs:attribute name="id" type="xs:string"/></xs:complexType></xs:element></xs:schema>""",
    "desk/mappings/paper_out.yaml": """mapping: paper_out
document: paper
format: xml
kind: Paper
to: out
message: {root: p:Paper, namespace: {p: "urn:p"}, attributes: {id: message.id}, schema: paper.xsd}
tree: {p:Ref: ref}
sign: {profile: xmldsig, key: office, when: values.is_signed}
envelope: carrier
""",
    "desk/mappings/paper_back.yaml": """mapping: paper_back
format: xml
message: {root: Taken}
tree: {Ref: ref}
match: [{document: paper, by: [ref]}]
event: take
""",
    "desk/envelopes/carrier.yaml": """envelope: carrier
title: {zh: 载体, en: Carrier}
format: xml
message: {root: c:Msg, namespace: {c: "urn:c"}, attributes: {ver: "'1'"}}
tree:
  c:Info: {c:Id: message.id, c:Kind: message.kind, c:From: values.sender, c:At: {value: message.at, format: "%Y%m%d"}}
  c:Data: {value: body, wrap: [base64]}
""",
    "desk/values/sending.yaml": """values:
  sender: {title: 发送方, type: text, value: D1}
  is_signed: {title: 签名, type: boolean, value: SIGNED}
""",
}


def office(folder: Path, signed: bool = True) -> Office:
    values = FILES["desk/values/sending.yaml"].replace("SIGNED", str(signed).lower())
    place = Office({**FILES, "desk/values/sending.yaml": values}, xml=LxmlMessages)
    room = CryptoFolder(folder, LxmlSignatures())
    object.__setattr__(place.runtime, "crypto", lambda: room)
    return place


def out(place: Office) -> dict[str, Any]:
    (message,) = place.all(MESSAGE, direction="out")
    return message


def inside(content: bytes) -> bytes:
    found = re.search(rb"<c:Data>(.*)</c:Data>", content)
    assert found
    return base64.b64decode(found[1])


def test_a_message_is_signed_judged_and_wrapped(tmp_path: Path) -> None:
    place = office(tmp_path)
    room = place.runtime.crypto()  # type: ignore[misc]
    public = room.desk.create("office", KeyKind.SM2)
    place.raise_("clerk", "enter", "paper", ref="AB")
    place.deliver()
    ((_, content),) = place.sent.messages.values()
    message = out(place)
    assert (message["state"], message["signer"], message["code"]) == ("sent", "office", "")
    assert (
        f"<c:Id>{message['number']}</c:Id><c:Kind>Paper</c:Kind><c:From>D1</c:From><c:At>20260506</c:At>"
        in content.decode()
    )
    signed = inside(content)
    assert verify_xml(signed, room.provider(), room.xml, room.certificates, key=public).profile == "xmldsig_sm2"
    assert f'id="{message["number"]}"'.encode() in signed


def test_without_its_key_it_waits_and_goes_when_the_key_is_there(tmp_path: Path) -> None:
    place = office(tmp_path)
    place.raise_("clerk", "enter", "paper", ref="AB")
    place.deliver()
    assert (out(place)["state"], out(place)["code"], place.sent.messages) == ("blocked", "MSG106", {})
    place.runtime.crypto().desk.create("office", KeyKind.SM2)  # type: ignore[misc]
    place.clock.at += timedelta(minutes=5)
    place.deliver()
    assert (out(place)["state"], out(place)["signer"], len(place.sent.messages)) == ("sent", "office", 1)


def test_what_breaks_its_schema_is_told_and_not_sent(tmp_path: Path) -> None:
    place = office(tmp_path, signed=False)
    place.raise_("clerk", "enter", "paper", ref="A")
    place.deliver()
    message = out(place)
    assert (message["state"], message["code"], place.sent.messages) == ("failed", "MSG107", {})
    assert "Ref" in str(message["told"])


def test_what_was_signed_once_is_sent_again_as_it_is(tmp_path: Path) -> None:
    place = office(tmp_path)
    place.runtime.crypto().desk.create("office", KeyKind.SM2)  # type: ignore[misc]
    place.raise_("clerk", "enter", "paper", ref="AB")
    place.deliver()
    ((_, first),) = place.sent.messages.values()
    place.sent.messages.clear()
    resend(place.runtime, place.people["boss"], [str(out(place)["id"])])
    place.deliver()
    assert [body for _, body in place.sent.messages.values()] == [first]


def test_a_message_is_taken_out_of_its_envelope(tmp_path: Path) -> None:
    place = office(tmp_path, signed=False)
    paper = place.raise_("clerk", "enter", "paper", ref="AB").record_id
    body = base64.b64encode(b"<Taken><Ref>AB</Ref></Taken>").decode()
    content = f'<Msg xmlns="urn:c"><Info><Id>N-1</Id></Info><Data>{body}</Data></Msg>'
    found = place.values(MESSAGE, take_in(place.runtime, "in", Arrived(content.encode(), "N-1")))
    assert (found["state"], found["number"], found["kind"]) == ("processed", "N-1", "paper_back")
    assert place.values("paper", paper)["state"] == "taken"


@pytest.mark.parametrize("data", ["", "%%%", "PGE+"])
def test_an_envelope_without_a_message_is_put_aside(tmp_path: Path, data: str) -> None:
    place = office(tmp_path, signed=False)
    content = f'<Msg xmlns="urn:c"><Data>{data}</Data></Msg>'
    found = place.values(MESSAGE, take_in(place.runtime, "in", Arrived(content.encode(), "N-2")))
    assert (found["state"], found["code"]) == ("quarantined", "MSG204")


def test_the_edition_of_the_business_date_is_sent(tmp_path: Path) -> None:
    older = FILES["desk/mappings/paper_out.yaml"].replace("mapping: paper_out", "mapping: paper_out_2025")
    older = older.replace("kind: Paper", "kind: Older\nedition: {of: paper_out, until: 2026-05-06}")
    for now, kind in ((datetime(2026, 5, 6, 9), "Older"), (datetime(2026, 5, 7, 9), "Paper")):
        files = {**FILES, "desk/mappings/older.yaml": older}
        files["desk/values/sending.yaml"] = FILES["desk/values/sending.yaml"].replace("SIGNED", "false")
        place = Office(files, xml=LxmlMessages, now=now)
        place.raise_("clerk", "enter", "paper", ref="AB")
        place.deliver()
        ((_, content),) = place.sent.messages.values()
        assert f"<c:Kind>{kind}</c:Kind>".encode() in content


def test_demo_data_signs_with_keys_of_its_own(tmp_path: Path) -> None:
    place = office(tmp_path)
    make_keys(place.runtime)
    make_keys(place.runtime)
    place.raise_("clerk", "enter", "paper", ref="AB")
    place.deliver()
    assert (out(place)["state"], out(place)["signer"]) == ("sent", "office")
