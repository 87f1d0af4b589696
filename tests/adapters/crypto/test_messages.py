"""Certificates judged, messages of GM/T 0010 signed, enveloped, altered."""

import pytest
from asn1crypto import cms

from adapters.crypto import asn1
from adapters.crypto.gmt0010 import Gmt0010Messages
from adapters.crypto.trust import X509Certificates
from engine.model.crypto import CipherForm, CryptoRefused, Digest, Fault, KeyKind, NewKey, PublicKey, SignatureForm
from tests.adapters.crypto.authority import BEGINS, ENDS, NOW, Authority

CONTENT = "审批表 2026-11".encode()


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture(scope="module")
def root(authority):
    return authority.root()


@pytest.fixture(scope="module")
def clerk(authority, root):
    return authority.issue(authority.owner("Clerk"), root)


@pytest.fixture(scope="module")
def desk(authority, root):
    return Gmt0010Messages(authority.provider, X509Certificates(authority.provider, [root.certificate]))


def judge(authority, *believed, lists=()):
    return X509Certificates(authority.provider, [one.certificate for one in believed], lists)


def code(act, *arguments, **named):
    with pytest.raises(CryptoRefused) as caught:
        act(*arguments, **named)
    return caught.value.code


# --- certificates ----------------------------------------------------------------------------------------------------


def test_a_leaf_of_a_trusted_root_is_believed(authority, root, clerk):
    facts = judge(authority, root).trusted(clerk.certificate, NOW, purpose="digital_signature")
    assert facts.key == authority.provider.public(clerk.key)
    assert (facts.begins, facts.ends) == (BEGINS, ENDS)
    assert "Clerk" in facts.subject
    assert "Root" in facts.issuer


def test_a_chain_goes_through_those_who_may_issue(authority, root):
    between = authority.issue(authority.owner("Between"), root, ca=True, usage=("key_cert_sign",))
    leaf = authority.issue(authority.owner("Leaf"), between)
    assert judge(authority, root, between).trusted(leaf.certificate, NOW)
    assert code(judge(authority, root).trusted, leaf.certificate, NOW) is Fault.CERTIFICATE
    # Without its root an issuer in between is worth nothing.
    assert code(judge(authority, between).trusted, leaf.certificate, NOW) is Fault.CERTIFICATE


def test_who_may_not_issue_is_no_issuer(authority, root, clerk):
    child = authority.issue(authority.owner("Child"), clerk)
    assert code(judge(authority, root, clerk).trusted, child.certificate, NOW) is Fault.CERTIFICATE
    signer = authority.issue(authority.owner("Signer"), root, ca=True, usage=("digital_signature",))
    child = authority.issue(authority.owner("Child"), signer)
    assert code(judge(authority, root, signer).trusted, child.certificate, NOW) is Fault.CERTIFICATE


def test_a_root_of_the_same_name_is_another_root(authority, clerk):
    assert code(judge(authority, authority.root()).trusted, clerk.certificate, NOW) is Fault.CERTIFICATE


@pytest.mark.parametrize("at", [BEGINS.replace(year=2025), ENDS.replace(year=2031)])
def test_time_counts(authority, root, clerk, at):
    assert code(judge(authority, root).trusted, clerk.certificate, at) is Fault.CERTIFICATE


def test_usage_counts(authority, root, clerk):
    assert code(judge(authority, root).trusted, clerk.certificate, NOW, purpose="crl_sign") is Fault.CERTIFICATE


def test_what_is_revoked_is_not_believed(authority, root, clerk):
    other = authority.issue(authority.owner("Other"), root)
    lists = [authority.revoke(root, other)]
    assert judge(authority, root, lists=lists).trusted(clerk.certificate, NOW)
    assert code(judge(authority, root, lists=lists).trusted, other.certificate, NOW) is Fault.CERTIFICATE
    old = [authority.revoke(root, until=NOW.replace(month=10))]
    assert code(judge(authority, root, lists=old).trusted, clerk.certificate, NOW) is Fault.CERTIFICATE
    # A list that somebody else signed says nothing.
    forged = [authority.revoke(authority.root(), clerk)]
    assert judge(authority, root, lists=forged).trusted(clerk.certificate, NOW)


@pytest.mark.parametrize("at", [-1, -40, 60])
def test_an_altered_certificate_is_refused(authority, root, clerk, at):
    altered = bytearray(clerk.certificate)
    altered[at] ^= 1
    assert code(judge(authority, root).trusted, bytes(altered), NOW) in (Fault.CERTIFICATE, Fault.ENCODING)


@pytest.mark.parametrize("content", [b"", b"abc", b"0\x00", b"-----BEGIN CERTIFICATE-----\nx", b"0\x80\x00\x00"])
def test_what_is_no_certificate_is_refused(authority, content):
    assert code(judge(authority).read, content) is Fault.ENCODING


# --- messages --------------------------------------------------------------------------------------------------------


def test_signed_content_comes_back_with_its_signer(desk, clerk):
    opened = desk.verify(desk.sign(CONTENT, clerk.key), at=NOW)
    assert opened.content == CONTENT
    assert [one.der for one in opened.signers] == [clerk.certificate]


def test_a_detached_signature_needs_its_content(desk, clerk):
    message = desk.sign(CONTENT, clerk.key, detached=True)
    assert CONTENT not in message
    assert desk.verify(message, CONTENT).content == CONTENT
    assert code(desk.verify, message) is Fault.MESSAGE
    assert code(desk.verify, message, CONTENT + b"x") is Fault.SIGNATURE
    assert code(desk.verify, desk.sign(CONTENT, clerk.key), CONTENT) is Fault.MESSAGE


def test_an_envelope_opens_for_its_recipients_alone(authority, root, desk, clerk):
    other, stranger = (authority.issue(authority.owner(name), root) for name in ("Other", "Stranger"))
    message = desk.envelop(CONTENT, [clerk.certificate, other.certificate])
    assert CONTENT not in message
    assert desk.open(message, clerk.key) == desk.open(message, other.key) == CONTENT
    assert code(desk.open, message, stranger.key) is Fault.CIPHER
    assert desk.envelop(CONTENT, [clerk.certificate]) != desk.envelop(CONTENT, [clerk.certificate])


def test_both_at_once(desk, clerk):
    opened = desk.open_signed(desk.sign_and_envelop(CONTENT, clerk.key, [clerk.certificate]), clerk.key, at=NOW)
    assert opened.content == CONTENT
    assert [one.der for one in opened.signers] == [clerk.certificate]


@pytest.mark.parametrize("both", [False, True])
def test_no_alteration_gives_another_content(desk, clerk, both):
    """Of signed messages; an envelope alone has no digest of its content."""
    if both:
        message, opened = desk.sign_and_envelop(CONTENT, clerk.key, [clerk.certificate]), desk.open_signed
    else:
        message, opened = desk.sign(CONTENT, clerk.key), lambda altered, _, at: desk.verify(altered, at=at)
    assert opened(message, clerk.key, at=NOW).content == CONTENT
    for at in range(0, len(message), 7):
        altered = message[:at] + bytes([message[at] ^ 0x11]) + message[at + 1 :]
        try:
            assert opened(altered, clerk.key, at=NOW).content == CONTENT
        except CryptoRefused:
            continue


@pytest.mark.parametrize("cut", [0, 1, 10, -1])
def test_what_is_no_message_is_refused(desk, clerk, cut):
    message = desk.sign(CONTENT, clerk.key)[:cut]
    assert {code(desk.verify, message), code(desk.open, message, clerk.key)} == {Fault.ENCODING}


def test_another_kind_of_message_is_refused(desk, clerk):
    assert code(desk.verify, desk.envelop(CONTENT, [clerk.certificate])) is Fault.MESSAGE
    assert code(desk.open, desk.sign(CONTENT, clerk.key), clerk.key) is Fault.MESSAGE
    assert code(desk.open_signed, desk.sign(CONTENT, clerk.key), clerk.key) is Fault.MESSAGE


def test_what_stands_behind_or_is_written_otherwise_is_refused(desk, clerk):
    message = desk.sign(CONTENT, clerk.key)
    endless = b"\x30\x80" + message[4:] + b"\x00\x00"
    assert {code(desk.verify, message + b"\x00"), code(desk.verify, endless)} == {Fault.ENCODING}


def test_a_key_without_certificate_signs_no_message(authority, desk):
    assert code(desk.sign, CONTENT, authority.owner("None").key) is Fault.CERTIFICATE
    assert code(desk.envelop, CONTENT, []) is Fault.CERTIFICATE


def test_a_signer_must_be_believed_where_a_time_is_given(authority, desk):
    root = authority.root("Elsewhere")
    stranger = authority.issue(authority.owner("Stranger"), root)
    message = desk.sign(CONTENT, stranger.key)
    assert desk.verify(message).content == CONTENT
    assert code(desk.verify, message, at=NOW) is Fault.CERTIFICATE


def rewritten(message, change):
    """A message with its parts changed by a function, written anew."""
    info = asn1.ContentInfo.load(message)
    change(info["content"])
    return asn1.ContentInfo.load(info.dump(force=True)).dump()


def test_what_others_write_is_read(authority, desk, clerk):
    """NULL parameters, SM2-with-SM3 as algorithm, content types of PKCS #7."""

    def change(data):
        signer = data["signers"][0]
        signer["signature_algorithm"] = {"algorithm": asn1.SM2_WITH_SM3, "parameters": asn1.Null()}
        signer["digest_algorithm"] = {"algorithm": asn1.SM3, "parameters": asn1.Null()}

    message = rewritten(desk.sign(CONTENT, clerk.key), change)
    assert desk.verify(message).content == CONTENT
    gm, rfc = bytes.fromhex("060a2a811ccf5506010402"), bytes.fromhex("06092a864886f70d0107")
    assert gm in message
    inner = asn1.ContentInfo(
        {"content_type": "rfc_signed", "content": asn1.ContentInfo.load(message)["content"]}
    ).dump()
    assert rfc in inner
    assert desk.verify(inner).content == CONTENT


def test_a_bare_sm4_identifier_and_a_key_as_c1c3c2_are_read(authority, desk, clerk):
    def change(data):
        iv = data["encrypted"]["algorithm"]["parameters"].native
        data["encrypted"]["algorithm"] = {"algorithm": asn1.SM4, "parameters": asn1.Octets(iv)}
        recipient = data["recipients"][0]
        secret = authority.provider.sm2_decrypt(clerk.key, recipient["encrypted_key"].native)
        public = authority.provider.public(clerk.key)
        recipient["encrypted_key"] = authority.provider.sm2_encrypt(public, secret, form=CipherForm.C1C3C2)
        recipient["key_algorithm"] = {"algorithm": asn1.SM2_CURVE}

    assert desk.open(rewritten(desk.envelop(CONTENT, [clerk.certificate]), change), clerk.key) == CONTENT


def attributed(authority, clerk, digest):
    """SignedData whose signature is over attributes."""
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": [cms.ContentType("1.2.156.10197.6.1.4.2.1")]},
            {"type": "message_digest", "values": [asn1.Octets(digest)]},
        ]
    )
    desk = Gmt0010Messages(authority.provider, X509Certificates(authority.provider))
    signature = authority.provider.sm2_sign(clerk.key, attributes.dump(), form=SignatureForm.DER)

    def change(data):
        signer = data["signers"][0]
        signer["attributes"] = attributes
        signer["signature"] = signature

    return rewritten(desk.sign(CONTENT, clerk.key), change)


def test_signed_attributes_hold_the_digest_of_the_content(authority, desk, clerk):
    digest = authority.provider.digest(Digest.SM3, CONTENT)
    assert desk.verify(attributed(authority, clerk, digest)).content == CONTENT
    assert code(desk.verify, attributed(authority, clerk, bytes(32))) is Fault.SIGNATURE


def test_rsa_is_not_for_these_messages(authority):
    assert code(authority.provider.sm2_encrypt, PublicKey(KeyKind.RSA, b""), b"abc") is Fault.KEY
    assert code(authority.provider.adopt, NewKey(KeyKind.RSA, b"abc")) is Fault.KEY


def test_another_tag_is_not_der_of_a_certificate(authority, root, clerk):
    altered = clerk.certificate.replace(b"\x06\x08\x2a\x81\x1c", b"\x07\x08\x2a\x81\x1c")
    assert altered != clerk.certificate
    assert code(judge(authority, root).trusted, altered, NOW) is Fault.ENCODING
    assert code(judge(authority, root).issued_by, altered, root.certificate) is Fault.ENCODING
