"""XML signatures: made and verified, and what does not count as one."""

import re
from base64 import b64decode, b64encode

import pytest

from adapters.crypto.trust import X509Certificates
from adapters.xml.signed import LxmlSignatures
from engine.model.crypto import CryptoRefused, Digest, Fault, KeyKind, NewKey
from engine.signing.profiles import profile_for, profile_names, profile_of
from engine.signing.values import joined_members, sign_value, verify_value
from engine.signing.xmldsig import sign_xml, verify_xml
from tests.adapters.crypto.authority import NOW, Authority

DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<!-- kept --><m:Message xmlns:m="urn:m" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xml:lang="zh" b="2" a="1">
  <m:Name>张三 &lt;&amp;</m:Name><m:Empty/><m:Data><![CDATA[a<b]]></m:Data>
  <m:Extension>x</m:Extension>
</m:Message>""".encode()
PLAIN = b'<Message xmlns="urn:m"><Name>a</Name></Message>'
XML = LxmlSignatures()


class Desk:
    def __init__(self):
        self.authority = Authority()
        self.crypto = self.authority.provider
        self.root = self.authority.root()
        self.owner = self.authority.issue(self.authority.owner("Enterprise"), self.root)
        self.judge = X509Certificates(self.crypto, [self.root.certificate])

    def sign(self, document=DOCUMENT, **named):
        return sign_xml(document, self.owner.key, self.crypto, XML, **named)

    def verify(self, document, **named):
        return verify_xml(document, self.crypto, XML, self.judge, **{"at": NOW, **named})


@pytest.fixture(scope="module")
def desk():
    return Desk()


@pytest.fixture(scope="module")
def rsa(desk):
    from adapters.crypto.openssl import rsa_generate

    return desk.crypto.adopt(NewKey(KeyKind.RSA, rsa_generate()))


def code(act, *arguments, **named):
    with pytest.raises(CryptoRefused) as caught:
        act(*arguments, **named)
    return caught.value.code


@pytest.mark.parametrize("document", [DOCUMENT, PLAIN, "<信/>".encode(), DOCUMENT.replace(b"UTF-8", b"utf-8")])
def test_a_signed_document_tells_who_signed_it(desk, document):
    found = desk.verify(desk.sign(document))
    assert found.profile == "xmldsig_sm2"
    assert found.certificate.der == desk.owner.certificate
    assert found.key_name == found.certificate.number


def test_the_signature_stands_where_the_receiver_wants_it(desk):
    last = desk.sign()
    assert last.endswith(b"</ds:Signature></m:Message>")
    before = desk.sign(before="{urn:m}Extension")
    assert re.search(rb"</ds:Signature><m:Extension>", before)
    assert desk.sign(before="{urn:m}None").endswith(b"</ds:Signature></m:Message>")
    assert desk.verify(before).profile == "xmldsig_sm2"
    assert desk.sign(key_name="0001").count(b"<ds:KeyName>0001</ds:KeyName>") == 1


def test_what_is_signed_is_not_signed_again(desk):
    assert code(desk.sign, desk.sign()) is Fault.MESSAGE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("张三", "李四"),
        ('a="1"', 'a="2"'),
        ('xml:lang="zh"', 'xml:lang="en"'),
        ("<m:Empty/>", ""),
        ("</m:Extension>\n", "</m:Extension>"),
        ('xmlns:m="urn:m"', 'xmlns:m="urn:m" xmlns:n="urn:n"'),
        ("<ds:DigestValue>", "<ds:DigestValue>AAAA"),
        ("<ds:SignatureValue>", "<ds:SignatureValue>AAAA"),
    ],
)
def test_a_document_that_was_altered_does_not_hold(desk, old, new):
    signed = desk.sign().decode()
    assert old in signed
    assert code(desk.verify, signed.replace(old, new, 1).encode()) is Fault.SIGNATURE


def test_what_means_the_same_holds(desk):
    signed = desk.sign().decode()
    same = signed.replace('b="2" a="1"', "a='1'   b=\"2\"").replace("<m:Empty/>", "<m:Empty></m:Empty>")
    same = same.replace("<!-- kept -->", "<!-- another -->")
    assert same != signed
    assert desk.verify(same.encode())
    value = re.search(r"<ds:SignatureValue>(.*)</ds:SignatureValue>", signed)[1]
    assert desk.verify(signed.replace(value, f"\n{value[:40]}\n{value[40:]}\n").encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('URI=""', 'URI="#a"'),
        ('URI=""', 'URI="http://elsewhere.example/"'),
        ('URI=""', ""),
        ("#enveloped-signature", "#base64"),
        ("REC-xml-c14n-20010315", "REC-xml-c14n-20010315#WithComments"),
        ("#sm2-sm3", "#sm2-sm9"),
        ("xmldsig#sm3", "xmldsig#sha1"),
        ("<ds:Reference", '<ds:Reference URI=""/><ds:Reference'),
        ("<ds:SignedInfo>", "<ds:SignedInfo/><ds:SignedInfo>"),
        ("<ds:DigestValue>", "<ds:DigestValue>#"),
        ("</ds:Signature>", '</ds:Signature><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>'),
        ("</ds:Transforms>", '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/></ds:Transforms>'),
        ("<m:Empty/>", '<m:Empty><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/></m:Empty>'),
    ],
)
def test_other_shapes_are_refused_before_anything_is_computed(desk, old, new):
    signed = desk.sign().decode()
    assert old in signed
    assert code(desk.verify, signed.replace(old, new, 1).encode()) is Fault.MESSAGE


def test_a_signature_moved_into_another_document_does_not_hold(desk):
    signature = re.search(rb"<ds:Signature .*</ds:Signature>", desk.sign(), re.DOTALL)[0]
    wrapped = DOCUMENT.replace("张三".encode(), "李四".encode()).replace(b"</m:Message>", signature + b"</m:Message>")
    assert code(desk.verify, wrapped) is Fault.SIGNATURE
    deeper = b"<x>" + desk.sign().partition(b"?>")[2] + b"</x>"
    assert code(desk.verify, deeper) is Fault.MESSAGE


@pytest.mark.parametrize(
    "document",
    [
        b"", b"abc", b"<a>", PLAIN, b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"<!DOCTYPE a><a/>",
        b'<a xmlns:b="c">' * 3, b"\xff\xfe", b'<a xmlns="relative"/>',
    ],
)  # fmt: skip
def test_what_is_no_signed_document_is_refused(desk, document):
    assert code(desk.verify, document) is Fault.MESSAGE
    if document != PLAIN:
        assert code(desk.sign, document) is Fault.MESSAGE


def test_text_behind_the_signature_belongs_to_the_document(desk):
    signed = desk.sign(PLAIN)
    assert code(desk.verify, signed.replace(b"</ds:Signature>", b"</ds:Signature>more")) is Fault.SIGNATURE
    before = desk.sign(PLAIN, before="{urn:m}Name")
    assert code(desk.verify, before.replace(b"</ds:Signature>", b"</ds:Signature>\n")) is Fault.SIGNATURE


def test_a_signed_document_travels_in_an_envelope_that_is_signed_by_another_key(desk):
    carrier = desk.authority.issue(desk.authority.owner("Carrier"), desk.root)
    envelope = b'<d:Carried xmlns:d="urn:d"><d:Data>' + b64encode(desk.sign()) + b"</d:Data></d:Carried>"
    sent = sign_xml(envelope, carrier.key, desk.crypto, XML)
    assert desk.verify(sent).certificate.der == carrier.certificate
    inner = b64decode(re.search(rb"<d:Data>(.*)</d:Data>", sent)[1])
    assert desk.verify(inner).certificate.der == desk.owner.certificate


# --- whose signature it is -------------------------------------------------------------------------------------------


def test_the_certificate_in_a_message_is_a_hint_and_not_trust(desk):
    stranger = desk.authority.issue(desk.authority.owner("Stranger"), desk.authority.root("Elsewhere"))
    signed = sign_xml(DOCUMENT, stranger.key, desk.crypto, XML)
    assert code(desk.verify, signed) is Fault.CERTIFICATE
    assert desk.verify(signed, at=None).certificate.der == stranger.certificate
    assert code(desk.verify, signed, at=None, key=desk.crypto.public(desk.owner.key)) is Fault.SIGNATURE
    other = desk.sign().replace(b64encode(desk.owner.certificate), b64encode(stranger.certificate))
    assert code(desk.verify, other, at=None) is Fault.SIGNATURE


def test_without_a_certificate_the_key_must_be_known(desk):
    key = desk.authority.owner("Bare").key
    signed = sign_xml(DOCUMENT, key, desk.crypto, XML)
    assert code(desk.verify, signed) is Fault.CERTIFICATE
    assert code(desk.verify, signed, at=None) is Fault.CERTIFICATE
    assert desk.verify(signed, at=None, key=desk.crypto.public(key)).certificate is None


def test_profiles_can_be_restricted(desk):
    assert code(desk.verify, desk.sign(), profiles=["xmldsig_rsa"]) is Fault.MESSAGE
    assert desk.verify(desk.sign(), profiles=["xmldsig_sm2"])


# --- profiles --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["xmldsig", "xmldsig_rsa", "xmldsig_rsa_sha256"])
def test_cards_of_the_older_kind_sign_with_rsa(desk, rsa, profile):
    signed = sign_xml(DOCUMENT, rsa, desk.crypto, XML, profile=profile)
    found = verify_xml(signed, desk.crypto, XML, desk.judge, key=desk.crypto.public(rsa))
    assert found.profile == (profile if profile != "xmldsig" else "xmldsig_rsa")
    assert (
        code(desk.verify, signed.replace("张三".encode(), b"a"), at=None, key=desk.crypto.public(rsa))
        is Fault.SIGNATURE
    )


def test_a_profile_takes_a_key_of_its_kind(desk, rsa):
    assert code(desk.sign, profile="xmldsig_rsa") is Fault.KEY
    assert code(sign_xml, DOCUMENT, rsa, desk.crypto, XML, profile="xmldsig_sm2") is Fault.KEY
    assert code(desk.sign, profile="none") is Fault.UNABLE
    assert code(profile_of, "", "") is Fault.MESSAGE


def test_what_is_only_verified_still_is_not_signed_with(desk):
    assert "xmldsig_sm2_older" not in profile_names()
    assert code(desk.sign, profile="xmldsig_sm2_older") is Fault.UNABLE
    assert {profile_for("xmldsig", kind).kind for kind in KeyKind} == set(KeyKind)


# --- bare values -----------------------------------------------------------------------------------------------------


def test_members_of_a_message_are_signed_as_one_text(desk, rsa):
    text = joined_members([("sessionID", "S"), ("head", '{"a":1}'), ("serviceTime", "1")])
    assert text == '"sessionID":"S"||"head":"{"a":1}"||"serviceTime":"1"'
    for key, over in ((desk.owner.key, Digest.SM3), (rsa, Digest.SHA1)):
        signed, public = sign_value(text.encode(), key, desk.crypto), desk.crypto.public(key)
        assert verify_value(text.encode(), signed.value, public, desk.crypto, over)
        assert not verify_value(text.encode() + b" ", signed.value, public, desk.crypto, over)
        assert not verify_value(text.encode(), "#", public, desk.crypto, over)
        assert not verify_value(text.encode(), "AAAA", public, desk.crypto, over)
    assert sign_value(b"", desk.owner.key, desk.crypto).number == desk.crypto.certificate(desk.owner.key).number
    assert sign_value(b"", rsa, desk.crypto).number == ""
