"""Guards of XML tell what is wrong with a signature, let pass what need not be signed, and are judged where wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.model.crypto import KeyKind
from engine.model.traffic import Arrived
from engine.signing.xmldsig import sign_xml
from engine.testing.office import Office
from engine.usecases.landing_records import MESSAGE
from engine.usecases.taking_in import take_in
from tests.engine.interfaces.test_signed_xml import FILES, CryptoFolder, LxmlMessages, LxmlSignatures

SLIP = b"<Slip><No>1</No></Slip>"


def told(folder: Path, guard: str, kind: KeyKind = KeyKind.SM2, **contents: bytes) -> dict[str, tuple[str, str]]:
    """State and text of what came: signed by who is believed, by a stranger, altered since, unsigned."""
    mapping = FILES["desk/mappings/slip_in.yaml"].replace("{verify: signature, KEYcode: unsigned}", guard)
    place = Office({**FILES, "desk/mappings/slip_in.yaml": mapping}, xml=LxmlMessages)
    rooms = {name: CryptoFolder(folder / name, LxmlSignatures()) for name in ("here", "elsewhere")}
    object.__setattr__(place.runtime, "crypto", lambda: rooms["here"])
    now = place.runtime.clock.now()
    span = now.replace(year=now.year - 1), now.replace(year=now.year + 1)
    signed = {}
    for name, room in rooms.items():
        room.issuing.authority("root", *span)
        room.desk.create("firm", kind)
        room.desk.certify("firm", room.issuing.issue("root", room.issuing.request("firm"), *span))
        signed[name] = sign_xml(SLIP, "firm", room.provider(), room.xml)
    came = {"good": signed["here"], "stranger": signed["elsewhere"], "unsigned": SLIP, **contents}
    came["altered"] = signed["here"].replace(b"<No>1", b"<No>2")
    came["forged"] = signed["here"].replace(b"<ds:SignatureValue>", b"<ds:SignatureValue>AAAA")
    found = {}
    for name, content in came.items():
        values = place.values(MESSAGE, take_in(place.runtime, "in", Arrived(content, name)))
        found[name] = values["state"], (values["told"] or {}).get("zh", "").partition("：")[2]
    return found


@pytest.mark.parametrize("kind", [KeyKind.SM2, KeyKind.RSA])
def test_what_is_wrong_with_a_signature_is_told(tmp_path, kind):
    assert told(tmp_path, "{verify: signature}", kind) == {
        "good": ("processed", ""),
        "stranger": ("failed", "签名证书不受信任"),
        "unsigned": ("failed", "没有签名"),
        "altered": ("failed", "签名与数据不符：签名之后内容被改动"),
        "forged": ("failed", "签名不正确"),
    }


def test_what_need_not_be_signed_is_verified_where_it_is(tmp_path):
    found = {name: state for name, (state, _) in told(tmp_path, "{verify: signature, if_present: true}").items()}
    assert found == {
        "good": "processed", "unsigned": "processed", "stranger": "failed", "altered": "failed", "forged": "failed",
    }  # fmt: skip


def test_a_guard_is_judged_where_its_condition_holds(tmp_path):
    assert {state for state, _ in told(tmp_path / "a", "{verify: signature, if: no == '7'}").values()} == {"processed"}
    assert told(tmp_path / "b", "{verify: signature, if: no == '1'}")["unsigned"][0] == "failed"
