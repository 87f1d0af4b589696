"""Cases of certificates, of messages of GM/T 0010 and of XML signatures.

In: a room and a case; the certificates and the private key that several cases share stand in the section `x509` of the
file. Out: nothing, or an exception of `cases`.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping

from engine.model.crypto import CryptoRefused
from engine.ports.crypto import Certificates, TrialRoom
from engine.signing.vectors.cases import Case, Unable, agree
from engine.signing.vectors.sm2 import must_refuse
from engine.signing.xmldsig import verify_xml

_EMPTY = b""


def x509(room: TrialRoom, case: Case) -> None:
    """What the case expects of its certificates, each expectation by its words."""
    judge, pem = room.certificates([case.octets("root_cert")]), _Pems(case)
    expected = case.values.get("expect", {})
    for words, holds in expected.items():
        question = _EXPECTATIONS.get(words)
        if question is None:
            raise Unable(f"nobody knows how to ask: {words}")
        agree(words, question(judge, pem), holds)
    if case.has("crl_pem"):
        agree("the revocation list is the root's", judge.issued_by(pem["crl"], pem["root_cert"]), True)
    own = _own_key(case)
    if own and case.has("ee_cert_pem"):
        key = room.provider.adopt(room.key(own))
        agree("the key of the certificate", room.provider.public(key), judge.read(pem["ee_cert"]).key)


class _Pems:
    def __init__(self, case: Case) -> None:
        self._case = case

    def __getitem__(self, name: str) -> bytes:
        return self._case.octets(name)


_EXPECTATIONS: Mapping[str, Callable[[Certificates, _Pems], bool]] = {
    "root verifies itself": lambda judge, pem: judge.issued_by(pem["root_cert"], pem["root_cert"]),
    "ee chain with default id": lambda judge, pem: judge.issued_by(pem["ee_cert"], pem["root_cert"]),
    "ee chain with empty id": lambda judge, pem: judge.issued_by(pem["ee_cert"], pem["root_cert"], signer=_EMPTY),
    "ee_cert_signed_with_empty_id with default id": lambda judge, pem: judge.issued_by(
        pem["ee_cert_signed_with_empty_id"], pem["root_cert"]
    ),
    "ee_cert_signed_with_empty_id with empty id": lambda judge, pem: judge.issued_by(
        pem["ee_cert_signed_with_empty_id"], pem["root_cert"], signer=_EMPTY
    ),
    "csr self-signature with default id": lambda judge, pem: judge.self_signed(pem["ee_csr"]),
    "csr self-signature with empty id": lambda judge, pem: judge.self_signed(pem["ee_csr"], signer=_EMPTY),
}


def gmt0010(room: TrialRoom, case: Case) -> None:
    """A signed or enveloped message, and one of the provider's own of the same kind."""
    roots, certificate, key = _shared(room, case)
    desk, message = room.messages(roots), case.octets("der")
    if not case.valid():
        must_refuse("it is taken", lambda: _opened(room, case, roots, message, key))
        return
    content = case.octets("content")
    agree("the content", _opened(room, case, roots, message, key), content)
    if key and certificate:
        kind = _kind(case)
        made = {
            "signed": lambda: desk.sign(content, key),
            "detached": lambda: desk.sign(content, key, detached=True),
            "enveloped": lambda: desk.envelop(content, [certificate]),
            "both": lambda: desk.sign_and_envelop(content, key, [certificate]),
        }[kind]()
        agree("its own message", _opened(room, case, roots, made, key), content)


def _opened(room: TrialRoom, case: Case, roots: list[bytes], message: bytes, key: str) -> bytes:
    desk, kind = room.messages(roots), _kind(case)
    if kind == "signed":
        return desk.verify(message).content
    if kind == "detached":
        return desk.verify(message, case.octets("content")).content
    if not key:
        raise Unable("the private key of the recipient is not in the file")
    return desk.open(message, key) if kind == "enveloped" else desk.open_signed(message, key).content


def _kind(case: Case) -> str:
    name = case.name.lower()
    if "signedandenveloped" in name:
        return "both"
    if "enveloped" in name:
        return "enveloped"
    return "detached" if "detached" in name else "signed"


def xmldsig(room: TrialRoom, case: Case) -> None:
    """A signed document."""
    document, (_, certificate, _) = case.text("xml").encode(), _shared(room, case)
    judge = room.certificates([])
    public = judge.read(certificate).key if certificate else None
    if case.has("canonical_signedinfo"):
        agree("SignedInfo", room.xml.take(document)[1], case.text("canonical_signedinfo").encode())
    if case.has("digest_b64"):
        agree("the digest", room.xml.take(document)[0].digest_value, b64decode(case.text("digest_b64")))
    try:
        verify_xml(document, room.provider, room.xml, judge, key=public)
        holds = True
    except CryptoRefused:
        if case.valid():
            raise
        holds = False
    agree("the signature holds", holds, case.valid())


def _shared(room: TrialRoom, case: Case) -> tuple[list[bytes], bytes, str]:
    """Roots, the certificate and the adopted key of the section `x509`; empty where the file has none."""
    shared = case.whole.get("x509")
    if not isinstance(shared, dict):
        return [], _EMPTY, ""
    of = Case("x509", "x509", shared, case.whole)
    own, certificate = _own_key(of), of.octets("ee_cert")
    return [of.octets("root_cert")], certificate, room.provider.adopt(room.key(own), certificate) if own else ""


def _own_key(case: Case) -> bytes:
    name = next((one for one in case.values if one.startswith("ee_private_key")), "")
    if not name:
        return _EMPTY
    text = case.text(name)
    return b64decode(text) if name.endswith("_b64") else text.encode()
