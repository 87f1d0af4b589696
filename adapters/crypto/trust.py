"""Whether a certificate is to be believed: chains to roots of our own, time, revocation, usage (RFC 5280, GB/T 20518).

In: certificates, roots and revocation lists in DER or PEM, a time. Out: facts, or `CryptoRefused` with `certificate`.
Implements `engine.ports.crypto.Certificates`. Only what lies in the trust store is a root, whatever a message brings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from adapters.crypto.asn1 import SM2_WITH_SM3, Certificate, Request, RevocationList, dotted, parsed, unarmored
from adapters.crypto.facts import facts_of, key_of, read_certificate
from adapters.crypto.provider import Provider
from engine.model.crypto import (
    SIGNER_ID,
    CertificateFacts,
    CryptoRefused,
    Digest,
    Fault,
    KeyKind,
    PublicKey,
    SignatureForm,
)

_LONGEST_CHAIN = 6
_RSA = {"1.2.840.113549.1.1.5": Digest.SHA1, "1.2.840.113549.1.1.11": Digest.SHA256}
# Where the three kinds of signed structures keep what is signed, and the signature.
_SIGNED = (
    (Certificate, "tbs_certificate", "signature_value"),
    (RevocationList, "tbs_cert_list", "signature"),
    (Request, "certification_request_info", "signature"),
)
_KEPT = 512


class X509Certificates:
    """Certificates judged by the roots and lists of one trust store."""

    def __init__(self, crypto: Provider, believed: Iterable[bytes] = (), lists: Iterable[bytes] = ()) -> None:
        """Of the certificates that are believed those that issue themselves are roots. Refuses `encoding`."""
        self._crypto = crypto
        known: list[Any] = [parsed(Certificate, der) for one in believed for der in unarmored(one)]
        self._roots = [one for one in known if one.subject.dump() == one.issuer.dump()]
        self._others = [one for one in known if one.subject.dump() != one.issuer.dump()]
        self._lists = [parsed(RevocationList, der) for one in lists for der in unarmored(one)]
        self._holds = lru_cache(_KEPT)(self._verified)  # chains are the same again and again

    def read(self, content: bytes) -> CertificateFacts:
        """What a certificate says. Refuses `encoding`, `key`."""
        return read_certificate(content)

    def issued_by(self, certificate: bytes, issuer: bytes, *, signer: bytes = SIGNER_ID) -> bool:
        """Whether the issuer's key signed it: a certificate, a request or a revocation list."""
        return self._holds(unarmored(certificate)[0], read_certificate(issuer).key, signer)

    def self_signed(self, request: bytes, *, signer: bytes = SIGNER_ID) -> bool:
        """Whether a request is signed by the key that it holds."""
        der = unarmored(request)[0]
        info = parsed(Request, der)["certification_request_info"]
        return self._holds(der, key_of(info["subject_pk_info"]), signer)

    def trusted(self, certificate: bytes, at: datetime, *, purpose: str = "") -> CertificateFacts:
        """The facts of a certificate that is to be believed at a time. Refuses `certificate`."""
        leaf = parsed(Certificate, unarmored(certificate)[0])
        facts = facts_of(leaf)
        if purpose and facts.usage and purpose not in facts.usage:
            raise CryptoRefused(Fault.CERTIFICATE, f"its key is not for {purpose}")
        chain = self._chain(leaf, at)
        for child, issuer in zip(chain, [*chain[1:], chain[-1]], strict=True):
            self._check_revoked(child, issuer, at)
        return facts

    def numbered(self, number: str, at: datetime) -> CertificateFacts:
        """The trusted certificate of a number in hexadecimal. Refuses `certificate`."""
        wanted = number.strip().lower().lstrip("0")
        found = [one for one in (*self._roots, *self._others) if f"{one.serial_number:x}" == wanted]
        if len(found) != 1:
            raise CryptoRefused(Fault.CERTIFICATE, "no one certificate of this number")
        return self.trusted(found[0].dump(), at, purpose="digital_signature")

    def _chain(self, leaf: Any, at: datetime) -> Sequence[Any]:
        """From the leaf to a root; each in time, each issuer one that may issue."""
        chain = [leaf]
        while True:
            last = chain[-1]
            _check_time(facts_of(last), at)
            root = self._issuer(last, self._roots)
            if root is not None:
                _check_time(facts_of(root), at)
                return chain if root.dump() == last.dump() else [*chain, root]
            between = self._issuer(last, self._others)
            if between is None or len(chain) >= _LONGEST_CHAIN or between.dump() == last.dump():
                raise CryptoRefused(Fault.CERTIFICATE, "leads to no trusted root")
            chain.append(between)

    def _issuer(self, of: Any, among: Iterable[Any]) -> Any | None:
        return next((one for one in among if _may_issue(one, of) and self._holds(of.dump(), facts_of(one).key)), None)

    def _check_revoked(self, certificate: Any, issuer: Any, at: datetime) -> None:
        """Against the lists of the issuer; one that is kept must be in time."""
        for one in self._lists:
            content = one["tbs_cert_list"]
            if content["issuer"].dump() != issuer.subject.dump() or not self._holds(one.dump(), facts_of(issuer).key):
                continue
            until = content["next_update"].native
            if until is not None and at.replace(tzinfo=UTC) > until:
                raise CryptoRefused(Fault.CERTIFICATE, "the revocation list is out of date")
            revoked = {entry["user_certificate"].native for entry in content["revoked_certificates"] or ()}
            if certificate.serial_number in revoked:
                raise CryptoRefused(Fault.CERTIFICATE, "revoked")

    def _verified(self, der: bytes, public: PublicKey, signer: bytes = SIGNER_ID) -> bool:
        content, algorithm, signature = _parts(der)
        try:
            if algorithm == SM2_WITH_SM3 and public.kind is KeyKind.SM2:
                return self._crypto.sm2_verify(public, content, signature, form=SignatureForm.DER, signer=signer)
            if algorithm in _RSA and public.kind is KeyKind.RSA:
                return self._crypto.rsa_verify(public, content, signature, _RSA[algorithm])
        except CryptoRefused:
            return False
        return False


def _parts(der: bytes) -> tuple[bytes, str, bytes]:
    """What is signed, by which algorithm, and the signature. Refuses `encoding`."""
    for kind, inside, signature in _SIGNED:
        try:
            found: Any = parsed(kind, der)
        except CryptoRefused:
            continue
        content = found[inside]
        algorithm = found["signature_algorithm"]
        # Certificates and lists name their algorithm twice; another one outside would be a way to lie about it.
        if kind is not Request and content["signature"].dump() != algorithm.dump():
            break
        return content.dump(), dotted(algorithm), found[signature].native
    raise CryptoRefused(Fault.ENCODING, "no certificate, request or revocation list")


def _may_issue(issuer: Any, child: Any) -> bool:
    if issuer.subject.dump() != child.issuer.dump():
        return False
    usage = issuer.key_usage_value
    return bool(issuer.ca) and (usage is None or "key_cert_sign" in usage.native)


def _check_time(facts: CertificateFacts, at: datetime) -> None:
    if not facts.begins <= at <= facts.ends:
        raise CryptoRefused(Fault.CERTIFICATE, "out of date")
