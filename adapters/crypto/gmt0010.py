"""Signed and enveloped messages after GM/T 0010-2012 (GB/T 35275-2017): the port `SignedMessages`.

In: contents, keys by name, certificates of recipients. Out: DER. Written: SM3, SM2-1 for signatures, SM2-3 with the DER
of GM/T 0009 for keys, SM4-CBC with PKCS #7 padding for contents, no attributes. Read as well: attributes, parameters
NULL, SM2-with-SM3 as algorithm of a signature, SM4 by its bare identifier, keys as C1C3C2, content types of PKCS #7.
What was enveloped is given out only when all of it holds, and there is one refusal for whatever does not.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from adapters.crypto import asn1
from adapters.crypto.asn1 import ContentInfo, parsed
from adapters.crypto.facts import facts_of
from adapters.crypto.provider import Provider
from adapters.crypto.trust import X509Certificates
from engine.model.crypto import (
    BlockMode,
    CertificateFacts,
    CipherForm,
    CryptoRefused,
    Digest,
    Fault,
    KeyKind,
    Opened,
    SignatureForm,
)

_BLOCK = 16
_SIGNATURES = (asn1.SM2_SIGN, asn1.SM2_WITH_SM3)
_KEYS = (asn1.SM2_ENCRYPT, asn1.SM2_CURVE)
_CHAINED = (asn1.SM4_CBC, asn1.SM4)


class Gmt0010Messages:
    """Implements `engine.ports.crypto.SignedMessages`."""

    def __init__(self, crypto: Provider, certificates: X509Certificates) -> None:
        self._crypto, self._certificates = crypto, certificates

    # --- writing -----------------------------------------------------------------------------------------------------

    def sign(self, content: bytes, key: str, *, detached: bool = False) -> bytes:
        """SignedData. Refuses `unknown_key`, `certificate` for a key that has none."""
        inner = {"content_type": "data"} if detached else {"content_type": "data", "content": asn1.Octets(content)}
        return _message("signed", {"version": 1, "content_info": inner, **self._signed(content, key)})

    def envelop(self, content: bytes, recipients: Sequence[bytes]) -> bytes:
        """EnvelopedData. Refuses `key` for recipients without a key of SM2."""
        return _message("enveloped", {"version": 1, **self._enveloped(content, recipients)})

    def sign_and_envelop(self, content: bytes, key: str, recipients: Sequence[bytes]) -> bytes:
        """SignedAndEnvelopedData."""
        parts = {**self._enveloped(content, recipients), **self._signed(content, key)}
        return _message("signed_enveloped", {"version": 1, **parts})

    def _signed(self, content: bytes, key: str) -> dict[str, Any]:
        facts = self._crypto.certificate(key)
        if facts is None:
            raise CryptoRefused(Fault.CERTIFICATE, f"{key} has none")
        certificate = parsed(asn1.Certificate, facts.der)
        signer = {
            "version": 1,
            "sid": _named(certificate),
            "digest_algorithm": {"algorithm": asn1.SM3},
            "signature_algorithm": {"algorithm": asn1.SM2_SIGN},
            "signature": self._crypto.sm2_sign(key, content, form=SignatureForm.DER),
        }
        return {
            "digest_algorithms": [{"algorithm": asn1.SM3}],
            "certificates": [certificate],
            "signers": [signer],
        }

    def _enveloped(self, content: bytes, recipients: Sequence[bytes]) -> dict[str, Any]:
        if not recipients:
            raise CryptoRefused(Fault.CERTIFICATE, "an envelope is for somebody")
        secret, iv = self._crypto.random(_BLOCK), self._crypto.random(_BLOCK)
        cipher = self._crypto.sm4_encrypt(BlockMode.CBC, secret, content, iv, padded=True)
        return {
            "recipients": [self._recipient(one, secret) for one in recipients],
            "encrypted": {
                "content_type": "data",
                "algorithm": {"algorithm": asn1.SM4_CBC, "parameters": asn1.Octets(iv)},
                "content": cipher,
            },
        }

    def _recipient(self, content: bytes, secret: bytes) -> dict[str, Any]:
        certificate = parsed(asn1.Certificate, asn1.unarmored(content)[0])
        return {
            "version": 1,
            "rid": _named(certificate),
            "key_algorithm": {"algorithm": asn1.SM2_ENCRYPT},
            "encrypted_key": self._crypto.sm2_encrypt(facts_of(certificate).key, secret),
        }

    # --- reading -----------------------------------------------------------------------------------------------------

    def verify(self, message: bytes, content: bytes | None = None, *, at: datetime | None = None) -> Opened:
        """What was signed and by whom. Refuses `encoding`, `message`, `signature`, `certificate`."""
        data = _content(message, "signed")
        inner = data["content_info"]["content"].native
        if (inner is None) == (content is None):
            raise CryptoRefused(Fault.MESSAGE, "the content is either in the message or beside it")
        told = inner if content is None else content
        if not isinstance(told, bytes):
            raise CryptoRefused(Fault.MESSAGE, "no content that is plain data")
        return Opened(told, self._signers(data, told, at))

    def open(self, message: bytes, key: str) -> bytes:
        """The content of an envelope. Refuses `encoding`, `message`; `cipher` for every other cause."""
        return self._opened(_content(message, "enveloped"), key)

    def open_signed(self, message: bytes, key: str, *, at: datetime | None = None) -> Opened:
        """The content and its signers, when the signatures hold."""
        data = _content(message, "signed_enveloped")
        content = self._opened(data, key)
        return Opened(content, self._signers(data, content, at))

    def _signers(self, data: Any, content: bytes, at: datetime | None) -> tuple[CertificateFacts, ...]:
        certificates = list(data["certificates"]) if data["certificates"].native is not None else []
        found = tuple(self._signer(one, certificates, content, at) for one in data["signers"])
        if not found:
            raise CryptoRefused(Fault.SIGNATURE, "nobody signed")
        return found

    def _signer(
        self, signer: Any, certificates: Iterable[Any], content: bytes, at: datetime | None
    ) -> CertificateFacts:
        named = signer["sid"].dump()
        certificate = next((one for one in certificates if _named(one).dump() == named), None)
        if certificate is None:
            raise CryptoRefused(Fault.CERTIFICATE, "the signer's is not in the message")
        facts = facts_of(certificate)
        if at is not None:
            self._certificates.trusted(certificate.dump(), at, purpose="digital_signature")
        algorithms = asn1.dotted(signer["digest_algorithm"]), asn1.dotted(signer["signature_algorithm"])
        if algorithms[0] != asn1.SM3 or algorithms[1] not in _SIGNATURES or facts.key.kind is not KeyKind.SM2:
            raise CryptoRefused(Fault.MESSAGE, "signed by another algorithm")
        signed = self._signed_octets(signer["attributes"], content)
        signature = signer["signature"].native
        if not self._crypto.sm2_verify(facts.key, signed, signature, form=SignatureForm.DER):
            raise CryptoRefused(Fault.SIGNATURE)
        return facts

    def _signed_octets(self, attributes: Any, content: bytes) -> bytes:
        """The content; or, where there are attributes, those as a SET OF, one of them the content's digest."""
        if attributes.native is None:
            return content
        values = {one["type"].native: one["values"] for one in attributes}
        told = values.get("message_digest")
        digest = self._crypto.digest(Digest.SM3, content)
        if told is None or len(told) != 1 or not hmac.compare_digest(told[0].native, digest):
            raise CryptoRefused(Fault.SIGNATURE)
        return b"\x31" + bytes(attributes.dump())[1:]

    def _opened(self, data: Any, key: str) -> bytes:
        encrypted = data["encrypted"]
        parameters = encrypted["algorithm"]["parameters"]
        if asn1.dotted(encrypted["algorithm"]) not in _CHAINED or not isinstance(parameters.native, bytes):
            raise CryptoRefused(Fault.MESSAGE, "enciphered by another algorithm")
        sealed = encrypted["content"].native or b""
        try:
            secret = self._secret(data["recipients"], key)
            return self._crypto.sm4_decrypt(BlockMode.CBC, secret, sealed, parameters.native, padded=True)
        except CryptoRefused as refused:
            if refused.code in (Fault.KEY, Fault.POINT, Fault.ENCODING):
                raise CryptoRefused(Fault.CIPHER) from None
            raise

    def _secret(self, recipients: Iterable[Any], key: str) -> bytes:
        mine = self._crypto.certificate(key)
        named = _named(parsed(asn1.Certificate, mine.der)).dump() if mine else b""
        for one in recipients:
            if named in (b"", one["rid"].dump()) and asn1.dotted(one["key_algorithm"]) in _KEYS:
                sealed = one["encrypted_key"].native
                # Both forms are about; they begin otherwise.
                form = CipherForm.DER if sealed[:1] == b"\x30" else CipherForm.C1C3C2
                return self._crypto.sm2_decrypt(key, sealed, form=form)
        raise CryptoRefused(Fault.CIPHER)


def _message(kind: str, content: dict[str, Any]) -> bytes:
    return bytes(ContentInfo({"content_type": kind, "content": content}).dump())


def _content(message: bytes, kind: str) -> Any:
    """The content of a message of a kind. Refuses `encoding`, `message`."""
    info: Any = parsed(ContentInfo, message)
    if str(info["content_type"].native).removeprefix("rfc_") != kind or info["content"].native is None:
        raise CryptoRefused(Fault.MESSAGE, f"not {kind}")
    return info["content"]


def _named(certificate: Any) -> Any:
    return asn1.IssuerAndSerial({"issuer": certificate.issuer, "serial_number": certificate.serial_number})
