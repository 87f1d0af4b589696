"""A small certificate authority: requests (PKCS #10), certificates (RFC 5280, GB/T 20518) and whom this node believes.

In: names of keys of this node, requests of others, times. Out: DER. Keys of SM2 sign with SM3, those of RSA SHA-256.
For offices that issue for themselves, for trials and demonstrations: it keeps no register and revokes nothing.
Implements `engine.ports.crypto.Issuing`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.crypto.asn1 import (
    SM2_WITH_SM3,
    BasicConstraints,
    Bits,
    Certificate,
    CertificateContent,
    KeyUsage,
    PublicKeyInfo,
    Request,
    RequestContent,
    common_name,
    moment,
    parsed,
    sm2_public_info,
    unarmored,
)
from adapters.crypto.facts import key_of, read_certificate
from adapters.crypto.provider import Provider
from adapters.crypto.store import FileKeys
from adapters.crypto.trust import X509Certificates
from engine.model.crypto import CryptoRefused, Digest, Fault, KeyKind, PublicKey, SignatureForm

_RSA_WITH_SHA256 = "1.2.840.113549.1.1.11"
_OF_AUTHORITIES = ("key_cert_sign", "crl_sign")
_OF_OWNERS = ("digital_signature", "non_repudiation")


class Issuer:
    """Issues with the keys of one store; `trusted` is the folder of what this node believes."""

    def __init__(
        self,
        provider: Provider,
        desk: FileKeys,
        certificates: X509Certificates,
        trusted: Path,
        told: Callable[[], None],
    ) -> None:
        """`told` is called when somebody more is believed."""
        self._provider, self._desk, self._certificates = provider, desk, certificates
        self._trusted, self._told = trusted, told

    def authority(self, name: str, begins: datetime, ends: datetime) -> bytes:
        """The root certificate of an authority under the name of its key, which is made where it is missing; this node
        believes it."""
        if name not in self._desk.names():
            self._desk.create(name, KeyKind.SM2)
        called = common_name(name)
        made = self._issued(name, called, called, self._provider.public(name), (begins, ends), is_authority=True)
        self._desk.certify(name, made)
        self.trust(made)
        return made

    def request(self, name: str, subject: str = "") -> bytes:
        """A request for a certificate for a key of this node, signed with it. Refuses `unknown_key`."""
        info = {"version": "v1", "subject": common_name(subject or name), "attributes": []}
        content = RequestContent({**info, "subject_pk_info": _info_of(self._provider.public(name))})
        algorithm, signature = self._signed(name, content.dump())
        told = {"certification_request_info": content, "signature_algorithm": algorithm, "signature": signature}
        return bytes(Request(told).dump())

    def issue(self, authority: str, request: bytes, begins: datetime, ends: datetime) -> bytes:
        """A certificate for the key and the name in a request. Refuses `signature` for a request that its own key did
        not sign, `certificate` for an authority that has none."""
        if not self._certificates.self_signed(request):
            raise CryptoRefused(Fault.SIGNATURE, "the request is not signed by its own key")
        own = self._desk.certificate(authority)
        if not own:
            raise CryptoRefused(Fault.CERTIFICATE, f"{authority} has no certificate of its own")
        info = parsed(Request, unarmored(request)[0])["certification_request_info"]
        issuer = parsed(Certificate, own).subject
        public = key_of(info["subject_pk_info"])
        return self._issued(authority, issuer, info["subject"], public, (begins, ends), is_authority=False)

    def trust(self, certificate: bytes) -> None:
        """Believe a certificate from now on, in this process; others read it when they start."""
        facts = read_certificate(certificate)
        self._trusted.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = hashlib.sha256(facts.der).hexdigest()[:16]
        (self._trusted / f"{name}.cer").write_bytes(facts.der)
        self._told()

    def _issued(
        self, key: str, issuer: Any, subject: Any, public: PublicKey, span: Sequence[datetime], *, is_authority: bool
    ) -> bytes:
        usage = _OF_AUTHORITIES if is_authority else _OF_OWNERS
        content = CertificateContent(
            {
                "version": "v3",
                "serial_number": secrets.randbits(63) | 1 << 62,
                "signature": {"algorithm": self._algorithm(key)},
                "issuer": issuer,
                "validity": {"not_before": moment(span[0]), "not_after": moment(span[1])},
                "subject": subject,
                "subject_public_key_info": _info_of(public),
                "extensions": [
                    _extension("basic_constraints", BasicConstraints({"ca": is_authority})),
                    _extension("key_usage", KeyUsage(set(usage))),
                ],
            }
        )
        algorithm, signature = self._signed(key, content.dump())
        told = {"tbs_certificate": content, "signature_algorithm": algorithm, "signature_value": signature}
        return bytes(Certificate(told).dump())

    def _algorithm(self, key: str) -> str:
        return SM2_WITH_SM3 if self._provider.public(key).kind is KeyKind.SM2 else _RSA_WITH_SHA256

    def _signed(self, key: str, content: bytes) -> tuple[dict[str, str], Any]:
        algorithm = self._algorithm(key)
        if algorithm == SM2_WITH_SM3:
            made = self._provider.sm2_sign(key, content, form=SignatureForm.DER)
        else:
            made = self._provider.rsa_sign(key, content, Digest.SHA256)
        return {"algorithm": algorithm}, Bits(made)


def _info_of(public: PublicKey) -> Any:
    return sm2_public_info(public.data) if public.kind is KeyKind.SM2 else PublicKeyInfo.load(public.data)


def _extension(name: str, value: Any) -> dict[str, Any]:
    return {"extn_id": name, "critical": True, "extn_value": value}
