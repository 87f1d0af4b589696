"""Signatures over members of JSON: the text of announcement 2018 No. 179, with both kinds of keys."""

import json
from datetime import datetime

import pytest

from adapters.crypto.room import CryptoFolder
from adapters.xml.signed import LxmlSignatures
from engine.envelopes.admission import Proof
from engine.model.crypto import KeyKind
from engine.signing.members import raw_members, sign_members, signed_text
from engine.usecases.proving import proof_of_members

OVER = ("sessionID", "payExchangeInfoHead", "payExchangeInfoLists", "serviceTime")
HEAD = '{"guid":"A","initalRequest":"a=\\"1\\"","totalAmount":12.30,"currency":"142"}'
LISTS = '[{"orderNo":"O-1","goodsInfo":[{"gname":"面霜","itemLink":"https://shop.example/1"}],"recpName":"云岚"}]'
BODY = (
    '{"sessionID":"fe2374-8fnejf97","payExchangeInfoHead":'
    + HEAD
    + ',"payExchangeInfoLists":'
    + LISTS
    + ',"serviceTime":"1544519952469"}'
)
NOW, BEGINS, ENDS = datetime(2026, 5, 6), datetime(2026, 1, 1), datetime(2027, 1, 1)


def test_what_is_signed_is_the_text_of_the_members_as_they_stand():
    assert signed_text(BODY.encode(), OVER) == (
        f'"sessionID":"fe2374-8fnejf97"||"payExchangeInfoHead":"{HEAD}"||"payExchangeInfoLists":"{LISTS}"'
        '||"serviceTime":"1544519952469"'
    )


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a"}', '{"a":1', "{1:2}", '{"a":1 "b":2}', '{"a":nul}'])
def test_what_is_no_object_is_refused(text):
    with pytest.raises(ValueError, match=r"wanted|Expecting|Invalid"):
        raw_members(text)


def test_a_member_that_is_missing_is_told():
    with pytest.raises(ValueError, match="serviceTime"):
        signed_text(b'{"sessionID": "1"}', ["sessionID", "serviceTime"])


@pytest.fixture
def room(tmp_path):
    made = CryptoFolder(tmp_path, LxmlSignatures())
    made.issuing.authority("root", BEGINS, ENDS)
    return made


def enrolled(room, kind):
    room.desk.create("firm", kind)
    certificate = room.issuing.issue("root", room.issuing.request("firm"), BEGINS, ENDS)
    room.desk.certify("firm", certificate)
    room.issuing.trust(certificate)
    return sign_members(BODY.encode(), OVER, "firm", room.provider(), value="signValue", number="certNo")


@pytest.mark.parametrize("kind", list(KeyKind))
def test_a_signature_holds_by_the_number_of_its_certificate(room, kind):
    signed = enrolled(room, kind)
    data = json.loads(signed)
    assert list(data) == [*OVER, "certNo", "signValue"]
    assert signed.startswith(BODY[:-1].encode())

    def proof(content=signed, number=data["certNo"], value=data["signValue"], at=NOW):
        return proof_of_members(room, content, OVER, value, number, at)

    assert proof() is Proof.HOLDS
    assert proof(content=signed.replace(b"12.30", b"12.31")) is Proof.WRONG
    assert proof(content=b"{}") is Proof.WRONG
    assert proof(value="AAAA") is Proof.WRONG
    assert proof(number="ff") is Proof.STRANGER
    assert proof(at=datetime(2028, 1, 1)) is Proof.STRANGER
    assert proof(value=None) is Proof.ABSENT
