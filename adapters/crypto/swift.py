"""SM2 by `gmalglib`, the quickest that can be had: its one importing place. Compiled at set-up, so it may be missing.

In: scalars, points, digests. Out: signatures and cipher texts. Keys made ready are kept, for that takes as long as
a signature.
"""

from __future__ import annotations

from functools import lru_cache

from gmalglib.sm2 import SM2

from adapters.crypto.forms import Sm2Cipher, cipher_from, cipher_to
from adapters.crypto.primitives import OpensslParts
from engine.model.crypto import CipherForm, CryptoRefused, Fault

_KEPT = 256


class Gmalglib(OpensslParts):
    """Implements `Primitives`."""

    name = "gmalglib"
    most = 1 << 16

    def __init__(self) -> None:
        self._owner = lru_cache(_KEPT)(_owner)
        self._reader = lru_cache(_KEPT)(_reader)

    def sm2_generate(self) -> bytes:
        """A fresh scalar."""
        return bytes(SM2().generate_keypair()[0])

    def sm2_sign(self, secret: bytes, e: bytes) -> bytes:
        """R and s over the digest e."""
        return bytes(self._owner(secret).sign_digest(e))

    def sm2_verify(self, public: bytes, e: bytes, signature: bytes) -> bool:
        """Whether it holds."""
        return bool(self._reader(public).verify_digest(e, signature))

    def sm2_encrypt(self, public: bytes, plain: bytes) -> Sm2Cipher:
        """The parts of a cipher text."""
        return cipher_from(CipherForm.C1C3C2, bytes(self._reader(public).encrypt(plain)))

    def sm2_decrypt(self, secret: bytes, cipher: Sm2Cipher) -> bytes:
        """The plain text. Refuses `cipher`."""
        try:
            return bytes(self._owner(secret).decrypt(cipher_to(CipherForm.C1C3C2, cipher)))
        except ValueError:
            raise CryptoRefused(Fault.CIPHER) from None


def _owner(secret: bytes) -> SM2:
    return SM2(secret)


def _reader(public: bytes) -> SM2:
    return SM2(pk=b"\x04" + public)
