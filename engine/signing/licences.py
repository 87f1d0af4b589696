"""Licence files: written by an issuer with its key, read by the node that they are for.

In: what is allowed, the name of the issuer's key; a file and the issuer's certificate. Out: a file in JSON, the same
licence, or why it is refused. What is signed is the member `licence` in one form: names in order, no blanks, UTF-8.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

from engine.model.crypto import CryptoRefused, Digest, Fault, KeyKind, PublicKey
from engine.model.licence import Licence, LicenceFault, LicenceRefused
from engine.ports.crypto import CryptoProvider, CryptoRoom
from engine.signing.profiles import AUTOMATIC
from engine.signing.values import sign_value, verify_value

_RSA = "xmldsig_rsa_sha256"
_MOST = 65_536


def written(licence: Licence, key: str, provider: CryptoProvider) -> bytes:
    """The file. Refuses `unknown_key`, `certificate` for a key that has none."""
    profile = _RSA if provider.public(key).kind is KeyKind.RSA else AUTOMATIC
    terms = _terms(licence)
    signed = sign_value(_canonical(terms), key, provider, profile=profile)
    if not signed.number:
        raise CryptoRefused(Fault.CERTIFICATE, f"{key} has none")
    told = {"licence": terms, "issuer": signed.number, "signature": signed.value}
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def read(content: bytes, issuer: str, room: CryptoRoom) -> Licence:
    """The licence in a file, if the owner of the certificate (PEM) signed it. Raises LicenceRefused."""
    told = _told(content)
    try:
        facts, provider = room.certificates.read(issuer.encode()), room.provider()
    except CryptoRefused as refused:
        raise LicenceRefused(LicenceFault.UNPROVEN, refused.code.value) from None
    if told["issuer"] != facts.number:
        raise LicenceRefused(LicenceFault.FOREIGN, str(told["issuer"])[:80])
    if not _holds(told, facts.key, provider):
        raise LicenceRefused(LicenceFault.ALTERED)
    return _licence(told["licence"])


def _holds(told: Mapping[str, object], public: PublicKey, provider: CryptoProvider) -> bool:
    try:
        return verify_value(_canonical(told["licence"]), str(told["signature"]), public, provider, Digest.SHA256)
    except (CryptoRefused, ValueError):  # what is no signature at all, signs that are no text
        return False


def _terms(licence: Licence) -> dict[str, object]:
    return {
        "code": licence.code,
        "firm": licence.firm,
        "partner": licence.partner,
        "issued": licence.issued.isoformat(),
        "expires": licence.expires.isoformat(),
        "features": list(licence.features),
    }


def _canonical(terms: object) -> bytes:
    return json.dumps(terms, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _told(content: bytes) -> Mapping[str, object]:
    try:
        told = json.loads(content) if len(content) <= _MOST else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or not {"licence", "issuer", "signature"} <= told.keys():
        raise LicenceRefused(LicenceFault.UNREADABLE)
    return told


def _licence(terms: object) -> Licence:
    """What was signed; an issuer that signs something else has made no licence."""
    if not isinstance(terms, dict):
        raise LicenceRefused(LicenceFault.UNREADABLE)
    try:
        features = tuple(str(one) for one in terms["features"])
        issued, expires = (date.fromisoformat(str(terms[name])) for name in ("issued", "expires"))
        return Licence(str(terms["code"]), str(terms["firm"]), str(terms["partner"]), issued, expires, features)
    except (KeyError, TypeError, ValueError):
        raise LicenceRefused(LicenceFault.UNREADABLE) from None
