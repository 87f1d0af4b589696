"""The cryptographic syntax beneath AS2 (RFC 5652, RFC 3274): signed, enveloped and compressed data, and back.

In: bytes and the two ends' keys. Out: bytes, or CmsFault. Pure; knows no MIME and no transport. Only what one partner's
own pinned certificate verifies is believed: certificates that a message brings along are not looked at.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.serialization import pkcs7

DIGESTS: Mapping[str, Callable[[], hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
_LEAST_BITS = 2048
_DER = serialization.Encoding.DER


class CmsFault(Exception):
    """What cannot be trusted or read; `kind` is integrity, authentication, recipient, decryption or decompression."""

    def __init__(self, kind: str, why: str) -> None:
        self.kind = kind
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Ends:
    """The keys of a relation: one's own key with its certificate, and the partner's certificate."""

    key: RSAPrivateKey
    own: x509.Certificate
    partner: x509.Certificate

    @property
    def until(self) -> datetime:
        """When the first of both certificates ends (UTC, without offset)."""
        return min(self.own.not_valid_after_utc, self.partner.not_valid_after_utc).replace(tzinfo=None)

    def expired(self, now: datetime) -> str:
        """Which certificate is not valid at that moment (UTC); empty where both are."""
        for whose, one in (("own", self.own), ("partner's", self.partner)):
            if not one.not_valid_before_utc <= now <= one.not_valid_after_utc:
                return f"the {whose} certificate is not valid now"
        return ""


def until_text(ends: Ends) -> str:
    """Until when both certificates hold, for operators."""
    return f"certificates hold until {ends.until:%Y-%m-%d}"


def ends_of(own: bytes, partner: bytes) -> Ends:
    """Keys out of PEM: own key and certificate in one text, the partner's certificate in the other. Raises ValueError
    where they cannot be read, are not RSA of at least 2048 bits, or do not belong together."""
    try:
        key = serialization.load_pem_private_key(own, None)
        mine, theirs = x509.load_pem_x509_certificate(own), x509.load_pem_x509_certificate(partner)
    except (TypeError, ValueError):
        raise ValueError("the key or a certificate is no PEM that can be read") from None
    public = theirs.public_key()
    if not isinstance(key, RSAPrivateKey) or not isinstance(public, RSAPublicKey):
        raise ValueError("AS2 takes RSA keys")  # noqa: TRY004 -- a file is wrong, not a call
    if min(key.key_size, public.key_size) < _LEAST_BITS:
        raise ValueError("a key of fewer than 2048 bits")
    if mine.public_key() != key.public_key():
        raise ValueError("the own certificate is not that of the key")
    return Ends(key, mine, theirs)


def signed(content: bytes, ends: Ends) -> bytes:
    """A detached signature with SHA-256."""
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(ends.own, ends.key, hashes.SHA256())
    return builder.sign(_DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])


def verify(content: bytes, signature: bytes, ends: Ends) -> None:
    """Raises CmsFault unless the partner signed exactly this. One signer, with attributes: neither a signature of
    nobody nor one over attributes that is shown as one over content goes through."""
    try:
        signer, attributes = _signer_of(signature)
        name = signer["digest_algorithm"]["algorithm"].native
        method = signer["signature_algorithm"].signature_algo
        told = [value for one in attributes if one["type"].native == "message_digest" for value in one["values"].native]
        raw, covered = signer["signature"].native, attributes.untag().dump()
    except (ValueError, TypeError, KeyError):
        raise CmsFault("authentication", "the signature cannot be read") from None
    if name not in DIGESTS or method != "rsassa_pkcs1v15":
        raise CmsFault("authentication", f"a signature of another kind: {method} with {name}")
    try:
        public = ends.partner.public_key()
        assert isinstance(public, RSAPublicKey)
        public.verify(raw, covered, padding.PKCS1v15(), DIGESTS[name]())
    except InvalidSignature:
        raise CmsFault("authentication", "the signature is not the partner's") from None
    if told != [digest(content, name)]:
        raise CmsFault("integrity", "the content is not what was signed")


def _signer_of(signature: bytes) -> tuple[cms.SignerInfo, cms.CMSAttributes]:
    outer = cms.ContentInfo.load(signature)
    signers = outer["content"]["signer_infos"] if outer["content_type"].native == "signed_data" else []
    if len(signers) != 1 or not signers[0]["signed_attrs"]:
        raise ValueError("one signer, with signed attributes")
    return signers[0], signers[0]["signed_attrs"]


def digest(content: bytes, name: str) -> bytes:
    """A digest by its plain name, as in DIGESTS."""
    made = hashes.Hash(DIGESTS[name]())
    made.update(content)
    return made.finalize()


def enveloped(content: bytes, ends: Ends) -> bytes:
    """Encrypted for the partner with AES-256."""
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(content).add_recipient(ends.partner)
    return builder.set_content_encryption_algorithm(AES256).encrypt(_DER, [pkcs7.PKCS7Options.Binary])


def decrypted(content: bytes, ends: Ends) -> bytes:
    """What was encrypted for oneself (AES in CBC). Raises CmsFault: `recipient` tells only what everybody can read."""
    try:
        infos = cms.ContentInfo.load(content)["content"]["recipient_infos"]
        serials = [one.chosen["rid"].chosen["serial_number"].native for one in infos]
    except (ValueError, TypeError, KeyError):
        raise CmsFault("decryption", "the envelope cannot be read") from None
    if ends.own.serial_number not in serials:
        raise CmsFault("recipient", "encrypted for another certificate")
    try:
        return pkcs7.pkcs7_decrypt_der(content, ends.own, ends.key, [])
    except Exception:  # noqa: BLE001 -- the library has a kind of error for each way to be broken
        raise CmsFault("decryption", "cannot be decrypted") from None


def compressed(content: bytes) -> bytes:
    """RFC 3274, zlib."""
    inner = {"content_type": "data", "content": zlib.compress(content)}
    about = {"version": "v0", "compression_algorithm": {"algorithm": "zlib"}, "encap_content_info": inner}
    packed: bytes = cms.ContentInfo({"content_type": "compressed_data", "content": cms.CompressedData(about)}).dump()
    return packed


def decompressed(content: bytes, most: int) -> bytes:
    """Raises CmsFault, also where more than `most` bytes would come of it."""
    try:
        packed = cms.ContentInfo.load(content)["content"]["encap_content_info"]["content"].native
        unpacking = zlib.decompressobj()
        found = unpacking.decompress(packed, most + 1)
    except (ValueError, TypeError, KeyError, zlib.error):
        raise CmsFault("decompression", "cannot be decompressed") from None
    if len(found) > most or not unpacking.eof:
        raise CmsFault("decompression", "too large, or cut off")
    return found
