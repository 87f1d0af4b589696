"""What an X.509 certificate says: key, names, time, usage.

In: DER or PEM. Out: `CertificateFacts`, public keys; `CryptoRefused` for what is none. Judges nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from adapters.crypto.asn1 import EC_KEY, RSA_KEY, SM2_CURVE, Certificate, key_algorithm, parsed, unarmored
from adapters.crypto.curve import unpacked
from engine.model.crypto import CertificateFacts, CryptoRefused, Fault, KeyKind, PublicKey


def read_certificate(content: bytes) -> CertificateFacts:
    """One certificate, DER or PEM; of several the first. Refuses `encoding`, `key`, `point`."""
    return facts_of(parsed(Certificate, unarmored(content)[0]))


def facts_of(certificate: Any) -> CertificateFacts:
    """What a parsed certificate says."""
    usage = certificate.key_usage_value
    return CertificateFacts(
        der=certificate.dump(),
        key=key_of(certificate.public_key),
        number=f"{certificate.serial_number:x}",
        subject=certificate.subject.human_friendly,
        issuer=certificate.issuer.human_friendly,
        begins=_utc(certificate.not_valid_before),
        ends=_utc(certificate.not_valid_after),
        usage=frozenset(usage.native) if usage is not None else frozenset(),
    )


def key_of(info: Any) -> PublicKey:
    """The key of a SubjectPublicKeyInfo. Refuses `key` for one that is neither SM2 nor RSA, `point`."""
    algorithm, curve = key_algorithm(info)
    if algorithm == RSA_KEY:
        return PublicKey(KeyKind.RSA, info.dump())
    if algorithm == EC_KEY and curve == SM2_CURVE:
        return PublicKey(KeyKind.SM2, unpacked(info["public_key"].native))
    raise CryptoRefused(Fault.KEY, "neither SM2 nor RSA")


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
