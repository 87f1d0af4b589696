"""Elements that are sealed or signed: GM/T 0010 (GB/T 35275) with the keys of this node.

In: what a mapping says of its keys, content in bytes. Out: EnvelopedData for the receiver's certificate, SignedData by
the node's key, and the way back. Whatever goes wrong is one Misread: a reader learns no more than that.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.expressions.environment import Env
from engine.mappings.scalars import Misread
from engine.model.crypto import CryptoRefused
from engine.model.messages import Seal
from engine.model.values import StoredFile
from engine.ports.crypto import CryptoRoom
from engine.usecases.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Keys:
    """Implements `engine.mappings.leaves.Sealing` for one mapping."""

    runtime: Runtime
    seal: Seal

    def put_on(self, word: str, content: bytes, env: Env) -> bytes:
        """Content sealed for the certificate, or signed by the key. Raises Misread."""
        room = self._room()
        try:
            if word == "signed":
                return room.messages.sign(content, self.seal.key)
            file = self.seal.certificate(env) if self.seal.certificate is not None else None
            if not isinstance(file, StoredFile):
                raise Misread("没有收件方证书", "the receiver has no certificate")
            return room.messages.envelop(content, [self.runtime.files.get(file.hash)])
        except CryptoRefused as refused:
            raise Misread(f"不能加密或签名：{refused.code}", f"cannot be {word}: {refused.code}") from refused

    def take_off(self, word: str, content: bytes) -> bytes:
        """What was sealed or signed. Raises Misread."""
        room = self._room()
        try:
            if word == "sealed":
                return room.messages.open(content, self.seal.key)
            return room.messages.verify(content, at=self.runtime.clock.now()).content
        except CryptoRefused as refused:
            raise Misread("打不开，或签名不正确", "cannot be opened, or its signature does not hold") from refused

    def _room(self) -> CryptoRoom:
        if self.runtime.crypto is None:
            raise Misread("此处没有密钥", "there are no keys here")
        return self.runtime.crypto()


def keys_of(runtime: Runtime, seal: Seal | None) -> Keys | None:
    """The keys that a mapping names; None where it names none."""
    return None if seal is None else Keys(runtime, seal)
