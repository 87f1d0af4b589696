"""Doors to keys: what the engine asks of providers of cryptography, of secure devices and of those who carry them.

Implemented by adapters. Private keys are named and never pass; whatever is refused is refused with `CryptoRefused`.
Beside `engine.ports`, which has no room for them. Long because every door to keys is found in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from engine.model.crypto import (
    SIGNER_ID,
    Ability,
    BlockMode,
    CardFacts,
    CertificateFacts,
    CipherForm,
    CurveParameters,
    Derivation,
    Digest,
    KeyKind,
    Mac,
    NewKey,
    Opened,
    PublicKey,
    SignatureForm,
    SignatureParts,
)


class Hashing(Protocol):
    """Digests, keyed digests, derived keys and randomness."""

    def digest(self, algorithm: Digest, data: bytes) -> bytes:
        """The digest."""
        ...

    def mac(self, algorithm: Mac, key: bytes, data: bytes) -> bytes:
        """The keyed digest; compare with `hmac.compare_digest`."""
        ...

    def derive(
        self, way: Derivation, secret: bytes, size: int, *, salt: bytes = b"", info: bytes = b"", rounds: int = 0
    ) -> bytes:
        """A key of so many bytes. Of counter mode `salt` is the label and `info` the context."""
        ...

    def random(self, size: int) -> bytes:
        """Bytes that nobody can guess."""
        ...


class Enciphering(Protocol):
    """SM4."""

    def sm4_encrypt(self, mode: BlockMode, key: bytes, plain: bytes, iv: bytes = b"", *, padded: bool = False) -> bytes:
        """One of the modes; `padded` after PKCS #7, else whole blocks where the mode needs them."""
        ...

    def sm4_decrypt(
        self, mode: BlockMode, key: bytes, cipher: bytes, iv: bytes = b"", *, padded: bool = False
    ) -> bytes:
        """The plain text. Refuses a wrong padding as `cipher`; without a digest beside it nothing else is noticed."""
        ...

    def sm4_seal(self, key: bytes, nonce: bytes, plain: bytes, aad: bytes = b"") -> bytes:
        """GCM: cipher text and tag of 16 bytes. A nonce must never come twice with one key."""
        ...

    def sm4_open(self, key: bytes, nonce: bytes, sealed: bytes, aad: bytes = b"") -> bytes:
        """The plain text of what `sm4_seal` gave. Refuses what was altered."""
        ...


class CryptoProvider(Hashing, Enciphering, Protocol):
    """One provider: a library, a signature server, a card. Private keys by name, public ones by value."""

    @property
    def name(self) -> str:
        """How the console calls it."""
        ...

    @property
    def able(self) -> frozenset[Ability]:
        """What it can do."""
        ...

    def keys(self) -> Sequence[str]:
        """Names of the private keys at hand."""
        ...

    def public(self, key: str) -> PublicKey:
        """The public key that belongs to a private one."""
        ...

    def certificate(self, key: str) -> CertificateFacts | None:
        """The certificate of a key; None where it has none."""
        ...

    def sm2_sign(
        self, key: str, message: bytes, *, form: SignatureForm = SignatureForm.RAW, signer: bytes = SIGNER_ID
    ) -> bytes:
        """SM2 with SM3 over the signer's id, the public key and the message."""
        ...

    def sm2_sign_many(
        self, key: str, messages: Sequence[bytes], *, form: SignatureForm = SignatureForm.RAW
    ) -> list[bytes]:
        """Many at once, where that is quicker."""
        ...

    def sm2_verify(
        self,
        public: PublicKey,
        message: bytes,
        signature: bytes,
        *,
        form: SignatureForm = SignatureForm.RAW,
        signer: bytes = SIGNER_ID,
    ) -> bool:
        """Whether the signature is one of the message. Refuses what is no signature or no key: `encoding`, `point`."""
        ...

    def sm2_encrypt(self, public: PublicKey, plain: bytes, *, form: CipherForm = CipherForm.DER) -> bytes:
        """A few bytes, such as a key, for the owner of the private key; what is longer belongs in an envelope.

        Every provider takes 255 bytes, some take more; `unable` for too many."""
        ...

    def sm2_decrypt(self, key: str, cipher: bytes, *, form: CipherForm = CipherForm.DER) -> bytes:
        """The plain text. Refuses what was altered."""
        ...

    def rsa_sign(self, key: str, message: bytes, digest: Digest = Digest.SHA256) -> bytes:
        """PKCS #1 v1.5 over a digest of the message."""
        ...

    def rsa_verify(self, public: PublicKey, message: bytes, signature: bytes, digest: Digest = Digest.SHA256) -> bool:
        """Whether the signature is one of the message."""
        ...


class TrialProvider(CryptoProvider, Protocol):
    """A provider whose keys live as long as the trial: for published vectors, never for signing."""

    def adopt(self, key: NewKey, certificate: bytes = b"") -> str:
        """Take a key in; the name that it has here. Refuses scalars that are none."""
        ...

    def sm4_repeated(self, key: bytes, block: bytes, rounds: int) -> bytes:
        """A block encrypted over and over."""
        ...

    def sign_with(self, key: str, message: bytes, nonce: bytes, signer: bytes, curve: CurveParameters | None) -> bytes:
        """A signature, r and s, with a given nonce, perhaps on another curve. Needs NONCE, CURVE."""
        ...

    def verify_on(
        self, curve: CurveParameters, public: PublicKey, message: bytes, signature: bytes, signer: bytes
    ) -> bool:
        """`sm2_verify` on another curve. Needs CURVE."""
        ...

    def encrypt_with(self, public: PublicKey, plain: bytes, nonce: bytes) -> bytes:
        """C1, C3 and C2 with a given nonce. Needs NONCE."""
        ...

    def signed_part(self, public: PublicKey, signer: bytes, curve: CurveParameters | None = None) -> bytes:
        """ZA: the digest of the signer's id, the curve and the public key that stands before the message."""
        ...


class TrialRoom(Protocol):
    """What published vectors are tried with: one library, nothing kept."""

    @property
    def provider(self) -> TrialProvider: ...

    @property
    def xml(self) -> XmlSignatures: ...

    @property
    def curve(self) -> CurveParameters:
        """The curve of SM2 as this library's adapter has it."""
        ...

    def point(self, data: bytes) -> PublicKey:
        """A point written in 64, 65 or 33 bytes, or a SubjectPublicKeyInfo in DER. Refuses `encoding`, `point`."""
        ...

    def key(self, content: bytes) -> NewKey:
        """A private key written as PKCS #8, DER or PEM. Refuses `encoding`, `key`."""
        ...

    def certificates(self, roots: Sequence[bytes]) -> Certificates:
        """Judged by these roots alone."""
        ...

    def messages(self, roots: Sequence[bytes]) -> SignedMessages:
        """With certificates judged by these roots."""
        ...


class KeyDesk(Protocol):
    """Keeps private keys under names."""

    def names(self) -> Sequence[str]:
        """What keys there are."""
        ...

    def create(self, name: str, kind: KeyKind) -> PublicKey:
        """Make a fresh key. Refuses `key` where the name is taken."""
        ...

    def bring(self, name: str, content: bytes) -> PublicKey:
        """Take in a key written as PKCS #8, DER or PEM. Refuses `encoding`, `key`, `point`."""
        ...

    def certify(self, name: str, content: bytes) -> None:
        """Put a certificate beside its key. Refuses `certificate` for one of another key."""
        ...


class Issuing(Protocol):
    """A small certificate authority, and whom this node believes. Times are UTC."""

    def authority(self, name: str, begins: datetime, ends: datetime) -> bytes:
        """The root certificate of an authority under the name of its key, which is made where it is missing; this node
        believes it."""
        ...

    def request(self, name: str, subject: str = "") -> bytes:
        """A PKCS #10 request for a key of this node. Refuses `unknown_key`."""
        ...

    def issue(self, authority: str, request: bytes, begins: datetime, ends: datetime) -> bytes:
        """A certificate for the key and the name in a request. Refuses `signature`, `certificate`."""
        ...

    def trust(self, certificate: bytes) -> None:
        """Believe a certificate, DER or PEM, from now on. Refuses `encoding`."""
        ...


class Certificates(Protocol):
    """Reading and judging X.509 certificates with SM2 or RSA (GB/T 20518, RFC 5280)."""

    def read(self, content: bytes) -> CertificateFacts:
        """One certificate, DER or PEM."""
        ...

    def issued_by(self, certificate: bytes, issuer: bytes, *, signer: bytes = SIGNER_ID) -> bool:
        """Whether the issuer's key signed the certificate, request or revocation list, each in DER or PEM."""
        ...

    def self_signed(self, request: bytes, *, signer: bytes = SIGNER_ID) -> bool:
        """Whether a PKCS #10 request is signed by the key that it holds."""
        ...

    def trusted(self, certificate: bytes, at: datetime, *, purpose: str = "") -> CertificateFacts:
        """The facts of a certificate that leads to a trusted root, valid at that time (UTC) and not revoked, whose key
        may be used for the purpose (`digital_signature`). Refuses any other as `certificate`."""
        ...

    def numbered(self, number: str, at: datetime) -> CertificateFacts:
        """The certificate of a number (hexadecimal) among those that this node believes, trusted for signatures at that
        time. Refuses `certificate`, also where two have the number."""
        ...


class SignedMessages(Protocol):
    """Signed and enveloped messages of GM/T 0010 (GB/T 35275), in DER."""

    def sign(self, content: bytes, key: str, *, detached: bool = False) -> bytes:
        """SignedData with the key's certificate."""
        ...

    def verify(self, message: bytes, content: bytes | None = None, *, at: datetime | None = None) -> Opened:
        """What was signed and by whom; `content` of a detached one. Where a time is given, certificates must be
        trusted at it. Refuses everything else."""
        ...

    def envelop(self, content: bytes, recipients: Sequence[bytes]) -> bytes:
        """EnvelopedData for the owners of certificates, with a fresh SM4 key."""
        ...

    def open(self, message: bytes, key: str) -> bytes:
        """The content of an envelope. One refusal for every cause."""
        ...

    def sign_and_envelop(self, content: bytes, key: str, recipients: Sequence[bytes]) -> bytes:
        """SignedAndEnvelopedData: who signed is told to everybody, the content only to recipients."""
        ...

    def open_signed(self, message: bytes, key: str, *, at: datetime | None = None) -> Opened:
        """Its content and signers; nothing where the signature does not hold."""
        ...


class XmlSignatures(Protocol):
    """The XML side of enveloped signatures (XML-Signature 1.1, Canonical XML 1.0): trees and bytes, no cryptography."""

    def digested(self, document: bytes) -> bytes:
        """The canonical form of the document without its signature: what the digest is taken of."""
        ...

    def place(self, document: bytes, signature: SignatureParts, *, before: str = "") -> tuple[bytes, bytes]:
        """The document with the signature as last child of its root, or before the first child `{namespace}local`; and
        the canonical form of its SignedInfo, where it now stands. The value is empty and filled by `fill`."""
        ...

    def fill(self, document: bytes, value: str) -> bytes:
        """The document with the value of the signature that `place` left empty."""
        ...

    def take(self, document: bytes) -> tuple[SignatureParts, bytes, bytes]:
        """The one signature of a document, the canonical form of its SignedInfo, that of the document without it.

        Refuses as `message`: several signatures or none, other transforms, references elsewhere."""
        ...


class Consent(Protocol):
    """Asks whoever carries a device."""

    def stands(self, device: str) -> bool | None:
        """What was answered and kept, asked for at each use; None where it must be asked."""
        ...

    def agrees(self, device: str, purpose: str) -> bool:
        """Whether the device may be used from now on. A dialog; false when it was closed."""
        ...

    def pin(self, device: str, left: int) -> str | None:
        """The PIN, asked when it is wanted; so many tries are left. None when the dialog was closed."""
        ...

    def fits(self, device: str) -> None:
        """The PIN that was given was right: the same may be given again when the device wants it anew."""
        ...


class SecurityDevice(Protocol):
    """A card or UKey, after the calls of GM/T 0016: connect, open application and container, verify PIN, sign.

    Every method refuses with `removed` when the device is gone. Blocks are as the standard writes them: numbers of 64
    bytes, the value at the right."""

    @property
    def serial(self) -> str:
        """What is printed on it."""
        ...

    def connect(self) -> None:
        """Begin to work with it; what was verified before is forgotten."""
        ...

    def containers(self) -> Sequence[str]:
        """Names of its key containers."""
        ...

    def tries_left(self) -> int:
        """How many wrong PINs it still takes; 0: locked."""
        ...

    def verify_pin(self, pin: str) -> None:
        """Refuses with `pin` or `locked`."""
        ...

    def unblock(self, admin_pin: str, pin: str) -> None:
        """Give it a new PIN, and all tries again. Refuses with `pin`; `locked` after too many wrong ones."""
        ...

    def export_public(self, container: str) -> bytes:
        """ECCPUBLICKEYBLOB: bit length in four bytes (little-endian), x and y in 64 bytes each."""
        ...

    def export_certificate(self, container: str) -> bytes:
        """The certificate in DER; empty where there is none."""
        ...

    def sign_data(self, container: str, digest: bytes) -> bytes:
        """ECCSIGNATUREBLOB: r and s in 64 bytes each. Refuses with `pin` before the PIN was verified."""
        ...

    def decrypt(self, container: str, x: bytes, y: bytes, digest: bytes, cipher: bytes) -> bytes:
        """The plain text of an SM2 cipher text. Refuses with `pin`, `cipher`."""
        ...


class CryptoRoom(Protocol):
    """All of a node's cryptography. What is refused at the first use: `self_test`, `unable`."""

    @property
    def names(self) -> Sequence[str]:
        """Providers that are here; the first is taken where nobody names one."""
        ...

    def provider(self, name: str = "") -> CryptoProvider:
        """One of them. Refuses `unable` for another."""
        ...

    @property
    def tried(self) -> Sequence[str]:
        """Libraries that `trial` knows."""
        ...

    def trial(self, name: str) -> TrialRoom:
        """A room to try a library in."""
        ...

    @property
    def desk(self) -> KeyDesk: ...

    @property
    def certificates(self) -> Certificates: ...

    @property
    def issuing(self) -> Issuing: ...

    @property
    def messages(self) -> SignedMessages: ...

    @property
    def xml(self) -> XmlSignatures: ...

    def simulate(self, serial: str, keys: Sequence[str], pin: str, admin_pin: str) -> None:
        """Put keys of the key store on a simulated card. Refuses `unknown_key`, `key`, `pin`."""
        ...

    def choose(self, name: str) -> None:
        """Take this provider in this process where nobody names one; the quickest library for ""."""
        ...

    def card(self) -> CardFacts | None:
        """The card that is in; None where none is. Refuses `key` for one that cannot be read."""
        ...

    def consent(self, pin: str, *, agreed: bool) -> str:
        """Keep for the node whether the card may be used, with its PIN for a yes; the card's number. Refuses `removed`,
        and a wrong PIN as the card does."""
        ...

    def admit(self, name: str, keys: Iterable[str], addresses: Sequence[str]) -> str:
        """Let a client use some keys of this node's signature server; what it must be told, a secret."""
        ...

    def server(self) -> Callable[..., Iterable[bytes]]:
        """This node's signature server, a WSGI application. Refuses `unable` where nobody may ask."""
        ...
