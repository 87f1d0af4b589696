"""Enveloped XML signatures (XML-Signature 1.1, with Canonical XML 1.0), made and verified.

In: a document in bytes, the name of a key, a profile. Out: the signed document, or who signed it. The signature is the
last child of the root unless a receiver's schema wants it before another; the value is taken of SignedInfo where it
stands, so that the namespaces above it are signed too; a value of SM2 is r and s, not DER. Knows no library.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime

from engine.model.crypto import (
    ALTERED,
    CertificateFacts,
    CryptoRefused,
    Digest,
    Fault,
    KeyKind,
    PublicKey,
    SignatureParts,
    SignatureProfile,
    XmlSigned,
)
from engine.ports.crypto import Certificates, CryptoProvider, XmlSignatures
from engine.signing.profiles import AUTOMATIC, profile_for, profile_of


def sign_xml(
    document: bytes,
    key: str,
    crypto: CryptoProvider,
    xml: XmlSignatures,
    *,
    profile: str = AUTOMATIC,
    before: str = "",
    key_name: str = "",
) -> bytes:
    """The document with an enveloped signature by a named key.

    `before`: `{namespace}local` of the child that it must precede; `key_name`: what KeyName says, the number of the
    certificate unless given. Refuses `unknown_key`, `unable`, `message` for what is no XML or is signed already."""
    public, certificate = crypto.public(key), crypto.certificate(key)
    chosen = profile_for(profile, public.kind)
    parts = SignatureParts(
        chosen.signature,
        chosen.digest,
        crypto.digest(chosen.hashed, xml.digested(document)),
        key_name or (certificate.number if certificate else key),
        certificate.der if certificate else b"",
    )
    placed, signed_info = xml.place(document, parts, before=before)
    return xml.fill(placed, b64encode(signed_value(crypto, key, chosen, signed_info)).decode())


def signed_value(crypto: CryptoProvider, key: str, profile: SignatureProfile, content: bytes) -> bytes:
    """The bare signature of some bytes after a profile."""
    if profile.kind is KeyKind.SM2:
        return crypto.sm2_sign(key, content)
    return crypto.rsa_sign(key, content, profile.over)


def verify_xml(
    document: bytes,
    crypto: CryptoProvider,
    xml: XmlSignatures,
    certificates: Certificates,
    *,
    at: datetime | None = None,
    key: PublicKey | None = None,
    profiles: Iterable[str] | None = None,
) -> XmlSigned:
    """Who signed a document. With `at` the certificate in it must lead to a trusted root at that time; `key` is taken
    instead of the certificate's. `profiles` are those that are accepted, all unless given.

    Without either the signature holds, but nobody knows whose it is. Refuses `message`, `signature`, `certificate`."""
    parts, signed_info, content = xml.take(document)
    profile = profile_of(parts.signature_method, parts.digest_method)
    if profiles is not None and profile.id not in profiles:
        raise CryptoRefused(Fault.MESSAGE, "a profile that is not accepted here")
    digest = crypto.digest(profile.hashed, content)
    if not hmac.compare_digest(digest, parts.digest_value):
        raise CryptoRefused(Fault.SIGNATURE, ALTERED)
    facts = _judged(parts, certificates, at)
    public = key or (facts.key if facts else None)
    if public is None or public.kind is not profile.kind:
        raise CryptoRefused(Fault.CERTIFICATE, "no certificate to verify with")
    if not holds(crypto, public, profile.over, signed_info, parts.value):
        raise CryptoRefused(Fault.SIGNATURE)
    return XmlSigned(profile.id, parts.key_name, facts)


def holds(crypto: CryptoProvider, public: PublicKey, over: Digest, content: bytes, value: bytes) -> bool:
    """Whether a bare signature is one of these bytes; false, too, for what is no signature."""
    try:
        if public.kind is KeyKind.SM2:
            return crypto.sm2_verify(public, content, value)
        return crypto.rsa_verify(public, content, value, over)
    except CryptoRefused as refused:
        if refused.code is Fault.ENCODING:
            return False
        raise


def _judged(parts: SignatureParts, certificates: Certificates, at: datetime | None) -> CertificateFacts | None:
    if at is not None:
        if not parts.certificate:
            raise CryptoRefused(Fault.CERTIFICATE, "the message carries none")
        return certificates.trusted(parts.certificate, at, purpose="digital_signature")
    return certificates.read(parts.certificate) if parts.certificate else None
