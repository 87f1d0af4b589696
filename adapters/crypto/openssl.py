"""SM3, SM4, derived keys and RSA by the library `cryptography`, which brings OpenSSL: its one importing place.

In: bytes, keys as bytes. Out: bytes; `CryptoRefused` for all that is wrong. GCM is NIST SP 800-38D, the other modes are
SP 800-38A, CMAC is SP 800-38B; RSA with PKCS #1 v1.5 (RFC 8017). Knows no SM2: the library has none.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.decrepit.ciphers.modes import CFB, OFB
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SM3, Hash, HashAlgorithm
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFCMAC, KBKDFHMAC, CounterLocation, Mode
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF

from engine.model.crypto import BlockMode, CryptoRefused, Derivation, Digest, Fault, Mac

BLOCK = 16
_TAG = 16
_LEAST_RSA = 1024  # cards of the older kind; new keys have 2048
_NEW_RSA = 2048
_DIGESTS: dict[Digest, type[HashAlgorithm]] = {Digest.SM3: SM3, Digest.SHA1: SHA1, Digest.SHA256: SHA256}


def digest(algorithm: Digest, data: bytes) -> bytes:
    """The digest."""
    running = Hash(_DIGESTS[algorithm]())
    running.update(data)
    return running.finalize()


def mac(algorithm: Mac, key: bytes, data: bytes) -> bytes:
    """The keyed digest. Refuses `key`."""
    running: HMAC | CMAC
    if algorithm is Mac.CMAC_SM4:
        running = CMAC(sm4_key(key))
    else:
        running = HMAC(key, SM3() if algorithm is Mac.HMAC_SM3 else SHA256())
    running.update(data)
    return running.finalize()


class KeyedDigest:
    """HMAC-SM3 under one key, made once and used often."""

    def __init__(self, key: bytes) -> None:
        self._begun = HMAC(key, SM3())

    def of(self, data: bytes) -> bytes:
        """The keyed digest."""
        running = self._begun.copy()
        running.update(data)
        return running.finalize()


def derive(way: Derivation, secret: bytes, size: int, salt: bytes, info: bytes, rounds: int) -> bytes:
    """A derived key; see `engine.ports.crypto`. Refuses `key`."""
    try:
        return _derived(way, secret, size, salt, info, rounds)
    except ValueError as error:
        raise CryptoRefused(Fault.KEY, "cannot be derived") from error


def _derived(way: Derivation, secret: bytes, size: int, salt: bytes, info: bytes, rounds: int) -> bytes:
    counter = (Mode.CounterMode, size, 4, 4, CounterLocation.BeforeFixed)
    if way is Derivation.HKDF_SM3:
        return HKDF(SM3(), size, salt, info).derive(secret)
    if way is Derivation.PBKDF2_SM3:
        return PBKDF2HMAC(SM3(), size, salt, rounds).derive(secret)
    if way is Derivation.COUNTER_HMAC_SM3:
        return KBKDFHMAC(SM3(), *counter, label=salt, context=info, fixed=None).derive(secret)
    if way is Derivation.COUNTER_CMAC_SM4:
        return KBKDFCMAC(SM4, *counter, label=salt, context=info, fixed=None).derive(secret)
    return X963KDF(SM3(), size, info).derive(secret)


# --- SM4 -------------------------------------------------------------------------------------------------------------


_Mode = modes.ECB | modes.CBC | modes.CTR | OFB | CFB
_MODES: dict[BlockMode, Callable[[bytes], _Mode]] = {
    BlockMode.ECB: lambda iv: modes.ECB(),  # noqa: S305 -- where an interface demands it
    BlockMode.CBC: modes.CBC,
    BlockMode.CTR: modes.CTR,
    BlockMode.OFB: OFB,
    BlockMode.CFB: CFB,
}


def sm4_key(key: bytes) -> SM4:
    """A key made ready. Refuses `key`."""
    if len(key) != BLOCK:
        raise CryptoRefused(Fault.KEY, "SM4 has keys of 16 bytes")
    return SM4(key)


def sm4(mode: BlockMode, key: bytes, data: bytes, iv: bytes, *, encrypt: bool) -> bytes:
    """One of the modes without padding. Refuses `key`, `encoding`."""
    if mode in (BlockMode.ECB, BlockMode.CBC) and len(data) % BLOCK:
        raise CryptoRefused(Fault.ENCODING, "not whole blocks")
    if mode is not BlockMode.ECB and len(iv) != BLOCK:
        raise CryptoRefused(Fault.ENCODING, "an initialisation vector has 16 bytes")
    cipher: Cipher[_Mode] = Cipher(sm4_key(key), _MODES[mode](iv))
    running = cipher.encryptor() if encrypt else cipher.decryptor()
    return running.update(data) + running.finalize()


def repeated(key: bytes, block: bytes, rounds: int) -> bytes:
    """A block encrypted over and over, as the annex of GB/T 32907 does it."""
    running = Cipher(sm4_key(key), modes.ECB()).encryptor()  # noqa: S305 -- a single block
    for _ in range(rounds):
        block = running.update(block)
    return block


def seal(key: SM4, nonce: bytes, plain: bytes, aad: bytes) -> tuple[bytes, bytes]:
    """GCM: cipher text and tag. Refuses `encoding`."""
    try:
        running = Cipher(key, modes.GCM(nonce)).encryptor()
    except ValueError as error:
        raise CryptoRefused(Fault.ENCODING, "a nonce of GCM") from error
    running.authenticate_additional_data(aad)
    return running.update(plain) + running.finalize(), running.tag


def unseal(key: SM4, nonce: bytes, cipher: bytes | memoryview, tag: bytes, aad: bytes) -> bytes:
    """The plain text. Refuses `cipher` for every cause."""
    try:
        running = Cipher(key, modes.GCM(nonce, tag, min_tag_length=_TAG)).decryptor()
        running.authenticate_additional_data(aad)
        return running.update(cipher) + running.finalize()
    except (InvalidTag, ValueError):
        raise CryptoRefused(Fault.CIPHER) from None


# --- RSA -------------------------------------------------------------------------------------------------------------


def rsa_generate() -> bytes:
    """A new private key, PKCS #8 in DER."""
    key = rsa.generate_private_key(65537, _NEW_RSA)
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.DER, form, serialization.NoEncryption())


def rsa_public_of(secret: bytes) -> bytes:
    """SubjectPublicKeyInfo in DER. Refuses `key`."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return rsa_key(secret).public_key().public_bytes(serialization.Encoding.DER, form)


def rsa_key(secret: bytes) -> rsa.RSAPrivateKey:
    """A private key made ready, which takes longer than signing with it. Refuses `key`."""
    try:
        key = serialization.load_der_private_key(secret, None)
    except (ValueError, TypeError) as error:
        raise CryptoRefused(Fault.KEY, "no private key of RSA") from error
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < _LEAST_RSA:
        raise CryptoRefused(Fault.KEY, "no private key of RSA that is long enough")
    return key


def rsa_sign(key: rsa.RSAPrivateKey, algorithm: Digest, message: bytes) -> bytes:
    """PKCS #1 v1.5."""
    if algorithm is Digest.SM3:
        raise CryptoRefused(Fault.UNABLE, "RSA with SM3")
    return key.sign(message, padding.PKCS1v15(), _DIGESTS[algorithm]())


def rsa_verify(public: bytes, algorithm: Digest, message: bytes, signature: bytes) -> bool:
    """Whether it is the signature of the message. Refuses `key`."""
    try:
        key = serialization.load_der_public_key(public)
    except (ValueError, TypeError) as error:
        raise CryptoRefused(Fault.KEY, "no public key of RSA") from error
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < _LEAST_RSA:
        raise CryptoRefused(Fault.KEY, "no public key of RSA that is long enough")
    try:
        key.verify(signature, message, padding.PKCS1v15(), _DIGESTS[algorithm]())
    except InvalidSignature:
        return False
    return True
