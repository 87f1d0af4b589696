"""What keys, signatures and cipher texts are: names of algorithms and forms, public keys, certificates, refusals.

Pure data. Algorithms are SM2 (GB/T 32918), SM3 (GB/T 32905), SM4 (GB/T 32907) and RSA with PKCS #1 v1.5 padding
(RFC 8017); forms are those of GM/T 0009. Keys are named; a private one is in here only on its way into a store.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

SIGNER_ID = b"1234567812345678"
"""The signer's id that GM/T 0009 prescribes where nobody agreed on another."""


class KeyKind(StrEnum):
    """What a key is for."""

    SM2 = "sm2"
    RSA = "rsa"


class Digest(StrEnum):
    """Digests. SHA-1 is there for signatures that somebody else still demands."""

    SM3 = "sm3"
    SHA1 = "sha1"
    SHA256 = "sha256"


class Mac(StrEnum):
    """Keyed digests."""

    HMAC_SM3 = "hmac-sm3"
    HMAC_SHA256 = "hmac-sha256"
    CMAC_SM4 = "cmac-sm4"


class Derivation(StrEnum):
    """Ways from one key to others: RFC 5869, RFC 8018, SP 800-108 in counter mode, ANSI X9.63 as in GB/T 32918.4."""

    HKDF_SM3 = "hkdf-sm3"
    PBKDF2_SM3 = "pbkdf2-sm3"
    COUNTER_CMAC_SM4 = "counter-cmac-sm4"
    COUNTER_HMAC_SM3 = "counter-hmac-sm3"
    X963_SM3 = "x963-sm3"


class BlockMode(StrEnum):
    """Modes of SM4. ECB only where an interface demands it."""

    ECB = "ecb"
    CBC = "cbc"
    CTR = "ctr"
    OFB = "ofb"
    CFB = "cfb"


class SignatureForm(StrEnum):
    """How an SM2 signature is written: r and s of 32 bytes each, or SEQUENCE {INTEGER r, INTEGER s}."""

    RAW = "raw"
    DER = "der"


class CipherForm(StrEnum):
    """How an SM2 cipher text is written: SEQUENCE {x, y, C3, C2} of GM/T 0009, or its parts in one of two orders.

    Nobody can see from the bytes which order it is: whoever reads must have been told."""

    DER = "der"
    C1C3C2 = "c1c3c2"
    C1C2C3 = "c1c2c3"


class Ability(StrEnum):
    """What a provider can do; what is not listed it refuses with `unable`."""

    SM2 = "sm2"
    RSA = "rsa"
    SM4 = "sm4"
    SM4_GCM = "sm4-gcm"
    MAC = "mac"
    CMAC = "cmac"
    DERIVE = "derive"
    NONCE = "nonce"
    CURVE = "curve"
    ADOPT = "adopt"


class Fault(StrEnum):
    """Why something was refused. `signature` and `cipher` do not say more: it would help whoever tries."""

    KEY = "key"  # no such scalar, wrong length, wrong kind
    POINT = "point"  # not on the curve
    ENCODING = "encoding"  # not the one right DER, wrong length
    SIGNATURE = "signature"  # does not fit
    CIPHER = "cipher"  # altered, wrong key, bad padding
    UNKNOWN_KEY = "unknown_key"  # no key of this name here
    CERTIFICATE = "certificate"  # not trusted, out of date, revoked, not for this
    MESSAGE = "message"  # not of the form that was expected
    UNABLE = "unable"  # this provider does not do it
    SELF_TEST = "self_test"  # the provider computes wrongly
    CONSENT = "consent"  # nobody agreed
    PIN = "pin"  # wrong
    LOCKED = "locked"  # after too many wrong ones
    REMOVED = "removed"  # the device is not there
    REMOTE = "remote"  # the signature server cannot be reached or refused


UNSIGNED = "no signature beneath the root"
ALTERED = "what was signed was altered since"
"""What is said of two faults of signed documents that are no secret: `CryptoRefused.about`."""


class CryptoRefused(ValueError):
    """The one error of keys and signatures. `code` says why; the text never shows a key or what was encrypted."""

    def __init__(self, code: Fault, about: str = "") -> None:
        self.code, self.about = code, about
        super().__init__(f"{code.value}: {about}" if about else code.value)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key: of SM2 the coordinates, 64 bytes; of RSA the SubjectPublicKeyInfo of RFC 5280 in DER."""

    kind: KeyKind
    data: bytes


@dataclass(frozen=True, slots=True)
class NewKey:
    """A private key on its way into a key store: of SM2 the scalar, 32 bytes; of RSA PKCS #8 in DER."""

    kind: KeyKind
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What an X.509 certificate says. `number` is its serial number in hexadecimal digits; times are UTC."""

    der: bytes = field(repr=False)
    key: PublicKey
    number: str
    subject: str
    issuer: str
    begins: datetime
    ends: datetime
    usage: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Opened:
    """A signed message that held: its content, and who signed."""

    content: bytes = field(repr=False)
    signers: tuple[CertificateFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class CurveParameters:
    """y² = x³ + ax + b over the integers modulo p, with a point G of order n."""

    p: int
    a: int
    b: int
    n: int
    gx: int
    gy: int


@dataclass(frozen=True, slots=True)
class SignatureProfile:
    """How an XML document is signed, by the identifiers of XML-Signature Syntax and Processing 1.1.

    `signature` and `digest` name algorithms in the message, `kind`, `over` and `hashed` what they are. `signs` is
    false for what is only still verified."""

    id: str
    kind: KeyKind
    signature: str
    digest: str
    hashed: Digest
    over: Digest
    signs: bool = True


@dataclass(frozen=True, slots=True)
class CardFacts:
    """A card that is in: its number, how many wrong PINs it still takes, what its bearer said of its use for the node
    (None: nothing yet)."""

    serial: str
    left: int
    agreed: bool | None


@dataclass(frozen=True, slots=True)
class SignatureParts:
    """What a signature element says: identifiers of its methods, the digest of the document, the value, the key."""

    signature_method: str
    digest_method: str
    digest_value: bytes
    key_name: str = ""
    certificate: bytes = b""
    value: bytes = b""


@dataclass(frozen=True, slots=True)
class XmlSigned:
    """An XML signature that held: with which profile, and the certificate that it carries."""

    profile: str
    key_name: str
    certificate: CertificateFacts | None
