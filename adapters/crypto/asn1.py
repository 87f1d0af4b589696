"""ASN.1 of keys, certificates and messages by `asn1crypto`: its one importing place.

In: DER or PEM. Out: structures and their bytes; `CryptoRefused` with `encoding` for what is not DER. Structures of
messages are those of GM/T 0010-2012 (GB/T 35275-2017), which follow PKCS #7 1.5; certificates RFC 5280, requests
PKCS #10, private keys PKCS #8. Knows no cryptography.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any as Anything
from typing import TypeVar

from asn1crypto import cms, core, crl, csr, keys, pem, x509

from engine.model.crypto import CryptoRefused, Fault

Asn1 = TypeVar("Asn1", bound=core.Asn1Value)

SM2_CURVE = "1.2.156.10197.1.301"
SM2_SIGN = "1.2.156.10197.1.301.1"
SM2_ENCRYPT = "1.2.156.10197.1.301.3"
SM3 = "1.2.156.10197.1.401"
SM2_WITH_SM3 = "1.2.156.10197.1.501"
SM4 = "1.2.156.10197.1.104"
SM4_ECB = "1.2.156.10197.1.104.1"
SM4_CBC = "1.2.156.10197.1.104.2"
EC_KEY = "1.2.840.10045.2.1"
RSA_KEY = "1.2.840.113549.1.1.1"
_CONTENTS = ("data", "signed", "enveloped", "signed_enveloped")
_GM = "1.2.156.10197.6.1.4.2."
_RFC = "1.2.840.113549.1.7."

Certificate = x509.Certificate
RevocationList = crl.CertificateList
Request = csr.CertificationRequest
IssuerAndSerial = cms.IssuerAndSerialNumber
PrivateKeyInfo = keys.PrivateKeyInfo
PublicKeyInfo = keys.PublicKeyInfo
Octets = core.OctetString
Bits = core.OctetBitString
Null = core.Null
CertificateContent = x509.TbsCertificate
RequestContent = csr.CertificationRequestInfo
KeyUsage = x509.KeyUsage
BasicConstraints = x509.BasicConstraints


keys.NamedCurve.register("sm2", SM2_CURVE, 32)


class Algorithm(core.Sequence):  # type: ignore[misc]
    """AlgorithmIdentifier; parameters absent or NULL are both about."""

    _fields = [("algorithm", core.ObjectIdentifier), ("parameters", core.Any, {"optional": True})]


class Algorithms(core.SetOf):  # type: ignore[misc]
    _child_spec = Algorithm


class ContentType(core.ObjectIdentifier):  # type: ignore[misc]
    """Those of GM/T 0010, and those of PKCS #7 that some write instead."""

    _map = {
        **{f"{_GM}{number}": name for number, name in enumerate(_CONTENTS, 1)},
        **{f"{_RFC}{number}": f"rfc_{name}" for number, name in enumerate(_CONTENTS, 1)},
    }


class ContentInfo(core.Sequence):  # type: ignore[misc]
    _fields = [("content_type", ContentType), ("content", core.Any, {"explicit": 0, "optional": True})]
    _oid_pair = ("content_type", "content")
    _oid_specs: dict[str, type[core.Asn1Value]] = {}


class Certificates(core.SetOf):  # type: ignore[misc]
    _child_spec = x509.Certificate


class Anythings(core.SetOf):  # type: ignore[misc]
    _child_spec = core.Any


class SignerInfo(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("version", core.Integer),
        ("sid", cms.IssuerAndSerialNumber),
        ("digest_algorithm", Algorithm),
        ("attributes", cms.CMSAttributes, {"implicit": 0, "optional": True}),
        ("signature_algorithm", Algorithm),
        ("signature", core.OctetString),
        ("unsigned_attributes", Anythings, {"implicit": 1, "optional": True}),
    ]


class SignerInfos(core.SetOf):  # type: ignore[misc]
    _child_spec = SignerInfo


class SignedData(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("version", core.Integer),
        ("digest_algorithms", Algorithms),
        ("content_info", ContentInfo),
        ("certificates", Certificates, {"implicit": 0, "optional": True}),
        ("crls", Anythings, {"implicit": 1, "optional": True}),
        ("signers", SignerInfos),
    ]


class Recipient(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("version", core.Integer),
        ("rid", cms.IssuerAndSerialNumber),
        ("key_algorithm", Algorithm),
        ("encrypted_key", core.OctetString),
    ]


class Recipients(core.SetOf):  # type: ignore[misc]
    _child_spec = Recipient


class EncryptedContent(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("content_type", ContentType),
        ("algorithm", Algorithm),
        ("content", core.OctetString, {"implicit": 0, "optional": True}),
        ("shared_1", core.OctetString, {"implicit": 1, "optional": True}),
        ("shared_2", core.OctetString, {"implicit": 2, "optional": True}),
    ]


class EnvelopedData(core.Sequence):  # type: ignore[misc]
    _fields = [("version", core.Integer), ("recipients", Recipients), ("encrypted", EncryptedContent)]


class SignedAndEnvelopedData(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("version", core.Integer),
        ("recipients", Recipients),
        ("digest_algorithms", Algorithms),
        ("encrypted", EncryptedContent),
        ("certificates", Certificates, {"implicit": 0, "optional": True}),
        ("crls", Anythings, {"implicit": 1, "optional": True}),
        ("signers", SignerInfos),
    ]


for _spec, _name in zip((core.OctetString, SignedData, EnvelopedData, SignedAndEnvelopedData), _CONTENTS, strict=True):
    ContentInfo._oid_specs |= {_name: _spec, f"rfc_{_name}": _spec}  # noqa: SLF001 -- how asn1crypto is told


def parsed(kind: type[Asn1], data: bytes) -> Asn1:
    """A structure out of DER, all of it. Refuses `encoding` for anything that would be written otherwise."""
    try:
        found: Asn1 = kind.load(data, strict=True)
        _ = found.native  # reads every part of it
        # The library drops the leading zeros of a private key when it writes one anew.
        same = kind is PrivateKeyInfo or kind.load(data).copy().dump(force=True) == data
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError):
        raise CryptoRefused(Fault.ENCODING, "not DER of this form") from None
    if not same:
        raise CryptoRefused(Fault.ENCODING, "not the one right DER")
    return found


def unarmored(content: bytes) -> list[bytes]:
    """DER as it is, or every block of a PEM text. Refuses `encoding`."""
    if not content.lstrip().startswith(b"-----BEGIN"):
        return [content]
    try:
        return [block for _, _, block in pem.unarmor(content, multiple=True)]
    except (ValueError, TypeError):
        raise CryptoRefused(Fault.ENCODING, "not PEM") from None


def armored(kind: str, der: bytes) -> bytes:
    """DER as PEM."""
    return bytes(pem.armor(kind, der))


def dotted(algorithm: Anything) -> str:
    """The object identifier of an AlgorithmIdentifier."""
    return str(algorithm["algorithm"].dotted)


def key_algorithm(info: Anything) -> tuple[str, str]:
    """Of a SubjectPublicKeyInfo or PKCS #8 key: the identifier of the algorithm and that of the named curve."""
    algorithm = info["algorithm" if isinstance(info, keys.PublicKeyInfo) else "private_key_algorithm"]
    parameters = algorithm["parameters"]
    named = isinstance(parameters, keys.ECDomainParameters) and parameters.name == "named"
    return dotted(algorithm), parameters.chosen.dotted if named else ""


def secret_of(info: Anything) -> tuple[bytes, bytes]:
    """Of a PKCS #8 key of SM2: the scalar and the public point that stands beside it, empty where none does."""
    inner = info["private_key"].parsed
    point = inner["public_key"].native if inner["public_key"].native is not None else b""
    return bytes(inner["private_key"].contents), point


def common_name(name: str) -> Anything:
    """A distinguished name that is one common name."""
    return x509.Name.build({"common_name": name})


def moment(at: datetime) -> Anything:
    """A time of a certificate (RFC 5280: two digits of the year up to 2049); naive ones are UTC."""
    utc = at.replace(tzinfo=UTC, microsecond=0)
    return x509.Time({"utc_time": utc}) if utc.year < 2050 else x509.Time({"general_time": utc})


def sm2_public_info(point: bytes) -> Anything:
    """The SubjectPublicKeyInfo of a point of SM2, 64 bytes."""
    curve = {"algorithm": "ec", "parameters": keys.ECDomainParameters(("named", keys.NamedCurve(SM2_CURVE)))}
    return keys.PublicKeyInfo({"algorithm": curve, "public_key": keys.ECPointBitString(b"\x04" + point)})


def sm2_key_info(secret: bytes, public: bytes) -> bytes:
    """A private key of SM2 as PKCS #8 in DER."""
    curve = {"algorithm": "ec", "parameters": keys.ECDomainParameters(("named", keys.NamedCurve(SM2_CURVE)))}
    number, point = int.from_bytes(secret, "big"), keys.ECPointBitString(b"\x04" + public)
    key = keys.ECPrivateKey({"version": 1, "private_key": number, "public_key": point})
    key.set_key_size(len(secret))  # leading zeros are kept
    inner = core.ParsableOctetString(key.dump(force=True))
    return bytes(keys.PrivateKeyInfo({"version": 0, "private_key_algorithm": curve, "private_key": inner}).dump())
