"""Encryption of protected fields and of files with SM4-GCM: the ports `FieldCipher` and `ContentCipher`.

In: a key ring, texts and bytes with their context. Out: `KEYID.BASE64URL(nonce | cipher text | tag)` for a text, the
same without the encoding behind a mark for bytes; blind indexes as hex.
SM4 is GB/T 32907, GCM is NIST SP 800-38D with a random 96-bit nonce (fit for 2**32 fields per key), the context is the
associated data. The blind index is HMAC-SM3 (GB/T 32905, RFC 2104) under a key of its own. Knows no document.
"""

from __future__ import annotations

import os
from base64 import b64decode, urlsafe_b64encode
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC

from adapters.crypto.keys import KeyRing

_NONCE = 12
_TAG = 16
_MARK = b"\x00GJ1"
"""How sealed bytes begin. No kind of file that people keep does."""
_LONGEST_NAME = 16
_KEPT = 20_000
"""Plain texts that are kept for the next reading."""


class Sm4FieldCipher:
    """Encrypts with the current key, decrypts with any key of the ring. Safe across threads."""

    def __init__(self, ring: KeyRing) -> None:
        self._current = ring.current
        self._keys = {name: SM4(key) for name, key in ring.keys.items()}
        self._index = HMAC(ring.index, SM3())
        # Lists show the same records again and again. Whoever reads this process's memory reads its keys as well.
        self._opened = lru_cache(_KEPT)(self._open)

    def encrypt(self, text: str, context: str) -> str:
        """Cipher text in printable form, bound to the context; different at every call."""
        return f"{self._current}.{urlsafe_b64encode(b''.join(self._sealed(text.encode(), context))).decode()}"

    def _sealed(self, content: bytes, context: str) -> tuple[bytes, bytes, bytes]:
        nonce = os.urandom(_NONCE)
        encryptor = Cipher(self._keys[self._current], GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(context.encode())
        return nonce, encryptor.update(content) + encryptor.finalize(), encryptor.tag

    def decrypt(self, cipher_text: str, context: str) -> str:
        """The plain text. Raises ValueError when altered, of another context or of a key that the ring lacks."""
        return self._opened(cipher_text, context)

    def _open(self, cipher_text: str, context: str) -> str:
        name, _, encoded = cipher_text.partition(".")
        key = self._key(name)
        try:
            return self._unsealed(key, memoryview(_decoded(encoded)), context).decode()
        except ValueError:
            raise _altered() from None

    def _key(self, name: str) -> SM4:
        key = self._keys.get(name)
        if key is None:
            raise ValueError("encrypted with a key that is not in the key ring")
        return key

    def _unsealed(self, key: SM4, raw: memoryview, context: str) -> bytes:
        try:
            decryptor = Cipher(key, GCM(bytes(raw[:_NONCE]), bytes(raw[-_TAG:]))).decryptor()
            decryptor.authenticate_additional_data(context.encode())
            return decryptor.update(raw[_NONCE:-_TAG]) + decryptor.finalize()
        except (InvalidTag, ValueError):
            raise _altered() from None

    def seal(self, content: bytes, context: str) -> bytes:
        """The bytes encrypted and bound to the context; different at every call."""
        return b"".join((_MARK, self._current.encode(), b".", *self._sealed(content, context)))

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """The bytes. Raises ValueError when altered, of another context or of a key that the ring lacks."""
        if not sealed.startswith(_MARK):
            raise _altered()
        name, dot, _ = sealed[len(_MARK) : len(_MARK) + _LONGEST_NAME + 1].partition(b".")
        if not dot:
            raise _altered()
        key = self._key(name.decode("ascii", "replace"))
        return self._unsealed(key, memoryview(sealed)[len(_MARK) + len(name) + 1 :], context)

    def current(self, cipher_text: str) -> bool:
        """Whether it was encrypted with the current key; after a rotation the others can be encrypted anew."""
        return cipher_text.partition(".")[0] == self._current

    def blind_index(self, text: str, context: str) -> str:
        """HMAC-SM3 of context and text, 64 hexadecimal digits; equal for equal texts of one context."""
        name = context.encode()
        digest = self._index.copy()
        # The length in front keeps ("ab", "c") apart from ("a", "bc").
        digest.update(len(name).to_bytes(4, "big") + name + text.encode())
        return digest.finalize().hex()


def _altered() -> ValueError:
    """One error for every cause: which one it was would help whoever tries."""
    return ValueError("the cipher text was altered or belongs to another context")


def _decoded(encoded: str) -> bytes:
    """The bytes of the one right spelling; the last sign has bits to spare, which would make several. ValueError."""
    raw = b64decode(encoded, altchars=b"-_", validate=True)
    if urlsafe_b64encode(raw).decode() != encoded:
        raise ValueError(encoded)
    return raw
