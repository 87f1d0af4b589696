"""Keys and certificates of nobody, made for a test run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

NOW = datetime.now(UTC)


@cache
def pems(name: str) -> tuple[bytes, bytes]:
    """Key with certificate, and the certificate alone."""
    key = rsa.generate_private_key(65537, 2048)
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = x509.CertificateBuilder().subject_name(called).issuer_name(called).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number()).not_valid_before(NOW - timedelta(days=1))
    if name[0].isdigit():  # a server's
        alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address(name))])
        built = built.add_extension(alternative, critical=False)
    certificate = built.not_valid_after(NOW + timedelta(days=9)).sign(key, hashes.SHA256())
    own = certificate.public_bytes(serialization.Encoding.PEM)
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, plain) + own, own
