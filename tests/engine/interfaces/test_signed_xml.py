"""XML that comes bare is taken where its signature holds: by a key of this node, or by a trusted certificate."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.crypto.room import CryptoFolder
from adapters.xml.documents import LxmlMessages
from adapters.xml.signed import LxmlSignatures
from engine.model.crypto import KeyKind, NewKey
from engine.model.traffic import Arrived
from engine.signing.xmldsig import sign_xml
from engine.testing.office import Office
from engine.usecases.landing_records import MESSAGE
from engine.usecases.taking_in import take_in
from tests.adapters.crypto.authority import Authority

FILES = {
    "desk/slip/document.yaml": "document: slip\ntitle: 条\nfields: {no: {title: 号, type: text, max: 20}}\n",
    "desk/slip/machine.yaml": "machine: slip\nstates: {here: {title: 在, final: true}}\n"
    "events: {come: {from: new, to: here, by: engine}}\n",
    "desk/slip/access.yaml": "access: {clerk: {read: '*'}}",
    "desk/mappings/slip_in.yaml": """mapping: slip_in
document: slip
format: xml
message: {root: Slip}
tree: {No: no}
event: come
accept: [{verify: signature, KEYcode: unsigned}]
""",
}


def office(folder: Path, key: str) -> Office:
    mapping = FILES["desk/mappings/slip_in.yaml"].replace("KEY", f"key: {key}, " if key else "")
    made = Office({**FILES, "desk/mappings/slip_in.yaml": mapping}, xml=LxmlMessages)
    room = CryptoFolder(folder, LxmlSignatures())
    object.__setattr__(made.runtime, "crypto", lambda: room)
    return made


def arrived(place: Office, content: bytes, number: str) -> str:
    found = take_in(place.runtime, "in", Arrived(content, number))
    return str(place.values(MESSAGE, found)["state"])


def signed(place: Office, key: str) -> bytes:
    room = place.runtime.crypto()  # type: ignore[misc]
    return sign_xml(b"<Slip><No>1</No></Slip>", key, room.provider(), room.xml)


def test_a_signature_by_the_named_key_is_wanted(tmp_path: Path) -> None:
    place = office(tmp_path, "counter")
    desk = place.runtime.crypto().desk  # type: ignore[misc]
    desk.create("counter", KeyKind.SM2)
    desk.create("other", KeyKind.SM2)
    good = signed(place, "counter")
    states = [
        arrived(place, good, "1"),
        arrived(place, good.replace(b"<No>1", b"<No>2"), "2"),
        arrived(place, signed(place, "other"), "3"),
        arrived(place, b"<Slip><No>4</No></Slip>", "4"),
    ]
    assert states == ["processed", "failed", "failed", "failed"]
    assert [one["no"] for one in place.all("slip")] == ["1"]


@pytest.mark.parametrize(("trusted", "state"), [(True, "processed"), (False, "failed")])
def test_without_a_key_the_certificate_must_be_trusted(tmp_path: Path, trusted: bool, state: str) -> None:
    authority = Authority()
    root = authority.root()
    owner = authority.issue(authority.owner("Firm"), root)
    place = office(tmp_path, "")
    if trusted:
        (tmp_path / "trusted").mkdir(parents=True)
        (tmp_path / "trusted" / "root.cer").write_bytes(root.certificate)
    desk = place.runtime.crypto().desk  # type: ignore[misc]
    desk.take("firm", NewKey(KeyKind.SM2, owner.secret))
    desk.certify("firm", owner.certificate)
    assert arrived(place, signed(place, "firm"), "1") == state


SIGNED_FOR = {
    **FILES,
    "desk/firm/document.yaml": "document: firm\ntitle: 户\nfields:\n  name: {title: 名, type: text, max: 9}\n"
    "  paper: {title: 证书号, type: text, max: 60}\n",
    "desk/firm/machine.yaml": "machine: firm\nstates: {here: {title: 在, final: true}}\n"
    "events: {come: {from: new, to: here, by: engine}}\n",
    "desk/firm/access.yaml": "access: {clerk: {read: '*'}}",
    "desk/mappings/slip_in.yaml": FILES["desk/mappings/slip_in.yaml"].replace(
        "KEYcode: unsigned}]",
        "code: 1}, {known: no, in: firm, by: name, code: 2}, {when: message.signer == caller.paper, code: 3}]",
    ),
}


def test_who_is_trusted_may_sign_for_nobody_else(tmp_path: Path) -> None:
    authority = Authority()
    root = authority.root()
    place = Office(SIGNED_FOR, xml=LxmlMessages)
    (tmp_path / "trusted").mkdir(parents=True)
    (tmp_path / "trusted" / "root.cer").write_bytes(root.certificate)
    room = CryptoFolder(tmp_path, LxmlSignatures())
    object.__setattr__(place.runtime, "crypto", lambda: room)
    for name in ("one", "two"):
        owner = authority.issue(authority.owner(name), root)
        room.desk.take(name, NewKey(KeyKind.SM2, owner.secret))
        room.desk.certify(name, owner.certificate)
        paper = room.certificates.read(owner.certificate).number
        place.engine("firm", {"name": name, "paper": paper})
    slip = {name: f"<Slip><No>{name}</No></Slip>".encode() for name in ("one", "two")}
    sign = {
        (key, of): sign_xml(slip[of], key, room.provider(), room.xml) for key in ("one", "two") for of in ("one", "two")
    }
    states = {who: arrived(place, content, "-".join(who)) for who, content in sign.items()}
    assert {who for who, state in states.items() if state == "processed"} == {("one", "one"), ("two", "two")}
    assert sorted(str(one["no"]) for one in place.all("slip")) == ["one", "two"]
