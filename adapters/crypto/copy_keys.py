"""Keys of copies of a node: each copy has one of its own, sealed under the node's key and under a passphrase.

In: the node's cipher, a file that holds how the passphrase becomes a key. Out: the port `CopyKeys`. The passphrase is
turned into a key by Argon2id (RFC 9106) when it is chosen; that key is kept sealed under the node's own, so that copies
are made without asking. Data are sealed with SM4-GCM, the keyed digest is HMAC-SM3 under a key of its own.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from pathlib import Path

from adapters.crypto.fields import Sm4FieldCipher
from adapters.crypto.openssl import KeyedDigest, derive, seal, sm4_key, unseal
from adapters.crypto.passwords import passphrase_key
from engine.model.crypto import CryptoRefused, Derivation
from engine.model.node_care import Sealed

_KEY, _SALT, _NONCE, _TAG = 32, 16, 12, 16
_NODE, _PASSPHRASE = "copy.key", "copy.passphrase"
LEAST = 8
"""Signs that a passphrase has at least."""


class Sm4DataKey:
    """The port `DataKey`."""

    def __init__(self, secret: bytes) -> None:
        """`secret`: 32 bytes; what seals and what digests is derived from them."""
        made = derive(Derivation.HKDF_SM3, secret, 48, b"", b"guiju copy", 0)
        self._sealing, self._digest = sm4_key(made[:16]), KeyedDigest(made[16:])

    def seal(self, content: bytes, context: str) -> bytes:
        """Nonce, cipher text and tag."""
        nonce = os.urandom(_NONCE)
        return b"".join((nonce, *seal(self._sealing, nonce, content, context.encode())))

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """The bytes. Raises ValueError."""
        raw = memoryview(sealed)
        try:
            return unseal(self._sealing, bytes(raw[:_NONCE]), raw[_NONCE:-_TAG], bytes(raw[-_TAG:]), context.encode())
        except CryptoRefused:
            raise ValueError("altered, or of another copy") from None

    def mac(self, content: bytes) -> str:
        """HMAC-SM3."""
        return self._digest.of(content).hex()


class NodeCopyKeys:
    """The port `CopyKeys`."""

    def __init__(self, cipher: Sm4FieldCipher, file: Path) -> None:
        """`file` holds the salt, and the key made of the passphrase, sealed."""
        self._cipher, self._file = cipher, file

    @property
    def recoverable(self) -> bool:
        """Whether a passphrase was chosen."""
        return self._file.exists()

    def choose(self, passphrase: str) -> None:
        """Take a passphrase. Raises ValueError for a short one."""
        if len(passphrase) < LEAST:
            raise ValueError(f"a passphrase has {LEAST} signs or more")
        salt = os.urandom(_SALT)
        made = self._cipher.encrypt(b64encode(passphrase_key(passphrase, salt)).decode(), _PASSPHRASE)
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._file.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps({"salt": salt.hex(), "key": made}) + "\n", "ascii")
        fresh.replace(self._file)

    def fresh(self) -> tuple[Sm4DataKey, Sealed]:
        """A new key."""
        secret = os.urandom(_KEY)
        text = b64encode(secret).decode()
        node = self._cipher.encrypt(text, _NODE)
        if not self.recoverable:
            return Sm4DataKey(secret), Sealed(node)
        told = json.loads(self._file.read_text("ascii"))
        chosen = Sm4DataKey(b64decode(self._cipher.decrypt(told["key"], _PASSPHRASE)))
        return Sm4DataKey(secret), Sealed(node, chosen.seal(secret, _PASSPHRASE).hex(), told["salt"])

    def opened(self, sealed: Sealed, passphrase: str = "") -> Sm4DataKey:
        """The key of a copy. Raises ValueError."""
        try:
            return Sm4DataKey(b64decode(self._cipher.decrypt(sealed.node, _NODE)))
        except ValueError:
            if not (passphrase and sealed.passphrase):
                raise
        chosen = Sm4DataKey(passphrase_key(passphrase, bytes.fromhex(sealed.salt)))
        return Sm4DataKey(chosen.unseal(bytes.fromhex(sealed.passphrase), _PASSPHRASE))
