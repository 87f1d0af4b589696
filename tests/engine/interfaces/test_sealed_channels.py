"""Messages by a channel in a sealed and signed envelope: two nodes, real keys, a real queue between them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from adapters.database.engine import Backend
from adapters.database.queue import DatabaseChannel, DatabaseQueues, DatabaseSource
from engine.model.configured import SigningChoice
from engine.model.traffic import Arrived
from engine.usecases.landed_acts import retry
from engine.usecases.landing_records import MESSAGE
from engine.usecases.taking_in import take_in
from tests.adapters.crypto.authority import Authority
from tests.engine.interfaces import two_nodes
from tests.engine.interfaces.two_nodes import certified, knows, node

MAPPINGS = {
    "desk/mappings/parcel_{}.yaml": """mapping: parcel_{}
document: report
format: {}
{}to: out
kind: parcel
envelope: secure
receiver: receiver.module
tree: {{Serial: serial, Name: name}}
""",
    "desk/mappings/heard_{}.yaml": """mapping: heard_{}
document: taken
format: {}
{}envelope: secure
tree: {{Serial: serial, Name: name}}
event: store
set: {{sender: "=first(partner, module == up.message.sender)"}}
""",
}
PARCELS = {
    name.format(form): text.format(form, form, "message: {root: Parcel}\n" if form == "xml" else "")
    for name, text in MAPPINGS.items()
    for form in ("json", "xml")
}
CARRIER = """envelope: carrier
format: xml
message: {root: Carrier}
tree:
  About: {Id: message.id, Kind: message.kind, From: message.sender, To: message.receiver}
  Data: {value: body, wrap: [sealed, base64]}
seal: {for: "first(partner, module == up.message.receiver).certificate", key: node}
sign: {key: node}
accept:
  - {known: message.sender, in: partner, by: module, code: 1}
  - {verify: signature, code: 2}
"""
CARRIED = {
    "desk/envelopes/carrier.yaml": CARRIER,
    "desk/mappings/parcel_xml.yaml": """mapping: parcel_xml
document: report
format: xml
message: {root: Parcel}
to: out
kind: parcel
envelope: carrier
sender: values.module
receiver: receiver.module
tree: {Serial: serial, Name: name}
""",
    "desk/mappings/heard_xml.yaml": PARCELS["desk/mappings/heard_xml.yaml"].replace("secure", "carrier"),
}
INTERFACES = (
    "channels: {json_in: {title: 来, mapping: heard_json}, xml_in: {title: 来, mapping: heard_xml}}\ncalls: {}\n"
)
MACHINE = """machine: report
states: {sent: {title: 已报, final: true}}
events:
  enter: {from: new, to: sent, by: clerk}
  json: {title: 报, from: sent, by: clerk, do: [{send: parcel_json}]}
  xml: {title: 报, from: sent, by: clerk, do: [{send: parcel_xml}]}
"""


class Line:
    """Sender and receiver with a queue between them."""

    def __init__(self, folder: Path) -> None:
        authority = Authority()
        root = authority.root()
        (folder / "S-1" / "trusted").mkdir(parents=True)
        (folder / "S-1" / "trusted" / "root.cer").write_bytes(root.certificate)
        self.sender, self.receiver = node(folder, "C-1"), node(folder, "S-1")
        own, other = (certified(one, authority, root, one.runtime.node.id) for one in (self.sender, self.receiver))
        knows(self.receiver, "C-1", own)
        self.other = other
        self.queues = DatabaseQueues(Backend(f"sqlite:///{folder / 'q.db'}"))
        object.__setattr__(self.sender.runtime, "channels", {"out": DatabaseChannel(self.queues, "between")})
        self.source = DatabaseSource(self.queues, "between")

    @classmethod
    def of(cls, folder: Path, patch: pytest.MonkeyPatch, more: dict[str, str]) -> Line:
        changed = {"desk/interfaces.yaml": INTERFACES, "desk/report/machine.yaml": MACHINE, **PARCELS, **more}
        patch.setattr(two_nodes, "FILES", {**two_nodes.FILES, **changed})
        return cls(folder)

    def close(self) -> None:
        self.queues.backend.close()

    def knows_the_receiver(self) -> None:
        knows(self.sender, "S-1", self.other)

    def report(self, event: str) -> str:
        (partner,) = self.sender.all("partner")
        about = {"serial": f"S{len(self.sender.all('report')) + 1}", "name": "王五", "receiver": partner["id"]}
        made = self.sender.raise_("clerk", "enter", "report", **about).record_id
        self.sender.raise_("clerk", event, "report", made)
        self.sender.deliver()
        return made

    def passed(self) -> Arrived:
        (one,) = self.source.receive(9, 0)
        self.source.accept([one.tag])
        return one

    def taken(self, arrived: Arrived, channel: str) -> dict[str, Any]:
        return dict(self.receiver.values(MESSAGE, take_in(self.receiver.runtime, channel, arrived)))


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    with closing(Line.of(tmp_path, monkeypatch, {})) as made:
        yield made


def test_a_carrier_in_xml_is_sealed_and_signed_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Line.of(tmp_path, monkeypatch, CARRIED)) as line:
        line.knows_the_receiver()
        line.report("xml")
        arrived = line.passed()
        assert "王五" not in arrived.body.decode()
        assert b"<To>S-1</To>" in arrived.body
        kept = line.taken(arrived, "xml_in")
        assert (kept["state"], kept["told"]) == ("processed", None)
        (made,) = line.receiver.all("taken")
        (partner,) = line.receiver.all("partner")
        assert (made["name"], made["sender"]) == ("王五", partner["id"])
        altered = arrived.body.replace(b"<Kind>parcel", b"<Kind>parcell")
        assert line.taken(Arrived(altered, "altered"), "xml_in")["code"] == "MSG210"
        unsealed = arrived.body.replace(b"<Data>", b"<Data>AAAA")
        assert line.taken(Arrived(unsealed, "unsealed"), "xml_in")["state"] == "quarantined"
        assert len(line.receiver.all("taken")) == 1


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_message_arrives_sealed_and_signed(line: Line, form: str) -> None:
    line.knows_the_receiver()
    line.report(form)
    arrived = line.passed()
    tree = json.loads(arrived.body)
    assert (tree["mstype"], tree["c"]["ei"]) == ("parcel", "C-1")
    assert isinstance(tree["bdata"], str)
    assert "王五" not in arrived.body.decode()
    kept = line.taken(arrived, f"{form}_in")
    assert (kept["state"], kept["told"]) == ("processed", None)
    (made,) = line.receiver.all("taken")
    (partner,) = line.receiver.all("partner")
    assert (made["serial"], made["name"], made["sender"]) == ("S1", "王五", partner["id"])
    (out,) = line.sender.all(MESSAGE, direction="out")
    assert (out["state"], out["signer"]) == ("sent", "node")


def test_a_transport_signature_that_was_stopped_keeps_the_message_waiting(line: Line) -> None:
    line.knows_the_receiver()
    object.__setattr__(line.sender.runtime, "signing", SigningChoice(transport=False))
    line.report("json")
    (out,) = line.sender.all(MESSAGE, direction="out")
    assert (out["state"], out["code"], line.source.receive(9, 0)) == ("blocked", "MSG117", [])
    object.__setattr__(line.sender.runtime, "signing", SigningChoice())
    line.sender.clock.move(minutes=5)
    line.sender.deliver()
    assert line.taken(line.passed(), "json_in")["state"] == "processed"


def bent(*path: str, to: object) -> Callable[[bytes], bytes]:
    def bend(body: bytes) -> bytes:
        tree = json.loads(body)
        inner = tree
        for name in path[:-1]:
            inner = inner[name]
        inner[path[-1]] = to
        return json.dumps(tree).encode()

    return bend


@pytest.mark.parametrize(
    "bend",
    [
        bent("c", "sid", to="9"),
        bent("s", "sig", to="AAAA"),
        bent("s", "env", to=None),
        bent("c", "ei", to="X-9"),
        lambda body: b'{"Serial": "S9", "Name": "bare"}',
        lambda body: body[:-9],
    ],
    ids=["altered", "signature", "no key", "stranger", "bare", "cut off"],
)
def test_what_cannot_be_proved_or_opened_is_put_aside(line: Line, bend: Callable[[bytes], bytes]) -> None:
    line.knows_the_receiver()
    line.report("json")
    arrived = line.passed()
    kept = line.taken(Arrived(bend(arrived.body), "bent"), "json_in")
    assert (kept["state"], kept["code"]) == ("quarantined", "MSG210")
    assert line.receiver.all("taken") == []
    line.report("json")  # the number of the first is burnt
    kept = line.taken(line.passed(), "json_in")
    assert (kept["state"], kept["told"]) == ("processed", None)


def test_the_same_envelope_under_another_key_is_a_replay(line: Line) -> None:
    line.knows_the_receiver()
    line.report("xml")
    arrived = line.passed()
    assert line.taken(arrived, "xml_in")["state"] == "processed"
    again = line.taken(Arrived(arrived.body, "another"), "xml_in")
    assert (again["state"], len(line.receiver.all("taken"))) == ("quarantined", 1)


def test_without_a_receiver_it_waits_and_leaves_once_he_is_known(line: Line) -> None:
    line.sender.engine("partner", {"module": "S-1"})
    line.report("json")
    (out,) = line.sender.all(MESSAGE, direction="out")
    assert (out["state"], out["code"]) == ("blocked", "MSG118")
    assert list(line.source.receive(9, 0)) == []
    (partner,) = line.sender.all("partner")
    file = line.sender.runtime.files.put(line.other, "s.cer", "application/octet-stream")
    with line.sender.store.begin() as unit:
        record = unit.fetch("partner", str(partner["id"]))
        assert record is not None
        record.values.update(certificate=file, version=record.version + 1)
        unit.update(record, record.version - 1)
    retry(line.sender.runtime, line.sender.people["clerk"], [str(out["id"])])
    line.sender.clock.move(minutes=2)
    line.sender.deliver()
    assert line.sender.all(MESSAGE, direction="out")[0]["state"] == "sent"
    line.receiver.clock.move(minutes=2)
    kept = line.taken(line.passed(), "json_in")
    assert (kept["state"], kept["told"]) == ("processed", None)
