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

from adapters.crypto.keys import KeyRing
from adapters.crypto.openssl import KeyedDigest, seal, sm4_key, unseal
from engine.model.crypto import CryptoRefused

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
        self._keys = {name: sm4_key(key) for name, key in ring.keys.items()}
        self._index = KeyedDigest(ring.index)
        # Lists show the same records again and again. Whoever reads this process's memory reads its keys as well.
        self._opened = lru_cache(_KEPT)(self._open)

    def encrypt(self, text: str, context: str) -> str:
        """Cipher text in printable form, bound to the context; different at every call."""
        return f"{self._current}.{urlsafe_b64encode(b''.join(self._sealed(text.encode(), context))).decode()}"

    def _sealed(self, content: bytes, context: str) -> tuple[bytes, bytes, bytes]:
        nonce = os.urandom(_NONCE)
        return nonce, *seal(self._keys[self._current], nonce, content, context.encode())

    def decrypt(self, cipher_text: str, context: str) -> str:
        """The plain text. Raises ValueError when altered, of another context or of a key that the ring lacks."""
        return self._opened(cipher_text, context)

    def _open(self, cipher_text: str, context: str) -> str:
        name, _, encoded = cipher_text.partition(".")
        self._check(name)
        try:
            return self._unsealed(name, memoryview(_decoded(encoded)), context).decode()
        except ValueError:
            raise _altered() from None

    def _check(self, name: str) -> None:
        if name not in self._keys:
            raise ValueError("encrypted with a key that is not in the key ring")

    def _unsealed(self, name: str, raw: memoryview, context: str) -> bytes:
        nonce, tag = bytes(raw[:_NONCE]), bytes(raw[-_TAG:])
        try:
            return unseal(self._keys[name], nonce, raw[_NONCE:-_TAG], tag, context.encode())
        except CryptoRefused:
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
        key = name.decode("ascii", "replace")
        self._check(key)
        return self._unsealed(key, memoryview(sealed)[len(_MARK) + len(name) + 1 :], context)

    def current(self, cipher_text: str) -> bool:
        """Whether it was encrypted with the current key; after a rotation the others can be encrypted anew."""
        return cipher_text.partition(".")[0] == self._current

    def blind_index(self, text: str, context: str) -> str:
        """HMAC-SM3 of context and text, 64 hexadecimal digits; equal for equal texts of one context."""
        name = context.encode()
        # The length in front keeps ("ab", "c") apart from ("a", "bc").
        return self._index.of(len(name).to_bytes(4, "big") + name + text.encode()).hex()


def _altered() -> ValueError:
    """One error for every cause: which one it was would help whoever tries."""
    return ValueError("the cipher text was altered or belongs to another context")


def _decoded(encoded: str) -> bytes:
    """The bytes of the one right spelling; the last sign has bits to spare, which would make several. ValueError."""
    raw = b64decode(encoded, altchars=b"-_", validate=True)
    if urlsafe_b64encode(raw).decode() != encoded:
        raise ValueError(encoded)
    return raw
