"""The key room of partners: own keys with their certificates, sealed with the node's key ring, and partners'
certificates. Implements `engine.ports.partners.PartnerDesk`.

In: files by name, what seals them. Out: the ends of a relation, certificates. A sealed file is bound to its name. An
own key that lies there unsealed is not used: whoever reads a backup must not have it.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from adapters.as2.cms import Ends, ends_of
from engine.ports.partners import PartnerKey

_BITS = 3072
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
_BEGIN = b"-----BEGIN"
_LARGEST = 65_536


class Sealing(Protocol):
    """What seals bytes under a context; ValueError where they were altered or belong elsewhere."""

    def seal(self, content: bytes, context: str) -> bytes: ...

    def unseal(self, sealed: bytes, context: str) -> bytes: ...


class PartnerKeys:
    """Files of one folder."""

    def __init__(self, folder: Path, sealing: Sealing) -> None:
        self._folder, self._sealing = folder, sealing

    def ends(self, key: str, certificate: str) -> Ends:
        """The ends of a relation. Raises ValueError; OSError where a file is missing."""
        return ends_of(self._unsealed(key), self._path(certificate).read_bytes())

    def text(self, name: str) -> str:
        """A file of certificates as it stands. Raises ValueError, OSError."""
        return self._path(name).read_text("ascii")

    def listed(self) -> Sequence[PartnerKey]:
        """See the port."""
        names = sorted(one.name for one in self._folder.iterdir()) if self._folder.is_dir() else []
        return [self._told(name) for name in names if _NAME.fullmatch(name)]

    def create(self, name: str, subject: str, days: int) -> str:
        """See the port."""
        return self.bring(name, _fresh(subject, days))

    def bring(self, name: str, content: bytes) -> str:
        """See the port."""
        path = self._path(name)
        if path.exists():
            raise ValueError(f"there is a file {name} already: take it away first")
        certificate = _pem(ends_of(content, content[content.find(b"-----BEGIN CERTIFICATE") :]).own)
        self._write(path, self._sealing.seal(content, _context(name)))
        return certificate

    def admit(self, name: str, content: bytes) -> str:
        """See the port."""
        path = self._path(name)
        if path.exists() and not path.read_bytes().startswith(_BEGIN):
            raise ValueError(f"{name} is an own key")
        pem = _pem(_certificate(content))
        self._write(path, pem.encode("ascii"))
        return pem

    def certificate(self, name: str) -> str:
        """See the port."""
        return _pem(self._read(name)[0])

    def _told(self, name: str) -> PartnerKey:
        try:
            certificate, is_own = self._read(name)
        except (ValueError, OSError) as fault:
            return PartnerKey(name, fault=str(fault))
        digest = certificate.fingerprint(hashes.SHA256()).hex()
        until = certificate.not_valid_after_utc.replace(tzinfo=None)
        return PartnerKey(name, is_own, certificate.subject.rfc4514_string(), digest, until)

    def _read(self, name: str) -> tuple[x509.Certificate, bool]:
        content = self._path(name).read_bytes()
        if b"PRIVATE KEY" in content:
            raise ValueError(_unsealed(name))
        if content.startswith(_BEGIN):
            return _certificate(content), False
        return x509.load_pem_x509_certificate(self._unsealed(name)), True

    def _unsealed(self, name: str) -> bytes:
        content = self._path(name).read_bytes()
        if content.startswith(_BEGIN):
            raise ValueError(_unsealed(name))
        try:
            return self._sealing.unseal(content, _context(name))
        except ValueError:
            raise ValueError(f"{name} was altered, renamed or sealed by another key ring") from None

    def _write(self, path: Path, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("a name has letters, digits and . _ -")
        return self._folder / name


def strange_key() -> bytes:
    """A key with its certificate that nobody knows, for whoever plays a forger."""
    return _fresh("stranger", 1)


def _fresh(subject: str, days: int) -> bytes:
    """A key with a certificate that it signs itself, as PEM."""
    key = rsa.generate_private_key(65537, _BITS)
    whose, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]), datetime.now(UTC)
    built = x509.CertificateBuilder().subject_name(whose).issuer_name(whose).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(minutes=5))
    certificate = built.not_valid_after(now + timedelta(days=days)).sign(key, hashes.SHA256())
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    own = key.private_bytes(serialization.Encoding.PEM, form, plain)
    return own + certificate.public_bytes(serialization.Encoding.PEM)


def _context(name: str) -> str:
    return f"as2:{name}"


def _unsealed(name: str) -> str:
    return f"{name} is not sealed: take it away, bring it by `guiju as2 bring {name} FILE` and destroy the copy"


def _certificate(content: bytes) -> x509.Certificate:
    """A certificate that AS2 can use. Raises ValueError."""
    try:
        pem = content.lstrip().startswith(_BEGIN)
        found = (x509.load_pem_x509_certificate if pem else x509.load_der_x509_certificate)(content[:_LARGEST])
    except ValueError:
        raise ValueError("no certificate that can be read") from None
    public = found.public_key()
    if not isinstance(public, rsa.RSAPublicKey) or public.key_size < 2048:
        raise ValueError("AS2 takes RSA keys of 2048 bits and more")
    return found


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")
