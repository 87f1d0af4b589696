"""What a message that came in says: other roots that are read alike, its bytes, a part of it, where it came from."""

from __future__ import annotations

from typing import Any

from adapters.xml.documents import LxmlMessages
from engine.model.traffic import Arrived
from engine.testing.office import Office
from engine.usecases.landing_records import MESSAGE
from engine.usecases.taking_in import take_in

SLIPS = {
    "desk/slip/document.yaml": """document: slip
title: 单
fields:
  ref:  {title: 号, type: text, max: 20}
  kind: {title: 类, type: text, max: 20}
  way:  {title: 路, type: text, max: 60}
  raw:  {title: 原文, type: file}
  part: {title: 部分, type: file}
""",
    "desk/slip/machine.yaml": """machine: slip
states: {here: {title: 在, final: true}}
events: {come: {title: 来, from: new, to: here, by: [engine, clerk]}}
""",
    "desk/slip/access.yaml": "access: {clerk: {read: '*', create: true, events: '*'}}",
    "desk/mappings/slip_in.yaml": """mapping: slip_in
document: slip
format: xml
message: {root: Orders, also: [Payments], attributes: {id: message.id}}
each: Order
tree:
  Order: {also: [Payment], tree: {Head: {Ref: ref}, Ref: ref}}
event: come
set:
  {kind: =message.kind, way: "=message.channel + ':' + (message.topic or '')", raw: =message.raw, part: =message.part}
""",
    "desk/envelopes/carrier.yaml": """envelope: carrier
format: xml
message: {root: Carrier}
tree: {Data: {value: body, wrap: [base64]}}
""",
    "desk/interfaces.yaml": "listens: {slips: {title: 单, from: quiet, mapping: slip_quiet}}\n"
    "channels: {quiet: {title: 静}}\n",
}
SLIPS["desk/mappings/slip_quiet.yaml"] = SLIPS["desk/mappings/slip_in.yaml"].replace("slip_in", "slip_quiet")
BOTH = (
    b'<Payments id="M-1"><Payment><Ref>A</Ref></Payment><Payment><Ref>B</Ref></Payment><Note>n</Note>'
    b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></Payments>'
)


def slips(content: bytes, channel: str = "in", **headers: str) -> tuple[Office, list[dict[str, Any]]]:
    place = Office(SLIPS, xml=LxmlMessages)
    landed = take_in(place.runtime, channel, Arrived(content, "K", headers=headers))
    assert place.values(MESSAGE, landed)["state"] == "processed", place.values(MESSAGE, landed)["told"]
    return place, sorted(place.all("slip"), key=lambda one: str(one["ref"]))


def test_other_roots_are_read_alike_and_say_what_they_are() -> None:
    _, (one,) = slips(b'<Orders id="M-1"><Order><Head><Ref>A</Ref></Head></Order></Orders>')
    assert (one["ref"], one["kind"]) == ("A", "Orders")
    _, found = slips(BOTH, topic="9901")
    assert [(one["ref"], one["kind"], one["way"]) for one in found] == [
        ("A", "Payments", "in:9901"),
        ("B", "Payments", "in:9901"),
    ]


def test_each_document_has_the_message_and_its_own_part_of_it() -> None:
    place, (first, second) = slips(BOTH)
    assert [place.runtime.files.get(one["raw"].hash) for one in (first, second)] == [BOTH, BOTH]
    parts = [place.runtime.files.get(one["part"].hash).decode() for one in (first, second)]
    assert ["<Ref>A</Ref>" in one for one in parts] == [True, False]
    assert ["<Ref>B</Ref>" in one for one in parts] == [False, True]
    assert all('id="M-1"' in one and "<Note>n</Note>" in one and "Signature" not in one for one in parts)


def test_a_message_of_one_document_is_its_own_part() -> None:
    content = b'<Orders id="M-1"><Order><Ref>A</Ref></Order></Orders>'
    place, (one,) = slips(content)
    assert place.runtime.files.get(one["part"].hash) == content


def test_a_channel_that_is_listened_to_opens_envelopes() -> None:
    content = b"<Carrier><Data>PE9yZGVycz48T3JkZXI+PFJlZj5BPC9SZWY+PC9PcmRlcj48L09yZGVycz4=</Data></Carrier>"
    place, (one,) = slips(content, "quiet")
    assert (one["ref"], one["way"]) == ("A", "quiet:")
    assert place.runtime.files.get(one["raw"].hash) == b"<Orders><Order><Ref>A</Ref></Order></Orders>"
