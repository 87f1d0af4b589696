"""SM2 by GmSSL, which the wheel `gmssl-pyx` brings: its one importing place.

In: scalars, points, digests. Out: signatures and cipher texts. The digest interface is used throughout: the one for
messages makes 32 nonces ahead at each call and is ten times slower. Plain texts have at most 255 bytes. At a signature
that does not hold the library writes a line to standard error.
"""

from __future__ import annotations

import gmssl_pyx

from adapters.crypto.forms import Sm2Cipher, cipher_from, cipher_to, signature_from, signature_to
from adapters.crypto.primitives import OpensslParts
from engine.model.crypto import CipherForm, CryptoRefused, Fault, SignatureForm


class GmsslPyx(OpensslParts):
    """Implements `Primitives`."""

    name = "gmssl-pyx"
    most = 255

    def sm2_generate(self) -> bytes:
        """A fresh scalar."""
        return bytes(gmssl_pyx.sm2_key_generate()[1])

    def sm2_sign(self, secret: bytes, e: bytes) -> bytes:
        """R and s over the digest e."""
        return signature_from(SignatureForm.DER, gmssl_pyx.sm2_sign_sm3_digest(secret, e))

    def sm2_verify(self, public: bytes, e: bytes, signature: bytes) -> bool:
        """Whether it holds."""
        return bool(gmssl_pyx.sm2_verify_sm3_digest(public, e, signature_to(SignatureForm.DER, signature)))

    def sm2_encrypt(self, public: bytes, plain: bytes) -> Sm2Cipher:
        """The parts of a cipher text."""
        return cipher_from(CipherForm.DER, gmssl_pyx.sm2_encrypt(public, plain))

    def sm2_decrypt(self, secret: bytes, cipher: Sm2Cipher) -> bytes:
        """The plain text. Refuses `cipher`."""
        try:
            return bytes(gmssl_pyx.sm2_decrypt(secret, cipher_to(CipherForm.DER, cipher)))
        except gmssl_pyx.GmsslInnerError:
            raise CryptoRefused(Fault.CIPHER) from None
